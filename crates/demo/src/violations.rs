//! Urban-order violations: found with the rhythm of the town, at places that repeat, handled step by step,
//! some of them coming back.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Value, zone};
use serde::Deserialize;

use crate::calendar::{Days, after, rhythm};
use crate::flow::{Case, Flow};
use crate::plane::Metres;
use crate::random::Random;
use crate::record::Recorder;
use crate::sites::SiteCase;
use crate::spots::{Known, Places, Spot, Where};
use crate::{DemoError, LAST_DAY};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    years: BTreeMap<String, usize>,
    campaign: Campaign,
    repeat_places: usize,
    repeat_share: f64,
    hour_known: f64,
    located: Vec<Known>,
    waiting_weight: f64,
    categories: Vec<Category>,
    planted: Vec<Planted>,
    legal: Vec<Legal>,
    flow: Flow,
}

/// Findings planted at a place over a time, beside the rhythm of the town.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Planted {
    /// What was planted; said here so that a reader of the file knows, not in the data.
    #[serde(rename = "name")]
    _name: String,
    category: String,
    at: [f64; 2],
    spread_m: f64,
    from: Date,
    to: Date,
    count: usize,
    /// Hours of their own.
    hours: Option<Vec<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Campaign {
    year: i16,
    months: Vec<i8>,
    factor: f64,
}

/// A category with its rhythm, places and course.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    code: String,
    weight: f64,
    hours: Vec<f64>,
    week: Vec<f64>,
    months: Vec<f64>,
    #[serde(rename = "where")]
    places: Where,
    pub(crate) soft: f64,
    relapse: f64,
    pub(crate) due_days: [i64; 2],
    fine: [i64; 2],
    remedy: String,
    texts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Legal {
    categories: Vec<String>,
    text: String,
    from: Date,
    to: Option<Date>,
}

/// A finding to be written down.
struct Finding<'a> {
    category: &'a Category,
    day: Date,
    spot: Spot,
    relapse_of: Option<String>,
    site: Option<String>,
    hours: Option<&'a [f64]>,
    /// Whether it may come back; what is planted is counted, so it does not.
    comes_back: bool,
}

impl<'a> Finding<'a> {
    fn new(category: &'a Category, day: Date, spot: Spot) -> Finding<'a> {
        Finding { category, day, spot, relapse_of: None, site: None, hours: None, comes_back: true }
    }
}

/// Makes the violations; `sites` are construction sites whose violation was recorded.
pub(crate) fn violations(
    seed: u64,
    places: &Places<'_>,
    sites: &[SiteCase],
    records: &mut Recorder,
) -> Result<(), DemoError> {
    let plan: Plan = crate::inputs::read(crate::inputs::VIOLATIONS)?;
    let mut random = Random::new(seed, "violation places");
    let repeats = repeat_places(&plan, places, &mut random);
    let mut random = Random::new(seed, "violation findings");
    let mut queue: Vec<Finding<'_>> = Vec::new();
    for (year, count) in &plan.years {
        let year: i16 = year.parse().map_err(|_| DemoError::Inputs("a year that is no number"))?;
        let days: Vec<Days> = plan.categories.iter().map(|c| days_of(year, c, &plan.campaign)).collect();
        let weights: Vec<f64> = plan.categories.iter().map(|c| c.weight).collect();
        for _ in 0..*count {
            let i = random.weighted(&weights);
            let category = &plan.categories[i];
            let spot = if random.chance(plan.repeat_share) {
                let ranks: Vec<f64> = (1..=repeats[i].len()).map(|rank| 1.0 / rank as f64).collect();
                let mut spot = repeats[i][random.weighted(&ranks)].clone();
                spot.at = spot.at.plus(random.between(-2.5, 2.5), random.between(-2.5, 2.5));
                spot
            } else {
                places.spot(category.places, &mut random)
            };
            queue.push(Finding::new(category, days[i].draw(&mut random), spot));
        }
    }
    for case in sites {
        if let Some(category) = plan.categories.iter().find(|c| c.code == case.category) {
            let site = Some(case.site.clone());
            queue.push(Finding { site, ..Finding::new(category, case.day, case.spot.clone()) });
        }
    }
    plant(seed, &plan, places, &mut queue)?;
    queue.sort_by_key(|f| f.day);
    let mut numbers = Numbers::default();
    let mut random = Random::new(seed, "violation cases");
    let mut next = queue;
    while !next.is_empty() {
        let mut back = Vec::new();
        for finding in next {
            let (id, closed) = write(&plan, &finding, places, &mut numbers, records, &mut random);
            let Some(closed) =
                closed.filter(|_| finding.comes_back && random.chance(finding.category.relapse))
            else {
                continue;
            };
            let day = after(closed, plan.flow.relapse_days, &mut random);
            if day <= LAST_DAY {
                let mut spot = finding.spot;
                spot.at = spot.at.plus(random.between(-2.5, 2.5), random.between(-2.5, 2.5));
                back.push(Finding { day, spot, relapse_of: Some(id), site: None, ..finding });
            }
        }
        next = back;
    }
    Ok(())
}

/// Adds what is planted.
fn plant<'a>(
    seed: u64,
    plan: &'a Plan,
    places: &Places<'_>,
    queue: &mut Vec<Finding<'a>>,
) -> Result<(), DemoError> {
    let mut random = Random::new(seed, "planted violations");
    for planted in &plan.planted {
        let category = plan.categories.iter().find(|c| c.code == planted.category);
        let category = category.ok_or(DemoError::Inputs("planted violations of no category"))?;
        let days = Days::new(planted.from, planted.to, |day| rhythm(day, &[], &category.week));
        let centre = Metres::new(planted.at[0], planted.at[1]);
        let street = places.street_near(centre).unwrap_or_default().to_owned();
        for _ in 0..planted.count {
            let spot = places.around(centre, planted.spread_m, &street, &mut random);
            let finding = Finding::new(category, days.draw(&mut random), spot);
            queue.push(Finding { hours: planted.hours.as_deref(), comes_back: false, ..finding });
        }
    }
    Ok(())
}

