//! What was built, held against what was permitted. Most sites keep to their permit within the tolerances of the
//! layer file; some depart from it, in one of the ways planted in `sites.toml`.

use geo_types::Polygon;
use jiff::civil::Date;
use serde::Deserialize;

use crate::base::area;
use crate::lots::{Quad, quad};
use crate::random::Random;
use crate::record::Draft;
use crate::spots::Spot;

/// A way to depart from a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Departure {
    /// More floors than permitted, and so higher and with more floor area.
    Floors,
    /// Higher, with the permitted floors.
    Height,
    /// Deeper than permitted: a larger footprint, partly outside the boundary.
    Footprint,
    /// As large as permitted, but moved aside.
    Shifted,
    /// Moved towards the street: less setback.
    Setback,
    /// Begun before the permit.
    Early,
}

impl Departure {
    /// Whether it can only be seen on an outline.
    pub(crate) fn needs_outline(self) -> bool {
        matches!(self, Departure::Footprint | Departure::Shifted | Departure::Setback)
    }
}

/// What the permit allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit {
    pub(crate) floors: i64,
    pub(crate) front: f64,
    pub(crate) depth: f64,
    pub(crate) setback: f64,
}

/// What was found on the ground.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Built {
    floors: i64,
    height: f64,
    depth: f64,
    setback: f64,
    /// Metres aside and towards the street.
    moved: [f64; 2],
    outside: f64,
}

pub(crate) fn tenths(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

impl Permit {
    fn height(&self) -> f64 {
        tenths(3.4 * self.floors as f64 + 0.6)
    }

    pub(crate) fn area(&self) -> f64 {
        tenths(self.front * self.depth)
    }

    /// What is built under it: exact but for the last centimetres, or with a departure.
    pub(crate) fn build(&self, departure: Option<Departure>, random: &mut Random) -> Built {
        let more = random.between(0.0, 1.0);
        let mut built = Built {
            floors: self.floors,
            height: tenths(self.height() + random.between(-0.2, 0.2)),
            depth: self.depth * random.between(0.985, 1.0),
            setback: tenths(self.setback + random.between(0.0, 0.1)),
            moved: [0.0, 0.0],
            outside: 0.0,
        };
        match departure {
            Some(Departure::Floors) => {
                let added = if self.floors >= 3 && more > 0.6 { 2 } else { 1 };
                built.floors += added;
                built.height = tenths(built.height + 3.4 * added as f64);
            }
            Some(Departure::Height) => built.height = tenths(built.height + 1.2 + 1.3 * more),
            Some(Departure::Footprint) => {
                built.depth = self.depth * (1.14 + 0.1 * more);
                built.outside = tenths(self.front * (built.depth - self.depth));
            }
            Some(Departure::Shifted) => {
                built.moved[0] = 0.8 + more;
                built.outside = tenths(built.depth * built.moved[0]);
            }
            Some(Departure::Setback) => {
                built.moved[1] = 0.7 + 0.6 * more;
                built.setback = tenths(self.setback - built.moved[1]);
                built.outside = tenths(self.front * built.moved[1]);
            }
            Some(Departure::Early) | None => {}
        }
        built
    }

    /// Writes what was permitted.
    pub(crate) fn fill(&self, draft: Draft) -> Draft {
        draft
            .int("permit_floors", self.floors)
            .num("permit_height_m", self.height())
            .num("permit_area", self.area())
            .num("permit_floor_area", tenths(self.area() * self.floors as f64))
            .num("permit_setback_m", self.setback)
            .num("permit_outside_area", 0.0)
    }

    /// The permitted outline.
    pub(crate) fn outline(&self, spot: &Spot) -> Quad {
        outline(spot, self.front, self.depth, [0.0, 0.0])
    }
}

impl Built {
    /// Writes what was measured on a day.
    pub(crate) fn fill(&self, permit: &Permit, on: Date, draft: Draft) -> Draft {
        let area = tenths(permit.front * self.depth);
        draft
            .date("measured_on", on)
            .int("built_floors", self.floors)
            .num("built_height_m", self.height)
            .num("built_area", area)
            .num("built_floor_area", tenths(area * self.floors as f64))
            .num("built_setback_m", self.setback)
            .num("built_outside_area", self.outside)
    }

    /// The measured outline.
    pub(crate) fn outline(&self, permit: &Permit, spot: &Spot) -> Quad {
        outline(spot, permit.front, self.depth, self.moved)
    }
}

/// The outline of a house whose front is at the spot, going away from the street.
fn outline(spot: &Spot, front: f64, depth: f64, [aside, ahead]: [f64; 2]) -> Quad {
    let (ux, uy) = spot.along;
    let left = (spot.at.x - spot.street_at.x) * -uy + (spot.at.y - spot.street_at.y) * ux >= 0.0;
    let street = if left { (uy, -ux) } else { (-uy, ux) };
    let at = spot.at.plus(ux * aside + street.0 * ahead, uy * aside + street.1 * ahead);
    quad(at, spot.along, front, depth, left)
}

/// An outline as a polygon.
pub(crate) fn polygon(outline: &Quad) -> Polygon<f64> {
    area(outline)
}

/// An outline as WKT.
pub(crate) fn wkt(outline: &Quad) -> String {
    let ring: Vec<String> =
        polygon(outline).exterior().coords().map(|c| format!("{:.7} {:.7}", c.x, c.y)).collect();
    format!("POLYGON (({}))", ring.join(", "))
}
