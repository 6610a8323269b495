//! Where a record lies: GeoJSON geometry or two columns, converted to degrees, checked to be one the layer can keep.

use model::{
    Code, Fault, Feature, Geometry, GeometryKind, Given, LayerDef, Text, geometry_from_json, geometry_kind,
};
use serde_json::Value as Json;
use store::format::{Format, Record, Table};

use super::cells;
use super::choose::Plan;

/// The most positions one geometry may have.
const MAX_VERTICES: usize = 1_000_000;

const COORDINATES: &str = "/geometry/coordinates";

fn bad(place: &str, vi: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault::at(Code::InvalidGeometry, place, Text::new(vi, en))
}

/// Gives `feature` the geometry of `record`; a record without one waits to be located.
pub(crate) fn place(
    def: &LayerDef,
    table: &Table,
    plan: &Plan,
    record: &Record,
    feature: &mut Feature,
) -> Result<(), Fault> {
    if !def.has_geometry() {
        return Ok(());
    }
    let geometry = match table.format {
        Format::GeoJson | Format::GeoJsonSeq => from_json(plan, record, feature)?,
        Format::Csv | Format::JsonArray => from_columns(plan, record, feature)?,
    };
    let Some(geometry) = geometry else { return Ok(()) };
    let fits = match def.geometry {
        GeometryKind::Any => geometry_kind(&geometry).is_some(),
        kind => geometry_kind(&geometry) == Some(kind),
    };
    if !fits {
        let (vi, en) =
            ("Lớp này không nhận loại hình học đó", "this layer does not take that type of geometry");
        return Err(bad("/geometry/type", vi, en));
    }
    let geometry = match geometry {
        Geometry::MultiPoint(many) if def.geometry == GeometryKind::Point => match many.0.as_slice() {
            [one] => Geometry::Point(*one),
            _ => {
                return Err(bad(COORDINATES, "Lớp này chỉ nhận một điểm", "this layer takes one point only"));
            }
        },
        other => other,
    };
    spatial::check_geometry(&geometry)
        .map_err(|f| Fault::at(Code::InvalidGeometry, COORDINATES, f.reason))?;
    feature.geometry = Some(geometry);
    Ok(())
}

fn is_wgs84(crs: &str) -> bool {
    matches!(crs, "EPSG:4326" | "OGC:CRS84" | "CRS84")
}

fn from_json(plan: &Plan, record: &Record, feature: &mut Feature) -> Result<Option<Geometry>, Fault> {
    let Some(json) = &record.geometry else { return Ok(None) };
    if positions(&json["coordinates"]) > MAX_VERTICES {
        let detail = Text::new(
            format!("Hình học có hơn {MAX_VERTICES} điểm"),
            format!("the geometry has more than {MAX_VERTICES} positions"),
        );
        return Err(Fault::at(Code::TooLarge, COORDINATES, detail));
    }
    if is_wgs84(&plan.crs) {
        return geometry_from_json(json, "/geometry");
    }
    // Plane coordinates would not pass as degrees: they are converted number by number first.
    let mut moved = json.clone();
    if moved.is_object() {
        convert(&plan.crs, &mut moved["coordinates"])?;
        feature.given = Some(Given { crs: plan.crs.clone(), text: json.to_string() });
    }
    geometry_from_json(&moved, "/geometry")
}

/// How many positions stand in nested arrays. [`model::parse_strict`] has bounded their depth.
fn positions(value: &Json) -> usize {
    match value.as_array() {
        Some(items) if items.first().is_some_and(Json::is_array) => items.iter().map(positions).sum(),
        Some(_) => 1,
        None => 0,
    }
}

fn convert(crs: &str, value: &mut Json) -> Result<(), Fault> {
    let Some(items) = value.as_array_mut() else { return Ok(()) };
    if let [x, y, ..] = items.as_slice()
        && let (Some(x), Some(y)) = (x.as_f64(), y.as_f64())
    {
        let (lon, lat) = to_degrees(crs, x, y)?;
        *items = vec![lon.into(), lat.into()];
        return Ok(());
    }
    items.iter_mut().try_for_each(|item| convert(crs, item))
}

fn to_degrees(crs: &str, x: f64, y: f64) -> Result<(f64, f64), Fault> {
    spatial::to_wgs84(crs, x, y).map_err(|_| {
        let swapped = spatial::to_wgs84(crs, y, x).is_ok();
        let (vi, en) = if swapped {
            (": có lẽ hai trục bị đảo", ": the two axes are probably swapped")
        } else {
            ("", "")
        };
        bad(
            COORDINATES,
            format!("Tọa độ ({x}, {y}) không thuộc {crs}{vi}"),
            format!("the coordinates ({x}, {y}) lie outside the area of {crs}{en}"),
        )
    })
}

