//! Verification: is the file whole, is the log unbroken, are the rows what the log left, does the anchor agree.
//! Nothing read here is trusted, and whatever cannot be read becomes a problem, not a failure.

use std::path::Path;

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::connect::{self, Use};
use super::hash::hex;
use super::{anchor, verify_log, verify_rows};
use crate::report::codes;
use crate::{StoreError, VerifyReport};

/// How many sentences of SQLite about a damaged file are passed on.
const SENTENCES: usize = 5;

/// Checks the site at `path` against its own log and against the anchor (beside it when none is named).
pub(crate) async fn run(path: &Path, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let mut report = VerifyReport::default();
    match connect::connect(path, Use::ReadOnly).await {
        Ok(mut conn) => check(&mut conn, &mut report, path, anchor).await,
        Err(e @ (StoreError::Sqlite { .. } | StoreError::Busy { .. })) => return Err(e),
        Err(e) => report.add(None, codes::FILE_DAMAGED, e.to_string()),
    }
    report.ok = report.problems.is_empty();
    Ok(report)
}

async fn check(conn: &mut SqliteConnection, report: &mut VerifyReport, path: &Path, anchor: Option<&Path>) {
    // One transaction: everything is compared as of one moment.
    if let Err(e) = sqlx::query("begin").execute(&mut *conn).await {
        report.add(None, codes::FILE_DAMAGED, e.to_string());
        return;
    }
    if let Err(e) = integrity(conn, report).await {
        report.add(None, codes::FILE_DAMAGED, e.to_string());
    }
    let log = verify_log::read(conn, report).await;
    verify_rows::check(conn, report, &log).await;
    let beside = anchor::path_of(path);
    let file = anchor.unwrap_or(&beside);
    if anchor.is_some() || file.exists() {
        check_anchor(file, report, &log.hashes);
    }
}

async fn integrity(conn: &mut SqliteConnection, report: &mut VerifyReport) -> Result<(), sqlx::Error> {
    let rows = sqlx::query("pragma integrity_check(20)").fetch_all(&mut *conn).await?;
    let said = rows.iter().map(|r| r.try_get_unchecked::<String, _>(0).unwrap_or_else(|e| e.to_string()));
    for sentence in said.filter(|s| s != "ok").take(SENTENCES) {
        report.add(None, codes::FILE_DAMAGED, sentence);
    }
    Ok(())
}

fn check_anchor(file: &Path, report: &mut VerifyReport, hashes: &[(i64, Vec<u8>)]) {
    let lines = match anchor::read(file) {
        Ok(lines) => lines,
        Err(e) => {
            report.add(None, codes::ANCHOR_DAMAGED, e.to_string());
            return;
        }
    };
    report.anchored = Some(lines.len());
    let mut beyond = 0;
    for (i, line) in lines.iter().enumerate() {
        let Some(line) = line else {
            report.add(None, codes::ANCHOR_DAMAGED, format!("line {} of the anchor cannot be read", i + 1));
            continue;
        };
        match hashes.binary_search_by_key(&line.seq, |(seq, _)| *seq) {
            Ok(at) if hex(&hashes[at].1) == line.hash => {}
            Ok(_) => report.add(
                Some(line.seq),
                codes::CHAIN_BROKEN,
                format!("the anchor knows commit {} with another hash", line.seq),
            ),
            Err(_) => beyond = beyond.max(line.seq),
        }
    }
    if beyond > report.head {
        let detail = format!("the anchor knows commit {beyond}, the log ends at {}", report.head);
        report.add(Some(report.head + 1), codes::LOG_TRUNCATED, detail);
    }
}
