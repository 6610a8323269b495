//! The area of a filter: a polygon or several, with its edges sorted into bands of latitude, so that a point meets
//! only the few edges beside it.

use geo_types::{Coord, LineString, Polygon};

use crate::{Bbox, Geometry};

/// Edges a band should hold in a plain area.
const EDGES_PER_BAND: usize = 8;
/// The most bands.
const MAX_BANDS: usize = 256;

/// A polygonal geometry, prepared for many questions.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    geometry: Geometry,
    bbox: Bbox,
    edges: Vec<[Coord<f64>; 2]>,
    /// Numbers of the edges of band n: those from `ends[n − 1]` (or 0) to `ends[n]`.
    banded: Vec<u32>,
    ends: Vec<u32>,
}

impl Area {
    /// Prepares a polygon or multipolygon in degrees; `None` for other geometry, or one without coordinates.
    pub fn new(geometry: Geometry) -> Option<Area> {
        let polygons: &[Polygon] = match &geometry {
            Geometry::Polygon(p) => std::slice::from_ref(p),
            Geometry::MultiPolygon(m) => &m.0,
            _ => return None,
        };
        let rings = polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        let edges: Vec<[Coord<f64>; 2]> = rings.flat_map(edges_of).collect();
        let first = edges.first()?[0];
        let mut bbox = Bbox { west: first.x, south: first.y, east: first.x, north: first.y };
        for c in edges.iter().flatten() {
            bbox.west = bbox.west.min(c.x);
            bbox.east = bbox.east.max(c.x);
            bbox.south = bbox.south.min(c.y);
            bbox.north = bbox.north.max(c.y);
        }
        let mut area = Area { geometry, bbox, edges, banded: Vec::new(), ends: Vec::new() };
        area.sort_into_bands();
        Some(area)
    }

    fn sort_into_bands(&mut self) {
        let count = (self.edges.len() / EDGES_PER_BAND).clamp(1, MAX_BANDS);
        let mut bands = vec![Vec::new(); count];
        for (n, [a, b]) in self.edges.iter().enumerate() {
            let (low, high) = (self.band(a.y.min(b.y), count), self.band(a.y.max(b.y), count));
            for band in &mut bands[low..=high] {
                band.push(n as u32);
            }
        }
        for band in bands {
            self.banded.extend(band);
            self.ends.push(self.banded.len() as u32);
        }
    }

    /// The band of a latitude. It never falls as the latitude rises, so an edge stands in the band of each of its
    /// points.
    fn band(&self, lat: f64, count: usize) -> usize {
        let share = (lat - self.bbox.south) / (self.bbox.north - self.bbox.south);
        // A box without height makes this NaN, which becomes 0.
        ((share * count as f64) as usize).min(count - 1)
    }

    /// The geometry.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Its box.
    pub fn bbox(&self) -> &Bbox {
        &self.bbox
    }

    /// Every edge that reaches this latitude, and some that do not.
    pub fn edges_at(&self, lat: f64) -> impl Iterator<Item = &[Coord<f64>; 2]> {
        let band = self.band(lat, self.ends.len());
        let from = band.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.banded[from as usize..self.ends[band] as usize].iter().map(|n| &self.edges[*n as usize])
    }
}

fn edges_of(ring: &LineString<f64>) -> impl Iterator<Item = [Coord<f64>; 2]> + '_ {
    ring.0.windows(2).map(|w| [w[0], w[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_is_found_at_every_latitude_it_reaches() {
        let corners: Vec<(f64, f64)> = (0..200)
            .map(|i| {
                let turn = f64::from(i) / 200.0 * std::f64::consts::TAU;
                let radius = if i % 2 == 0 { 1.0 } else { 0.2 };
                (103.9 + radius * turn.cos(), 21.3 + radius * turn.sin())
            })
            .collect();
        let ring: LineString = corners.into();
        let area = Area::new(Polygon::new(ring, Vec::new()).into()).unwrap();
        assert!(area.ends.len() > 10 && area.edges.len() == 200);
        for step in 0..=1_000 {
            let bbox = area.bbox();
            let lat = bbox.south + (bbox.north - bbox.south) * f64::from(step) / 1_000.0;
            let reach = |[a, b]: &&[Coord<f64>; 2]| a.y.min(b.y) <= lat && lat <= a.y.max(b.y);
            assert_eq!(area.edges_at(lat).filter(reach).count(), area.edges.iter().filter(reach).count());
        }
    }

    #[test]
    fn only_polygons_are_areas() {
        assert!(Area::new(geo_types::Point::new(1.0, 2.0).into()).is_none());
        assert!(Area::new(geo_types::MultiPolygon::<f64>(Vec::new()).into()).is_none());
    }
}
