//! GeoJSON by RFC 7946: exterior rings counter-clockwise, seven decimals (about 1 cm), no `crs`.

use geo_types::{Coord, LineString, Polygon};
use model::{Geometry, Transition, write_degrees, write_geometry};

use super::text_out::{emptied, json, json_text};
use super::{ExportRow, Provenance};

/// Decimals of a degree that are written.
const DECIMALS: usize = 7;

/// Makes a `FeatureCollection` piece by piece, one feature per line.
#[derive(Debug)]
pub struct GeoJsonWriter {
    out: String,
    rows: usize,
    /// The texts in front of the values of the properties.
    keys: Vec<String>,
}

impl GeoJsonWriter {
    /// The beginning of a file. It has no `bbox`: the features that will come are not known yet.
    pub fn begin(provenance: &Provenance) -> Self {
        let mut out = String::new();
        out.push_str("{\"type\":\"FeatureCollection\",\n\"diaban\":");
        out.push_str(&serde_json::to_string(provenance).unwrap_or_default());
        out.push_str(",\n\"features\":[");
        GeoJsonWriter { out, rows: 0, keys: Vec::new() }
    }

    /// A writer of some of the features, to be put between the beginning and the end of a file: the first ones, or
    /// such as follow others. It writes into `room`, whatever is in it is gone.
    pub fn part(first: bool, room: Vec<u8>) -> Self {
        GeoJsonWriter { out: emptied(room), rows: usize::from(!first), keys: Vec::new() }
    }

    /// Adds one feature.
    pub fn row(&mut self, row: &ExportRow<'_>) {
        self.row_with(row, std::iter::empty());
    }

    /// Adds one feature with its changes of state as the foreign member `transitions`, so that an import of the
    /// file knows the states of the past. Give only those of fields the reader may see.
    pub fn row_with<'t>(
        &mut self,
        row: &ExportRow<'_>,
        transitions: impl IntoIterator<Item = &'t Transition>,
    ) {
        let out = &mut self.out;
        out.push_str(if self.rows == 0 { "\n" } else { ",\n" });
        out.push_str("{\"type\":\"Feature\",\"id\":\"");
        out.push_str(row.id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
        out.push_str("\",\"geometry\":");
        match row.geometry {
            Some(g) => geometry(out, g),
            None => out.push_str("null"),
        }
        out.push_str(",\"properties\":{");
        // All rows have the same names.
        if self.keys.len() != row.properties.len() {
            self.keys = row.properties.iter().enumerate().map(|(n, (name, _))| key(n, name)).collect();
        }
        for (key, (_, value)) in self.keys.iter().zip(&row.properties) {
            out.push_str(key);
            json(out, *value);
        }
        out.push('}');
        let mut any = false;
        for step in transitions {
            out.push_str(if any { "," } else { ",\"transitions\":[" });
            out.push_str(&serde_json::to_string(step).unwrap_or_default());
            any = true;
        }
        out.push_str(if any { "]}" } else { "}" });
        self.rows += 1;
    }

    /// What is written and not yet taken away.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out).into_bytes()
    }

    /// The rest of the file.
    pub fn end(mut self) -> Vec<u8> {
        self.out.push_str("\n]}\n");
        self.out.into_bytes()
    }
}

/// What stands in front of the value of the n-th property.
fn key(n: usize, name: &str) -> String {
    let mut key = String::from(if n == 0 { "" } else { "," });
    json_text(&mut key, name);
    key.push(':');
    key
}

/// A geometry as an export shows it: what two geometries have in common when a file cannot tell them apart.
pub fn exported(g: &Geometry) -> String {
    let mut text = String::new();
    geometry(&mut text, g);
    text
}

/// Appends a geometry with exterior rings counter-clockwise and holes clockwise.
fn geometry(out: &mut String, g: &Geometry) {
    match g {
        Geometry::Polygon(p) => {
            out.push_str("{\"type\":\"Polygon\",\"coordinates\":");
            polygon(out, p);
            out.push('}');
        }
        Geometry::MultiPolygon(all) => {
            out.push_str("{\"type\":\"MultiPolygon\",\"coordinates\":");
            list(out, all.iter(), polygon);
            out.push('}');
        }
        other => write_geometry(out, other, Some(DECIMALS)),
    }
}

