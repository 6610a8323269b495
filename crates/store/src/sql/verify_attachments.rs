//! The photos against the log and against themselves: the bytes of each have its hash, the log knows it, and whatever
//! a row cites is there.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::attachment::id_of;
use super::hash::hex;
use super::table::reviewed;
use super::verify::damaged;
use super::verify_log::{Known, digest};
use super::verify_rows::Cited;
use super::{Conn, Row, query};
use crate::VerifyReport;
use crate::report::codes;

/// The types of the columns that have any.
const TYPES: &str = "texttextblob";

/// Checks every photo, and that every one that is `cited` is there.
pub(super) async fn run(conn: &mut Conn, known: &Known, cited: &Cited, report: &mut VerifyReport) {
    match photos(conn, known, report).await {
        Err(e) => damaged(report, None, &format!("attachments: {e}")),
        Ok(there) => {
            for (sha256, (row, seq)) in cited.iter().filter(|(sha256, _)| !there.contains(*sha256)) {
                report.add(Some(*seq), codes::CITED_MISSING, format!("{row} cites {sha256}"));
            }
        }
    }
}

/// Answers the hashes of the photos that are there.
async fn photos(
    conn: &mut Conn,
    known: &Known,
    report: &mut VerifyReport,
) -> Result<BTreeSet<String>, sqlx::Error> {
    let mut there = BTreeSet::new();
    let mut seen = BTreeSet::new();
    // One photo at a time is held.
    let dialect = conn.dialect();
    let [sha256, media_type, content] = ["sha256", "media_type", "content"].map(|c| dialect.bytes(c));
    let types = dialect.types("typeof(sha256)||typeof(media_type)||typeof(content)", TYPES);
    let statement = format!("select {sha256}, {media_type}, bytes, {content}, seq, {types} from attachments");
    let mut rows = query(reviewed(statement)).fetch(conn)?;
    while let Some(row) = rows.try_next().await? {
        let sha256 = text(&row, 0)?;
        let Some(id) = id_of(&sha256).map(|id| id.to_string()) else {
            report.add(None, codes::ATTACHMENT_UNLOGGED, "a photo without a hash");
            continue;
        };
        match known.attachments.get(&id) {
            Some((seq, Some(logged))) => {
                if !agrees(&row, &sha256, *seq, logged)? {
                    report.add(Some(*seq), codes::ATTACHMENT_DIFFERS, sha256.clone());
                }
            }
            Some((seq, None)) => report.add(Some(*seq), codes::ATTACHMENT_UNLOGGED, sha256.clone()),
            None => report.add(None, codes::ATTACHMENT_UNLOGGED, sha256.clone()),
        }
        seen.insert(id);
        there.insert(sha256);
    }
    for (id, (seq, logged)) in &known.attachments {
        if logged.is_some() && !seen.contains(id) {
            report.add(Some(*seq), codes::ATTACHMENT_MISSING, id.clone());
        }
    }
    Ok(there)
}

/// Whether a row is what the log says, and its bytes have its hash.
fn agrees(row: &Row, sha256: &str, seq: i64, logged: &str) -> Result<bool, sqlx::Error> {
    let content: &[u8] = row.bytes(3)?.unwrap_or_default();
    let said: Json = serde_json::from_str(logged).unwrap_or_default();
    let types: &str = row.get(5)?;
    Ok(types == TYPES
        && said["sha256"] == sha256
        && said["media_type"] == text(row, 1)?.as_str()
        && said["bytes"] == row.get::<i64>(2)?
        && content.len() as i64 == row.get::<i64>(2)?
        && row.get::<i64>(4)? == seq
        && hex(&digest(content)) == sha256)
}

fn text(row: &Row, i: usize) -> Result<String, sqlx::Error> {
    Ok(String::from_utf8_lossy(row.bytes(i)?.unwrap_or_default()).into_owned())
}
