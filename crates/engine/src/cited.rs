//! Which photos are cited where. Photos are cold: no snapshot holds them; but who may see one is decided at every
//! look at it, so that is kept in memory and follows the log with the rest of the world.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;

use model::{LayerId, Value};
use rustc_hash::FxBuildHasher;
use uuid::Uuid;

/// Parts a map is kept in. A change copies one part, so that an edit costs little however many photos there are.
const PARTS: u64 = 64;

/// A map whose copies share the parts that are alike.
#[derive(Clone)]
struct Shared<K, V> {
    parts: Vec<Arc<HashMap<K, V, FxBuildHasher>>>,
}

impl<K: Clone + Eq + Hash, V: Clone> Shared<K, V> {
    fn new() -> Self {
        Shared { parts: (0..PARTS).map(|_| Arc::default()).collect() }
    }

    fn part<Q: Hash + ?Sized>(key: &Q) -> usize {
        // The low bits choose a bucket within the part.
        (FxBuildHasher.hash_one(key) >> 32) as usize % PARTS as usize
    }

    fn of<Q: Hash + ?Sized>(&mut self, key: &Q) -> &mut HashMap<K, V, FxBuildHasher> {
        Arc::make_mut(&mut self.parts[Self::part(key)])
    }
}

/// The citations of all features.
#[derive(Clone)]
pub(crate) struct Cited {
    /// By feature, what it cites now.
    by_feature: Shared<Uuid, Arc<[Arc<str>]>>,
    /// By photo, in which layers how many features cite it.
    by_photo: Shared<Arc<str>, BTreeMap<LayerId, usize>>,
}

impl Default for Cited {
    fn default() -> Self {
        Cited { by_feature: Shared::new(), by_photo: Shared::new() }
    }
}

impl Cited {
    /// The feature cites these photos from now on.
    pub(crate) fn put(&mut self, layer: &LayerId, id: Uuid, photos: &Value) {
        let part = Shared::<Uuid, Arc<[Arc<str>]>>::part(&id);
        let old = self.by_feature.parts[part].get(&id).cloned();
        let new = photos.as_list();
        if old.as_deref().unwrap_or_default() == new {
            return;
        }
        for photo in old.iter().flat_map(|all| all.iter()) {
            let counts = self.by_photo.of(photo);
            let Some(layers) = counts.get_mut(photo) else { continue };
            if let Some(n) = layers.get_mut(layer) {
                *n -= 1;
                if *n == 0 {
                    layers.remove(layer);
                }
            }
            if layers.is_empty() {
                counts.remove(photo);
            }
        }
        for photo in new {
            *self
                .by_photo
                .of(photo)
                .entry(Arc::clone(photo))
                .or_default()
                .entry(layer.clone())
                .or_default() += 1;
        }
        if new.is_empty() {
            self.by_feature.of(&id).remove(&id);
        } else {
            self.by_feature.of(&id).insert(id, new.into());
        }
    }

    /// Every feature that cites photos, with them.
    pub(crate) fn features(&self) -> impl Iterator<Item = (Uuid, &Arc<[Arc<str>]>)> {
        self.by_feature.parts.iter().flat_map(|part| part.iter().map(|(id, photos)| (*id, photos)))
    }

    /// The layers of which some feature cites the photo.
    pub(crate) fn layers(&self, photo: &str) -> impl Iterator<Item = &LayerId> {
        let part = Shared::<Arc<str>, BTreeMap<LayerId, usize>>::part(photo);
        self.by_photo.parts[part].get(photo).into_iter().flat_map(BTreeMap::keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photos(all: &[&str]) -> Value {
        if all.is_empty() { Value::Null } else { Value::List(all.iter().map(|p| Arc::from(*p)).collect()) }
    }

    #[test]
    fn a_photo_is_cited_as_long_as_some_feature_does() {
        let (sites, cases) = (LayerId::new("sites").unwrap(), LayerId::new("cases").unwrap());
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let mut cited = Cited::default();
        let layers = |cited: &Cited, photo| cited.layers(photo).map(ToString::to_string).collect::<Vec<_>>();
        cited.put(&sites, a, &photos(&["x", "y"]));
        cited.put(&sites, b, &photos(&["x"]));
        cited.put(&cases, c, &photos(&["x"]));
        let before = cited.clone();
        assert_eq!(layers(&cited, "x"), ["cases", "sites"]);
        cited.put(&sites, a, &photos(&["y"]));
        assert_eq!(layers(&cited, "x"), ["cases", "sites"]);
        cited.put(&sites, b, &photos(&[]));
        assert_eq!(layers(&cited, "x"), ["cases"]);
        cited.put(&cases, c, &Value::Null);
        assert!(layers(&cited, "x").is_empty() && layers(&cited, "z").is_empty());
        assert_eq!(layers(&cited, "y"), ["sites"]);
        // A copy made earlier stays what it was.
        assert_eq!(layers(&before, "x"), ["cases", "sites"]);
    }
}
