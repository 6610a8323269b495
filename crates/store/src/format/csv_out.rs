//! CSV by RFC 4180: UTF-8 with a byte order mark (so that Excel reads it as UTF-8), CRLF, comma, quotes where
//! needed. Text is guarded against formulas, numbers stay numbers.
//!
//! Columns: `id`, the properties, then `lon` and `lat` for points or `geometry` (WKT) otherwise, and in files of
//! demonstration data a last column `notice` that says so in every row. A column of ours takes an underscore in
//! front when the layer has a field of its name.

use geo_types::{Coord, LineString, Polygon};
use model::{Geometry, GeometryKind, ValueRef, write_degrees};

use super::text_out::{date, emptied, int, time};
use super::{ExportRow, Provenance, guard};

/// Decimals of a degree that are written.
const DECIMALS: usize = 7;

/// The place columns of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    None,
    LonLat,
    Wkt,
}

/// Makes a CSV file piece by piece.
#[derive(Debug)]
pub struct CsvWriter {
    out: String,
    place: Place,
    notice: Option<String>,
}

impl CsvWriter {
    /// The header for features of `kind` with these properties.
    pub fn begin(provenance: &Provenance, kind: GeometryKind, properties: &[&str]) -> Self {
        let place = match kind {
            GeometryKind::None => Place::None,
            GeometryKind::Point => Place::LonLat,
            GeometryKind::Line | GeometryKind::Polygon | GeometryKind::Any => Place::Wkt,
        };
        let ours = |name: &str| {
            let taken = properties.iter().any(|p| p.eq_ignore_ascii_case(name));
            if taken { format!("_{name}") } else { name.to_owned() }
        };
        let mut header = vec![ours("id")];
        header.extend(properties.iter().map(|p| guard(p).into_owned()));
        match place {
            Place::None => {}
            Place::LonLat => header.extend([ours("lon"), ours("lat")]),
            Place::Wkt => header.push(ours("geometry")),
        }
        let notice = provenance.demo.as_ref().map(|n| n.vi.clone());
        if notice.is_some() {
            header.push(ours("notice"));
        }
        let mut writer = CsvWriter { out: "\u{feff}".to_owned(), place, notice };
        for (i, cell) in header.iter().enumerate() {
            if i > 0 {
                writer.out.push(',');
            }
            quoted(&mut writer.out, cell);
        }
        writer.out.push_str("\r\n");
        writer
    }

    /// A writer of features that follow those of this one. It writes into `room`, whatever is in it is gone.
    #[must_use]
    pub fn part(&self, room: Vec<u8>) -> Self {
        CsvWriter { out: emptied(room), place: self.place, notice: self.notice.clone() }
    }

    /// Adds one feature; its properties are those of the header.
    pub fn row(&mut self, row: &ExportRow<'_>) {
        let out = &mut self.out;
        out.push_str(row.id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
        for (_, value) in &row.properties {
            out.push(',');
            cell(out, *value);
        }
        match self.place {
            Place::None => {}
            Place::LonLat => match row.geometry.and_then(single_point) {
                Some(c) => {
                    for degrees in [c.x, c.y] {
                        out.push(',');
                        write_degrees(out, degrees, DECIMALS);
                    }
                }
                None => out.push_str(",,"),
            },
            Place::Wkt => {
                out.push(',');
                quoted(out, &row.geometry.map(wkt).unwrap_or_default());
            }
        }
        if let Some(notice) = &self.notice {
            out.push(',');
            quoted(out, notice);
        }
        out.push_str("\r\n");
    }

    /// What is written and not yet taken away.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out).into_bytes()
    }

    /// The rest of the file.
    pub fn end(self) -> Vec<u8> {
        self.out.into_bytes()
    }
}

/// Appends a cell, in quotes where it needs them.
fn quoted(out: &mut String, cell: &str) {
    if !cell.contains([',', ';', '\t', '"', '\r', '\n']) && cell.trim() == cell {
        out.push_str(cell);
        return;
    }
    out.push('"');
    for (i, part) in cell.split('"').enumerate() {
        if i > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}

fn cell(out: &mut String, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => {}
        ValueRef::Bool(b) => out.push_str(if b { "true" } else { "false" }),
        ValueRef::Int(i) => int(out, i),
        ValueRef::Num(n) => quoted(out, &n.to_string()),
        ValueRef::Text(s) => quoted(out, &guard(s)),
        ValueRef::Date(d) => date(out, d),
        ValueRef::Time(t) => time(out, t),
        ValueRef::List(all) => quoted(out, &guard(&all.join(" "))),
    }
}

/// A point, or a multipoint of one.
fn single_point(g: &Geometry) -> Option<Coord<f64>> {
    match g {
        Geometry::Point(p) => Some(p.0),
        Geometry::MultiPoint(m) => m.0.first().map(|p| p.0),
        _ => None,
    }
}

