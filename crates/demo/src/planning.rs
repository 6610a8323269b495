//! Planning: two editions, the second in force from its own day. What an edition took over is a row of its own of
//! the same entity.

use std::collections::BTreeMap;

use geo_types::{Geometry, MultiLineString};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::base::{area, line};
use crate::hotspots::counter_clockwise;
use crate::plane::Metres;
use crate::record::Recorder;
use crate::ward::Ward;
use crate::{DemoError, inputs};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    editions: Vec<Edition>,
    features: Vec<Planned>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edition {
    key: String,
    name: String,
    number: String,
    decided: Date,
    from: Date,
    to: Option<Date>,
    scale: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    name: String,
    kind: String,
    /// The key of an edition, or `both`.
    edition: String,
    ring: Option<Vec<[f64; 2]>>,
    street: Option<String>,
    path: Option<String>,
    off: Option<f64>,
    through: Option<Vec<[f64; 2]>>,
    max_floors: Option<i64>,
    max_height_m: Option<f64>,
    max_coverage: Option<f64>,
    setback_m: Option<f64>,
    width_m: Option<f64>,
}

/// Makes the planning overlays and the decisions that approved them.
pub(crate) fn planning(
    ward: &Ward,
    documents: &mut Recorder,
    records: &mut Recorder,
) -> Result<(), DemoError> {
    let plan: Plan = inputs::read(inputs::PLANNING)?;
    let mut papers = Vec::new();
    for edition in &plan.editions {
        let draft = documents
            .begin(edition.decided)
            .text("number", &edition.number)
            .text("kind", "decision")
            .text("title", &format!("Quyết định phê duyệt {}", edition.name))
            .text("issuer", "UBND thành phố Mẫu (giả định)")
            .date("issued_on", edition.decided)
            .date("effective_from", edition.from);
        papers.push(documents.keep(draft));
    }
    // One thing in the plan, however many editions draw it, is one entity.
    let mut entities: BTreeMap<(&str, &str), String> = BTreeMap::new();
    let rows =
        plan.features.iter().flat_map(|f| plan.editions.iter().zip(&papers).map(move |(e, p)| (f, e, p)));
    for (feature, edition, paper) in rows.filter(|(f, e, _)| f.edition == "both" || f.edition == e.key) {
        let draft = records.begin(edition.from);
        let id = draft.feature.id.to_string();
        let entity = entities.entry((&feature.kind, &feature.name)).or_insert(id);
        let mut draft = draft
            .text(system::ENTITY, entity)
            .date(system::VALID_FROM, edition.from)
            .maybe_date(system::VALID_TO, edition.to)
            .text("name", &feature.name)
            .text("kind", &feature.kind)
            .text("edition", &edition.name)
            .text("decision_no", &edition.number)
            .date("decision_on", edition.decided)
            .text("decision", paper)
            .int("scale", edition.scale)
            .text(system::QUALITY, "approved")
            .num(system::ACCURACY_M, 2.0);
        if let Some(n) = feature.max_floors {
            draft = draft.int("max_floors", n);
        }
        let numbers = [
            ("max_height_m", feature.max_height_m),
            ("max_coverage", feature.max_coverage),
            ("setback_m", feature.setback_m),
            ("width_m", feature.width_m),
        ];
        for (field, n) in numbers.into_iter().filter_map(|(f, n)| Some((f, n?))) {
            draft = draft.num(field, n);
        }
        records.keep(draft.place(Some(geometry(feature, ward)?)));
    }
    Ok(())
}

fn geometry(feature: &Planned, ward: &Ward) -> Result<Geometry<f64>, DemoError> {
    let metres =
        |ring: &[[f64; 2]]| -> Vec<Metres> { ring.iter().map(|p| Metres::new(p[0], p[1])).collect() };
    if let Some(ring) = &feature.ring {
        return Ok(Geometry::Polygon(area(&counter_clockwise(metres(ring)))));
    }
    if let Some(through) = &feature.through {
        return Ok(Geometry::LineString(line(&metres(through))));
    }
    let name = feature.street.as_ref().or(feature.path.as_ref());
    let (Some(name), Some(off)) = (name, feature.off) else {
        return Err(DemoError::Inputs("planning without a place"));
    };
    let way = ward.way(name)?;
    let steps = (way.length() / 25.0) as i64;
    let beside = |off: f64| {
        let points: Vec<Metres> =
            (0..=steps).map(|i| way.at(way.length() * i as f64 / steps as f64, off)).collect();
        line(&points)
    };
    Ok(Geometry::MultiLineString(MultiLineString(vec![beside(off), beside(-off)])))
}
