//! Reads query parameters into the one filter: `bbox`, `intersects`, `datetime`, `recorded`, `located`, and a
//! parameter for each field the reader may see (`condition`). A field that may not be seen is as unknown as one that
//! does not exist.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use model::{
    Area, Bbox, Code, Fault, Filter, LayerDef, LayerId, Pair, Role, Span, SpatialOp, Text, TimeKind, When,
    parse_when, polygon_from_wkt,
};

use crate::condition::{self, invalid, subject};
use crate::mark::Marks;
use crate::sort::Sort;

/// A question about one layer, checked.
#[derive(Debug, Clone)]
pub struct Query {
    /// The layer.
    pub layer: LayerId,
    /// What is selected.
    pub filter: Filter,
    /// The time asked for.
    pub when: When,
    /// The time asked for, when it is a period and not a day or a moment.
    pub period: Option<Span>,
    /// The order of pages.
    pub sort: Sort,
    /// Answer as the log knew it then.
    pub recorded: Option<Recorded>,
    /// The parameters in a fixed order, for provenance and cache keys.
    pub text: String,
}

/// A point in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recorded {
    /// A commit's number, from a mark.
    Seq(i64),
    /// What was known at an instant.
    At(Timestamp),
}

impl Query {
    /// The day on which states are told.
    pub fn as_of(&self) -> Option<Date> {
        self.when.as_of()
    }

    /// Every feature of a layer.
    pub fn all(layer: LayerId) -> Query {
        Query {
            layer,
            filter: Filter::All,
            when: When::Any,
            period: None,
            sort: Sort::default(),
            recorded: None,
            text: String::new(),
        }
    }
}

fn unknown(name: &str) -> Fault {
    Fault::parameter(
        Code::UnknownParameter,
        name,
        Text::new(format!("Không có tham số “{name}”"), format!("there is no parameter “{name}”")),
    )
}

/// Reads the parameters that select features of `def` for `role`. Names in `others` belong to the path and are
/// passed over; with `lenient` so are unknown ones (a request for several layers checks them together).
pub(crate) fn read(
    def: &LayerDef,
    role: Role,
    params: &[(String, String)],
    others: &[&str],
    lenient: bool,
    marks: &Marks,
) -> Result<Query, Fault> {
    let mut query = Query::all(def.id.clone());
    let mut texts = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in params {
        if others.contains(&name.as_str()) {
            continue;
        }
        let known = knows(def, role, name);
        if !known && lenient {
            continue;
        }
        if !known {
            return Err(unknown(name));
        }
        if seen.contains(&name.as_str()) {
            return Err(invalid(name, "Tham số bị lặp", "the parameter stands twice"));
        }
        seen.push(name);
        texts.push(format!("{name}={value}"));
        let condition = match name.as_str() {
            "bbox" => Filter::Bbox(read_bbox(value)?),
            "intersects" => Filter::Spatial(SpatialOp::Intersects, Arc::new(read_area(value)?)),
            "datetime" => {
                query.when = parse_when(value)?;
                query.period = match query.when {
                    When::Within(span) if value.contains('/') => Some(span),
                    _ => None,
                };
                match query.when {
                    // On a day every case that was known by then has a state, a closed one too; over a period
                    // those are told that were open in it.
                    When::Within(span) if def.time == TimeKind::State && !value.contains('/') => {
                        Filter::During(Span { from: i64::MIN, to: span.to })
                    }
                    When::Within(span) if def.time != TimeKind::None => Filter::During(span),
                    _ => Filter::All,
                }
            }
            "recorded" => {
                query.recorded = Some(read_recorded(value, marks)?);
                Filter::All
            }
            "located" => match value.as_str() {
                "true" => Filter::Located(true),
                "false" => Filter::Located(false),
                _ => {
                    return Err(invalid(name, "located phải là true hoặc false", "located is true or false"));
                }
            },
            "departs" if has_pairs(def, role) => {
                let departs = Filter::Departs(Pair::all(def, role));
                match value.as_str() {
                    "true" => departs,
                    // What was not measured is neither.
                    "false" => Filter::Not(Box::new(departs)),
                    _ => {
                        return Err(invalid(
                            name,
                            "departs phải là true hoặc false",
                            "departs is true or false",
                        ));
                    }
                }
            }
            name => {
                let subject = subject(def, role, name).ok_or_else(|| unknown(name))?;
                condition::read(def, subject, name, value)?
            }
        };
        query.filter = query.filter.and(condition);
    }
    texts.sort();
    query.text = texts.join("&");
    Ok(query)
}

