//! Tampering and damage: whatever is changed in the file, `verify` says so and names the commit.

use model::Value;
use sqlx::AssertSqlSafe;
use store::{Idempotency, Op, Problem, Store, VerifyReport, codes};

use crate::ward::*;

/// A closed site with a log that has everything in it: 1 definitions, 2 and 3 creations, 4 a change with reason and
/// key, 5 an import, 6 an erasure, 7 a deletion, 8 to 10 creations.
async fn logged() -> Home {
    logged_in(ward().await).await
}

pub(crate) async fn logged_in(Ward { dir, store }: Ward) -> Home {
    let def = spots();
    let a = create(&store, "spots", full).await;
    let b = create(&store, "spots", full).await;
    let mut edit = request("spots", Some(a.id), Op::Update, |current| {
        let mut row = current.row.clone().unwrap();
        row.set(&spots(), "Seq", Value::Int(9));
        Ok(store::Decision::Put(row))
    });
    edit.reason = Some("vì".to_owned());
    edit.idempotency = Some(Idempotency { key: "k".to_owned(), fingerprint: "f".to_owned() });
    store.edit(edit).await.unwrap();
    store.import(records(&def, &[("x", "một", Some(104.0)), ("y", "hai", None)])).await.unwrap();
    store.redact(&layer("spots"), b.id, Some("name"), "gõ nhầm", "local:test", at(6)).await.unwrap();
    delete(&store, "spots", b.id).await.unwrap();
    for _ in 0..3 {
        create(&store, "spots", set("Seq", Value::Int(1))).await;
    }
    assert_eq!(store.head(), 10);
    store.close().await.unwrap();
    dir
}

async fn verify(home: &Home) -> VerifyReport {
    Store::verify_at(home.place(), None).await.unwrap()
}

fn has(problems: &[Problem], seq: i64, code: &str) -> bool {
    problems.iter().any(|p| p.seq == Some(seq) && p.code == code)
}

/// The bytes of a value, and another value of these bytes put in its place.
impl Raw {
    async fn bytes(&mut self, column: &str, kind: &str, from: &str) -> Option<Vec<u8>> {
        match self {
            Raw::Gpkg(conn) => {
                let text = format!("select cast({column} as blob) from {from}");
                sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(conn).await.unwrap()
            }
            Raw::Postgis(conn) => {
                let value = if kind == "text" {
                    format!("convert_to({column}::text, 'UTF8')")
                } else {
                    column.to_owned()
                };
                sqlx::query_scalar(AssertSqlSafe(format!("select {value} from {from}")))
                    .fetch_one(conn)
                    .await
                    .unwrap()
            }
        }
    }

    /// False when the column cannot hold such bytes at all (a text that is none, an id that is none).
    async fn set_bytes(&mut self, column: &str, kind: &str, place: &str, value: &[u8]) -> bool {
        let (table, condition) = place.split_once(' ').unwrap();
        match self {
            Raw::Gpkg(conn) => {
                let text = format!("update {table} set {column} = cast(? as {kind}) {condition}");
                sqlx::query(AssertSqlSafe(text)).bind(value).execute(conn).await.unwrap();
                true
            }
            Raw::Postgis(conn) => {
                let cast = match (kind, column) {
                    ("text", "id") => "convert_from($1, 'UTF8')::uuid",
                    ("text", _) => "convert_from($1, 'UTF8')",
                    _ => "$1",
                };
                let text = format!("update {table} set {column} = {cast} {condition}");
                sqlx::query(AssertSqlSafe(text)).bind(value).execute(conn).await.is_ok()
            }
        }
    }
}

#[tokio::test]
async fn the_untouched_log_is_sound() {
    let home = logged().await;
    let report = verify(&home).await;
    assert!(report.ok, "{:#?}", report.problems);
    assert_eq!((report.commits, report.head), (10, 10));
    assert!(report.anchored.unwrap() >= 1);
    assert_eq!(report.redacted.iter().map(|r| r.seq).collect::<Vec<_>>(), [6]);
}

