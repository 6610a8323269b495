//! The table of a layer: which column holds which field, and the statements that read and write it.
//!
//! This is where SQL text is made. It is made of identifiers from checked layer definitions, quoted, and of
//! nothing else; values are always bound.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use model::{LayerDef, TimeKind, system};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::Dialect;

/// Columns that are no fields.
const OWN: [&str; 7] = ["fid", "id", "seq", "transitions", "given_crs", "given_text", "geom"];

/// What fields get in front of their names when those clash with ours.
const PREFIX: &str = "field_";

/// Column of a field. It depends on the field's name only, so a later definition cannot move it; two names never
/// share a column, because every name that begins like a moved one is moved too.
pub(crate) fn column(dialect: Dialect, field: &str) -> String {
    let lower = field.to_ascii_lowercase();
    let taken = OWN.contains(&lower.as_str()) || dialect.taken().contains(&lower.as_str());
    dialect.name(if taken || lower.starts_with(PREFIX) {
        format!("{PREFIX}{field}")
    } else {
        field.to_owned()
    })
}

/// An identifier in SQL text.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Which columns are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What is kept in memory.
    Hot,
    /// Everything.
    Whole,
}

/// The table of a layer that has one (a derived layer has none).
#[derive(Debug)]
pub(crate) struct Table {
    /// The layer's definition, as the store accepted it.
    pub def: Arc<LayerDef>,
    /// The table's name, quoted.
    pub name: String,
    /// Columns of fields that the definition no longer has; emptied with the next write of a row.
    pub dropped: Vec<String>,
    dialect: Dialect,
    hot: Arc<str>,
    whole: Arc<str>,
    written: Vec<String>,
}

impl Table {
    /// The table of `def`; `present` are the columns that exist already.
    pub(crate) fn new(dialect: Dialect, def: Arc<LayerDef>, present: &[String]) -> Table {
        let name = quoted(def.id.as_str());
        let mut written = vec!["id".to_owned(), "seq".to_owned()];
        if def.time == TimeKind::State {
            written.push("transitions".to_owned());
        }
        if def.has_geometry() {
            written.extend(["given_crs", "given_text", "geom"].map(str::to_owned));
        }
        written.extend(def.fields.iter().map(|f| quoted(&column(dialect, &f.name))));
        let known: BTreeSet<String> =
            def.fields.iter().map(|f| column(dialect, &f.name).to_ascii_lowercase()).collect();
        let dropped = present
            .iter()
            .filter(|c| !OWN.contains(&c.as_str()) && !known.contains(&c.to_ascii_lowercase()))
            .map(|c| quoted(c))
            .collect();
        let select = |part| format!("select {} from {name}", columns(dialect, &def, part).join(",")).into();
        Table { dialect, hot: select(Part::Hot), whole: select(Part::Whole), dropped, name, written, def }
    }

    /// Column of the field at `index`, quoted.
    pub(crate) fn field(&self, index: usize) -> String {
        quoted(&column(self.dialect, &self.def.fields[index].name))
    }

    /// `select … from table` with `rest` behind it.
    pub(crate) fn select(&self, part: Part, rest: &str) -> SqlStr {
        let head = if part == Part::Hot { &self.hot } else { &self.whole };
        reviewed(format!("{head} {rest}"))
    }

    /// An insertion of `rows` rows with their `fid`s; columns in the order of [`super::rows::bind`].
    pub(crate) fn insert(&self, rows: usize) -> SqlStr {
        let one = format!("(?{})", ",?".repeat(self.written.len()));
        let all = vec![one; rows].join(",");
        reviewed(format!("insert into {} (fid,{}) values {all}", self.name, self.written.join(",")))
    }

    /// An update of one row; columns in the order of [`super::rows::bind`], then the row's `fid`.
    pub(crate) fn update(&self) -> SqlStr {
        let mut set = String::new();
        for name in &self.written {
            let _ = write!(set, "{name}=?,");
        }
        for name in &self.dropped {
            let _ = write!(set, "{name}=null,");
        }
        set.pop();
        reviewed(format!("update {} set {set} where fid=?", self.name))
    }

    /// Where rows are copied to; columns in the order of [`Table::insert`].
    pub(crate) fn copy(&self) -> String {
        format!("{} (fid,{})", self.name, self.written.join(","))
    }

    /// How many values one row binds, with its `fid`.
    pub(crate) fn width(&self) -> usize {
        self.written.len() + 1
    }

    /// A deletion by `fid`.
    pub(crate) fn delete(&self) -> SqlStr {
        reviewed(format!("delete from {} where fid=?", self.name))
    }

    /// Ids of two rows of one entity that are valid at once, one of them written by commit `?`.
    pub(crate) fn overlap(&self) -> Option<SqlStr> {
        let index = |name| self.def.index(name).map(|i| self.field(i));
        let (from, to) = (index(system::VALID_FROM)?, index(system::VALID_TO)?);
        let entity = self.field(self.def.entity);
        Some(reviewed(format!(
            "select a.id, b.id from {t} a join {t} b on a.{entity}=b.{entity} and a.fid<>b.fid \
             where a.seq=? and (a.{from} is null or b.{to} is null or a.{from}<b.{to}) \
             and (b.{from} is null or a.{to} is null or b.{from}<a.{to}) limit 1",
            t = self.name
        )))
    }
}

/// The columns that are read, in the order in which [`super::rows`] reads them; without cold ones, last whether there
/// is a value in any of them.
fn columns(dialect: Dialect, def: &LayerDef, part: Part) -> Vec<String> {
    let mut all = vec!["fid".to_owned(), "id".to_owned(), "seq".to_owned()];
    if def.time == TimeKind::State {
        all.push("transitions".to_owned());
    }
    if def.has_geometry() {
        all.push("geom".to_owned());
    }
    let fields = def.fields.iter().filter(|f| part == Part::Whole || !f.cold);
    all.extend(fields.map(|f| quoted(&column(dialect, &f.name))));
    if def.has_geometry() && part == Part::Whole {
        all.extend(["given_crs".to_owned(), "given_text".to_owned()]);
    }
    if part == Part::Hot {
        let cold = def.fields.iter().filter(|f| f.cold);
        let any: Vec<String> =
            cold.map(|f| format!("{} is not null", quoted(&column(dialect, &f.name)))).collect();
        let any = if any.is_empty() { "1 = 0".to_owned() } else { any.join(" or ") };
        all.push(format!("cast(case when {any} then 1 else 0 end as bigint)"));
    }
    all
}

/// The one place where made-up text becomes SQL. It holds quoted identifiers of accepted definitions, never values.
pub(crate) fn reviewed(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clashing_names_move_and_never_meet() {
        let names =
            ["id", "ID", "field_id", "Field_id", "fid", "geom", "name", "field_field_id", "tên \"x\""];
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let column = |name: &str| column(dialect, name);
            let columns: BTreeSet<String> = names.iter().map(|n| column(n)).collect();
            assert_eq!(columns.len(), names.len());
            assert_eq!(column("id"), "field_id");
            assert_eq!(column("field_id"), "field_field_id");
            assert_eq!(column("name"), "name");
        }
        assert_eq!(column(Dialect::Postgres, "xmin"), "field_xmin");
        assert_eq!(column(Dialect::Sqlite, "oid"), "field_oid");
    }

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(quoted("a\"; drop table x; --"), "\"a\"\"; drop table x; --\"");
    }
}