fn days_of(year: i16, category: &Category, campaign: &Campaign) -> Days {
    Days::of_year(year, |day| {
        let more = year == campaign.year && campaign.months.contains(&day.month());
        rhythm(day, &category.months, &category.week) * if more { campaign.factor } else { 1.0 }
    })
}

/// For every category the places where it repeats, worst first; more for frequent categories.
fn repeat_places(plan: &Plan, places: &Places<'_>, random: &mut Random) -> Vec<Vec<Spot>> {
    let total: f64 = plan.categories.iter().map(|c| c.weight).sum();
    let count = |c: &Category| ((plan.repeat_places as f64 * c.weight / total).round() as usize).max(2);
    plan.categories.iter().map(|c| (0..count(c)).map(|_| places.spot(c.places, random)).collect()).collect()
}

/// Running numbers of minutes and decisions, per year.
#[derive(Debug, Default)]
struct Numbers(BTreeMap<(&'static str, i16), u32>);

impl Numbers {
    fn next(&mut self, kind: &'static str, day: Date) -> String {
        let n = self.0.entry((kind, day.year())).or_default();
        *n += 1;
        format!("{n:03}/{}-{kind}", day.year())
    }
}

/// Writes one case; returns its id and the day it was closed after a recheck.
fn write(
    plan: &Plan,
    finding: &Finding<'_>,
    places: &Places<'_>,
    numbers: &mut Numbers,
    records: &mut Recorder,
    random: &mut Random,
) -> (String, Option<Date>) {
    let category = finding.category;
    let case = Case::run(&plan.flow, category, finding.day, finding.site.is_some(), random);
    let legal = plan.legal.iter().find(|l| {
        l.categories.contains(&category.code)
            && l.from <= finding.day
            && l.to.is_none_or(|to| finding.day < to)
    });
    let mut draft = records
        .begin(finding.day)
        .text("category", &category.code)
        .date("found_on", finding.day)
        .maybe_text("legal_basis", legal.map(|l| l.text.as_str()))
        .maybe_text("relapse_of", finding.relapse_of.as_deref())
        .maybe_text("site", finding.site.as_deref())
        .maybe_date("due_on", case.due_on)
        .maybe_date("fixed_on", case.fixed_on)
        .text("summary", random.pick::<String>(&category.texts));
    if random.chance(plan.hour_known) {
        let hour = random.weighted(finding.hours.unwrap_or(&category.hours)) as i8;
        let moment = finding.day.at(hour, random.whole(0, 59) as i8, 0, 0).to_zoned(zone());
        draft = draft.set("found_at", moment.map_or(Value::Null, |z| Value::Time(z.timestamp())));
    }
    if let Some(day) = case.recorded_on {
        draft = draft.date("minutes_on", day).text("minutes_no", &numbers.next("BB", day));
    }
    if let Some(day) = case.decided_on {
        let fine = random.whole(category.fine[0] / 50, category.fine[1] / 50) * 50_000;
        draft = draft
            .date("decision_on", day)
            .text("decision_no", &numbers.next("QĐXP", day))
            .int("fine", fine)
            .text("remedy", &category.remedy);
    }
    let photos = random.whole(0, 4);
    if photos > 0 {
        draft = draft.text("evidence", &format!("{photos} ảnh hiện trường"));
    }
    if finding.relapse_of.is_some() {
        draft = draft.text("internal_note", "Tái phạm, đề nghị tăng cường kiểm tra.");
    }
    for (state, day) in &case.steps {
        draft = draft.step("state", state, *day);
    }
    let draft = places.fill(draft, &finding.spot, finding.day, &plan.located, plan.waiting_weight, random);
    (records.keep(draft), case.closed_on)
}
