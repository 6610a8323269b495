//! Layer tables as people who query them want them: types of their own, an index of geometry, comments that say what a
//! column is. Made from a definition, only ever extended.

use model::{LayerDef, TimeKind, system};

use crate::StoreError;
use crate::sql::define::{self, run};
use crate::sql::table::{column, quoted};
use crate::sql::{Conn, Dialect, query};

const POSTGRES: Dialect = Dialect::Postgres;

/// Names and types of a table's columns; empty when there is no such table.
pub(crate) async fn present(conn: &mut Conn, layer: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    let text = "select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a \
                where a.attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident(?)) \
                and a.attnum > 0 and not a.attisdropped order by a.attnum";
    let rows = query(text).bind(layer).fetch_all(conn).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Makes or extends the table of a layer.
pub(crate) async fn table(conn: &mut Conn, def: &LayerDef) -> Result<(), StoreError> {
    let layer = def.id.as_str();
    let name = quoted(layer);
    let present = present(conn, layer).await?;
    let geometry = POSTGRES.geometry_type(def.geometry);
    // No layer's name has a dot, so no index gets in the way of one.
    let index = |what: &str| quoted(&POSTGRES.name(format!("{layer}.{what}")));
    if present.is_empty() {
        let mut columns = format!(
            "fid bigint not null, id uuid not null, seq bigint not null, \
             constraint {} primary key (fid), constraint {} unique (id)",
            index("fid"),
            index("id")
        );
        if let Some(kind) = geometry {
            columns.push_str(", given_crs text, given_text text, geom ");
            columns.push_str(kind);
        }
        run(conn, format!("create table {name} ({columns})")).await?;
        query("insert into row_numbers (layer, last) values (?, 0) on conflict do nothing")
            .bind(layer)
            .execute(conn)
            .await?;
    }
    define::extend(conn, def, &present).await?;
    // Both are texts of any length, which an index in order does not take. An index of hashes is no help where many are
    // looked for at once, as an import does.
    let indexed =
        |what: &str, how: String| format!("create index if not exists {} on {name} {how}", index(what));
    let key = quoted(&column(POSTGRES, system::SOURCE_KEY));
    run(conn, indexed("source_key", format!("(md5({key}))"))).await?;
    if def.time == TimeKind::Interval {
        let entity = quoted(&column(POSTGRES, &def.fields[def.entity].name));
        run(conn, indexed("entity", format!("using hash ({entity})"))).await?;
    }
    if geometry.is_some() {
        run(conn, format!("create index if not exists {} on {name} using gist (geom)", index("geom")))
            .await?;
    }
    describe(conn, def).await
}

/// Titles for people: comments on the table and its columns, written anew.
async fn describe(conn: &mut Conn, def: &LayerDef) -> Result<(), StoreError> {
    let layer = def.id.as_str();
    let titles = |title: &model::Text| format!("{} · {}", title.vi, title.en);
    let mut all = vec![(None, titles(&def.title))];
    for field in &def.fields {
        let mut said = titles(&field.title);
        if !field.codes.is_empty() {
            let codes: Vec<String> = field.codes.iter().map(|c| format!("{} = {}", c.code, c.vi)).collect();
            said.push_str(&format!(" ({})", codes.join(", ")));
        }
        all.push((Some(column(POSTGRES, &field.name)), said));
    }
    for (column, said) in all {
        let text = "select say_comment(?, ?, ?)";
        query(text).bind(layer).bind(column).bind(said).execute(conn).await?;
    }
    Ok(())
}
