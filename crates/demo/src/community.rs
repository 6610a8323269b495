//! What residents and forces keep up: self-management groups, posts and areas of responsibility, activities.

use std::collections::BTreeMap;

use geo_types::{Geometry, Point};
use jiff::ToSpan;
use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::base::line;
use crate::calendar::Days;
use crate::places::{Place, PlacesPlan};
use crate::plane::Metres;
use crate::random::Random;
use crate::record::{Draft, Recorder, later};
use crate::spots::Places;
use crate::units::Unit;
use crate::ward::Ward;
use crate::{DemoError, LAST_DAY, inputs};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    models: Vec<Model>,
    standing: Vec<f64>,
    dissolved: f64,
    posts: Vec<Post>,
    areas: Vec<Area>,
    rounds: Vec<Round>,
    events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    kind: String,
    name: String,
    /// How many in every unit; or the share of units that have one.
    per_unit: Option<i64>,
    share: Option<f64>,
    households: [i64; 2],
    members: [i64; 2],
    leader: String,
    texts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    name: String,
    kind: String,
    force: Option<String>,
    at: [f64; 2],
    staff: [i64; 2],
    shift: String,
    address: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    name: String,
    faces: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Round {
    name: String,
    kind: String,
    topic: String,
    first: Date,
    weeks: i64,
    turn: Turn,
    attendance: [i64; 2],
    organiser: String,
}

/// Where a recurring activity is held in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Turn {
    Units,
    Schools,
    Streets,
    Market,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    name: String,
    kind: String,
    topic: String,
    from: Date,
    to: Option<Date>,
    street: Option<String>,
    at: Option<[f64; 2]>,
    attendance: i64,
    organiser: String,
    document: Option<String>,
    result: String,
}

/// What the community is made with.
pub(crate) struct Ground<'a> {
    pub(crate) seed: u64,
    pub(crate) ward: &'a Ward,
    pub(crate) units: &'a [Unit],
    pub(crate) places: &'a Places<'a>,
    pub(crate) known: &'a PlacesPlan,
    /// Ids of documents by key.
    pub(crate) documents: &'a BTreeMap<String, String>,
}

/// The day the forces at the grassroots became one team.
const NEW_FORCE: Date = Date::constant(2024, 7, 1);

/// Makes the groups, the posts and the activities.
pub(crate) fn community(
    ground: &Ground<'_>,
    groups: &mut Recorder,
    posts: &mut Recorder,
    activities: &mut Recorder,
) -> Result<(), DemoError> {
    let plan: Plan = inputs::read(inputs::COMMUNITY)?;
    make_groups(&plan, ground, groups);
    make_posts(&plan, ground, posts)?;
    make_rounds(&plan, ground, activities);
    make_events(&plan, ground, activities)
}

fn make_groups(plan: &Plan, ground: &Ground<'_>, records: &mut Recorder) {
    let mut random = Random::new(ground.seed, "groups");
    for model in &plan.models {
        for unit in ground.units {
            let from = unit.from().max(Date::constant(2021, 1, 1));
            let wanted = model.share.is_none_or(|share| random.chance(share));
            let count = if wanted { model.per_unit.unwrap_or(1) } else { 0 };
            for n in 1..=count {
                let Some(at) = ground.places.in_unit(unit, &mut random) else { continue };
                let last = unit.to.map_or(Date::constant(2024, 12, 1), |to| later(to, -60));
                let founded = Days::new(from, last.max(from), |_| 1.0).draw(&mut random);
                let dissolved = random.chance(plan.dissolved).then(|| later(founded, random.whole(200, 500)));
                let dissolved = dissolved.filter(|d| *d < LAST_DAY);
                let to = [dissolved, unit.to].into_iter().flatten().min();
                let standing = ["active", "weak", "not_rated"][random.weighted(&plan.standing)];
                let standing = if dissolved.is_some() { "dissolved" } else { standing };
                let number = if count > 1 { format!(" {n}") } else { String::new() };
                let rated = to.unwrap_or(LAST_DAY).min(Date::constant(2025, 12, 10));
                let draft = records
                    .begin(founded)
                    .date(system::VALID_FROM, founded)
                    .maybe_date(system::VALID_TO, to)
                    .text("name", &format!("{}{number}, {}", model.name, unit.name))
                    .text("kind", &model.kind)
                    .text("activity", standing)
                    .text("unit", &unit.entity)
                    .text("leader_role", &model.leader)
                    .int("households", random.whole(model.households[0], model.households[1]))
                    .int("members", random.whole(model.members[0], model.members[1]))
                    .maybe_date("rated_on", Some(rated).filter(|_| standing != "not_rated"))
                    .text("summary", random.pick::<String>(&model.texts));
                records.keep(point(draft, at));
            }
        }
    }
}

