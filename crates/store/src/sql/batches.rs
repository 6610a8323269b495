//! Imports as the log tells them: a commit with a batch, the note in its reason, and the commit that undid it.

use model::{Code, Fault};

use super::table::reviewed;
use super::{Conn, Row, log_read, query};
use crate::{Batch, ImportNote, StoreError, note_of};

/// Imports are named by a UUID; generated data is not, and cannot be undone.
const NAMED: &str = "c.batch like '________-____-____-____-____________'";

/// Columns read by [`all`]. The first change tells the layer: an import has at least one, all of one layer.
const COLUMNS: &str = "c.seq, c.batch, c.at, c.actor, c.reason, u.seq, u.at, u.actor, \
     (select h.layer from changes h where h.seq = c.seq order by h.n limit 1)";
const FROM: &str = "from commits c left join commits u on u.seq > c.seq and u.batch = 'undo:' || c.batch";

/// The last imports, newest first.
pub(crate) async fn list(conn: &mut Conn, limit: usize) -> Result<Vec<Batch>, StoreError> {
    // What was undone is looked up for the few that are told, not for every commit.
    let text = format!(
        "with c as materialized (select c.* from commits c where {NAMED} order by c.seq desc limit ?), \
         u as materialized (select seq, at, actor, batch from commits where batch like 'undo:%') \
         select {COLUMNS} from c left join u on u.batch = 'undo:' || c.batch order by c.seq desc"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(reviewed(text)).bind(limit).fetch_all(conn).await?;
    all(conn, &rows).await
}

/// One import.
pub(crate) async fn one(conn: &mut Conn, batch: &str) -> Result<Option<Batch>, StoreError> {
    let text = format!("select {COLUMNS} {FROM} where c.batch = ? and {NAMED}");
    let rows = query(reviewed(text)).bind(batch).fetch_all(conn).await?;
    Ok(all(conn, &rows).await?.pop())
}

/// The import that was made under an idempotency key.
pub(crate) async fn of_key(
    conn: &mut Conn,
    actor: &str,
    key: &str,
    fingerprint: &str,
) -> Result<Option<Batch>, StoreError> {
    let Some((seq, found, _)) = log_read::by_key(conn, actor, key).await? else { return Ok(None) };
    let text = format!("select {COLUMNS} {FROM} where c.seq = ? and {NAMED}");
    let rows = query(reviewed(text)).bind(seq).fetch_all(conn).await?;
    let batch = all(conn, &rows).await?.pop().filter(|_| found.as_deref() == Some(fingerprint));
    batch.map(Some).ok_or_else(|| Fault::of(Code::IdempotencyKeyReused).into())
}

/// Names of the fields a commit changed in features that were there.
pub(crate) async fn fields(conn: &mut Conn, seq: i64) -> Result<Vec<String>, StoreError> {
    let rows = query("select distinct fields from changes where seq = ?").bind(seq).fetch_all(conn).await?;
    let mut names: Vec<String> = Vec::new();
    for row in rows {
        let text: &str = row.get(0)?;
        names.extend(log_read::read_fields(text)?);
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

async fn all(conn: &mut Conn, rows: &[Row]) -> Result<Vec<Batch>, StoreError> {
    let mut batches = Vec::with_capacity(rows.len());
    for row in rows {
        let seq = row.get(0)?;
        let reason: Option<&str> = row.get(4)?;
        let note = match note_of(reason) {
            Some(note) => note,
            None => counted(conn, seq).await?,
        };
        let undone: Option<i64> = row.get(5)?;
        let undone = match undone {
            Some(by) => Some((by, log_read::read_at(by, row.get(6)?)?, row.get(7)?)),
            None => None,
        };
        batches.push(Batch {
            batch: row.get(1)?,
            seq,
            at: log_read::read_at(seq, row.get(2)?)?,
            actor: row.get(3)?,
            layer: row.get(8)?,
            note,
            undone,
        });
    }
    Ok(batches)
}

/// What the changes of an import without a note say.
async fn counted(conn: &mut Conn, seq: i64) -> Result<ImportNote, StoreError> {
    let text = "select count(*), count(case when fields = '[\"*\"]' then 1 end) from changes where seq = ?";
    let row = query(text).bind(seq).fetch_one(conn).await?;
    let count = |n: i64| usize::try_from(n).unwrap_or(0);
    let (read, stored) = (count(row.get(0)?), count(row.get(1)?));
    Ok(ImportNote { read, stored, updated: read - stored, ..ImportNote::default() })
}
