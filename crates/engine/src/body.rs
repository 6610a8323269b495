//! Reads the body of an edit: a GeoJSON Feature, whole or as a merge patch (RFC 7396), checked field by field.
//! All faults are told at once, each with its JSON pointer.

use jiff::civil::Date;
use model::{
    Code, Fault, FieldDef, Geometry, GeometryKind, LayerDef, Role, Text, Value, geometry_from_json,
    geometry_kind, parse_strict, personal_value,
};
use serde_json::Value as Json;

/// A checked edit of one feature, not yet applied.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Patch {
    /// Fields to set.
    pub(crate) values: Vec<(usize, Value)>,
    /// A geometry to set or to remove.
    #[expect(clippy::option_option, reason = "a merge patch tells apart: not spoken of, removed, given")]
    pub(crate) geometry: Option<Option<Geometry>>,
    /// The day on which a change of state takes effect.
    pub(crate) effective_on: Option<Date>,
    /// Why.
    pub(crate) reason: Option<String>,
}

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// Reads a body as `role` may write it. With `whole`, fields that are not given become null.
pub(crate) fn read(def: &LayerDef, role: Role, body: &[u8], whole: bool) -> Result<Patch, Vec<Fault>> {
    let json = parse_strict(body).map_err(|f| vec![f])?;
    let Some(object) = json.as_object() else {
        return Err(vec![Fault::at(
            Code::InvalidJson,
            "",
            Text::new("Nội dung phải là một Feature GeoJSON", "the body must be a GeoJSON Feature"),
        )]);
    };
    let mut patch = Patch::default();
    let mut faults = Vec::new();
    if let Some(kind) = object.get("type")
        && kind != "Feature"
    {
        faults.push(Fault::at(
            Code::InvalidValue,
            "/type",
            Text::new("type phải là “Feature”", "type must be “Feature”"),
        ));
    }
    match object.get("geometry") {
        Some(g) => match read_geometry(def, g) {
            Ok(g) => patch.geometry = Some(g),
            Err(f) => faults.push(f),
        },
        None if whole => patch.geometry = Some(None),
        None => {}
    }
    match object.get("properties") {
        Some(Json::Object(properties)) => {
            for (name, value) in properties {
                if matches!(name.as_str(), "effective_on" | "reason") && def.field(name).is_none() {
                    continue;
                }
                match read_field(def, role, name, value) {
                    Ok(field) => patch.values.push(field),
                    Err(f) => faults.push(f.below("/properties/")),
                }
            }
        }
        None | Some(Json::Null) => {}
        Some(_) => faults.push(Fault::at(
            Code::InvalidValue,
            "/properties",
            Text::new("properties phải là một đối tượng", "properties must be an object"),
        )),
    }
    if whole {
        for (i, field) in def.fields.iter().enumerate() {
            let given = patch.values.iter().any(|(j, _)| *j == i);
            if field.visible(role) && !field.read_only && !field.system && !given {
                patch.values.push((i, Value::Null));
            }
        }
    }
    read_extras(object, &mut patch, &mut faults);
    if faults.is_empty() { Ok(patch) } else { Err(faults) }
}

fn read_extras(object: &serde_json::Map<String, Json>, patch: &mut Patch, faults: &mut Vec<Fault>) {
    // Both places are accepted: beside `properties`, where they belong, and among them, where forms put them.
    let find = |name: &str| {
        let inner =
            object.get("properties").and_then(|p| p.get(name)).map(|v| (format!("/properties/{name}"), v));
        object.get(name).map(|v| (format!("/{name}"), v)).or(inner).filter(|(_, v)| !v.is_null())
    };
    if let Some((pointer, value)) = find("effective_on") {
        match value.as_str().filter(|s| s.len() == 10).and_then(|s| s.parse().ok()) {
            Some(day) => patch.effective_on = Some(day),
            None => faults.push(Fault::at(
                Code::InvalidValue,
                pointer,
                Text::new("effective_on phải là ngày YYYY-MM-DD", "effective_on must be a day YYYY-MM-DD"),
            )),
        }
    }
    if let Some((pointer, value)) = find("reason") {
        match value.as_str().filter(|s| s.chars().count() <= MAX_REASON) {
            Some(s) if personal_value(s).is_some() => faults.push(person_data(pointer)),
            Some(s) => patch.reason = Some(model::nfc(s)),
            None => faults.push(Fault::at(
                Code::InvalidValue,
                pointer,
                Text::new("Lý do phải là chuỗi chữ ngắn", "the reason must be a short text"),
            )),
        }
    }
}

fn read_geometry(def: &LayerDef, json: &Json) -> Result<Option<Geometry>, Fault> {
    let geometry = geometry_from_json(json, "/geometry")?;
    let Some(g) = geometry else { return Ok(None) };
    let fits = match def.geometry {
        GeometryKind::Any => geometry_kind(&g).is_some(),
        GeometryKind::None => false,
        kind => geometry_kind(&g) == Some(kind),
    };
    if !fits {
        return Err(Fault::at(
            Code::InvalidGeometry,
            "/geometry/type",
            Text::new(
                "Lớp này không nhận loại hình học đó",
                "this layer does not take that type of geometry",
            ),
        ));
    }
    spatial::check_geometry(&g)
        .map_err(|reason| Fault::at(Code::InvalidGeometry, "/geometry/coordinates", reason.reason))?;
    Ok(Some(g))
}

fn read_field(def: &LayerDef, role: Role, name: &str, json: &Json) -> Result<(usize, Value), Fault> {
    let place = name.replace('~', "~0").replace('/', "~1");
    let index = def.index(name).filter(|&i| def.fields[i].visible(role)).ok_or_else(|| {
        Fault::at(
            Code::UnknownField,
            place.clone(),
            Text::new(format!("Lớp không có trường “{name}”"), format!("the layer has no field “{name}”")),
        )
    })?;
    let field: &FieldDef = &def.fields[index];
    // A fault within a list brings the place of the part.
    let at = |f: Fault| f.below(&place);
    if field.read_only {
        let title = &field.title;
        return Err(Fault::at(
            Code::ReadOnly,
            place,
            Text::new(format!("{}: không được sửa", title.vi), format!("{}: read-only", title.en)),
        ));
    }
    let value = field.kind.value_from_json(json).map_err(at)?;
    field.check(&value).map_err(|f| Fault { place: place.clone(), ..f })?;
    if let Value::Text(s) = &value
        && field.kind == model::FieldType::Text
        && personal_value(s).is_some()
    {
        return Err(person_data(place));
    }
    Ok((index, value))
}

fn person_data(place: String) -> Fault {
    Fault::at(
        Code::PersonData,
        place,
        Text::new(
            "Nội dung có vẻ chứa dữ liệu cá nhân (số căn cước, số điện thoại, biển số xe)",
            "the text seems to hold personal data (citizen id, telephone number, vehicle plate)",
        ),
    )
}
