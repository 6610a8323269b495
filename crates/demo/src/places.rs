//! Places people know: schools, agencies, the market; with the ground some of them stand on.

use geo_types::{Geometry, Point};
use jiff::civil::Date;
use model::{Value, system};
use serde::Deserialize;

use crate::lots::Quad;
use crate::plane::Metres;
use crate::record::Recorder;
use crate::ward::Ward;
use crate::{DemoError, inputs};

/// `places.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlacesPlan {
    pub(crate) places: Vec<Place>,
    pub(crate) grounds: Vec<Ground>,
}

/// A place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) at: [f64; 2],
    size: Option<[f64; 2]>,
    #[serde(default)]
    turn: f64,
    pub(crate) built: Option<Built>,
    capacity: Option<i64>,
    drug_free: Option<bool>,
    hours: Option<String>,
    address: String,
    from: Option<Date>,
    to: Option<Date>,
}

/// How the ground of a place is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Built {
    Hall,
    Halls,
    Court,
    Block,
    Open,
}

/// A piece of open ground on the base map.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ground {
    pub(crate) kind: String,
    pub(crate) ring: Vec<[f64; 2]>,
}

impl PlacesPlan {
    pub(crate) fn read() -> Result<PlacesPlan, DemoError> {
        inputs::read(inputs::PLACES)
    }
}

impl Place {
    pub(crate) fn centre(&self) -> Metres {
        Metres::new(self.at[0], self.at[1])
    }

    /// A rectangle of the ground, in shares of its size from its middle.
    fn part(&self, [west, south, east, north]: [f64; 4]) -> Option<Quad> {
        let [width, depth] = self.size?;
        let corner = |a: f64, b: f64| {
            let (a, b) = (a * width, b * depth);
            // A shear one way and back the other: close to a rotation, and the same on every machine.
            self.centre().plus(a - self.turn * b, b + self.turn * a)
        };
        Some([corner(west, south), corner(east, south), corner(east, north), corner(west, north)])
    }

    /// Its ground.
    pub(crate) fn ground(&self) -> Option<Quad> {
        self.part([-0.5, -0.5, 0.5, 0.5])
    }

    /// Its houses.
    pub(crate) fn houses(&self) -> Vec<Quad> {
        let parts: &[[f64; 4]] = match self.built {
            Some(Built::Hall) => &[[-0.3, -0.22, 0.3, 0.24]],
            Some(Built::Halls) => &[[-0.42, -0.38, -0.04, 0.38], [0.04, -0.38, 0.42, 0.38]],
            Some(Built::Court) => {
                &[[-0.44, 0.2, 0.44, 0.42], [-0.44, -0.34, -0.22, 0.16], [0.22, -0.34, 0.44, 0.16]]
            }
            Some(Built::Block) => &[[-0.36, -0.1, 0.36, 0.4]],
            Some(Built::Open) | None => &[],
        };
        parts.iter().filter_map(|p| self.part(*p)).collect()
    }
}

/// Makes the places.
pub(crate) fn places(ward: &Ward, plan: &PlacesPlan, records: &mut Recorder) {
    for place in &plan.places {
        let from = place.from.unwrap_or(ward.plan.from);
        let mut draft = records
            .begin(from)
            .date(system::VALID_FROM, from)
            .maybe_date(system::VALID_TO, place.to)
            .text("name", &place.name)
            .text("kind", &place.kind)
            .text("address", &place.address)
            .maybe_text("opening_hours", place.hours.as_deref())
            .text(system::LOCATION_QUALITY, "exact")
            .text(system::QUALITY, "surveyed")
            .num(system::ACCURACY_M, 3.0);
        if let Some(n) = place.capacity {
            draft = draft.int("capacity", n);
        }
        if let Some(is) = place.drug_free {
            draft = draft.set("drug_free", Value::Bool(is));
        }
        records.keep(draft.place(Some(Geometry::Point(Point(place.centre().degrees())))));
    }
}
