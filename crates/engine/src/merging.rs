//! New bases, made aside while the log is followed. A layer whose delta has outgrown its base is sealed as it is shown and
//! merged on a thread of its own; commits go on upon the sealed one. The base is taken in with a later world, what came
//! meanwhile upon it. One layer at a time.

use std::collections::BTreeSet;

use model::LayerId;
use spatial::Snapshot;
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::cpu::Cpu;
use crate::world::World;

/// Makes bases for one world after the other.
pub(crate) struct Merger {
    cpu: Cpu,
    running: Option<Running>,
    /// Layers that could not be merged: they are not tried again, and stay right without.
    broken: BTreeSet<LayerId>,
}

struct Running {
    layer: LayerId,
    sealed: Snapshot,
    done: oneshot::Receiver<Snapshot>,
    state: State,
}

enum State {
    Running,
    Merged(Snapshot),
    /// Nothing will come.
    Failed,
}

impl Merger {
    /// One that has nothing to do yet.
    pub(crate) fn new(cpu: Cpu) -> Merger {
        Merger { cpu, running: None, broken: BTreeSet::new() }
    }

    /// Takes in what is finished and begins what is due, with a world that is not shown yet; tells whether the world
    /// is another one now.
    pub(crate) fn tend(&mut self, world: &mut World) -> bool {
        let taken = self.take_in(world);
        taken | self.begin(world)
    }

    fn take_in(&mut self, world: &mut World) -> bool {
        if let Some(running) = &mut self.running
            && matches!(running.state, State::Running)
        {
            match running.done.try_recv() {
                Ok(merged) => running.state = State::Merged(merged),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Closed) => running.state = State::Failed,
            }
        }
        let Some(Running { layer, sealed, state, .. }) = self.running.take() else { return false };
        let State::Merged(merged) = state else {
            self.broken.insert(layer);
            return false;
        };
        let Some(state) = world.layers.get_mut(&layer) else { return false };
        // A layer that was defined anew meanwhile has a base already.
        let Some(next) = state.snapshot.rebased(&sealed, &merged) else { return false };
        state.snapshot = next;
        // What is freed with the old base takes a while, too.
        drop(self.cpu.aside(move || drop(sealed)));
        true
    }

    fn begin(&mut self, world: &mut World) -> bool {
        if self.running.is_some() {
            return false;
        }
        let due = |id: &LayerId, snapshot: &Snapshot| snapshot.merge_is_due() && !self.broken.contains(id);
        let Some((layer, state)) = world.layers.iter_mut().find(|(id, state)| due(id, &state.snapshot))
        else {
            return false;
        };
        let sealed = state.snapshot.sealed();
        state.snapshot = sealed.clone();
        let work = sealed.clone();
        let done = self.cpu.aside(move || work.merged());
        self.running = Some(Running { layer: layer.clone(), sealed, done, state: State::Running });
        true
    }

    /// Waits until there is something to take in; for ever when nothing is being made.
    pub(crate) async fn finished(&mut self) {
        match &mut self.running {
            Some(running) if matches!(running.state, State::Running) => {
                running.state = (&mut running.done).await.map_or(State::Failed, State::Merged);
            }
            Some(_) => {}
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use model::{Feature, LayerDef, Touched};
    use spatial::{Row, RowChange};
    use uuid::Uuid;

    fn row(def: &LayerDef, fid: i64) -> Row {
        let mut feature = Feature::empty(def, Uuid::from_u128(fid as u128));
        feature.fid = fid;
        Row { feature, touched: Touched::default(), cold: false }
    }

    fn put(world: &mut World, id: &LayerId, fids: std::ops::Range<i64>) {
        let state = world.layers.get_mut(id).unwrap();
        let def = Arc::clone(state.snapshot.def());
        for fid in fids {
            state.snapshot = state.snapshot.apply(&[RowChange::Put(row(&def, fid))]);
        }
    }

    #[tokio::test]
    async fn a_base_is_taken_in_with_what_came_meanwhile() {
        let def = crate::builtin_layers().unwrap().remove(0);
        let id = def.id.clone();
        let mut world = World::of(1, vec![Snapshot::build(def, Vec::new())], &[]);
        let mut merger = Merger::new(Cpu::new());
        assert!(!merger.tend(&mut world), "nothing is due");
        put(&mut world, &id, 1..1_500);
        assert!(merger.tend(&mut world), "the layer is sealed");
        let held = world.layers[&id].snapshot.clone();
        put(&mut world, &id, 1_400..1_600);
        merger.finished().await;
        assert!(merger.tend(&mut world), "the base is there");
        let merged = &world.layers[&id].snapshot;
        assert_eq!((merged.len(), merged.base_len()), (1_599, 1_499));
        assert_eq!(
            merged.rows_after(0).map(|row| merged.fid(row)).collect::<Vec<_>>(),
            (1..1_600).collect::<Vec<_>>()
        );
        assert_eq!((held.len(), held.base_len()), (1_499, 0), "who holds the old one still does");
        assert!(!merger.tend(&mut world));
    }

    #[tokio::test]
    async fn a_layer_defined_anew_meanwhile_keeps_its_own_base() {
        let mut defs = crate::builtin_layers().unwrap();
        let (def, other) = (defs.remove(0), defs.remove(0));
        let id = def.id.clone();
        let mut world = World::of(1, vec![Snapshot::build(def, Vec::new())], &[]);
        let mut merger = Merger::new(Cpu::new());
        put(&mut world, &id, 1..1_500);
        merger.tend(&mut world);
        let state = world.layers.get_mut(&id).unwrap();
        state.snapshot = state.snapshot.with_def(other);
        merger.finished().await;
        assert!(!merger.tend(&mut world));
        assert_eq!(world.layers[&id].snapshot.base_len(), 1_499);
    }
}
