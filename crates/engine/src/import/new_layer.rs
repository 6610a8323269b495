//! Makes a layer definition from files: property names kept exactly, types from the values, geometry from what is
//! there. The result is a layer file like any other and goes through the same parser.
//!
//! A name is changed only where two fields would otherwise be one: names that differ in case alone, and names the
//! system gives its own fields.

use std::fmt::Write as _;

use model::{Code, Fault, LayerDef, LayerId, Text, parse_layer, system};
use serde_json::Value as Json;
use store::format::{Cell, Format, Table};

use super::cells;

/// Names the parser gives fields of its own.
const SYSTEM: [&str; 8] = [
    system::ENTITY,
    system::SOURCE,
    system::SOURCE_DATE,
    system::ACCURACY_M,
    system::QUALITY,
    system::LOCATION_QUALITY,
    system::SOURCE_KEY,
    "located",
];
/// The longest text of the system's fields.
const SYSTEM_LENGTH: usize = 500;
/// Longer texts stay out of tiles.
const TILE_LENGTH: usize = 100;

/// What the values of a column can all be read as.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Guess {
    any: bool,
    integer: bool,
    number: bool,
    boolean: bool,
    date: bool,
    midnight: bool,
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
        midnight: true,
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
        // `2013-07-08T00:00:00.000` all the way down is a column of days that went through a database.
        let civil = text.parse::<jiff::civil::DateTime>().ok().filter(|_| text.len() > 10);
        let zoned = text.parse::<jiff::Timestamp>().is_ok();
        self.midnight &= !zoned && civil.is_some_and(|t| t.time() == jiff::civil::Time::midnight());
        self.datetime &= text.len() > 10 && (zoned || civil.is_some());
    }

    fn kind(self) -> &'static str {
        match self {
            Guess { any: false, .. } => "text",
            Guess { boolean: true, .. } => "boolean",
            Guess { integer: true, .. } => "integer",
            Guess { number: true, .. } => "number",
            Guess { date: true, .. } | Guess { midnight: true, .. } => "date",
            Guess { datetime: true, .. } => "datetime",
            _ => "text",
        }
    }
}

/// The definition of a new layer from all records of the files, and which column fills which field.
pub(crate) fn define(id: &LayerId, tables: &[&Table]) -> Result<(LayerDef, Vec<(String, String)>), Fault> {
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
    let fields = named(columns);
    let text = definition(id, geometry, &fields);
    let map = fields.into_iter().map(|f| (f.name, f.column)).collect();
    let def = parse_layer(&format!("{id}.toml"), &text).map_err(|e| {
        Fault::at(
            Code::InvalidFile,
            e.field.clone(),
            Text::new(format!("Không tạo được lớp: {e}"), format!("the layer cannot be made: {e}")),
        )
    })?;
    Ok((def, map))
}

/// A field to be made; `guess` is `None` where the system has it already.
struct NewField {
    name: String,
    column: String,
    guess: Option<Guess>,
}

/// Gives every column the name of its field.
fn named(columns: Vec<(String, Guess)>) -> Vec<NewField> {
    let mut taken: Vec<String> = SYSTEM.iter().map(|s| (*s).to_owned()).collect();
    let mut fields = Vec::new();
    for (column, guess) in columns {
        // The system's own text fields take what bears their name, if it fits.
        if matches!(column.as_str(), system::SOURCE | system::ENTITY) && guess.longest <= SYSTEM_LENGTH {
            fields.push(NewField { name: column.clone(), column, guess: None });
            continue;
        }
        let mut name = column.clone();
        let mut n = 1;
        while taken.contains(&name.to_lowercase()) {
            n += 1;
            name = format!("{column}_{n}");
        }
        taken.push(name.to_lowercase());
        fields.push(NewField { name, column, guess: Some(guess) });
    }
    fields
}

