//! Decides an edit against the row it meets inside the store's transaction: is it still the version the editor
//! saw, does the workflow allow the change, do versions of one entity stay apart.

use jiff::civil::Date;
use model::{
    Code, Fault, Feature, LayerDef, Role, Text, TimeKind, Touched, Value, ValueRef, geometry_kind, system,
};
use store::{Current, Decision, LoggedChange, Op};
use uuid::Uuid;

use crate::body::Patch;
use crate::item::etag;

/// What an edit was based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// `If-Match: *` or not needed.
    Any,
    /// One of these validators, without quotes and representation suffix.
    OneOf(Vec<String>),
    /// None was given where one is needed.
    Missing,
}

/// The fixed circumstances of a decision.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) role: Role,
    pub(crate) today: Date,
    pub(crate) precondition: Precondition,
}

impl Ground {
    fn meets(&self, def: &LayerDef, id: Uuid, touched: Touched) -> Result<(), Fault> {
        let current = etag(def, id, touched, self.role);
        match &self.precondition {
            Precondition::Any => Ok(()),
            Precondition::OneOf(all) if all.contains(&current) => Ok(()),
            Precondition::OneOf(_) => Err(Fault::at(Code::StaleVersion, "", Code::StaleVersion.title())),
            Precondition::Missing => Err(Fault::at(
                Code::VersionRequired,
                "",
                Text::new(
                    "Thiếu tiêu đề If-Match: hãy đọc bản ghi trước khi sửa",
                    "the header If-Match is missing: read the feature before changing it",
                ),
            )),
        }
    }
}

/// A new feature from a patch.
pub(crate) fn create(
    def: &LayerDef,
    ground: &Ground,
    patch: &Patch,
    id: Uuid,
    current: &Current,
) -> Result<Decision, Fault> {
    let mut feature = Feature::empty(def, id);
    for (i, value) in &patch.values {
        feature.values[*i] = value.clone();
    }
    feature.geometry = patch.geometry.clone().flatten();
    if def.time == TimeKind::Interval && feature.values[def.entity].is_null() {
        feature.values[def.entity] = Value::text(&id.to_string());
    }
    let start = def.start.and_then(|i| feature.values[i].as_day());
    let on = patch.effective_on.or(start).unwrap_or(ground.today);
    not_in_future(ground, patch.effective_on)?;
    for workflow in &def.workflows {
        let Some(i) = def.index(&workflow.field) else { continue };
        let state = match feature.values[i].as_text() {
            Some(given) => given.to_owned(),
            None => match workflow.initial.first() {
                Some(first) => first.clone(),
                None => continue,
            },
        };
        if !workflow.initial.is_empty() && !workflow.initial.contains(&state) {
            return Err(not_allowed(def, i, None, &state));
        }
        feature.move_to(def, &workflow.field, &state, on);
    }
    if let Some(start) = def.start
        && def.fields[start].required
        && feature.values[start].is_null()
        && def.time == TimeKind::State
    {
        feature.values[start] = match def.fields[start].kind {
            model::FieldType::Date => Value::Date(on),
            _ => Value::Null,
        };
    }
    check(def, ground.role, &feature, &current.siblings)?;
    Ok(Decision::Put(feature))
}

