//! The log: appending a commit, reading commits and changes.

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use model::{LayerDef, Touched};
use sqlx::Arguments;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::hash::{self, Entry, Hash, Header, Link};
use super::table::reviewed;
use crate::{ALL_FIELDS, Change, Commit, LoggedChange, Op, StoreError, Until};

/// Instants in the log, of one length, so that their texts sort as they do.
const AT: &str = "%Y-%m-%dT%H:%M:%S.%6fZ";

/// How many changes one insertion writes.
const CHUNK: usize = 200;

/// How many changes of one feature are read.
pub(crate) const MOST: i64 = 1000;

/// An instant as the log keeps it.
pub(crate) fn at_text(at: Timestamp) -> String {
    at.strftime(AT).to_string()
}

/// The end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub seq: i64,
    pub hash: Hash,
}

/// What a commit says besides its changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meta {
    pub at: Timestamp,
    pub actor: String,
    pub reason: Option<String>,
    pub batch: Option<String>,
    pub key: Option<String>,
    pub fingerprint: Option<String>,
}

/// A change to be logged.
#[derive(Debug)]
pub(crate) struct NewChange {
    pub layer: String,
    pub fid: i64,
    pub id: Uuid,
    pub op: Op,
    pub fields: Vec<String>,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The whole row, as changed fields.
pub(crate) fn all_fields() -> Vec<String> {
    vec![ALL_FIELDS.to_owned()]
}

/// The end of the log as this transaction sees it.
pub(crate) async fn head(conn: &mut SqliteConnection, site: &[u8; 16]) -> Result<Head, StoreError> {
    let row =
        sqlx::query("select seq, hash from commits order by seq desc limit 1").fetch_optional(conn).await?;
    let Some(row) = row else { return Ok(Head { seq: 0, hash: hash::first(site) }) };
    let hash: &[u8] = row.try_get_unchecked(1)?;
    let hash = hash.try_into().map_err(|_| StoreError::damaged("the head of the log"))?;
    Ok(Head { seq: row.try_get_unchecked(0)?, hash })
}

/// The number of the last commit; 0 when there is none.
pub(crate) async fn head_seq(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("select coalesce(max(seq), 0) from commits").fetch_one(conn).await?)
}

/// Appends a commit inside the caller's transaction. Answers the changes as they stand in the log.
pub(crate) async fn append(
    conn: &mut SqliteConnection,
    head: &mut Head,
    meta: &Meta,
    changes: Vec<NewChange>,
) -> Result<Vec<Change>, StoreError> {
    let seq = head.seq + 1;
    let at = at_text(meta.at);
    let header = Header {
        seq,
        at: at.as_bytes(),
        actor: meta.actor.as_bytes(),
        reason: meta.reason.as_deref().map(str::as_bytes),
        batch: meta.batch.as_deref().map(str::as_bytes),
        key: meta.key.as_deref().map(str::as_bytes),
        fingerprint: meta.fingerprint.as_deref().map(str::as_bytes),
        changes: changes.len() as i64,
    };
    let mut link = Link::new(&head.hash, &header);
    let mut rows = Vec::with_capacity(changes.len());
    for (i, c) in changes.into_iter().enumerate() {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|e| StoreError::NotCommitted(e.to_string()))?;
        let payload = hash::payload(
            &salt,
            c.before.as_deref().map(str::as_bytes),
            c.after.as_deref().map(str::as_bytes),
        );
        let fields = serde_json::to_string(&c.fields).map_err(|e| StoreError::damaged(e.to_string()))?;
        let id = c.id.to_string();
        link.add(&Entry {
            n: i as i64 + 1,
            layer: c.layer.as_bytes(),
            fid: c.fid,
            id: id.as_bytes(),
            op: c.op.as_str().as_bytes(),
            fields: fields.as_bytes(),
            payload_hash: &payload,
        });
        rows.push((c, id, fields, salt, payload));
    }
    let hash = link.finish();
    sqlx::query(
        "insert into commits (seq, at, actor, reason, batch, idempotency_key, fingerprint, prev, hash) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(seq)
    .bind(&at)
    .bind(&meta.actor)
    .bind(&meta.reason)
    .bind(&meta.batch)
    .bind(&meta.key)
    .bind(&meta.fingerprint)
    .bind(&head.hash[..])
    .bind(&hash[..])
    .execute(&mut *conn)
    .await?;
    for (i, chunk) in rows.chunks(CHUNK).enumerate() {
        let mut args = SqliteArguments::default();
        for (k, (c, id, fields, salt, payload)) in chunk.iter().enumerate() {
            bind_change(&mut args, seq, (i * CHUNK + k) as i64 + 1, c, id, fields, salt, payload)
                .map_err(|e| StoreError::Database(sqlx::Error::Encode(e)))?;
        }
        let values = vec!["(?,?,?,?,?,?,?,?,?,?,?)"; chunk.len()].join(",");
        let text = format!(
            "insert into changes (seq, n, layer, fid, id, op, fields, before, after, salt, payload_hash) values {values}"
        );
        sqlx::query_with(reviewed(text), args).execute(&mut *conn).await?;
    }
    *head = Head { seq, hash };
    let logged = rows.into_iter().zip(1..).map(|((c, ..), n)| Change {
        n,
        layer: c.layer,
        fid: c.fid,
        id: c.id,
        op: c.op,
        fields: c.fields,
        before: c.before,
        after: c.after,
        erased: false,
    });
    Ok(logged.collect())
}

