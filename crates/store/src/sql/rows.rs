//! Features to and from rows of their table.

use std::sync::Arc;

use geo_types::Geometry as G;
use jiff::Timestamp;
use model::{
    Code, Fault, Feature, FieldType, GEOMETRY, GIVEN, GeometryKind, Given, LayerDef, Text, TimeKind, Touched,
    Value,
};

use super::table::{Part, Table};
use super::{Arg, Dialect, Found, Row, geometry};
use crate::StoreError;

/// Instants as GeoPackage wants them.
const DATETIME: &str = "%Y-%m-%dT%H:%M:%S.%3fZ";

/// An instant as a GeoPackage DATETIME.
pub(crate) fn datetime(at: Timestamp) -> String {
    at.strftime(DATETIME).to_string()
}

/// Brings a feature to the form in which it reads back equal: instants to the millisecond, a MULTIPOINT of one
/// point to that point.
///
/// # Errors
/// What no table can hold: years before 0, collections, empty geometry, many points in a layer of points.
pub(crate) fn canonical(dialect: Dialect, def: &LayerDef, feature: &mut Feature) -> Result<(), Fault> {
    if feature.values.len() != def.fields.len() {
        return Err(Fault::of(Code::Internal));
    }
    if dialect == Dialect::Postgres {
        no_nul(def, feature)?;
    }
    for (field, value) in def.fields.iter().zip(&mut feature.values) {
        let year = match value {
            Value::Time(at) => {
                let ms = at.as_millisecond();
                *at = Timestamp::from_millisecond(ms).unwrap_or(*at);
                at.to_zoned(jiff::tz::TimeZone::UTC).year()
            }
            Value::Date(day) => day.year(),
            Value::Num(n) if !n.is_finite() => -1,
            _ => 0,
        };
        if year < 0 {
            return Err(Fault::at(
                Code::InvalidValue,
                field.name.clone(),
                Text::new("Giá trị không lưu được", "the value cannot be stored"),
            ));
        }
    }
    let refused = |vi: &str, en: &str| Err(Fault::at(Code::InvalidGeometry, GEOMETRY, Text::new(vi, en)));
    match &feature.geometry {
        None => {}
        Some(_) if !def.has_geometry() => {
            return refused("Lớp này không có hình học", "the layer has no geometry");
        }
        Some(G::GeometryCollection(_) | G::Line(_) | G::Rect(_) | G::Triangle(_)) => {
            return refused("Loại hình học không lưu được", "geometries of this type cannot be stored");
        }
        Some(g) if geometry::envelope(g).is_none() => {
            return refused("Hình học rỗng", "the geometry is empty");
        }
        Some(G::MultiPoint(many)) if def.geometry == GeometryKind::Point => match many.0.as_slice() {
            [one] => feature.geometry = Some(G::Point(*one)),
            _ => return refused("Lớp này chỉ nhận một điểm", "the layer takes one point per feature"),
        },
        Some(_) => {}
    }
    if !def.has_geometry() && feature.given.is_some() {
        return Err(Fault::at(Code::InvalidGeometry, GIVEN, Code::InvalidGeometry.title()));
    }
    Ok(())
}

/// Refuses texts with a NUL: PostgreSQL cannot keep it, and leaving it out would store another text than was given.
fn no_nul(def: &LayerDef, feature: &Feature) -> Result<(), Fault> {
    let has = |text: &str| text.as_bytes().contains(&0);
    let refused = |place: &str| Err(Fault::at(Code::InvalidValue, place, nul_text()));
    for (field, value) in def.fields.iter().zip(&feature.values) {
        if value.as_text().is_some_and(has) {
            return refused(&field.name);
        }
    }
    if feature.given.as_ref().is_some_and(|g| has(&g.crs) || has(&g.text)) {
        return refused(GIVEN);
    }
    Ok(())
}

/// What is said of a text with a NUL.
pub(crate) fn nul_text() -> Text {
    Text::new(
        "Văn bản có ký tự NUL, không lưu được trong PostgreSQL; hãy bỏ ký tự đó",
        "the text has a NUL character, which PostgreSQL cannot store; leave it out",
    )
}

/// Binds what is written of a row, without its `fid`.
pub(crate) fn bind(
    args: &mut Vec<Arg>,
    dialect: Dialect,
    def: &LayerDef,
    feature: &Feature,
) -> Result<(), StoreError> {
    args.push(feature.id.into());
    args.push(feature.seq.into());
    if def.time == TimeKind::State {
        let text = (!feature.transitions.is_empty())
            .then(|| serde_json::to_string(&feature.transitions))
            .transpose()
            .map_err(|e| StoreError::damaged(e.to_string()))?;
        args.push(text.into());
    }
    if def.has_geometry() {
        args.push(feature.given.as_ref().map(|g| g.crs.clone()).into());
        args.push(feature.given.as_ref().map(|g| g.text.clone()).into());
        let geometry = feature.geometry.as_ref().map(|g| geometry::encode(dialect, g)).transpose()?;
        args.push(geometry.into());
    }
    for value in &feature.values {
        args.push(match value {
            Value::Null => Arg::Null,
            Value::Bool(b) => Arg::Bool(*b),
            Value::Int(i) => Arg::Int(*i),
            Value::Num(n) => Arg::Num(*n),
            Value::Text(s) => Arg::Shared(Arc::clone(s)),
            Value::Date(day) => Arg::Date(*day),
            Value::Time(at) => Arg::Time(*at),
            Value::List(_) => Arg::Text(value.to_json().to_string()),
        });
    }
    Ok(())
}

