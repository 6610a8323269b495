//! How a violation case runs: found, reminded or recorded, decided, fixed, rechecked; never a step the
//! workflow does not allow, never a step after the last day of the data.

use jiff::civil::Date;
use serde::Deserialize;

use crate::LAST_DAY;
use crate::calendar::after;
use crate::random::Random;
use crate::violations::Category;

/// Shares and days of each step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    unfounded: f64,
    transferred: f64,
    stall: f64,
    first_days: [i64; 2],
    remind_settles: f64,
    remind_days: [i64; 2],
    escalate_days: [i64; 2],
    decide_days: [i64; 2],
    enforce: f64,
    enforce_days: [i64; 2],
    fixing_days: [i64; 2],
    fixed_days: [i64; 2],
    recheck_days: [i64; 2],
    recheck_fails: f64,
    refix_days: [i64; 2],
    pub(crate) relapse_days: [i64; 2],
}

/// The course of one case up to the last day.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) steps: Vec<(&'static str, Date)>,
    pub(crate) due_on: Option<Date>,
    pub(crate) recorded_on: Option<Date>,
    pub(crate) decided_on: Option<Date>,
    pub(crate) fixed_on: Option<Date>,
    pub(crate) closed_on: Option<Date>,
}

impl Case {
    /// Runs a case found on `day`; `hard` cases are always recorded.
    pub(crate) fn run(flow: &Flow, category: &Category, day: Date, hard: bool, random: &mut Random) -> Case {
        let mut case = Case { steps: vec![("found", day)], ..Case::default() };
        let mut at = ("found", day);
        while let Some((state, on)) = follow(flow, category, at, hard, &case, random) {
            if on > LAST_DAY {
                break;
            }
            case.steps.push((state, on));
            match state {
                "reminded" => case.due_on = Some(after(on, category.due_days, random)),
                "recorded" => case.recorded_on = Some(on),
                "decided" => {
                    case.decided_on = Some(on);
                    case.due_on = Some(after(on, [10, 30], random));
                }
                "fixed" => case.fixed_on = Some(on),
                "fixing" => case.fixed_on = None,
                "rechecked" => case.closed_on = Some(on),
                _ => {}
            }
            at = (state, on);
        }
        case
    }
}

/// The next state and its day; `None` when the case ends or stays where it is.
fn follow(
    flow: &Flow,
    category: &Category,
    (state, on): (&'static str, Date),
    hard: bool,
    case: &Case,
    random: &mut Random,
) -> Option<(&'static str, Date)> {
    if !hard && random.chance(flow.stall) {
        return None;
    }
    let (next, days) = match state {
        "found" if hard => ("recorded", flow.first_days),
        "found" => {
            let rest = 1.0 - flow.unfounded - flow.transferred;
            let weights =
                [flow.unfounded, flow.transferred, rest * category.soft, rest * (1.0 - category.soft)];
            let next = ["unfounded", "transferred", "reminded", "recorded"][random.weighted(&weights)];
            (next, flow.first_days)
        }
        "reminded" if random.chance(flow.remind_settles) => ("fixed", flow.remind_days),
        "reminded" => ("recorded", flow.escalate_days),
        "recorded" => ("decided", flow.decide_days),
        "decided" if random.chance(flow.enforce) => ("enforced", flow.enforce_days),
        "decided" => ("fixing", flow.fixing_days),
        "fixing" => ("fixed", flow.fixed_days),
        "enforced" => ("fixed", [0, 3]),
        // A case fails its recheck once at most.
        "fixed" if case.steps.len() < 7 && random.chance(flow.recheck_fails) => ("fixing", flow.refix_days),
        "fixed" => ("rechecked", flow.recheck_days),
        _ => return None,
    };
    Some((next, after(on, days, random)))
}
