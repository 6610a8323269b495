//! The log checked against itself: numbers without gaps, every hash from its content and its predecessor, every
//! text as it was hashed, and nothing erased but by a logged erasure.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::TryStreamExt;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::hash::{self, Entry, Header, Link};
use crate::report::codes;
use crate::{Redaction, VerifyReport};

/// What the log says, for the rows to be compared with.
#[derive(Default)]
pub(crate) struct Log {
    /// Every commit's number and stored hash, ascending.
    pub hashes: Vec<(i64, Vec<u8>)>,
    /// The last change of every feature: its commit and the row it left.
    pub last: HashMap<(String, String), Last>,
}

/// What a feature's last change left.
pub(crate) struct Last {
    pub seq: i64,
    pub fid: i64,
    pub after: Option<String>,
}

type Bytes = Option<Vec<u8>>;

/// A change as stored, texts as bytes: they may be anything.
struct Raw {
    n: i64,
    layer: Vec<u8>,
    fid: i64,
    id: Vec<u8>,
    op: Vec<u8>,
    fields: Vec<u8>,
    before: Bytes,
    after: Bytes,
    salt: Bytes,
    payload_hash: Vec<u8>,
}

/// Commits are read in runs of this many.
const RUN: i64 = 500;

const COMMITS: &str = "select seq, cast(at as blob), cast(actor as blob), cast(reason as blob), cast(batch as blob), \
     cast(idempotency_key as blob), cast(fingerprint as blob), cast(prev as blob), cast(hash as blob) \
     from commits where seq > ? order by seq limit ?";

const CHANGES: &str = "select seq, n, cast(layer as blob), fid, cast(id as blob), cast(op as blob), \
     cast(fields as blob), cast(before as blob), cast(after as blob), cast(salt as blob), cast(payload_hash as blob) \
     from changes where seq > ? and seq <= ? order by seq, n";

fn bytes(row: &SqliteRow, at: usize) -> Result<Bytes, sqlx::Error> {
    row.try_get_unchecked(at)
}

fn some(row: &SqliteRow, at: usize) -> Result<Vec<u8>, sqlx::Error> {
    Ok(bytes(row, at)?.unwrap_or_default())
}

/// Reads and checks the whole log.
pub(crate) async fn read(conn: &mut SqliteConnection, report: &mut VerifyReport) -> Log {
    let mut log = Log::default();
    let mut checker = Checker::default();
    let site: Result<Vec<u8>, _> =
        sqlx::query_scalar("select cast(id as blob) from site").fetch_one(&mut *conn).await;
    match site {
        Ok(site) => checker.computed = hash::first(&site).to_vec(),
        Err(e) => report.add(None, codes::FILE_DAMAGED, format!("the site cannot be read: {e}")),
    }
    checker.stored.clone_from(&checker.computed);
    let mut after = 0;
    loop {
        match run(conn, report, &mut log, &mut checker, after).await {
            Ok(Some(last)) => after = last,
            Ok(None) => break,
            Err(e) => {
                report.add(Some(after + 1), codes::FILE_DAMAGED, format!("the log cannot be read on: {e}"));
                break;
            }
        }
    }
    report.commits = log.hashes.len() as i64;
    report.head = log.hashes.last().map_or(0, |(seq, _)| *seq);
    orphans(conn, report).await;
    for (seq, feature) in &checker.blanked {
        if checker.erased.get(feature).is_none_or(|by| by <= seq) {
            let detail = format!("texts of {} {} are gone without a logged erasure", feature.0, feature.1);
            report.add(Some(*seq), codes::ERASED_UNLOGGED, detail);
        }
    }
    log
}

/// Changes that belong to no commit.
async fn orphans(conn: &mut SqliteConnection, report: &mut VerifyReport) {
    let found = sqlx::query_scalar::<_, i64>(
        "select distinct seq from changes where seq not in (select seq from commits) order by seq limit 20",
    )
    .fetch_all(&mut *conn)
    .await;
    for seq in found.unwrap_or_default() {
        report.add(
            Some(seq),
            codes::COMMIT_MISSING,
            format!("commit {seq} is missing, its changes are there"),
        );
    }
}

#[derive(Default)]
struct Checker {
    /// Hash of the last commit as it follows from its content, and as stored.
    computed: Vec<u8>,
    stored: Vec<u8>,
    /// Changes without texts.
    blanked: Vec<(i64, (String, String))>,
    /// Features whose texts were erased, and by which commit last.
    erased: HashMap<(String, String), i64>,
}

