//! Values bound to statements. Each database gets them in its own form: SQLite has text where PostgreSQL has a type.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use uuid::Uuid;

use super::pg::{self, Bound};
use super::rows::datetime;

/// One bound value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arg {
    Null,
    Bool(bool),
    Int(i64),
    Num(f64),
    Text(String),
    /// A text that is shared with what it came from.
    Shared(Arc<str>),
    /// Bytes, and a geometry in the form of the database it is bound for.
    Bytes(Vec<u8>),
    Uuid(Uuid),
    Date(Date),
    Time(Timestamp),
}

macro_rules! from {
    ($($kind:ty => $arg:expr),* $(,)?) => {
        $(impl From<$kind> for Arg {
            fn from(value: $kind) -> Arg {
                $arg(value)
            }
        })*
    };
}

from! {
    bool => Arg::Bool,
    i64 => Arg::Int,
    f64 => Arg::Num,
    String => Arg::Text,
    Arc<str> => Arg::Shared,
    Vec<u8> => Arg::Bytes,
    Uuid => Arg::Uuid,
    Date => Arg::Date,
    &str => |s: &str| Arg::Text(s.to_owned()),
    &String => |s: &String| Arg::Text(s.clone()),
    &[u8] => |b: &[u8]| Arg::Bytes(b.to_vec()),
}

impl<T: Into<Arg>> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Arg {
        value.map_or(Arg::Null, Into::into)
    }
}

impl From<&Option<String>> for Arg {
    fn from(value: &Option<String>) -> Arg {
        value.as_deref().into()
    }
}

/// The values as SQLite binds them.
pub(super) fn sqlite(args: Vec<Arg>) -> Result<SqliteArguments, sqlx::Error> {
    let mut all = SqliteArguments::default();
    all.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Arg::Null => all.add(None::<i64>),
            Arg::Bool(b) => all.add(i64::from(b)),
            Arg::Int(i) => all.add(i),
            Arg::Num(n) => all.add(n),
            Arg::Text(s) => all.add(s),
            Arg::Shared(s) => all.add(s),
            Arg::Bytes(b) => all.add(b),
            Arg::Uuid(id) => all.add(id.to_string()),
            Arg::Date(day) => all.add(day.to_string()),
            Arg::Time(at) => all.add(datetime(at)),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(all)
}

/// The values as PostgreSQL binds them.
pub(super) fn postgres(args: &[Arg]) -> Result<PgArguments, sqlx::Error> {
    let mut all = PgArguments::default();
    let size = args.iter().map(pg::size).sum();
    all.reserve(args.len(), size);
    for arg in args {
        all.add(Bound(arg)).map_err(sqlx::Error::Encode)?;
    }
    Ok(all)
}
