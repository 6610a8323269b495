//! Layer tables and what GeoPackage says about them: made from a definition, only ever extended.

use jiff::Timestamp;
use model::{GeometryKind, LayerDef, TimeKind, system};

use crate::StoreError;
use crate::sql::define::{self, run};
use crate::sql::geometry::{self, Envelope, SRS};
use crate::sql::rows::datetime;
use crate::sql::table::{column, quoted, reviewed};
use crate::sql::{Conn, Dialect, query};

const SQLITE: Dialect = Dialect::Sqlite;

/// Names and types of a table's columns; empty when there is no such table.
pub(crate) async fn present(conn: &mut Conn, layer: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows =
        query("select name, type from pragma_table_info(?) order by cid").bind(layer).fetch_all(conn).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Makes or extends the table of a layer.
pub(crate) async fn table(conn: &mut Conn, def: &LayerDef, at: Timestamp) -> Result<(), StoreError> {
    let layer = def.id.as_str();
    let name = quoted(layer);
    let present = present(conn, layer).await?;
    let geometry = SQLITE.geometry_type(def.geometry);
    if present.is_empty() {
        let mut columns = "fid INTEGER primary key autoincrement not null, id TEXT not null unique, \
                           seq INTEGER not null"
            .to_owned();
        if let Some(kind) = geometry {
            columns.push_str(", given_crs TEXT, given_text TEXT, geom ");
            columns.push_str(kind);
        }
        run(conn, format!("create table {name} ({columns})")).await?;
        query(
            "insert into gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) \
             values (?, ?, ?, ?, ?, ?)",
        )
        .bind(layer)
        .bind(if geometry.is_some() { "features" } else { "attributes" })
        .bind(layer)
        .bind(&def.title.vi)
        .bind(datetime(at))
        .bind(geometry.map(|_| i64::from(SRS)))
        .execute(conn)
        .await?;
        if let Some(kind) = geometry {
            query("insert into gpkg_geometry_columns values (?, 'geom', ?, ?, 0, 0)")
                .bind(layer)
                .bind(kind)
                .bind(i64::from(SRS))
                .execute(conn)
                .await?;
        }
    }
    define::extend(conn, def, &present).await?;
    let index = |suffix: &str, column: &str| {
        let index = quoted(&format!("{layer}_{suffix}"));
        format!("create index if not exists {index} on {name} ({})", quoted(column))
    };
    run(conn, index("by_source_key", &column(SQLITE, system::SOURCE_KEY))).await?;
    if def.time == TimeKind::Interval {
        run(conn, index("by_entity", &column(SQLITE, &def.fields[def.entity].name))).await?;
    }
    describe(conn, def).await
}

/// Titles and codes for other programs: `gpkg_data_columns` and its constraints, written anew.
async fn describe(conn: &mut Conn, def: &LayerDef) -> Result<(), StoreError> {
    let layer = def.id.as_str();
    let constraint = |field: &str| format!("{layer}.{}", field.to_lowercase());
    query(
        "delete from gpkg_data_column_constraints where constraint_name in \
         (select constraint_name from gpkg_data_columns where table_name = ?)",
    )
    .bind(layer)
    .execute(conn)
    .await?;
    query("delete from gpkg_data_columns where table_name = ?").bind(layer).execute(conn).await?;
    for field in &def.fields {
        let coded = !field.codes.is_empty();
        query(
            "insert into gpkg_data_columns (table_name, column_name, name, title, description, constraint_name) \
             values (?, ?, ?, ?, ?, ?)",
        )
        .bind(layer)
        .bind(column(SQLITE, &field.name))
        .bind(&field.name)
        .bind(&field.title.vi)
        .bind(&field.title.en)
        .bind(coded.then(|| constraint(&field.name)))
        .execute(conn)
        .await?;
        for code in &field.codes {
            query(
                "insert into gpkg_data_column_constraints (constraint_name, constraint_type, value, description) \
                 values (?, 'enum', ?, ?)",
            )
            .bind(constraint(&field.name))
            .bind(&code.code)
            .bind(&code.vi)
            .execute(conn)
            .await?;
        }
    }
    Ok(())
}

/// Notes in `gpkg_contents` when a layer last changed.
pub(crate) async fn touch(conn: &mut Conn, def: &LayerDef, at: Timestamp) -> Result<(), StoreError> {
    query("update gpkg_contents set last_change = ? where table_name = ?")
        .bind(datetime(at))
        .bind(def.id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes the extents of the layers into `gpkg_contents`; in the live file they stay empty, which means unknown.
pub(crate) async fn write_extents(
    conn: &mut Conn,
    defs: impl Iterator<Item = &LayerDef>,
) -> Result<(), StoreError> {
    for def in defs.filter(|d| d.derived.is_none() && d.geometry != GeometryKind::None) {
        let mut all: Option<Envelope> = None;
        {
            let text = format!("select geom from {} where geom is not null", quoted(def.id.as_str()));
            let mut rows = query(reviewed(text)).fetch(conn)?;
            while let Some(row) = rows.try_next().await? {
                let geometry = geometry::decode(SQLITE, row.get(0)?)?;
                if let Some(e) = geometry::envelope(&geometry) {
                    let a = all.unwrap_or(e);
                    all = Some([a[0].min(e[0]), a[1].max(e[1]), a[2].min(e[2]), a[3].max(e[3])]);
                }
            }
        }
        let Some([min_x, max_x, min_y, max_y]) = all else { continue };
        query("update gpkg_contents set min_x=?, min_y=?, max_x=?, max_y=? where table_name=?")
            .bind(min_x)
            .bind(min_y)
            .bind(max_x)
            .bind(max_y)
            .bind(def.id.as_str())
            .execute(conn)
            .await?;
    }
    Ok(())
}
