//! Vector tiles: which features and cells of a layer a tile holds, and what is said of them.
//!
//! A tile holds exactly the features whose geometry intersects the tile's box grown by [`crate::BUFFER`] units,
//! judged on the unsnapped geometry in Mercator with closed boxes. So over all tiles of a zoom the ids are those of
//! the located features. Same input, same bytes: features stand in fid order, then cells from north to south. Every
//! snapped ring has area, no spikes and the right winding; see `ring` for what may still be invalid after rounding.
//!
//! Where a layer is counted ([`Aggregate`]), a tile holds the clusters whose place, or the cells whose area, meets the
//! grown box: copies in buffers repeat their id, and over distinct ids the counts sum to the features.
//!
//! A tile never holds more than its budget of a layer. What is cut is the least: small extents first, of points an
//! even choice; the layer [`META`] tells how many.

use std::collections::{BTreeMap, BTreeSet};

use geo_types::{Coord, Polygon};
use model::ValueRef;
use uuid::Uuid;

use crate::aggregate::{self, Aggregate, Bin, Bins, cluster_id};
use crate::column::Column;
use crate::lattice::{Cell, Lattice};
use crate::mvt::{Key, Kind, Layer};
use crate::shape::Place;
use crate::tile_geometry::{TileGeometry, in_tile};
use crate::{EXTENT, GridPoint, Snapshot, TileCoord};

/// Name of the property that holds the UUID.
const ID: &str = "id";

/// The layer that tells what a budget cut: one feature a layer, with `layer` and `dropped`.
pub const META: &str = "_meta";

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
    /// Of each of these fields whether `value` gives it just as the snapshot has it; missing means no.
    pub plain: &'a [bool],
    /// The value of a field in a row, as this reader may see it. Null is left out.
    pub value: &'a dyn Fn(usize, usize) -> ValueRef<'a>,
    /// How the layer is counted, if it is.
    pub aggregate: Option<Aggregate<'a>>,
    /// The most features of the layer in the tile.
    pub budget: usize,
}

