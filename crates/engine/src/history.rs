//! A feature's history from the log, as one reader may know it.

use model::{Code, Fault, Feature, LayerDef, SMALL, Text};
use serde::Serialize;
use store::{LoggedChange, Op};
use uuid::Uuid;

use crate::mark::Marks;
use crate::view::{mask, visible_fields};
use crate::{Actor, Engine, EngineError};

/// One change of a feature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// Names the change for `revert` and `recorded`.
    pub mark: String,
    /// When it was recorded.
    pub at: String,
    /// Who made it.
    pub actor: String,
    /// What it was: `create`, `update`, `delete`, …
    pub op: &'static str,
    /// Why, when that was said.
    pub reason: Option<String>,
    /// What it changed, visible fields only.
    pub changes: Vec<FieldChange>,
    /// Whether its content was erased.
    pub erased: bool,
}

/// One field's change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// The field, or `geometry`.
    pub field: String,
    /// Its value before.
    pub before: serde_json::Value,
    /// Its value after.
    pub after: serde_json::Value,
}

impl Engine {
    /// The changes of a feature that the reader may see, newest first; those of a deleted feature too.
    ///
    /// # Errors
    /// `unknown-layer`, `unknown-feature`.
    pub async fn history(
        &self,
        actor: &Actor,
        layer: &str,
        id: Uuid,
    ) -> Result<Vec<HistoryEntry>, EngineError> {
        let world = self.world();
        let def = Engine::layer_state(&world, actor, layer)?.snapshot.def().clone();
        if def.derived.is_some() {
            return self.derived_history(actor, layer, id).await;
        }
        let changes = self.store().history(&def.id, id).await?;
        let entries: Vec<HistoryEntry> =
            changes.iter().filter_map(|c| entry(&def, actor, self.marks(), c)).collect();
        if entries.is_empty() {
            return Err(Fault::of(Code::UnknownFeature).into());
        }
        Ok(entries)
    }

    /// A derived feature has the history of the rows it is joined from.
    async fn derived_history(
        &self,
        actor: &Actor,
        layer: &str,
        id: Uuid,
    ) -> Result<Vec<HistoryEntry>, EngineError> {
        let world = self.world();
        let snapshot = &Engine::layer_state(&world, actor, layer)?.snapshot;
        let row = snapshot.find(id).ok_or_else(|| Fault::of(Code::UnknownFeature))?;
        let entity = snapshot.feature(row).entity(snapshot.def()).map(str::to_owned);
        let mut entries: Vec<(i64, HistoryEntry)> = Vec::new();
        for source in snapshot.def().derived.iter().flat_map(|d| [&d.geometry_from, &d.values_from]) {
            let Ok(state) = Engine::layer_state(&world, actor, source) else { continue };
            let side = &state.snapshot;
            for r in side.rows_after(-1) {
                let feature = side.feature(r);
                if feature.entity(side.def()).map(str::to_owned) != entity {
                    continue;
                }
                for change in self.store().history(&side.def().id, feature.id).await? {
                    let made = entry(side.def(), actor, self.marks(), &change);
                    entries.extend(made.map(|e| (change.seq, e)));
                }
            }
        }
        entries.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
        Ok(entries.into_iter().map(|(_, e)| e).collect())
    }
}

/// Why, in words: an import's reason is a note, its undoing has none.
fn reason(actor: &Actor, logged: &LoggedChange) -> Option<String> {
    let words = match (store::note_of(logged.reason.as_deref()), &logged.batch) {
        (Some(note), _) => {
            let files = note.files.join(", ");
            Text::new(format!("nhập từ tệp {files}"), format!("imported from {files}"))
        }
        (None, Some(batch)) if store::undoes(batch) => {
            Text::new("hoàn tác một lượt nhập", "an import was undone")
        }
        (None, _) => return logged.reason.clone(),
    };
    Some(words.get(actor.lang).to_owned())
}

fn entry(def: &LayerDef, actor: &Actor, marks: &Marks, logged: &LoggedChange) -> Option<HistoryEntry> {
    let role = actor.role;
    let change = &logged.change;
    let everyone = change.fields.iter().any(|f| f == "*");
    if !everyone && !change.fields.iter().any(|f| def.shows(role, f)) {
        return None;
    }
    let read =
        |text: &Option<String>| text.as_deref().and_then(|t| Feature::from_row_text(def, t, logged.seq).ok());
    let (before, after) = (read(&change.before), read(&change.after));
    let value = |feature: &Option<Feature>, i: usize| {
        feature
            .as_ref()
            .map_or(serde_json::Value::Null, |f| mask(def, i, role, f.values[i].borrow()).to_json())
    };
    let mut changes: Vec<FieldChange> = visible_fields(def, role)
        .filter(|&i| {
            let name = &def.fields[i].name;
            everyone || change.fields.iter().any(|f| f.strip_suffix(SMALL).unwrap_or(f) == name)
        })
        .map(|i| FieldChange {
            field: def.fields[i].name.clone(),
            before: value(&before, i),
            after: value(&after, i),
        })
        .filter(|c| c.before != c.after)
        .collect();
    let geometry =
        |f: &Option<Feature>| model::geometry_to_json(f.as_ref().and_then(|f| f.geometry.as_ref()), Some(7));
    let (g0, g1) = (geometry(&before), geometry(&after));
    if g0 != g1 {
        changes.push(FieldChange { field: model::GEOMETRY.to_owned(), before: g0, after: g1 });
    }
    Some(HistoryEntry {
        mark: marks.make(logged.seq),
        at: logged.at.to_string(),
        actor: logged.actor.clone(),
        op: change.op.as_str(),
        reason: reason(actor, logged),
        changes,
        erased: change.erased || change.op == Op::Erase,
    })
}
