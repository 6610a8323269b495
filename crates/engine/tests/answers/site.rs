//! A site with given things, and searches in it.

use std::collections::{BTreeMap, HashMap};

use engine::{Actor, Config, Engine, Finding, NewSite, Store, builtin_layers, store_generated};
use model::{Feature, FieldType, Lang, LayerId, Role, Text, Value};
use tempfile::TempDir;
use uuid::Uuid;

/// A thing: its key in the test, its layer, and the values of some fields as text.
pub(crate) struct Thing {
    pub(crate) key: String,
    pub(crate) layer: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) place: Option<(f64, f64)>,
}

/// An open site.
pub(crate) struct Site {
    pub(crate) engine: Engine,
    keys: HashMap<Uuid, String>,
    _dir: TempDir,
}

pub(crate) fn actor(role: Role) -> Actor {
    Actor { role, name: "local:test".to_owned(), lang: Lang::Vi }
}

impl Site {
    /// A site that holds these things; required fields that are not given get their first code or an early day.
    pub(crate) async fn with(things: &[Thing]) -> Site {
        let dir = tempfile::tempdir().unwrap();
        let site = NewSite { title: Text::new("Thử", "Test"), demo: false, as_of: None };
        let now = "2025-12-31T05:00:00Z".parse().unwrap();
        let layers = builtin_layers().unwrap();
        let store = Store::create(&dir.path().join("ward.gpkg"), site, &layers, "test", now).await.unwrap();
        let mut keys = HashMap::new();
        let mut features = Vec::new();
        for (n, thing) in things.iter().enumerate() {
            let def = layers.iter().find(|d| d.id.as_str() == thing.layer).unwrap();
            let id = Uuid::from_u128(n as u128 + 1);
            let mut feature = Feature::empty(def, id);
            feature.geometry = thing.place.map(|(lon, lat)| geo_types::Point::new(lon, lat).into());
            for field in &def.fields {
                let value = match (thing.fields.get(&field.name), field.kind) {
                    (Some(text), kind) => kind.value_from_text(text).unwrap(),
                    (None, FieldType::Code) if field.required => Value::text(&field.codes[0].code),
                    (None, FieldType::Date) if field.required => {
                        FieldType::Date.value_from_text("2020-01-01").unwrap()
                    }
                    _ => continue,
                };
                feature.set(def, &field.name, value);
            }
            feature.set(def, "entity", Value::text(&id.to_string()));
            keys.insert(id, thing.key.clone());
            features.push((LayerId::new(&thing.layer).unwrap(), feature));
        }
        store_generated(&store, "test".to_owned(), now, features).await.unwrap();
        let engine = Engine::open(store, Config { now: Some(now), ..Config::default() }).await.unwrap();
        Site { engine, keys, _dir: dir }
    }

    pub(crate) async fn find(&self, text: &str) -> Finding {
        self.engine.search(&actor(Role::Analyst), text, None, 20).await.unwrap()
    }

    /// The keys of what was found.
    pub(crate) fn keys(&self, finding: &Finding) -> Vec<&str> {
        finding.results.iter().filter_map(|f| self.keys.get(&f.id?).map(String::as_str)).collect()
    }
}

/// A thing of a layer with these values.
pub(crate) fn thing(key: &str, layer: &str, fields: &[(&str, &str)]) -> Thing {
    let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Thing { key: key.to_owned(), layer: layer.to_owned(), fields, place: None }
}
