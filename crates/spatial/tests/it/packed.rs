//! A snapshot, packed and unpacked, answers everything as before; other bytes are an error or a snapshot, never a panic.

use std::sync::Arc;

use crate::support::{check, point, shapes};
use jiff::Timestamp;
use jiff::civil::Date;
use model::{Bbox, Columns as _, Feature, Geometry, LayerDef, Touched, Value, parse_layer};
use proptest::prelude::*;
use spatial::{Part, Row, RowChange, Snapshot, TileCoord, TileLayer, UnpackError};
use uuid::Uuid;

const LAYER: &str = r##"
id = "packed"
title = { vi = "Gói", en = "Packed" }
description = { vi = "Gói", en = "Packed" }
geometry = "any"
time = "state"
start = "found_on"
photos = true
[[fields]]
name = "found_on"
type = "date"
title = { vi = "Ngày", en = "Day" }
[[fields]]
name = "state"
type = "code"
title = { vi = "Trạng thái", en = "State" }
codes = [{ code = "open", vi = "Mở", en = "Open" }, { code = "shut", vi = "Đóng", en = "Shut" }]
tile = true
[[fields]]
name = "a"
type = "text"
title = { vi = "A", en = "A" }
tile = true
[[fields]]
name = "b"
type = "text"
title = { vi = "B", en = "B" }
[[workflows]]
field = "state"
ends = ["shut"]
[style]
draw = "any"
color = "#000000"
"##;

/// A type of value: columns are of one, or mixed.
fn values(kind: u8) -> BoxedStrategy<Value> {
    let some = match kind {
        0 => any::<bool>().prop_map(Value::Bool).boxed(),
        1 => any::<i64>().prop_map(Value::Int).boxed(),
        2 => (-1e300..1e300_f64).prop_map(Value::Num).boxed(),
        3 => (-9999..=9999_i16, 1..=12_i8, 1..=28_i8)
            .prop_map(|(y, m, d)| Value::Date(Date::new(y, m, d).unwrap()))
            .boxed(),
        4 => (-377_705_000_000..253_402_000_000_i64, prop_oneof![Just(0), 0..1_000_000_000_i32])
            .prop_map(|(s, n)| Value::Time(Timestamp::new(s, n).unwrap()))
            .boxed(),
        5 => "[a-cđ ]{0,3}".prop_map(|s| Value::text(&s)).boxed(),
        6 => prop::collection::vec("[a-c]{0,2}", 1..3)
            .prop_map(|all| Value::List(all.iter().map(|s| Arc::from(s.as_str())).collect()))
            .boxed(),
        _ => (0..7_u8).prop_flat_map(values).boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 4 => some].boxed()
}

