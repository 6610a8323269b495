//! The quiet base map, from the layer whose purpose it is: areas in the colour of their code, streets in white
//! with a hairline, names along the streets. The codes of `style.by` stand in drawing order.
//!
//! Fine kinds (`min_zoom` of a code) come from a source of their own that begins at that zoom, so that a tile of
//! the whole ward carries no building.

use std::collections::BTreeMap;

use model::{CodeDef, FieldDef, LayerDef};
use serde_json::{Value, json};

use super::Theme;
use super::paint::FONT;

/// Tiles of deeper zooms are drawn from this one: 15 cm to a unit of its grid.
pub(super) const MAX_ZOOM: u8 = 16;
/// The width of streets where a code gives none, in pixels at zoom 16.
const WIDTH: f64 = 4.0;

/// The kinds that share a source.
pub(super) struct Level {
    /// The source's name: the layer's, or with the zoom it begins at.
    pub(super) source: String,
    /// The zoom it begins at.
    pub(super) min_zoom: u8,
    /// The query of its tiles.
    pub(super) query: String,
}

fn kinds(def: &LayerDef) -> Option<(&FieldDef, BTreeMap<u8, Vec<&CodeDef>>)> {
    let field = def.legend_field()?;
    let mut levels: BTreeMap<u8, Vec<&CodeDef>> = BTreeMap::new();
    for code in &field.codes {
        let zoom = code.min_zoom.unwrap_or_default().clamp(0.0, f64::from(MAX_ZOOM));
        levels.entry(zoom as u8).or_default().push(code);
    }
    Some((field, levels))
}

fn source(def: &LayerDef, zoom: u8) -> String {
    if zoom == 0 { def.id.to_string() } else { format!("{}-z{zoom}", def.id) }
}

/// The sources of a base map.
pub(super) fn levels(def: &LayerDef) -> Vec<Level> {
    let Some((field, levels)) = kinds(def) else { return Vec::new() };
    levels
        .into_iter()
        .map(|(zoom, codes)| {
            let codes: Vec<&str> = codes.iter().map(|c| c.code.as_str()).collect();
            let query = format!("{}={}", field.name, codes.join(","));
            Level { source: source(def, zoom), min_zoom: zoom, query }
        })
        .collect()
}

/// The drawn parts, low ones first: areas, edges, the hairlines of streets, then the streets on them.
pub(super) fn shapes(def: &LayerDef, theme: Theme) -> Vec<Value> {
    let Some((field, levels)) = kinds(def) else { return Vec::new() };
    let paper = Paper { def, field, theme };
    let each = |draw: &dyn Fn(u8, &[&CodeDef]) -> Vec<Value>| -> Vec<Value> {
        levels.iter().flat_map(|(zoom, codes)| draw(*zoom, codes)).collect()
    };
    let mut parts = each(&|zoom, codes| paper.areas(zoom, codes));
    parts.extend(each(&|zoom, codes| paper.edges(zoom, codes)));
    // Alleys lie below the streets they come from.
    let mut deep: Vec<_> = levels.iter().collect();
    deep.reverse();
    parts.extend(deep.iter().map(|(zoom, codes)| paper.hairlines(**zoom, codes)));
    parts.extend(deep.iter().flat_map(|(zoom, codes)| paper.streets(**zoom, codes)));
    parts
}

/// The names: along streets, upright on areas and places.
pub(super) fn labels(def: &LayerDef, theme: Theme) -> Vec<Value> {
    let Some((field, levels)) = kinds(def) else { return Vec::new() };
    let (Some(zoom), Some(name)) = (def.style.label_zoom, def.label.map(|i| &def.fields[i])) else {
        return Vec::new();
    };
    let paper = Paper { def, field, theme };
    levels.iter().flat_map(|(level, codes)| paper.names(*level, codes, zoom, name)).collect()
}

struct Paper<'a> {
    def: &'a LayerDef,
    field: &'a FieldDef,
    theme: Theme,
}

