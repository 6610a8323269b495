//! Tampering with the log or the rows is named by `verify`.

use std::path::{Path, PathBuf};

use e2e::{Run, Server, diaban, python, python_run, skip, temp_dir};
use serde_json::{Value, json};

use crate::{create, item, small_site, violation};

/// A site with a few dozen commits, closed.
fn site(dir: &Path) -> PathBuf {
    let data = small_site(dir);
    let server = Server::serve(&data);
    for n in 0..8 {
        let (id, mut etag) = create(&server.http(), "violations", &violation(104.001, 21.401));
        for m in 0..2 {
            let body = json!({"properties": {"address": format!("Ngõ {n}.{m}")}, "reason": "sửa"});
            let reply = server.patch(&item("violations", &id), &body, &[("if-match", &etag)]).expect(200);
            etag = reply.etag();
        }
    }
    server.stop();
    data
}

fn copy(from: &Path, dir: &Path, name: &str) -> PathBuf {
    let to = dir.join(format!("{name}.gpkg"));
    std::fs::copy(from, &to).unwrap();
    let anchor = |p: &Path| PathBuf::from(format!("{}.anchor", p.display()));
    std::fs::copy(anchor(from), anchor(&to)).unwrap();
    to
}

fn verify(data: &Path) -> Run {
    diaban(["verify", "--json", "--data", data.to_str().unwrap()])
}

fn run_sql(data: &Path, statements: &[&str]) {
    let script = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n\
        [db.execute(s) for s in sys.argv[2:]]\ndb.commit()\ndb.close()\n";
    let mut args = vec![data.as_os_str()];
    args.extend(statements.iter().map(std::ffi::OsStr::new));
    python_run(script, args).unwrap().ok();
}

fn named(report: &Value, seq: i64) -> bool {
    report["problems"].as_array().unwrap().iter().any(|p| p["seq"] == seq)
}

#[test]
fn a_changed_byte_anywhere_in_the_log_is_named() {
    if python().is_none() {
        skip("a_changed_byte_anywhere_in_the_log_is_named", "python3 is missing");
        return;
    }
    let dir = temp_dir();
    let data = site(dir.path());
    assert_eq!(verify(&data).ok().json()["ok"], true);
    let flip_text =
        |c: &str| format!("{c} = substr({c}, 1, length({c}) - 1) || char(unicode(substr({c}, -1)) + 1)");
    let flip_blob = |c: &str| {
        format!(
            "{c} = cast(substr({c}, 1, length({c}) - 1) || (case when substr({c}, -1) = x'00' then x'01' else x'00' end) as blob)"
        )
    };
    let mut cases: Vec<(String, i64)> = Vec::new();
    for seq in [4, 9, 20] {
        for column in ["at", "actor"] {
            cases.push((format!("update commits set {} where seq = {seq}", flip_text(column)), seq));
        }
        cases.push((
            format!("update commits set reason = coalesce(reason, '') || 'x' where seq = {seq}"),
            seq,
        ));
        cases.push((format!("update commits set batch = 'x' where seq = {seq}"), seq));
        cases.push((format!("update commits set fingerprint = 'x' where seq = {seq}"), seq));
        for column in ["prev", "hash"] {
            cases.push((format!("update commits set {} where seq = {seq}", flip_blob(column)), seq));
        }
        for column in ["layer", "id", "op", "fields", "after"] {
            cases.push((format!("update changes set {} where seq = {seq}", flip_text(column)), seq));
        }
        for column in ["salt", "payload_hash"] {
            cases.push((format!("update changes set {} where seq = {seq}", flip_blob(column)), seq));
        }
        cases.push((format!("update changes set fid = fid + 1 where seq = {seq}"), seq));
        cases.push((
            format!("update changes set before = null, after = null, salt = null where seq = {seq}"),
            seq,
        ));
        cases.push((format!("delete from changes where seq = {seq}"), seq));
        cases.push((format!("delete from commits where seq = {seq}"), seq));
    }
    for (n, (sql, seq)) in cases.iter().enumerate() {
        let data = copy(&data, dir.path(), &format!("case{n}"));
        run_sql(&data, &["pragma foreign_keys = off", sql]);
        let report = verify(&data).exit(3).json();
        assert!(named(&report, *seq), "{sql}: {report}");
    }
    println!("{} changes of the log, each named", cases.len());
}

