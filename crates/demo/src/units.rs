//! Wards, units and their versions: two boundaries of one entity, a merger, a division, a name and a code
//! that pass to another entity.

use geo::Contains;
use geo_types::{Geometry, Point, Polygon};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::plane::Metres;
use crate::record::{Recorder, days_between};
use crate::ward::Ward;
use crate::{DemoError, LAST_DAY};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitsPlan {
    reform_on: Date,
    reform_document: String,
    household_size: f64,
    growth: f64,
    units: Vec<UnitPlan>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitPlan {
    key: String,
    code: String,
    name: String,
    #[serde(default)]
    kind: UnitKind,
    faces: Vec<String>,
    faces_after: Option<Vec<String>>,
    households: i64,
    households_after: Option<i64>,
    #[serde(default)]
    until_reform: bool,
    #[serde(default)]
    from_reform: bool,
    predecessors: Option<String>,
    successors: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UnitKind {
    #[default]
    To,
    Ban,
}

/// A unit over its whole life.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) entity: String,
    /// First day it no longer is.
    pub(crate) to: Option<Date>,
    versions: Vec<Version>,
}

/// A boundary of a unit for a period.
#[derive(Debug)]
struct Version {
    from: Date,
    to: Option<Date>,
    outline: Polygon<f64>,
}

impl Unit {
    /// Its first day.
    pub(crate) fn from(&self) -> Date {
        self.versions.first().map_or(Date::MIN, |v| v.from)
    }

    /// Whether a place lies in it as it was last drawn.
    pub(crate) fn holds(&self, at: Metres) -> bool {
        self.versions.last().is_some_and(|v| v.outline.contains(&Point(at.degrees())))
    }

    fn covers(&self, at: &Point<f64>, day: Date) -> bool {
        self.versions.iter().any(|v| holds(v.from, v.to, day) && v.outline.contains(at))
    }
}

fn holds(from: Date, to: Option<Date>, day: Date) -> bool {
    from <= day && to.is_none_or(|to| day < to)
}

/// The unit a place lay in on a day.
pub(crate) fn unit_at(units: &[Unit], at: Metres, day: Date) -> Option<&Unit> {
    let point = Point(at.degrees());
    units.iter().find(|u| u.covers(&point, day))
}

/// Makes both wards; returns their entities, the earlier first.
pub(crate) fn wards(ward: &Ward, records: &mut Recorder) -> [String; 2] {
    let plan = &ward.plan;
    let (first, later) = (records.id(plan.from).to_string(), records.id(plan.until).to_string());
    let draft = records
        .begin(plan.from)
        .text(system::ENTITY, &first)
        .date(system::VALID_FROM, plan.from)
        .date(system::VALID_TO, plan.until)
        .text("code", &plan.code)
        .text("name", &plan.name)
        .text("short_name", &plan.short_name)
        .text("name_en", &plan.name_en)
        .text("kind", "ward")
        .text("parent", &plan.parent)
        .text("province", &plan.province)
        .num("area_km2", 2.9)
        .text("successor", &plan.successor.name)
        .text("successor_code", &plan.code)
        .text("resolution", &plan.successor.resolution)
        .text(system::QUALITY, "approved")
        .num(system::ACCURACY_M, 2.0)
        .place(Some(Geometry::Polygon(ward.outline.clone())));
    records.keep(draft);
    let next = &plan.successor;
    let draft = records
        .begin(plan.until)
        .text(system::ENTITY, &later)
        .date(system::VALID_FROM, plan.until)
        .text("code", &plan.code)
        .text("name", &next.name)
        .text("short_name", &next.short_name)
        .text("name_en", &next.name_en)
        .text("kind", "ward")
        .text("province", &next.province)
        .num("area_km2", 11.9)
        .text("predecessors", &next.predecessors)
        .text("resolution", &next.resolution)
        .text(system::QUALITY, "approved")
        .num(system::ACCURACY_M, 5.0)
        .place(Some(Geometry::Polygon(ward.later_outline.clone())));
    records.keep(draft);
    [first, later]
}

/// Makes every version of every unit.
pub(crate) fn units(
    ward: &Ward,
    wards: &[String; 2],
    records: &mut Recorder,
) -> Result<Vec<Unit>, DemoError> {
    let plan: UnitsPlan = crate::inputs::read(crate::inputs::UNITS)?;
    let mut all = Vec::new();
    for unit in &plan.units {
        let from = if unit.from_reform { plan.reform_on } else { ward.plan.from };
        let to = unit.until_reform.then_some(plan.reform_on);
        let entity = records.id(from).to_string();
        let mut versions = Vec::new();
        for (start, end) in periods(from, to, [plan.reform_on, ward.plan.until], unit) {
            let after = start >= plan.reform_on;
            let faces = unit.faces_after.as_ref().filter(|_| after).unwrap_or(&unit.faces);
            let outline = ward.mesh.polygon(faces)?;
            let households = unit.households_after.filter(|_| after).unwrap_or(unit.households);
            let years = days_between(ward.plan.from, start) as f64 / 365.25;
            let households = (households as f64 * (1.0 + plan.growth * years)).round();
            let ward_entity = &wards[usize::from(start >= ward.plan.until)];
            let changed = start == plan.reform_on || end == Some(plan.reform_on);
            let draft = records
                .begin(start)
                .text(system::ENTITY, &entity)
                .date(system::VALID_FROM, start)
                .maybe_date(system::VALID_TO, end)
                .text("code", &unit.code)
                .text("name", &unit.name)
                .text("kind", if matches!(unit.kind, UnitKind::Ban) { "ban" } else { "to" })
                .text("ward", ward_entity)
                .int("households", households as i64)
                .int("residents", (households * plan.household_size).round() as i64)
                .maybe_text("predecessors", unit.predecessors.as_deref())
                .maybe_text("successors", unit.successors.as_deref().filter(|_| end == Some(plan.reform_on)))
                .maybe_text("resolution", changed.then_some(plan.reform_document.as_str()))
                .text(system::QUALITY, if matches!(unit.kind, UnitKind::Ban) { "sketch" } else { "surveyed" })
                .num(system::ACCURACY_M, if matches!(unit.kind, UnitKind::Ban) { 15.0 } else { 3.0 })
                .place(Some(Geometry::Polygon(outline.clone())));
            records.keep(draft);
            versions.push(Version { from: start, to: end, outline });
        }
        all.push(Unit { key: unit.key.clone(), name: unit.name.clone(), entity, to, versions });
    }
    Ok(all)
}

/// Cuts a unit's life at the days on which something about it changed.
fn periods(
    from: Date,
    to: Option<Date>,
    [reform, merger]: [Date; 2],
    unit: &UnitPlan,
) -> Vec<(Date, Option<Date>)> {
    let inside = |day: Date| from < day && to.is_none_or(|to| day < to) && day <= LAST_DAY;
    let mut starts = vec![from];
    if inside(reform) && unit.faces_after.is_some() {
        starts.push(reform);
    }
    if inside(merger) {
        starts.push(merger);
    }
    let ends = starts.iter().skip(1).copied().map(Some).chain([to]);
    starts.iter().copied().zip(ends).collect()
}
