//! GeoJSON by RFC 7946: exterior rings counter-clockwise, seven decimals (about 1 cm), no `crs`.

use geo_types::{LineString, MultiPolygon, Polygon};
use model::{Geometry, Transition, write_geometry};
use serde_json::{Map, Value as Json};

use super::{ExportRow, Provenance};

/// Decimals of a degree that are written.
const DECIMALS: usize = 7;

/// Makes a `FeatureCollection` piece by piece, one feature per line.
#[derive(Debug)]
pub struct GeoJsonWriter {
    out: Vec<u8>,
    rows: usize,
    line: String,
}

impl GeoJsonWriter {
    /// The beginning of a file. It has no `bbox`: the features that will come are not known yet.
    pub fn begin(provenance: &Provenance) -> Self {
        let mut out = Vec::new();
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\n\"diaban\":");
        out.extend_from_slice(serde_json::to_string(provenance).unwrap_or_default().as_bytes());
        out.extend_from_slice(b",\n\"features\":[");
        GeoJsonWriter { out, rows: 0, line: String::with_capacity(1024) }
    }

    /// Adds one feature.
    pub fn row(&mut self, row: &ExportRow<'_>) {
        self.row_with(row, &[]);
    }

    /// Adds one feature with its changes of state as the foreign member `transitions`, so that an import of the
    /// file knows the states of the past. Give only those of fields the reader may see.
    pub fn row_with(&mut self, row: &ExportRow<'_>, transitions: &[Transition]) {
        let line = &mut self.line;
        line.clear();
        line.push_str(if self.rows == 0 { "\n" } else { ",\n" });
        line.push_str("{\"type\":\"Feature\",\"id\":\"");
        line.push_str(&row.id.to_string());
        line.push_str("\",\"geometry\":");
        match row.geometry {
            Some(g) => write_geometry(line, &wound(g), Some(DECIMALS)),
            None => line.push_str("null"),
        }
        let properties: Map<String, Json> =
            row.properties.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect();
        line.push_str(",\"properties\":");
        line.push_str(&Json::Object(properties).to_string());
        if !transitions.is_empty() {
            line.push_str(",\"transitions\":");
            line.push_str(&serde_json::to_string(transitions).unwrap_or_default());
        }
        line.push('}');
        self.rows += 1;
        self.out.extend_from_slice(self.line.as_bytes());
    }

    /// What is written and not yet taken away; take it to keep the buffer small.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// The rest of the file.
    pub fn end(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"\n]}\n");
        self.out
    }
}

/// A geometry as an export shows it: what two geometries have in common when a file cannot tell them apart.
pub fn exported(g: &Geometry) -> String {
    let mut text = String::new();
    write_geometry(&mut text, &wound(g), Some(DECIMALS));
    text
}

/// The geometry with exterior rings counter-clockwise and holes clockwise.
fn wound(g: &Geometry) -> Geometry {
    match g {
        Geometry::Polygon(p) => Geometry::Polygon(wound_polygon(p)),
        Geometry::MultiPolygon(m) => {
            Geometry::MultiPolygon(MultiPolygon(m.iter().map(wound_polygon).collect()))
        }
        other => other.clone(),
    }
}

fn wound_polygon(p: &Polygon<f64>) -> Polygon<f64> {
    let turned = |ring: &LineString<f64>, ccw: bool| {
        let mut ring = ring.clone();
        if (doubled_area(&ring) > 0.0) != ccw {
            ring.0.reverse();
        }
        ring
    };
    Polygon::new(turned(p.exterior(), true), p.interiors().iter().map(|r| turned(r, false)).collect())
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
            all.append(w.buffer());
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
