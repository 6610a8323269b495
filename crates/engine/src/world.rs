//! The map in memory: one immutable snapshot per layer, swapped once per batch of commits. The log is the only
//! source of change; derived layers are joined again when a side of theirs changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use model::{Bbox, Feature, LayerDef, LayerId, Role, Span, Touched, Value};
use spatial::{Bins, Row, RowChange, Snapshot, Stamps};
use store::{Change, Commit, Kept, Loaded, Op};
use uuid::Uuid;

use crate::aggregate::default_bins;
use crate::cited::Cited;

/// All layers at one point of the log.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) head: i64,
    pub(crate) layers: BTreeMap<LayerId, LayerState>,
    /// Which photos features cite.
    pub(crate) cited: Cited,
}

/// One layer: what is there, the number of the last commit that changed it, and where each part of it last changed
/// (its tiles' stamps).
#[derive(Clone)]
pub(crate) struct LayerState {
    pub(crate) snapshot: Snapshot,
    pub(crate) stamp: i64,
    pub(crate) stamps: Stamps,
    /// Encloses the spans of all features. It only grows while the server runs, so that an edit costs the same
    /// however many features there are.
    pub(crate) interval: Option<Span>,
}

/// A change of one feature, as told to browsers.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) seq: i64,
    pub(crate) layer: LayerId,
    pub(crate) fid: i64,
    pub(crate) id: Uuid,
    pub(crate) op: &'static str,
    /// Roles that may see the change.
    pub(crate) roles: Vec<Role>,
    /// Where it was and where it is; nowhere when its tiles stay the same.
    pub(crate) extents: Vec<Bbox>,
    /// How the layer's tiles are counted unless asked otherwise.
    bins: Option<Bins>,
    data: OnceLock<Arc<str>>,
}

impl Event {
    /// What browsers are told, JSON; made once for all of them.
    pub(crate) fn data(&self) -> &Arc<str> {
        self.data.get_or_init(|| {
            let ranges = spatial::tile_ranges(&self.extents, self.bins.as_ref());
            let tiles = ranges.into_iter().map(|(z, ranges)| (z.to_string(), serde_json::json!(ranges)));
            let data = serde_json::json!({
                "layer": self.layer,
                "id": self.id.to_string(),
                "fid": self.fid,
                "op": self.op,
                "tiles": tiles.collect::<serde_json::Map<_, _>>(),
            });
            data.to_string().into()
        })
    }
}

impl World {
    /// The world as loaded from the store.
    pub(crate) fn build(loaded: Loaded) -> World {
        let layers = loaded.layers.into_iter().map(|(def, rows)| Snapshot::build(def, rows)).collect();
        World::of(loaded.head, layers, &loaded.photos)
    }

    /// The world of these layers as of one commit; derived ones are joined anew.
    pub(crate) fn of(head: i64, layers: Vec<Snapshot>, photos: &[(LayerId, Vec<(Uuid, Value)>)]) -> World {
        let mut world = World { head, ..World::default() };
        for (layer, features) in photos {
            for (id, photos) in features {
                world.cited.put(layer, *id, photos);
            }
        }
        for snapshot in layers {
            world.layers.insert(snapshot.def().id.clone(), LayerState::new(snapshot, head));
        }
        let derived: Vec<LayerId> = world.derived(|_| true);
        for id in derived {
            world.derive(&id, head);
        }
        world
    }

    /// Features, over all layers.
    pub(crate) fn len(&self) -> usize {
        self.layers.values().map(|s| s.snapshot.len()).sum()
    }

    /// What the next start needs of it.
    pub(crate) fn kept(&self) -> Kept {
        let mut photos: Vec<(LayerId, Vec<(Uuid, Value)>)> = Vec::new();
        for (layer, state) in self.layers.iter().filter(|(_, s)| s.snapshot.def().photos().is_some()) {
            let own = self.cited.features().filter(|(id, _)| state.snapshot.find(*id).is_some());
            photos.push((layer.clone(), own.map(|(id, all)| (id, Value::List(Arc::clone(all)))).collect()));
        }
        let layers = self.layers.values().map(|s| s.snapshot.clone()).collect();
        Kept { head: self.head, layers, photos }
    }

