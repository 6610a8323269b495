//! The drug class of every unit at every year end, with the decision behind it, and the document register.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Value, system};
use serde::Deserialize;

use crate::DemoError;
use crate::random::Random;
use crate::record::Recorder;
use crate::units::Unit;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassesPlan {
    years: Vec<Date>,
    decisions: Vec<Decision>,
    signer: String,
    classes: BTreeMap<String, Vec<String>>,
    inputs: BTreeMap<String, Inputs>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    number: String,
    date: Date,
    ruleset: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    users: [i64; 2],
    places: [i64; 2],
    arrests: [i64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentsPlan {
    documents: Vec<Document>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    key: String,
    number: String,
    kind: String,
    title: String,
    issuer: String,
    issued_on: Date,
    effective_from: Option<Date>,
}

/// Makes the documents of `documents.toml`; returns their ids by key.
pub(crate) fn documents(records: &mut Recorder) -> Result<BTreeMap<String, String>, DemoError> {
    let plan: DocumentsPlan = crate::inputs::read(crate::inputs::DOCUMENTS)?;
    let mut ids = BTreeMap::new();
    for d in plan.documents {
        let draft = records
            .begin(d.issued_on)
            .text("number", &d.number)
            .text("kind", &d.kind)
            .text("title", &d.title)
            .text("issuer", &d.issuer)
            .date("issued_on", d.issued_on)
            .maybe_date("effective_from", d.effective_from);
        ids.insert(d.key, records.keep(draft));
    }
    Ok(ids)
}

/// Makes a class row per unit and year end, and the decisions they rest on.
pub(crate) fn classes(
    units: &[Unit],
    random: &mut Random,
    documents: &mut Recorder,
    records: &mut Recorder,
) -> Result<(), DemoError> {
    let plan: ClassesPlan = crate::inputs::read(crate::inputs::CLASSES)?;
    for (i, (year_end, decision)) in plan.years.iter().zip(&plan.decisions).enumerate() {
        let year = year_end.year();
        let draft = documents
            .begin(decision.date)
            .text("number", &decision.number)
            .text("kind", "decision")
            .text("title", &format!("Quyết định phân loại tổ, bản về ma túy năm {year}"))
            .text("issuer", &format!("{} (giả định)", plan.signer))
            .date("issued_on", decision.date)
            .date("effective_from", *year_end);
        let document = documents.keep(draft);
        for unit in units {
            let listed = plan.classes.get(&unit.key).and_then(|all| all.get(i));
            let mark = listed.ok_or(DemoError::Inputs("a unit without classes"))?;
            let (mark, titled) = mark.strip_suffix('S').map_or((mark.as_str(), true), |m| (m, false));
            let Some((class, grade)) = class_of(mark) else { continue };
            let until = [plan.years.get(i + 1).copied(), unit.to].into_iter().flatten().min();
            let inputs = plan.inputs.get(mark).ok_or(DemoError::Inputs("a class without inputs"))?;
            let mut count = |range: [i64; 2]| random.whole(range[0], range[1]);
            let (users, places, arrests) = (count(inputs.users), count(inputs.places), count(inputs.arrests));
            let draft = records
                .begin(*year_end)
                .text("unit", &unit.entity)
                .date(system::VALID_FROM, *year_end)
                .maybe_date(system::VALID_TO, until)
                .text("class", class)
                .maybe_text("grade", grade)
                .set("security_title", Value::Bool(titled))
                .text("assessed_period", &format!("{year}"))
                .text("ruleset", &decision.ruleset)
                .text("decision_no", &decision.number)
                .date("decision_date", decision.date)
                .text("decision", &document)
                .text("signer", &plan.signer)
                .int("users_recorded", users)
                .int("use_places", places)
                .int("arrests", arrests)
                .int("plants", 0)
                .set("on_route", Value::Bool(class == "key"))
                .maybe_text("internal_note", note(class, unit));
            records.keep(draft);
        }
    }
    Ok(())
}

fn class_of(mark: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match mark {
        "f" => ("drug_free", None),
        "l" => ("low_complexity", None),
        "h" => ("has_drug_problem", None),
        "k1" => ("key", Some("I")),
        "k2" => ("key", Some("II")),
        "k3" => ("key", Some("III")),
        _ => return None,
    })
}

fn note(class: &str, unit: &Unit) -> Option<&'static str> {
    match (class, unit.key.as_str()) {
        ("key", "T4") => Some("Địa bàn quanh chợ, cần phối hợp với ban quản lý chợ."),
        ("key", "T11") => Some("Địa bàn ven suối, cần bổ sung chiếu sáng."),
        _ => None,
    }
}
