//! The drawn parts of one layer, from its definition: no layer is known by name here.
//!
//! Colour follows the codes of the field in `style.by`. Areas also carry a hatch whose picture (`hatch-<layer>-<code>`)
//! the map's owner draws, points a fill that is full, half or a ring: nothing is told by colour alone.

use model::{CodeDef, Draw, FieldDef, GeometryKind, LayerDef, Role};
use serde_json::{Value, json};

use super::Theme;

/// Opacity of a filled area, so that what lies below stays readable.
const FILLED: f64 = 0.72;
/// What is left of it where one sees houses.
const NEAR: f64 = 0.45;
/// Opacity of an area whose hatch or dots say enough.
const FAINT: f64 = 0.12;
/// Opacity of a disc that is half filled.
const HALF: f64 = 0.45;
/// The name under which the web app declares its label font.
pub(super) const FONT: &str = "Be Vietnam Pro Medium";

/// What a layer's geometry may hold.
struct Kinds {
    areas: bool,
    lines: bool,
    points: bool,
}

impl Kinds {
    fn of(def: &LayerDef) -> Kinds {
        let has = |kind| def.geometry == kind || def.geometry == GeometryKind::Any;
        let draws = |kind| def.style.draw == kind || def.style.draw == Draw::Any;
        Kinds {
            areas: has(GeometryKind::Polygon) && draws(Draw::Fill),
            lines: (has(GeometryKind::Polygon) && (draws(Draw::Fill) || draws(Draw::Outline)))
                || (has(GeometryKind::Line) && draws(Draw::Line)),
            points: has(GeometryKind::Point) && draws(Draw::Circle),
        }
    }
}

/// The parts of a layer, low ones first, without its names.
pub(super) fn shapes(def: &LayerDef, role: Role, theme: Theme) -> Vec<Value> {
    let look = Look { def, theme, by: drawn_by(def, role) };
    let kinds = Kinds::of(def);
    let mut parts = Vec::new();
    if kinds.areas {
        parts.push(look.fill());
        parts.extend(look.hatch());
    }
    if kinds.lines {
        parts.extend(look.lines());
    }
    if kinds.points {
        parts.push(look.circle());
        parts.extend(look.clusters().into_iter().flatten());
    }
    parts
}

/// The names of a layer's features.
pub(super) fn label(def: &LayerDef, role: Role, theme: Theme) -> Option<Value> {
    let zoom = def.style.label_zoom?;
    let field = def.label.map(|i| &def.fields[i]).filter(|f| in_tiles(f, role))?;
    let mut layout = json!({
        "text-field": ["to-string", ["coalesce", ["get", field.name], ""]],
        "text-font": [FONT],
        "text-size": ["interpolate", ["linear"], ["zoom"], 10, 10.5, 16, 13],
        "text-max-width": 9,
        "text-padding": 4,
    });
    if !matches!(def.geometry, GeometryKind::Polygon) {
        layout["text-anchor"] = "top".into();
        layout["text-offset"] = json!([0, 0.8]);
    }
    let mut part = part(def, "label", "symbol", zoom);
    part["layout"] = layout;
    part["paint"] = json!({
        "text-color": theme.ink(),
        "text-halo-color": theme.paper(),
        "text-halo-width": 1.5,
    });
    Some(part)
}

/// The field that gives colour, when the reader's tiles hold it.
fn drawn_by(def: &LayerDef, role: Role) -> Option<&FieldDef> {
    def.legend_field().filter(|f| in_tiles(f, role))
}

fn in_tiles(field: &FieldDef, role: Role) -> bool {
    field.tile && field.visible(role)
}

fn part(def: &LayerDef, name: &str, kind: &str, min_zoom: f64) -> Value {
    json!({
        "id": format!("{}-{name}", def.id),
        "type": kind,
        "source": def.id,
        "source-layer": def.id,
        "minzoom": min_zoom.clamp(0.0, 24.0),
    })
}