/// The tile as bytes; empty when no layer has a feature in it. A layer without features is left out, and so is a
/// second layer of the same name.
pub fn tile(coord: TileCoord, layers: &[TileLayer<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut names = BTreeSet::new();
    let mut dropped: Vec<(&str, usize)> = Vec::new();
    for layer in layers {
        if layer.name.is_empty() || !names.insert(layer.name) {
            continue;
        }
        let mut writer = Writer::new(coord, layer);
        let lattice = layer.aggregate.as_ref().and_then(|a| Some((a, a.bins.lattice(coord.z())?)));
        let more = if let Some((aggregate, lattice)) = lattice {
            writer.cells(aggregate, lattice)
        } else {
            writer.rows()
        };
        if more > 0 {
            dropped.push((layer.name, more));
        }
        writer.layer.write(&mut out);
    }
    meta(&dropped).write(&mut out);
    out
}

/// The wanted rows of the tile in fid order.
fn rows_in(coord: TileCoord, layer: &TileLayer<'_>) -> Vec<(i64, usize)> {
    let (snapshot, grown) = (layer.snapshot, coord.grown_bounds());
    let mut rows = Vec::new();
    snapshot.visit(&grown, |row| {
        if (layer.rows)(row) && snapshot.meets(row, &grown) {
            rows.push((snapshot.fid(row), row));
        }
    });
    rows.sort_unstable();
    rows
}

/// Leaves the `budget` greatest by extent; among equals, points above all, those whose scrambled fid is least, so
/// that what remains is spread like the whole. Gives how many were cut.
fn cut(snapshot: &Snapshot, rows: &mut Vec<(i64, usize)>, budget: usize) -> usize {
    let Some(more) = rows.len().checked_sub(budget).filter(|n| *n > 0) else { return 0 };
    // The multiplier of Knuth's multiplicative hash for 64 bits.
    let scrambled = |fid: i64| (fid as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut ranked: Vec<(f64, u64, (i64, usize))> =
        rows.iter().map(|&(fid, row)| (-snapshot.longest_side(row), scrambled(fid), (fid, row))).collect();
    ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    rows.clear();
    rows.extend(ranked.into_iter().take(budget).map(|(_, _, row)| row));
    rows.sort_unstable();
    more
}

/// Leaves the `budget` cells with the most features; gives how many features are not told.
fn cut_cells(cells: &mut Vec<(Cell, &Bin)>, budget: usize) -> usize {
    if cells.len() <= budget {
        return 0;
    }
    cells.sort_unstable_by_key(|(cell, bin)| (std::cmp::Reverse(bin.count), *cell));
    let more = cells[budget..].iter().map(|(_, bin)| bin.count as usize).sum();
    cells.truncate(budget);
    cells.sort_unstable_by_key(|(cell, _)| *cell);
    more
}

fn meta(dropped: &[(&str, usize)]) -> Layer {
    let mut layer = Layer::new(META);
    if !dropped.is_empty() {
        let (name, count) = (layer.key("layer"), layer.key("dropped"));
        for ((what, more), n) in dropped.iter().zip(1..) {
            layer.tag(name, ValueRef::Text(what));
            layer.tag(count, ValueRef::Int(*more as i64));
            let middle = i64::from(EXTENT) / 2;
            layer.points(&[GridPoint { x: middle, y: middle }]);
            layer.end(n, Kind::Point);
        }
    }
    layer
}

/// A field being written.
struct Field<'a> {
    index: usize,
    name: &'a str,
    key: Option<Key>,
    /// The column of the base, where it may be read without asking.
    column: Option<&'a Column>,
    /// Per code of a dictionary the number of its value in the tile, once it was written.
    written: Vec<Option<u32>>,
}

/// A dictionary larger than this is looked up by its words.
const MOST_WORDS: usize = 4_096;

/// Writes one layer of a tile. Keys get their number when they are first used.
struct Writer<'a, 'b> {
    coord: TileCoord,
    source: &'b TileLayer<'a>,
    layer: Layer,
    id: Option<Key>,
    fields: Vec<Field<'a>>,
    own: BTreeMap<String, Key>,
}

impl<'a, 'b> Writer<'a, 'b> {
    fn new(coord: TileCoord, source: &'b TileLayer<'a>) -> Writer<'a, 'b> {
        let snapshot = source.snapshot;
        let fields = source.fields.iter().enumerate().map(|(n, &index)| {
            let is_plain = source.plain.get(n).copied().unwrap_or(false);
            let column = is_plain.then(|| snapshot.base.column(index));
            let words = column.and_then(Column::words).map_or(0, <[_]>::len);
            let name = snapshot.def().fields[index].name.as_str();
            let written = if words <= MOST_WORDS { vec![None; words] } else { Vec::new() };
            Field { index, name, key: None, column, written }
        });
        Writer {
            coord,
            source,
            layer: Layer::new(source.name),
            id: None,
            fields: fields.filter(|f| f.name != ID).collect(),
            own: BTreeMap::new(),
        }
    }

    /// Writes the features; gives how many the budget cut.
    fn rows(&mut self) -> usize {
        let mut rows = rows_in(self.coord, self.source);
        let more = cut(self.source.snapshot, &mut rows, self.source.budget);
        self.layer.reserve(rows.len());
        for (fid, row) in rows {
            self.row(fid, row);
        }
        more
    }

    fn row(&mut self, fid: i64, row: usize) {
        let Some(kind) = self.place(row) else { return };
        self.properties(row);
        self.layer.end(fid as u64, kind);
    }

    fn properties(&mut self, row: usize) {
        let mut buffer = Uuid::encode_buffer();
        let id = self.source.snapshot.id(row).hyphenated().encode_lower(&mut buffer);
        let key = *self.id.get_or_insert_with(|| self.layer.key(ID));
        self.layer.tag_once(key, id);
        let of_base = row < self.source.snapshot.base_len();
        for field in &mut self.fields {
            let column = field.column.filter(|_| of_base);
            let code = column.and_then(|c| c.code(row));
            if let (Some(key), Some(Some(Some(index)))) = (field.key, code.map(|c| field.written.get(c))) {
                self.layer.tag_known(key, *index);
                continue;
            }
            let value = match column {
                Some(column) => column.get(row),
                None => (self.source.value)(row, field.index),
            };
            if !matches!(value, ValueRef::Null | ValueRef::List(_)) {
                let key = *field.key.get_or_insert_with(|| self.layer.key(field.name));
                let index = self.layer.tag(key, value);
                if let Some(written) = code.and_then(|c| field.written.get_mut(c)) {
                    *written = index;
                }
            }
        }
    }

    /// Writes a row's geometry; its kind.
    fn place(&mut self, row: usize) -> Option<Kind> {
        if let Some(at) = self.source.snapshot.point(row) {
            let p = crate::tile_geometry::point_in_tile(at, self.coord);
            self.layer.points(&[p]);
            return Some(Kind::Point);
        }
        let place = self.source.snapshot.place(row)?;
        Some(self.geometry(&in_tile(&place, self.coord)))
    }

    fn geometry(&mut self, geometry: &TileGeometry) -> Kind {
        match geometry {
            TileGeometry::Points(points) => {
                self.layer.points(points);
                Kind::Point
            }
            TileGeometry::Lines(lines) => {
                for line in lines {
                    self.layer.line(line);
                }
                Kind::Line
            }
            TileGeometry::Polygons(polygons) => {
                for polygon in polygons {
                    self.layer.ring(&polygon.exterior);
                    polygon.holes.iter().for_each(|hole| self.layer.ring(hole));
                }
                Kind::Polygon
            }
        }
    }

    /// Writes clusters or cells; gives how many features the budget cut.
    fn cells(&mut self, aggregate: &Aggregate<'_>, lattice: Lattice) -> usize {
        let grown = self.coord.grown_bounds();
        let (snapshot, reach) = (self.source.snapshot, lattice.reach(&grown));
        let bins = aggregate::bins(snapshot, lattice, &reach, aggregate, self.source.rows, self.source.value);
        let are_cells = matches!(aggregate.bins, Bins::Cells(_));
        let is_here = |cell: Cell, bin: &Bin| {
            if are_cells { lattice.bounds(cell).meets(&grown) } else { grown.contains(bin.mean()) }
        };
        let mut here: Vec<(Cell, &Bin)> =
            bins.iter().map(|(cell, bin)| (*cell, bin)).filter(|(cell, bin)| is_here(*cell, bin)).collect();
        let cut = cut_cells(&mut here, self.source.budget);
        if are_cells {
            for (cell, bin) in here {
                self.cell(aggregate, lattice, cell, bin);
            }
            return cut;
        }
        let (alone, many): (Vec<_>, Vec<_>) = here.into_iter().partition(|(_, bin)| bin.count == 1);
        let mut alone: Vec<(i64, &Bin)> =
            alone.iter().map(|(_, bin)| (snapshot.fid(bin.row), *bin)).collect();
        alone.sort_unstable_by_key(|(fid, _)| *fid);
        for (fid, bin) in alone {
            self.point(bin);
            self.properties(bin.row);
            self.layer.end(fid as u64, Kind::Point);
        }
        for (cell, bin) in many {
            self.cluster(aggregate, cell, bin);
        }
        cut
    }

    fn point(&mut self, bin: &Bin) {
        self.layer.points(&[crate::tile_geometry::point_in_tile(bin.mean(), self.coord)]);
    }

    fn cluster(&mut self, aggregate: &Aggregate<'_>, cell: Cell, bin: &Bin) {
        let (z, id) = (self.coord.z(), cluster_id(self.coord.z(), cell));
        self.say("cluster", ValueRef::Bool(true));
        self.say("cluster_id", ValueRef::Int(id as i64));
        self.say("expansion_zoom", ValueRef::Int(bin.expansion_zoom(aggregate.bins, z).into()));
        self.counts(aggregate, bin);
        self.point(bin);
        self.layer.end(id, Kind::Point);
    }

    fn cell(&mut self, aggregate: &Aggregate<'_>, lattice: Lattice, cell: Cell, bin: &Bin) {
        // Hexagons begin half a cell west of the world.
        let number = |v: i32| u64::from((v + 1) as u32 & 0xff_ffff);
        let id = 1 << 52 | number(cell.column) << 24 | number(cell.row);
        self.say("cell_id", ValueRef::Int(id as i64));
        self.say("per_km2", ValueRef::Num(bin.count as f64 / lattice.area_m2(cell) * 1e6));
        self.counts(aggregate, bin);
        let corners = lattice.corners(cell).into_iter().map(|m| {
            let at = m.to_lon_lat();
            Coord { x: at.lon, y: at.lat }
        });
        let area = Polygon::new(corners.collect(), Vec::new());
        if let Some(place) = Place::of(&area.into()) {
            let kind = self.geometry(&in_tile(&place, self.coord));
            self.layer.end(id, kind);
        }
    }

    fn counts(&mut self, aggregate: &Aggregate<'_>, bin: &Bin) {
        self.say("point_count", ValueRef::Int(bin.count as i64));
        let def = self.source.snapshot.def();
        for (field, sum) in aggregate.sums.iter().zip(&bin.sums) {
            if let Some(sum) = sum {
                let name = format!("sum_{}", def.fields[*field].name);
                let whole = (sum % 1_000_000 == 0).then(|| i64::try_from(sum / 1_000_000).ok()).flatten();
                self.say(&name, whole.map_or(ValueRef::Num(*sum as f64 / 1e6), ValueRef::Int));
            }
        }
        if let Some((field, codes)) = aggregate.by {
            let name = &def.fields[field].name;
            for (code, n) in codes.iter().zip(&bin.codes).filter(|(_, n)| **n > 0) {
                self.say(&format!("n_{name}_{code}"), ValueRef::Int((*n).into()));
            }
        }
    }

    fn say(&mut self, name: &str, value: ValueRef<'_>) {
        let key = self.own.get(name).copied().unwrap_or_else(|| {
            let key = self.layer.key(name);
            self.own.insert(name.to_owned(), key);
            key
        });
        self.layer.tag(key, value);
    }
}