pub(crate) fn rows(def: &Arc<LayerDef>) -> impl Strategy<Value = Vec<Row>> + use<> {
    let def = Arc::clone(def);
    let place = || prop_oneof![3 => shapes(0.02).prop_map(Some), 1 => Just(None)];
    let one = (place(), (0..9_u8).prop_flat_map(values), any::<[u32; 6]>(), 0..4_usize, 0..3_i64);
    let kinds =
        (0..8_u8).prop_flat_map(move |kind| prop::collection::vec((one.clone(), values(kind)), 0..40));
    kinds.prop_map(move |all| {
        all.into_iter()
            .enumerate()
            .map(|(i, ((geometry, a, touched, moves, seq), b))| {
                let id = Uuid::from_u128(
                    u128::from(i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
                );
                let mut feature = Feature::empty(&def, id);
                (feature.fid, feature.seq, feature.geometry) = (i as i64 * 7 % 41 + 1, seq, geometry);
                feature.set(&def, "a", a);
                feature.set(&def, "b", b);
                feature.set(&def, "found_on", Value::Date(Date::constant(2024, 1, 1)));
                for step in 0..moves {
                    let state = if step % 2 == 0 { "open" } else { "shut" };
                    feature.move_to(&def, "state", state, Date::constant(2024, 2, 1 + step as i8));
                }
                Row { feature, touched: Touched::from_counts(touched), cold: false }
            })
            .collect()
    })
}

pub(crate) fn bytes(snapshot: &Snapshot) -> Vec<Vec<u8>> {
    let packed = snapshot.pack();
    (0..packed.part_count()).map(|n| packed.part(n)).collect()
}

fn unpack(def: &Arc<LayerDef>, parts: &[Vec<u8>]) -> Result<Snapshot, UnpackError> {
    let parts: Result<Vec<Part>, _> = parts.iter().map(|b| Part::read(b)).collect();
    Snapshot::unpack(Arc::clone(def), parts?)
}

fn tile_of(snapshot: &Snapshot, coord: TileCoord) -> Vec<u8> {
    let layer = TileLayer {
        name: "packed",
        snapshot,
        rows: &|_| true,
        fields: &[1, 2],
        plain: &[],
        value: &|row, field| snapshot.value(row, field, None),
        aggregate: None,
        budget: usize::MAX,
    };
    spatial::tile(coord, &[layer])
}

/// Everything that a snapshot can be asked, as text.
pub(crate) fn answers(s: &Snapshot) -> String {
    let mut out = format!("{} {} {:?} {:?}\n", s.len(), s.located_count(), s.bounds(), s.lifetime());
    for row in s.rows_after(i64::MIN) {
        let feature = s.feature(row);
        assert_eq!(s.find(feature.id), Some(row));
        assert_eq!(s.find_fid(feature.fid), Some(row));
        let days = (0..s.def().fields.len()).map(|f| s.value(row, f, Some(Date::constant(2024, 2, 2))));
        let days: Vec<_> = days.collect();
        out += &format!("{feature:?} {:?} {:?} {:?} {days:?}\n", s.touched(row), s.span(row), s.extent(row));
    }
    let b = Bbox { west: 103.87, south: 21.32, east: 103.91, north: 21.36 };
    let mut near: Vec<i64> = s.candidates(&b).into_iter().map(|row| s.fid(row)).collect();
    near.sort_unstable();
    let mut waiting: Vec<i64> = s.waiting().map(|row| s.fid(row)).collect();
    waiting.sort_unstable();
    out + &format!("{near:?} {waiting:?}")
}

/// A tile of all of it, and some below.
pub(crate) fn tiles(s: &Snapshot) -> Vec<Vec<u8>> {
    let coords = [(8, 201, 112), (12, 3229, 1799), (14, 12920, 7195)];
    coords.iter().map(|(z, x, y)| tile_of(s, TileCoord::new(*z, *x, *y).unwrap())).collect()
}

pub(crate) fn def() -> Arc<LayerDef> {
    Arc::new(parse_layer("packed.toml", LAYER).unwrap())
}

#[test]
fn what_was_packed_answers_as_before() {
    let def = def();
    let both = (rows(&def), rows(&def), prop::collection::vec(any::<bool>(), 40));
    check(192, both, |(base, changed, gone)| {
        let ids: Vec<Uuid> = base.iter().map(|r| r.feature.id).collect();
        let mut changes: Vec<RowChange> = Vec::new();
        for (i, row) in changed.into_iter().enumerate().filter(|(i, _)| gone.get(*i) == Some(&true)) {
            changes.push(RowChange::Put(row));
            changes.extend(ids.get(i + 3).filter(|_| i % 3 == 0).map(|id| RowChange::Remove(*id)));
        }
        let snapshot = Snapshot::build(Arc::clone(&def), base).apply(&changes);
        let again = unpack(&def, &bytes(&snapshot)).unwrap();
        prop_assert_eq!(answers(&snapshot), answers(&again));
        prop_assert_eq!(tiles(&snapshot), tiles(&again));
        prop_assert_eq!(again.base_len(), again.len());
        prop_assert_eq!(bytes(&again), bytes(&snapshot));
        Ok(())
    });
}

#[test]
fn what_is_gone_is_in_no_byte() {
    let def = def();
    let row = |fid: i64, word: &str| {
        let mut feature = Feature::empty(&def, Uuid::from_u128(fid as u128));
        feature.fid = fid;
        feature.set(&def, "a", Value::text(word));
        Row { feature, touched: Touched::default(), cold: false }
    };
    let (needle, other) = ("khong-duoc-ghi", "duoc-ghi");
    let snapshot = Snapshot::build(Arc::clone(&def), vec![row(1, needle), row(2, needle), row(3, other)]);
    let holds = |s: &Snapshot| bytes(s).concat().windows(needle.len()).any(|w| w == needle.as_bytes());
    assert!(holds(&snapshot));
    let gone = [RowChange::Put(row(1, other)), RowChange::Remove(Uuid::from_u128(2))];
    assert!(!holds(&snapshot.apply(&gone)));
}

#[test]
fn wrong_bytes_never_panic() {
    let def = def();
    // The second half says where it is cut or what is changed.
    let wrong = (rows(&def), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..=255_u8, 0..3_u8);
    check(1500, wrong, |(rows, part, byte, flip, how)| {
        let mut parts = bytes(&Snapshot::build(Arc::clone(&def), rows));
        let n = part.index(parts.len());
        let at = byte.index(parts[n].len());
        match how {
            0 => parts[n][at] ^= flip,
            1 => parts[n].truncate(at),
            _ => parts.truncate(n),
        }
        let read = unpack(&def, &parts);
        prop_assert!(how != 2 || read.is_err());
        if let Ok(s) = read {
            // What it answers may be wrong, which a checksum is for; but it answers.
            for row in 0..s.base_len() {
                let feature = s.feature(row);
                let _ = (s.find(feature.id), s.find_fid(feature.fid), s.extent(row), s.span(row));
            }
            let _ = (s.rows_after(i64::MIN).count(), s.bounds(), s.lifetime(), tiles(&s));
        }
        Ok(())
    });
}

#[test]
fn a_length_that_is_not_there_is_not_believed() {
    for kind in 0..=14_u8 {
        let mut bytes = vec![kind];
        bytes.extend(u64::MAX.to_le_bytes());
        bytes.extend([0; 64]);
        assert!(Part::read(&bytes).is_err(), "{kind}");
    }
    // Collections within collections, deeper than anybody draws.
    let mut deep: Geometry = point(104.0, 21.0);
    for _ in 0..40 {
        deep = Geometry::GeometryCollection(geo_types::GeometryCollection(vec![deep]));
    }
    let def = def();
    let mut feature = Feature::empty(&def, Uuid::nil());
    feature.geometry = Some(deep);
    let snapshot =
        Snapshot::build(Arc::clone(&def), vec![Row { feature, touched: Touched::default(), cold: false }]);
    assert!(unpack(&def, &bytes(&snapshot)).is_err());
}