#[test]
fn a_changed_row_is_named() {
    if python().is_none() {
        skip("a_changed_row_is_named", "python3 is missing");
        return;
    }
    let dir = temp_dir();
    let data = site(dir.path());
    for (n, (sql, code)) in [
        ("update violations set address = 'x' where fid = 3", "row-differs"),
        ("update violations set seq = 999 where fid = 3", "row-ahead"),
        ("delete from violations where fid = 3", "row-missing"),
        ("update changes set layer = 'units' where 0", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let data = copy(&data, dir.path(), &format!("row{n}"));
        run_sql(&data, &[sql]);
        if code.is_empty() {
            // The control: opening and closing by another program changes nothing.
            verify(&data).ok();
            continue;
        }
        let report = verify(&data).exit(3).json();
        assert!(report["problems"].as_array().unwrap().iter().any(|p| p["code"] == code), "{sql}: {report}");
    }
}

#[test]
fn a_log_whose_end_was_cut_off_is_found_by_the_anchor() {
    if python().is_none() {
        skip("a_log_whose_end_was_cut_off_is_found_by_the_anchor", "python3 is missing");
        return;
    }
    let dir = temp_dir();
    let data = site(dir.path());
    let head = verify(&data).ok().json()["head"].as_i64().unwrap();
    for k in [1, 3] {
        let data = copy(&data, dir.path(), &format!("cut{k}"));
        let last = head - k;
        // The last edits changed one address: the rows go back to what the log then says, without a trace.
        let undo = format!(
            "update violations set seq = (select max(seq) from changes c where c.id = violations.id and c.seq <= {last}), \
             address = (select json_extract(after, '$.properties.address') from changes c where c.id = violations.id \
             and c.seq = (select max(seq) from changes d where d.id = violations.id and d.seq <= {last})) \
             where seq > {last}"
        );
        let gone = format!(
            "delete from violations where id not in (select id from changes where seq <= {last} and layer = 'violations')"
        );
        let statements = [
            "pragma foreign_keys = off".to_owned(),
            gone,
            undo,
            format!("delete from changes where seq > {last}"),
            format!("delete from commits where seq > {last}"),
        ];
        run_sql(&data, &statements.iter().map(String::as_str).collect::<Vec<_>>());
        let report = verify(&data).exit(3).json();
        let problems = report["problems"].as_array().unwrap();
        assert!(problems.iter().all(|p| p["code"] == "log-truncated"), "{report}");
        // Without the anchor nothing in the file tells: that is what it is for.
        std::fs::remove_file(format!("{}.anchor", data.display())).unwrap();
        assert_eq!(verify(&data).ok().json()["ok"], true);
    }
}

#[test]
fn a_damaged_file_is_a_problem_and_not_a_crash() {
    let dir = temp_dir();
    let data = site(dir.path());
    let bytes = std::fs::read(&data).unwrap();
    let mut random = crate::Random::new(7);
    let (mut found, tries) = (0, 60);
    for n in 0..tries {
        let mut bytes = bytes.clone();
        let at = 100 + random.below(bytes.len() as u64 - 100) as usize;
        bytes[at] ^= 1 << random.below(8);
        let path = dir.path().join(format!("byte{n}.gpkg"));
        std::fs::write(&path, bytes).unwrap();
        let run = verify(&path);
        assert!(matches!(run.code, Some(0 | 1 | 3)), "byte {at}: exit {:?}\n{}", run.code, run.stderr);
        assert!(!run.stderr.contains("panicked"), "byte {at}: {}", run.stderr);
        found += usize::from(run.code != Some(0));
    }
    // Free space, indices of the container and the like are not the log's; most of the file is.
    println!("{found} of {tries} flipped bits were found");
}
