//! Defining layers: what a store accepts, and how the log says it. The tables themselves are each store's to make.

use std::sync::Arc;

use jiff::Timestamp;
use model::{FieldType, LayerDef, TimeKind, parse_layer};
use uuid::Uuid;

use super::log::{self, Head, Meta, NewChange};
use super::table::{column, quoted, reviewed};
use super::{Conn, Dialect, query};
use crate::{LAYERS, Op, StoreError, gpkg, postgis};

/// Names that are not a layer's to take.
const RESERVED: [&str; 5] = ["site", "layers", "commits", "changes", "attachments"];
const RESERVED_PREFIXES: [&str; 3] = ["gpkg_", "sqlite_", "rtree_"];

/// Names that are not a layer's to take in PostgreSQL: our other tables, and what PostGIS may have beside them.
const RESERVED_POSTGRES: [&str; 6] =
    ["head", "row_numbers", "spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns"];

/// Names and types of the columns of a layer's table; empty when there is no such table.
pub(crate) async fn present(conn: &mut Conn, layer: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    match conn.dialect() {
        Dialect::Sqlite => gpkg::schema::present(conn, layer).await,
        Dialect::Postgres => postgis::schema::present(conn, layer).await,
    }
}

/// Makes or extends the table of a layer, with what other programs are told about it.
async fn table(conn: &mut Conn, def: &LayerDef, at: Timestamp) -> Result<(), StoreError> {
    match conn.dialect() {
        Dialect::Sqlite => gpkg::schema::table(conn, def, at).await,
        Dialect::Postgres => postgis::schema::table(conn, def).await,
    }
}

/// Runs a statement made of a definition's names.
pub(crate) async fn run(conn: &mut Conn, text: String) -> Result<(), StoreError> {
    Ok(super::run(conn, reviewed(text)).await?)
}

/// Gives a layer's table, of which these columns are there, those that its definition asks for beside the common ones.
pub(crate) async fn extend(
    conn: &mut Conn,
    def: &LayerDef,
    present: &[(String, String)],
) -> Result<(), StoreError> {
    let dialect = conn.dialect();
    let mut wanted: Vec<(String, &str)> =
        def.fields.iter().map(|f| (column(dialect, &f.name), dialect.column_type(f.kind))).collect();
    if def.time == TimeKind::State {
        wanted.push(("transitions".to_owned(), dialect.column_type(FieldType::Text)));
    }
    let layer = def.id.as_str();
    let name = quoted(layer);
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
    Ok(())
}

/// Notes when a layer last changed, where other programs look for it.
pub(crate) async fn touch(conn: &mut Conn, def: &LayerDef, at: Timestamp) -> Result<(), StoreError> {
    match conn.dialect() {
        Dialect::Sqlite => gpkg::schema::touch(conn, def, at).await,
        Dialect::Postgres => Ok(()),
    }
}

/// Defines layers in one commit, inside the caller's transaction; answers the commit, `None` when nothing changed.
pub(crate) async fn all(
    conn: &mut Conn,
    head: &mut Head,
    defs: &[Arc<LayerDef>],
    actor: &str,
    at: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let mut changes = Vec::new();
    for def in defs {
        changes.extend(define(conn, def, at).await?);
    }
    if changes.is_empty() {
        return Ok(None);
    }
    log_definitions(conn, head, actor, at, changes).await.map(Some)
}

/// Defines a layer inside the caller's transaction; `None` when the store has this definition already.
async fn define(conn: &mut Conn, def: &LayerDef, at: Timestamp) -> Result<Option<NewChange>, StoreError> {
    let layer = def.id.as_str();
    let refuse =
        |reason: &str| StoreError::Incompatible { layer: layer.to_owned(), reason: reason.to_owned() };
    if RESERVED.contains(&layer) || RESERVED_PREFIXES.iter().any(|p| layer.starts_with(p)) {
        return Err(refuse("the name is the store's own"));
    }
    if conn.dialect() == Dialect::Postgres && RESERVED_POSTGRES.contains(&layer) {
        return Err(refuse("the name is the store's own in PostgreSQL"));
    }
    // What is kept is the text: it has to say the same as the definition.
    if parse_layer(layer, &def.source).ok().as_ref() != Some(def) {
        return Err(refuse("the definition is not what its text says"));
    }
    let known = query("select fid, id, definition, hash from layers where name = ?")
        .bind(layer)
        .fetch_optional(conn)
        .await?;
    let (fid, id, before) = match known {
        Some(row) => {
            if row.get::<&str>(3)? == def.hash {
                return Ok(None);
            }
            let id = row.uuid(1)?.ok_or_else(|| StoreError::damaged("layers"))?;
            (Some(row.get::<i64>(0)?), id, Some(row.get::<String>(2)?))
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
            query("update layers set definition = ?, hash = ? where fid = ?")
                .bind(&def.source)
                .bind(&def.hash)
                .bind(fid)
                .execute(conn)
                .await?;
            fid
        }
        None => {
            query("insert into layers (id, seq, name, definition, hash) values (?, 0, ?, ?, ?) returning fid")
                .bind(id)
                .bind(layer)
                .bind(&def.source)
                .bind(&def.hash)
                .fetch_one(conn)
                .await?
                .get(0)?
        }
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
async fn log_definitions(
    conn: &mut Conn,
    head: &mut Head,
    actor: &str,
    at: Timestamp,
    changes: Vec<NewChange>,
) -> Result<i64, StoreError> {
    let fids: Vec<i64> = changes.iter().map(|c| c.fid).collect();
    let meta = Meta { at, actor: actor.to_owned(), ..Meta::default() };
    log::append(conn, head, &meta, changes).await?;
    for fid in fids {
        query("update layers set seq = ? where fid = ?").bind(head.seq).bind(fid).execute(conn).await?;
    }
    Ok(head.seq)
}