/// Binds one row with its `fid` in front.
pub(crate) fn bind_new(
    args: &mut Vec<Arg>,
    dialect: Dialect,
    def: &LayerDef,
    feature: &Feature,
) -> Result<(), StoreError> {
    args.push(feature.fid.into());
    bind(args, dialect, def, feature)
}

/// Binds one row with its `fid` behind.
pub(crate) fn bind_update(
    args: &mut Vec<Arg>,
    dialect: Dialect,
    def: &LayerDef,
    feature: &Feature,
) -> Result<(), StoreError> {
    bind(args, dialect, def, feature)?;
    args.push(feature.fid.into());
    Ok(())
}

/// Reads rows of one table. Codes, of which there are few, are shared between rows.
pub(crate) struct Reader<'a> {
    def: &'a LayerDef,
    part: Part,
    codes: Vec<Vec<Arc<str>>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(table: &'a Table, part: Part) -> Reader<'a> {
        let def = &*table.def;
        let codes = def.fields.iter().map(|f| f.codes.iter().map(|c| Arc::from(c.code.as_str())).collect());
        Reader { def, part, codes: codes.collect() }
    }

    /// The feature of a row selected with [`Table::select`].
    pub(crate) fn read(&self, row: &Row) -> Result<Feature, StoreError> {
        let def = self.def;
        let fid: i64 = row.get(0)?;
        let damaged = |what: &str| StoreError::damaged(format!("{} {fid}: {what}", def.id));
        let id = row.uuid(1)?.ok_or_else(|| damaged("id"))?;
        let seq: i64 = row.get(2)?;
        let mut at = 3;
        let mut next = || {
            at += 1;
            at - 1
        };
        let mut transitions = Vec::new();
        if def.time == TimeKind::State
            && let Some(text) = row.get::<Option<&str>>(next())?
        {
            transitions = serde_json::from_str(text).map_err(|_| damaged("transitions"))?;
        }
        let mut geometry = None;
        if def.has_geometry()
            && let Some(blob) = row.bytes(next())?
        {
            geometry = Some(geometry::decode(row.dialect(), blob).map_err(|_| damaged(GEOMETRY))?);
        }
        let mut values = Vec::with_capacity(def.fields.len());
        for (i, field) in def.fields.iter().enumerate() {
            if field.cold && self.part == Part::Hot {
                values.push(Value::Null);
                continue;
            }
            let value = self.value(row, next(), i)?;
            values.push(value.ok_or_else(|| damaged(&field.name))?);
        }
        let mut given = None;
        if def.has_geometry()
            && self.part == Part::Whole
            && let Some(crs) = row.get::<Option<String>>(next())?
        {
            given = Some(Given { crs, text: row.get(next())? });
        }
        Ok(Feature { fid, id, seq, values, transitions, geometry, given })
    }

    /// Whether a row selected without its cold values has some.
    pub(crate) fn has_cold(&self, row: &Row) -> Result<bool, StoreError> {
        Ok(self.part == Part::Hot && row.get::<i64>(row.len() - 1)? != 0)
    }

    /// The value in column `at` of field `index`; `None` when it cannot be one.
    fn value(&self, row: &Row, at: usize, index: usize) -> Result<Option<Value>, StoreError> {
        let text = || row.get::<Option<&str>>(at);
        let or_null = |value: Option<Value>| Some(value.unwrap_or(Value::Null));
        Ok(match self.def.fields[index].kind {
            FieldType::Text | FieldType::Ref => or_null(text()?.map(Value::text)),
            FieldType::Code => or_null(text()?.map(|s| {
                let known = self.codes[index].iter().find(|c| ***c == *s);
                known.map_or_else(|| Value::text(s), |c| Value::Text(Arc::clone(c)))
            })),
            FieldType::Integer => or_null(row.get::<Option<i64>>(at)?.map(Value::Int)),
            FieldType::Number => or_null(row.get::<Option<f64>>(at)?.map(Value::Num)),
            FieldType::Boolean => or_null(row.get::<Option<bool>>(at)?.map(Value::Bool)),
            FieldType::Date => match row.date(at)? {
                Found::Null => Some(Value::Null),
                Found::Value(day) => Some(Value::Date(day)),
                Found::Other => None,
            },
            FieldType::DateTime => match row.time(at)? {
                Found::Null => Some(Value::Null),
                Found::Value(at) => Some(Value::Time(at)),
                Found::Other => None,
            },
            FieldType::Photos => match text()? {
                None => Some(Value::Null),
                Some(s) => serde_json::from_str(s)
                    .ok()
                    .and_then(|json| FieldType::Photos.value_from_json(&json).ok()),
            },
        })
    }
}

/// A row as memory keeps it: without cold values and without the given geometry.
pub(crate) fn warm(def: &LayerDef, mut feature: Feature, touched: Touched) -> spatial::Row {
    let mut cold = false;
    for (field, value) in def.fields.iter().zip(&mut feature.values) {
        if field.cold {
            cold |= !value.is_null();
            *value = Value::Null;
        }
    }
    feature.given = None;
    spatial::Row { feature, touched, cold }
}