impl Paper<'_> {
    fn part(&self, name: &str, kind: &str, zoom: u8, geometry: &str, codes: &[&CodeDef]) -> Value {
        let source = source(self.def, zoom);
        let codes: Vec<&str> = codes.iter().map(|c| c.code.as_str()).collect();
        json!({
            "id": format!("{source}-{name}"),
            "type": kind,
            "source": source,
            "source-layer": self.def.id,
            "minzoom": zoom,
            "filter": [
                "all",
                ["in", ["geometry-type"], ["literal", [geometry, format!("Multi{geometry}")]]],
                ["in", ["get", self.field.name], ["literal", codes]],
            ],
        })
    }

    fn hairline(&self) -> &str {
        let style = &self.def.style;
        self.theme.of(&style.color, style.dark.as_deref().unwrap_or(&style.color))
    }

    fn color_of<'c>(&'c self, code: &'c CodeDef) -> &'c str {
        let light = code.color.as_deref().unwrap_or_else(|| self.hairline());
        self.theme.of(light, code.dark.as_deref().unwrap_or(light))
    }

    fn by_code(&self, codes: &[&CodeDef], value: impl Fn(&CodeDef) -> Value, other: Value) -> Value {
        if codes.is_empty() {
            return other;
        }
        let mut all = vec![json!("match"), json!(["get", self.field.name])];
        for code in codes {
            all.push(code.code.as_str().into());
            all.push(value(code));
        }
        all.push(other);
        all.into()
    }

    fn color(&self, codes: &[&CodeDef]) -> Value {
        self.by_code(codes, |c| self.color_of(c).into(), self.hairline().into())
    }

    /// Pixels that grow like the ground does, with a hairline's width where the ground is small.
    fn width(&self, codes: &[&CodeDef], scale: f64, more: f64) -> Value {
        let at = |zoom: f64| {
            let grown = 2f64.powf((zoom - 16.0) * 0.85);
            let width = |c: &CodeDef| c.width.unwrap_or(WIDTH) * scale * grown + more;
            self.by_code(codes, |c| width(c).max(0.5).into(), (WIDTH * grown + more).into())
        };
        json!([
            "interpolate",
            ["exponential", 1.6],
            ["zoom"],
            11,
            at(11.0),
            13,
            at(13.0),
            14,
            at(14.0),
            15,
            at(15.0),
            16,
            at(16.0),
            18,
            at(18.0),
            20,
            at(20.0)
        ])
    }

    fn areas(&self, zoom: u8, codes: &[&CodeDef]) -> Vec<Value> {
        let filled: Vec<&CodeDef> =
            codes.iter().filter(|c| c.fill.as_deref() != Some("outline")).copied().collect();
        let mut part = self.part("area", "fill", zoom, "Polygon", &filled);
        let place = |c: &CodeDef| filled.iter().position(|f| f.code == c.code).unwrap_or_default();
        part["layout"] = json!({"fill-sort-key": self.by_code(&filled, |c| place(c).into(), 0.into())});
        part["paint"] = json!({"fill-color": self.color(&filled)});
        vec![part]
    }

    /// Parcels are only edges; what is drawn at a deep zoom has an edge too.
    fn edges(&self, zoom: u8, codes: &[&CodeDef]) -> Vec<Value> {
        let edged: Vec<&CodeDef> =
            codes.iter().filter(|c| zoom > 0 || c.fill.as_deref() == Some("outline")).copied().collect();
        if edged.is_empty() {
            return Vec::new();
        }
        let mut part = self.part("edge", "line", zoom, "Polygon", &edged);
        part["paint"] = json!({
            "line-color": self.hairline(),
            "line-width": 0.6,
            "line-opacity": ["interpolate", ["linear"], ["zoom"], 15, 0.5, 17, 1],
        });
        vec![part]
    }

    fn hairlines(&self, zoom: u8, codes: &[&CodeDef]) -> Value {
        let mut part = self.part("hairline", "line", zoom, "LineString", codes);
        part["layout"] = json!({"line-join": "round", "line-cap": "butt"});
        part["paint"] = json!({"line-color": self.hairline(), "line-width": self.width(codes, 1.0, 1.6)});
        part
    }

    /// One part for the streets drawn through, one for each kind of dashes.
    fn streets(&self, zoom: u8, codes: &[&CodeDef]) -> Vec<Value> {
        let (dashed, through): (Vec<&CodeDef>, Vec<&CodeDef>) =
            codes.iter().partition(|c| !c.dash.is_empty());
        let line = |name: &str, codes: &[&CodeDef]| {
            let mut part = self.part(name, "line", zoom, "LineString", codes);
            let place = |c: &CodeDef| codes.iter().position(|f| f.code == c.code).unwrap_or_default();
            let cap = if name == "street" { "round" } else { "butt" };
            part["layout"] = json!({
                "line-join": "round",
                "line-cap": cap,
                "line-sort-key": self.by_code(codes, |c| place(c).into(), 0.into()),
            });
            part["paint"] =
                json!({"line-color": self.color(codes), "line-width": self.width(codes, 1.0, 0.0)});
            part
        };
        let mut parts: Vec<Value> = dashed
            .iter()
            .map(|code| {
                let mut part = line(&code.code, &[code]);
                part["paint"]["line-dasharray"] = json!(code.dash);
                part
            })
            .collect();
        parts.push(line("street", &through));
        parts
    }

    fn names(&self, level: u8, codes: &[&CodeDef], zoom: f64, name: &FieldDef) -> Vec<Value> {
        let ink = self.theme.of("#5d6560", "#a8b0aa");
        ["LineString", "Polygon", "Point"]
            .into_iter()
            .map(|geometry| {
                let along = geometry == "LineString";
                let mut part =
                    self.part(&format!("name-{}", geometry.to_lowercase()), "symbol", level, geometry, codes);
                part["minzoom"] = zoom.max(f64::from(level)).into();
                part["layout"] = json!({
                    "text-field": ["to-string", ["coalesce", ["get", name.name], ""]],
                    "text-font": [FONT],
                    "text-size": ["interpolate", ["linear"], ["zoom"], 14, 10.5, 17, 12.5],
                    "symbol-placement": if along { "line" } else { "point" },
                    "symbol-spacing": 320,
                    "text-max-width": 8,
                    "text-padding": 3,
                });
                part["paint"] = json!({
                    "text-color": ink,
                    "text-halo-color": self.theme.paper(),
                    "text-halo-width": 1.5,
                });
                part
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> LayerDef {
        let code = |code: &str, more: &str| {
            format!("{{ code = \"{code}\", vi = \"A\", en = \"A\", color = \"#111111\"{more} }}")
        };
        let codes =
            [code("water", ""), code("house", ", min_zoom = 15"), code("way", ", width = 4, dash = [2, 1]")];
        let text = format!(
            "id = \"ground\"\npurpose = \"base\"\ntitle = {{ vi = \"N\", en = \"B\" }}\n\
             description = {{ vi = \"N\", en = \"B\" }}\ngeometry = \"any\"\ntime = \"none\"\n[[fields]]\nname = \"kind\"\n\
             type = \"code\"\ntile = true\ntitle = {{ vi = \"L\", en = \"K\" }}\ncodes = [{}]\n\
             [style]\ndraw = \"any\"\nby = \"kind\"\ncolor = \"#333333\"\n",
            codes.join(", ")
        );
        model::parse_layer("ground.toml", &text).unwrap()
    }

    #[test]
    fn fine_kinds_begin_at_their_zoom_from_a_source_of_their_own() {
        let def = base();
        let levels: Vec<_> = levels(&def).into_iter().map(|l| (l.source, l.min_zoom, l.query)).collect();
        let (all, fine) = ("kind=water,way".to_owned(), "kind=house".to_owned());
        assert_eq!(levels, [("ground".to_owned(), 0, all), ("ground-z15".to_owned(), 15, fine)]);
    }

    #[test]
    fn areas_lie_below_streets_and_dashes_are_parts_of_their_own() {
        let parts = shapes(&base(), Theme::Dark);
        let ids: Vec<&str> = parts.iter().filter_map(|p| p["id"].as_str()).collect();
        let at = |id: &str| ids.iter().position(|i| *i == id).unwrap_or_else(|| panic!("no {id} in {ids:?}"));
        assert!(at("ground-area") < at("ground-z15-area") && at("ground-z15-edge") < at("ground-hairline"));
        assert!(at("ground-hairline") < at("ground-way"));
        assert_eq!(parts[at("ground-way")]["paint"]["line-dasharray"], json!([2.0, 1.0]));
    }
}
