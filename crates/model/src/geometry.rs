//! GeoJSON geometry in and out, by RFC 7946: longitude, latitude in degrees, rings closed, numbers finite and in
//! range. Whether a polygon crosses itself is judged by `spatial`.

use std::fmt::Write as _;

use geo_types::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::Value;

use crate::{Code, Fault, Geometry, GeometryKind, Text};

/// A box in degrees: west, south, east, north. West above east means across the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bbox {
    /// Western longitude.
    pub west: f64,
    /// Southern latitude.
    pub south: f64,
    /// Eastern longitude.
    pub east: f64,
    /// Northern latitude.
    pub north: f64,
}

impl Bbox {
    /// Whether the point lies in the box, edges included.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        let across = self.west > self.east;
        let in_lon =
            if across { lon >= self.west || lon <= self.east } else { lon >= self.west && lon <= self.east };
        in_lon && lat >= self.south && lat <= self.north
    }

    /// One or two boxes that do not cross the antimeridian.
    pub fn parts(&self) -> Vec<Bbox> {
        if self.west > self.east {
            vec![Bbox { east: 180.0, ..*self }, Bbox { west: -180.0, ..*self }]
        } else {
            vec![*self]
        }
    }
}

/// The kind a geometry counts as for a layer: `None` for collections.
pub fn geometry_kind(g: &Geometry) -> Option<GeometryKind> {
    match g {
        Geometry::Point(_) | Geometry::MultiPoint(_) => Some(GeometryKind::Point),
        Geometry::LineString(_) | Geometry::MultiLineString(_) | Geometry::Line(_) => {
            Some(GeometryKind::Line)
        }
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
            Some(GeometryKind::Polygon)
        }
        Geometry::GeometryCollection(_) => None,
    }
}

fn bad(pointer: &str, vi: &str, en: &str) -> Fault {
    Fault::at(Code::InvalidGeometry, pointer, Text::new(vi, en))
}

/// Reads a GeoJSON geometry object; `null` is no geometry. A third coordinate (height) is dropped.
///
/// # Errors
/// `invalid-geometry` with the pointer (below `pointer`) of the first fault.
pub fn geometry_from_json(value: &Value, pointer: &str) -> Result<Option<Geometry>, Fault> {
    if value.is_null() {
        return Ok(None);
    }
    let object = value.as_object().ok_or_else(|| {
        bad(
            pointer,
            "Hình học phải là một đối tượng GeoJSON hoặc null",
            "a geometry is a GeoJSON object or null",
        )
    })?;
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    let at = format!("{pointer}/coordinates");
    let none = Value::Null;
    let c = object.get("coordinates").unwrap_or(&none);
    let geometry = match kind {
        "Point" => Geometry::Point(Point(position(c, &at)?)),
        "MultiPoint" => Geometry::MultiPoint(MultiPoint(many(c, &at, 1, |v, p| position(v, p).map(Point))?)),
        "LineString" => Geometry::LineString(line(c, &at)?),
        "MultiLineString" => Geometry::MultiLineString(MultiLineString(many(c, &at, 1, line)?)),
        "Polygon" => Geometry::Polygon(polygon(c, &at)?),
        "MultiPolygon" => Geometry::MultiPolygon(MultiPolygon(many(c, &at, 1, polygon)?)),
        _ => {
            return Err(bad(
                &format!("{pointer}/type"),
                "Loại hình học phải là Point, LineString, Polygon hoặc dạng Multi của chúng",
                "the geometry type must be Point, LineString, Polygon or a Multi form of them",
            ));
        }
    };
    Ok(Some(geometry))
}

fn many<T>(
    value: &Value,
    pointer: &str,
    least: usize,
    read: impl Fn(&Value, &str) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let items = value
        .as_array()
        .filter(|a| a.len() >= least)
        .ok_or_else(|| bad(pointer, "Thiếu tọa độ", "an array of coordinates is expected"))?;
    items.iter().enumerate().map(|(i, v)| read(v, &format!("{pointer}/{i}"))).collect()
}

fn position(value: &Value, pointer: &str) -> Result<Coord<f64>, Fault> {
    let numbers = value.as_array().filter(|a| (2..=3).contains(&a.len()));
    let number = |i: usize| numbers.and_then(|a| a[i].as_f64()).filter(|n| n.is_finite());
    let (Some(x), Some(y)) = (number(0), number(1)) else {
        return Err(bad(
            pointer,
            "Vị trí phải là [kinh độ, vĩ độ] bằng số",
            "a position is [longitude, latitude] in numbers",
        ));
    };
    if !(-90.0..=90.0).contains(&y) {
        let swapped = (-90.0..=90.0).contains(&x) && (-180.0..=180.0).contains(&y);
        return Err(if swapped {
            bad(
                pointer,
                "Vĩ độ ngoài khoảng −90…90: có lẽ kinh độ và vĩ độ bị đảo",
                "latitude outside −90…90: longitude and latitude are probably swapped",
            )
        } else {
            bad(pointer, "Vĩ độ ngoài khoảng −90…90", "latitude outside −90…90")
        });
    }
    if !(-180.0..=180.0).contains(&x) {
        return Err(bad(pointer, "Kinh độ ngoài khoảng −180…180", "longitude outside −180…180"));
    }
    Ok(Coord { x, y })
}

