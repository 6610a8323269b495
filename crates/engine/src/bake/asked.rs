//! What is to be baked: layers with their questions, read from parameters or from a saved view, and the fingerprint
//! of everything that decides the bytes.

use model::{
    Bbox, Code, Columns as _, Fault, LayerDef, Purpose, Role, Text, VIEW_NAME, VIEW_QUERY, ValueRef,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use spatial::{LonLat, Mercator, Snapshot, TileCoord};
use store::format::pmtiles::{TileId, place_of};

use super::about::Origin;
use crate::aggregate::{AGGREGATE_PARAMETERS, Asked as Counting};
use crate::link::Link;
use crate::query::{self, Query};
use crate::view::View;
use crate::{Actor, Engine, EngineError, demo_notice};

/// Far more than the rounding between degrees and the square, far less than a tile: a box grown by it misses nothing.
const MARGIN: f64 = 1e-9;

/// What a file of tiles is to hold.
#[derive(Debug, Clone)]
pub struct BakeRequest {
    /// Layer ids in drawing order; with a view and none named, those it shows.
    pub layers: Vec<String>,
    /// Filter parameters; each applies to the layers that have it.
    pub params: Vec<(String, String)>,
    /// A saved view, by name or id, in place of parameters.
    pub view: Option<String>,
    /// First zoom.
    pub min_zoom: u8,
    /// Last zoom.
    pub max_zoom: u8,
}

/// One layer with its question.
pub(super) struct Asked {
    pub(super) snapshot: Snapshot,
    pub(super) query: Query,
    /// The parameters that the layer takes.
    pub(super) params: Vec<(String, String)>,
    role: Role,
    counting: Counting,
}

/// A layer's id and the parameters it is asked with.
type Question = (String, Vec<(String, String)>);

/// What a question finds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// Located features.
    pub(super) count: usize,
    pub(super) bounds: Option<Bbox>,
}

impl Asked {
    pub(super) fn def(&self) -> &LayerDef {
        self.snapshot.def()
    }

    /// Who reads.
    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// Counts what will be in the file.
    pub(super) fn found(&self) -> Found {
        let view = View::new(&self.snapshot, self.role);
        let mut found = Found::default();
        for row in crate::select::rows(&view, &self.query) {
            let Some(extent) = self.snapshot.extent(row) else { continue };
            found.count += 1;
            found.bounds = Some(found.bounds.map_or(extent, |all| around(all, extent)));
        }
        found
    }

    /// False when nothing of the layer can be in the tile, its buffer included. A diagonal road is in the box of a
    /// tile that it misses: true is a maybe.
    pub(super) fn may_be_in(&self, id: TileId) -> bool {
        let coord = place_of(id).ok().and_then(|(z, x, y)| TileCoord::new(z, x, y).ok());
        let Some(coord) = coord else { return false };
        let counted = self.counting.of(&self.snapshot, self.role, coord.z(), true).ok().flatten();
        let b = counted.map_or_else(|| coord.grown_bounds(), |c| c.bins.reach(coord)).grown(MARGIN);
        let degrees = |x: f64, y: f64| -> LonLat { Mercator { x: x.clamp(0.0, 1.0), y }.to_lon_lat() };
        let (low, high) = (degrees(b.min_x, b.max_y), degrees(b.max_x, b.min_y));
        let bbox = Bbox { west: low.lon, south: low.lat, east: high.lon, north: high.lat };
        let view = View::new(&self.snapshot, self.role);
        let as_of = self.query.as_of();
        let mut rows = self.snapshot.candidates(&bbox).into_iter();
        rows.any(|row| view.located(row) && self.query.filter.selects(&view, row, as_of))
    }
}

/// The box around both; across the antimeridian it is as wide as the world.
pub(super) fn around(a: Bbox, b: Bbox) -> Bbox {
    let crosses = a.west > a.east || b.west > b.east;
    Bbox {
        west: if crosses { -180.0 } else { a.west.min(b.west) },
        south: a.south.min(b.south),
        east: if crosses { 180.0 } else { a.east.max(b.east) },
        north: a.north.max(b.north),
    }
}