/// A changed feature from a patch.
pub(crate) fn update(
    def: &LayerDef,
    ground: &Ground,
    patch: &Patch,
    id: Uuid,
    current: &Current,
) -> Result<Decision, Fault> {
    let row = found(current)?;
    ground.meets(def, id, current.touched)?;
    let mut feature = row.clone();
    not_in_future(ground, patch.effective_on)?;
    let on = patch.effective_on.unwrap_or(ground.today);
    for (i, value) in &patch.values {
        let field = &def.fields[*i];
        let Some(workflow) = def.workflow(&field.name) else {
            feature.values[*i] = value.clone();
            continue;
        };
        let Some(to) = value.as_text() else {
            // A whole replacement without the state keeps it; asking for none is refused.
            continue;
        };
        let from = row.values[*i].as_text();
        if from == Some(to) {
            continue;
        }
        if from.is_some_and(|from| !workflow.allows(from, to)) {
            return Err(not_allowed(def, *i, from, to));
        }
        let last = row.transitions.iter().filter(|t| t.field == field.name).map(|t| t.on).max();
        if last.is_some_and(|last| on < last) {
            return Err(Fault::at(
                Code::InvalidValue,
                "/effective_on",
                Text::new(
                    "Ngày hiệu lực sớm hơn lần chuyển trạng thái trước",
                    "the effective day lies before the previous change of state",
                ),
            ));
        }
        feature.move_to(def, &field.name, to, on);
    }
    if let Some(geometry) = &patch.geometry {
        if feature.geometry != *geometry {
            feature.given = None;
        }
        feature.geometry.clone_from(geometry);
    }
    if feature.values[def.entity].is_null() {
        feature.values[def.entity] = row.values[def.entity].clone();
    }
    check(def, ground.role, &feature, &current.siblings)?;
    if feature == *row { Ok(Decision::Nothing) } else { Ok(Decision::Put(feature)) }
}

/// The removal of a feature.
pub(crate) fn delete(
    def: &LayerDef,
    ground: &Ground,
    id: Uuid,
    current: &Current,
) -> Result<Decision, Fault> {
    found(current)?;
    ground.meets(def, id, current.touched)?;
    Ok(Decision::Delete)
}

/// The undoing of one change: the newest the role can see, or that of commit `target`.
pub(crate) fn revert(
    def: &LayerDef,
    ground: &Ground,
    target: Option<i64>,
    id: Uuid,
    current: &Current,
) -> Result<Decision, Fault> {
    if current.row.is_some() {
        ground.meets(def, id, current.touched)?;
    }
    let shown = |c: &LoggedChange| {
        let everyone = c.change.fields.iter().any(|f| f == "*");
        everyone || c.change.fields.iter().any(|f| def.shows(ground.role, f))
    };
    let undone = match target {
        Some(seq) => current.history.iter().find(|c| c.seq == seq && shown(c)),
        None => current.history.iter().find(|c| shown(c)),
    };
    let undone = undone.ok_or_else(|| Fault::of(Code::NothingToRevert))?;
    let change = &undone.change;
    let read =
        |text: &Option<String>| text.as_deref().and_then(|t| Feature::from_row_text(def, t, undone.seq).ok());
    match (read(&change.before), read(&change.after)) {
        _ if change.erased || change.op == Op::Erase => Err(Fault::of(Code::NothingToRevert)),
        (Some(before), None) => {
            // A deletion: the row comes back as it was, under its own number.
            if current.row.is_some() {
                return Err(Fault::of(Code::RevertConflict));
            }
            check(def, ground.role, &before, &current.siblings)?;
            Ok(Decision::Put(before))
        }
        (None, Some(_)) => {
            found(current)?;
            Ok(Decision::Delete)
        }
        (Some(before), Some(after)) => {
            let mut feature = found(current)?.clone();
            for name in change.fields.iter().filter(|f| def.shows(ground.role, f)) {
                undo_field(def, name, &before, &after, &mut feature)?;
            }
            check(def, ground.role, &feature, &current.siblings)?;
            Ok(Decision::Put(feature))
        }
        (None, None) => Err(Fault::of(Code::NothingToRevert)),
    }
}

