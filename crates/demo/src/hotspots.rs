//! Hot spots and points of irrationality, each as `hotspots.toml` tells it.

use std::collections::BTreeMap;

use geo_types::{Geometry, Point};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::base::area;
use crate::plane::Metres;
use crate::record::{Recorder, later};
use crate::{DemoError, inputs};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    hotspots: Vec<HotSpot>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HotSpot {
    name: String,
    kind: String,
    topic: String,
    at: Option<[f64; 2]>,
    ring: Option<Vec<[f64; 2]>>,
    steps: Vec<(String, Date)>,
    due: Date,
    window: i64,
    lead: String,
    measure: Option<String>,
    document: Option<String>,
    project: Option<String>,
    address: String,
}

/// Makes the hot spots. `documents` are ids by key, `projects` ids by name.
pub(crate) fn hotspots(
    documents: &BTreeMap<String, String>,
    projects: &BTreeMap<String, String>,
    records: &mut Recorder,
) -> Result<(), DemoError> {
    let plan: Plan = inputs::read(inputs::HOTSPOTS)?;
    for spot in &plan.hotspots {
        let opened = spot.steps.first().ok_or(DemoError::Inputs("a hot spot that was never opened"))?.1;
        let last = |state: &str| spot.steps.iter().rfind(|s| s.0 == state).map(|s| s.1);
        let verified = last("verified");
        let find = |key: &Option<String>, ids: &BTreeMap<String, String>, what: &'static str| match key {
            Some(key) => ids.get(key).cloned().map(Some).ok_or(DemoError::Inputs(what)),
            None => Ok(None),
        };
        let mut draft = records
            .begin(opened)
            .text("name", &spot.name)
            .text("kind", &spot.kind)
            .text("topic", &spot.topic)
            .date("opened_on", opened)
            .date("due_on", spot.due)
            .maybe_date("resolved_on", last("resolved"))
            .maybe_date("verified_on", verified)
            .maybe_date("watch_until", verified.map(|day| later(day, spot.window)))
            .maybe_date("relapsed_on", last("relapsed"))
            .int("relapse_window_days", spot.window)
            .text("lead", &spot.lead)
            .maybe_text("measure", spot.measure.as_deref())
            .maybe_text("decision", find(&spot.document, documents, "a hot spot of no document")?.as_deref())
            .maybe_text("project", find(&spot.project, projects, "a hot spot of no project")?.as_deref())
            .text("address", &spot.address)
            .text(system::QUALITY, "sketch")
            .num(system::ACCURACY_M, 10.0);
        for (state, on) in &spot.steps {
            draft = draft.step("state", state, *on);
        }
        let geometry = if let Some(ring) = &spot.ring {
            let ring: Vec<Metres> = ring.iter().map(|p| Metres::new(p[0], p[1])).collect();
            Geometry::Polygon(area(&counter_clockwise(ring)))
        } else {
            let [x, y] = spot.at.ok_or(DemoError::Inputs("a hot spot without a place"))?;
            draft = draft.text(system::LOCATION_QUALITY, "exact");
            Geometry::Point(Point(Metres::new(x, y).degrees()))
        };
        records.keep(draft.place(Some(geometry)));
    }
    Ok(())
}

/// The ring in the order areas are kept in.
pub(crate) fn counter_clockwise(mut ring: Vec<Metres>) -> Vec<Metres> {
    let next = ring.iter().cycle().skip(1);
    let doubled: f64 = ring.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum();
    if doubled < 0.0 {
        ring.reverse();
    }
    ring
}
