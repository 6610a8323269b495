//! Reading the log: commits and their changes, the history of a feature, how often each was touched.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use model::{LayerDef, Touched};
use uuid::Uuid;

use super::log::at_text;
use super::table::reviewed;
use super::{Arg, Conn, Row, batch, query};
use crate::{ALL_FIELDS, Change, Commit, LoggedChange, Op, StoreError, Until};

/// How many changes of one feature are read.
pub(crate) const MOST: i64 = 1000;

/// How many features are looked up at once.
const CHUNK: usize = 200;

fn damaged(seq: i64, what: &str) -> StoreError {
    StoreError::damaged(format!("commit {seq}: {what}"))
}

pub(crate) fn read_at(seq: i64, text: &str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|_| damaged(seq, "at"))
}

/// Columns read by [`read_change`], from column 0.
const CHANGE: &str = "h.seq, h.n, h.layer, h.fid, h.id, h.op, h.fields, h.before, h.after, h.salt is null";

fn read_change(row: &Row) -> Result<(i64, Change), StoreError> {
    let seq: i64 = row.get(0)?;
    let op: &str = row.get(5)?;
    let fields: &str = row.get(6)?;
    let change = Change {
        n: row.get(1)?,
        layer: row.get(2)?,
        fid: row.get(3)?,
        id: row.uuid(4)?.ok_or_else(|| damaged(seq, "id"))?,
        op: Op::parse(op).ok_or_else(|| damaged(seq, "op"))?,
        fields: serde_json::from_str(fields).map_err(|_| damaged(seq, "fields"))?,
        before: row.get(7)?,
        after: row.get(8)?,
        erased: row.get(9)?,
    };
    Ok((seq, change))
}

/// Commits after `seq` in their order, at most `limit` of them.
pub(crate) async fn commits_after(
    conn: &mut Conn,
    seq: i64,
    limit: usize,
) -> Result<Vec<Commit>, StoreError> {
    let rows = query("select seq, at, actor, reason, batch from commits where seq > ? order by seq limit ?")
        .bind(seq)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(conn)
        .await?;
    let mut commits = Vec::with_capacity(rows.len());
    for row in rows {
        let seq: i64 = row.get(0)?;
        commits.push(Commit {
            seq,
            at: read_at(seq, row.get(1)?)?,
            actor: row.get(2)?,
            reason: row.get(3)?,
            batch: row.get(4)?,
            changes: Vec::new(),
        });
    }
    // Commits are appended and never changed: their changes are all there, whenever they are read.
    let Some(last) = commits.last().map(|c| c.seq) else { return Ok(commits) };
    let text = format!("select {CHANGE} from changes h where h.seq > ? and h.seq <= ? order by h.seq, h.n");
    let mut rows = query(reviewed(text)).bind(seq).bind(last).fetch(conn)?;
    let mut i = 0;
    while let Some(row) = rows.try_next().await? {
        let (seq, change) = read_change(&row)?;
        while commits.get(i).is_some_and(|c| c.seq < seq) {
            i += 1;
        }
        let commit = commits.get_mut(i).filter(|c| c.seq == seq).ok_or_else(|| damaged(seq, "missing"))?;
        commit.changes.push(change);
    }
    Ok(commits)
}

/// The changes of one commit, in their order.
pub(crate) async fn of_commit(conn: &mut Conn, seq: i64) -> Result<Vec<Change>, StoreError> {
    let text = format!("select {CHANGE} from changes h where h.seq = ? order by h.n");
    let rows = query(reviewed(text)).bind(seq).fetch_all(conn).await?;
    rows.iter().map(|row| read_change(row).map(|(_, change)| change)).collect()
}

/// Changes of one feature, newest first.
pub(crate) async fn history(conn: &mut Conn, layer: &str, id: Uuid) -> Result<Vec<LoggedChange>, StoreError> {
    let text = format!(
        "select {CHANGE}, c.at, c.actor, c.reason, c.batch from changes h join commits c on c.seq = h.seq \
         where h.layer = ? and h.id = ? order by h.seq desc, h.n desc limit ?"
    );
    let rows = query(reviewed(text)).bind(layer).bind(id).bind(MOST).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let (seq, change) = read_change(row)?;
            Ok(LoggedChange {
                seq,
                at: read_at(seq, row.get(10)?)?,
                actor: row.get(11)?,
                reason: row.get(12)?,
                batch: row.get(13)?,
                change,
            })
        })
        .collect()
}

