//! A row of an answer, read by the number of the column.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row as _, ValueRef as _};
use uuid::Uuid;

use super::{Dialect, pg};

/// A row of either database.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// How many columns it has.
    pub(crate) fn len(&self) -> usize {
        use sqlx::Row as _;
        match self {
            Row::Sqlite(row) => row.len(),
            Row::Postgres(row) => row.len(),
        }
    }

    /// Whose row it is.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Row::Sqlite(_) => Dialect::Sqlite,
            Row::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The value in a column: a number, a text, bytes, or an option of these.
    pub(crate) fn get<'r, T>(&'r self, at: usize) -> Result<T, sqlx::Error>
    where
        T: Decode<'r, Sqlite> + Decode<'r, Postgres>,
    {
        match self {
            Row::Sqlite(row) => row.try_get_unchecked(at),
            Row::Postgres(row) => row.try_get_unchecked(at),
        }
    }

    /// The bytes in a column, whatever type it has; `None` when it is null.
    pub(crate) fn bytes(&self, at: usize) -> Result<Option<&[u8]>, sqlx::Error> {
        match self {
            Row::Sqlite(row) => row.try_get_unchecked(at),
            Row::Postgres(row) => {
                let value = row.try_get_raw(at)?;
                if value.is_null() {
                    Ok(None)
                } else {
                    value.as_bytes().map(Some).map_err(sqlx::Error::Decode)
                }
            }
        }
    }

    /// The id in a column; `None` when it is none.
    pub(crate) fn uuid(&self, at: usize) -> Result<Option<Uuid>, sqlx::Error> {
        Ok(match self {
            Row::Sqlite(_) => self.get::<Option<&str>>(at)?.and_then(|text| Uuid::try_parse(text).ok()),
            Row::Postgres(_) => self.bytes(at)?.and_then(pg::uuid),
        })
    }

    /// The day in a column.
    pub(crate) fn date(&self, at: usize) -> Result<Found<Date>, sqlx::Error> {
        Ok(match self {
            Row::Sqlite(_) => found(self.get::<Option<&str>>(at)?, |text| text.parse().ok()),
            Row::Postgres(_) => found(self.bytes(at)?, pg::date),
        })
    }

    /// The instant in a column.
    pub(crate) fn time(&self, at: usize) -> Result<Found<Timestamp>, sqlx::Error> {
        Ok(match self {
            Row::Sqlite(_) => found(self.get::<Option<&str>>(at)?, |text| text.parse().ok()),
            Row::Postgres(_) => found(self.bytes(at)?, pg::time),
        })
    }
}

/// What stands in a column that may hold something else.
pub(crate) enum Found<T> {
    Null,
    /// Something that is no such value.
    Other,
    Value(T),
}

/// Reads what is there.
fn found<R, T>(raw: Option<R>, read: impl FnOnce(R) -> Option<T>) -> Found<T> {
    let Some(raw) = raw else { return Found::Null };
    read(raw).map_or(Found::Other, Found::Value)
}