/// Whether a feature has this type of geometry, single or several.
fn is_kind(kind: &str) -> Value {
    json!(["in", ["geometry-type"], ["literal", [kind, format!("Multi{kind}")]]])
}

/// One layer in one theme.
struct Look<'a> {
    def: &'a LayerDef,
    theme: Theme,
    by: Option<&'a FieldDef>,
}

impl Look<'_> {
    fn own_color(&self) -> &str {
        let style = &self.def.style;
        self.theme.of(&style.color, style.dark.as_deref().unwrap_or(&style.color))
    }

    fn color_of<'c>(&'c self, code: &'c CodeDef) -> &'c str {
        let light = code.color.as_deref();
        match self.theme {
            Theme::Light => light,
            Theme::Dark => code.dark.as_deref().or(light),
        }
        .unwrap_or_else(|| self.own_color())
    }

    /// A value per code, or `other` where no field decides.
    fn by_code(&self, value: impl Fn(&CodeDef) -> Value, other: Value) -> Value {
        let Some(field) = self.by else { return other };
        let mut all = vec![json!("match"), json!(["to-string", ["get", field.name]])];
        for code in &field.codes {
            all.push(code.code.as_str().into());
            all.push(value(code));
        }
        all.push(other);
        all.into()
    }

    fn color(&self) -> Value {
        self.by_code(|c| self.color_of(c).into(), self.own_color().into())
    }

    /// Keeps geometry of one type where a layer may hold several.
    fn only(&self, part: &mut Value, kind: &str) {
        if self.def.geometry == GeometryKind::Any {
            part["filter"] = is_kind(kind);
        }
    }

    fn fill(&self) -> Value {
        let mut part = part(self.def, "fill", "fill", self.def.style.min_zoom);
        self.only(&mut part, "Polygon");
        let faint = |c: &CodeDef| matches!(c.fill.as_deref(), Some("outline" | "dots" | "ring"));
        let opacity = |full: f64| {
            let other = if self.by.is_some() { full } else { full.min(FAINT) };
            self.by_code(|c| (if faint(c) { full.min(FAINT) } else { full }).into(), other.into())
        };
        // Close up, streets and houses show through.
        let full = self.def.style.opacity.unwrap_or(FILLED);
        let opacity =
            json!(["interpolate", ["linear"], ["zoom"], 13.5, opacity(full), 15.5, opacity(full * NEAR)]);
        part["paint"] = json!({
            "fill-color": self.color(),
            "fill-opacity": opacity,
            "fill-antialias": false,
        });
        part
    }

    fn hatch(&self) -> Option<Value> {
        let field = self.by?;
        let hatched = |c: &&CodeDef| c.hatch > 0 || c.fill.as_deref() == Some("dots");
        let codes: Vec<&str> = field.codes.iter().filter(hatched).map(|c| c.code.as_str()).collect();
        if codes.is_empty() {
            return None;
        }
        let mut part = part(self.def, "hatch", "fill", self.def.style.min_zoom);
        let chosen = json!(["in", ["to-string", ["get", field.name]], ["literal", codes]]);
        part["filter"] = match self.def.geometry {
            GeometryKind::Any => json!(["all", is_kind("Polygon"), chosen]),
            _ => chosen,
        };
        part["paint"] =
            json!({"fill-pattern": ["concat", format!("hatch-{}-", self.def.id), ["get", field.name]]});
        Some(part)
    }

    /// One part for the lines drawn through, and one for each code with dashes.
    fn lines(&self) -> Vec<Value> {
        let codes = self.by.map(|f| f.codes.as_slice()).unwrap_or_default();
        let dashed: Vec<&CodeDef> = codes.iter().filter(|c| !c.dash.is_empty()).collect();
        let any = self.def.geometry == GeometryKind::Any;
        let mut through = self.line("line");
        let not_a_point = json!(["!", is_kind("Point")]);
        let mut all = vec![json!("all")];
        all.extend(any.then(|| not_a_point.clone()));
        let Some(field) = self.by.filter(|_| !dashed.is_empty()) else {
            if any {
                through["filter"] = not_a_point;
            }
            return vec![through];
        };
        let code = json!(["to-string", ["get", field.name]]);
        let names: Vec<&str> = dashed.iter().map(|c| c.code.as_str()).collect();
        let with = |chosen: Value| Value::from([all.clone(), vec![chosen]].concat());
        through["filter"] = with(json!(["!", ["in", code, ["literal", names]]]));
        let mut parts = vec![through];
        parts.extend(dashed.iter().map(|c| {
            let mut part = self.line(&format!("line-{}", c.code));
            part["filter"] = with(json!(["==", code, c.code]));
            part["paint"]["line-dasharray"] = json!(c.dash);
            part["layout"]["line-cap"] = "butt".into();
            part
        }));
        parts
    }

    fn line(&self, name: &str) -> Value {
        let mut part = part(self.def, name, "line", self.def.style.min_zoom);
        let width = self.def.style.width;
        part["layout"] = json!({"line-join": "round", "line-cap": "round"});
        part["paint"] = json!({
            "line-color": self.color(),
            "line-width": ["interpolate", ["linear"], ["zoom"], 9, width * 0.6, 14, width, 18, width * 1.6],
        });
        part
    }

    /// A disc that grows with how many features stand in it, and their number.
    fn clusters(&self) -> Option<[Value; 2]> {
        let until = self.def.cluster_below?;
        let is_many = json!(["has", "point_count"]);
        let count = json!(["get", "point_count"]);
        let mut disc = part(self.def, "cluster", "circle", self.def.style.min_zoom);
        disc["maxzoom"] = until.into();
        disc["filter"] = is_many.clone();
        disc["paint"] = json!({
            "circle-color": self.own_color(),
            "circle-opacity": 0.9,
            "circle-radius": ["step", count, 11, 10, 14, 100, 17, 1_000, 21, 10_000, 26],
            "circle-stroke-color": self.theme.paper(),
            "circle-stroke-width": 1.5,
        });
        // Moved with its layer, like marks.
        let mut number = part(self.def, "cluster-mark", "symbol", self.def.style.min_zoom);
        number["maxzoom"] = until.into();
        number["filter"] = is_many;
        number["layout"] = json!({
            "text-field": ["number-format", count, {"locale": "vi"}],
            "text-font": [FONT],
            "text-size": 12,
            "text-allow-overlap": true,
            "text-ignore-placement": true,
        });
        number["paint"] = json!({"text-color": self.theme.paper()});
        Some([disc, number])
    }

    fn circle(&self) -> Value {
        let mut part = part(self.def, "circle", "circle", self.def.style.min_zoom);
        self.only(&mut part, "Point");
        if self.def.cluster_below.is_some() {
            let alone = json!(["!", ["has", "point_count"]]);
            part["filter"] = match part.get("filter") {
                Some(kind) => json!(["all", kind, alone]),
                None => alone,
            };
        }
        let radius = self.def.style.radius;
        let paper = self.theme.paper();
        let opacity = |c: &CodeDef| match c.fill.as_deref() {
            Some("ring" | "outline") => 0.0,
            Some("half") => HALF,
            _ => 0.9,
        };
        // A full disc stands out by a rim of paper, a ring by its own colour.
        let rim = |c: &CodeDef| match c.fill.as_deref() {
            Some("ring" | "outline" | "half") => self.color_of(c).to_owned(),
            _ => paper.to_owned(),
        };
        part["paint"] = json!({
            "circle-color": self.color(),
            "circle-opacity": self.by_code(|c| opacity(c).into(), 0.9.into()),
            "circle-radius": ["interpolate", ["exponential", 1.4], ["zoom"], 10, radius * 0.4, 14, radius, 18, radius * 1.8],
            "circle-stroke-color": self.by_code(|c| rim(c).into(), paper.into()),
            "circle-stroke-width": self.def.style.width.clamp(1.0, 2.0),
        });
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(geometry: &str, draw: &str) -> LayerDef {
        let text = format!(
            "id = \"spots\"\ntitle = {{ vi = \"Đ\", en = \"S\" }}\ndescription = {{ vi = \"Đ\", en = \"S\" }}\n\
             geometry = \"{geometry}\"\ntime = \"none\"\nsee = [\"analyst\"]\n[[fields]]\nname = \"class\"\ntype = \"code\"\n\
             tile = true\ntitle = {{ vi = \"L\", en = \"C\" }}\ncodes = [\n\
             {{ code = \"a\", vi = \"A\", en = \"A\", color = \"#111111\", dark = \"#eeeeee\", hatch = 2 }},\n\
             {{ code = \"b\", vi = \"B\", en = \"B\", color = \"#222222\", fill = \"ring\" }}]\n\
             [style]\ndraw = \"{draw}\"\nby = \"class\"\ncolor = \"#333333\"\n"
        );
        model::parse_layer("spots.toml", &text).unwrap()
    }

    fn ids(def: &LayerDef, role: Role) -> Vec<String> {
        let text = |v: &Value| v["id"].as_str().unwrap().to_owned();
        shapes(def, role, Theme::Light).iter().map(text).collect()
    }

    #[test]
    fn parts_follow_geometry_and_drawing() {
        assert_eq!(
            ids(&layer("polygon", "fill"), Role::Analyst),
            ["spots-fill", "spots-hatch", "spots-line"]
        );
        assert_eq!(ids(&layer("polygon", "outline"), Role::Analyst), ["spots-line"]);
        assert_eq!(ids(&layer("point", "circle"), Role::Analyst), ["spots-circle"]);
        assert_eq!(
            ids(&layer("any", "any"), Role::Analyst),
            ["spots-fill", "spots-hatch", "spots-line", "spots-circle"]
        );
    }

    #[test]
    fn clusters_are_drawn_up_to_their_zoom_and_never_as_features() {
        let mut def = layer("any", "any");
        def.cluster_below = Some(13);
        let parts = shapes(&def, Role::Analyst, Theme::Light);
        let of = |id: &str| parts.iter().find(|p| p["id"] == id).unwrap();
        assert_eq!(of("spots-cluster")["maxzoom"], 13);
        assert_eq!(of("spots-cluster-mark")["filter"], json!(["has", "point_count"]));
        assert_eq!(
            of("spots-circle")["filter"],
            json!(["all", is_kind("Point"), ["!", ["has", "point_count"]]])
        );
    }

    #[test]
    fn dashes_are_parts_of_their_own() {
        let mut def = layer("line", "line");
        def.fields[0].codes[1].dash = vec![3.0, 2.0];
        let parts = shapes(&def, Role::Analyst, Theme::Light);
        let ids: Vec<&str> = parts.iter().filter_map(|p| p["id"].as_str()).collect();
        assert_eq!(ids, ["spots-line", "spots-line-b"]);
        assert_eq!(parts[1]["paint"]["line-dasharray"], json!([3.0, 2.0]));
        assert_eq!(
            parts[0]["filter"],
            json!(["all", ["!", ["in", ["to-string", ["get", "class"]], ["literal", ["b"]]]]])
        );
    }

    #[test]
    fn a_hidden_field_gives_no_colour() {
        let mut def = layer("polygon", "fill");
        assert!(shapes(&def, Role::Analyst, Theme::Light)[0].to_string().contains("#111111"));
        def.fields[0].see = model::Roles::NONE;
        let parts = shapes(&def, Role::Analyst, Theme::Light);
        assert_eq!(parts.len(), 2);
        assert!(!parts.iter().any(|p| p.to_string().contains("#111111")));
    }

    #[test]
    fn the_dark_theme_falls_back_to_the_light_colour() {
        let text = shapes(&layer("point", "circle"), Role::Analyst, Theme::Dark)[0].to_string();
        assert!(text.contains("#eeeeee") && text.contains("#222222") && !text.contains("#111111"));
    }
}
