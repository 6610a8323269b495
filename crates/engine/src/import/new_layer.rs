//! Makes a layer definition from files: property names kept exactly, types from the values, geometry from what is
//! there. The result is a layer file like any other and goes through the same parser.

use model::{Code, Fault, LayerDef, LayerId, Text, parse_layer};
use serde_json::Value as Json;
use store::format::{Cell, Format, Table};

use super::cells;

/// What the values of a column can all be read as.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Guess {
    any: bool,
    integer: bool,
    number: bool,
    boolean: bool,
    date: bool,
    datetime: bool,
    longest: usize,
}

impl Guess {
    const NEW: Guess = Guess {
        any: false,
        integer: true,
        number: true,
        boolean: true,
        date: true,
        datetime: true,
        longest: 0,
    };

    fn see(&mut self, cell: &Cell) {
        self.any = true;
        let text = cells::text(cell);
        let text = text.trim();
        self.longest = self.longest.max(text.chars().count());
        let json = match cell {
            Cell::Json(json) => Some(json),
            Cell::Text(_) => None,
        };
        // A code like 03646 is text: a number would lose its zero.
        let padded = text.trim_start_matches('-').len() > 1
            && text.trim_start_matches('-').starts_with('0')
            && !text.contains('.');
        let quoted = matches!(json, Some(Json::String(_)));
        let numeric = !quoted && !padded;
        self.integer &= numeric && text.parse::<i64>().is_ok();
        self.number &= numeric && text.parse::<f64>().is_ok_and(f64::is_finite);
        self.boolean &= match json {
            Some(json) => json.is_boolean(),
            None => matches!(text, "true" | "false"),
        };
        self.date &= text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        self.datetime &= text.len() > 10 && text.parse::<jiff::Timestamp>().is_ok();
    }

    fn kind(self) -> &'static str {
        match self {
            Guess { any: false, .. } => "text",
            Guess { boolean: true, .. } => "boolean",
            Guess { integer: true, .. } => "integer",
            Guess { number: true, .. } => "number",
            Guess { date: true, .. } => "date",
            Guess { datetime: true, .. } => "datetime",
            _ => "text",
        }
    }
}

/// The definition of a new layer from all records of the files.
pub(crate) fn define(id: &LayerId, tables: &[&Table]) -> Result<LayerDef, Fault> {
    let mut columns: Vec<(String, Guess)> = Vec::new();
    let (mut points, mut lines, mut polygons) = (false, false, false);
    for table in tables {
        let features = matches!(table.format, Format::GeoJson | Format::GeoJsonSeq);
        points |= !features && has_coordinates(table);
        for name in table.header.iter().filter(|n| !n.is_empty()) {
            if !columns.iter().any(|(n, _)| n == name) {
                columns.push((name.clone(), Guess::NEW));
            }
        }
        for record in table.records() {
            let record = record?;
            for (name, cell) in table.header.iter().zip(&record.cells) {
                if let (Some(cell), Some((_, guess))) = (cell, columns.iter_mut().find(|(n, _)| n == name)) {
                    guess.see(cell);
                }
            }
            let kind = record.geometry.as_ref().and_then(|g| g["type"].as_str()).unwrap_or_default();
            points |= kind.ends_with("Point");
            lines |= kind.ends_with("LineString");
            polygons |= kind.ends_with("Polygon");
        }
    }
    let geometry = match (points, lines, polygons) {
        (true, false, false) => "point",
        (false, true, false) => "line",
        (false, false, true) => "polygon",
        (false, false, false) => "none",
        _ => "any",
    };
    let text = definition(id, geometry, &columns);
    parse_layer(&format!("{id}.toml"), &text).map_err(|e| {
        Fault::at(
            Code::InvalidFile,
            e.field.clone(),
            Text::new(format!("Không tạo được lớp: {e}"), format!("the layer cannot be made: {e}")),
        )
    })
}

fn has_coordinates(table: &Table) -> bool {
    let has = |names: &[&str]| table.header.iter().any(|h| names.contains(&h.to_lowercase().as_str()));
    has(&["lon", "lng", "long", "longitude", "x"]) && has(&["lat", "latitude", "y"])
}

fn quoted(text: &str) -> String {
    toml_string(text)
}

/// A TOML basic string.
fn toml_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn definition(id: &LayerId, geometry: &str, columns: &[(String, Guess)]) -> String {
    const SYSTEM: [&str; 8] = [
        "entity",
        "source",
        "source_date",
        "accuracy_m",
        "quality",
        "location_quality",
        "source_key",
        "located",
    ];
    let roles = r#"["analyst", "planner", "officer", "leader", "admin"]"#;
    let title = quoted(id.as_str());
    let mut text = format!(
        "# Made from an imported file.\nid = {title}\ntitle = {{ vi = {title}, en = {title} }}\n\
         description = {{ vi = \"Lớp nhập từ tệp.\", en = \"Imported from a file.\" }}\n\
         geometry = \"{geometry}\"\ntime = \"none\"\nsee = {roles}\nedit = {roles}\norder = 80\n"
    );
    // Names that the system gives itself are filled by equal name and not defined again.
    for (name, guess) in columns.iter().filter(|(n, _)| !SYSTEM.contains(&n.to_lowercase().as_str())) {
        let name = quoted(name);
        let kind = guess.kind();
        text.push_str(&format!(
            "\n[[fields]]\nname = {name}\ntype = \"{kind}\"\ntitle = {{ vi = {name}, en = {name} }}\ntile = true\n"
        ));
        if kind == "text" {
            text.push_str(&format!("max_length = {}\n", guess.longest.max(500)));
        }
    }
    if geometry != "none" {
        text.push_str("\n[style]\ndraw = \"any\"\ncolor = \"#0b6e69\"\ndark = \"#4fc0b5\"\n");
    }
    text
}