    /// Adds layers that appeared or changed their definition.
    pub(crate) fn define(&mut self, defs: Vec<Arc<LayerDef>>, seq: i64) {
        for def in defs {
            match self.layers.get_mut(&def.id) {
                Some(state) if state.snapshot.def().hash == def.hash => {}
                Some(state) => {
                    *state = LayerState::new(state.snapshot.with_def(def), seq);
                }
                None => {
                    let id = def.id.clone();
                    self.layers.insert(id, LayerState::new(Snapshot::build(def, Vec::new()), seq));
                }
            }
        }
    }

    /// The world after these commits, in order, and what browsers are told of them. `graves` tells what had
    /// touched a feature that a commit brings back, that commit included.
    pub(crate) fn after(
        &self,
        commits: &[Commit],
        graves: &HashMap<(i64, Uuid), Touched>,
    ) -> (World, Vec<Event>) {
        let mut next = self.clone();
        let mut events = Vec::new();
        let mut changes: BTreeMap<LayerId, Vec<(i64, &Change)>> = BTreeMap::new();
        for commit in commits {
            next.head = next.head.max(commit.seq);
            for change in &commit.changes {
                if let Some(id) = LayerId::new(&change.layer).filter(|id| next.layers.contains_key(id)) {
                    changes.entry(id).or_default().push((commit.seq, change));
                }
            }
        }
        let changed: BTreeSet<LayerId> = changes.keys().cloned().collect();
        for (id, list) in changes {
            if let Some(state) = next.layers.get_mut(&id) {
                state.apply(&id, &list, graves, &mut events, &mut next.cited);
            }
        }
        let stale = next.derived(|d| {
            [&d.geometry_from, &d.values_from].into_iter().any(|l| changed.iter().any(|c| c.as_str() == l))
        });
        let head = next.head;
        for id in stale {
            events.extend(next.derive(&id, head));
        }
        events.sort_by_key(|e| e.seq);
        (next, events)
    }

    fn derived(&self, wanted: impl Fn(&model::Derived) -> bool) -> Vec<LayerId> {
        let is = |s: &LayerState| s.snapshot.def().derived.as_ref().is_some_and(&wanted);
        self.layers.iter().filter(|(_, s)| is(s)).map(|(id, _)| id.clone()).collect()
    }

    /// Joins a derived layer again; tells what changed in it.
    fn derive(&mut self, id: &LayerId, seq: i64) -> Vec<Event> {
        let side =
            |name: &str| LayerId::new(name).and_then(|l| self.layers.get(&l)).map(|s| s.snapshot.clone());
        let Some(old) = self.layers.get(id).map(|s| s.snapshot.clone()) else { return Vec::new() };
        let def = Arc::clone(old.def());
        let Some((shapes, values)) =
            def.derived.as_ref().and_then(|d| Some((side(&d.geometry_from)?, side(&d.values_from)?)))
        else {
            return Vec::new();
        };
        let new = Snapshot::build(Arc::clone(&def), spatial::derive_zones(&def, &shapes, &values));
        let events = differences(&def, &old, &new, seq);
        if let Some(state) = self.layers.get_mut(id) {
            let mut stamps = state.stamps.clone();
            for event in &events {
                stamps.mark(&event.extents, seq);
            }
            *state = LayerState { stamps, ..LayerState::new(new, seq) };
        }
        events
    }
}

impl LayerState {
    fn new(snapshot: Snapshot, stamp: i64) -> LayerState {
        let interval = snapshot.lifetime();
        LayerState { snapshot, stamp, stamps: Stamps::new(stamp), interval }
    }

