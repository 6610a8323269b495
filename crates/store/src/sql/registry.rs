//! The layers of the store as this process knows them, read anew when the log defines one.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Code, Fault, LayerDef, LayerId, parse_layer};

use super::table::Table;
use super::{Conn, define, query};
use crate::StoreError;

/// One layer.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// Its definition.
    pub def: Arc<LayerDef>,
    /// Its table; a derived layer has none.
    pub table: Option<Arc<Table>>,
}

/// All layers at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    stamp: (i64, i64),
    layers: BTreeMap<String, Layer>,
}

impl Registry {
    /// What tells one set of definitions from another: their number and the last commit that made one.
    async fn stamp(conn: &mut Conn) -> Result<(i64, i64), StoreError> {
        let row = query("select count(*), coalesce(max(seq), 0) from layers").fetch_one(conn).await?;
        Ok((row.get(0)?, row.get(1)?))
    }

    /// Reads the layers.
    pub(crate) async fn read(conn: &mut Conn) -> Result<Registry, StoreError> {
        let stamp = Registry::stamp(conn).await?;
        let mut layers = BTreeMap::new();
        for row in query("select name, definition from layers").fetch_all(conn).await? {
            let (name, text): (String, &str) = (row.get(0)?, row.get(1)?);
            let def = parse_layer(&name, text).map_err(|e| StoreError::damaged(e.to_string()))?;
            let def = Arc::new(def);
            let mut table = None;
            if def.derived.is_none() {
                let present = define::present(conn, &name).await?;
                let names: Vec<String> = present.into_iter().map(|(n, _)| n).collect();
                table = Some(Arc::new(Table::new(conn.dialect(), Arc::clone(&def), &names)));
            }
            layers.insert(name, Layer { def, table });
        }
        Ok(Registry { stamp, layers })
    }

    /// The layers as this transaction sees them: these, or read anew when they are others.
    pub(crate) async fn fresh(self: &Arc<Registry>, conn: &mut Conn) -> Result<Arc<Registry>, StoreError> {
        if Registry::stamp(conn).await? == self.stamp {
            Ok(Arc::clone(self))
        } else {
            Ok(Arc::new(Registry::read(conn).await?))
        }
    }

    /// The table of a layer.
    ///
    /// # Errors
    /// `unknown-layer` when there is none, `forbidden` when it is derived.
    pub(crate) fn table(&self, layer: &LayerId) -> Result<&Arc<Table>, Fault> {
        let layer = self.layers.get(layer.as_str()).ok_or_else(|| Fault::of(Code::UnknownLayer))?;
        layer.table.as_ref().ok_or_else(|| Fault::of(Code::Forbidden))
    }

    /// All layers by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Layer> {
        self.layers.values()
    }

    /// A layer by name.
    pub(crate) fn get(&self, name: &str) -> Option<&Layer> {
        self.layers.get(name)
    }
}
