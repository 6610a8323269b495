//! The scheme: a programme and its tasks. What a task has reached is measured by its saved filter, not written here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::system;
use serde::Deserialize;

use crate::record::{Recorder, later};
use crate::{DemoError, inputs};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    name: String,
    code: String,
    year: i64,
    from: Date,
    to: Date,
    lead: String,
    steering: String,
    document: String,
    task_document: String,
    aim: String,
    assigned: Date,
    tasks: Vec<Task>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    field: String,
    name: String,
    lead: String,
    due: Date,
    state: String,
    measure: Option<String>,
    goal: Option<String>,
    target: Option<f64>,
    baseline: Option<f64>,
    unit: Option<String>,
}

/// Makes the programme and its tasks; `documents` are ids by key.
pub(crate) fn programme(
    documents: &BTreeMap<String, String>,
    programmes: &mut Recorder,
    tasks: &mut Recorder,
) -> Result<(), DemoError> {
    let plan: Plan = inputs::read(inputs::PROGRAMME)?;
    let paper =
        |key: &str| documents.get(key).ok_or(DemoError::Inputs("a programme of no document")).cloned();
    let draft = programmes
        .begin(plan.from)
        .date(system::VALID_FROM, plan.from)
        .date(system::VALID_TO, plan.to)
        .text("name", &plan.name)
        .text("code", &plan.code)
        .int("year", plan.year)
        .text("lead", &plan.lead)
        .text("steering", &plan.steering)
        .text("decision", &paper(&plan.document)?)
        .text("aim", &plan.aim);
    let entity = programmes.keep(draft);
    for (i, task) in plan.tasks.iter().enumerate() {
        let begun = later(plan.assigned, 5 + (i as i64 * 7) % 40);
        let over = later(task.due, -(3 + (i as i64 * 5) % 12)).max(later(begun, 1));
        let over = over.min(crate::LAST_DAY);
        let ended = matches!(task.state.as_str(), "done" | "not_met");
        let mut draft = tasks
            .begin(plan.assigned)
            .text("name", &task.name)
            .int("number", i as i64 + 1)
            .text("programme", &entity)
            .text("field", &task.field)
            .date("opened_on", plan.assigned)
            .date("due_on", task.due)
            .maybe_date("done_on", Some(over).filter(|_| task.state == "done"))
            .text("lead", &task.lead)
            .maybe_text("measure", task.measure.as_deref())
            .maybe_text("goal", task.goal.as_deref())
            .maybe_text("unit_of_measure", task.unit.as_deref())
            .text("document", &paper(&plan.task_document)?)
            .step("state", "not_started", plan.assigned);
        for (field, n) in [("target", task.target), ("baseline", task.baseline)] {
            if let Some(n) = n {
                draft = draft.num(field, n);
            }
        }
        if task.state != "not_started" {
            draft = draft.step("state", "in_progress", begun);
        }
        if ended {
            draft = draft.step("state", &task.state, over);
        }
        tasks.keep(draft);
    }
    Ok(())
}
