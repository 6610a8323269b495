//! Creating and opening a site.

use std::sync::Arc;

use jiff::Timestamp;
use model::LayerDef;

use super::connect::{self, connect, reach_postgis};
use super::{Postgis, Writing, check, follow, migrate};
use crate::place::Database;
use crate::sql::registry::Registry;
use crate::sql::shared::Shared;
use crate::sql::tables::Tables;
use crate::sql::writer::{Kind, Writer};
use crate::sql::{self, Conn, Readers, anchor, define, hash, log, query, site};
use crate::{NewSite, StoreError};

impl Postgis {
    /// Makes a site in its schema, which is made too when it is not there, and opens it. All of it is one transaction.
    pub(crate) async fn create(
        database: &Database,
        site: NewSite,
        layers: &[Arc<LayerDef>],
        actor: &str,
        at: Timestamp,
    ) -> Result<Postgis, StoreError> {
        let mut conn = connect(database).await?;
        check::server(database, &mut conn).await?;
        conn.close().await?;
        let pool = connect::pool(database);
        let made = make(database, &pool, site, layers, actor, at).await;
        pool.close().await;
        made?;
        Postgis::open(database).await
    }

    /// Opens a site for reading and writing, brings it to the newest schema, and follows it.
    pub(crate) async fn open(database: &Database) -> Result<Postgis, StoreError> {
        let mut conn = connect(database).await?;
        check::server(database, &mut conn).await?;
        if migrate::check(database, &mut conn).await? < migrate::KNOWN {
            let pool = connect::pool(database);
            let migrated = bring_up(database, &pool).await;
            pool.close().await;
            migrated?;
        }
        reach_postgis(&mut conn).await?;
        Postgis::start(database, conn, true).await
    }

    /// Opens a site for reading only: on a standby that is the only way.
    pub(crate) async fn open_read_only(database: &Database) -> Result<Postgis, StoreError> {
        let mut conn = connect(database).await?;
        check::server(database, &mut conn).await?;
        let found = migrate::check(database, &mut conn).await?;
        if found < migrate::KNOWN {
            return Err(StoreError::TooOld { place: database.into(), found, known: migrate::KNOWN });
        }
        Postgis::start(database, conn, false).await
    }

    async fn start(database: &Database, mut conn: Conn, writes: bool) -> Result<Postgis, StoreError> {
        let site = site::read(&mut conn).await?;
        let registry = Registry::read(&mut conn).await?;
        let head = log::head(&mut conn, &site.id).await?;
        let beside = database.beside();
        let shared = Arc::new(Shared::new(beside.clone(), site, registry, head.seq));
        let pool = connect::pool(database);
        let watching = connect(database).await?;
        let mut writer = None;
        let mut anchor = None;
        if writes {
            anchor = beside.as_deref().map(anchor::path_of);
            if let Some(file) = &anchor
                && head.seq > anchor::last(file)
            {
                anchor::append(file, Timestamp::now(), &head)?;
            }
            let kind = Kind::Postgis(Writing::new(database));
            writer = Some(Writer::new(Arc::clone(&shared), conn, kind));
        } else {
            conn.close().await?;
        }
        let following =
            follow::run(Arc::clone(&shared), watching, database.clone(), pool.clone(), anchor.clone());
        let tables = Tables::new(shared, Readers::Postgres(pool), writer, tokio::spawn(following), anchor);
        Ok(Postgis { database: database.clone(), tables })
    }
}

/// Takes the turn of those who make or migrate this site: one does it, and who comes later finds it done.
async fn take_turn(database: &Database, conn: &mut Conn) -> Result<(), StoreError> {
    query("select pg_advisory_xact_lock(hashtext('diaban'), hashtext(?))")
        .bind(database.schema())
        .execute(conn)
        .await?;
    Ok(())
}

async fn bring_up(database: &Database, pool: &sqlx::PgPool) -> Result<(), StoreError> {
    let mut conn = Conn::PostgresTx(pool.begin().await?);
    take_turn(database, &mut conn).await?;
    let Conn::PostgresTx(mut tx) = conn else { return Err(StoreError::damaged("connection")) };
    migrate::run(&mut tx).await?;
    Ok(tx.commit().await?)
}

async fn make(
    database: &Database,
    pool: &sqlx::PgPool,
    site: NewSite,
    layers: &[Arc<LayerDef>],
    actor: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let tx = pool.begin().await?;
    let mut conn = Conn::PostgresTx(tx);
    take_turn(database, &mut conn).await?;
    let there: Option<bool> = query("select current_schema() is not null").scalar(&mut conn).await?;
    if there != Some(true) {
        // The name was checked when the place was read: it is made of letters, digits and underscores.
        let text = format!("create schema {}", sql::table::quoted(database.schema()));
        sql::run(&mut conn, sql::table::reviewed(text)).await?;
    }
    if migrate::ours(&mut conn).await? > 0 {
        return Err(StoreError::Exists { place: database.into() });
    }
    let Conn::PostgresTx(mut tx) = conn else { return Err(StoreError::damaged("connection")) };
    migrate::run(&mut tx).await?;
    let mut conn = Conn::PostgresTx(tx);
    reach_postgis(&mut conn).await?;
    let site = site::write(&mut conn, site).await?;
    query("insert into head (one, seq, hash) values (1, 0, ?)")
        .bind(&hash::first(&site.id)[..])
        .execute(&mut conn)
        .await?;
    let mut head = Writing::lock(&mut conn).await?;
    define::all(&mut conn, &mut head, layers, actor, at).await?;
    Writing::raise(&mut conn, &head).await?;
    match conn {
        Conn::PostgresTx(tx) => Ok(tx.commit().await?),
        _ => Err(StoreError::damaged("connection")),
    }
}
