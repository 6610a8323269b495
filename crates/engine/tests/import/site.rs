//! A site in a temporary folder, and imports into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::{ImportError, ImportOptions, MappingChoice, NewSite, Receipt, Store, builtin_layers, import};
use model::{Feature, LayerDef, LayerId, Text};
use tempfile::TempDir;

/// A site without records.
pub(crate) struct Site {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
}

impl Site {
    pub(crate) async fn new() -> Site {
        let dir = tempfile::tempdir().unwrap();
        let site = NewSite { title: Text::new("Thử", "Test"), demo: false, as_of: None };
        let at = "2025-01-01T00:00:00Z".parse().unwrap();
        let path = dir.path().join("ward.gpkg");
        let store = Store::create(&path, site, &builtin_layers().unwrap(), "test", at).await.unwrap();
        Site { dir, store }
    }

    pub(crate) fn def(&self, layer: &str) -> Arc<LayerDef> {
        self.store.layers().into_iter().find(|d| d.id.as_str() == layer).unwrap()
    }

    /// Whole rows in the order of their numbers.
    pub(crate) async fn features(&self, layer: &str) -> Vec<Feature> {
        let id = LayerId::new(layer).unwrap();
        let (_, _, rows) = self.store.load_one(&id).await.unwrap();
        let ids: Vec<uuid::Uuid> = rows.iter().map(|r| r.feature.id).collect();
        let mut features = self.store.cold(&id, &ids).await.unwrap();
        features.sort_by_key(|f| f.fid);
        features
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) async fn import(&self, options: ImportOptions) -> Result<Receipt, ImportError> {
        let outcome = import(&self.store, &options).await;
        if let Ok(r) = &outcome {
            let sum = r.stored + r.updated + r.unchanged + r.waiting_for_location + r.rejected;
            assert_eq!(r.read, sum, "{r:?}");
            assert_eq!(r.rejected, r.rejects.len());
        }
        outcome
    }

    /// Imports a file of this text.
    pub(crate) async fn text(&self, layer: &str, name: &str, text: &str) -> Result<Receipt, ImportError> {
        let file = self.file(name, text);
        self.import(options(layer, &[&file])).await
    }
}

pub(crate) fn options(layer: &str, files: &[&Path]) -> ImportOptions {
    ImportOptions {
        layer: LayerId::new(layer).unwrap(),
        files: files.iter().map(|f| engine::ImportFile::at(f)).collect(),
        mapping: MappingChoice::Auto,
        map: Vec::new(),
        key: None,
        crs: None,
        source_layer: None,
        new_layer: false,
        dry_run: false,
        strict: false,
        rejects: None,
        actor: "test".to_owned(),
        role: None,
        idempotency_key: None,
        at: "2025-06-01T00:00:00Z".parse().unwrap(),
    }
}

/// Stored, updated, unchanged, waiting, rejected.
pub(crate) fn counts(r: &Receipt) -> [usize; 5] {
    [r.stored, r.updated, r.unchanged, r.waiting_for_location, r.rejected]
}
