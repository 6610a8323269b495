//! The one row that says whose store it is.

use model::Text;

use super::{Conn, Found, query};
use crate::{NewSite, Site, StoreError};

/// Writes the site, with an id and a secret of its own, and reads it back.
pub(crate) async fn write(conn: &mut Conn, site: NewSite) -> Result<Site, StoreError> {
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|e| StoreError::NotCommitted(e.to_string()))?;
    let (id, key) = secret.split_at(16);
    query("insert into site (one, id, key, title_vi, title_en, demo, as_of) values (1, ?, ?, ?, ?, ?, ?)")
        .bind(id)
        .bind(key)
        .bind(&site.title.vi)
        .bind(&site.title.en)
        .bind(site.demo)
        .bind(site.as_of)
        .execute(conn)
        .await?;
    read(conn).await
}

/// Reads the site.
pub(crate) async fn read(conn: &mut Conn) -> Result<Site, StoreError> {
    let row = query("select id, key, title_vi, title_en, demo, as_of from site")
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| StoreError::damaged("site"))?;
    let bytes = |i: usize| -> Result<[u8; 16], StoreError> {
        row.get::<&[u8]>(i)?.try_into().map_err(|_| StoreError::damaged("site"))
    };
    Ok(Site {
        id: bytes(0)?,
        key: bytes(1)?,
        title: Text::new(row.get::<String>(2)?, row.get::<String>(3)?),
        demo: row.get(4)?,
        as_of: match row.date(5)? {
            Found::Null => None,
            Found::Value(day) => Some(day),
            Found::Other => return Err(StoreError::damaged("site")),
        },
    })
}
