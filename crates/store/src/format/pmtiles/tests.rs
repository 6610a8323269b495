//! Archives of random tiles, read back tile by tile; journals that were cut off.

use std::collections::BTreeMap;
use std::path::Path;

use model::Bbox;
use proptest::prelude::*;
use serde_json::json;

use super::directory::{Entry, decode, find, lay_out};
use super::*;
use crate::StoreError;

fn about(kind: TileKind) -> About {
    let bounds = Bbox { west: 103.9, south: 21.3, east: 104.1, north: 21.45 };
    About { kind, zooms: (0, 9), bounds, centre: (7, 104.0, 21.4), metadata: json!({"name": "thử"}) }
}

/// Contents by number: few, so that many tiles are equal.
fn content(n: u8) -> Vec<u8> {
    gzip(&vec![n; usize::from(n) + 1])
}

fn fill(part: &mut Part, tiles: &BTreeMap<TileId, u8>) {
    let last = part.last();
    for (id, n) in tiles.iter().filter(|(id, _)| last.is_none_or(|last| last < **id)) {
        part.push(*id, &content(*n)).unwrap();
    }
}

fn write(out: &Path, tiles: &BTreeMap<TileId, u8>) -> Written {
    let (mut part, start) = Part::open(out, &[7; 32]).unwrap();
    assert_eq!(start, Start::New);
    fill(&mut part, tiles);
    part.finish(out, &about(TileKind::Mvt)).unwrap()
}

