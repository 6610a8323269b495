//! What a reader is told about the site and its layers, before any feature.

use std::sync::Arc;

use jiff::civil::Date;
use model::{Bbox, GeometryKind, LayerDef, Role, Text};
use serde::Serialize;
use spatial::Snapshot;

use crate::world::LayerState;
use crate::{Actor, Engine, EngineError};

/// What a reader is told about the site.
#[derive(Debug, Clone, Serialize)]
pub struct SiteInfo {
    /// Its name.
    pub title: Text,
    /// Whether its data is made up.
    pub demo: bool,
    /// Today, in Asia/Ho_Chi_Minh.
    pub today: Date,
    /// The day to open the map at.
    pub as_of: Date,
    /// Where to open the map: west, south, east, north.
    pub bounds: Option<[f64; 4]>,
    /// Who is asking.
    pub role: Role,
    /// The sentence that made-up data carries.
    pub notice: Option<Text>,
}

/// A layer as one reader may know it.
#[derive(Debug, Clone)]
pub struct LayerInfo {
    /// Its definition; ask `visible` of a field before telling it.
    pub def: Arc<LayerDef>,
    /// Features.
    pub count: usize,
    /// Features with geometry.
    pub located: usize,
    /// Box around all geometry, degrees.
    pub bounds: Option<Bbox>,
    /// First and last second of all features; `None` when open or without time.
    pub interval: (Option<i64>, Option<i64>),
    /// Whether the reader may edit it.
    pub editable: bool,
}

/// "Illustrative data": stands on the map and in every export of a demo site.
pub fn demo_notice() -> Text {
    Text::new("dữ liệu minh hoạ", "illustrative data")
}

impl Engine {
    /// About the site, for a reader.
    pub fn site(&self, actor: &Actor) -> SiteInfo {
        let site = self.store().site();
        let today = self.today();
        SiteInfo {
            title: site.title.clone(),
            demo: site.demo,
            today,
            as_of: site.as_of.unwrap_or(today),
            bounds: self.home(actor).map(|b| [b.west, b.south, b.east, b.north]),
            role: actor.role,
            notice: site.demo.then(demo_notice),
        }
    }

    /// Where the map opens: on the derived layers, else on polygons, else on anything.
    fn home(&self, actor: &Actor) -> Option<Bbox> {
        let world = self.world();
        let bounds = |wanted: &dyn Fn(&LayerDef) -> bool| {
            let layers = world.layers.values().map(|s| &s.snapshot);
            let seen = layers.filter(|s| s.def().visible(actor.role) && wanted(s.def()));
            seen.filter_map(Snapshot::bounds).reduce(|a, b| Bbox {
                west: a.west.min(b.west),
                south: a.south.min(b.south),
                east: a.east.max(b.east),
                north: a.north.max(b.north),
            })
        };
        bounds(&|d| d.derived.is_some())
            .or_else(|| bounds(&|d| d.geometry == GeometryKind::Polygon))
            .or_else(|| bounds(&|_| true))
    }

    /// The layers a reader may see, low ones first.
    pub fn layers(&self, actor: &Actor) -> Vec<LayerInfo> {
        let world = self.world();
        let seen = world.layers.values().filter(|s| s.snapshot.def().visible(actor.role));
        let mut all: Vec<LayerInfo> = seen.map(|s| info(s, actor)).collect();
        all.sort_by(|a, b| (a.def.order, &a.def.id).cmp(&(b.def.order, &b.def.id)));
        all
    }

    /// One layer.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub fn layer(&self, actor: &Actor, layer: &str) -> Result<LayerInfo, EngineError> {
        Ok(info(Engine::layer_state(&self.world(), actor, layer)?, actor))
    }

    /// Refuses a layer that the actor may not see; costs nothing that grows with its features.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub fn check_layer(&self, actor: &Actor, layer: &str) -> Result<(), EngineError> {
        Engine::layer_state(&self.world(), actor, layer).map(|_| ())
    }

    /// Whether the actor may edit a layer.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub fn may_edit(&self, actor: &Actor, layer: &str) -> Result<bool, EngineError> {
        let world = self.world();
        Ok(Engine::layer_state(&world, actor, layer)?.snapshot.def().editable(actor.role))
    }
}

fn info(state: &LayerState, actor: &Actor) -> LayerInfo {
    let snapshot = &state.snapshot;
    let def = Arc::clone(snapshot.def());
    let interval = state.interval.map_or((None, None), |span| {
        let first = (span.from != i64::MIN).then_some(span.from);
        (first, (span.to != i64::MAX).then_some(span.to - 1))
    });
    LayerInfo {
        editable: def.editable(actor.role),
        count: snapshot.len(),
        located: snapshot.located_count(),
        bounds: snapshot.bounds(),
        interval,
        def,
    }
}
