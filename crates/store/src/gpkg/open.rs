//! Creating and opening a site.

use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

use jiff::Timestamp;
use model::{LayerDef, Text};
use sqlx::sqlite::{SqliteConnection, SqlitePoolOptions};
use sqlx::{Connection, Row as _};
use tokio::sync::{mpsc, watch};

use super::connect::{self, Use, options};
use super::registry::Registry;
use super::writer::{Shared, Writer, define_all};
use super::{Gpkg, Inner, anchor, backup, follow, log, migrate};
use crate::{NewSite, Site, StoreError};

/// Jobs that may wait for the writer before their senders have to.
const QUEUE: usize = 1024;

/// Connections that read at the same time.
const READERS: u32 = 4;

impl Gpkg {
    /// Makes a site at `path`, which must not exist, and opens it. It appears whole or not at all.
    pub(crate) async fn create(
        path: &Path,
        site: NewSite,
        layers: &[Arc<LayerDef>],
        actor: &str,
        at: Timestamp,
    ) -> Result<Gpkg, StoreError> {
        if path.exists() {
            return Err(StoreError::Exists { path: path.to_owned() });
        }
        let part = backup::beside(path);
        let made = make(&part, site, layers, actor, at).await.and_then(|()| backup::publish(&part, path));
        if made.is_err() {
            for suffix in ["", "-wal", "-shm"] {
                let mut name = part.as_os_str().to_owned();
                name.push(suffix);
                let _ = std::fs::remove_file(name);
            }
        }
        made?;
        Gpkg::open(path).await
    }

    /// Opens a site for reading and writing, brings it to the newest schema, and follows it.
    pub(crate) async fn open(path: &Path) -> Result<Gpkg, StoreError> {
        let found = look(path).await?;
        if found < migrate::KNOWN {
            // A migration can be undone by going back to the copy made before it.
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".schema-{found}.gpkg"));
            let copy = Path::new(&name);
            if !copy.exists() {
                backup::run(path, copy).await?;
            }
        }
        let mut conn = connect::connect(path, Use::Write).await?;
        migrate::run(path, &mut conn).await?;
        Gpkg::start(path, conn, Use::Read).await
    }

    /// Opens a site for reading only; nothing is written beside it either.
    pub(crate) async fn open_read_only(path: &Path) -> Result<Gpkg, StoreError> {
        let found = look(path).await?;
        if found < migrate::KNOWN {
            return Err(StoreError::TooOld { path: path.to_owned(), found, known: migrate::KNOWN });
        }
        let conn = connect::connect(path, Use::ReadOnly).await?;
        Gpkg::start(path, conn, Use::ReadOnly).await
    }

    async fn start(path: &Path, mut conn: SqliteConnection, readers: Use) -> Result<Gpkg, StoreError> {
        let site = read_site(&mut conn).await?;
        let registry = Registry::read(&mut conn).await?;
        let head = log::head(&mut conn, &site.id).await?;
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            site,
            registry: RwLock::new(Arc::new(registry)),
            head: watch::Sender::new(head.seq),
        });
        let pool = SqlitePoolOptions::new().max_connections(READERS).min_connections(0);
        let pool = pool.connect_lazy_with(options(path, readers));
        let watching = connect::connect(path, readers).await?;
        let mut anchor = None;
        let mut jobs = None;
        let mut writer = None;
        if readers == Use::Read {
            let file = anchor::path_of(path);
            if head.seq > anchor::last(&file) {
                anchor::append(&file, Timestamp::now(), &head)?;
            }
            anchor = Some(file);
            let (sender, receiver) = mpsc::channel(QUEUE);
            jobs = Some(sender);
            writer = Some(tokio::spawn(Writer::new(Arc::clone(&shared), conn).run(receiver)));
        } else {
            conn.close().await?;
        }
        let follower = tokio::spawn(follow::run(Arc::clone(&shared), watching, readers, anchor.clone()));
        let writer = Mutex::new(writer);
        Ok(Gpkg { inner: Arc::new(Inner { shared, jobs, readers: pool, follower, writer, anchor }) })
    }
}

/// Looks whether the file is a site we may open, without changing it. Answers its schema version.
async fn look(path: &Path) -> Result<i64, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let not_ours = || StoreError::NotASite { path: path.to_owned() };
    let mut conn = match connect::connect(path, Use::ReadOnly).await {
        Err(StoreError::Database(e)) if is_foreign(&e) => return Err(not_ours()),
        other => other?,
    };
    let found = migrate::check(path, &mut conn).await.map_err(|e| match e {
        StoreError::Database(e) if is_foreign(&e) => not_ours(),
        e => e,
    })?;
    conn.close().await?;
    Ok(found)
}

/// Whether SQLite says that this is no database at all.
fn is_foreign(error: &sqlx::Error) -> bool {
    StoreError::code(error) == Some(26)
}

async fn make(
    part: &Path,
    site: NewSite,
    layers: &[Arc<LayerDef>],
    actor: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let options = options(part, Use::Write).create_if_missing(true);
    SqliteConnection::connect_with(&options).await?.close().await?;
    let mut conn = connect::connect(part, Use::Write).await?;
    migrate::run(part, &mut conn).await?;
    sqlx::query("begin immediate").execute(&mut conn).await?;
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|e| StoreError::NotCommitted(e.to_string()))?;
    let (id, key) = secret.split_at(16);
    sqlx::query(
        "insert into site (one, id, key, title_vi, title_en, demo, as_of) values (1, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(key)
    .bind(&site.title.vi)
    .bind(&site.title.en)
    .bind(i64::from(site.demo))
    .bind(site.as_of.map(|d| d.to_string()))
    .execute(&mut conn)
    .await?;
    let site = read_site(&mut conn).await?;
    let mut head = log::head(&mut conn, &site.id).await?;
    define_all(&mut conn, &mut head, layers, actor, at).await?;
    sqlx::query("commit").execute(&mut conn).await?;
    sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

async fn read_site(conn: &mut SqliteConnection) -> Result<Site, StoreError> {
    let row = sqlx::query("select id, key, title_vi, title_en, demo, as_of from site")
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| StoreError::damaged("site"))?;
    let bytes = |i: usize| -> Result<[u8; 16], StoreError> {
        row.try_get_unchecked::<&[u8], _>(i)?.try_into().map_err(|_| StoreError::damaged("site"))
    };
    let as_of = row.try_get_unchecked::<Option<&str>, _>(5)?;
    Ok(Site {
        id: bytes(0)?,
        key: bytes(1)?,
        title: Text::new(row.try_get_unchecked::<String, _>(2)?, row.try_get_unchecked::<String, _>(3)?),
        demo: row.try_get_unchecked::<i64, _>(4)? != 0,
        as_of: as_of.map(str::parse).transpose().map_err(|_| StoreError::damaged("site"))?,
    })
}
