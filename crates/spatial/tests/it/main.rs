//! The crate from outside: derived layers, snapshots, tiles, real borders. Properties are in `props.rs`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "clippy knows tests, not their helpers")]

mod counted;
mod derive;
mod fixtures;
mod junctions;
mod merging;
mod mesh;
mod meshes;
mod packed;
mod predicates;
mod snapshot;
#[path = "../support/mod.rs"]
mod support;
mod tiles;
mod wards;
