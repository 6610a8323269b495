//! Photos: kept once under their hash, logged, cited only when they are there, erased with what cited them, checked.

use model::{Code, Role, Value, ValueRef};
use store::{ATTACHMENTS, Claim, Op, Place, Store, StoreError, codes};

use crate::ward::*;

/// Bytes that stand nowhere else.
const A: &[u8] = b"\xff\xd8 photo A: a wall, a number";
const B: &[u8] = b"\xff\xd8 photo B: a gate";

fn is_unknown<T>(result: Result<T, StoreError>, place: &str) -> bool {
    matches!(result, Err(StoreError::Fault(f)) if f.code == Code::UnknownAttachment && f.place == place)
}

#[tokio::test]
async fn a_photo_is_kept_once_and_who_brought_it_is_logged() {
    let ward = ward().await;
    let store = &ward.store;
    let a = sha256(A);
    assert_eq!(store.attachment(&a).await.unwrap(), None);
    assert_eq!(store.claims(&a).await.unwrap(), None);
    assert_eq!(store.attach(photo(A, Role::Analyst)).await.unwrap(), Some(2));
    assert_eq!(store.attach(photo(A, Role::Analyst)).await.unwrap(), None);
    assert_eq!(store.head(), 2);
    assert_eq!(store.attach(photo(A, Role::Planner)).await.unwrap(), Some(3));
    let claim = |role| Claim { actor: "local:test".to_owned(), role };
    assert_eq!(store.claims(&a).await.unwrap().unwrap(), [claim(Role::Analyst), claim(Role::Planner)]);
    let kept = store.attachment(&a).await.unwrap().unwrap();
    assert_eq!((kept.content.as_slice(), kept.media_type.as_str()), (A, "image/jpeg"));
    let commits = store.commits_after(1, 10).await.unwrap();
    let logged = &commits[0].changes[0];
    assert_eq!((logged.layer.as_str(), logged.op), (ATTACHMENTS, Op::Create));
    assert!(logged.after.as_deref().unwrap().contains(&a));
    assert_sound(store).await;
    // It is there after the end of the process, and in a copy.
    let out = ward.dir.path().join("copy.gpkg");
    let mut places = vec![ward.dir.place()];
    if kind() == Kind::Gpkg {
        store.backup(&out).await.unwrap();
        places.push(Place::File(out));
    }
    store.close().await.unwrap();
    for place in places {
        let again = Store::open(place).await.unwrap();
        assert_eq!(again.attachment(&a).await.unwrap().unwrap().content, A);
        assert_sound(&again).await;
        again.close().await.unwrap();
    }
}

#[tokio::test]
async fn rows_cite_only_what_is_there() {
    let ward = ward().await;
    let store = &ward.store;
    let (a, b) = (sha256(A), sha256(B));
    let made = create(store, "spots", full).await;
    let early = change(store, "spots", made.id, set("photos", photos(&[&a]))).await;
    assert!(is_unknown(early, "/properties/photos/0"));
    store.attach(photo(A, Role::Analyst)).await.unwrap();
    let early = change(store, "spots", made.id, set("photos", photos(&[&a, &b]))).await;
    assert!(is_unknown(early, "/properties/photos/1"));
    store.attach(photo(B, Role::Analyst)).await.unwrap();
    change(store, "spots", made.id, set("photos", photos(&[&b, &a]))).await.unwrap();
    let row = whole(store, "spots", made.id).await.unwrap();
    assert_eq!(row.values[spots().photos().unwrap()], photos(&[&b, &a]));
    // An import is an edit too.
    let mut import = records(&spots(), &[("x", "một", None)]);
    import.rows[0].feature.set(&spots(), "photos", photos(&[&"0".repeat(64)]));
    import.mapped.push(spots().photos().unwrap());
    assert!(
        matches!(store.import(import).await, Err(StoreError::Fault(f)) if f.code == Code::UnknownAttachment)
    );
    let loaded = store.load().await.unwrap();
    let cited = loaded.photos.iter().find(|(layer, _)| layer.as_str() == "spots").unwrap();
    assert_eq!(cited.1, [(made.id, photos(&[&b, &a]))]);
    assert_sound(store).await;
}

