//! An edit: what is asked, what the rules are shown, what they decide, what came of it.

use std::sync::Arc;

use jiff::Timestamp;
use model::{Fault, Feature, LayerId, Touched};
use uuid::Uuid;

use crate::{Change, Claim, LoggedChange, Op};

/// A request's own name, so that its repetition is answered and not done again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The key, unique per actor.
    pub key: String,
    /// Says what was asked. Only a hash keyed with the site's secret is kept.
    pub fingerprint: String,
}

/// The rules of an edit. Runs inside the transaction, once, and must not wait for anything.
pub type Decide = Box<dyn FnOnce(&Current) -> Result<Decision, Fault> + Send + Sync>;

/// One edit of one feature.
pub struct EditRequest {
    /// The layer.
    pub layer: LayerId,
    /// The feature; `None` to make one.
    pub id: Option<Uuid>,
    /// The id of the feature to be made.
    pub new_id: Uuid,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// What it will be called in the log.
    pub op: Op,
    /// Answers a repetition.
    pub idempotency: Option<Idempotency>,
    /// The entity the feature will belong to: the other rows of it are shown to `decide`, besides those of the
    /// entity it belongs to now.
    pub entity: Option<String>,
    /// References to look up: (layer, id or, in interval layers, entity).
    pub refs: Vec<(LayerId, String)>,
    /// Photos to look up, by their hash.
    pub photos: Vec<Arc<str>>,
    /// The rules.
    pub decide: Decide,
}

/// What an edit meets, read inside its transaction.
#[derive(Debug, Clone, Default)]
pub struct Current {
    /// The row with its cold fields; `None` when there is none.
    pub row: Option<Feature>,
    /// How many changes each role saw of it.
    pub touched: Touched,
    /// Other live rows of the entities concerned (interval layers, or when an entity was named).
    pub siblings: Vec<Feature>,
    /// The last changes of the feature, newest first; read only for [`Op::Revert`] and [`Op::Restore`].
    pub history: Vec<LoggedChange>,
    /// Which of the request's references exist, in their order.
    pub refs: Vec<bool>,
    /// Who uploaded each of the request's photos, in their order; `None` for one that is not there.
    pub photos: Vec<Option<Vec<Claim>>>,
}

/// What the rules say.
#[derive(Debug, Clone)]
pub enum Decision {
    /// The row becomes this. `fid`, `id` and `seq` are the store's: what stands there is ignored.
    Put(Feature),
    /// The row goes.
    Delete,
    /// Nothing changes.
    Nothing,
}

/// What came of an edit.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The commit; when nothing changed, the row's last one.
    pub seq: i64,
    /// The feature.
    pub id: Uuid,
    /// Its row number.
    pub fid: i64,
    /// The change; without `fields` when nothing changed.
    pub change: Change,
    /// How many changes each role saw of it, with this one.
    pub touched: Touched,
    /// Whether this answers a repetition.
    pub replayed: bool,
}
