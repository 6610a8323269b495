//! The chain: every commit follows from its predecessor and its content, every change's texts are those hashed.

use std::collections::{BTreeMap, HashMap};

use sqlx::SqlStr;
use uuid::Uuid;

use super::hash::{self, Entry, Hash, Header, Link};
use super::table::reviewed;
use super::verify::{ENOUGH, anchor_agrees, damaged};
use super::{Conn, Dialect, Row, query};
use crate::report::codes;
use crate::{ALL_FIELDS, ATTACHMENTS, LAYERS, Redaction, VerifyReport};

/// How many commits are held at once.
const CHUNK: i64 = 5000;

/// What the log says about one row.
#[derive(Debug, Clone)]
pub(super) struct Last {
    /// Its last commit.
    pub seq: i64,
    /// SHA-256 of the text it left; `None` when the row is gone.
    pub after: Option<Hash>,
}

/// What the log says about all rows.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By layer, then by id (both as they stand in the log).
    pub rows: HashMap<String, HashMap<String, Last>>,
    /// The definitions that hold: text of the layer file by id.
    pub definitions: BTreeMap<String, (i64, String)>,
    /// What was last said of each photo, by its id; `None` when it was erased.
    pub attachments: BTreeMap<String, (i64, Option<String>)>,
}

struct Stored {
    seq: i64,
    at: Vec<u8>,
    actor: Vec<u8>,
    reason: Option<Vec<u8>>,
    batch: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    fingerprint: Option<Vec<u8>>,
    prev: Vec<u8>,
    hash: Vec<u8>,
    types: String,
}

const COMMIT_TYPES: &str = "texttextblobblobtexttexttexttext";
const CHANGE_TYPES: &str = "integertextintegertexttexttextblobtexttextblob";

/// Some commits, read so that no damage to a value keeps it from being read.
fn commits(dialect: Dialect) -> SqlStr {
    let columns = ["at", "actor", "reason", "batch", "idempotency_key", "fingerprint", "prev", "hash"];
    let columns = columns.map(|c| dialect.bytes(c)).join(", ");
    let types = dialect.types(
        "typeof(at)||typeof(actor)||typeof(prev)||typeof(hash)||\
         replace(typeof(reason)||typeof(batch)||typeof(idempotency_key)||typeof(fingerprint),'null','text')",
        COMMIT_TYPES,
    );
    reviewed(format!("select seq, {columns}, {types} from commits where seq > ? order by seq limit ?"))
}

/// The changes of some commits, as [`commits`].
fn changes(dialect: Dialect) -> SqlStr {
    let bytes = |c: &str| dialect.bytes(c);
    let (layer, id, op, fields) = (bytes("layer"), dialect.id_bytes("id"), bytes("op"), bytes("fields"));
    let rest = ["before", "after", "salt", "payload_hash"].map(bytes).join(", ");
    let types = dialect.types(
        "typeof(n)||typeof(layer)||typeof(fid)||typeof(id)||typeof(op)||typeof(fields)||\
         typeof(payload_hash)||replace(typeof(before)||typeof(after),'null','text')||\
         replace(typeof(salt),'null','blob')",
        CHANGE_TYPES,
    );
    reviewed(format!(
        "select seq, n, {layer}, fid, {id}, {op}, {fields}, {rest}, {types} from changes \
         where seq > ? and seq <= ? order by seq, n"
    ))
}

fn stored(row: &Row) -> Result<Stored, sqlx::Error> {
    Ok(Stored {
        seq: row.get(0)?,
        at: owned(row, 1)?.unwrap_or_default(),
        actor: owned(row, 2)?.unwrap_or_default(),
        reason: owned(row, 3)?,
        batch: owned(row, 4)?,
        key: owned(row, 5)?,
        fingerprint: owned(row, 6)?,
        prev: owned(row, 7)?.unwrap_or_default(),
        hash: owned(row, 8)?.unwrap_or_default(),
        types: row.get(9)?,
    })
}