/// Runs of neighbours and single tiles, of zooms 0 to 9.
fn tiles() -> impl Strategy<Value = BTreeMap<TileId, u8>> {
    let run = (0..349_525_u64, 1..40_u64, 0..6_u8);
    prop::collection::vec(run, 1..60).prop_map(|runs| {
        let all =
            runs.into_iter().flat_map(|(first, length, n)| (first..first + length).map(move |id| (id, n)));
        all.filter(|(id, _)| *id < 349_525).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_tile_is_found_again_and_no_other(tiles in tiles()) {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("a.pmtiles");
        let written = write(&out, &tiles);
        let different: std::collections::BTreeSet<u8> = tiles.values().copied().collect();
        prop_assert_eq!((written.tiles, written.contents), (tiles.len() as u64, different.len() as u64));
        prop_assert_eq!(written.bytes, std::fs::metadata(&out).unwrap().len());
        let archive = PmTiles::open(&out).unwrap();
        prop_assert!(archive.is_clustered() && archive.metadata()["name"] == "thử");
        prop_assert_eq!((archive.bounds(), archive.centre()), (about(TileKind::Mvt).bounds, (7, 104.0, 21.4)));
        // The tiles, what lies beside them, and the last of all.
        let beside = tiles.keys().flat_map(|id| [*id, id.saturating_sub(1), id + 1]);
        for id in beside.chain([0, 349_524]) {
            let (z, x, y) = place_of(id).unwrap();
            prop_assert_eq!(archive.tile(z, x, y).unwrap(), tiles.get(&id).map(|n| content(*n)), "{}", id);
        }
        prop_assert!(!dir.path().join("a.pmtiles.part").exists());
    }

    #[test]
    fn a_journal_cut_anywhere_goes_on_to_the_same_file(tiles in tiles(), cut in any::<prop::sample::Index>(), noise in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let (whole, again) = (dir.path().join("whole"), dir.path().join("again"));
        write(&whole, &tiles);
        let (mut part, _) = Part::open(&again, &[7; 32]).unwrap();
        fill(&mut part, &tiles);
        drop(part);
        let journal = dir.path().join("again.part");
        let mut bytes = std::fs::read(&journal).unwrap();
        bytes.truncate(48 + cut.index(bytes.len() - 48));
        if noise {
            bytes.extend([0x5a; 77]);
        }
        std::fs::write(&journal, bytes).unwrap();
        let (mut part, start) = Part::open(&again, &[7; 32]).unwrap();
        prop_assert_eq!(start, Start::Resumed(part.len()));
        prop_assert!(part.len() <= tiles.len());
        fill(&mut part, &tiles);
        part.finish(&again, &about(TileKind::Mvt)).unwrap();
        prop_assert!(std::fs::read(whole).unwrap() == std::fs::read(again).unwrap());
    }

    #[test]
    fn numbers_and_places_are_each_others_inverse(z in 0..=31_u8, x in any::<u32>(), y in any::<u32>()) {
        let side = 1_u64 << z;
        let (x, y) = ((u64::from(x) % side) as u32, (u64::from(y) % side) as u32);
        let id = id_of(z, x, y).unwrap();
        prop_assert_eq!(place_of(id).unwrap(), (z, x, y));
        if z < 31 {
            let of = |id| place_of(id).unwrap();
            for child in children(z, id) {
                prop_assert_eq!((of(child).0, of(child).1 / 2, of(child).2 / 2), (z + 1, x, y));
            }
        }
    }

    #[test]
    fn leaves_lead_to_the_same_entries(ids in prop::collection::btree_set(0..1_u64 << 30, 1..3_000), most in 60..2_000_usize) {
        let entries: Vec<Entry> =
            ids.iter().enumerate().map(|(n, id)| Entry { id: *id, offset: 9 * n as u64, length: 9, run: 1 }).collect();
        let (root, leaves) = lay_out(&entries, most);
        let root = decode(&gunzip(&root, 1 << 20).unwrap()).unwrap();
        for entry in &entries {
            let found = find(&root, entry.id).unwrap();
            let found = if found.run > 0 { found } else {
                let leaf = &leaves[found.offset as usize..][..found.length as usize];
                find(&decode(&gunzip(leaf, 1 << 20).unwrap()).unwrap(), entry.id).unwrap()
            };
            prop_assert_eq!(found, *entry);
        }
    }

    #[test]
    fn a_flipped_byte_or_a_short_file_never_ends_in_a_panic(at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("a.pmtiles");
        write(&out, &(0..40).map(|id| (id * 3, (id % 5) as u8)).collect());
        let mut bytes = std::fs::read(&out).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        std::fs::write(&out, &bytes).unwrap();
        let opened = PmTiles::open(&out);
        prop_assert!(!cut || opened.is_err());
        if let Ok(archive) = opened {
            for id in 0..130 {
                let (z, x, y) = place_of(id).unwrap();
                let _ = archive.tile(z, x, y);
            }
        }
    }
}

#[test]
fn numbers_are_those_of_the_specification() {
    for (z, x, y, id) in [(0, 0, 0, 0), (1, 0, 0, 1), (1, 0, 1, 2), (1, 1, 1, 3), (1, 1, 0, 4), (2, 0, 0, 5)]
    {
        assert_eq!(id_of(z, x, y), Some(id), "{z}/{x}/{y}");
    }
    // As the Python package of the format counts them.
    assert_eq!(id_of(12, 3423, 1763), Some(19_078_479));
    assert_eq!((id_of(1, 2, 0), id_of(32, 0, 0)), (None, None));
    assert!(place_of(u64::MAX).is_err());
}

#[test]
fn other_data_begin_anew_and_two_writers_do_not_meet() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a.pmtiles");
    let (mut part, _) = Part::open(&out, &[1; 32]).unwrap();
    part.push(0, &content(1)).unwrap();
    let held = Part::open(&out, &[1; 32]).err().unwrap();
    assert!(held.to_string().contains("busy"), "{held}");
    drop(part);
    assert_eq!(Part::open(&out, &[1; 32]).unwrap().1, Start::Resumed(1));
    let (part, start) = Part::open(&out, &[2; 32]).unwrap();
    assert_eq!((start, part.len()), (Start::Anew, 0));
    drop(part);
    let journal = dir.path().join("a.pmtiles.part");
    std::fs::write(&journal, "somebody else's notes").unwrap();
    assert!(matches!(Part::open(&out, &[2; 32]), Err(StoreError::Exists { .. })));
    assert_eq!(std::fs::read(journal).unwrap(), b"somebody else's notes");
}

#[test]
fn what_is_wrong_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("a.pmtiles");
    write(&out, &BTreeMap::from([(0, 1), (3, 2)]));
    let good = std::fs::read(&out).unwrap();
    let check = |change: &dyn Fn(&mut Vec<u8>), words: &str| {
        let mut bytes = good.clone();
        change(&mut bytes);
        std::fs::write(&out, bytes).unwrap();
        let error = PmTiles::open(&out).err().unwrap_or_else(|| panic!("opened: {words}"));
        assert!(error.to_string().contains(words), "{error} has no “{words}”");
        assert!(!error.text().vi.is_empty());
    };
    let mut silent = good.clone();
    silent[32..40].fill(0);
    std::fs::write(&out, silent).unwrap();
    assert_eq!(*PmTiles::open(&out).unwrap().metadata(), json!({}));
    check(&|b| b[0] = b'X', "does not begin");
    check(&|b| b.truncate(60), "does not begin");
    check(&|b| b[7] = 2, "version 2");
    check(&|b| b.truncate(b.len() - 1), "cut off: the tiles");
    check(&|b| b[97] = 4, "compression (number 4)");
    check(&|b| b[99] = 9, "number 9");
    check(&|b| b[99] = 2, "not of the kind");
    check(&|b| b[127] = 0, "gzip");
    check(&|b| b[100] = 10, "first zoom");
}
