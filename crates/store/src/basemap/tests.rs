//! Files of both formats, served as they stand; files that are refused.

use std::path::PathBuf;

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use super::*;
use crate::format::pmtiles::{About, MAX_TILE, Part, TileKind, gzip};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and then a picture";

/// An MBTiles file whose tiles are made from their place.
async fn mbtiles(
    dir: &TempDir,
    name: &str,
    metadata: &[(&str, &str)],
    tiles: &[(u8, u32, u32, Vec<u8>)],
) -> PathBuf {
    let path = dir.path().join(name);
    let mut conn =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    for statement in [
        "create table metadata (name text, value text)",
        "create table tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)",
        "create unique index tile_index on tiles (zoom_level, tile_column, tile_row)",
    ] {
        sqlx::query(statement).execute(&mut conn).await.unwrap();
    }
    for (name, value) in metadata {
        sqlx::query("insert into metadata values (?, ?)")
            .bind(name)
            .bind(value)
            .execute(&mut conn)
            .await
            .unwrap();
    }
    for (z, x, y, bytes) in tiles {
        sqlx::query("insert into tiles values (?, ?, ?, ?)")
            .bind(i64::from(*z))
            .bind(i64::from(*x))
            .bind((1_i64 << z) - 1 - i64::from(*y))
            .bind(bytes)
            .execute(&mut conn)
            .await
            .unwrap();
    }
    SqliteConnection::close(conn).await.unwrap();
    path
}

fn pmtiles(dir: &TempDir, name: &str) -> PathBuf {
    let path = dir.path().join(name);
    let (mut part, _) = Part::open(&path, &[0; 32]).unwrap();
    part.push(0, &gzip(b"the world")).unwrap();
    part.push(3, &gzip(b"a quarter")).unwrap();
    let bounds = Bbox { west: 100.0, south: 10.0, east: 110.0, north: 20.0 };
    let metadata = json!({"attribution": "<b>ours</b>", "vector_layers": [{"id": "roads", "fields": {}}]});
    let about = About { kind: TileKind::Mvt, zooms: (0, 1), bounds, centre: (0, 105.0, 15.0), metadata };
    part.finish(&path, &about).unwrap();
    path
}

#[tokio::test]
async fn an_archive_gives_its_tiles_packed_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let map = Basemap::open(&pmtiles(&dir, "vung_1.pmtiles")).await.unwrap();
    assert_eq!((map.name(), map.about().attribution.as_deref()), ("vung_1", Some("ours")));
    assert_eq!((map.about().zooms, map.about().layers[0].id.as_str()), ((0, 1), "roads"));
    let packed = map.tile(1, 1, 1, true).await.unwrap().unwrap();
    assert!(packed.packed && packed.bytes == gzip(b"a quarter"));
    let plain = map.tile(1, 1, 1, false).await.unwrap().unwrap();
    assert!(!plain.packed && plain.bytes == b"a quarter" && plain.etag == packed.etag);
    assert!(map.tile(1, 0, 0, true).await.unwrap().is_none());
    for (z, x, y) in [(1, 2, 0), (31, 0, 0), (255, 0, 0)] {
        assert!(
            matches!(map.tile(z, x, y, true).await, Err(StoreError::Fault(f)) if f.code == Code::OutOfRange)
        );
    }
}

#[tokio::test]
async fn rows_of_mbtiles_count_from_the_south() {
    let dir = tempfile::tempdir().unwrap();
    let tiles = [(0, 0, 0, PNG.to_vec()), (2, 3, 1, [PNG, b"x"].concat()), (2, 0, 0, Vec::new())];
    let told = [("format", "png"), ("bounds", "100,10,110,20"), ("name", "Ảnh"), ("maxzoom", "99")];
    let map = Basemap::open(&mbtiles(&dir, "anh.mbtiles", &told, &tiles).await).await.unwrap();
    let about = map.about();
    assert_eq!((about.kind, about.zooms, about.title.as_deref()), (TileKind::Png, (0, 2), Some("Ảnh")));
    assert_eq!(about.bounds.map(|b| b.north), Some(20.0));
    let tile = map.tile(2, 3, 1, true).await.unwrap().unwrap();
    assert!(!tile.packed && tile.bytes == [PNG, b"x"].concat());
    assert!(map.tile(2, 3, 2, true).await.unwrap().is_none());
    assert!(map.tile(2, 0, 0, true).await.unwrap().is_none(), "an empty tile is none");
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["anh.mbtiles"], "nothing is written beside the file");
}

#[tokio::test]
async fn a_tile_beyond_the_limit_is_refused_and_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let bomb = gzip(&vec![0; MAX_TILE as usize + 1]);
    let tiles = [(0, 0, 0, b"mvt".to_vec()), (1, 0, 0, vec![7; MAX_TILE as usize + 1]), (1, 1, 0, bomb)];
    let map = Basemap::open(&mbtiles(&dir, "big.mbtiles", &[("format", "pbf")], &tiles).await).await.unwrap();
    assert!(matches!(map.tile(1, 0, 0, true).await, Err(StoreError::Damaged(_))));
    assert!(matches!(map.tile(1, 1, 0, false).await, Err(StoreError::Damaged(_))));
    assert!(map.tile(0, 0, 0, true).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_no_map_is_refused_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let tile = [(0, 0, 0, PNG.to_vec())];
    let good = mbtiles(&dir, "good.mbtiles", &[("format", "png")], &tile).await;
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole = std::fs::read(&good).unwrap();
    let archive = std::fs::read(pmtiles(&dir, "a.pmtiles")).unwrap();
    let mut damaged = whole.clone();
    damaged[100..].fill(0x5a);
    for (path, words) in [
        (dir.path().join("none.pmtiles"), "No such file"),
        (write("text.pmtiles", b"hello"), "does not begin"),
        (write("short.pmtiles", &archive[..archive.len() - 3]), "cut off"),
        (write("short.mbtiles", &whole[..whole.len() / 2]), ""),
        (write("damaged.mbtiles", &damaged), ""),
        (write("bad name.pmtiles", &archive), "rename"),
        (write("..pmtiles", &archive), "rename"),
        (mbtiles(&dir, "kind.mbtiles", &[("format", "pbf")], &tile).await, "not of the kind"),
        (mbtiles(&dir, "nameless.mbtiles", &[], &tile).await, "format"),
        (mbtiles(&dir, "empty.mbtiles", &[("format", "png")], &[]).await, "no tile"),
    ] {
        let error = Basemap::open(&path).await.err().unwrap_or_else(|| panic!("opened {}", path.display()));
        let StoreError::Fault(fault) = &error else { panic!("{}: {error}", path.display()) };
        assert_eq!((fault.code, fault.place.as_str()), (Code::InvalidFile, path.to_str().unwrap()));
        assert!(fault.detail.en.contains(words), "{}: {}", path.display(), fault.detail.en);
        assert!(fault.detail.vi.starts_with("Bản đồ nền"));
    }
    assert!(Basemap::open(&good).await.is_ok());
}