fn owned(row: &Row, at: usize) -> Result<Option<Vec<u8>>, sqlx::Error> {
    Ok(row.bytes(at)?.map(<[u8]>::to_vec))
}

/// State of the walk along the log.
struct Walk<'a> {
    anchored: &'a BTreeMap<i64, Vec<String>>,
    known: &'a mut Known,
    report: &'a mut VerifyReport,
    /// Changes without texts: (seq, layer, id).
    erased: Vec<(i64, String, String)>,
    /// The last erasure of each (layer, id).
    erasures: HashMap<(String, String), i64>,
}

/// Walks along the whole log. `first` is the link before the first commit.
pub(super) async fn run(
    conn: &mut Conn,
    first: Option<Hash>,
    anchored: &BTreeMap<i64, Vec<String>>,
    known: &mut Known,
    report: &mut VerifyReport,
) {
    let mut walk = Walk { anchored, known, report, erased: Vec::new(), erasures: HashMap::new() };
    let mut from = i64::MIN;
    let mut prev = first.map(|h| h.to_vec());
    loop {
        let rows = match query(commits(conn.dialect())).bind(from).bind(CHUNK).fetch_all(conn).await {
            Ok(rows) => rows,
            Err(e) => return damaged(walk.report, Some(walk.report.head + 1), &e.to_string()),
        };
        let mut some = Vec::with_capacity(rows.len());
        for row in &rows {
            match stored(row) {
                Ok(commit) => some.push(commit),
                Err(e) => damaged(walk.report, Some(walk.report.head + 1), &e.to_string()),
            }
        }
        let to = if (rows.len() as i64) < CHUNK { i64::MAX } else { some.last().map_or(i64::MAX, |c| c.seq) };
        for commit in &some {
            walk.sequence(commit, &mut prev);
        }
        if let Err(e) = walk.changes(conn, &some, from, to).await {
            damaged(walk.report, Some(from.max(0) + 1), &e.to_string());
        }
        if to == i64::MAX || walk.report.problems.len() > ENOUGH {
            break;
        }
        from = to;
    }
    let Walk { report, erased, erasures, .. } = walk;
    for (seq, layer, id) in erased {
        if erasures.get(&(layer.clone(), id.clone())).is_none_or(|last| *last < seq) {
            report.add(Some(seq), codes::ERASED_UNLOGGED, format!("{layer} {id}"));
        }
    }
}

