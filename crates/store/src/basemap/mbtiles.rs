//! MBTiles: tiles in an SQLite file. The file is opened as one that nobody changes, so that nothing is written beside
//! it; rows count from the south.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use super::about::{BasemapAbout, layers, plain};
use super::{GZIP, bbox};
use crate::format::pmtiles::{MAX_TILE, PmTilesError, TileKind, gunzip};

/// Connections to one file.
const CONNECTIONS: u32 = 4;

/// An open file.
pub(super) struct MbTiles {
    pool: SqlitePool,
}

impl MbTiles {
    pub(super) async fn open(path: &Path) -> Result<(BasemapAbout, MbTiles), PmTilesError> {
        let mut log: PathBuf = path.to_owned();
        log.as_mut_os_string().push("-wal");
        if log.metadata().is_ok_and(|m| m.len() > 0) {
            return Err(PmTilesError::Damaged(
                "another program is still writing it (a -wal file lies beside it)",
            ));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .immutable(true)
            // The schema is a stranger's: a view may call no function that does more than compute.
            .pragma("trusted_schema", "off")
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await;
        let file = MbTiles { pool: pool.map_err(damaged)? };
        let about = file.about().await?;
        Ok((about, file))
    }

    async fn about(&self) -> Result<BasemapAbout, PmTilesError> {
        let rows: Vec<(String, Option<String>)> =
            sqlx::query_as("select name, cast(value as text) from metadata limit 1000")
                .fetch_all(&self.pool)
                .await
                .map_err(|_| PmTilesError::Damaged("it has no table “metadata” as MBTiles have"))?;
        let told: HashMap<String, String> = rows.into_iter().filter_map(|(k, v)| Some((k, v?))).collect();
        let text = |name: &str| told.get(name).map(String::as_str);
        let first: Option<Vec<u8>> =
            sqlx::query_scalar("select tile_data from tiles where length(tile_data) <= ? limit 1")
                .bind(MAX_TILE as i64)
                .fetch_optional(&self.pool)
                .await
                .map_err(|_| PmTilesError::Damaged("it has no readable table “tiles” as MBTiles have"))?;
        let first = first.ok_or(PmTilesError::Damaged("it has no tile"))?;
        let kind = match text("format") {
            Some("pbf" | "mvt" | "application/vnd.mapbox-vector-tile") => TileKind::Mvt,
            Some("png" | "image/png") => TileKind::Png,
            Some("jpg" | "jpeg" | "image/jpeg") => TileKind::Jpeg,
            Some("webp" | "image/webp") => TileKind::Webp,
            Some("avif" | "image/avif") => TileKind::Avif,
            _ => return Err(PmTilesError::Damaged("its metadata name no known “format” of tiles")),
        };
        let unpacked = if first.starts_with(&GZIP) { gunzip(&first, MAX_TILE)? } else { first };
        if !kind.fits(&unpacked) {
            return Err(PmTilesError::Damaged("its tiles are not of the kind that its metadata name"));
        }
        let json: Value = match text("json") {
            None => Value::Null,
            Some(json) => serde_json::from_str(json)
                .map_err(|_| PmTilesError::Damaged("the “json” of its metadata cannot be read"))?,
        };
        let numbers: Vec<f64> =
            text("bounds").unwrap_or_default().split(',').filter_map(|n| n.trim().parse().ok()).collect();
        Ok(BasemapAbout {
            kind,
            zooms: self.zooms().await?,
            bounds: bbox(&numbers),
            title: text("name").map(plain),
            attribution: text("attribution").map(plain),
            layers: layers(&json),
        })
    }

    /// First and last zoom that are there; metadata are often wrong about it.
    async fn zooms(&self) -> Result<(u8, u8), PmTilesError> {
        // One end at a time, so that each is read from the index.
        let ends = async {
            let least: i64 =
                sqlx::query_scalar("select min(zoom_level) from tiles").fetch_one(&self.pool).await?;
            let most: i64 =
                sqlx::query_scalar("select max(zoom_level) from tiles").fetch_one(&self.pool).await?;
            Ok((least, most))
        };
        let (least, most) = ends.await.map_err(damaged)?;
        let zoom =
            |z: i64| u8::try_from(z).map_err(|_| PmTilesError::Damaged("a zoom is no number of a zoom"));
        Ok((zoom(least)?, zoom(most)?))
    }

    /// A tile as it stands in the file.
    pub(super) async fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, PmTilesError> {
        let row = (1_i64 << z) - 1 - i64::from(y);
        // A tile too large to be served is not brought into memory either.
        let found: Option<(i64, Option<Vec<u8>>)> = sqlx::query_as(
            "select length(tile_data), case when length(tile_data) <= ? then tile_data end from tiles \
             where zoom_level = ? and tile_column = ? and tile_row = ?",
        )
        .bind(MAX_TILE as i64)
        .bind(i64::from(z))
        .bind(i64::from(x))
        .bind(row)
        .fetch_optional(&self.pool)
        .await
        .map_err(damaged)?;
        match found {
            None | Some((0, _)) => Ok(None),
            Some((_, Some(bytes))) => Ok(Some(bytes)),
            Some((_, None)) => Err(PmTilesError::Damaged("a tile is larger than any that is served")),
        }
    }
}

fn damaged(error: sqlx::Error) -> PmTilesError {
    PmTilesError::Io(std::io::Error::other(error))
}