fn polygon(out: &mut String, p: &Polygon<f64>) {
    let rings = std::iter::once((p.exterior(), true)).chain(p.interiors().iter().map(|ring| (ring, false)));
    list(out, rings, |out, (ring, ccw)| {
        if (doubled_area(ring) > 0.0) == ccw {
            list(out, ring.0.iter(), position);
        } else {
            list(out, ring.0.iter().rev(), position);
        }
    });
}

fn position(out: &mut String, c: &Coord<f64>) {
    out.push('[');
    write_degrees(out, c.x, DECIMALS);
    out.push(',');
    write_degrees(out, c.y, DECIMALS);
    out.push(']');
}

fn list<T>(out: &mut String, items: impl Iterator<Item = T>, write: impl Fn(&mut String, T)) {
    out.push('[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// Twice the signed area in square degrees, positive when counter-clockwise. Coordinates are taken from the first
/// one, so that rings of a few metres keep their sign.
fn doubled_area(ring: &LineString<f64>) -> f64 {
    let Some(first) = ring.0.first() else { return 0.0 };
    ring.lines()
        .map(|l| (l.start.x - first.x) * (l.end.y - first.y) - (l.end.x - first.x) * (l.start.y - first.y))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Point, polygon};
    use model::{Text, ValueRef};
    use uuid::Uuid;

    fn provenance() -> Provenance {
        Provenance {
            layer: "spots".to_owned(),
            title: Text::new("Điểm", "Spots"),
            filter: None,
            as_of: Some(jiff::civil::date(2025, 1, 2)),
            count: 2,
            demo: Some(Text::new("dữ liệu minh hoạ", "demonstration data")),
            note: None,
        }
    }

    #[test]
    fn writes_what_rfc_7946_asks_for() {
        let clockwise = Geometry::Polygon(polygon![
            exterior: [(x: 0.0, y: 0.0), (x: 0.0, y: 4.0), (x: 4.0, y: 4.0), (x: 4.0, y: 0.0)],
            interiors: [[(x: 1.0, y: 1.0), (x: 2.0, y: 1.0), (x: 2.0, y: 2.0), (x: 1.0, y: 2.0)]],
        ]);
        let point = Geometry::Point(Point::new(104.123_456_789, 21.0));
        let mut w = GeoJsonWriter::begin(&provenance());
        for geometry in [Some(&clockwise), Some(&point), None] {
            let row = ExportRow {
                id: Uuid::nil(),
                properties: vec![("tên \"x\"", ValueRef::Text("a\nb")), ("n", ValueRef::Num(-0.5))],
                geometry,
            };
            w.row(&row);
        }
        let text = String::from_utf8(w.end()).unwrap();
        let json = model::parse_strict(text.as_bytes()).unwrap();
        assert_eq!(json["diaban"]["notice"]["vi"], "dữ liệu minh hoạ");
        assert_eq!(json["diaban"]["as_of"], "2025-01-02");
        assert_eq!(
            json["features"][0]["geometry"]["coordinates"],
            serde_json::json!([
                [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]],
                [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]
            ])
        );
        assert_eq!(json["features"][1]["geometry"]["coordinates"], serde_json::json!([104.123_456_8, 21]));
        assert!(json["features"][2]["geometry"].is_null());
        assert_eq!(json["features"][0]["properties"]["tên \"x\""], "a\nb");
        assert!(json.get("crs").is_none());
    }

    #[test]
    fn a_buffer_taken_away_leaves_the_rest() {
        let transitions =
            [Transition { field: "s".to_owned(), to: "open".to_owned(), on: jiff::civil::date(2025, 1, 2) }];
        let row = ExportRow { id: Uuid::nil(), properties: vec![], geometry: None };
        let mut w = GeoJsonWriter::begin(&provenance());
        let mut all = Vec::new();
        for _ in 0..3 {
            w.row_with(&row, &transitions);
            all.extend(w.take());
        }
        all.extend(w.end());
        let json = model::parse_strict(&all).unwrap();
        assert_eq!(json["features"].as_array().unwrap().len(), 3);
        assert_eq!(json["features"][2]["transitions"][0]["on"], "2025-01-02");
    }

    #[test]
    fn no_features_is_still_a_collection() {
        let w = GeoJsonWriter::begin(&provenance());
        let json = model::parse_strict(&w.end()).unwrap();
        assert_eq!(json["features"], serde_json::json!([]));
    }
}
