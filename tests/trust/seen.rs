//! Several servers of one site: what a reader wrote or saw on one is there on every other.

use std::time::Duration;

use e2e::{Server, diaban, temp_dir};
use serde_json::json;

use crate::{create, item, items, small_site, violation};

/// Rounds, each a race between an edit on one server and a read on the other.
const ROUNDS: usize = 40;

#[test]
fn what_was_written_on_one_server_is_read_on_another() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    let (a, b) = (Server::serve(&data), Server::serve(&data));
    let (id, mut etag) = create(&a, "violations", &violation(104.005, 21.405));
    for n in 0..ROUNDS {
        let body = json!({"properties": {"address": format!("Số {n}")}});
        let changed = a.patch(&item("violations", &id), &body, &[("if-match", &etag)]).expect(200);
        etag = changed.etag();
        // By header, and by the cookie that a browser keeps.
        let mark = changed.header("x-diaban-mark").unwrap().to_owned();
        let cookie = changed.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let brought = [("x-diaban-mark", mark.as_str()), ("cookie", cookie.as_str())];
        let read = b.get_with(&item("violations", &id), &brought[n % 2..=n % 2]).expect(200);
        assert_eq!(read.json()["properties"]["address"], format!("Số {n}"), "round {n}");
        assert_eq!(read.etag(), etag);
    }
    a.stop();
    b.stop();
}

#[test]
fn a_tile_asked_with_the_mark_of_an_event_shows_what_the_event_told() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    let (a, b) = (Server::serve(&data), Server::serve(&data));
    let live = a.live();
    for n in 0..10 {
        a.post(&items("violations"), &violation(104.001 + f64::from(n) * 1e-5, 21.405), &[]).expect(201);
        let event = live.find(Duration::from_secs(10), |e| e.event == "change").expect("an event");
        let seen = format!("other=1; diaban-seen={}", event.id);
        let count = b.get_with("/api/collections/violations/count", &[("cookie", seen.as_str())]).expect(200);
        assert_eq!(count.json()["count"], n + 1);
    }
    drop(live);
    a.stop();
    b.stop();
}

#[test]
fn a_server_that_does_not_catch_up_says_so_and_marks_of_others_are_no_matter() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    let copy = dir.path().join("copy.gpkg");
    diaban(["backup", copy.to_str().unwrap(), "--data", data.to_str().unwrap()]).ok();
    let (a, mut behind) = (Server::serve(&data), Server::serve(&copy));
    let made = a.post(&items("violations"), &violation(104.005, 21.405), &[]).expect(201);
    let mark = made.header("x-diaban-mark").unwrap();
    let count = "/api/collections/violations/count";
    behind.get_with(count, &[("x-diaban-mark", mark)]).problem(503, "behind");
    a.get_with(count, &[("x-diaban-mark", mark)]).expect(200);
    // Another site's mark in a cookie is no matter; in the header it is a mistake of the caller.
    let elsewhere = temp_dir();
    let foreign = small_site(elsewhere.path());
    let other = Server::serve(&foreign);
    let cookie = format!("diaban-own={mark}; diaban-seen=nonsense");
    other.get_with(count, &[("cookie", cookie.as_str())]).expect(200);
    other.get_with(count, &[("x-diaban-mark", mark)]).problem(400, "invalid-parameter");
    let many = [mark; 9].join(",");
    a.get_with(count, &[("x-diaban-mark", many.as_str())]).problem(400, "invalid-parameter");
    // Its log tells the operator of the refusal, which a clean end would not allow.
    behind.kill();
    a.stop();
    other.stop();
}
