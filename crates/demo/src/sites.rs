//! Construction sites: permit, progress and violation run apart; some sites wait for their location.

use geo_types::{Geometry, LineString, Point, Polygon};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::calendar::{Days, after};
use crate::plane::Metres;
use crate::random::Random;
use crate::record::{Draft, Recorder, later};
use crate::spots::{Places, Spot};
use crate::{DemoError, LAST_DAY};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    total: usize,
    polygons: usize,
    waiting: usize,
    first_day: Date,
    last_day: Date,
    streets: [f64; 4],
    kinds: Vec<Kind>,
    courses: Vec<Course>,
    contrary: f64,
    price: [f64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    purpose: String,
    permit: String,
    weight: f64,
    floors: [i64; 2],
    front: [f64; 2],
    depth: [f64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Course {
    name: String,
    weight: f64,
}

/// A site whose violation was recorded, for the violations layer.
#[derive(Debug)]
pub(crate) struct SiteCase {
    pub(crate) site: String,
    pub(crate) category: &'static str,
    pub(crate) day: Date,
    pub(crate) spot: Spot,
}

/// What happened at a site: (field, code, day), and the days of its permit.
#[derive(Debug, Default)]
struct History {
    steps: Vec<(&'static str, &'static str, Date)>,
    applied_on: Option<Date>,
    issued_on: Option<Date>,
    expires_on: Option<Date>,
    started_on: Option<Date>,
    completed_on: Option<Date>,
    /// Category and day of a recorded violation.
    recorded: Option<(&'static str, Date)>,
}

/// Makes the sites; returns those whose violation was recorded.
pub(crate) fn sites(
    seed: u64,
    places: &Places<'_>,
    records: &mut Recorder,
) -> Result<Vec<SiteCase>, DemoError> {
    let plan: Plan = crate::inputs::read(crate::inputs::SITES)?;
    let mut random = Random::new(seed, "site histories");
    let days = Days::new(plan.first_day, plan.last_day, |day| {
        // No filing at weekends.
        f64::from(day.weekday().to_monday_zero_offset() < 5)
    });
    let mut opened: Vec<Date> = (0..plan.total).map(|_| days.draw(&mut random)).collect();
    opened.sort_unstable();
    let kinds: Vec<f64> = plan.kinds.iter().map(|k| k.weight).collect();
    let courses: Vec<f64> = plan.courses.iter().map(|c| c.weight).collect();
    let mut cases = Vec::new();
    let mut permits = 0;
    for (i, day) in opened.into_iter().enumerate() {
        let kind = &plan.kinds[random.weighted(&kinds)];
        let course = &plan.courses[random.weighted(&courses)].name;
        let history = History::run(&plan, course, day, &mut random);
        let spot = places.on_street(plan.streets, &mut random);
        let floors = random.whole(kind.floors[0], kind.floors[1]);
        let front = random.between(kind.front[0], kind.front[1]);
        let depth = random.between(kind.depth[0], kind.depth[1]);
        let area = tenths(front * depth);
        let built = if history.recorded.is_some() { area * random.between(1.06, 1.24) } else { area };
        let measured = history.completed_on.map(|_| tenths(built * random.between(0.99, 1.01)));
        let mut draft = records
            .begin(day)
            .date("opened_on", day)
            .text("purpose", &kind.purpose)
            .text("permit_kind", &kind.permit)
            .text("address", &spot.address)
            .int("permit_floors", floors)
            .num("permit_height_m", tenths(3.4 * floors as f64 + 0.6))
            .num("plot_area", tenths(area * random.between(1.0, 1.5)))
            .num("permit_area", area)
            .num("permit_floor_area", tenths(area * floors as f64))
            .num("cost", (area * floors as f64 * random.between(plan.price[0], plan.price[1])).round() * 1e6)
            .text("currency", "VND")
            .int("dwellings", i64::from(kind.purpose.starts_with("Nhà ở")))
            .maybe_date("applied_on", history.applied_on)
            .maybe_date("issued_on", history.issued_on)
            .maybe_date("expires_on", history.expires_on)
            .maybe_date("started_on", history.started_on)
            .maybe_date("completed_on", history.completed_on);
        if let Some(measured) = measured {
            draft = draft.num("built_area", measured);
        }
        if let Some(issued) = history.issued_on {
            permits += 1;
            draft = draft.text("permit_no", &format!("{permits:02}/{}-GPXD", issued.year()));
        }
        for (field, code, on) in &history.steps {
            draft = draft.step(field, code, *on);
        }
        let draft = locate(draft, &plan, i, &spot, front, depth);
        let id = records.keep(draft);
        if let Some((category, day)) = history.recorded {
            cases.push(SiteCase { site: id, category, day, spot });
        }
    }
    Ok(cases)
}

fn tenths(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

/// Every so many sites wait for their location or are only a point; the others are the outline of the building.
fn locate(draft: Draft, plan: &Plan, i: usize, spot: &Spot, front: f64, depth: f64) -> Draft {
    let step = plan.total / plan.waiting.max(1);
    if i % step == step - 1 && i / step < plan.waiting {
        return draft;
    }
    if i * plan.polygons / plan.total == (i + 1) * plan.polygons / plan.total {
        let point = Geometry::Point(Point(spot.at.degrees()));
        return draft.place(Some(point)).text(system::LOCATION_QUALITY, "exact").num(system::ACCURACY_M, 5.0);
    }
    let (ux, uy) = spot.along;
    // Away from the street: from its middle towards the spot.
    let side = if (spot.at.x - spot.street_at.x) * -uy + (spot.at.y - spot.street_at.y) * ux < 0.0 {
        -1.0
    } else {
        1.0
    };
    let corner = |a: f64, b: f64| -> Metres { spot.at.plus(ux * a - uy * b * side, uy * a + ux * b * side) };
    let (half, near) = (front / 2.0, 0.0);
    let mut ring = vec![corner(-half, near), corner(half, near), corner(half, depth), corner(-half, depth)];
    if side < 0.0 {
        ring.reverse();
    }
    let ring: Vec<_> = ring.into_iter().map(Metres::degrees).collect();
    draft
        .place(Some(Geometry::Polygon(Polygon::new(LineString(ring), Vec::new()))))
        .text(system::QUALITY, "approved")
        .num(system::ACCURACY_M, 0.5)
}

impl History {
    fn run(plan: &Plan, course: &str, opened: Date, random: &mut Random) -> History {
        let mut h = History::default();
        if course == "none_recorded" {
            // Seen under construction; whether a permit exists is not known, so nothing is said about it.
            h.step("permit_state", "none_recorded", opened);
            h.build(opened, random);
            h.step("violation_state", "suspected", opened);
            if random.chance(0.6) {
                h.breach("unpermitted_construction", after(opened, [2, 12], random), random);
            }
            return h.cut();
        }
        h.step("violation_state", "none", opened);
        if course == "exempt" {
            h.step("permit_state", "exempt", opened);
            h.build(after(opened, [3, 30], random), random);
            return h.cut();
        }
        h.applied_on = Some(opened);
        h.step("permit_state", "applied", opened);
        h.step("progress_state", "not_started", opened);
        let answered = after(opened, [8, 24], random);
        match course {
            "refused" => h.step("permit_state", "refused", answered),
            "cancelled" => h.step("permit_state", "cancelled", after(opened, [5, 40], random)),
            _ => {
                h.issued_on = Some(answered);
                h.expires_on = Some(later(answered, 365));
                h.step("permit_state", "issued", answered);
                if course == "expired" {
                    h.step("permit_state", "expired", later(answered, 365));
                    return h.cut();
                }
                if course == "extended" {
                    h.step("permit_state", "extended", after(answered, [300, 360], random));
                    h.expires_on = Some(later(answered, 730));
                }
                let begun = after(answered, [5, 60], random);
                if course == "adjusted" {
                    h.step("permit_state", "adjusted", after(begun, [20, 70], random));
                }
                h.build(begun, random);
                if random.chance(plan.contrary) {
                    h.breach("construction_contrary_to_permit", after(begun, [20, 110], random), random);
                }
            }
        }
        h.cut()
    }

    fn step(&mut self, field: &'static str, code: &'static str, on: Date) {
        self.steps.push((field, code, on));
    }

    fn build(&mut self, begun: Date, random: &mut Random) {
        self.started_on = Some(begun);
        self.step("progress_state", "building", begun);
        let mut done = after(begun, [120, 420], random);
        if random.chance(0.14) {
            let paused = after(begun, [20, 100], random);
            let days = random.whole(15, 90);
            self.step("progress_state", "paused", paused);
            self.step("progress_state", "building", later(paused, days));
            done = later(done, days);
        }
        self.completed_on = Some(done);
        self.step("progress_state", "completed", done);
    }

    fn breach(&mut self, category: &'static str, on: Date, random: &mut Random) {
        self.recorded = Some((category, on));
        self.step("violation_state", "recorded", on);
        if random.chance(0.7) {
            self.step("violation_state", "resolved", after(on, [30, 160], random));
        }
    }

    /// Leaves out what lies after the last day of the data; the planned expiry of a permit stays.
    fn cut(mut self) -> History {
        self.steps.retain(|s| s.2 <= LAST_DAY);
        let past = |day: Option<Date>| day.filter(|d| *d <= LAST_DAY);
        self.issued_on = past(self.issued_on);
        self.expires_on = self.expires_on.filter(|_| self.issued_on.is_some());
        self.started_on = past(self.started_on);
        self.completed_on = past(self.completed_on);
        self.recorded = self.recorded.filter(|r| r.1 <= LAST_DAY);
        self
    }
}
