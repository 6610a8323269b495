//! Edits: checked, decided inside the store's transaction, and answered once this server shows them.

use std::sync::Arc;

use model::{Code, Fault, Feature, FieldType, LayerDef, LayerId, Text, Value};
use sha2::{Digest, Sha256};
use store::{Claim, Current, Decide, EditRequest, Edited, Idempotency, Op};
use uuid::Uuid;

use crate::attachment::is_own;
use crate::body::{self, Patch};
use crate::decide::{self, Ground, Precondition};
use crate::item::{self, Item};
use crate::world::World;
use crate::{Actor, Engine, EngineError};

/// What comes with an edit besides its content.
#[derive(Debug, Clone)]
pub struct EditMeta {
    /// The version it was based on.
    pub precondition: Precondition,
    /// Names the request, so that a repetition changes nothing and is answered alike.
    pub idempotency_key: Option<String>,
}

/// The change that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A new feature from a whole Feature.
    Create,
    /// All visible fields anew.
    Replace,
    /// A merge patch.
    Update,
    /// Removal.
    Delete,
    /// Undoing one change; the body may name it: `{"mark": "…"}`.
    Revert,
}

/// What an edit led to.
#[derive(Debug, Clone)]
pub struct EditOutcome {
    /// The feature's id.
    pub id: Uuid,
    /// The feature after the edit; `None` when it is gone.
    pub item: Option<Item>,
    /// Where the log stands.
    pub mark: String,
    /// Whether this was the answer to an earlier request of the same key.
    pub replayed: bool,
}

impl Engine {
    /// Makes one edit. Returns when it is durable and shown.
    ///
    /// # Errors
    /// Every fault of the content with its pointer; `stale-version`, `version-required`, `transition-not-allowed`,
    /// `validity-overlap`, `forbidden`, `unknown-layer`, `unknown-feature`, `idempotency-key-reused`.
    pub async fn edit(
        &self,
        actor: &Actor,
        layer: &str,
        id: Option<Uuid>,
        verb: Verb,
        content: &[u8],
        meta: EditMeta,
    ) -> Result<EditOutcome, EngineError> {
        let world = self.world();
        let def = Arc::clone(Engine::layer_state(&world, actor, layer)?.snapshot.def());
        if !def.editable(actor.role) {
            return Err(Fault::of(Code::Forbidden).into());
        }
        let ground = Ground { role: actor.role, today: self.today(), precondition: meta.precondition };
        let new_id = Uuid::now_v7();
        let target = id.unwrap_or(new_id);
        let mut patch = Patch::default();
        let mut mark = None;
        match verb {
            Verb::Create | Verb::Replace => {
                patch = body::read(&def, actor.role, content, true).map_err(EngineError::Faults)?;
            }
            Verb::Update => {
                patch = body::read(&def, actor.role, content, false).map_err(EngineError::Faults)?;
            }
            Verb::Revert => mark = self.read_mark(content)?,
            Verb::Delete => {}
        }
        let (ref_fields, refs) = references(&def, &patch);
        let photos = photos_of(&def, &patch);
        let entity = patch
            .values
            .iter()
            .find(|(i, _)| *i == def.entity)
            .and_then(|(_, v)| v.as_text().map(str::to_owned));
        let (reason, op) = (patch.reason.clone(), op_of(verb));
        let decide: Decide = {
            let (def, photos, actor) = (Arc::clone(&def), photos.clone(), actor.clone());
            Box::new(move |current: &Current| {
                check_references(&def, &ref_fields, &current.refs)?;
                check_photos(&def, &world, &actor, &photos, current)?;
                match verb {
                    Verb::Create => decide::create(&def, &ground, &patch, target, current),
                    Verb::Replace | Verb::Update => decide::update(&def, &ground, &patch, target, current),
                    Verb::Delete => decide::delete(&def, &ground, target, current),
                    Verb::Revert => decide::revert(&def, &ground, mark, target, current),
                }
            })
        };
        let fingerprint = || fingerprint(layer, id, op, content);
        let request = EditRequest {
            layer: def.id.clone(),
            id,
            new_id,
            actor: actor.name.clone(),
            at: self.now(),
            reason,
            op,
            entity,
            idempotency: meta.idempotency_key.map(|key| Idempotency { key, fingerprint: fingerprint() }),
            refs,
            photos,
            decide,
        };
        let edited = self.store().edit(request).await?;
        self.shown(edited.seq).await?;
        Ok(self.outcome(actor, &def, &edited))
    }

