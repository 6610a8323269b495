//! What the server has to be: PostgreSQL 15 or newer with UTF-8 and PostGIS 3.3 or newer.

use crate::StoreError;
use crate::place::Database;
use crate::sql::{Conn, query};

/// The first PostgreSQL that will do, as the server numbers it.
const POSTGRESQL: i64 = 150_000;
/// The first PostGIS that will do.
const POSTGIS: (u32, u32) = (3, 3);

/// Refuses a server that will not do, with what it lacks.
pub(super) async fn server(database: &Database, conn: &mut Conn) -> Result<(), StoreError> {
    let text = "select current_setting('server_version_num')::bigint, current_setting('server_version'), \
                current_setting('server_encoding'), \
                (select extversion::text from pg_extension where extname = 'postgis')";
    let row = query(text).fetch_one(conn).await?;
    let (number, version): (i64, String) = (row.get(0)?, row.get(1)?);
    if number < POSTGRESQL {
        return Err(StoreError::Server { what: "PostgreSQL", found: version, needed: "15 or newer" });
    }
    let encoding: String = row.get(2)?;
    if encoding != "UTF8" {
        return Err(StoreError::Server {
            what: "the encoding of the database",
            found: encoding,
            needed: "UTF8",
        });
    }
    match row.get::<Option<String>>(3)? {
        None => Err(StoreError::NoPostgis { place: database.into() }),
        Some(found) if !is_good(&found) => {
            Err(StoreError::Server { what: "PostGIS", found, needed: "3.3 or newer" })
        }
        Some(_) => Ok(()),
    }
}

fn is_good(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    matches!((parts.next().flatten(), parts.next().flatten()), (Some(a), Some(b)) if (a, b) >= POSTGIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for good in ["3.3.2", "3.10.0", "4.0.0dev"] {
            assert!(is_good(good), "{good}");
        }
        for bad in ["3.2.9", "2.5", "3", "", "x.y"] {
            assert!(!is_good(bad), "{bad}");
        }
    }
}
