//! Security incidents: clusters planted at a known place and time, over noise that follows the streets.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use model::{Value, day_start};
use serde::Deserialize;

use crate::DemoError;
use crate::calendar::{Days, rhythm};
use crate::plane::Metres;
use crate::random::Random;
use crate::record::{Draft, Recorder, later};
use crate::spots::{Known, Places, Spot};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    total: usize,
    waiting: usize,
    located: Vec<Known>,
    precision: Vec<Precision>,
    years: BTreeMap<String, f64>,
    months: Vec<f64>,
    categories: Vec<Category>,
    clusters: Vec<Cluster>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Precision {
    code: String,
    weight: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    code: String,
    weight: f64,
    hours: Vec<f64>,
    found_by: Vec<f64>,
    streets: [f64; 4],
    severity: Vec<f64>,
    texts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cluster {
    /// What was planted; said here so that a reader of the file knows, not in the data.
    #[serde(rename = "name")]
    _name: String,
    category: String,
    at: [f64; 2],
    spread_m: f64,
    from: Date,
    to: Date,
    count: usize,
}

const EVERY_DAY: [f64; 7] = [1.0; 7];
const FOUND_BY: [&str; 4] = ["citizen", "patrol", "other", "unknown"];
const SEVERITY: [&str; 3] = ["minor", "moderate", "serious"];

/// Makes the incidents.
pub(crate) fn incidents(seed: u64, places: &Places<'_>, records: &mut Recorder) -> Result<(), DemoError> {
    let plan: Plan = crate::inputs::read(crate::inputs::INCIDENTS)?;
    let mut random = Random::new(seed, "incidents");
    let mut found: Vec<(Date, &Category, Spot)> = Vec::with_capacity(plan.total);
    for cluster in &plan.clusters {
        let category = plan.categories.iter().find(|c| c.code == cluster.category);
        let category = category.ok_or(DemoError::Inputs("a cluster of no category"))?;
        let days = Days::new(cluster.from, cluster.to, |day| rhythm(day, &plan.months, &EVERY_DAY));
        let centre = Metres::new(cluster.at[0], cluster.at[1]);
        let street = places.street_near(centre).unwrap_or_default().to_owned();
        for _ in 0..cluster.count {
            let day = days.draw(&mut random);
            found.push((day, category, places.around(centre, cluster.spread_m, &street, &mut random)));
        }
    }
    let weights: Vec<f64> = plan.categories.iter().map(|c| c.weight).collect();
    let years: Vec<(i16, f64)> = plan.years.iter().filter_map(|(y, w)| Some((y.parse().ok()?, *w))).collect();
    let (Some(first), Some(last)) = (years.first(), years.last()) else {
        return Err(DemoError::Inputs("incidents without years"));
    };
    let days = Days::new(Date::constant(first.0, 1, 1), Date::constant(last.0, 12, 31), |day| {
        let year = years.iter().find(|(y, _)| *y == day.year()).map_or(0.0, |(_, w)| *w);
        year * rhythm(day, &plan.months, &EVERY_DAY)
    });
    while found.len() < plan.total {
        let category = &plan.categories[random.weighted(&weights)];
        found.push((days.draw(&mut random), category, places.on_street(category.streets, &mut random)));
    }
    found.sort_by_key(|f| f.0);
    let step = plan.total / plan.waiting.max(1);
    for (i, (day, category, spot)) in found.into_iter().enumerate() {
        let draft = when(records.begin(day), &plan, category, day, &mut random)
            .text("category", &category.code)
            .text("category_raw", random.pick::<String>(&category.texts))
            .text("found_by", FOUND_BY[random.weighted(&category.found_by)])
            .text("severity", SEVERITY[random.weighted(&category.severity)])
            .text("outcome", outcome(category, &mut random));
        let waiting = if i % step == step / 2 && i / step < plan.waiting { 1e12 } else { 0.0 };
        let draft = places.fill(draft, &spot, day, &plan.located, waiting, &mut random);
        records.keep(draft);
    }
    Ok(())
}

/// Fills when it happened, as precisely as that is known; the end of a span is its last second.
fn when(draft: Draft, plan: &Plan, category: &Category, day: Date, random: &mut Random) -> Draft {
    let weights: Vec<f64> = plan.precision.iter().map(|p| p.weight).collect();
    let precision = &plan.precision[random.weighted(&weights)].code;
    let hour = random.weighted(&category.hours) as i64;
    let minute = random.whole(0, 59);
    let (from, length) = match precision.as_str() {
        "month" => {
            let first = day.first_of_month();
            (day_start(first), day_start(first.saturating_add(1.month())) - day_start(first))
        }
        "day" => (day_start(day), 86_400),
        "hour" => (day_start(day) + hour * 3600, 3600),
        _ => (day_start(day) + hour * 3600 + minute * 60, 60),
    };
    let time = |second: i64| Timestamp::from_second(second).map_or(Value::Null, Value::Time);
    // Reported within days; what is only known to the month, after it.
    let reported = later(day, random.weighted(&[60.0, 22.0, 8.0, 5.0, 3.0, 2.0]) as i64);
    let reported = if precision == "month" { reported.max(day.last_of_month()) } else { reported };
    draft
        .text("date_precision", precision)
        .set("occurred_from", time(from))
        .set("occurred_to", time(from + length - 1))
        .date("reported_on", reported.min(crate::LAST_DAY))
}

fn outcome(category: &Category, random: &mut Random) -> &'static str {
    let all = ["open", "no_suspect", "handled", "mediated", "transferred", "not_pursued"];
    let weights = match category.code.as_str() {
        "drugs" | "weapons" | "robbery" => [12.0, 14.0, 58.0, 0.0, 14.0, 2.0],
        "violence" | "public_order" => [8.0, 6.0, 48.0, 32.0, 2.0, 4.0],
        _ => [12.0, 46.0, 26.0, 6.0, 3.0, 7.0],
    };
    all[random.weighted(&weights)]
}
