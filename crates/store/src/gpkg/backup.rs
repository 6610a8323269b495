//! A copy of the whole site, taken while it is written: a GeoPackage for other programs and a site to come back to.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use super::connect::{self, Use};
use super::schema;
use crate::StoreError;
use crate::sql::registry::Registry;
use crate::sql::{self, Conn};

/// A name beside `path` that nobody else uses.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    name.push(format!(".part-{}", Uuid::now_v7().simple()));
    path.with_file_name(name)
}

/// Gives a finished file its name, unless the name is taken, and waits until that is on disk.
pub(crate) fn publish(part: &Path, out: &Path) -> Result<(), StoreError> {
    File::open(part).and_then(|f| f.sync_all()).map_err(StoreError::io(part))?;
    // A link, because a renaming would replace what is there.
    match std::fs::hard_link(part, out) {
        Ok(()) => std::fs::remove_file(part).map_err(StoreError::io(part))?,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(StoreError::Exists { place: out.into() });
        }
        // Not every file system has links.
        Err(_) if !out.exists() => std::fs::rename(part, out).map_err(StoreError::io(out))?,
        Err(_) => return Err(StoreError::Exists { place: out.into() }),
    }
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(StoreError::io(folder))
}

/// Copies the site at `path` to `out`, which must not exist.
pub(crate) async fn run(path: &Path, out: &Path) -> Result<(), StoreError> {
    if out.exists() {
        return Err(StoreError::Exists { place: out.into() });
    }
    let part = beside(out);
    let copied = copy(path, &part).await;
    let done = copied.and_then(|()| publish(&part, out));
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

async fn copy(path: &Path, part: &Path) -> Result<(), StoreError> {
    let text = part.to_str().ok_or_else(|| StoreError::Io {
        path: part.to_owned(),
        source: std::io::Error::from(std::io::ErrorKind::InvalidFilename),
    })?;
    let mut conn = connect::connect(path, Use::ReadOnly).await?;
    sqlx::query("vacuum into ?").bind(text).execute(&mut conn).await?;
    conn.close().await?;
    // The copy is not in WAL mode: it is one file that can be carried around and opened from read-only media.
    let options = SqliteConnectOptions::new().filename(part).disable_statement_logging();
    let mut conn = Conn::from(sqlx::SqliteConnection::connect_with(&options).await?);
    let registry = Registry::read(&mut conn).await?;
    sql::run(&mut conn, "begin immediate").await?;
    schema::write_extents(&mut conn, registry.iter().map(|l| &*l.def)).await?;
    sql::run(&mut conn, "commit").await?;
    conn.close().await
}
