//! The snapshot file: what is read is what was written, of this very log, and holds nothing that was erased.

use std::path::{Path, PathBuf};

use model::Value;
use spatial::Snapshot;
use store::{Kept, Store, Unfit};

use crate::ward::*;

/// The name under which a snapshot file is written.
fn part_of(snapshot: &Path) -> PathBuf {
    let mut name = snapshot.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// What a server holds in memory after a start.
async fn loaded(store: &Store) -> Kept {
    let all = store.load().await.unwrap();
    let layers = all.layers.into_iter().map(|(def, rows)| Snapshot::build(def, rows)).collect();
    Kept { head: all.head, layers, photos: all.photos }
}

/// The head, each layer with its parts, and the citations as text.
type Everything = (i64, Vec<(String, Vec<Vec<u8>>)>, String);

/// Everything in it, comparable.
fn all_of(kept: &Kept) -> Everything {
    let mut layers: Vec<_> = kept
        .layers
        .iter()
        .map(|s| {
            let packed = s.pack();
            (s.def().id.to_string(), (0..packed.part_count()).map(|n| packed.part(n)).collect())
        })
        .collect();
    layers.sort();
    (kept.head, layers, format!("{:?}", kept.photos))
}

/// A ward of some rows, one of them with photos, and its snapshot file.
async fn kept_ward() -> Ward {
    kept_in(ward().await).await
}

async fn kept_in(ward: Ward) -> Ward {
    let photo = photo(b"a picture", model::Role::Analyst);
    let sha = photo.sha256.clone();
    ward.store.attach(photo).await.unwrap();
    for _ in 0..5 {
        create(&ward.store, "spots", full).await;
        create(&ward.store, "areas", |def, area| {
            area.set(def, "code", Value::text("1"));
            area.geometry = Some(square(104.0, 21.4, 0.01));
        })
        .await;
    }
    let cited = create(&ward.store, "spots", full).await;
    change(&ward.store, "spots", cited.id, move |def, f| f.set(def, "photos", photos(&[&sha])))
        .await
        .unwrap();
    assert!(ward.store.keep(loaded(&ward.store).await).await.unwrap());
    ward
}

#[tokio::test]
async fn what_is_read_is_what_was_written() {
    let ward = kept_ward().await;
    let kept = ward.store.kept().await.unwrap();
    let now = loaded(&ward.store).await;
    assert_eq!(all_of(&kept), all_of(&now));
    assert!(format!("{:?}", kept.photos).contains(&sha256(b"a picture")));
    assert!(!ward.store.keep(now).await.unwrap(), "it is of this commit already");
    // Other changes make it older, not useless.
    create(&ward.store, "spots", full).await;
    assert_eq!(ward.store.kept().await.unwrap().head, kept.head);
    assert!(ward.store.keep(loaded(&ward.store).await).await.unwrap());
    assert_eq!(ward.store.kept().await.unwrap().head, kept.head + 1);
}

#[tokio::test]
async fn a_flipped_byte_or_a_cut_is_told() {
    let ward = kept_ward().await;
    let (path, before) = (ward.dir.snapshot(), all_of(&loaded(&ward.store).await));
    let good = std::fs::read(&path).unwrap();
    let step = (good.len() / 400).max(1);
    for at in (0..good.len()).step_by(step).chain(0..160) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        std::fs::write(&path, &bad).unwrap();
        assert!(ward.store.kept().await.is_err(), "byte {at} of {}", good.len());
        assert!(!path.exists() || bad[..160] != good[..160], "a damaged file goes");
        std::fs::write(&path, &good[..at]).unwrap();
        assert!(ward.store.kept().await.is_err(), "cut at {at}");
    }
    std::fs::write(&path, [&good[..], b"more"].concat()).unwrap();
    assert!(ward.store.kept().await.is_err());
    std::fs::write(&path, &good).unwrap();
    assert_eq!(all_of(&ward.store.kept().await.unwrap()), before);
}

#[tokio::test]
async fn another_site_is_not_ours() {
    let (ward, other) = (kept_ward().await, kept_ward().await);
    std::fs::copy(other.dir.snapshot(), ward.dir.snapshot()).unwrap();
    assert!(matches!(ward.store.kept().await, Err(Unfit::OtherSite)));
}

