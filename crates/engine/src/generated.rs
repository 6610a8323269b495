//! Stores generated features (the demo ward) under their own ids, through the same door as imports.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::{Feature, LayerId};
use store::{ImportRequest, ImportRow, Store};

use crate::EngineError;

/// Stores features, one commit per layer, in the order of the layers' names.
///
/// # Errors
/// The store's.
pub async fn store_generated(
    store: &Store,
    reason: String,
    at: Timestamp,
    features: Vec<(LayerId, Feature)>,
) -> Result<(), EngineError> {
    let mut by_layer: BTreeMap<LayerId, Vec<ImportRow>> = BTreeMap::new();
    for (layer, feature) in features {
        by_layer.entry(layer).or_default().push(ImportRow { key: format!("demo:{}", feature.id), feature });
    }
    for (layer, rows) in by_layer {
        let request = ImportRequest {
            layer,
            actor: "demo".to_owned(),
            at,
            reason: Some(reason.clone()),
            batch: "demo".to_owned(),
            note: None,
            idempotency: None,
            rows,
            mapped: Vec::new(),
            has_location: true,
            settle: None,
        };
        store.import(request).await?;
    }
    Ok(())
}
