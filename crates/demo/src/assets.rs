//! Technical infrastructure: lamps and hydrants along the streets, drains and pavements of whole streets, waste
//! points, cameras, green ground; with the condition last seen.

use geo_types::{Geometry, Point};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::base::{area, line};
use crate::places::{Built, PlacesPlan};
use crate::plane::Metres;
use crate::random::Random;
use crate::record::{Draft, Recorder};
use crate::ward::{StreetKind, Ward};
use crate::{DemoError, LAST_DAY, inputs};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    condition: Vec<f64>,
    first_year: i64,
    last_year: i64,
    along: Vec<Along>,
    lines: Vec<Lines>,
    points: Vec<Points>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Along {
    kind: String,
    name: String,
    code: String,
    streets: Vec<StreetKind>,
    every_m: f64,
    off_m: f64,
    manager: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lines {
    kind: String,
    name: String,
    code: String,
    streets: Vec<StreetKind>,
    off_m: f64,
    width_m: f64,
    manager: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Points {
    kind: String,
    name: String,
    code: String,
    at: Vec<[f64; 2]>,
    manager: String,
}

const CONDITIONS: [&str; 5] = ["good", "worn", "broken", "unusable", "unknown"];

/// Makes the assets.
pub(crate) fn assets(
    seed: u64,
    ward: &Ward,
    places: &PlacesPlan,
    records: &mut Recorder,
) -> Result<(), DemoError> {
    let plan: Plan = inputs::read(inputs::ASSETS)?;
    let mut random = Random::new(seed, "assets");
    for kind in &plan.along {
        let mut number = 0;
        for street in ward.streets.iter().filter(|s| kind.streets.contains(&s.kind)) {
            let mut distance = random.between(0.3, 0.8) * kind.every_m;
            while distance < street.line.length() - 5.0 {
                number += 1;
                // Lamps change sides now and then.
                let off = if number % 9 < 5 { kind.off_m } else { -kind.off_m };
                let at = street.line.at(distance, off);
                let draft = begin(&plan, records, &kind.kind, &mut random)
                    .text("name", &format!("{} {number}, {}", kind.name, street.name))
                    .text("code", &format!("{}-{number:03}", kind.code))
                    .text("manager", &kind.manager)
                    .text("address", &street.name);
                records.keep(point(draft, at));
                distance += kind.every_m * random.between(0.9, 1.1);
            }
        }
    }
    for kind in &plan.lines {
        for (i, street) in ward.streets.iter().filter(|s| kind.streets.contains(&s.kind)).enumerate() {
            let length = street.line.length();
            let steps = (length / 22.0).ceil().max(1.0) as i64;
            let points: Vec<Metres> =
                (0..=steps).map(|k| street.line.at(length * k as f64 / steps as f64, kind.off_m)).collect();
            let draft = begin(&plan, records, &kind.kind, &mut random)
                .text("name", &format!("{} {}", kind.name, street.name))
                .text("code", &format!("{}-{:02}", kind.code, i + 1))
                .text("manager", &kind.manager)
                .num("length_m", length.round())
                .num("width_m", kind.width_m)
                .text("address", &street.name)
                .text(system::QUALITY, "surveyed")
                .num(system::ACCURACY_M, 1.0);
            records.keep(draft.place(Some(Geometry::LineString(line(&points)))));
        }
    }
    for kind in &plan.points {
        for (i, [x, y]) in kind.at.iter().enumerate() {
            let draft = begin(&plan, records, &kind.kind, &mut random)
                .text("name", &format!("{} số {}", kind.name, i + 1))
                .text("code", &format!("{}-{:02}", kind.code, i + 1))
                .text("manager", &kind.manager);
            records.keep(point(draft, Metres::new(*x, *y)));
        }
    }
    for place in places.places.iter().filter(|p| p.built == Some(Built::Open)) {
        let Some(ground) = place.ground() else { continue };
        let draft = begin(&plan, records, "green_space", &mut random)
            .text("name", &place.name)
            .text("manager", "UBND phường")
            .text(system::QUALITY, "surveyed")
            .num(system::ACCURACY_M, 1.0);
        records.keep(draft.place(Some(Geometry::Polygon(area(&ground)))));
    }
    Ok(())
}

fn begin(plan: &Plan, records: &mut Recorder, kind: &str, random: &mut Random) -> Draft {
    let year = random.whole(plan.first_year, plan.last_year) as i16;
    let built = Date::constant(year, random.whole(1, 12) as i8, 1);
    let inspected = Date::constant(2025, random.whole(1, 11) as i8, random.whole(1, 28) as i8).min(LAST_DAY);
    let condition = CONDITIONS[random.weighted(&plan.condition)];
    records
        .begin(built)
        .date(system::VALID_FROM, built)
        .text("kind", kind)
        .text("condition", condition)
        .maybe_date("inspected_on", Some(inspected).filter(|_| condition != "unknown"))
        .date("built_on", built)
}

fn point(draft: Draft, at: Metres) -> Draft {
    draft
        .text(system::LOCATION_QUALITY, "exact")
        .text(system::QUALITY, "surveyed")
        .num(system::ACCURACY_M, 1.0)
        .place(Some(Geometry::Point(Point(at.degrees()))))
}