/// The commit made under an idempotency key: its number, fingerprint and first change.
pub(crate) async fn by_key(
    conn: &mut Conn,
    actor: &str,
    key: &str,
) -> Result<Option<(i64, Option<String>, Option<Change>)>, StoreError> {
    let row = query("select seq, fingerprint from commits where actor = ? and idempotency_key = ?")
        .bind(actor)
        .bind(key)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let seq: i64 = row.get(0)?;
    let text = format!("select {CHANGE} from changes h where h.seq = ? order by h.n limit 1");
    let change = query(reviewed(text)).bind(seq).fetch_optional(conn).await?;
    let change = change.map(|row| read_change(&row).map(|(_, change)| change)).transpose()?;
    Ok(Some((seq, row.get(1)?, change)))
}

/// The commit up to which `until` reads.
pub(crate) async fn resolve(conn: &mut Conn, until: Until) -> Result<i64, StoreError> {
    match until {
        Until::Seq(seq) => Ok(seq),
        Until::Time(at) => {
            let text = "select seq from commits where at <= ? order by seq desc limit 1";
            let seq: Option<i64> = query(text).bind(at_text(at)).scalar(conn).await?;
            Ok(seq.unwrap_or(0))
        }
    }
}

/// Counts one change.
pub(crate) fn count(touched: &mut Touched, def: &LayerDef, fields: &[String]) {
    if fields.iter().any(|f| f == ALL_FIELDS) {
        touched.count_all();
    } else {
        touched.count(def, fields);
    }
}

/// How many changes each role saw of one feature, up to and with `until`; and its row number, when it ever had one.
pub(crate) async fn touched(
    conn: &mut Conn,
    def: &LayerDef,
    id: Uuid,
    until: i64,
) -> Result<(Touched, Option<i64>), StoreError> {
    let rows =
        query("select fields, fid from changes where layer = ? and id = ? and seq <= ? order by seq, n")
            .bind(def.id.as_str())
            .bind(id)
            .bind(until)
            .fetch_all(conn)
            .await?;
    let mut touched = Touched::default();
    let mut fid = None;
    for row in rows {
        let fields: &str = row.get(0)?;
        count(&mut touched, def, &read_fields(fields)?);
        fid = Some(row.get(1)?);
    }
    Ok((touched, fid))
}

/// The row numbers of those of these features that the log knows.
pub(crate) async fn numbers(
    conn: &mut Conn,
    def: &LayerDef,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let mut all = HashMap::new();
    for some in ids.chunks(CHUNK) {
        let mut args = vec![Arg::from(def.id.as_str())];
        args.extend(some.iter().map(|id| Arg::Uuid(*id)));
        let marks = vec!["?"; some.len()].join(",");
        let text = format!("select id, fid from changes where layer = ? and id in ({marks})");
        for row in batch(reviewed(text), args).fetch_all(conn).await? {
            all.insert(row.uuid(0)?.ok_or_else(|| StoreError::damaged("changes"))?, row.get(1)?);
        }
    }
    Ok(all)
}

/// Counts of all features of a layer with more than their first change, up to and with `until`. Every other
/// feature has [`once`].
pub(crate) async fn touched_later(
    conn: &mut Conn,
    def: &LayerDef,
    until: i64,
) -> Result<BTreeMap<i64, Touched>, StoreError> {
    // The condition is that of the index `changes_later`, which alone is read.
    let text = format!(
        "select fid, fields from {} \
         where layer = ? and seq <= ? and not (op in ('create', 'import') and fields = '[\"*\"]')",
        conn.dialect().changes_later()
    );
    let mut rows = query(reviewed(text)).bind(def.id.as_str()).bind(until).fetch(conn)?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.try_next().await? {
        let fid: i64 = row.get(0)?;
        let fields: &str = row.get(1)?;
        count(all.entry(fid).or_insert_with(once), def, &read_fields(fields)?);
    }
    Ok(all)
}

/// The count of a feature that was made and not touched since.
pub(crate) fn once() -> Touched {
    let mut touched = Touched::default();
    touched.count_all();
    touched
}

pub(crate) fn read_fields(text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged("changed fields"))
}
