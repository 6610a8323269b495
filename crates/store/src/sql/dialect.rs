//! What the two databases say differently. Everything else is said once.

use model::{FieldType, GeometryKind};
use sha2::{Digest, Sha256};

use super::hash::hex;

/// Whose SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// The longest name PostgreSQL keeps; of a longer one it would cut off the end.
const LONGEST: usize = 63;

impl Dialect {
    /// Type of a field's column.
    pub(crate) fn column_type(self, kind: FieldType) -> &'static str {
        match (self, kind) {
            (Dialect::Sqlite, FieldType::Text | FieldType::Code | FieldType::Ref | FieldType::Photos) => {
                "TEXT"
            }
            (Dialect::Sqlite, FieldType::Integer) => "INTEGER",
            (Dialect::Sqlite, FieldType::Number) => "DOUBLE",
            (Dialect::Sqlite, FieldType::Boolean) => "BOOLEAN",
            (Dialect::Sqlite, FieldType::Date) => "DATE",
            (Dialect::Sqlite, FieldType::DateTime) => "DATETIME",
            // As `format_type` says them, so that they can be compared.
            (Dialect::Postgres, FieldType::Text | FieldType::Code | FieldType::Ref | FieldType::Photos) => {
                "text"
            }
            (Dialect::Postgres, FieldType::Integer) => "bigint",
            (Dialect::Postgres, FieldType::Number) => "double precision",
            (Dialect::Postgres, FieldType::Boolean) => "boolean",
            (Dialect::Postgres, FieldType::Date) => "date",
            (Dialect::Postgres, FieldType::DateTime) => "timestamp(3) with time zone",
        }
    }

    /// Type of the geometry column. Points are all of one type; lines and polygons may be multiple.
    pub(crate) fn geometry_type(self, kind: GeometryKind) -> Option<&'static str> {
        match (self, kind) {
            (_, GeometryKind::None) => None,
            (Dialect::Sqlite, GeometryKind::Point) => Some("POINT"),
            (Dialect::Sqlite, _) => Some("GEOMETRY"),
            (Dialect::Postgres, GeometryKind::Point) => Some("geometry(Point,4326)"),
            (Dialect::Postgres, _) => Some("geometry(Geometry,4326)"),
        }
    }

    /// Names of columns that the database has in every table.
    pub(crate) fn taken(self) -> &'static [&'static str] {
        match self {
            Dialect::Sqlite => &["rowid", "oid", "_rowid_"],
            Dialect::Postgres => &["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"],
        }
    }

    /// A name as the database keeps it: whole, or so that two long names that begin alike stay two.
    pub(crate) fn name(self, name: String) -> String {
        if self == Dialect::Sqlite || name.len() <= LONGEST {
            return name;
        }
        let digest = hex(&Sha256::digest(name.as_bytes())[..6]);
        let mut end = LONGEST - digest.len() - 1;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}~{digest}", &name[..end])
    }

    /// Whether a column is one of `count` texts, which are bound once. PostgreSQL's index of such a column is of short
    /// digests: an index in order takes no long texts.
    pub(crate) fn among(self, column: &str, count: usize) -> String {
        let marks = |mark: fn(usize) -> String| (1..=count).map(mark).collect::<Vec<_>>().join(",");
        let these = format!("{column} in ({})", marks(|n| format!("?{n}")));
        match self {
            Dialect::Sqlite => these,
            Dialect::Postgres => {
                format!("md5({column}) in ({}) and {these}", marks(|n| format!("md5(?{n})")))
            }
        }
    }

    /// The table of changes, read by the index of those after a feature's first.
    pub(crate) fn changes_later(self) -> &'static str {
        match self {
            Dialect::Sqlite => "changes indexed by changes_later",
            Dialect::Postgres => "changes",
        }
    }

    /// A column of texts as the bytes it holds, whatever they are.
    pub(crate) fn bytes(self, column: &str) -> String {
        match self {
            Dialect::Sqlite => format!("cast({column} as blob)"),
            Dialect::Postgres => column.to_owned(),
        }
    }

    /// A column of ids as the bytes of their texts.
    pub(crate) fn id_bytes(self, column: &str) -> String {
        match self {
            Dialect::Sqlite => format!("cast({column} as blob)"),
            Dialect::Postgres => format!("cast({column} as text)"),
        }
    }

    /// Of what types the values of these columns are, one behind the other; `expected` where only one is possible.
    pub(crate) fn types(self, types: &str, expected: &str) -> String {
        match self {
            Dialect::Sqlite => types.to_owned(),
            Dialect::Postgres => format!("'{expected}'"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_apart() {
        let long = |end: &str| Dialect::Postgres.name(format!("{}{end}", "đường ".repeat(12)));
        assert!(long("a").len() <= LONGEST);
        assert_ne!(long("a"), long("b"));
        assert_eq!(Dialect::Postgres.name("name".to_owned()), "name");
        assert_eq!(Dialect::Sqlite.name("x".repeat(100)).len(), 100);
    }
}
