//! Construction sites: permit, progress and violation run apart; some sites wait for their location.

use geo_types::{Geometry, Point};
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::calendar::{Days, after};
use crate::measured::{Built, Departure, Permit, polygon, tenths, wkt};
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
    /// Which sites depart from their permit: one each, spread over the years.
    departures: Vec<Departure>,
    /// Every so many departures nobody has noticed yet.
    unnoticed_every: usize,
    setbacks: Vec<f64>,
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
    let mut all: Vec<Site<'_>> = opened
        .into_iter()
        .enumerate()
        .map(|(i, day)| {
            let kind = &plan.kinds[random.weighted(&kinds)];
            let course = &plan.courses[random.weighted(&courses)].name;
            let history = History::run(course, day, &mut random);
            let permit = Permit {
                floors: random.whole(kind.floors[0], kind.floors[1]),
                front: random.between(kind.front[0], kind.front[1]),
                depth: random.between(kind.depth[0], kind.depth[1]),
                setback: *random.pick(&plan.setbacks),
            };
            let spot = places.on_street(plan.streets, &mut random);
            Site { day, kind, history, permit, spot, known: Known::of(&plan, i), departure: None }
        })
        .collect();
    plant(&plan, &mut all, &mut random);
    let mut cases = Vec::new();
    let mut permits = 0;
    for site in all {
        if site.history.issued_on.is_some_and(|d| d <= LAST_DAY) {
            permits += 1;
        }
        let (spot, recorded, draft) = write(&plan, site, permits, records, &mut random);
        let id = records.keep(draft);
        if let Some((category, day)) = recorded {
            cases.push(SiteCase { site: id, category, day, spot });
        }
    }
    Ok(cases)
}

/// A site before it is written down.
struct Site<'a> {
    day: Date,
    kind: &'a Kind,
    history: History,
    permit: Permit,
    spot: Spot,
    known: Known,
    departure: Option<Departure>,
}

/// How well the place of a site is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Waiting,
    Point,
    Outline,
}

impl Known {
    /// Every so many sites wait for their location or are only a point; the others have an outline.
    fn of(plan: &Plan, i: usize) -> Known {
        let step = plan.total / plan.waiting.max(1);
        if i % step == step - 1 && i / step < plan.waiting {
            Known::Waiting
        } else if i * plan.polygons / plan.total == (i + 1) * plan.polygons / plan.total {
            Known::Point
        } else {
            Known::Outline
        }
    }
}

/// Gives the planted departures to sites that are well under way, spread over the years.
fn plant(plan: &Plan, all: &mut [Site<'_>], random: &mut Random) {
    let under_way = |s: &Site<'_>| {
        s.history.issued_on.is_some() && s.history.started_on.is_some_and(|d| later(d, 120) <= LAST_DAY)
    };
    for (n, departure) in plan.departures.iter().enumerate() {
        let fits = |s: &Site<'_>| {
            under_way(s)
                && s.departure.is_none()
                && s.known != Known::Waiting
                && (s.known == Known::Outline || !departure.needs_outline())
        };
        // From its share of the years onwards, then from the beginning.
        let from = n * all.len() / plan.departures.len();
        let at = (from..all.len()).chain(0..from).find(|i| fits(&all[*i]));
        let Some(site) = at.map(|i| &mut all[i]) else { continue };
        site.departure = Some(*departure);
        let noticed = (n + 1) % plan.unnoticed_every != 0;
        site.history.depart(*departure, site.day, noticed, random);
    }
}

