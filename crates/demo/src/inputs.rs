//! The generator's inputs, embedded: everything invented stands in `data/demo/*.toml`, not in code.

use serde::de::DeserializeOwned;

use crate::DemoError;

pub(crate) const WARD: &str = include_str!("../../../data/demo/ward.toml");
pub(crate) const STREETS: &str = include_str!("../../../data/demo/streets.toml");
pub(crate) const UNITS: &str = include_str!("../../../data/demo/units.toml");
pub(crate) const CLASSES: &str = include_str!("../../../data/demo/classes.toml");
pub(crate) const DOCUMENTS: &str = include_str!("../../../data/demo/documents.toml");
pub(crate) const VIOLATIONS: &str = include_str!("../../../data/demo/violations.toml");
pub(crate) const INCIDENTS: &str = include_str!("../../../data/demo/incidents.toml");
pub(crate) const PROJECTS: &str = include_str!("../../../data/demo/projects.toml");
pub(crate) const SITES: &str = include_str!("../../../data/demo/sites.toml");
pub(crate) const ASSETS: &str = include_str!("../../../data/demo/assets.toml");
pub(crate) const PLACES: &str = include_str!("../../../data/demo/places.toml");
pub(crate) const PLANNING: &str = include_str!("../../../data/demo/planning.toml");
pub(crate) const COMMUNITY: &str = include_str!("../../../data/demo/community.toml");
pub(crate) const HOTSPOTS: &str = include_str!("../../../data/demo/hotspots.toml");
pub(crate) const PROGRAMME: &str = include_str!("../../../data/demo/programme.toml");

/// Reads one of the inputs.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, DemoError> {
    toml::from_str(text).map_err(|e| DemoError::Toml(e.to_string()))
}