fn wkt(g: &Geometry) -> String {
    let mut out = String::new();
    match g {
        Geometry::Point(p) => list(&mut out, "POINT ", [p.0], position),
        Geometry::MultiPoint(m) => list(&mut out, "MULTIPOINT ", m.iter().map(|p| p.0), |o, c| {
            list(o, "", [c], position);
        }),
        Geometry::LineString(l) => list(&mut out, "LINESTRING ", l.coords().copied(), position),
        Geometry::MultiLineString(m) => list(&mut out, "MULTILINESTRING ", m.iter(), line),
        Geometry::Polygon(p) => {
            out.push_str("POLYGON ");
            polygon(&mut out, p);
        }
        Geometry::MultiPolygon(m) => list(&mut out, "MULTIPOLYGON ", m.iter(), polygon),
        // The store never holds these.
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) | Geometry::GeometryCollection(_) => {}
    }
    out
}

fn polygon(out: &mut String, p: &Polygon<f64>) {
    list(out, "", std::iter::once(p.exterior()).chain(p.interiors()), line);
}

fn line(out: &mut String, l: &LineString<f64>) {
    list(out, "", l.coords().copied(), position);
}

fn position(out: &mut String, c: Coord<f64>) {
    write_degrees(out, c.x, DECIMALS);
    out.push(' ');
    write_degrees(out, c.y, DECIMALS);
}

fn list<T>(out: &mut String, name: &str, items: impl IntoIterator<Item = T>, write: impl Fn(&mut String, T)) {
    out.push_str(name);
    out.push('(');
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write(out, item);
    }
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Point, line_string, polygon};
    use model::Text;
    use uuid::Uuid;

    type Written<'a> = (Vec<(&'a str, ValueRef<'a>)>, Option<Geometry>);

    fn written(kind: GeometryKind, demo: bool, rows: &[Written<'_>]) -> String {
        let provenance = Provenance {
            layer: "spots".to_owned(),
            title: Text::default(),
            filter: None,
            as_of: None,
            count: rows.len(),
            demo: demo.then(|| Text::new("dữ liệu minh hoạ", "demonstration data")),
            note: None,
        };
        let names: Vec<&str> = rows[0].0.iter().map(|(n, _)| *n).collect();
        let mut w = CsvWriter::begin(&provenance, kind, &names);
        for (properties, geometry) in rows {
            let row =
                ExportRow { id: Uuid::nil(), properties: properties.clone(), geometry: geometry.as_ref() };
            w.row(&row);
        }
        String::from_utf8(w.end()).unwrap()
    }

    #[test]
    fn writes_points_and_types() {
        let text = written(
            GeometryKind::Point,
            true,
            &[
                (
                    vec![
                        ("name", ValueRef::Text("Tổ \"1\", A")),
                        ("n", ValueRef::Num(-0.5)),
                        ("ok", ValueRef::Bool(true)),
                        ("on", ValueRef::Date(jiff::civil::date(2025, 1, 2))),
                        ("lat", ValueRef::Int(7)),
                    ],
                    Some(Geometry::Point(Point::new(104.0, -0.000_000_01))),
                ),
                (vec![("name", ValueRef::Null); 5], None),
            ],
        );
        let id = Uuid::nil();
        assert_eq!(
            text,
            format!(
                "\u{feff}id,name,n,ok,on,lat,lon,_lat,notice\r\n\
                 {id},\"Tổ \"\"1\"\", A\",-0.5,true,2025-01-02,7,104,0,dữ liệu minh hoạ\r\n\
                 {id},,,,,,,,dữ liệu minh hoạ\r\n"
            )
        );
    }

    #[test]
    fn writes_lines_and_polygons_as_wkt() {
        let line = Geometry::LineString(line_string![(x: 1.0, y: 2.0), (x: 3.0, y: 4.5)]);
        let area = Geometry::Polygon(polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0)]);
        let text = written(GeometryKind::Any, false, &[(vec![], Some(line)), (vec![], Some(area))]);
        assert!(text.contains("\"LINESTRING (1 2, 3 4.5)\""), "{text}");
        assert!(text.contains("\"POLYGON ((0 0, 1 0, 1 1, 0 0))\""), "{text}");
    }

    #[test]
    fn no_cell_begins_a_formula() {
        let payloads = [
            "=1+1",
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-1+1",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "x,=1",
            "x;=1",
            "\",=1+1",
            "x\r\n=1",
            "'=1",
        ];
        for payload in payloads {
            let text = written(GeometryKind::None, false, &[(vec![("=f", ValueRef::Text(payload))], None)]);
            let body = text.trim_start_matches('\u{feff}');
            // However a reader splits the file, no piece begins with one of the characters.
            for piece in body.split([',', ';', '"', '\n', '\t']) {
                assert!(!piece.starts_with(['=', '+', '-', '@', '\t']), "{payload:?}: {text:?}");
            }
            let mut reader = csv::Reader::from_reader(body.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!(super::super::unguard(&record[1]), payload);
        }
    }
}