impl Walk<'_> {
    /// Numbers without gaps, each naming its predecessor's hash.
    fn sequence(&mut self, commit: &Stored, prev: &mut Option<Vec<u8>>) {
        let expected = self.report.head + 1;
        if commit.seq != expected {
            let detail = format!("after {} comes {}", self.report.head, commit.seq);
            self.report.add(Some(expected), codes::COMMIT_MISSING, detail);
        } else if prev.as_ref().is_some_and(|p| *p != commit.prev) {
            self.report.add(Some(commit.seq), codes::CHAIN_BROKEN, "it does not follow its predecessor");
        }
        if commit.types != COMMIT_TYPES {
            damaged(self.report, Some(commit.seq), "a column of the commit has the wrong type");
        }
        if !anchor_agrees(self.anchored, commit.seq, &commit.hash) {
            self.report.add(Some(commit.seq), codes::CHAIN_BROKEN, "the anchor knows another hash");
        }
        self.report.commits += 1;
        self.report.head = commit.seq;
        *prev = Some(commit.hash.clone());
    }

    /// Reads the changes of some commits, in (`from`, `to`], and closes each commit's hash.
    async fn changes(
        &mut self,
        conn: &mut Conn,
        commits: &[Stored],
        from: i64,
        to: i64,
    ) -> Result<(), sqlx::Error> {
        let mut rows = query(changes(conn.dialect())).bind(from).bind(to).fetch(conn)?;
        let mut pending: Option<Row> = rows.try_next().await?;
        for commit in commits {
            let mut own = Vec::new();
            while let Some(row) = pending.take() {
                let seq: i64 = row.get(0)?;
                if seq > commit.seq {
                    pending = Some(row);
                    break;
                }
                if seq < commit.seq {
                    self.orphan(seq);
                } else {
                    own.push(row);
                }
                pending = rows.try_next().await?;
            }
            self.commit(commit, &own)?;
        }
        while let Some(row) = pending {
            self.orphan(row.get(0)?);
            pending = rows.try_next().await?;
        }
        Ok(())
    }

    fn orphan(&mut self, seq: i64) {
        let last = self.report.problems.last();
        if last.is_none_or(|p| p.seq != Some(seq) || p.code != codes::COMMIT_MISSING) {
            self.report.add(Some(seq), codes::COMMIT_MISSING, "a change without its commit");
        }
    }

    fn commit(&mut self, commit: &Stored, rows: &[Row]) -> Result<(), sqlx::Error> {
        let seq = commit.seq;
        let header = Header {
            seq,
            at: &commit.at,
            actor: &commit.actor,
            reason: commit.reason.as_deref(),
            batch: commit.batch.as_deref(),
            key: commit.key.as_deref(),
            fingerprint: commit.fingerprint.as_deref(),
            changes: rows.len() as i64,
        };
        let mut link = Link::new(&commit.prev, &header);
        for row in rows {
            if row.get::<&str>(11)? != CHANGE_TYPES {
                damaged(self.report, Some(seq), "a column of a change has the wrong type");
            }
            let bytes = |i: usize| -> Result<&[u8], sqlx::Error> { Ok(row.bytes(i)?.unwrap_or_default()) };
            let entry = Entry {
                n: row.get(1)?,
                layer: bytes(2)?,
                fid: row.get(3)?,
                id: bytes(4)?,
                op: bytes(5)?,
                fields: bytes(6)?,
                payload_hash: bytes(10)?,
            };
            link.add(&entry);
            self.change(commit, &entry, row)?;
        }
        if link.finish()[..] != commit.hash[..] {
            self.report.add(Some(seq), codes::CHAIN_BROKEN, "its content is not what was hashed");
        }
        Ok(())
    }

    fn change(&mut self, commit: &Stored, entry: &Entry, row: &Row) -> Result<(), sqlx::Error> {
        let seq = commit.seq;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (layer, id) = (text(entry.layer), text(entry.id));
        let (before, after, salt) = (row.bytes(7)?, row.bytes(8)?, row.bytes(9)?);
        match salt {
            None if before.is_none() && after.is_none() => {
                self.erased.push((seq, layer.clone(), id.clone()));
            }
            salt => {
                let payload = hash::payload(salt.unwrap_or_default(), before, after);
                if payload[..] != *entry.payload_hash {
                    self.report.add(Some(seq), codes::PAYLOAD_MISMATCH, format!("{layer} {id}"));
                }
            }
        }
        if entry.op == b"erase" {
            self.erasures.insert((layer.clone(), id.clone()), seq);
            let fields: Vec<String> = serde_json::from_slice(entry.fields).unwrap_or_default();
            self.report.redacted.push(Redaction {
                seq,
                at: std::str::from_utf8(&commit.at).ok().and_then(|t| t.parse().ok()),
                layer: layer.clone(),
                id: Uuid::try_parse(&id).unwrap_or_default(),
                field: fields.into_iter().find(|f| f != ALL_FIELDS),
                reason: commit.reason.as_deref().map(text),
            });
        }
        if layer == LAYERS {
            self.known.definitions.insert(id, (seq, text(after.unwrap_or_default())));
        } else if layer == ATTACHMENTS {
            self.known.attachments.insert(id, (seq, after.map(text)));
        } else {
            let after = after.map(digest);
            let rows = self.known.rows.entry(layer).or_default();
            rows.insert(id, Last { seq, after });
        }
        Ok(())
    }
}

/// SHA-256 of a text.
pub(super) fn digest(bytes: &[u8]) -> Hash {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).into()
}
