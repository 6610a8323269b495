//! Tampering and damage: whatever is changed in the file, `verify` says so and names the commit.

use std::path::{Path, PathBuf};

use model::Value;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use store::{Idempotency, Op, Problem, Store, VerifyReport, codes};
use tempfile::TempDir;

use crate::opening::raw;
use crate::ward::*;

/// A closed site with a log that has everything in it: 1 definitions, 2 and 3 creations, 4 a change with reason and
/// key, 5 an import, 6 an erasure, 7 a deletion, 8 to 10 creations.
async fn logged() -> (TempDir, PathBuf) {
    let Ward { dir, store } = ward().await;
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
    let path = file(dir.path());
    (dir, path)
}

async fn verify(path: &Path) -> VerifyReport {
    Store::verify_file(path, None).await.unwrap()
}

fn has(problems: &[Problem], seq: i64, code: &str) -> bool {
    problems.iter().any(|p| p.seq == Some(seq) && p.code == code)
}

/// Text from the tests' own lists.
async fn run(conn: &mut SqliteConnection, text: String) {
    sqlx::raw_sql(AssertSqlSafe(text)).execute(conn).await.unwrap();
}

async fn bytes(conn: &mut SqliteConnection, column: &str, from: &str) -> Option<Vec<u8>> {
    let text = format!("select cast({column} as blob) from {from}");
    sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(conn).await.unwrap()
}

#[tokio::test]
async fn the_untouched_log_is_sound() {
    let (_dir, path) = logged().await;
    let report = verify(&path).await;
    assert!(report.ok, "{:#?}", report.problems);
    assert_eq!((report.commits, report.head), (10, 10));
    assert!(report.anchored.unwrap() >= 1);
    assert_eq!(report.redacted.iter().map(|r| r.seq).collect::<Vec<_>>(), [6]);
}

/// Every byte of every column of one commit and its first change, flipped one at a time.
#[tokio::test]
async fn any_flipped_byte_of_the_log_is_named() {
    let (_dir, path) = logged().await;
    let mut conn = raw(&path).await;
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
            let Some(good) = bytes(&mut conn, column, place).await else { continue };
            let (table, condition) = place.split_once(' ').unwrap();
            let text = format!("update {table} set {column} = cast(? as {kind}) {condition}");
            // Every byte of what is short, every seventh of the long texts.
            let step = if good.len() > 100 { 7 } else { 1 };
            for i in (0..good.len()).step_by(step) {
                let mut bad = good.clone();
                bad[i] ^= 1 << (i % 8);
                sqlx::query(AssertSqlSafe(text.clone())).bind(&bad).execute(&mut conn).await.unwrap();
                let report = verify(&path).await;
                let named = report.problems.iter().any(|p| p.seq == Some(seq));
                assert!(!report.ok && named, "{column} {i} of {seq}: {:?}", report.problems);
                flips += 1;
            }
            sqlx::query(AssertSqlSafe(text)).bind(&good).execute(&mut conn).await.unwrap();
        }
    }
    assert!(flips > 500, "{flips}");
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
        let (_dir, path) = logged().await;
        let mut conn = raw(&path).await;
        run(&mut conn, format!("begin; {change}; commit")).await;
        let report = verify(&path).await;
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
        ("update spots set field_Seq = 8 where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set geom = null where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set given_text = 'x' where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set transitions = '[]' where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set found_on = 'never' where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set seq = 3 where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set fid = 77 where fid = 1", 4, codes::ROW_DIFFERS),
        ("update spots set seq = 11 where fid = 1", 11, codes::ROW_AHEAD),
        ("delete from spots where fid = 1", 4, codes::ROW_MISSING),
        ("update layers set definition = definition || '#' where name = 'areas'", 1, codes::ROW_DIFFERS),
        ("delete from layers where name = 'areas'", 1, codes::ROW_MISSING),
        ("delete from commits where seq in (5, 6)", 5, codes::COMMIT_MISSING),
        ("drop table spots", 4, codes::ROW_MISSING),
    ] {
        let (_dir, path) = logged().await;
        let mut conn = raw(&path).await;
        run(&mut conn, change.to_owned()).await;
        let report = verify(&path).await;
        assert!(!report.ok && has(&report.problems, seq, code), "{change}: {:?}", report.problems);
    }
    let (_dir, path) = logged().await;
    let mut conn = raw(&path).await;
    run(&mut conn, "insert into spots (id, seq) select 'x' || id, seq from spots where fid = 1".to_owned())
        .await;
    run(&mut conn, "update site set id = randomblob(16)".to_owned()).await;
    let report = verify(&path).await;
    assert!(report.problems.iter().any(|p| p.code == codes::ROW_UNLOGGED), "{:?}", report.problems);
    assert!(has(&report.problems, 1, codes::CHAIN_BROKEN), "{:?}", report.problems);
}