async fn run(
    conn: &mut SqliteConnection,
    report: &mut VerifyReport,
    log: &mut Log,
    checker: &mut Checker,
    after: i64,
) -> Result<Option<i64>, sqlx::Error> {
    let commits = sqlx::query(COMMITS).bind(after).bind(RUN).fetch_all(&mut *conn).await?;
    let Some(last) = commits.last() else { return Ok(None) };
    let last: i64 = last.try_get_unchecked(0)?;
    let mut changes: BTreeMap<i64, Vec<Raw>> = BTreeMap::new();
    let mut rows = sqlx::query(CHANGES).bind(after).bind(last).fetch(&mut *conn);
    while let Some(row) = rows.try_next().await? {
        changes.entry(row.try_get_unchecked(0)?).or_default().push(Raw {
            n: row.try_get_unchecked(1)?,
            layer: some(&row, 2)?,
            fid: row.try_get_unchecked(3)?,
            id: some(&row, 4)?,
            op: some(&row, 5)?,
            fields: some(&row, 6)?,
            before: bytes(&row, 7)?,
            after: bytes(&row, 8)?,
            salt: bytes(&row, 9)?,
            payload_hash: some(&row, 10)?,
        });
    }
    drop(rows);
    let mut expected = after + 1;
    for row in &commits {
        let seq: i64 = row.try_get_unchecked(0)?;
        if seq > expected {
            report.add(
                Some(expected),
                codes::COMMIT_MISSING,
                format!("commits {expected} to {} are missing", seq - 1),
            );
        }
        expected = seq + 1;
        let own = changes.remove(&seq).unwrap_or_default();
        check_commit(row, seq, &own, report, checker)?;
        log.hashes.push((seq, checker.stored.clone()));
        for change in own {
            note(seq, change, report, checker, log, row)?;
        }
    }
    Ok(Some(last))
}

fn check_commit(
    row: &SqliteRow,
    seq: i64,
    own: &[Raw],
    report: &mut VerifyReport,
    checker: &mut Checker,
) -> Result<(), sqlx::Error> {
    let (at, actor) = (some(row, 1)?, some(row, 2)?);
    let (reason, batch) = (bytes(row, 3)?, bytes(row, 4)?);
    let (key, fingerprint) = (bytes(row, 5)?, bytes(row, 6)?);
    let (prev, stored) = (some(row, 7)?, some(row, 8)?);
    let header = Header {
        seq,
        at: &at,
        actor: &actor,
        reason: reason.as_deref(),
        batch: batch.as_deref(),
        key: key.as_deref(),
        fingerprint: fingerprint.as_deref(),
        changes: own.len() as i64,
    };
    let mut link = Link::new(&prev, &header);
    for c in own {
        link.add(&Entry {
            n: c.n,
            layer: &c.layer,
            fid: c.fid,
            id: &c.id,
            op: &c.op,
            fields: &c.fields,
            payload_hash: &c.payload_hash,
        });
    }
    let computed = link.finish().to_vec();
    // The predecessor is told once: by itself when its own hash does not follow.
    let follows = prev == checker.computed || prev == checker.stored;
    if computed != stored || !follows {
        let why = if follows {
            "its hash does not follow from its content"
        } else {
            "it does not follow its predecessor"
        };
        report.add(Some(seq), codes::CHAIN_BROKEN, format!("commit {seq}: {why}"));
    }
    checker.computed = computed;
    checker.stored = stored;
    Ok(())
}

fn note(
    seq: i64,
    change: Raw,
    report: &mut VerifyReport,
    checker: &mut Checker,
    log: &mut Log,
    commit: &SqliteRow,
) -> Result<(), sqlx::Error> {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let feature = (text(&change.layer), text(&change.id));
    match &change.salt {
        None if change.before.is_none() && change.after.is_none() => {
            checker.blanked.push((seq, feature.clone()));
        }
        salt => {
            let salt = salt.as_deref().unwrap_or_default();
            let hash = hash::payload(salt, change.before.as_deref(), change.after.as_deref());
            if hash[..] != change.payload_hash[..] {
                let detail =
                    format!("commit {seq}, change {}: its texts are not those that were hashed", change.n);
                report.add(Some(seq), codes::PAYLOAD_MISMATCH, detail);
            }
        }
    }
    if change.op == b"erase" {
        checker.erased.insert(feature.clone(), seq);
        let fields: Vec<String> = serde_json::from_slice(&change.fields).unwrap_or_default();
        report.redacted.push(Redaction {
            seq,
            at: text(&some(commit, 1)?).parse().ok(),
            layer: feature.0.clone(),
            id: Uuid::try_parse(&feature.1).unwrap_or_default(),
            field: fields.into_iter().find(|f| f != crate::ALL_FIELDS),
            reason: bytes(commit, 3)?.map(|b| text(&b)),
        });
    }
    let after = change.after.map(|b| text(&b));
    log.last.insert(feature, Last { seq, fid: change.fid, after });
    Ok(())
}

/// Layers named in the log.
pub(crate) fn layers(log: &Log) -> HashSet<&str> {
    log.last.keys().map(|(layer, _)| layer.as_str()).collect()
}
