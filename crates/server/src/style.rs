//! `GET /styles/ward`: a MapLibre style made of the layer definitions. One vector source and a few style layers per
//! layer; nothing here knows a layer by name.

use axum::extract::{Path, State};
use axum::response::Response;
use engine::LayerInfo;
use model::{Code, CodeDef, Draw, Fault, FieldDef, GeometryKind, LayerDef, Role};
use serde_json::{Value, json};

use crate::answer::{JSON, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::collections::outward;
use crate::problem::Problem;

/// The font of labels; pages and clients bring it or fall back.
const FONT: &str = "Be Vietnam Pro Medium";
/// The last zoom with tiles of its own; beyond, these are magnified.
const MAX_ZOOM: u8 = 18;

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Theme {
    Light,
    Dark,
}

impl Theme {
    fn pick<'a>(self, light: &'a str, dark: Option<&'a str>) -> &'a str {
        if self == Theme::Dark { dark.unwrap_or(light) } else { light }
    }

    fn paper(self) -> &'static str {
        self.pick("#faf9f6", Some("#14181a"))
    }

    fn ink(self) -> &'static str {
        self.pick("#1f2421", Some("#e8ebe7"))
    }
}

/// `GET /styles/{name}`
pub(crate) async fn style(State(app): State<App>, Path(name): Path<String>, ask: Ask) -> Result<Response, Problem> {
    if name != "ward" && name != "ward.json" {
        return Err(Fault::of(Code::UnknownPath).into());
    }
    let theme = match ask.one("theme")? {
        None | Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        Some(_) => {
            return Err(Problem::parameter("theme", "theme là light hoặc dark", "theme is light or dark"));
        }
    };
    let others = ["lang", "theme", "f"];
    let wanted: Vec<(String, String)> =
        ask.params.iter().filter(|(n, _)| !others.contains(&n.as_str())).cloned().collect();
    ask.formats()?;
    let layers: Vec<LayerInfo> =
        app.engine().layers(&ask.actor).into_iter().filter(|i| i.def.has_geometry()).collect();
    // The style takes the parameters that every layer has.
    for (name, _) in &wanted {
        if !matches!(name.as_str(), "datetime" | "bbox" | "located") {
            return Err(crate::ask::unknown(name));
        }
    }
    if let Some(first) = layers.first() {
        app.engine().query(&ask.actor, first.def.id.as_str(), &wanted, &[])?;
    }
    let query = ask.query_without(&others);
    let site = app.engine().site(&ask.actor);
    let mut out = document(&layers, ask.actor.role, theme, &ask.base, &query);
    out["name"] = site.title.get(ask.lang).into();
    if let Some([w, s, e, n]) = site.bounds {
        out["center"] = json!([f64::midpoint(w, e), f64::midpoint(s, n)]);
        out["zoom"] = json!(13);
    }
    worded(&ask, JSON, &out)
}

fn document(layers: &[LayerInfo], role: Role, theme: Theme, base: &str, query: &str) -> Value {
    let and = if query.is_empty() { "" } else { "?" };
    let mut sources = serde_json::Map::new();
    let mut drawn = vec![json!({"id": "paper", "type": "background", "paint": {"background-color": theme.paper()}})];
    for info in layers {
        let id = info.def.id.as_str();
        let mut source = json!({
            "type": "vector",
            "tiles": [format!("{base}/tiles/{id}/{{z}}/{{x}}/{{y}}{and}{query}")],
            "minzoom": 0,
            "maxzoom": MAX_ZOOM,
        });
        if let Some(bounds) = info.bounds {
            source["bounds"] = json!(outward(bounds));
        }
        sources.insert(id.to_owned(), source);
        drawn.extend(of_layer(&info.def, role, theme));
    }
    let labels = layers.iter().filter_map(|info| label(&info.def, role, theme));
    drawn.extend(labels);
    json!({"version": 8, "sources": sources, "layers": drawn})
}

/// The field whose codes give the look, when the reader may see it.
fn by(def: &LayerDef, role: Role) -> Option<&FieldDef> {
    def.legend_field().filter(|f| f.visible(role) && f.tile && !f.codes.is_empty())
}

/// An expression that picks by code; `other` where no code says anything.
fn pick(field: Option<&FieldDef>, value: impl Fn(&CodeDef) -> Option<Value>, other: Value) -> Value {
    let Some(field) = field else { return other };
    let mut out = vec![json!("match"), json!(["to-string", ["get", field.name]])];
    for code in &field.codes {
        if let Some(value) = value(code).filter(|v| *v != other) {
            out.extend([json!(code.code), value]);
        }
    }
    if out.len() == 2 {
        return other;
    }
    out.push(other);
    Value::Array(out)
}

