//! What the tests of the demo share: the layer files, and a demo ward made once.

use std::sync::{Arc, OnceLock};

use demo::{DEFAULT_SEED, DemoWard, generate};
use jiff::civil::Date;
use model::{Feature, LayerDef, ValueRef, parse_layer, system};

macro_rules! layer_files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../../data/layers/", $name, ".toml"))),)*]
    };
}

/// Every layer file of this product version.
pub(crate) fn layers() -> &'static [Arc<LayerDef>] {
    static LAYERS: OnceLock<Vec<Arc<LayerDef>>> = OnceLock::new();
    LAYERS.get_or_init(|| {
        let files = layer_files![
            "activities" "assets" "base" "documents" "groups" "hotspots" "incidents" "places" "planning" "posts"
            "programmes" "projects" "sites" "tasks" "unit_classes" "units" "views" "violations" "wards" "zones"
        ];
        files.iter().map(|(name, text)| Arc::new(parse_layer(&format!("{name}.toml"), text).unwrap())).collect()
    })
}

/// A layer by name.
pub(crate) fn layer(name: &str) -> &'static LayerDef {
    layers().iter().find(|l| l.id.as_str() == name).unwrap()
}

/// The demo ward of the default seed.
pub(crate) fn ward() -> &'static DemoWard {
    static WARD: OnceLock<DemoWard> = OnceLock::new();
    WARD.get_or_init(|| generate(DEFAULT_SEED, layers()).unwrap())
}

/// The features of a layer.
pub(crate) fn features<'a>(ward: &'a DemoWard, name: &str) -> Vec<&'a Feature> {
    let all = ward.commits.iter().flat_map(|c| &c.features);
    all.filter(|(layer, _)| layer.as_str() == name).map(|(_, f)| f).collect()
}

/// The versions of an interval layer valid on a day.
pub(crate) fn valid_on<'a>(ward: &'a DemoWard, name: &str, day: Date) -> Vec<&'a Feature> {
    let def = layer(name);
    let holds = |f: &&Feature| {
        let from = date(f, def, system::VALID_FROM).is_none_or(|from| from <= day);
        from && date(f, def, system::VALID_TO).is_none_or(|to| day < to)
    };
    features(ward, name).into_iter().filter(holds).collect()
}

/// A date field.
pub(crate) fn date(feature: &Feature, def: &LayerDef, field: &str) -> Option<Date> {
    match feature.get(def, field) {
        ValueRef::Date(d) => Some(d),
        _ => None,
    }
}

/// A text field; empty when null.
pub(crate) fn text<'a>(feature: &'a Feature, def: &LayerDef, field: &str) -> &'a str {
    match feature.get(def, field) {
        ValueRef::Text(t) => t,
        _ => "",
    }
}
