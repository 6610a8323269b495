//! A statement with its values, run on either database.

use std::fmt::Write as _;

use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Executor as _, SqlSafeStr, SqlStr};

use super::conn::Raw;
use super::{Arg, Conn, Row, arg};

/// A statement and the values bound to it.
pub(crate) struct Query {
    text: SqlStr,
    args: Vec<Arg>,
}

/// A statement: `?` stands for the next value, `?2` for the second.
pub(crate) fn query(text: impl SqlSafeStr) -> Query {
    Query { text: text.into_sql_str(), args: Vec::new() }
}

/// A statement with many values.
pub(crate) fn batch(text: SqlStr, args: Vec<Arg>) -> Query {
    Query { text, args }
}

/// Runs statements that have no values, one after the other.
pub(crate) async fn run(conn: &mut Conn, text: impl SqlSafeStr) -> Result<(), sqlx::Error> {
    match conn.raw() {
        Raw::Sqlite(conn) => conn.execute(sqlx::raw_sql(text)).await.map(drop),
        Raw::Postgres(conn) => conn.execute(sqlx::raw_sql(text)).await.map(drop),
    }
}

impl Query {
    /// Binds the next value.
    pub(crate) fn bind(mut self, value: impl Into<Arg>) -> Query {
        self.args.push(value.into());
        self
    }

    /// Runs it; answers how many rows it touched.
    pub(crate) async fn execute(self, conn: &mut Conn) -> Result<u64, sqlx::Error> {
        match conn.raw() {
            Raw::Sqlite(conn) => {
                let args = arg::sqlite(self.args)?;
                sqlx::query_with(self.text, args).execute(conn).await.map(|done| done.rows_affected())
            }
            Raw::Postgres(conn) => {
                let args = arg::postgres(&self.args)?;
                let text = numbered(&self.text);
                sqlx::query_with(text, args).execute(conn).await.map(|done| done.rows_affected())
            }
        }
    }

    /// The rows, one after the other.
    pub(crate) fn fetch(self, conn: &mut Conn) -> Result<Rows<'_>, sqlx::Error> {
        Ok(match conn.raw() {
            Raw::Sqlite(conn) => {
                Rows::Sqlite(sqlx::query_with(self.text, arg::sqlite(self.args)?).fetch(conn))
            }
            Raw::Postgres(conn) => {
                let args = arg::postgres(&self.args)?;
                Rows::Postgres(sqlx::query_with(numbered(&self.text), args).fetch(conn))
            }
        })
    }

    /// All rows at once.
    pub(crate) async fn fetch_all(self, conn: &mut Conn) -> Result<Vec<Row>, sqlx::Error> {
        let mut rows = self.fetch(conn)?;
        let mut all = Vec::new();
        while let Some(row) = rows.try_next().await? {
            all.push(row);
        }
        Ok(all)
    }

    /// The first row.
    pub(crate) async fn fetch_optional(self, conn: &mut Conn) -> Result<Option<Row>, sqlx::Error> {
        match conn.raw() {
            Raw::Sqlite(conn) => {
                let args = arg::sqlite(self.args)?;
                Ok(sqlx::query_with(self.text, args).fetch_optional(conn).await?.map(Row::Sqlite))
            }
            Raw::Postgres(conn) => {
                let args = arg::postgres(&self.args)?;
                let text = numbered(&self.text);
                Ok(sqlx::query_with(text, args).fetch_optional(conn).await?.map(Row::Postgres))
            }
        }
    }

    /// The first column of the first row.
    pub(crate) async fn scalar<T>(self, conn: &mut Conn) -> Result<Option<T>, sqlx::Error>
    where
        T: for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>,
    {
        self.fetch_optional(conn).await?.map(|row| row.get(0)).transpose()
    }

    /// The first row, which there is.
    pub(crate) async fn fetch_one(self, conn: &mut Conn) -> Result<Row, sqlx::Error> {
        self.fetch_optional(conn).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

/// Rows as they come.
pub(crate) enum Rows<'c> {
    Sqlite(BoxStream<'c, Result<SqliteRow, sqlx::Error>>),
    Postgres(BoxStream<'c, Result<PgRow, sqlx::Error>>),
}

impl Rows<'_> {
    /// The next row.
    pub(crate) async fn try_next(&mut self) -> Result<Option<Row>, sqlx::Error> {
        match self {
            Rows::Sqlite(rows) => Ok(rows.try_next().await?.map(Row::Sqlite)),
            Rows::Postgres(rows) => Ok(rows.try_next().await?.map(Row::Postgres)),
        }
    }
}

/// The statement with PostgreSQL's numbers for values. What stands between quotes is left alone.
fn numbered(text: &SqlStr) -> SqlStr {
    let text = text.as_str();
    let mut out = String::with_capacity(text.len() + text.len() / 8 + 8);
    let (mut quote, mut last) = (None, 0);
    let mut chars = text.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            out.push(c);
        } else if c == '?' {
            let mut number = 0;
            while let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(10)) {
                number = number * 10 + digit as usize;
                chars.next();
            }
            if number == 0 {
                number = last + 1;
            }
            last = last.max(number);
            let _ = write!(out, "${number}");
        } else {
            if matches!(c, '\'' | '"') {
                quote = Some(c);
            }
            out.push(c);
        }
    }
    // Only the marks of values were rewritten, and those only to numbers.
    AssertSqlSafe(out).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &'static str, expected: &str) {
        assert_eq!(numbered(&text.into_sql_str()).as_str(), expected);
    }

    #[test]
    fn values_are_numbered_and_quotes_left_alone() {
        check("select 1", "select 1");
        check("a = ? and b in (?,?)", "a = $1 and b in ($2,$3)");
        check("a = ?1 and b <= ?2 and c = ?1 limit ?3", "a = $1 and b <= $2 and c = $1 limit $3");
        check(
            "\"wh\"\"y?\" = ? and c = 'it''s ?' and d = ?",
            "\"wh\"\"y?\" = $1 and c = 'it''s ?' and d = $2",
        );
        check("\"tên?\"=?", "\"tên?\"=$1");
    }
}
