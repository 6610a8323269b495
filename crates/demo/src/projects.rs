//! Infrastructure projects: points, lines along streets and polygons, with stages, money and delays.

use std::collections::BTreeMap;

use geo_types::{Geometry, LineString, Point, Polygon};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::calendar::{Days, after};
use crate::plane::Metres;
use crate::random::Random;
use crate::record::{Recorder, days_between, later};
use crate::ward::Ward;
use crate::{DemoError, LAST_DAY};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    projects: Vec<Project>,
    flow: Flow,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    name: String,
    kind: String,
    street: Option<String>,
    part: Option<[f64; 2]>,
    at: Option<[f64; 2]>,
    around: Option<[f64; 2]>,
    size: Option<[f64; 2]>,
    year: i16,
    cost: f64,
    months: i64,
    funding: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    approve_days: [i64; 2],
    clear_days: [i64; 2],
    tender_days: [i64; 2],
    start_days: [i64; 2],
    accept_days: [i64; 2],
    settle_days: [i64; 2],
    stopped: f64,
    delay: [f64; 2],
}

/// The course of a project: its stages, and what was planned and done.
struct Course {
    stages: Vec<(&'static str, Date)>,
    planned: [Date; 2],
    started: Date,
    ended: Date,
    stopped: Option<Date>,
}

/// Makes the projects and the documents that approved them; returns their ids by name.
pub(crate) fn projects(
    seed: u64,
    ward: &Ward,
    documents: &mut Recorder,
    records: &mut Recorder,
) -> Result<BTreeMap<String, String>, DemoError> {
    let plan: Plan = crate::inputs::read(crate::inputs::PROJECTS)?;
    let mut ids = BTreeMap::new();
    let mut random = Random::new(seed, "projects");
    let mut numbers: BTreeMap<i16, u32> = BTreeMap::new();
    for (i, project) in plan.projects.iter().enumerate() {
        let days = Days::of_year(project.year, |day| {
            f64::from(day.month() <= 8 && day.weekday().to_monday_zero_offset() < 5)
        });
        let opened = days.draw(&mut random);
        let course = Course::run(&plan.flow, project, opened, &mut random);
        let owner = owner(project, opened, ward);
        let approved = course.stages.iter().find(|s| s.0 == "approved").map(|s| s.1);
        let decision = approved.map(|day| {
            let n = numbers.entry(day.year()).or_default();
            *n += 1;
            let draft = documents
                .begin(day)
                .text("number", &format!("{n:02}/QĐ-ĐTXD-{}", day.year()))
                .text("kind", "decision")
                .text("title", &format!("Quyết định phê duyệt dự án {}", project.name))
                .text("issuer", &format!("{owner} (giả định)"))
                .date("issued_on", day);
            documents.keep(draft)
        });
        let cost = (project.cost * 1e9).round();
        let progress = course.progress();
        let disbursed = (cost * (progress / 100.0 * 0.92).min(1.0) / 1e6).round() * 1e6;
        let past = |day: Date| Some(day).filter(|d| *d <= LAST_DAY);
        let halted = |day: Date| course.stopped.is_none_or(|s| day <= s);
        let mut draft = records
            .begin(opened)
            .text("name", &project.name)
            .text("code", &format!("DA-{}-{:02}", project.year, i + 1))
            .text("kind", &project.kind)
            .text("project_group", "C")
            .date("opened_on", opened)
            .text("owner", &owner)
            .text("funding", &project.funding)
            .num("cost", cost)
            .num("disbursed", disbursed)
            .date("planned_start", course.planned[0])
            .date("planned_end", course.planned[1])
            .maybe_date("actual_start", past(course.started).filter(|d| halted(*d)))
            .maybe_date("actual_end", past(course.ended).filter(|d| halted(*d)))
            .num("progress", progress)
            .maybe_text("decision", decision.as_deref());
        for (stage, on) in &course.stages {
            draft = draft.step("stage", stage, *on);
        }
        let geometry = geometry(project, ward, &mut random)?;
        if let Some(g) = &geometry {
            draft = draft.text(system::QUALITY, "approved").num(system::ACCURACY_M, 1.0);
            if matches!(g, Geometry::Point(_)) {
                draft = draft.text(system::LOCATION_QUALITY, "exact");
            }
        }
        ids.insert(project.name.clone(), records.keep(draft.place(geometry)));
    }
    Ok(ids)
}

fn owner(project: &Project, opened: Date, ward: &Ward) -> String {
    let name = if opened < ward.plan.until { &ward.plan.name } else { &ward.plan.successor.name };
    match project.funding.as_str() {
        "private" => "Doanh nghiệp hạ tầng Mẫu (giả định)".to_owned(),
        "ward" | "mixed" => format!("UBND {name}"),
        _ => "Ban quản lý dự án Mẫu (giả định)".to_owned(),
    }
}

impl Course {
    fn run(flow: &Flow, project: &Project, opened: Date, random: &mut Random) -> Course {
        let approved = after(opened, flow.approve_days, random);
        let mut stages = vec![("preparation", opened), ("approved", approved)];
        let mut at = approved;
        if matches!(project.kind.as_str(), "road" | "housing" | "embankment" | "park" | "drainage") {
            at = after(at, flow.clear_days, random);
            stages.push(("site_clearance", at));
        }
        let tender = after(at, flow.tender_days, random);
        stages.push(("tendering", tender));
        let started = after(tender, flow.start_days, random);
        stages.push(("construction", started));
        let planned_start = later(approved, 90);
        let planned_days = project.months * 30;
        let planned = [planned_start, later(planned_start, planned_days)];
        let days =
            (planned_days as f64 * (1.0 + random.between(flow.delay[0], flow.delay[1]))).round() as i64;
        let ended = later(started, days);
        let accepted = after(ended, flow.accept_days, random);
        stages.push(("acceptance", accepted));
        stages.push(("settled", after(accepted, flow.settle_days, random)));
        let stopped = random.chance(flow.stopped).then(|| later(started, days / 3));
        if let Some(day) = stopped {
            stages.retain(|s| s.1 < day);
            stages.push(("stopped", day));
        }
        stages.retain(|s| s.1 <= LAST_DAY);
        Course { stages, planned, started, ended, stopped }
    }