/// Fills a site's record; tells where it is and what was recorded of it.
fn write(
    plan: &Plan,
    site: Site<'_>,
    permits: usize,
    records: &mut Recorder,
    random: &mut Random,
) -> (Spot, Option<(&'static str, Date)>, Draft) {
    let Site { day, kind, history, permit, spot, known, departure } = site;
    let measured = history.measured(departure.is_some(), random);
    let history = history.cut();
    let floor_area = permit.area() * permit.floors as f64;
    let has_permit = history.issued_on.is_some();
    let mut draft = records
        .begin(day)
        .date("opened_on", day)
        .text("purpose", &kind.purpose)
        .text("permit_kind", &kind.permit)
        .text("address", &spot.address)
        .num("plot_area", tenths(permit.area() * random.between(1.0, 1.5)))
        .num("cost", (floor_area * random.between(plan.price[0], plan.price[1])).round() * 1e6)
        .text("currency", "VND")
        .int("dwellings", i64::from(kind.purpose.starts_with("Nhà ở")))
        .maybe_date("applied_on", history.applied_on)
        .maybe_date("issued_on", history.issued_on)
        .maybe_date("expires_on", history.expires_on)
        .maybe_date("started_on", history.started_on)
        .maybe_date("completed_on", history.completed_on);
    if let Some(issued) = history.issued_on {
        draft = draft.text("permit_no", &format!("{permits:02}/{}-GPXD", issued.year()));
    }
    // What is not permitted or not asked for is not invented.
    if history.applied_on.is_some() {
        draft = permit.fill(draft);
    }
    let built = measured.filter(|_| has_permit).map(|on| (on, permit.build(departure, random)));
    if let Some((on, built)) = &built {
        draft = built.fill(&permit, *on, draft);
    }
    for (field, code, on) in &history.steps {
        draft = draft.step(field, code, *on);
    }
    let draft = locate(draft, known, &spot, &permit, built.map(|b| b.1), has_permit);
    (spot, history.recorded, draft)
}

/// The measured outline, or the permitted one while nothing was measured.
fn locate(
    draft: Draft,
    known: Known,
    spot: &Spot,
    permit: &Permit,
    built: Option<Built>,
    has_permit: bool,
) -> Draft {
    match known {
        Known::Waiting => draft,
        Known::Point => draft
            .place(Some(Geometry::Point(Point(spot.at.degrees()))))
            .text(system::LOCATION_QUALITY, "exact")
            .num(system::ACCURACY_M, 5.0),
        Known::Outline => {
            let licensed = permit.outline(spot);
            let draft = if has_permit { draft.text("permit_boundary", &wkt(&licensed)) } else { draft };
            let outline = built.map_or(licensed, |b| b.outline(permit, spot));
            draft
                .place(Some(Geometry::Polygon(polygon(&outline))))
                .text(system::QUALITY, if built.is_some() { "surveyed" } else { "approved" })
                .num(system::ACCURACY_M, if built.is_some() { 0.1 } else { 0.5 })
        }
    }
}

impl History {
    fn run(course: &str, opened: Date, random: &mut Random) -> History {
        let mut h = History::default();
        if course == "none_recorded" {
            // Seen under construction; whether a permit exists is not known, so nothing is said about it.
            h.step("permit_state", "none_recorded", opened);
            h.build(opened, random);
            h.step("violation_state", "suspected", opened);
            if random.chance(0.6) {
                h.breach("unpermitted_construction", after(opened, [2, 12], random), random);
            }
            return h;
        }
        h.step("violation_state", "none", opened);
        if course == "exempt" {
            h.step("permit_state", "exempt", opened);
            h.build(after(opened, [3, 30], random), random);
            return h;
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
                    return h;
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
            }
        }
        h
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

    /// Changes the course so that it departs from the permit, and says so where it was noticed.
    fn depart(&mut self, departure: Departure, opened: Date, noticed: bool, random: &mut Random) {
        let Some(begun) = self.started_on else { return };
        if departure == Departure::Early {
            let early = after(opened, [2, 4], random);
            for step in &mut self.steps {
                if step.0 == "progress_state" && step.2 == begun {
                    step.2 = early;
                }
            }
            self.started_on = Some(early);
        }
        if noticed {
            let (category, days) = match departure {
                Departure::Early => ("unpermitted_construction", [3, 5]),
                _ => ("construction_contrary_to_permit", [40, 110]),
            };
            let on = after(self.started_on.unwrap_or(begun), days, random);
            self.breach(category, on, random);
        }
    }

    /// The day the building was measured: when it is finished or when something is wrong with it; some in between.
    fn measured(&self, departs: bool, random: &mut Random) -> Option<Date> {
        let begun = self.started_on?;
        let days = random.whole(30, 40);
        let between = random.chance(0.3).then(|| later(begun, 90));
        let noticed = self.recorded.map(|r| r.1);
        let wrong = departs.then(|| later(begun, 40 + days));
        let done = self.completed_on.map(|d| later(d, 5));
        [noticed, wrong, done, between].into_iter().flatten().find(|d| *d <= LAST_DAY)
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
