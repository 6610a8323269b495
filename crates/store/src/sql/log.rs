//! The log: its end, and appending a commit to it.

use jiff::Timestamp;
use sqlx::SqlSafeStr as _;
use uuid::Uuid;

use super::hash::{self, Entry, Hash, Header, Link};
use super::table::reviewed;
use super::{Arg, Conn, Dialect, batch, query};
use crate::postgis::copy;
use crate::{ALL_FIELDS, Change, Op, StoreError};

/// Instants in the log, of one length, so that their texts sort as they do.
const AT: &str = "%Y-%m-%dT%H:%M:%S.%6fZ";

/// How many changes one insertion writes.
const CHUNK: usize = 200;

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
pub(crate) async fn head(conn: &mut Conn, site: &[u8; 16]) -> Result<Head, StoreError> {
    let row = query("select seq, hash from commits order by seq desc limit 1").fetch_optional(conn).await?;
    let Some(row) = row else { return Ok(Head { seq: 0, hash: hash::first(site) }) };
    let hash: &[u8] = row.get(1)?;
    let hash = hash.try_into().map_err(|_| StoreError::damaged("the head of the log"))?;
    Ok(Head { seq: row.get(0)?, hash })
}

/// The number of the last commit; 0 when there is none.
pub(crate) async fn head_seq(conn: &mut Conn) -> Result<i64, StoreError> {
    Ok(query("select coalesce(max(seq), 0) from commits").scalar(conn).await?.unwrap_or(0))
}

/// Appends a commit inside the caller's transaction. Answers the changes as they stand in the log.
pub(crate) async fn append(
    conn: &mut Conn,
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
        rows.push((c, fields, salt, payload));
    }
    let hash = link.finish();
    let columns = "seq, n, layer, fid, id, op, fields, before, after, salt, payload_hash";
    let values = |i: usize| {
        let (c, fields, salt, payload) = &rows[i];
        [
            Arg::Int(seq),
            Arg::Int(i as i64 + 1),
            c.layer.as_str().into(),
            Arg::Int(c.fid),
            Arg::Uuid(c.id),
            c.op.as_str().into(),
            fields.into(),
            c.before.as_deref().into(),
            c.after.as_deref().into(),
            salt[..].into(),
            payload[..].into(),
        ]
    };
    let commit = "insert into commits (seq, at, actor, reason, batch, idempotency_key, fingerprint, prev, hash) \
                  values (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let mut args: Vec<Arg> = vec![
        Arg::Int(seq),
        at.into(),
        meta.actor.as_str().into(),
        (&meta.reason).into(),
        (&meta.batch).into(),
        (&meta.key).into(),
        (&meta.fingerprint).into(),
        head.hash[..].into(),
        hash[..].into(),
    ];
    let insertion = |rows: usize| {
        let marks = vec!["(?,?,?,?,?,?,?,?,?,?,?)"; rows].join(",");
        format!("insert into changes ({columns}) values {marks}")
    };
    let few = (1..copy::WORTH).contains(&rows.len());
    if few && conn.dialect() == Dialect::Postgres {
        // Asked together: half of what a small commit costs is waiting for answers.
        args.extend((0..rows.len()).flat_map(values));
        let text = format!("with made as ({commit}) {}", insertion(rows.len()));
        batch(reviewed(text), args).execute(conn).await?;
    } else {
        batch(commit.into_sql_str(), args).execute(conn).await?;
        if let Some(pg) = conn.postgres() {
            let target = format!("changes ({columns})");
            copy::stream(pg, &target, rows.len(), |i, out| {
                out.extend(values(i));
                Ok(())
            })
            .await?;
        } else {
            for from in (0..rows.len()).step_by(CHUNK) {
                let to = rows.len().min(from + CHUNK);
                let args = (from..to).flat_map(values).collect();
                batch(reviewed(insertion(to - from)), args).execute(conn).await?;
            }
        }
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
