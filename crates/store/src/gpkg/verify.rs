//! Checking a site: the file, the chain of the log, the anchor, that every row is what its last change left, and that
//! every photo is what its hash says.
//!
//! It has to survive any damage: columns are read as bytes, and whatever the database answers becomes a problem in
//! the report, not a failure.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row as _};

use super::connect::{self, Use};
use super::hash::{self, hex};
use super::verify_log::{self, Known};
use super::{anchor, verify_attachments, verify_rows};
use crate::report::codes;
use crate::{StoreError, VerifyReport};

/// More problems than this say no more.
pub(super) const ENOUGH: usize = 1000;

/// Checks the site at `path` against `anchor`, or against the anchor beside it when there is one.
///
/// # Errors
/// Only when the file, or the named anchor, cannot be opened at all.
pub(crate) async fn run(path: &Path, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let mut report = VerifyReport::default();
    // Before the log: a live store may append to both while we read.
    let anchored = read_anchor(path, anchor, &mut report)?;
    match connect::connect(path, Use::ReadOnly).await {
        Ok(mut conn) => {
            whole(&mut conn, &anchored, &mut report).await;
            // A connection that is only dropped may hold the file a moment longer.
            let _ = conn.close().await;
        }
        // That it cannot be opened here (14: no rights to the folder) says nothing about the file.
        Err(StoreError::Database(e)) if StoreError::code(&e) != Some(14) => {
            damaged(&mut report, None, &e.to_string());
        }
        Err(e) => return Err(e),
    }
    report.problems.truncate(ENOUGH);
    report.ok = report.problems.is_empty();
    Ok(report)
}

/// Notes that the database could not be read.
pub(super) fn damaged(report: &mut VerifyReport, seq: Option<i64>, what: &str) {
    report.add(seq, codes::FILE_DAMAGED, what);
}

type Anchored = BTreeMap<i64, Vec<String>>;

fn read_anchor(path: &Path, named: Option<&Path>, report: &mut VerifyReport) -> Result<Anchored, StoreError> {
    let beside = anchor::path_of(path);
    let file = named.unwrap_or(&beside);
    let mut all = Anchored::new();
    if named.is_none() && !file.exists() {
        return Ok(all);
    }
    let lines = anchor::read(file)?;
    report.anchored = Some(lines.len());
    for (i, line) in lines.into_iter().enumerate() {
        match line {
            Some(line) => all.entry(line.seq).or_default().push(line.hash),
            None => report.add(None, codes::ANCHOR_DAMAGED, format!("line {} of the anchor", i + 1)),
        }
    }
    Ok(all)
}

async fn whole(conn: &mut SqliteConnection, anchored: &Anchored, report: &mut VerifyReport) {
    if let Err(e) = sqlx::query("begin").execute(&mut *conn).await {
        return damaged(report, None, &e.to_string());
    }
    integrity(conn, report).await;
    let first = match site(conn).await {
        Ok(id) => Some(hash::first(&id)),
        Err(e) => {
            damaged(report, None, &format!("site: {e}"));
            None
        }
    };
    let mut known = Known::default();
    verify_log::run(conn, first, anchored, &mut known, report).await;
    against_anchor(anchored, report);
    let cited = verify_rows::run(conn, &known, report).await;
    verify_attachments::run(conn, &known, &cited, report).await;
}

async fn integrity(conn: &mut SqliteConnection, report: &mut VerifyReport) {
    match sqlx::query("pragma integrity_check(100)").fetch_all(&mut *conn).await {
        Ok(rows) => {
            for row in rows {
                let text = row.try_get_unchecked::<&str, _>(0).unwrap_or("unreadable");
                if text != "ok" {
                    damaged(report, None, text);
                }
            }
        }
        Err(e) => damaged(report, None, &e.to_string()),
    }
}

async fn site(conn: &mut SqliteConnection) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query("select cast(id as blob) from site").fetch_one(conn).await?.try_get_unchecked(0)
}

/// Lines beyond the end of the log. (Lines within it are compared while the log is read.)
fn against_anchor(anchored: &Anchored, report: &mut VerifyReport) {
    if let Some((last, _)) = anchored.last_key_value()
        && *last > report.head
    {
        let detail = format!("the log ends with {}, the anchor knows {last}", report.head);
        report.add(Some(report.head + 1), codes::LOG_TRUNCATED, detail);
    }
}

/// Compares a commit's hash with what the anchor knows of it.
pub(super) fn anchor_agrees(anchored: &Anchored, seq: i64, hash: &[u8]) -> bool {
    anchored.get(&seq).is_none_or(|all| {
        let hash = hex(hash);
        all.iter().all(|known| *known == hash)
    })
}