fn line(value: &Value, pointer: &str) -> Result<LineString<f64>, Fault> {
    let coords = many(value, pointer, 2, position)
        .map_err(|f| if f.place == pointer { too_short(pointer) } else { f })?;
    Ok(LineString(coords))
}

fn too_short(pointer: &str) -> Fault {
    bad(pointer, "Đường phải có ít nhất hai điểm", "a line has at least two positions")
}

fn polygon(value: &Value, pointer: &str) -> Result<Polygon<f64>, Fault> {
    let mut rings = many(value, pointer, 1, ring)?.into_iter();
    let exterior = rings.next().unwrap_or(LineString(Vec::new()));
    Ok(Polygon::new(exterior, rings.collect()))
}

fn ring(value: &Value, pointer: &str) -> Result<LineString<f64>, Fault> {
    let coords = many(value, pointer, 1, position)?;
    if coords.len() < 4 {
        return Err(bad(
            pointer,
            "Vòng phải có ít nhất bốn điểm",
            "a ring has at least four positions, the last equal to the first",
        ));
    }
    if coords.first() != coords.last() {
        return Err(bad(
            pointer,
            "Vòng chưa khép kín: điểm cuối phải trùng điểm đầu",
            "the ring is not closed: its last position must equal its first",
        ));
    }
    Ok(LineString(coords))
}

/// Appends `geometry` as GeoJSON with every coordinate written so that it reads back to the same double, or
/// rounded to `decimals`.
pub fn write_geometry(out: &mut String, geometry: &Geometry, decimals: Option<usize>) {
    let (name, coordinates): (&str, &dyn Fn(&mut String)) = match geometry {
        Geometry::Point(p) => ("Point", &|o| write_position(o, p.0, decimals)),
        Geometry::MultiPoint(m) => {
            ("MultiPoint", &|o| write_list(o, m.iter(), |o, p| write_position(o, p.0, decimals)))
        }
        Geometry::LineString(l) => ("LineString", &|o| write_line(o, l, decimals)),
        Geometry::MultiLineString(m) => {
            ("MultiLineString", &|o| write_list(o, m.iter(), |o, l| write_line(o, l, decimals)))
        }
        Geometry::Polygon(p) => ("Polygon", &|o| write_polygon(o, p, decimals)),
        Geometry::MultiPolygon(m) => {
            ("MultiPolygon", &|o| write_list(o, m.iter(), |o, p| write_polygon(o, p, decimals)))
        }
        // The store never holds these: `geometry_from_json` does not make them.
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) | Geometry::GeometryCollection(_) => {
            out.push_str("null");
            return;
        }
    };
    let _ = write!(out, "{{\"type\":\"{name}\",\"coordinates\":");
    coordinates(out);
    out.push('}');
}