fn undo_field(
    def: &LayerDef,
    name: &str,
    before: &Feature,
    after: &Feature,
    feature: &mut Feature,
) -> Result<(), Fault> {
    let conflict =
        || Err(Fault::at(Code::RevertConflict, format!("/properties/{name}"), Code::RevertConflict.title()));
    match name {
        model::GEOMETRY => {
            if feature.geometry != after.geometry {
                return conflict();
            }
            feature.geometry.clone_from(&before.geometry);
        }
        model::GIVEN => feature.given.clone_from(&before.given),
        _ => {
            let name = name.strip_suffix(model::SMALL).unwrap_or(name);
            let Some(i) = def.index(name) else { return Ok(()) };
            if feature.values[i] != after.values[i] {
                return conflict();
            }
            feature.values[i] = before.values[i].clone();
            if def.workflow(name).is_some() {
                feature.transitions.retain(|t| t.field != name);
                feature.transitions.extend(before.transitions.iter().filter(|t| t.field == name).cloned());
            }
        }
    }
    Ok(())
}

fn found(current: &Current) -> Result<&Feature, Fault> {
    current.row.as_ref().ok_or_else(|| Fault::of(Code::UnknownFeature))
}

fn not_in_future(ground: &Ground, on: Option<Date>) -> Result<(), Fault> {
    match on {
        Some(on) if on > ground.today => Err(Fault::at(
            Code::InvalidValue,
            "/effective_on",
            Text::new("Ngày hiệu lực nằm trong tương lai", "the effective day lies in the future"),
        )),
        _ => Ok(()),
    }
}

fn not_allowed(def: &LayerDef, field: usize, from: Option<&str>, to: &str) -> Fault {
    let field = &def.fields[field];
    let title =
        |code: &str| field.code(code).map_or_else(|| Text::new(code, code), |c| Text::new(&c.vi, &c.en));
    let to = title(to);
    let detail = match from.map(title) {
        Some(from) => Text::new(
            format!("Không được chuyển từ “{}” sang “{}”", from.vi, to.vi),
            format!("“{}” may not be followed by “{}”", from.en, to.en),
        ),
        None => Text::new(
            format!("Không được bắt đầu bằng “{}”", to.vi),
            format!("a case may not begin as “{}”", to.en),
        ),
    };
    Fault::at(Code::TransitionNotAllowed, format!("/properties/{}", field.name), detail)
}

/// What must hold of every row: required fields, order and separation of validity, geometry of the layer's kind.
fn check(def: &LayerDef, role: Role, feature: &Feature, siblings: &[Feature]) -> Result<(), Fault> {
    for (field, value) in def.fields.iter().zip(&feature.values) {
        // What the role cannot see it cannot be asked for.
        if field.required && value.is_null() && field.visible(role) {
            return Err(Fault::at(
                Code::Required,
                format!("/properties/{}", field.name),
                Text::new(format!("Thiếu “{}”", field.title.vi), format!("“{}” is missing", field.title.en)),
            ));
        }
    }
    if let Some(g) = &feature.geometry
        && geometry_kind(g).is_none()
    {
        return Err(Fault::at(Code::InvalidGeometry, "/geometry/type", Code::InvalidGeometry.title()));
    }
    if def.time != TimeKind::Interval {
        return Ok(());
    }
    let Some(span) = feature.span(def) else { return Ok(()) };
    if span.from >= span.to {
        return Err(Fault::at(
            Code::InvalidValue,
            format!("/properties/{}", system::VALID_TO),
            Text::new("Ngày hết hiệu lực phải sau ngày bắt đầu", "validity must end after it begins"),
        ));
    }
    let other = siblings
        .iter()
        .filter(|s| s.id != feature.id && s.entity(def) == feature.entity(def))
        .find(|s| s.span(def).is_some_and(|o| o.intersects(span)));
    match other {
        Some(other) => {
            let day = |f: &Feature, name: &str| match f.get(def, name) {
                ValueRef::Date(d) => d.to_string(),
                _ => "…".to_owned(),
            };
            let period = format!("{} – {}", day(other, system::VALID_FROM), day(other, system::VALID_TO));
            Err(Fault::at(
                Code::ValidityOverlap,
                format!("/properties/{}", system::VALID_FROM),
                Text::new(
                    format!("Chồng lấn với phiên bản có hiệu lực {period}"),
                    format!("overlaps the version valid {period}"),
                ),
            ))
        }
        None => Ok(()),
    }
}