impl Engine {
    /// Reads a request: each layer with the parameters it takes, checked as for the tiles of the server.
    pub(super) fn asked(&self, actor: &Actor, request: &BakeRequest) -> Result<Vec<Asked>, EngineError> {
        let world = self.world();
        let mut layers: Vec<String> = Vec::new();
        for layer in &request.layers {
            if !layers.contains(layer) {
                layers.push(layer.clone());
            }
        }
        let questions: Vec<Question> = if let Some(name) = &request.view {
            self.questions_of_view(actor, name, &layers)?
        } else {
            layers.into_iter().map(|layer| (layer, request.params.clone())).collect()
        };
        let mut asked = Vec::new();
        for (layer, mut params) in questions {
            let snapshot = Engine::layer_state(&world, actor, &layer)?.snapshot.clone();
            let query = self.read_query(snapshot.def(), actor.role, &params, &AGGREGATE_PARAMETERS, true)?;
            let counting = Counting::read(&params)?;
            if query.recorded.is_some() {
                let detail = Text::new("Ô không nhận tham số “recorded”", "tiles take no “recorded”");
                return Err(Fault::parameter(Code::UnknownParameter, "recorded", detail).into());
            }
            params.retain(|(name, _)| {
                let counts = AGGREGATE_PARAMETERS.contains(&name.as_str());
                counts || query::knows(snapshot.def(), actor.role, name)
            });
            asked.push(Asked { snapshot, query, params, role: actor.role, counting });
        }
        let defs: Vec<&LayerDef> = asked.iter().map(Asked::def).collect();
        if defs.is_empty() {
            return Err(Fault::of(Code::NothingSelected).into());
        }
        query::check_known(&defs, actor.role, &request.params, &AGGREGATE_PARAMETERS)?;
        Ok(asked)
    }

    /// The questions that a saved view asks, of the layers named or of all that it shows.
    fn questions_of_view(
        &self,
        actor: &Actor,
        name: &str,
        layers: &[String],
    ) -> Result<Vec<Question>, EngineError> {
        let link = Link::read(&self.saved_view(actor, name)?);
        let day = self.site(actor).as_of;
        let world = self.world();
        let infos = self.layers(actor);
        let all: Vec<&LayerDef> = infos.iter().map(|info| info.def.as_ref()).collect();
        let chosen: Vec<&LayerDef> = if layers.is_empty() {
            link.shown(&all)
        } else {
            let named =
                |layer: &String| Engine::layer_state(&world, actor, layer).map(|s| s.snapshot.def().as_ref());
            layers.iter().map(named).collect::<Result<_, _>>()?
        };
        let question = |def: &LayerDef| (def.id.to_string(), link.params(def, actor.role, day));
        Ok(chosen.into_iter().map(question).collect())
    }

    /// The query of the saved view with this name or id, which must be the only one.
    fn saved_view(&self, actor: &Actor, name: &str) -> Result<String, EngineError> {
        let world = self.world();
        let views = world.layers.values().map(|state| &state.snapshot);
        let mut found = Vec::new();
        for views in views.filter(|s| s.def().purpose == Purpose::Views && s.def().visible(actor.role)) {
            let (Some(title), Some(query)) = (views.def().index(VIEW_NAME), views.def().index(VIEW_QUERY))
            else {
                continue;
            };
            let view = View::new(views, actor.role);
            for row in views.rows_after(i64::MIN) {
                let is_it = view.value(row, title, None) == ValueRef::Text(name)
                    || views.id(row).to_string().eq_ignore_ascii_case(name);
                if let (true, ValueRef::Text(query)) = (is_it, view.value(row, query, None)) {
                    found.push(query.to_owned());
                }
            }
        }
        let unknown = |vi: &str, en: &str| Fault::at(Code::UnknownView, name, Text::new(vi, en)).into();
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(unknown("Không có góc nhìn tên này", "no saved view has this name")),
            _ => Err(unknown(
                "Nhiều góc nhìn cùng tên này: hãy dùng mã của một góc nhìn",
                "several saved views have this name: give the id of one",
            )),
        }
    }

    /// What the file tells about where it comes from.
    pub(super) fn origin(&self, actor: &Actor) -> Origin {
        let site = self.store().site();
        Origin {
            title: site.title.clone(),
            role: actor.role,
            notice: site.demo.then(demo_notice),
            mark: self.marks().make(self.world().head),
        }
    }

    /// A digest of everything the file's bytes depend on. Metadata holds the mark of the log's head and, for each
    /// layer, its question and what it found.
    pub(super) fn fingerprint(&self, actor: &Actor, request: &BakeRequest, metadata: &Value) -> [u8; 32] {
        let site = self.store().site();
        let mut layers: Vec<String> = Vec::new();
        let world = self.world();
        for state in world.layers.values() {
            layers.push(state.snapshot.def().hash.clone());
        }
        let all = json!({
            "program": env!("CARGO_PKG_VERSION"),
            "site": site.id,
            "head": world.head,
            "definitions": layers,
            "role": actor.role,
            "layers": request.layers,
            "params": request.params,
            "view": request.view,
            "zooms": [request.min_zoom, request.max_zoom],
            "metadata": metadata,
        });
        Sha256::digest(all.to_string()).into()
    }
}
