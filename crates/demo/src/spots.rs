//! Where things happen: along the streets, around the places people know, by the stream; and how well the
//! place is known afterwards.

use geo_types::{Geometry, Point};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::curve::Line;
use crate::plane::Metres;
use crate::random::Random;
use crate::record::Draft;
use crate::units::{Unit, unit_at};
use crate::ward::{StreetKind, Ward, house_number};

/// A place with its address.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// The place itself.
    pub(crate) at: Metres,
    /// Where it is put when only the street is known.
    pub(crate) street_at: Metres,
    /// The direction of the street there.
    pub(crate) along: (f64, f64),
    /// The full address.
    pub(crate) address: String,
    /// Only the street or place.
    pub(crate) street: String,
}

/// One way a place can be known.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    quality: String,
    weight: f64,
    accuracy_m: f64,
}

/// Weights of findings by kind of place.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Where {
    main: f64,
    street: f64,
    lane: f64,
    track: f64,
    market: f64,
    school: f64,
    station: f64,
    river: f64,
}

/// What the side of the stream is called in an address.
const STREAM: &str = "Bờ suối Mẫu";

/// Finds places in the ward.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    ward: &'a Ward,
    units: &'a [Unit],
    stream: Line,
}

impl<'a> Places<'a> {
    pub(crate) fn new(ward: &'a Ward, units: &'a [Unit]) -> Places<'a> {
        Places { ward, units, stream: ward.stream() }
    }

    /// A place by the weights of `at`.
    pub(crate) fn spot(&self, at: Where, random: &mut Random) -> Spot {
        let kinds = [at.main, at.street, at.lane, at.track, at.market, at.school, at.station, at.river];
        match random.weighted(&kinds) {
            i @ 0..=3 => {
                let mut per_metre = [0.0; 4];
                per_metre[i] = 1.0;
                self.on_street(per_metre, random)
            }
            4 => self.near("market", random),
            5 => self.near("school", random),
            6 => self.near("station", random),
            _ => self.by_the_stream(random),
        }
    }

    /// A place along a street, by the weight per metre of main, street, lane, track.
    pub(crate) fn on_street(&self, per_metre: [f64; 4], random: &mut Random) -> Spot {
        let streets = &self.ward.streets;
        let weights: Vec<f64> =
            streets.iter().map(|s| per_metre[s.kind as usize] * s.line.length()).collect();
        self.inside(|| {
            let street = &streets[random.weighted(&weights)];
            let distance = random.between(4.0, street.line.length() - 4.0);
            let left = random.chance(0.5);
            let (near, far) = match street.kind {
                StreetKind::Main => (8.0, 13.0),
                StreetKind::Street => (5.0, 11.0),
                StreetKind::Lane | StreetKind::Alley => (3.0, 8.0),
                StreetKind::Track => (3.0, 14.0),
            };
            let off = random.between(near, far) * if left { 1.0 } else { -1.0 };
            Spot {
                at: street.line.at(distance, off),
                street_at: street.line.at((distance / 40.0).round() * 40.0, 0.0),
                along: street.line.direction(distance),
                address: format!("Số {}, {}", house_number(distance, left), street.name),
                street: street.name.clone(),
            }
        })
    }

    /// A place on a street of a unit; `None` when chance finds none.
    pub(crate) fn in_unit(&self, unit: &Unit, random: &mut Random) -> Option<Metres> {
        let draw = || self.on_street([1.0, 1.0, 1.0, 1.0], random).at;
        std::iter::repeat_with(draw).take(400).find(|at| unit.holds(*at))
    }

    /// A place around a landmark.
    fn near(&self, landmark: &str, random: &mut Random) -> Spot {
        let Some(mark) = self.ward.landmarks.get(landmark) else { return self.by_the_stream(random) };
        let centre = Metres::new(mark.at[0], mark.at[1]);
        self.around(centre, mark.radius / 2.0, &mark.name, random)
    }

    /// A place around a point, within about `2 × spread_m`.
    pub(crate) fn around(&self, centre: Metres, spread_m: f64, name: &str, random: &mut Random) -> Spot {
        self.inside(|| Spot {
            at: centre.plus(spread_m * random.bell(), spread_m * random.bell()),
            street_at: centre,
            along: (1.0, 0.0),
            address: format!("Khu vực {name}"),
            street: format!("Khu vực {name}"),
        })
    }

    fn by_the_stream(&self, random: &mut Random) -> Spot {
        self.inside(|| {
            let distance = random.between(10.0, self.stream.length() - 10.0);
            let off = random.between(4.0, 13.0) * if random.chance(0.6) { 1.0 } else { -1.0 };
            Spot {
                at: self.stream.at(distance, off),
                street_at: self.stream.at(distance, 0.0),
                along: self.stream.direction(distance),
                address: STREAM.to_owned(),
                street: STREAM.to_owned(),
            }
        })
    }

    /// The first spot that lies in the ward; after many tries the last one, moved to the office.
    fn inside(&self, mut draw: impl FnMut() -> Spot) -> Spot {
        let mut spot = draw();
        for _ in 0..60 {
            if self.ward.contains(spot.at) {
                return spot;
            }
            spot = draw();
        }
        spot.at = self.office();
        spot
    }

    fn office(&self) -> Metres {
        let [x, y] = self.ward.plan.office.at;
        Metres::new(x, y)
    }

    /// The name of the street, or of the area, a place is said to be at.
    pub(crate) fn street_near(&self, at: Metres) -> Option<&str> {
        let near = |line: &Line| line.points.iter().map(|p| p.distance(at)).fold(f64::INFINITY, f64::min);
        let streets = self.ward.streets.iter().map(|s| (near(&s.line), s.name.as_str()));
        streets.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
    }

    /// Fills the place of a record: the geometry, how well it is known, the address. `waiting_weight` is the
    /// weight of not being located at all.
    pub(crate) fn fill(
        &self,
        draft: Draft,
        spot: &Spot,
        day: Date,
        known: &[Known],
        waiting_weight: f64,
        random: &mut Random,
    ) -> Draft {
        let mut weights: Vec<f64> = known.iter().map(|k| k.weight).collect();
        weights.push(waiting_weight);
        let unit = unit_at(self.units, spot.at, day);
        let unit_name = unit.map_or(self.ward.plan.name.as_str(), |u| u.name.as_str());
        let Some(known) = known.get(random.weighted(&weights)) else {
            return draft.text("address", &format!("{unit_name} (chờ định vị)"));
        };
        let (at, address) = match known.quality.as_str() {
            "exact" => (spot.at, spot.address.clone()),
            "street" => (spot.street_at, spot.street.clone()),
            "area" => {
                let moved = || spot.at.plus(random.between(-140.0, 140.0), random.between(-140.0, 140.0));
                let same =
                    |p: &Metres| unit_at(self.units, *p, day).map(|u| &u.entity) == unit.map(|u| &u.entity);
                (std::iter::repeat_with(moved).take(30).find(same).unwrap_or(spot.at), unit_name.to_owned())
            }
            _ => (self.office(), format!("Chưa rõ nơi, tạm đặt tại {}", self.ward.plan.office.name)),
        };
        // The middle of a street on the border, or a place moved a step, may lie outside.
        let at = [at, spot.at].into_iter().find(|p| self.ward.contains(*p)).unwrap_or(self.office());
        draft
            .place(Some(Geometry::Point(Point(at.degrees()))))
            .text(system::LOCATION_QUALITY, &known.quality)
            .num(system::ACCURACY_M, known.accuracy_m)
            .text("address", &address)
    }
}
