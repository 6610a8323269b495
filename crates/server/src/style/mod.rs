//! MapLibre styles, made from the layer definitions: one function of layers, language and theme.

mod base;
mod paint;
mod under;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use engine::{Basemap, LayerInfo};
use model::{Code, Lang, LayerDef, Purpose, Role, Text};
use serde_json::{Map, Value, json};

use crate::answer::{JSON, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::basemaps;
use crate::problem::Problem;
use crate::tiles::MAX_ZOOM;

/// The only style so far.
const NAME: &str = "ward";

/// Light or dark, each designed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// One of two colours.
    fn of<'a>(self, light: &'a str, dark: &'a str) -> &'a str {
        match self {
            Theme::Light => light,
            Theme::Dark => dark,
        }
    }

    fn paper(self) -> &'static str {
        self.of("#faf9f6", "#14181a")
    }

    fn ink(self) -> &'static str {
        self.of("#1f2421", "#e8ebe7")
    }
}

/// `GET /styles/{name}?lang=&theme=&datetime=`
pub(crate) async fn style(
    State(app): State<App>,
    Path(name): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    if name != NAME {
        return Err(Problem::of(Code::UnknownPath));
    }
    ask.only(&["f", "lang", "theme", "datetime"])?;
    let theme = match ask.one("theme")? {
        None | Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        Some(_) => {
            return Err(Problem::parameter("theme", "theme là light hoặc dark", "theme is light or dark"));
        }
    };
    if let Some(text) = ask.one("datetime")? {
        model::parse_when(text)?;
    }
    let filter = ask.query_without(&["f", "lang", "theme"]);
    let site = app.engine().site(&ask.actor);
    let scene = Scene {
        title: &site.title,
        notice: site.notice.as_ref(),
        role: ask.actor.role,
        lang: ask.lang,
        theme,
        basemaps: &app.config().basemaps,
        under: &|basemap| ask.href(&basemaps::address(basemap)),
        tiles: &|layer, own| {
            let query = own.unwrap_or(&filter);
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            ask.href(&format!("/tiles/{layer}/{{z}}/{{x}}/{{y}}{query}"))
        },
    };
    worded(&ask, JSON, &scene.draw(&app.engine().layers(&ask.actor)))
}

/// What a style depends on besides the layers.
struct Scene<'a> {
    title: &'a Text,
    notice: Option<&'a Text>,
    role: Role,
    lang: Lang,
    theme: Theme,
    /// Maps of others; without any, our own base map is drawn.
    basemaps: &'a [Arc<Basemap>],
    /// The tile address of one of them.
    under: &'a dyn Fn(&Basemap) -> String,
    /// The tile address of a layer, with a query of its own or with the page's.
    tiles: &'a dyn Fn(&str, Option<&str>) -> String,
}

impl Scene<'_> {
    fn draw(&self, layers: &[LayerInfo]) -> Value {
        let all = || layers.iter().map(|info| info.def.as_ref()).filter(|def| def.has_geometry());
        let has_own = self.basemaps.is_empty();
        let base = || all().filter(|def| has_own && def.purpose == Purpose::Base);
        let drawn = || all().filter(|def| def.purpose == Purpose::Data);
        let mut sources = Map::new();
        for basemap in self.basemaps {
            under::add_source(&mut sources, basemap, &(self.under)(basemap));
        }
        for def in base() {
            for level in base::levels(def) {
                let tiles = (self.tiles)(def.id.as_str(), Some(&level.query));
                sources.insert(level.source, self.source(&tiles, level.min_zoom, base::MAX_ZOOM));
            }
        }
        for def in drawn() {
            let tiles = (self.tiles)(def.id.as_str(), None);
            sources.insert(def.id.to_string(), self.source(&tiles, 0, MAX_ZOOM));
        }
        let mut parts = vec![json!({
            "id": "background",
            "type": "background",
            "paint": {"background-color": self.theme.paper()},
        })];
        parts.extend(self.basemaps.iter().flat_map(|basemap| under::parts(basemap, self.theme)));
        parts.extend(base().flat_map(|def| base::shapes(def, self.theme)));
        parts.extend(drawn().flat_map(|def| paint::shapes(def, self.role, self.theme)));
        // Names lie above everything that is drawn, those of the base map below the others.
        parts.extend(base().flat_map(|def: &LayerDef| base::labels(def, self.theme)));
        parts.extend(drawn().filter_map(|def| paint::label(def, self.role, self.theme)));
        json!({"version": 8, "name": self.title.get(self.lang), "sources": sources, "layers": parts})
    }

    fn source(&self, tiles: &str, min_zoom: u8, max_zoom: u8) -> Value {
        let mut source =
            json!({"type": "vector", "tiles": [tiles], "minzoom": min_zoom, "maxzoom": max_zoom});
        if let Some(notice) = self.notice {
            source["attribution"] = notice.get(self.lang).into();
        }
        source
    }
}