/// `geometry` as a GeoJSON value; `None` is `null`.
pub fn geometry_to_json(geometry: Option<&Geometry>, decimals: Option<usize>) -> Value {
    let mut text = String::new();
    match geometry {
        Some(g) => write_geometry(&mut text, g, decimals),
        None => text.push_str("null"),
    }
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn write_list<'a, T: 'a>(
    out: &mut String,
    items: impl Iterator<Item = &'a T>,
    mut write: impl FnMut(&mut String, &'a T),
) {
    out.push('[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

fn write_position(out: &mut String, c: Coord<f64>, decimals: Option<usize>) {
    out.push('[');
    write_number(out, c.x, decimals);
    out.push(',');
    write_number(out, c.y, decimals);
    out.push(']');
}

fn write_number(out: &mut String, n: f64, decimals: Option<usize>) {
    match decimals {
        Some(decimals) => write_degrees(out, n, decimals),
        None => {
            let _ = write!(out, "{n}");
        }
    }
}

/// Appends a number rounded to so many decimals, without zeros at its end.
///
/// ```
/// let mut out = String::new();
/// model::write_degrees(&mut out, 104.123_456_789, 7);
/// assert_eq!(out, "104.1234568");
/// ```
pub fn write_degrees(out: &mut String, n: f64, decimals: usize) {
    if write_scaled(out, n, decimals) {
        return;
    }
    let start = out.len();
    let _ = write!(out, "{n:.decimals$}");
    if out[start..].contains('.') {
        while out.ends_with('0') {
            out.pop();
        }
        if out.ends_with('.') {
            out.pop();
        }
    }
    if &out[start..] == "-0" {
        out.truncate(start);
        out.push('0');
    }
}

/// The same by whole numbers, which is several times as fast. It is not done (false) where that might round otherwise: near
/// the middle between two, and for great numbers.
fn write_scaled(out: &mut String, n: f64, decimals: usize) -> bool {
    let Some(scale) = u32::try_from(decimals).ok().and_then(|d| 10_u64.checked_pow(d)) else { return false };
    let scaled = n.abs() * scale as f64;
    let whole = scaled.round();
    // Below 2⁴⁰ the product is off by less than 2⁻¹².
    if !(scaled < 1_099_511_627_776.0 && (scaled - whole).abs() < 0.499) {
        return false;
    }
    let (mut left, mut digits) = (whole as u64, decimals);
    if n < 0.0 && left > 0 {
        out.push('-');
    }
    while digits > 0 && left.is_multiple_of(10) {
        left /= 10;
        digits -= 1;
    }
    let mut text = [b'0'; 40];
    let mut at = text.len();
    for place in 0.. {
        if place == digits && place > 0 {
            at -= 1;
            text[at] = b'.';
        }
        if left == 0 && place > digits {
            break;
        }
        at -= 1;
        text[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    out.push_str(std::str::from_utf8(&text[at..]).unwrap_or_default());
    true
}

fn write_line(out: &mut String, line: &LineString<f64>, decimals: Option<usize>) {
    write_list(out, line.0.iter(), |o, c| write_position(o, *c, decimals));
}

fn write_polygon(out: &mut String, polygon: &Polygon<f64>, decimals: Option<usize>) {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    write_list(out, rings, |o, r| write_line(o, r, decimals));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn reads_and_writes_back() {
        for g in [
            json!({"type":"Point","coordinates":[104.001_234_567_8,21.4]}),
            json!({"type":"LineString","coordinates":[[104.0,21.4],[104.1,21.5]]}),
            json!({"type":"Polygon","coordinates":[[[0.5,0.5],[4.5,0.5],[4.5,4.5],[0.5,0.5]]]}),
            json!({"type":"MultiPolygon","coordinates":[[[[0.5,0.5],[4.5,0.5],[4.5,4.5],[0.5,0.5]]]]}),
        ] {
            let read = geometry_from_json(&g, "/geometry").unwrap().unwrap();
            let mut text = String::new();
            write_geometry(&mut text, &read, None);
            let again = geometry_from_json(&serde_json::from_str(&text).unwrap(), "").unwrap().unwrap();
            assert_eq!(read, again);
        }
        assert_eq!(geometry_from_json(&Value::Null, "").unwrap(), None);
    }

    #[test]
    fn degrees_are_rounded_as_the_standard_library_does() {
        let plain = |n: f64, decimals: usize| {
            let text = format!("{n:.decimals$}");
            let text = if decimals == 0 { &text } else { text.trim_end_matches('0').trim_end_matches('.') };
            if text == "-0" { "0".to_owned() } else { text.to_owned() }
        };
        let numbers = proptest::prop_oneof![
            -180.0..180.0_f64,
            (-1_800_000_000..1_800_000_000_i64).prop_map(|n| n as f64 / 1e7),
            (-1_800_000_000..1_800_000_000_i64).prop_map(|n| (n as f64 + 0.5) / 1e7),
            (-3600..3600_i32).prop_map(|n| f64::from(n) / 16.0),
            proptest::num::f64::ANY,
        ];
        proptest!(|(n in numbers, decimals in 0..12_usize)| {
            let mut out = String::new();
            write_degrees(&mut out, n, decimals);
            prop_assert_eq!(out, plain(n, decimals));
        });
    }

    #[test]
    fn names_the_place_of_the_fault() {
        let place = |g: Value| geometry_from_json(&g, "/geometry").unwrap_err().place;
        assert_eq!(place(json!({"type":"Point","coordinates":[104.0]})), "/geometry/coordinates");
        assert_eq!(
            place(json!({"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,1]]]})),
            "/geometry/coordinates/0"
        );
        assert_eq!(
            place(json!({"type":"LineString","coordinates":[[104,21],[104,"x"]]})),
            "/geometry/coordinates/1"
        );
        assert_eq!(place(json!({"type":"Circle"})), "/geometry/type");
        assert_eq!(place(json!([1, 2])), "/geometry");
    }

    #[test]
    fn swapped_axes_are_named() {
        let f = geometry_from_json(&json!({"type":"Point","coordinates":[21.4,104.0]}), "").unwrap_err();
        assert!(f.detail.en.contains("swapped") && f.detail.vi.contains("đảo"));
    }

    #[test]
    fn rounds_and_trims() {
        let mut out = String::new();
        write_geometry(&mut out, &Geometry::Point(Point::new(104.123_456_789, -0.000_000_01)), Some(7));
        assert_eq!(out, r#"{"type":"Point","coordinates":[104.1234568,0]}"#);
    }
}