/// Every byte of every column of one commit and its first change, flipped one at a time.
#[tokio::test]
async fn any_flipped_byte_of_the_log_is_named() {
    let home = logged().await;
    let mut conn = home.raw().await;
    let mut flips = 0;
    for seq in [4i64, 5] {
        let commit = format!("commits where seq = {seq}");
        let change = format!("changes where seq = {seq} and n = 1");
        let texts = ["at", "actor", "reason", "batch", "idempotency_key", "fingerprint"];
        let mut columns: Vec<(&str, &str, &str)> =
            texts.iter().map(|c| (*c, commit.as_str(), "text")).collect();
        columns.extend(["prev", "hash"].map(|c| (c, commit.as_str(), "blob")));
        columns
            .extend(["layer", "id", "op", "fields", "before", "after"].map(|c| (c, change.as_str(), "text")));
        columns.extend(["salt", "payload_hash"].map(|c| (c, change.as_str(), "blob")));
        for (column, place, kind) in columns {
            let Some(good) = conn.bytes(column, kind, place).await else { continue };
            // Every byte of what is short, every seventh of the long texts.
            let step = if good.len() > 100 { 7 } else { 1 };
            for i in (0..good.len()).step_by(step) {
                let mut bad = good.clone();
                bad[i] ^= 1 << (i % 8);
                if !conn.set_bytes(column, kind, place, &bad).await
                    || conn.bytes(column, kind, place).await.as_ref() == Some(&good)
                {
                    // It cannot be put there, or means the same (an id in capitals).
                    continue;
                }
                let report = verify(&home).await;
                let named = report.problems.iter().any(|p| p.seq == Some(seq));
                assert!(!report.ok && named, "{column} {i} of {seq}: {:?}", report.problems);
                flips += 1;
            }
            assert!(conn.set_bytes(column, kind, place, &good).await);
        }
    }
    assert!(flips > 400, "{flips}");
    for (change, seq) in [
        ("update changes set n = n + 7 where seq = 4", 4),
        ("update changes set fid = fid + 1 where seq = 4", 4),
        ("update changes set seq = 9, n = 5 where seq = 4", 4),
        ("update changes set seq = 9, n = 5 where seq = 4", 9),
        ("delete from changes where seq = 5 and n = 2", 5),
        ("update commits set reason = null where seq = 4", 4),
        ("update commits set reason = '' where seq = 5", 5),
        ("update commits set seq = 99 where seq = 4", 4),
        ("update commits set seq = -4 where seq = 4", 4),
        ("delete from commits where seq = 4", 4),
        ("delete from commits where seq = 4; delete from changes where seq = 4", 4),
    ] {
        let home = logged().await;
        let mut conn = home.raw().await;
        conn.run(&format!("begin; {change}; commit")).await;
        let report = verify(&home).await;
        assert!(report.problems.iter().any(|p| p.seq == Some(seq)), "{change}: {:?}", report.problems);
    }
}

#[tokio::test]
async fn each_kind_of_tampering_has_its_code() {
    for (change, seq, code) in [
        ("update commits set actor = 'x' where seq = 3", 3, codes::CHAIN_BROKEN),
        ("update commits set hash = prev where seq = 3", 4, codes::CHAIN_BROKEN),
        ("update changes set after = '{}' where seq = 3", 3, codes::PAYLOAD_MISMATCH),
        (
            "update changes set before = null, after = null, salt = null where seq = 4",
            4,
            codes::ERASED_UNLOGGED,
        ),
        (
            "update changes set before = null, after = null, salt = null where seq = 7",
            7,
            codes::ERASED_UNLOGGED,
        ),
        ("update spots set \"field_Seq\" = 8 where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set geom = null where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set given_text = 'x' where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set transitions = '[]' where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set found_on = NO DAY where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set seq = 3 where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set fid = 77 where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set seq = 11 where fid = 1", 11, codes::ROW_AHEAD),
        ("delete from spots where fid = 1", 4, codes::ROW_MISSING),
        ("update layers set definition = definition || '#' where name = 'areas'", 1, codes::ROW_DIFFERS),
        ("delete from layers where name = 'areas'", 1, codes::ROW_MISSING),
        ("delete from commits where seq in (5, 6)", 5, codes::COMMIT_MISSING),
        ("drop table spots", 4, codes::ROW_MISSING),
    ] {
        let home = logged().await;
        let mut conn = home.raw().await;
        // A column of days in PostgreSQL holds nothing else.
        let no_day = if kind() == Kind::Gpkg { "'never'" } else { "'1999-01-01'" };
        conn.run(&change.replace("NO DAY", no_day)).await;
        let report = verify(&home).await;
        assert!(!report.ok && has(&report.problems, seq, code), "{change}: {:?}", report.problems);
    }
    let home = logged().await;
    let mut conn = home.raw().await;
    for change in match kind() {
        Kind::Gpkg => [
            "insert into spots (id, seq) select 'x' || id, seq from spots where fid = 1",
            "update site set id = randomblob(16)",
        ],
        Kind::Postgis => [
            "insert into spots (fid, id, seq) select 99, gen_random_uuid(), seq from spots where fid = 1",
            "update site set id = decode(md5('another'), 'hex')",
        ],
    } {
        conn.run(change).await;
    }
    let report = verify(&home).await;
    assert!(report.problems.iter().any(|p| p.code == codes::ROW_UNLOGGED), "{:?}", report.problems);
    assert!(has(&report.problems, 1, codes::CHAIN_BROKEN), "{:?}", report.problems);
}

