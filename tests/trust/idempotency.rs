//! A repeated request changes nothing and is answered alike.

use e2e::{Server, temp_dir};
use serde_json::json;

use crate::{item, items, small_site, violation};

#[test]
fn a_repeated_key_is_answered_alike_and_makes_nothing_twice() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    let server = Server::serve(&data);
    let key = [("idempotency-key", "k-1")];
    let first = server.post(&items("violations"), &violation(104.005, 21.405), &key).expect(201);
    let again = server.post(&items("violations"), &violation(104.005, 21.405), &key).expect(201);
    assert_eq!((first.text(), first.etag()), (again.text(), again.etag()));
    assert_eq!(first.header("location"), again.header("location"));
    server
        .post(&items("violations"), &violation(104.006, 21.405), &key)
        .problem(422, "idempotency-key-reused");
    // A change, repeated although the version it was based on is gone.
    let (id, etag) = (crate::id_of(&first), first.etag());
    let headers = [("idempotency-key", "k-2"), ("if-match", etag.as_str())];
    let body = json!({"properties": {"state": "reminded"}});
    let changed = server.patch(&item("violations", &id), &body, &headers).expect(200);
    let repeated = server.patch(&item("violations", &id), &body, &headers).expect(200);
    assert_eq!((changed.text(), changed.etag()), (repeated.text(), repeated.etag()));
    server.stop();
    // And after a restart.
    let server = Server::serve(&data);
    let later = server.post(&items("violations"), &violation(104.005, 21.405), &key).expect(201);
    assert_eq!(crate::id_of(&later), id);
    assert_eq!(later.etag(), etag, "the answer is the first one, not the present state");
    assert_eq!(server.get_json("/api/collections/violations/count")["count"], 1);
    server.stop();
}

#[test]
fn sixteen_at_once_with_one_key_make_one_feature() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let ids: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let one = || {
            let http = server.http();
            scope.spawn(move || {
                let reply =
                    http.post(&items("violations"), &violation(104.0, 21.4), &[("idempotency-key", "same")]);
                crate::id_of(&reply.expect(201))
            })
        };
        let all: Vec<_> = (0..16).map(|_| one()).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1);
    assert_eq!(server.get_json("/api/collections/violations/count")["count"], 1);
    server.stop();
}
