//! Creating and opening a site.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use model::LayerDef;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnection, SqlitePoolOptions};

use super::connect::{self, Use, options};
use super::{Gpkg, Writing, backup, follow, migrate};
use crate::sql::registry::Registry;
use crate::sql::shared::Shared;
use crate::sql::tables::Tables;
use crate::sql::writer::{Kind, Writer};
use crate::sql::{self, Conn, Readers, anchor, define, log, site};
use crate::{NewSite, StoreError};

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
            return Err(StoreError::Exists { place: path.into() });
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
            return Err(StoreError::TooOld { place: path.into(), found, known: migrate::KNOWN });
        }
        let conn = connect::connect(path, Use::ReadOnly).await?;
        Gpkg::start(path, conn, Use::ReadOnly).await
    }

    async fn start(path: &Path, conn: SqliteConnection, readers: Use) -> Result<Gpkg, StoreError> {
        let mut conn = Conn::from(conn);
        let site = site::read(&mut conn).await?;
        let registry = Registry::read(&mut conn).await?;
        let head = log::head(&mut conn, &site.id).await?;
        let shared = Arc::new(Shared::new(Some(path.to_owned()), site, registry, head.seq));
        let pool = SqlitePoolOptions::new().max_connections(READERS).min_connections(0);
        let pool = Readers::Sqlite(pool.connect_lazy_with(options(path, readers)));
        let watching = connect::connect(path, readers).await?.into();
        let mut anchor = None;
        let mut writer = None;
        if readers == Use::Read {
            let file = anchor::path_of(path);
            if head.seq > anchor::last(&file) {
                anchor::append(&file, Timestamp::now(), &head)?;
            }
            anchor = Some(file);
            let kind = Kind::Gpkg(Writing::new(path));
            writer = Some(Writer::new(Arc::clone(&shared), conn, kind));
        } else {
            conn.close().await?;
        }
        let following = follow::run(Arc::clone(&shared), watching, path.to_owned(), readers, anchor.clone());
        let tables = Tables::new(shared, pool, writer, tokio::spawn(following), anchor);
        Ok(Gpkg { path: path.into(), tables })
    }
}

/// Looks whether the file is a site we may open, without changing it. Answers its schema version.
async fn look(path: &Path) -> Result<i64, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { place: path.into() });
    }
    let not_ours = || StoreError::NotASite { place: path.into() };
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
    let mut conn = Conn::from(conn);
    sql::run(&mut conn, "begin immediate").await?;
    let site = site::write(&mut conn, site).await?;
    let mut head = log::head(&mut conn, &site.id).await?;
    define::all(&mut conn, &mut head, layers, actor, at).await?;
    sql::run(&mut conn, "commit").await?;
    sql::run(&mut conn, "pragma wal_checkpoint(truncate)").await?;
    conn.close().await
}