#[expect(clippy::too_many_arguments, reason = "one per column")]
fn bind_change(
    args: &mut SqliteArguments,
    seq: i64,
    n: i64,
    c: &NewChange,
    id: &str,
    fields: &str,
    salt: &[u8],
    payload: &Hash,
) -> Result<(), sqlx::error::BoxDynError> {
    args.add(seq)?;
    args.add(n)?;
    args.add(c.layer.as_str())?;
    args.add(c.fid)?;
    args.add(id)?;
    args.add(c.op.as_str())?;
    args.add(fields)?;
    args.add(c.before.as_deref())?;
    args.add(c.after.as_deref())?;
    args.add(salt)?;
    args.add(&payload[..])
}

fn damaged(seq: i64, what: &str) -> StoreError {
    StoreError::damaged(format!("commit {seq}: {what}"))
}

pub(crate) fn read_at(seq: i64, text: &str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|_| damaged(seq, "at"))
}

/// Columns read by [`read_change`], from column 0.
const CHANGE: &str = "h.seq, h.n, h.layer, h.fid, h.id, h.op, h.fields, h.before, h.after, h.salt is null";

fn read_change(row: &SqliteRow) -> Result<(i64, Change), StoreError> {
    let seq: i64 = row.try_get_unchecked(0)?;
    let id: &str = row.try_get_unchecked(4)?;
    let op: &str = row.try_get_unchecked(5)?;
    let fields: &str = row.try_get_unchecked(6)?;
    let change = Change {
        n: row.try_get_unchecked(1)?,
        layer: row.try_get_unchecked(2)?,
        fid: row.try_get_unchecked(3)?,
        id: Uuid::try_parse(id).map_err(|_| damaged(seq, "id"))?,
        op: Op::parse(op).ok_or_else(|| damaged(seq, "op"))?,
        fields: serde_json::from_str(fields).map_err(|_| damaged(seq, "fields"))?,
        before: row.try_get_unchecked(7)?,
        after: row.try_get_unchecked(8)?,
        erased: row.try_get_unchecked(9)?,
    };
    Ok((seq, change))
}

/// Commits after `seq` in their order, at most `limit` of them.
pub(crate) async fn commits_after(
    conn: &mut SqliteConnection,
    seq: i64,
    limit: usize,
) -> Result<Vec<Commit>, StoreError> {
    let rows =
        sqlx::query("select seq, at, actor, reason, batch from commits where seq > ? order by seq limit ?")
            .bind(seq)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *conn)
            .await?;
    let mut commits = Vec::with_capacity(rows.len());
    for row in rows {
        let seq: i64 = row.try_get_unchecked(0)?;
        commits.push(Commit {
            seq,
            at: read_at(seq, row.try_get_unchecked(1)?)?,
            actor: row.try_get_unchecked(2)?,
            reason: row.try_get_unchecked(3)?,
            batch: row.try_get_unchecked(4)?,
            changes: Vec::new(),
        });
    }
    // Commits are appended and never changed: their changes are all there, whenever they are read.
    let Some(last) = commits.last().map(|c| c.seq) else { return Ok(commits) };
    let text = format!("select {CHANGE} from changes h where h.seq > ? and h.seq <= ? order by h.seq, h.n");
    let mut rows = sqlx::query(reviewed(text)).bind(seq).bind(last).fetch(conn);
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
pub(crate) async fn of_commit(conn: &mut SqliteConnection, seq: i64) -> Result<Vec<Change>, StoreError> {
    let text = format!("select {CHANGE} from changes h where h.seq = ? order by h.n");
    let rows = sqlx::query(reviewed(text)).bind(seq).fetch_all(conn).await?;
    rows.iter().map(|row| read_change(row).map(|(_, change)| change)).collect()
}