    fn outcome(&self, actor: &Actor, def: &LayerDef, edited: &Edited) -> EditOutcome {
        let after = edited.change.after.as_deref();
        let feature = after.and_then(|text| Feature::from_row_text(def, text, edited.seq).ok());
        EditOutcome {
            id: edited.id,
            item: feature.map(|f| item::whole(def, actor.role, &f, edited.touched)),
            mark: self.marks().make(edited.seq),
            replayed: edited.replayed,
        }
    }

    fn read_mark(&self, content: &[u8]) -> Result<Option<i64>, EngineError> {
        if content.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let json = model::parse_strict(content)?;
        match json.get("mark") {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(mark) => {
                let seq = mark.as_str().and_then(|m| self.marks().read(m));
                let fault = || Fault::at(Code::InvalidValue, "/mark", Code::InvalidValue.title());
                Ok(Some(seq.ok_or_else(fault)?))
            }
        }
    }
}

fn op_of(verb: Verb) -> Op {
    match verb {
        Verb::Create => Op::Create,
        Verb::Replace | Verb::Update => Op::Update,
        Verb::Delete => Op::Delete,
        Verb::Revert => Op::Revert,
    }
}

/// What the patch refers to: the store says inside the transaction whether it is there.
fn references(def: &LayerDef, patch: &Patch) -> (Vec<usize>, Vec<(LayerId, String)>) {
    let to = |(i, value): &(usize, Value)| {
        let field = &def.fields[*i];
        let layer = field.layer.as_deref().and_then(LayerId::new).filter(|_| field.kind == FieldType::Ref)?;
        Some((*i, (layer, value.as_text()?.to_owned())))
    };
    patch.values.iter().filter_map(to).unzip()
}

fn check_references(def: &LayerDef, fields: &[usize], there: &[bool]) -> Result<(), Fault> {
    let Some(i) = fields.iter().zip(there).find(|(_, there)| !**there).map(|(i, _)| *i) else {
        return Ok(());
    };
    let field = &def.fields[i];
    Err(Fault::at(
        Code::InvalidValue,
        format!("/properties/{}", field.name),
        Text::new(
            format!("{}: không có đối tượng được dẫn tới", field.title.vi),
            format!("{}: what it refers to does not exist", field.title.en),
        ),
    ))
}

/// The photos the patch cites.
fn photos_of(def: &LayerDef, patch: &Patch) -> Vec<Arc<str>> {
    let at = def.photos();
    let set = patch.values.iter().find(|(i, _)| Some(*i) == at);
    set.map(|(_, value)| value.as_list().to_vec()).unwrap_or_default()
}

/// A photo may be cited by whoever uploaded it or may see it already: by being cited it shows to all who may see the
/// feature. For everyone else it does not exist.
fn check_photos(
    def: &LayerDef,
    world: &World,
    actor: &Actor,
    photos: &[Arc<str>],
    current: &Current,
) -> Result<(), Fault> {
    let Some(at) = def.photos() else { return Ok(()) };
    let present = current.row.as_ref().map_or(&[][..], |row| row.values[at].as_list());
    for (i, (photo, claims)) in photos.iter().zip(&current.photos).enumerate() {
        let may = |claims: &Vec<Claim>| is_own(actor, claims) || world.shows_photo(actor, photo);
        if !present.contains(photo) && !claims.as_ref().is_some_and(may) {
            return Err(Fault::at(
                Code::UnknownAttachment,
                format!("/properties/{}/{i}", def.fields[at].name),
                Text::new("Ảnh này chưa được tải lên", "this photo was not uploaded"),
            ));
        }
    }
    Ok(())
}

fn fingerprint(layer: &str, id: Option<Uuid>, op: Op, content: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [layer.as_bytes(), op.as_str().as_bytes(), id.unwrap_or_default().as_bytes(), content] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::new(), |mut s, b| {
        use std::fmt::Write as _;
        let _ = write!(s, "{b:02x}");
        s
    })
}