    /// Percent done on the last day: slow at first, then steady.
    fn progress(&self) -> f64 {
        let until = self.stopped.unwrap_or(LAST_DAY).min(LAST_DAY);
        if until >= self.ended {
            return 100.0;
        }
        let share = days_between(self.started, until) as f64 / days_between(self.started, self.ended) as f64;
        if share <= 0.0 { 0.0 } else { (100.0 * share * (0.7 + 0.3 * share)).round().min(99.0) }
    }
}

fn geometry(project: &Project, ward: &Ward, random: &mut Random) -> Result<Option<Geometry<f64>>, DemoError> {
    let line = |points: &[Metres]| LineString(points.iter().map(|p| p.degrees()).collect());
    if let (Some(name), Some(part)) = (&project.street, project.part) {
        let along = ward.way(name)?;
        let points = along.slice(part[0] * along.length(), part[1] * along.length());
        return Ok(Some(Geometry::LineString(line(&points))));
    }
    if let Some([x, y]) = project.at {
        return Ok(Some(Geometry::Point(Point(Metres::new(x, y).degrees()))));
    }
    if let (Some([x, y]), Some([width, height])) = (project.around, project.size) {
        // A plot: a rectangle, a little turned, with a cut corner and no two sides quite alike.
        let turn = random.between(-0.35, 0.35);
        let mut corner = |a: f64, b: f64| {
            let (a, b) = (a * width * random.between(0.92, 1.06), b * height * random.between(0.92, 1.06));
            // A shear by `turn` one way and back the other keeps the shape close to a turned rectangle.
            Metres::new(x + a - turn * b, y + b + turn * a)
        };
        let ring = [
            corner(-0.5, -0.5),
            corner(0.1, -0.52),
            corner(0.5, -0.46),
            corner(0.52, 0.22),
            corner(0.3, 0.5),
            corner(-0.48, 0.5),
        ];
        return Ok(Some(Geometry::Polygon(Polygon::new(line(&ring), Vec::new()))));
    }
    Ok(None)
}
