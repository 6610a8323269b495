//! A geometry prepared for tiles: projected, taken apart into points, lines and rings that know their stretches, and,
//! for large ones, kept simplified and repaired for each zoom at which it was drawn.

use std::sync::OnceLock;

use geo_types::{Coord, LineString, Polygon};
use model::Geometry;

use crate::clip::GridBox;
use crate::geometry::project;
use crate::path::Path;
use crate::ring::polygons;
use crate::snap::{COARSE_ZOOM, VertexGrid};
use crate::{GridPoint, Mercator, MercatorBox};

/// From this many vertices on, what a zoom draws is kept: small shapes are drawn as fast as they are found.
const LARGE: usize = 128;

/// Parts of a geometry in the unit square, by kind.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) points: Vec<Mercator>,
    pub(crate) lines: Vec<Path>,
    /// Exterior first; it runs clockwise on the screen and its holes the other way.
    pub(crate) polygons: Vec<Vec<Path>>,
    /// Whether the rings are known to be valid on the grid of the zoom for which they were made.
    pub(crate) sound: bool,
    /// For each zoom up to [`COARSE_ZOOM`], made when it is first drawn. Empty for small shapes. About as much as the
    /// shape itself, all zooms together, when its vertices are closer than a pixel there.
    coarse: Box<[OnceLock<Outline>]>,
}

impl Outline {
    /// Projects a geometry in degrees. Edges are straight in Mercator, as they are drawn.
    pub(crate) fn of(geometry: &Geometry) -> Outline {
        let mut outline = Outline::default();
        outline.collect(&project(geometry));
        if outline.len() >= LARGE {
            outline.coarse = (0..=COARSE_ZOOM).map(|_| OnceLock::new()).collect();
        }
        outline
    }

    fn collect(&mut self, geometry: &Geometry) {
        match geometry {
            Geometry::Point(p) => self.points.push(Mercator { x: p.x(), y: p.y() }),
            Geometry::MultiPoint(all) => {
                self.points.extend(all.iter().map(|p| Mercator { x: p.x(), y: p.y() }));
            }
            Geometry::LineString(line) => self.add_line(line),
            Geometry::MultiLineString(all) => all.iter().for_each(|l| self.add_line(l)),
            Geometry::Polygon(polygon) => self.add_polygon(polygon),
            Geometry::MultiPolygon(all) => all.iter().for_each(|p| self.add_polygon(p)),
            Geometry::GeometryCollection(all) => all.iter().for_each(|g| self.collect(g)),
            // Projection turned these into line strings and polygons.
            Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {}
        }
    }

    fn add_line(&mut self, line: &LineString<f64>) {
        if !line.0.is_empty() {
            self.lines.push(Path::line(vertices(&line.0)));
        }
    }

    fn add_polygon(&mut self, polygon: &Polygon<f64>) {
        if polygon.exterior().0.is_empty() {
            return;
        }
        let turned = |line: &LineString<f64>, exterior: bool| {
            let ring = Path::ring(vertices(&line.0));
            if (ring.area_doubled() > 0.0) == exterior { ring } else { ring.reversed() }
        };
        let holes = polygon.interiors().iter().filter(|r| !r.0.is_empty()).map(|r| turned(r, false));
        self.polygons.push(std::iter::once(turned(polygon.exterior(), true)).chain(holes).collect());
    }

    /// How many vertices lines and rings have.
    fn len(&self) -> usize {
        self.lines.iter().chain(self.polygons.iter().flatten()).map(Path::len).sum()
    }

    /// Whether there is nothing but polygons.
    pub(crate) fn is_areal(&self) -> bool {
        self.points.is_empty() && self.lines.is_empty() && !self.polygons.is_empty()
    }

    /// The box of all parts.
    pub(crate) fn bounds(&self) -> MercatorBox {
        let mut b = MercatorBox::EMPTY;
        self.points.iter().for_each(|p| b.include(p.x, p.y));
        for path in self.lines.iter().chain(self.polygons.iter().flatten()) {
            b.include(path.bounds().min_x, path.bounds().min_y);
            b.include(path.bounds().max_x, path.bounds().max_y);
        }
        b
    }

    /// Whether the geometry shares a point with the closed box, exactly (robust predicates of `geo`).
    pub(crate) fn meets(&self, b: &MercatorBox) -> bool {
        // Where no edge touches the box, it lies inside a polygon or outside with all its corners.
        let corner = Mercator { x: b.min_x, y: b.min_y };
        let covers = |polygon: &Vec<Path>| {
            polygon[0].bounds().meets(b)
                && (polygon.iter().any(|ring| ring.touches(b))
                    || polygon.iter().fold(false, |within, ring| within ^ ring.encloses(corner)))
        };
        self.points.iter().any(|p| b.contains(*p))
            || self.lines.iter().any(|line| line.touches(b))
            || self.polygons.iter().any(covers)
    }

    /// What is drawn of it at a zoom: only the vertices that matter there, if it is large.
    pub(crate) fn at(&self, z: u8) -> &Outline {
        self.coarse.get(usize::from(z)).map_or(self, |kept| kept.get_or_init(|| self.simplified(z)))
    }

    /// Where its vertices stand at a zoom. What is simplified stands there already; where rings were repaired, between
    /// places of the grid.
    pub(crate) fn grid(&self, z: u8) -> VertexGrid {
        if self.sound { VertexGrid::fine(z) } else { VertexGrid::of(z) }
    }

    /// On the grid of a zoom, without vertices that fall together, with valid rings.
    fn simplified(&self, z: u8) -> Outline {
        let (grid, everywhere) = (VertexGrid::of(z), GridBox::EVERYWHERE);
        let on_grid = |path: &Path| {
            let mut out = Vec::new();
            path.near(grid, &everywhere, &mut out);
            out
        };
        let square = |line: Vec<GridPoint>| line.into_iter().map(|p| grid.square(p)).collect::<Vec<_>>();
        let lines = self.lines.iter().map(on_grid).filter(|l| l.len() > 1).map(|l| Path::line(square(l)));
        let rings = self.polygons.iter().flatten().map(on_grid).collect();
        let polygon = |p: crate::ring::GridPolygon| {
            std::iter::once(p.exterior).chain(p.holes).map(|ring| Path::ring(square(ring))).collect()
        };
        Outline {
            points: self.points.clone(),
            lines: lines.collect(),
            polygons: polygons(rings).into_iter().map(polygon).collect(),
            sound: true,
            coarse: Box::default(),
        }
    }
}

fn vertices(line: &[Coord<f64>]) -> Vec<Mercator> {
    line.iter().map(|c| Mercator { x: c.x, y: c.y }).collect()
}