#[tokio::test]
async fn swapped_commits_are_found() {
    let home = logged().await;
    let mut conn = home.raw().await;
    for table in ["commits", "changes", "spots"] {
        for (from, to) in [(8, -8), (9, 8), (-8, 9)] {
            conn.run(&format!("update {table} set seq = {to} where seq = {from}")).await;
        }
    }
    let report = verify(&home).await;
    assert!(has(&report.problems, 8, codes::CHAIN_BROKEN) && has(&report.problems, 9, codes::CHAIN_BROKEN));
}

#[tokio::test]
async fn a_log_cut_short_is_found_by_the_anchor() {
    for k in 1..=3i64 {
        let home = logged().await;
        let mut conn = home.raw().await;
        let from = 10 - k;
        // The last commits are creations: their effects are rows and the count of rows.
        for table in ["changes", "commits", "spots"] {
            conn.run(&format!("delete from {table} where seq > {from}")).await;
        }
        // And nothing in the database tells of them any more.
        for trace in match kind() {
            Kind::Gpkg => {
                &["update sqlite_sequence set seq = (select max(fid) from spots) where name = 'spots'"][..]
            }
            Kind::Postgis => &[
                "update row_numbers set last = (select max(fid) from spots) where layer = 'spots'",
                "update head set (seq, hash) = (select seq, hash from commits order by seq desc limit 1)",
            ],
        } {
            conn.run(trace).await;
        }
        conn.close().await;
        let report = verify(&home).await;
        assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
        assert!(has(&report.problems, from + 1, codes::LOG_TRUNCATED));
        // Going on as if nothing had happened does not cover it up.
        let store = Store::open(home.place()).await.unwrap();
        for _ in 0..=k {
            create(&store, "spots", full).await;
        }
        store.close().await.unwrap();
        assert!(has(&verify(&home).await.problems, 10, codes::CHAIN_BROKEN));
    }
}

#[tokio::test]
async fn the_anchor_is_read_and_judged() {
    let home = logged().await;
    let anchor = home.anchor();
    let good = std::fs::read_to_string(&anchor).unwrap();
    let with = async |text: &str| {
        std::fs::write(&anchor, text).unwrap();
        verify(&home).await
    };
    assert!(with(&format!("{good}2025-")).await.ok, "an unfinished line is none");
    let report = with(&format!("{good}rubbish\n")).await;
    assert_eq!(report.problems.iter().map(|p| p.code).collect::<Vec<_>>(), [codes::ANCHOR_DAMAGED]);
    let hash = good.trim_end().rsplit(' ').next().unwrap().to_owned();
    let report = with(&good.replace(&hash, &"0".repeat(64))).await;
    assert!(has(&report.problems, 10, codes::CHAIN_BROKEN), "{:?}", report.problems);
    std::fs::remove_file(&anchor).unwrap();
    let report = verify(&home).await;
    assert!(report.ok && report.anchored.is_none());
    assert!(
        Store::verify_at(home.place(), Some(&anchor)).await.is_err(),
        "an anchor that was named has to be there"
    );
}