    fn apply(
        &mut self,
        id: &LayerId,
        changes: &[(i64, &Change)],
        graves: &HashMap<(i64, Uuid), Touched>,
        events: &mut Vec<Event>,
        cited: &mut Cited,
    ) {
        let def = Arc::clone(self.snapshot.def());
        // The rows of this batch so far: a feature may change more than once in it.
        let mut rows: BTreeMap<Uuid, Option<Row>> = BTreeMap::new();
        let mut order = Vec::new();
        for (seq, change) in changes {
            let before = match rows.get(&change.id) {
                Some(row) => row.clone(),
                None => self.snapshot.find(change.id).map(|r| self.snapshot.row(r)),
            };
            let mut touched = before.as_ref().map_or_else(Touched::default, |r| r.touched);
            let everyone = matches!(change.op, Op::Create | Op::Delete | Op::Restore)
                || change.fields.iter().any(|f| f == "*")
                || before.is_none();
            match graves.get(&(*seq, change.id)) {
                Some(all) => touched = *all,
                None if everyone => touched.count_all(),
                None => touched.count(&def, &change.fields),
            }
            let after =
                change.after.as_deref().and_then(|text| Feature::from_row_text(&def, text, *seq).ok());
            if let Some(i) = def.photos() {
                cited.put(id, change.id, after.as_ref().map_or(&Value::Null, |f| &f.values[i]));
            }
            let roles = Role::ALL
                .into_iter()
                .filter(|r| def.visible(*r) && (everyone || change.fields.iter().any(|f| def.shows(*r, f))));
            self.interval =
                self.interval.into_iter().chain(after.as_ref().and_then(|f| f.span(&def))).reduce(enclose);
            let after = after.map(|feature| warm(&def, feature, touched));
            let pair = before.as_ref().zip(after.as_ref());
            let same = pair.is_some_and(|(a, b)| is_drawn_alike(&a.feature, &b.feature));
            let places = before.iter().chain(&after).filter(|_| !same);
            let extents: Vec<Bbox> = places.filter_map(Row::extent).collect();
            self.stamps.mark(&extents, *seq);
            events.push(Event {
                seq: *seq,
                layer: id.clone(),
                fid: change.fid,
                id: change.id,
                op: change.op.as_str(),
                roles: roles.collect(),
                extents,
                bins: default_bins(&def),
                data: OnceLock::new(),
            });
            if rows.insert(change.id, after).is_none() {
                order.push(change.id);
            }
            self.stamp = *seq;
        }
        let changes: Vec<RowChange> = order
            .into_iter()
            .filter_map(|id| rows.remove(&id).map(|row| row.map_or(RowChange::Remove(id), RowChange::Put)))
            .collect();
        self.snapshot = self.snapshot.apply(&changes);
    }
}

fn enclose(a: Span, b: Span) -> Span {
    Span { from: a.from.min(b.from), to: a.to.max(b.to) }
}

/// The row without what is not kept in memory.
fn warm(def: &LayerDef, mut feature: Feature, touched: Touched) -> Row {
    let mut cold = false;
    for (value, field) in feature.values.iter_mut().zip(&def.fields) {
        if field.cold {
            cold |= !value.is_null();
            *value = Value::Null;
        }
    }
    feature.given = None;
    Row { feature, touched, cold }
}

/// Whether no tile can tell one from the other, whatever its filter: only cold fields differ.
fn is_drawn_alike(a: &Feature, b: &Feature) -> bool {
    a.values == b.values && a.transitions == b.transitions && a.geometry == b.geometry
}

fn differences(def: &Arc<LayerDef>, old: &Snapshot, new: &Snapshot, seq: i64) -> Vec<Event> {
    let event = |snapshot: &Snapshot, row: usize, op, roles: Vec<Role>, extents: Vec<Bbox>| Event {
        seq,
        layer: def.id.clone(),
        fid: snapshot.fid(row),
        id: snapshot.id(row),
        op,
        roles,
        extents,
        bins: default_bins(def),
        data: OnceLock::new(),
    };
    let everyone = || def.see.iter().collect::<Vec<_>>();
    let mut events = Vec::new();
    for row in new.rows_after(-1) {
        let extent = new.extent(row);
        match old.find(new.id(row)) {
            None => events.push(event(new, row, "create", everyone(), extent.into_iter().collect())),
            Some(was) => {
                let (a, b) = (old.feature(was), new.feature(row));
                let fields = Feature::changed_fields(def, &a, &b);
                if !fields.is_empty() {
                    let roles = Role::ALL.into_iter().filter(|r| fields.iter().any(|f| def.shows(*r, f)));
                    let extents = old.extent(was).into_iter().chain(extent).collect();
                    events.push(event(new, row, "update", roles.collect(), extents));
                }
            }
        }
    }
    for row in old.rows_after(-1).filter(|r| new.find(old.id(*r)).is_none()) {
        events.push(event(old, row, "delete", everyone(), old.extent(row).into_iter().collect()));
    }
    events
}