fn from_columns(plan: &Plan, record: &Record, feature: &mut Feature) -> Result<Option<Geometry>, Fault> {
    let text = |at: Option<usize>| {
        let cell = at.and_then(|i| record.cells.get(i)?.as_ref());
        cell.map(cells::text).map(|s| s.trim().to_owned()).filter(|s| !s.is_empty())
    };
    let (Some(x_text), Some(y_text)) = (text(plan.x), text(plan.y)) else { return Ok(None) };
    let number = |s: &str| s.parse::<f64>().ok().filter(|n| n.is_finite());
    let (Some(x), Some(y)) = (number(&x_text), number(&y_text)) else {
        return Err(bad(COORDINATES, "Tọa độ phải là số", "coordinates must be numbers"));
    };
    let (lon, lat) = if is_wgs84(&plan.crs) {
        (x, y)
    } else {
        let degrees = to_degrees(&plan.crs, x, y)?;
        feature.given = Some(Given { crs: plan.crs.clone(), text: format!("{x_text} {y_text}") });
        degrees
    };
    geometry_from_json(&serde_json::json!({"type": "Point", "coordinates": [lon, lat]}), "/geometry")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use store::format::open_bytes;
    use uuid::Uuid;

    fn placed(layer: &str, crs: &str, geometry: &Json) -> Result<Feature, Fault> {
        let layers = crate::layers::builtin_layers().unwrap();
        let def = layers.iter().find(|d| d.id.as_str() == layer).unwrap();
        let feature = json!({"type":"Feature","geometry":geometry,"properties":{}});
        let table = open_bytes("x.geojson", feature.to_string().into_bytes()).unwrap();
        let record = table.records().next().unwrap().unwrap();
        let plan = Plan { crs: crs.to_owned(), ..Plan::default() };
        let mut feature = Feature::empty(def, Uuid::nil());
        place(def, &table, &plan, &record, &mut feature).map(|()| feature)
    }

    #[test]
    fn plane_coordinates_become_degrees_and_are_kept_as_given() {
        // The example of crs.rs, from PROJ: E 490 000, N 2 360 000 in EPSG:9206.
        let point = json!({"type":"Point","coordinates":[490_000, 2_360_000]});
        let feature = placed("incidents", "EPSG:9206", &point).unwrap();
        let Some(Geometry::Point(p)) = feature.geometry else { panic!("no point") };
        assert!((p.x() - 103.905_482_313).abs() < 2e-8 && (p.y() - 21.334_625_861).abs() < 2e-8);
        assert_eq!(feature.given.unwrap(), Given { crs: "EPSG:9206".to_owned(), text: point.to_string() });
        let swapped = json!({"type":"Point","coordinates":[2_360_000, 490_000]});
        let fault = placed("incidents", "EPSG:9206", &swapped).unwrap_err();
        assert!(fault.detail.en.contains("swapped") && fault.detail.vi.contains("đảo"), "{fault:?}");
    }

    #[test]
    fn what_the_layer_cannot_keep_is_a_fault_of_the_row() {
        let code = |g: Json| placed("incidents", "EPSG:4326", &g).unwrap_err().code;
        assert_eq!(code(json!({"type":"LineString","coordinates":[[1,2],[3,4]]})), Code::InvalidGeometry);
        assert_eq!(code(json!({"type":"MultiPoint","coordinates":[[1,2],[3,4]]})), Code::InvalidGeometry);
        assert_eq!(code(json!([1, 2])), Code::InvalidGeometry);
        let one = placed("incidents", "EPSG:4326", &json!({"type":"MultiPoint","coordinates":[[1,2]]}));
        assert_eq!(one.unwrap().geometry, Some(Geometry::Point((1.0, 2.0).into())));
        let bow_tie = json!({"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]});
        let fault = placed("units", "EPSG:4326", &bow_tie).unwrap_err();
        assert_eq!((fault.code, fault.place.as_str()), (Code::InvalidGeometry, COORDINATES));
    }

    #[test]
    fn too_many_positions_are_counted_before_they_are_read() {
        let many: Vec<Json> = (0..=MAX_VERTICES).map(|_| json!([1, 2])).collect();
        let line = json!({"type":"LineString","coordinates":many});
        assert_eq!(placed("projects", "EPSG:4326", &line).unwrap_err().code, Code::TooLarge);
    }
}