/// Changes of one feature, newest first.
pub(crate) async fn history(
    conn: &mut SqliteConnection,
    layer: &str,
    id: Uuid,
) -> Result<Vec<LoggedChange>, StoreError> {
    let text = format!(
        "select {CHANGE}, c.at, c.actor, c.reason, c.batch from changes h join commits c on c.seq = h.seq \
         where h.layer = ? and h.id = ? order by h.seq desc, h.n desc limit ?"
    );
    let rows =
        sqlx::query(reviewed(text)).bind(layer).bind(id.to_string()).bind(MOST).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let (seq, change) = read_change(row)?;
            Ok(LoggedChange {
                seq,
                at: read_at(seq, row.try_get_unchecked(10)?)?,
                actor: row.try_get_unchecked(11)?,
                reason: row.try_get_unchecked(12)?,
                batch: row.try_get_unchecked(13)?,
                change,
            })
        })
        .collect()
}

/// The commit made under an idempotency key: its number, fingerprint and first change.
pub(crate) async fn by_key(
    conn: &mut SqliteConnection,
    actor: &str,
    key: &str,
) -> Result<Option<(i64, Option<String>, Option<Change>)>, StoreError> {
    let row = sqlx::query("select seq, fingerprint from commits where actor = ? and idempotency_key = ?")
        .bind(actor)
        .bind(key)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let seq: i64 = row.try_get_unchecked(0)?;
    let text = format!("select {CHANGE} from changes h where h.seq = ? order by h.n limit 1");
    let change = sqlx::query(reviewed(text)).bind(seq).fetch_optional(conn).await?;
    let change = change.map(|row| read_change(&row).map(|(_, change)| change)).transpose()?;
    Ok(Some((seq, row.try_get_unchecked(1)?, change)))
}

/// The commit up to which `until` reads.
pub(crate) async fn resolve(conn: &mut SqliteConnection, until: Until) -> Result<i64, StoreError> {
    match until {
        Until::Seq(seq) => Ok(seq),
        Until::Time(at) => {
            let seq: Option<i64> =
                sqlx::query_scalar("select seq from commits where at <= ? order by seq desc limit 1")
                    .bind(at_text(at))
                    .fetch_optional(conn)
                    .await?;
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
    conn: &mut SqliteConnection,
    def: &LayerDef,
    id: Uuid,
    until: i64,
) -> Result<(Touched, Option<i64>), StoreError> {
    let rows = sqlx::query(
        "select fields, fid from changes where layer = ? and id = ? and seq <= ? order by seq, n",
    )
    .bind(def.id.as_str())
    .bind(id.to_string())
    .bind(until)
    .fetch_all(conn)
    .await?;
    let mut touched = Touched::default();
    let mut fid = None;
    for row in rows {
        let fields: &str = row.try_get_unchecked(0)?;
        count(&mut touched, def, &read_fields(fields)?);
        fid = Some(row.try_get_unchecked(1)?);
    }
    Ok((touched, fid))
}

/// The row numbers of those of these features that the log knows.
pub(crate) async fn numbers(
    conn: &mut SqliteConnection,
    def: &LayerDef,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let encode = |e| StoreError::Database(sqlx::Error::Encode(e));
    let mut all = HashMap::new();
    for some in ids.chunks(CHUNK) {
        let mut args = SqliteArguments::default();
        args.add(def.id.as_str()).map_err(encode)?;
        for id in some {
            args.add(id.to_string()).map_err(encode)?;
        }
        let marks = vec!["?"; some.len()].join(",");
        let text = format!("select id, fid from changes where layer = ? and id in ({marks})");
        for row in sqlx::query_with(reviewed(text), args).fetch_all(&mut *conn).await? {
            let id: &str = row.try_get_unchecked(0)?;
            let id = Uuid::try_parse(id).map_err(|_| StoreError::damaged("changes"))?;
            all.insert(id, row.try_get_unchecked(1)?);
        }
    }
    Ok(all)
}

/// Counts of all features of a layer with more than their first change, up to and with `until`. Every other
/// feature has [`once`].
pub(crate) async fn touched_later(
    conn: &mut SqliteConnection,
    def: &LayerDef,
    until: i64,
) -> Result<BTreeMap<i64, Touched>, StoreError> {
    // The condition is that of the index `changes_later`, which alone is read.
    let mut rows = sqlx::query(
        "select fid, fields from changes indexed by changes_later \
         where layer = ? and seq <= ? and not (op in ('create', 'import') and fields = '[\"*\"]')",
    )
    .bind(def.id.as_str())
    .bind(until)
    .fetch(conn);
    let mut all = BTreeMap::new();
    while let Some(row) = rows.try_next().await? {
        let fid: i64 = row.try_get_unchecked(0)?;
        let fields: &str = row.try_get_unchecked(1)?;
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