/// The store is put back to a copy, and goes on differently.
#[tokio::test]
async fn another_history_is_not_ours() {
    let other = kept_in(file_ward().await).await;
    let dir = tempfile::tempdir().unwrap();
    let again = file(dir.path());
    let beside = again.with_file_name("ward.gpkg.snapshot");
    other.store.backup(&again).await.unwrap();
    create(&other.store, "spots", full).await;
    assert!(other.store.keep(loaded(&other.store).await).await.unwrap());
    std::fs::copy(other.dir.snapshot(), beside).unwrap();
    let store = Store::open(&again).await.unwrap();
    assert!(matches!(store.kept().await, Err(Unfit::OtherHistory)), "its commit is not made yet");
    create(&store, "areas", |_, area| area.geometry = Some(square(104.0, 21.4, 0.01))).await;
    assert!(matches!(store.kept().await, Err(Unfit::OtherHistory)), "its number is another commit");
    store.define_layer(spots_with_a_field(), "local:test", at(5)).await.unwrap();
    store.keep(loaded(&store).await).await.unwrap();
    assert!(store.kept().await.is_ok());
    store.close().await.unwrap();
}

#[tokio::test]
async fn layers_defined_since_make_it_useless() {
    let ward = kept_ward().await;
    ward.store.define_layer(spots_with_a_field(), "local:test", at(5)).await.unwrap();
    assert!(matches!(ward.store.kept().await, Err(Unfit::OtherLayers)));
    assert!(ward.store.keep(loaded(&ward.store).await).await.unwrap());
    assert!(ward.store.kept().await.is_ok());
}

#[tokio::test]
async fn what_was_erased_is_in_no_snapshot_file() {
    const NEEDLE: &str = "Zqx-khong-duoc-ghi";
    let ward = kept_ward().await;
    let made = create(&ward.store, "spots", |def, f| f.set(def, "name", Value::text(NEEDLE))).await;
    let old = loaded(&ward.store).await;
    ward.store.keep(old.clone()).await.unwrap();
    let path = ward.dir.snapshot();
    let part = part_of(&ward.dir.snapshot());
    let with = std::fs::read(&path).unwrap();
    // Another that was being written when the machine went down.
    std::fs::write(&part, &with).unwrap();
    assert!(ward.dir.found(NEEDLE).await.len() >= 3);
    ward.store.redact(&layer("spots"), made.id, Some("name"), "nhầm", "local:test", at(9)).await.unwrap();
    assert_eq!(ward.dir.found(NEEDLE).await, Vec::<String>::new());
    // A server that has not heard of it yet writes what it holds.
    assert!(!ward.store.keep(old).await.unwrap());
    assert!(!path.exists());
    // Somebody puts an old one back.
    std::fs::write(&path, &with).unwrap();
    assert!(matches!(ward.store.kept().await, Err(Unfit::Erased)));
    assert_eq!(ward.dir.found(NEEDLE).await, Vec::<String>::new());
    assert!(ward.store.keep(loaded(&ward.store).await).await.unwrap());
    assert!(ward.store.kept().await.is_ok());
    assert_eq!(ward.dir.found(NEEDLE).await, Vec::<String>::new());
}

#[tokio::test]
async fn one_writes_and_what_it_left_behind_is_no_hindrance() {
    let ward = kept_ward().await;
    create(&ward.store, "spots", full).await;
    let part = part_of(&ward.dir.snapshot());
    std::fs::write(&part, b"half of a longer snapshot file").unwrap();
    let held = std::fs::File::open(&part).unwrap();
    held.lock().unwrap();
    let now = loaded(&ward.store).await;
    assert!(!ward.store.keep(now.clone()).await.unwrap(), "another process is at it");
    assert!(ward.store.kept().await.unwrap().head < now.head, "the old one stays");
    drop(held);
    assert!(ward.store.keep(now.clone()).await.unwrap());
    assert!(!part.exists());
    assert_eq!(all_of(&ward.store.kept().await.unwrap()), all_of(&now));
}