fn color(def: &LayerDef, role: Role, theme: Theme) -> Value {
    let own = theme.pick(&def.style.color, def.style.dark.as_deref());
    let of = |c: &CodeDef| c.color.as_deref().map(|color| json!(theme.pick(color, c.dark.as_deref())));
    pick(by(def, role), of, json!(own))
}

fn of_layer(def: &LayerDef, role: Role, theme: Theme) -> Vec<Value> {
    let id = def.id.as_str();
    let style = &def.style;
    let layer = |suffix: &str, kind: &str, shape: Option<&str>, paint: Value| {
        let mut out = json!({
            "id": format!("{id}-{suffix}"),
            "type": kind,
            "source": id,
            "source-layer": id,
            "minzoom": style.min_zoom,
            "paint": paint,
        });
        if let Some(shape) = shape {
            out["filter"] = json!(["==", ["geometry-type"], shape]);
        }
        out
    };
    let field = by(def, role);
    let color = color(def, role, theme);
    let mixed = def.geometry == GeometryKind::Any;
    let (fills, lines, circles) = match style.draw {
        Draw::Fill => (true, true, false),
        Draw::Outline | Draw::Line => (false, true, false),
        Draw::Circle => (false, false, true),
        Draw::Any => (
            matches!(def.geometry, GeometryKind::Polygon | GeometryKind::Any),
            matches!(def.geometry, GeometryKind::Polygon | GeometryKind::Line | GeometryKind::Any),
            matches!(def.geometry, GeometryKind::Point | GeometryKind::Any),
        ),
    };
    let mut out = Vec::new();
    if fills {
        // What is said by an outline or by dots must not look like one more step of the colour scale.
        let opacity = |c: &CodeDef| match c.fill.as_deref() {
            Some("outline" | "dots") => Some(json!(0.06)),
            _ => None,
        };
        let shape = mixed.then_some("Polygon");
        let paint = json!({"fill-color": color, "fill-opacity": pick(field, opacity, json!(0.45))});
        out.push(layer("fill", "fill", shape, paint));
        let hatched = |c: &CodeDef| c.hatch > 0 || c.fill.as_deref() == Some("dots");
        if let Some(field) = field.filter(|f| f.codes.iter().any(hatched)) {
            let codes: Vec<&str> = field.codes.iter().filter(|c| hatched(c)).map(|c| c.code.as_str()).collect();
            let image = json!(["concat", format!("hatch-{id}-"), ["to-string", ["get", field.name]]]);
            let mut hatch = layer("hatch", "fill", None, json!({"fill-pattern": image}));
            hatch["filter"] = json!(["in", ["to-string", ["get", field.name]], ["literal", codes]]);
            out.push(hatch);
        }
    }
    if lines {
        let shape = if mixed { Some("Point") } else { None };
        let paint = json!({"line-color": color, "line-width": style.width});
        let mut line = layer("line", "line", None, paint);
        line["layout"] = json!({"line-join": "round", "line-cap": "round"});
        if let Some(shape) = shape {
            line["filter"] = json!(["!=", ["geometry-type"], shape]);
        }
        out.push(line);
    }
    if circles {
        let opacity = |c: &CodeDef| match c.fill.as_deref() {
            Some("half") => Some(json!(0.5)),
            Some("ring") => Some(json!(0.0)),
            _ => None,
        };
        let small = (style.radius * 0.5).max(1.5);
        let paint = json!({
            "circle-color": color,
            "circle-opacity": pick(field, opacity, json!(1.0)),
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, small, 15, style.radius, 18, style.radius * 1.6],
            "circle-stroke-color": pick(field, |c| {
                let open = matches!(c.fill.as_deref(), Some("half" | "ring"));
                c.color.as_deref().filter(|_| open).map(|color| json!(theme.pick(color, c.dark.as_deref())))
            }, json!(theme.paper())),
            "circle-stroke-width": 1.25,
        });
        out.push(layer("circle", "circle", mixed.then_some("Point"), paint));
    }
    out
}

fn label(def: &LayerDef, role: Role, theme: Theme) -> Option<Value> {
    let zoom = def.style.label_zoom?;
    let field = def.label.map(|i| &def.fields[i]).filter(|f| f.visible(role) && f.tile)?;
    let id = def.id.as_str();
    Some(json!({
        "id": format!("{id}-label"),
        "type": "symbol",
        "source": id,
        "source-layer": id,
        "minzoom": zoom,
        "layout": {
            "text-field": ["to-string", ["coalesce", ["get", field.name], ""]],
            "text-font": [FONT],
            "text-size": 12,
            "text-offset": if def.geometry == GeometryKind::Point { json!([0, 1]) } else { json!([0, 0]) },
        },
        "paint": {"text-color": theme.ink(), "text-halo-color": theme.paper(), "text-halo-width": 1.5},
    }))
}
