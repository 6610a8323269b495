//! Tiles feature by feature: what is written, what is left out, what becomes of the very small.

use crate::support::{decode, def, point, row, tile_of};
use fast_mvt::{MvtReaderRef, MvtValueRef};
use geo_types::{Geometry as Any, MultiPolygon, line_string, polygon};
use model::{Columns, Geometry, ValueRef};
use spatial::{GridPoint, LonLat, Mercator, Snapshot, TileCoord, TileLayer, signed_area_doubled, tile};

fn snapshot(geometries: &[Geometry]) -> Snapshot {
    let rows = geometries.iter().zip(1..).map(|(g, id)| row(id, Some(g.clone()))).collect();
    Snapshot::build(def(), rows)
}

fn holding(lon: f64, lat: f64, z: u8) -> TileCoord {
    let m = LonLat::new(lon, lat).to_mercator();
    let side = f64::from(1_u32 << z);
    TileCoord::new(z, (m.x * side) as u32, (m.y * side) as u32).unwrap()
}

/// A place by its units in a tile.
fn unit(t: TileCoord, x: f64, y: f64) -> (f64, f64) {
    let side = f64::from(4096_u32) * f64::from(1_u32 << t.z());
    let at = |tile: u32, v: f64| (f64::from(tile) * 4096.0 + v) / side;
    let place = Mercator { x: at(t.x(), x), y: at(t.y(), y) }.to_lon_lat();
    (place.lon, place.lat)
}

fn only(bytes: &[u8]) -> Any<i32> {
    let reader = MvtReaderRef::new(bytes).unwrap();
    let layer = reader.layers().next().unwrap();
    let feature = layer.features().next().unwrap();
    feature.geometry().unwrap()
}

fn area(p: &geo_types::Polygon<i32>) -> i128 {
    let ring: Vec<GridPoint> =
        p.exterior().0.iter().map(|c| GridPoint { x: c.x.into(), y: c.y.into() }).collect();
    signed_area_doubled(&ring) / 2
}

#[test]
fn values_are_written_as_they_are_given() {
    let s = snapshot(&[point(104.0, 21.0), point(104.0, 21.0), point(104.0, 21.0)]);
    let coord = holding(104.0, 21.0, 12);
    let layer = TileLayer {
        name: "mine",
        snapshot: &s,
        rows: &|row| s.fid(row) != 1,
        fields: &[1, 0],
        plain: &[],
        value: &|row, field| {
            if field == 1 && s.fid(row) == 2 { ValueRef::Text("<5") } else { s.value(row, field, None) }
        },
        aggregate: None,
        budget: usize::MAX,
    };
    let bytes = tile(coord, &[layer, layer]);
    let reader = MvtReaderRef::new(&bytes).unwrap();
    assert_eq!(reader.layer_count(), 1, "a name stands once");
    let layer = reader.layers().next().unwrap();
    let told: Vec<_> = layer.features().map(|f| (f.id().unwrap(), f.properties_vec().unwrap())).collect();
    let uuid = |id| uuid::Uuid::from_u128(id).to_string();
    let text = MvtValueRef::String;
    assert_eq!(
        told,
        [
            (2, vec![("id", text(&uuid(2))), ("n", text("<5")), ("name", text("thing 2"))]),
            (3, vec![("id", text(&uuid(3))), ("n", MvtValueRef::SInt(-2))]),
        ]
    );
}

#[test]
fn nothing_is_no_bytes() {
    let s = snapshot(&[point(104.0, 21.0)]);
    assert!(tile_of(&s, holding(10.0, 50.0, 10)).is_empty());
    assert!(tile(holding(104.0, 21.0, 10), &[]).is_empty());
    let none = TileLayer {
        name: "x",
        snapshot: &s,
        rows: &|_| false,
        fields: &[],
        plain: &[],
        value: &|_, _| ValueRef::Null,
        aggregate: None,
        budget: usize::MAX,
    };
    assert!(tile(holding(104.0, 21.0, 10), &[none]).is_empty());
}

#[test]
fn a_point_is_in_every_tile_whose_buffer_it_lies_in() {
    let t = holding(104.0, 21.0, 14);
    let right = TileCoord::new(14, t.x() + 1, t.y()).unwrap();
    let near = |units: f64| {
        let (lon, lat) = unit(t, 4096.0 - units, 2000.0);
        snapshot(&[point(lon, lat)])
    };
    assert_eq!(decode(&tile_of(&near(63.9), right)).len(), 1);
    assert!(tile_of(&near(64.1), right).is_empty());
    assert_eq!(only(&tile_of(&near(63.9), right)), Any::Point((-64, 2000).into()));
}

#[test]
fn a_polygon_below_a_pixel_stays_as_a_square_of_one() {
    let t = holding(104.0, 21.0, 10);
    for (x, y) in [(1000.0, 1000.0), (-63.0, 4159.0)] {
        let corners =
            [(0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2)].map(|(dx, dy)| unit(t, x + dx, y + dy));
        let tiny = geo_types::Polygon::new(corners.to_vec().into(), vec![]);
        let Any::Polygon(square) = only(&tile_of(&snapshot(&[tiny.clone().into()]), t)) else {
            panic!("a polygon")
        };
        assert_eq!(area(&square), 64);
        assert_eq!(decode(&tile_of(&snapshot(&[MultiPolygon(vec![tiny]).into()]), t)).len(), 1);
    }
}

#[test]
fn what_is_thinner_than_a_unit_is_still_there() {
    let t = holding(104.0, 21.0, 10);
    let at = |x, y| geo_types::Coord::from(unit(t, x, y));
    let sliver = polygon![at(100.0, 100.2), at(3000.0, 100.2), at(3000.0, 100.3), at(100.0, 100.3)];
    let dot = line_string![at(500.0, 500.0), at(500.1, 500.1)];
    let grazing = line_string![at(-100.0, 4100.3), at(-63.9, 4100.3), at(-100.0, 4120.0)];
    let s = snapshot(&[sliver.into(), dot.into(), grazing.into()]);
    assert_eq!(decode(&tile_of(&s, t)), [1, 2, 3].into());
}

#[test]
fn a_tile_inside_a_hole_does_not_have_the_polygon() {
    let t = holding(104.0, 21.0, 12);
    let square = |from: f64, to: f64| {
        let corners = [(from, from), (to, from), (to, to), (from, to)].map(|(x, y)| unit(t, x, y));
        geo_types::LineString::from(corners.to_vec())
    };
    let ring = |hole| geo_types::Polygon::new(square(-9000.0, 9000.0), vec![hole]);
    assert!(tile_of(&snapshot(&[ring(square(-100.0, 4200.0)).into()]), t).is_empty());
    let Any::Polygon(p) = only(&tile_of(&snapshot(&[ring(square(1000.0, 2000.0)).into()]), t)) else {
        panic!()
    };
    assert_eq!(p.interiors().len(), 1);
    // Another part brings the feature in; the part whose hole is the whole tile leaves nothing.
    let both =
        MultiPolygon(vec![ring(square(-100.0, 4200.0)), geo_types::Polygon::new(square(10.0, 90.0), vec![])]);
    let Any::Polygon(p) = only(&tile_of(&snapshot(&[both.into()]), t)) else { panic!("one polygon") };
    assert_eq!(area(&p), 80 * 80);
}
