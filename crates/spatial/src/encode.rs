//! Vector tiles: Mapbox Vector Tile 2.1, by `fast-mvt`, which writes version 2 and the extent into every layer.
//!
//! A tile holds exactly the features whose geometry intersects the tile's box grown by [`crate::BUFFER`] units,
//! judged on the unsnapped geometry in Mercator with closed boxes. So over all tiles of a zoom the ids are those of
//! the located features. Same input, same bytes: features stand in fid order, keys and values in the order in which
//! they first appear. Every snapped ring has area, no spikes and the right winding; see `ring` for what may still
//! be invalid after rounding.

use std::collections::BTreeSet;

use fast_mvt::{
    DEFAULT_EXTENT, MvtCoord, MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtTileBuilder, MvtValueRef,
};
use model::ValueRef;
use uuid::Uuid;

use crate::tile_geometry::{TileGeometry, in_tile};
use crate::{EXTENT, GridPoint, Snapshot, TileCoord};

const _: () = assert!(DEFAULT_EXTENT.get() == EXTENT);

/// Name of the property that holds the UUID.
const ID: &str = "id";

/// What of a layer goes into a tile.
#[derive(Clone, Copy)]
pub struct TileLayer<'a> {
    /// The layer's name in the tile; not empty, and once per tile.
    pub name: &'a str,
    /// The layer.
    pub snapshot: &'a Snapshot,
    /// The filter: whether a row is wanted.
    pub rows: &'a dyn Fn(usize) -> bool,
    /// Indices of the fields to write, in order. A field named `id` is left out: that property is the UUID.
    pub fields: &'a [usize],
    /// The value of a field in a row, as this reader may see it. Null is left out.
    pub value: &'a dyn Fn(usize, usize) -> ValueRef<'a>,
}

/// The tile as bytes; empty when no layer has a feature in it. A layer without features is left out, and so is a
/// second layer of the same name.
pub fn tile(coord: TileCoord, layers: &[TileLayer<'_>]) -> Vec<u8> {
    let mut out = MvtTileBuilder::new();
    let mut names = BTreeSet::new();
    for layer in layers {
        if layer.name.is_empty() || !names.insert(layer.name) {
            continue;
        }
        let rows = rows_in(coord, layer);
        if !rows.is_empty() {
            out = write_layer(out, coord, layer, &rows);
        }
    }
    out.encode()
}

/// The wanted rows of the tile in fid order.
fn rows_in(coord: TileCoord, layer: &TileLayer<'_>) -> Vec<(i64, usize)> {
    let (snapshot, grown) = (layer.snapshot, coord.grown_bounds());
    let wanted =
        |row: &usize| (layer.rows)(*row) && snapshot.place(*row).is_some_and(|place| place.meets(&grown));
    let mut rows: Vec<(i64, usize)> =
        snapshot.meeting(&grown).into_iter().filter(wanted).map(|row| (snapshot.fid(row), row)).collect();
    rows.sort_unstable();
    rows
}

fn write_layer(
    out: MvtTileBuilder,
    coord: TileCoord,
    layer: &TileLayer<'_>,
    rows: &[(i64, usize)],
) -> MvtTileBuilder {
    let snapshot = layer.snapshot;
    let named: Vec<(usize, &str)> = layer
        .fields
        .iter()
        .map(|i| (*i, snapshot.def().fields[*i].name.as_str()))
        .filter(|(_, name)| *name != ID)
        .collect();
    let mut builder = out.layer(layer.name).expect("the name is not empty");
    builder.extent(DEFAULT_EXTENT);
    for (fid, row) in rows {
        let Some(place) = snapshot.place(*row) else { continue };
        let mut feature = write_geometry(builder, &in_tile(&place, coord));
        feature.id(Some(*fid as u64));
        let mut buffer = Uuid::encode_buffer();
        write_value(
            &mut feature,
            ID,
            ValueRef::Text(snapshot.id(*row).hyphenated().encode_lower(&mut buffer)),
        );
        for (field, name) in &named {
            write_value(&mut feature, name, (layer.value)(*row, *field));
        }
        builder = feature.end();
    }
    builder.end()
}

fn coords(line: &[GridPoint]) -> impl Iterator<Item = MvtCoord> + '_ {
    // A tile's units are −64 to 4160.
    line.iter().map(|p| MvtCoord { x: p.x as i32, y: p.y as i32 })
}

fn write_geometry(layer: MvtLayerBuilder, geometry: &TileGeometry) -> MvtFeatureBuilder {
    const FITS: &str = "the kind is right, no part is empty, and counts are far below 2^29";
    match geometry {
        TileGeometry::Points(points) => {
            let mut feature = layer.feature_of(MvtGeomType::Point);
            feature.points(coords(points)).expect(FITS);
            feature
        }
        TileGeometry::Lines(lines) => {
            let mut feature = layer.feature_of(MvtGeomType::LineString);
            for line in lines {
                feature.line(coords(line)).expect(FITS);
            }
            feature
        }
        TileGeometry::Polygons(polygons) => {
            let mut feature = layer.feature_of(MvtGeomType::Polygon);
            for polygon in polygons {
                feature.ring(coords(&polygon.exterior), true).expect(FITS);
                for hole in &polygon.holes {
                    feature.ring(coords(hole), false).expect(FITS);
                }
            }
            feature
        }
    }
}

/// Dates and instants as ISO 8601 text, as in GeoJSON.
fn write_value(feature: &mut MvtFeatureBuilder, name: &str, value: ValueRef<'_>) {
    let text;
    let value = match value {
        // Cold: never in tiles.
        ValueRef::Null | ValueRef::List(_) => return,
        ValueRef::Bool(b) => MvtValueRef::Bool(b),
        // A negative plain int takes ten bytes.
        ValueRef::Int(i) if i < 0 => MvtValueRef::SInt(i),
        ValueRef::Int(i) => MvtValueRef::Int(i),
        ValueRef::Num(n) => MvtValueRef::Double(n),
        ValueRef::Text(s) => MvtValueRef::String(s),
        ValueRef::Date(d) => {
            text = d.to_string();
            MvtValueRef::String(&text)
        }
        ValueRef::Time(t) => {
            text = t.to_string();
            MvtValueRef::String(&text)
        }
    };
    feature.tag_ref(name, value).expect("a tile has far fewer than 2^32 values");
}
