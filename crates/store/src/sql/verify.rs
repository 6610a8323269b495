//! Checking a site: the chain of the log, the anchor, that every row is what its last change left, and that
//! every photo is what its hash says.
//!
//! It has to survive any damage: columns are read as bytes, and whatever the database answers becomes a problem in
//! the report, not a failure.

use std::collections::BTreeMap;
use std::path::Path;

use super::hash::{self, hex};
use super::table::reviewed;
use super::verify_log::{self, Known};
use super::{Conn, Dialect, anchor, query, run as run_text, verify_attachments, verify_rows};
use crate::report::codes;
use crate::{StoreError, VerifyReport};

/// More problems than this say no more.
pub(super) const ENOUGH: usize = 1000;

/// Checks the site behind `conn`, whose anchor, if any, says `anchored`, and closes the connection.
pub(crate) async fn run(mut conn: Conn, anchored: &Anchored, mut report: VerifyReport) -> VerifyReport {
    whole(&mut conn, anchored, &mut report).await;
    // A connection that is only dropped may hold a file a moment longer.
    let _ = conn.close().await;
    finished(report)
}

/// The report, when everything was looked at.
pub(crate) fn finished(mut report: VerifyReport) -> VerifyReport {
    report.problems.truncate(ENOUGH);
    report.ok = report.problems.is_empty();
    report
}

/// Notes that the database could not be read.
pub(crate) fn damaged(report: &mut VerifyReport, seq: Option<i64>, what: &str) {
    report.add(seq, codes::FILE_DAMAGED, what);
}

/// Hashes by the number of their commit.
pub(crate) type Anchored = BTreeMap<i64, Vec<String>>;

/// The lines of the anchor `named`, or of the one `beside` the store when there is one.
///
/// # Errors
/// Only when an anchor that was named cannot be read.
pub(crate) fn read_anchor(
    beside: Option<&Path>,
    named: Option<&Path>,
    report: &mut VerifyReport,
) -> Result<Anchored, StoreError> {
    let mut all = Anchored::new();
    let Some(file) = named.or(beside.filter(|file| file.exists())) else { return Ok(all) };
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

async fn whole(conn: &mut Conn, anchored: &Anchored, report: &mut VerifyReport) {
    // One moment, whoever writes meanwhile.
    let begin = match conn.dialect() {
        Dialect::Sqlite => "begin",
        Dialect::Postgres => "begin isolation level repeatable read read only",
    };
    if let Err(e) = run_text(conn, begin).await {
        return damaged(report, None, &e.to_string());
    }
    if conn.dialect() == Dialect::Sqlite {
        integrity(conn, report).await;
    }
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
    if conn.dialect() == Dialect::Postgres
        && let Err(e) = against_head(conn, report).await
    {
        damaged(report, None, &format!("head: {e}"));
    }
    let cited = verify_rows::run(conn, &known, report).await;
    verify_attachments::run(conn, &known, &cited, report).await;
}

async fn integrity(conn: &mut Conn, report: &mut VerifyReport) {
    match query("pragma integrity_check(100)").fetch_all(conn).await {
        Ok(rows) => {
            for row in rows {
                let text = row.get::<&str>(0).unwrap_or("unreadable");
                if text != "ok" {
                    damaged(report, None, text);
                }
            }
        }
        Err(e) => damaged(report, None, &e.to_string()),
    }
}

async fn site(conn: &mut Conn) -> Result<Vec<u8>, sqlx::Error> {
    let text = format!("select {} from site", conn.dialect().bytes("id"));
    let row = query(reviewed(text)).fetch_one(conn).await?;
    Ok(row.bytes(0)?.unwrap_or_default().to_vec())
}

/// The row by which writers take turns names the last commit: a log that was cut off at its end ends before it.
async fn against_head(conn: &mut Conn, report: &mut VerifyReport) -> Result<(), sqlx::Error> {
    let text = "select h.seq, c.seq is not null and c.hash = h.hash from head h left join commits c on c.seq = h.seq";
    let Some(row) = query(text).fetch_optional(conn).await? else {
        damaged(report, None, "the row that names the head is missing");
        return Ok(());
    };
    let (head, same): (i64, Option<bool>) = (row.get(0)?, row.get(1)?);
    if head > report.head {
        let detail = format!("the log ends with {}, its head was {head}", report.head);
        report.add(Some(report.head + 1), codes::LOG_TRUNCATED, detail);
    } else if head < report.head || (head > 0 && same != Some(true)) {
        report.add(Some(head), codes::CHAIN_BROKEN, "the row that names the head knows another");
    }
    Ok(())
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