#[tokio::test]
async fn photos_that_nothing_else_cites_are_erased_with_their_feature() {
    let ward = ward().await;
    let store = &ward.store;
    let (a, b) = (sha256(A), sha256(B));
    store.attach(photo(A, Role::Analyst)).await.unwrap();
    store.attach(photo(B, Role::Analyst)).await.unwrap();
    let one = create(store, "spots", full).await;
    let two = create(store, "spots", full).await;
    // The first cited A once and B now; the second cites B.
    change(store, "spots", one.id, set("photos", photos(&[&a]))).await.unwrap();
    change(store, "spots", one.id, set("photos", photos(&[&b]))).await.unwrap();
    change(store, "spots", two.id, set("photos", photos(&[&b]))).await.unwrap();
    assert!(!ward.dir.found("photo A").await.is_empty(), "the search finds what is there");
    let layer = layer("spots");
    let redact = |id, field| store.redact(&layer, id, field, "khuôn mặt", "local:test", at(9));
    // Another field leaves the photos alone.
    redact(one.id, Some("name")).await.unwrap();
    let still = whole(store, "spots", one.id).await.unwrap();
    assert_eq!(still.values[spots().photos().unwrap()], photos(&[&b]));
    // Its earlier texts are blank by now: A is known from nowhere but the table, and stays.
    assert!(store.attachment(&a).await.unwrap().is_some());
    change(store, "spots", one.id, set("photos", photos(&[&a, &b]))).await.unwrap();
    redact(one.id, Some("photos")).await.unwrap();
    let def = spots();
    assert_eq!(whole(store, "spots", one.id).await.unwrap().get(&def, "photos"), ValueRef::Null);
    assert_eq!(ward.dir.found("photo A").await, Vec::<String>::new());
    assert_eq!(ward.dir.found(&a).await, Vec::<String>::new());
    assert_eq!((store.attachment(&a).await.unwrap(), store.claims(&a).await.unwrap()), (None, None));
    assert_eq!(store.attachment(&b).await.unwrap().unwrap().content, B);
    assert_sound(store).await;
    // The whole of the second takes B along; the copy made now has neither.
    redact(two.id, None).await.unwrap();
    if kind() == Kind::Gpkg {
        store.backup(&ward.dir.path().join("copy.gpkg")).await.unwrap();
    }
    assert_eq!(ward.dir.found("photo B").await, Vec::<String>::new());
    let report = store.verify(None).await.unwrap();
    assert!(report.ok, "{:#?}", report.problems);
    assert_eq!(report.redacted.iter().filter(|r| r.layer == ATTACHMENTS).count(), 2);
    // It may come back as new.
    store.attach(photo(B, Role::Analyst)).await.unwrap();
    change(store, "spots", one.id, set("photos", photos(&[&b]))).await.unwrap();
    assert_sound(store).await;
}

#[tokio::test]
async fn an_undone_change_brings_back_the_photos_that_still_are() {
    let ward = ward().await;
    let store = &ward.store;
    let (a, b) = (sha256(A), sha256(B));
    store.attach(photo(A, Role::Analyst)).await.unwrap();
    store.attach(photo(B, Role::Analyst)).await.unwrap();
    let one = create(store, "spots", full).await;
    let two = create(store, "spots", full).await;
    change(store, "spots", one.id, set("photos", photos(&[&a, &b]))).await.unwrap();
    delete(store, "spots", one.id).await.unwrap();
    change(store, "spots", two.id, set("photos", photos(&[&a]))).await.unwrap();
    store.redact(&layer("spots"), two.id, None, "x", "local:test", at(9)).await.unwrap();
    restore(store, "spots", one.id).await.unwrap();
    let row = whole(store, "spots", one.id).await.unwrap();
    assert_eq!(row.values[spots().photos().unwrap()], photos(&[&b]));
    assert_sound(store).await;
}

/// Whatever is done to a photo behind the store's back has a name.
#[tokio::test]
async fn verify_names_what_is_wrong_with_photos() {
    for (statement, code) in [
        ("update attachments set content = cast('x' as blob)", codes::ATTACHMENT_DIFFERS),
        ("update attachments set content = zeroblob(length(content))", codes::ATTACHMENT_DIFFERS),
        ("update attachments set media_type = 'text/html'", codes::ATTACHMENT_DIFFERS),
        ("update attachments set bytes = bytes + 1", codes::ATTACHMENT_DIFFERS),
        ("update attachments set seq = seq + 1", codes::ATTACHMENT_DIFFERS),
        ("delete from attachments", codes::ATTACHMENT_MISSING),
        ("delete from attachments", codes::CITED_MISSING),
        (
            "insert into attachments select replace(sha256, substr(sha256, 1, 4), 'ffff'), media_type, bytes, content, \
             seq from attachments",
            codes::ATTACHMENT_UNLOGGED,
        ),
        (
            "update changes set after = replace(after, 'analyst', 'planner') where layer = 'attachments'",
            codes::PAYLOAD_MISMATCH,
        ),
        ("update spots set photos = '[\"x\"]'", codes::ROW_DIFFERS),
    ] {
        let Ward { dir, store } = ward().await;
        store.attach(photo(A, Role::Analyst)).await.unwrap();
        let made = create(&store, "spots", full).await;
        change(&store, "spots", made.id, set("photos", photos(&[&sha256(A)]))).await.unwrap();
        assert_sound(&store).await;
        store.close().await.unwrap();
        let mut conn = dir.raw().await;
        conn.run(&match kind() {
            Kind::Gpkg => statement.to_owned(),
            Kind::Postgis => statement
                .replace("cast('x' as blob)", "'x'::bytea")
                .replace("zeroblob(length(content))", "decode(repeat('00', length(content)), 'hex')"),
        })
        .await;
        conn.close().await;
        let report = Store::verify_at(dir.place(), None).await.unwrap();
        let found: Vec<&str> = report.problems.iter().map(|p| p.code).collect();
        assert!(found.contains(&code), "{statement}: {found:?}");
    }
}

#[tokio::test]
async fn no_photos_is_null() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    let none = change(&ward.store, "spots", made.id, set("photos", Value::Null)).await.unwrap();
    assert!(none.change.fields.is_empty());
}
