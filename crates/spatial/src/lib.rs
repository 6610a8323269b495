//! Turns geometry into answers: columns, index, clip, tiles, measure, projections.
//!
//! Pure: no IO, no clock, no randomness. Same input, same bytes. Geometry that enters is WGS 84
//! longitude/latitude in degrees and valid (see [`check_geometry`]); it is projected once, to the unit square of
//! Web Mercator, and everything about tiles is decided there.

mod aggregate;
mod bits;
mod block;
mod clip;
mod column;
mod cover;
mod crs;
mod curve;
mod delta;
mod derive;
mod edges;
mod encode;
mod extents;
mod fallback;
mod gather;
mod geometry;
mod lattice;
mod measure;
mod mercator;
mod merge;
mod mvt;
mod outline;
mod pack;
mod paged;
mod path;
mod predicate;
mod rim;
mod rims;
mod ring;
mod run;
mod segments;
mod shape;
mod snap;
mod snapshot;
mod snapshot_area;
mod snapshot_columns;
mod snapshot_rows;
mod stamps;
mod tile_coord;
mod tile_geometry;
mod tile_ranges;
mod untangle;
mod validity;

pub use aggregate::{Aggregate, Bins, CELLS_PER_TILE, LAST_CLUSTER_ZOOM, cluster_cell, cluster_id};
pub use crs::{CrsError, from_wgs84, to_wgs84};
pub use derive::derive_zones;
pub use encode::{META, TileLayer, tile};
pub use geometry::extent;
pub use lattice::{Cell, Lattice, MOST_CELLS_ACROSS};
pub use measure::{area_m2, distance_m, length_m};
pub use mercator::{LonLat, Mercator, MercatorBox};
pub use pack::{Packed, Part, UnpackError};
pub use predicate::Predicate;
pub use ring::{clean, signed_area_doubled};
pub use segments::Segment;
pub use snap::{COARSE_STEP, COARSE_ZOOM, EXTENT, GridPoint, snap, snap_vertex};
pub use snapshot::{Row, RowChange, Snapshot};
pub use stamps::Stamps;
pub use tile_coord::{BUFFER, MAX_ZOOM, TileCoord, TileCoordError};
pub use tile_ranges::{LAST_RANGE_ZOOM, tile_ranges};
pub use validity::{GeometryFault, check_geometry};

pub use clip::{GridBox, clip_line, clip_rings};
