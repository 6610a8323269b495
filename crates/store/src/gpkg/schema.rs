//! Layer tables and what GeoPackage says about them: made from a definition, only ever extended.

use jiff::Timestamp;
use model::{GeometryKind, LayerDef, TimeKind, parse_layer, system};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::log::{self, Head, Meta, NewChange};
use super::rows::datetime;
use super::table::{column, column_type, geometry_type, quoted, reviewed};
use crate::{LAYERS, Op, StoreError};

/// Names that are not a layer's to take.
const RESERVED: [&str; 5] = ["site", "layers", "commits", "changes", "attachments"];
const RESERVED_PREFIXES: [&str; 3] = ["gpkg_", "sqlite_", "rtree_"];

/// Defines a layer inside the caller's transaction; `None` when the store has this definition already.
pub(crate) async fn define(
    conn: &mut SqliteConnection,
    def: &LayerDef,
    at: Timestamp,
) -> Result<Option<NewChange>, StoreError> {
    let layer = def.id.as_str();
    let refuse =
        |reason: &str| StoreError::Incompatible { layer: layer.to_owned(), reason: reason.to_owned() };
    if RESERVED.contains(&layer) || RESERVED_PREFIXES.iter().any(|p| layer.starts_with(p)) {
        return Err(refuse("the name is the store's own"));
    }
    // What is kept is the text: it has to say the same as the definition.
    if parse_layer(layer, &def.source).ok().as_ref() != Some(def) {
        return Err(refuse("the definition is not what its text says"));
    }
    let known = sqlx::query("select fid, id, definition, hash from layers where name = ?")
        .bind(layer)
        .fetch_optional(&mut *conn)
        .await?;
    let (fid, id, before) = match known {
        Some(row) => {
            if row.try_get_unchecked::<&str, _>(3)? == def.hash {
                return Ok(None);
            }
            let id: &str = row.try_get_unchecked(1)?;
            let id = Uuid::try_parse(id).map_err(|_| StoreError::damaged("layers"))?;
            (Some(row.try_get_unchecked::<i64, _>(0)?), id, Some(row.try_get_unchecked::<String, _>(2)?))
        }
        None => (None, Uuid::now_v7(), None),
    };
    if let Some(text) = &before {
        let old = parse_layer(layer, text).map_err(|e| StoreError::damaged(e.to_string()))?;
        if old.geometry != def.geometry {
            return Err(refuse("the kind of geometry cannot change"));
        }
        if old.derived.is_some() != def.derived.is_some() {
            return Err(refuse("a derived layer stays one"));
        }
    }
    if def.derived.is_none() {
        table(conn, def, at).await?;
    }
    let fid = match fid {
        Some(fid) => {
            sqlx::query("update layers set definition = ?, hash = ? where fid = ?")
                .bind(&def.source)
                .bind(&def.hash)
                .bind(fid)
                .execute(&mut *conn)
                .await?;
            fid
        }
        None => sqlx::query("insert into layers (id, seq, name, definition, hash) values (?, 0, ?, ?, ?)")
            .bind(id.to_string())
            .bind(layer)
            .bind(&def.source)
            .bind(&def.hash)
            .execute(&mut *conn)
            .await?
            .last_insert_rowid(),
    };
    Ok(Some(NewChange {
        layer: LAYERS.to_owned(),
        fid,
        id,
        op: Op::Define,
        fields: log::all_fields(),
        before,
        after: Some(def.source.clone()),
    }))
}

/// Logs definitions as one commit and stamps their rows with it.
pub(crate) async fn log_definitions(
    conn: &mut SqliteConnection,
    head: &mut Head,
    actor: &str,
    at: Timestamp,
    changes: Vec<NewChange>,
) -> Result<i64, StoreError> {
    let fids: Vec<i64> = changes.iter().map(|c| c.fid).collect();
    let meta = Meta { at, actor: actor.to_owned(), ..Meta::default() };
    log::append(conn, head, &meta, changes).await?;
    for fid in fids {
        sqlx::query("update layers set seq = ? where fid = ?")
            .bind(head.seq)
            .bind(fid)
            .execute(&mut *conn)
            .await?;
    }
    Ok(head.seq)
}

/// Names and types of a table's columns; empty when there is no such table.
pub(crate) async fn present(
    conn: &mut SqliteConnection,
    layer: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query("select name, type from pragma_table_info(?) order by cid")
        .bind(layer)
        .fetch_all(conn)
        .await?;
    rows.iter().map(|r| Ok((r.try_get_unchecked(0)?, r.try_get_unchecked(1)?))).collect()
}

async fn run(conn: &mut SqliteConnection, text: String) -> Result<(), StoreError> {
    sqlx::raw_sql(reviewed(text)).execute(conn).await?;
    Ok(())
}