fn has_coordinates(table: &Table) -> bool {
    let has = |names: &[&str]| table.header.iter().any(|h| names.contains(&h.to_lowercase().as_str()));
    has(&["lon", "lng", "long", "longitude", "x"]) && has(&["lat", "latitude", "y"])
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn definition(id: &LayerId, geometry: &str, fields: &[NewField]) -> String {
    let roles = r#"["analyst", "planner", "officer", "leader", "admin"]"#;
    let title = quoted(id.as_str());
    let mut text = format!(
        "# Made from an imported file.\nid = {title}\ntitle = {{ vi = {title}, en = {title} }}\n\
         description = {{ vi = \"Lớp nhập từ tệp.\", en = \"Imported from a file.\" }}\n\
         geometry = \"{geometry}\"\ntime = \"none\"\nsee = {roles}\nedit = {roles}\norder = 80\n"
    );
    let names = ["name", "title", "ten", "tên"];
    let label = fields.iter().find(|f| f.guess.is_some() && names.contains(&f.name.to_lowercase().as_str()));
    if let Some(label) = label {
        let _ = writeln!(text, "label = {}", quoted(&label.name));
    }
    for NewField { name, guess, .. } in fields {
        let Some(guess) = guess else { continue };
        let (name, kind) = (quoted(name), guess.kind());
        let tile = guess.longest <= TILE_LENGTH;
        let _ = write!(
            text,
            "\n[[fields]]\nname = {name}\ntype = \"{kind}\"\n\
             title = {{ vi = {name}, en = {name} }}\ntile = {tile}\n"
        );
        if kind == "text" {
            let _ = writeln!(text, "max_length = {}", guess.longest.max(SYSTEM_LENGTH));
        }
    }
    if geometry != "none" {
        text.push_str("\n[style]\ndraw = \"any\"\ncolor = \"#0b6e69\"\ndark = \"#4fc0b5\"\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FieldType, GeometryKind};
    use store::format::open_bytes;

    fn made(name: &str, text: &str) -> (LayerDef, Vec<(String, String)>) {
        let table = open_bytes(name, text.as_bytes().to_vec()).unwrap();
        define(&LayerId::new("things").unwrap(), &[&table]).unwrap()
    }

    #[test]
    fn types_come_from_the_values() {
        let (def, _) = made(
            "x.csv",
            "Mã \"x\",n,f,ok,on,day,at,lon,lat,empty\n\
             03646,1,1.5,true,2024-01-02,2013-07-08T00:00:00.000,2024-01-02T08:00:00,104,21,\n\
             1,-2,2,false,2024-01-03,2013-07-09T00:00:00.000,2024-01-02T08:00:00Z,104,21,\n",
        );
        let kind = |name: &str| def.field(name).unwrap().kind;
        assert_eq!(kind("Mã \"x\""), FieldType::Text);
        assert_eq!(
            (kind("n"), kind("f"), kind("ok")),
            (FieldType::Integer, FieldType::Number, FieldType::Boolean)
        );
        assert_eq!(
            (kind("on"), kind("day"), kind("at")),
            (FieldType::Date, FieldType::Date, FieldType::DateTime)
        );
        assert_eq!((kind("empty"), def.geometry), (FieldType::Text, GeometryKind::Point));
        assert_eq!(parse_layer("x", &def.source).unwrap(), def);
    }

    #[test]
    fn names_are_kept_unless_two_would_be_one() {
        let (def, map) = made("x.json", r#"[{"Name":"a","name":"b","quality":"good","source":"s","id":7}]"#);
        let fields: Vec<&str> = map.iter().map(|(f, _)| f.as_str()).collect();
        assert_eq!(fields, ["Name", "name_2", "quality_2", "source", "id"]);
        assert!(fields.iter().all(|f| def.field(f).is_some()));
        assert_eq!(def.label, def.index("Name"));
        assert_eq!(def.geometry, GeometryKind::None);
    }

    #[test]
    fn geometry_comes_from_what_is_there() {
        let with = |kinds: &[&str]| {
            let all: Vec<String> = kinds
                .iter()
                .map(|k| format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"{k}","coordinates":[]}}}}"#))
                .collect();
            made("x.geojsonl", &all.join("\n")).0.geometry
        };
        assert_eq!(with(&["Polygon", "MultiPolygon"]), GeometryKind::Polygon);
        assert_eq!(with(&["Point", "LineString"]), GeometryKind::Any);
        assert_eq!(with(&["MultiLineString", "LineString"]), GeometryKind::Line);
    }
}