/// Whether `name` is a parameter of the layer for this role.
pub(crate) fn knows(def: &LayerDef, role: Role, name: &str) -> bool {
    matches!(name, "bbox" | "intersects" | "datetime" | "recorded" | "located")
        || (name == "departs" && has_pairs(def, role))
        || subject(def, role, name).is_some()
}

/// Whether `role` sees fields of the layer that are held against one another.
pub(crate) fn has_pairs(def: &LayerDef, role: Role) -> bool {
    !Pair::all(def, role).is_empty()
}

/// Refuses a parameter that no layer of a request has.
pub(crate) fn check_known(
    defs: &[&LayerDef],
    role: Role,
    params: &[(String, String)],
    others: &[&str],
) -> Result<(), Fault> {
    let strange = params
        .iter()
        .find(|(name, _)| !others.contains(&name.as_str()) && !defs.iter().any(|d| knows(d, role, name)));
    strange.map_or(Ok(()), |(name, _)| Err(unknown(name)))
}

fn read_bbox(text: &str) -> Result<Bbox, Fault> {
    let bad = |vi: &str, en: &str| invalid("bbox", vi, en);
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|s| s.trim().parse::<f64>().ok().filter(|n| n.is_finite())).collect();
    let numbers = numbers.unwrap_or_default();
    let ([west, south, east, north] | [west, south, _, east, north, _]) = numbers[..] else {
        return Err(bad(
            "bbox gồm bốn hoặc sáu số: tây,nam,đông,bắc",
            "bbox is four or six numbers: west,south,east,north",
        ));
    };
    let lon = -180.0..=180.0;
    let lat = -90.0..=90.0;
    if !(lon.contains(&west) && lon.contains(&east) && lat.contains(&south) && lat.contains(&north)) {
        return Err(bad("bbox nằm ngoài phạm vi tọa độ", "bbox lies outside the range of coordinates"));
    }
    if south > north {
        return Err(bad("bbox: nam lớn hơn bắc", "bbox: south is greater than north"));
    }
    Ok(Bbox { west, south, east, north })
}

/// The most positions of an area that is asked for.
const MAX_POSITIONS: usize = 2_000;

fn read_area(text: &str) -> Result<Area, Fault> {
    let shape = polygon_from_wkt(text, MAX_POSITIONS).map_err(|e| {
        invalid(
            "intersects",
            format!("intersects: ký tự thứ {}: {}", e.at, e.reason.vi),
            format!("intersects: character {}: {}", e.at, e.reason.en),
        )
    })?;
    let not_valid = |reason: Text| {
        invalid("intersects", format!("intersects: {}", reason.vi), format!("intersects: {}", reason.en))
    };
    spatial::check_geometry(&shape).map_err(|e| not_valid(e.reason))?;
    Area::new(shape).ok_or_else(|| not_valid(Text::new("không phải là vùng", "not an area")))
}

fn read_recorded(text: &str, marks: &Marks) -> Result<Recorded, Fault> {
    if let Some(seq) = marks.read(text) {
        return Ok(Recorded::Seq(seq));
    }
    let bad = || {
        invalid(
            "recorded",
            "recorded phải là một ngày, một thời điểm RFC 3339 hoặc một mốc",
            "recorded must be a date, an RFC 3339 instant or a mark",
        )
    };
    if let Ok(day) = text.parse::<Date>()
        && text.len() == 10
    {
        let last = Timestamp::from_second(model::day_end(day) - 1).map_err(|_| bad())?;
        return Ok(Recorded::At(last));
    }
    text.parse::<Timestamp>().map(Recorded::At).map_err(|_| bad())
}