#[tokio::test]
async fn swapped_commits_are_found() {
    let (_dir, path) = logged().await;
    let mut conn = raw(&path).await;
    for table in ["commits", "changes", "spots"] {
        for (from, to) in [(8, -8), (9, 8), (-8, 9)] {
            run(&mut conn, format!("update {table} set seq = {to} where seq = {from}")).await;
        }
    }
    let report = verify(&path).await;
    assert!(has(&report.problems, 8, codes::CHAIN_BROKEN) && has(&report.problems, 9, codes::CHAIN_BROKEN));
}

#[tokio::test]
async fn a_log_cut_short_is_found_by_the_anchor() {
    for k in 1..=3i64 {
        let (_dir, path) = logged().await;
        let mut conn = raw(&path).await;
        let from = 10 - k;
        // The last commits are creations: their effects are rows and the count of rows.
        for table in ["changes", "commits", "spots"] {
            run(&mut conn, format!("delete from {table} where seq > {from}")).await;
        }
        run(
            &mut conn,
            "update sqlite_sequence set seq = (select max(fid) from spots) where name = 'spots'".to_owned(),
        )
        .await;
        conn.close().await.unwrap();
        let report = verify(&path).await;
        assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
        assert!(has(&report.problems, from + 1, codes::LOG_TRUNCATED));
        // Going on as if nothing had happened does not cover it up.
        let store = Store::open(&path).await.unwrap();
        for _ in 0..=k {
            create(&store, "spots", full).await;
        }
        store.close().await.unwrap();
        assert!(has(&verify(&path).await.problems, 10, codes::CHAIN_BROKEN));
    }
}

#[tokio::test]
async fn the_anchor_is_read_and_judged() {
    let (dir, path) = logged().await;
    let anchor = dir.path().join("ward.gpkg.anchor");
    let good = std::fs::read_to_string(&anchor).unwrap();
    let with = async |text: &str| {
        std::fs::write(&anchor, text).unwrap();
        verify(&path).await
    };
    assert!(with(&format!("{good}2025-")).await.ok, "an unfinished line is none");
    let report = with(&format!("{good}rubbish\n")).await;
    assert_eq!(report.problems.iter().map(|p| p.code).collect::<Vec<_>>(), [codes::ANCHOR_DAMAGED]);
    let hash = good.trim_end().rsplit(' ').next().unwrap().to_owned();
    let report = with(&good.replace(&hash, &"0".repeat(64))).await;
    assert!(has(&report.problems, 10, codes::CHAIN_BROKEN), "{:?}", report.problems);
    std::fs::remove_file(&anchor).unwrap();
    let report = verify(&path).await;
    assert!(report.ok && report.anchored.is_none());
    assert!(
        Store::verify_file(&path, Some(&anchor)).await.is_err(),
        "an anchor that was named has to be there"
    );
}

/// Whatever byte of the file is damaged, there is a report; and where the damage lies in what the log or the rows
/// say, it is not "ok".
#[tokio::test]
async fn any_flipped_byte_of_the_file_is_survived() {
    let (dir, path) = logged().await;
    let good = std::fs::read(&path).unwrap();
    let anchor = std::fs::read(dir.path().join("ward.gpkg.anchor")).unwrap();
    let damaged = dir.path().join("damaged.gpkg");
    std::fs::write(dir.path().join("damaged.gpkg.anchor"), anchor).unwrap();
    // A fixed sequence of places (a linear congruential generator).
    let mut x = 20_250_701_u64;
    let mut next = || {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (x >> 33) as usize
    };
    let mut found = 0;
    for _ in 0..250 {
        let (at, bit) = (next() % good.len(), next() % 8);
        let mut bad = good.clone();
        bad[at] ^= 1 << bit;
        std::fs::write(&damaged, &bad).unwrap();
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(dir.path().join(format!("damaged.gpkg{suffix}")));
        }
        let report = verify(&damaged).await;
        assert_eq!(report.ok, report.problems.is_empty());
        found += usize::from(!report.ok);
    }
    assert!(found > 20, "{found}");
    // Half a file, and none at all.
    std::fs::write(&damaged, &good[..good.len() / 2]).unwrap();
    assert!(verify(&damaged).await.problems.iter().any(|p| p.code == codes::FILE_DAMAGED));
    std::fs::write(&damaged, b"").unwrap();
    assert!(!verify(&damaged).await.ok);
}