fn make_posts(plan: &Plan, ground: &Ground<'_>, records: &mut Recorder) -> Result<(), DemoError> {
    let mut random = Random::new(ground.seed, "posts");
    let first = ground.ward.plan.from;
    let versions = |force: Option<&str>| -> Vec<(Date, Option<Date>, String)> {
        match force {
            Some(force) => vec![(first, None, force.to_owned())],
            None => vec![
                (first, Some(NEW_FORCE), "civil_guard".to_owned()),
                (NEW_FORCE, None, "security_team".to_owned()),
            ],
        }
    };
    for post in &plan.posts {
        let own = post.force.as_deref().or_else(|| (post.kind == "reception_point").then_some("ward_police"));
        let mut entity = None;
        for (from, to, force) in versions(own) {
            let mut draft = begin_version(records, from, to, &mut entity)
                .text("name", &post.name)
                .text("kind", &post.kind)
                .text("force", &force)
                .text("address", &post.address)
                .int("staff_count", random.whole(post.staff[0], post.staff[1]))
                .text("shift_hours", &post.shift)
                .text("equipment", "Bộ đàm, đèn pin, áo phản quang");
            if post.kind == "police_office" {
                draft = draft.text("contact", "Trực ban Công an phường (giả định)");
            }
            records.keep(point(draft, Metres::new(post.at[0], post.at[1])));
        }
    }
    for area in &plan.areas {
        let outline = ground.ward.mesh.polygon(&area.faces)?;
        let mut entity = None;
        for (from, to, force) in versions(None) {
            let draft = begin_version(records, from, to, &mut entity)
                .text("name", &area.name)
                .text("kind", "patrol_area")
                .text("force", &force)
                .int("staff_count", random.whole(5, 8))
                .text("shift_hours", "19:00–23:00")
                .text(system::QUALITY, "sketch")
                .num(system::ACCURACY_M, 15.0);
            records.keep(draft.place(Some(Geometry::Polygon(outline.clone()))));
        }
    }
    Ok(())
}

/// A version of the thing whose first version named `entity`.
fn begin_version(records: &mut Recorder, from: Date, to: Option<Date>, entity: &mut Option<String>) -> Draft {
    let draft = records.begin(from);
    let id = draft.feature.id.to_string();
    let entity = entity.get_or_insert(id);
    draft.text(system::ENTITY, entity).date(system::VALID_FROM, from).maybe_date(system::VALID_TO, to)
}

fn make_rounds(plan: &Plan, ground: &Ground<'_>, records: &mut Recorder) {
    let mut random = Random::new(ground.seed, "activities");
    let schools: Vec<&Place> =
        ground.known.places.iter().filter(|p| p.kind == "school" || p.kind == "kindergarten").collect();
    for round in &plan.rounds {
        let days = round.first.series((round.weeks * 7).days()).take_while(|d| *d <= LAST_DAY);
        for (i, day) in days.enumerate() {
            let units: Vec<&Unit> =
                ground.units.iter().filter(|u| u.from() <= day && u.to.is_none_or(|to| day < to)).collect();
            let (at, place) = match round.turn {
                Turn::Units => {
                    let unit = units[i % units.len()];
                    let Some(at) = ground.places.in_unit(unit, &mut random) else { continue };
                    (at, unit.name.clone())
                }
                Turn::Schools => {
                    let school = schools[i % schools.len()];
                    (school.centre(), school.name.clone())
                }
                Turn::Streets => {
                    let spot = ground.places.on_street([1.0, 1.0, 0.6, 0.4], &mut random);
                    (spot.at, spot.street)
                }
                Turn::Market => (ground.ward.centre(), "Chợ Mẫu".to_owned()),
            };
            let draft = records
                .begin(day)
                .text("name", &format!("{} – {place}", round.name))
                .text("kind", &round.kind)
                .text("topic", &round.topic)
                .date("held_on", day)
                .text("address", &place)
                .text("organiser", &round.organiser)
                .int("attendance", random.whole(round.attendance[0], round.attendance[1]));
            records.keep(point(draft, at));
        }
    }
}

fn make_events(plan: &Plan, ground: &Ground<'_>, records: &mut Recorder) -> Result<(), DemoError> {
    for event in &plan.events {
        let paper = match &event.document {
            Some(key) => Some(ground.documents.get(key).ok_or(DemoError::Inputs("an event of no document"))?),
            None => None,
        };
        let draft = records
            .begin(event.from)
            .text("name", &event.name)
            .text("kind", &event.kind)
            .text("topic", &event.topic)
            .date("held_on", event.from)
            .maybe_date("ended_on", event.to)
            .text("organiser", &event.organiser)
            .int("attendance", event.attendance)
            .maybe_text("document", paper.map(String::as_str))
            .maybe_text("address", event.street.as_deref())
            .text("result", &event.result);
        if let Some(name) = &event.street {
            let way = ground.ward.way(name)?;
            let draft = draft.text(system::QUALITY, "sketch").num(system::ACCURACY_M, 5.0);
            records.keep(draft.place(Some(Geometry::LineString(line(&way.points)))));
        } else {
            let [x, y] = event.at.ok_or(DemoError::Inputs("an event without a place"))?;
            records.keep(point(draft, Metres::new(x, y)));
        }
    }
    Ok(())
}

fn point(draft: Draft, at: Metres) -> Draft {
    draft
        .text(system::LOCATION_QUALITY, "exact")
        .text(system::QUALITY, "sketch")
        .num(system::ACCURACY_M, 10.0)
        .place(Some(Geometry::Point(Point(at.degrees()))))
}
