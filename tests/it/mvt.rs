//! A reader of Mapbox vector tiles written for the tests alone, from the specification: what we write is judged by
//! somebody else's eyes. What it makes of anything the specification does not allow is an error (`reader`); most tests
//! want none and panic at it ([`decode`]).

mod fixtures;
mod reader;

use std::collections::BTreeMap;

use serde_json::Value;

/// A place in units of the tile.
pub(crate) type Spot = (i64, i64);

/// One layer of a tile.
#[derive(Debug)]
pub(crate) struct TileLayer {
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) extent: u64,
    pub(crate) features: Vec<TileFeature>,
}

/// One feature of a layer.
#[derive(Debug, Default)]
pub(crate) struct TileFeature {
    pub(crate) fid: u64,
    pub(crate) properties: BTreeMap<String, Value>,
    /// 1 points, 2 lines, 3 polygons; 0 of an unknown kind, without paths.
    pub(crate) kind: u64,
    /// Points as one path; lines; rings without the repeated first vertex.
    pub(crate) paths: Vec<Vec<Spot>>,
}

impl TileFeature {
    /// The property `id`.
    #[track_caller]
    pub(crate) fn id(&self) -> &str {
        self.properties["id"].as_str().expect("the property id is a text")
    }

    /// Rings as polygons: each exterior (clockwise on the screen) with the holes that follow it.
    #[track_caller]
    pub(crate) fn polygons(&self) -> Vec<Vec<&[Spot]>> {
        assert_eq!(self.kind, 3, "not a polygon");
        let mut all: Vec<Vec<&[Spot]>> = Vec::new();
        for ring in &self.paths {
            match doubled_area(ring) {
                0 => panic!("a ring without area: {ring:?}"),
                area if area > 0 => all.push(vec![ring]),
                _ => all.last_mut().expect("a hole before any exterior").push(ring),
            }
        }
        all
    }
}

/// Twice the area by the surveyor's formula, positive when the ring runs clockwise with y down.
pub(crate) fn doubled_area(ring: &[Spot]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|((ax, ay), (bx, by))| ax * by - bx * ay).sum()
}

/// The layers of a tile as we write it: version 2, no layer and no feature without anything in it. None for an empty one.
#[track_caller]
pub(crate) fn decode(bytes: &[u8]) -> Vec<TileLayer> {
    let layers = reader::read(bytes).unwrap_or_else(|error| panic!("not a vector tile: {error:#}"));
    for layer in &layers {
        assert_eq!(layer.version, 2, "the version of the layer {}", layer.name);
        assert!(!layer.features.is_empty(), "a layer without features: {}", layer.name);
        assert!(layer.features.iter().all(|f| f.kind != 0), "a feature of unknown kind in {}", layer.name);
    }
    layers
}

/// The features of one layer of a tile.
#[track_caller]
pub(crate) fn features(bytes: &[u8], layer: &str) -> Vec<TileFeature> {
    let found = decode(bytes).into_iter().find(|l| l.name == layer);
    found.map(|l| l.features).unwrap_or_default()
}