/// Makes or extends the table of a layer.
async fn table(conn: &mut SqliteConnection, def: &LayerDef, at: Timestamp) -> Result<(), StoreError> {
    let layer = def.id.as_str();
    let name = quoted(layer);
    let present = present(conn, layer).await?;
    let geometry = geometry_type(def.geometry);
    if present.is_empty() {
        let mut columns = "fid INTEGER primary key autoincrement not null, id TEXT not null unique, \
                           seq INTEGER not null"
            .to_owned();
        if let Some(kind) = geometry {
            columns.push_str(", given_crs TEXT, given_text TEXT, geom ");
            columns.push_str(kind);
        }
        run(conn, format!("create table {name} ({columns})")).await?;
        sqlx::query(
            "insert into gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) \
             values (?, ?, ?, ?, ?, ?)",
        )
        .bind(layer)
        .bind(if geometry.is_some() { "features" } else { "attributes" })
        .bind(layer)
        .bind(&def.title.vi)
        .bind(datetime(at))
        .bind(geometry.map(|_| super::geometry::SRS))
        .execute(&mut *conn)
        .await?;
        if let Some(kind) = geometry {
            sqlx::query("insert into gpkg_geometry_columns values (?, 'geom', ?, ?, 0, 0)")
                .bind(layer)
                .bind(kind)
                .bind(super::geometry::SRS)
                .execute(&mut *conn)
                .await?;
        }
    }
    let mut wanted: Vec<(String, &str)> =
        def.fields.iter().map(|f| (column(&f.name), column_type(f.kind))).collect();
    if def.time == TimeKind::State {
        wanted.push(("transitions".to_owned(), "TEXT"));
    }
    for (column, kind) in wanted {
        match present.iter().find(|(n, _)| n.eq_ignore_ascii_case(&column)) {
            None => run(conn, format!("alter table {name} add column {} {kind}", quoted(&column))).await?,
            Some((_, found)) if found == kind => {}
            Some((_, found)) => {
                let reason = format!("column {column} is {found} and cannot become {kind}");
                return Err(StoreError::Incompatible { layer: layer.to_owned(), reason });
            }
        }
    }
    let index = |suffix: &str, column: &str| {
        let index = quoted(&format!("{layer}_{suffix}"));
        format!("create index if not exists {index} on {name} ({})", quoted(column))
    };
    run(conn, index("by_source_key", &column(system::SOURCE_KEY))).await?;
    if def.time == TimeKind::Interval {
        run(conn, index("by_entity", &column(&def.fields[def.entity].name))).await?;
    }
    describe(conn, def).await
}

/// Titles and codes for other programs: `gpkg_data_columns` and its constraints, written anew.
async fn describe(conn: &mut SqliteConnection, def: &LayerDef) -> Result<(), StoreError> {
    let layer = def.id.as_str();
    let constraint = |field: &str| format!("{layer}.{}", field.to_lowercase());
    sqlx::query(
        "delete from gpkg_data_column_constraints where constraint_name in \
         (select constraint_name from gpkg_data_columns where table_name = ?)",
    )
    .bind(layer)
    .execute(&mut *conn)
    .await?;
    sqlx::query("delete from gpkg_data_columns where table_name = ?").bind(layer).execute(&mut *conn).await?;
    for field in &def.fields {
        let coded = !field.codes.is_empty();
        sqlx::query(
            "insert into gpkg_data_columns (table_name, column_name, name, title, description, constraint_name) \
             values (?, ?, ?, ?, ?, ?)",
        )
        .bind(layer)
        .bind(column(&field.name))
        .bind(&field.name)
        .bind(&field.title.vi)
        .bind(&field.title.en)
        .bind(coded.then(|| constraint(&field.name)))
        .execute(&mut *conn)
        .await?;
        for code in &field.codes {
            sqlx::query(
                "insert into gpkg_data_column_constraints (constraint_name, constraint_type, value, description) \
                 values (?, 'enum', ?, ?)",
            )
            .bind(constraint(&field.name))
            .bind(&code.code)
            .bind(&code.vi)
            .execute(&mut *conn)
            .await?;
        }
    }
    Ok(())
}

/// Notes in `gpkg_contents` when a layer last changed.
pub(crate) async fn touch(
    conn: &mut SqliteConnection,
    def: &LayerDef,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update gpkg_contents set last_change = ? where table_name = ?")
        .bind(datetime(at))
        .bind(def.id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes the extents of the layers into `gpkg_contents`; in the live file they stay empty, which means unknown.
pub(crate) async fn write_extents(
    conn: &mut SqliteConnection,
    defs: impl Iterator<Item = &LayerDef>,
) -> Result<(), StoreError> {
    use futures_util::TryStreamExt;
    for def in defs.filter(|d| d.derived.is_none() && d.geometry != GeometryKind::None) {
        let mut all: Option<super::geometry::Envelope> = None;
        {
            let text = format!("select geom from {} where geom is not null", quoted(def.id.as_str()));
            let mut rows = sqlx::query(reviewed(text)).fetch(&mut *conn);
            while let Some(row) = rows.try_next().await? {
                let geometry = super::geometry::decode(row.try_get_unchecked(0)?)?;
                if let Some(e) = super::geometry::envelope(&geometry) {
                    let a = all.unwrap_or(e);
                    all = Some([a[0].min(e[0]), a[1].max(e[1]), a[2].min(e[2]), a[3].max(e[3])]);
                }
            }
        }
        let Some([min_x, max_x, min_y, max_y]) = all else { continue };
        sqlx::query("update gpkg_contents set min_x=?, min_y=?, max_x=?, max_y=? where table_name=?")
            .bind(min_x)
            .bind(min_y)
            .bind(max_x)
            .bind(max_y)
            .bind(def.id.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
