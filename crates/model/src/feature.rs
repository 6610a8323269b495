//! A feature: one row, its values in the order of the layer's fields, and its canonical text in the log.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::geometry::write_geometry;
use crate::{
    Code, Fault, Geometry, LayerDef, Role, Span, Text, TimeKind, Transition, Value, ValueRef, day_end,
    day_start, geometry_from_json, system, value_on,
};

/// A geometry as it was given, before it became WGS 84.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its coordinate reference system, `EPSG:9206`.
    pub crs: String,
    /// The coordinates as given.
    pub text: String,
}

/// One row of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Row number, never reused; the MVT id. 0 before it is stored.
    pub fid: i64,
    /// UUIDv7 in every interface.
    pub id: Uuid,
    /// Its last commit. 0 before it is stored.
    pub seq: i64,
    /// Values, parallel to [`LayerDef::fields`].
    pub values: Vec<Value>,
    /// Changes of state with their effective days, in the order they were made.
    pub transitions: Vec<Transition>,
    /// WGS 84 degrees; `None` is "waiting to be located".
    pub geometry: Option<Geometry>,
    /// The geometry as given.
    pub given: Option<Given>,
}

impl Feature {
    /// A feature of `def` without values.
    pub fn empty(def: &LayerDef, id: Uuid) -> Feature {
        Feature {
            fid: 0,
            id,
            seq: 0,
            values: vec![Value::Null; def.fields.len()],
            transitions: Vec::new(),
            geometry: None,
            given: None,
        }
    }

    /// The value of a named field; null when the layer has no such field.
    pub fn get<'a>(&'a self, def: &LayerDef, name: &str) -> ValueRef<'a> {
        def.index(name).map_or(ValueRef::Null, |i| self.values[i].borrow())
    }

    /// Sets a named field; nothing happens when the layer has no such field.
    pub fn set(&mut self, def: &LayerDef, name: &str, value: Value) {
        if let Some(i) = def.index(name) {
            self.values[i] = value;
        }
    }

    /// The thing this row is a version of.
    pub fn entity<'a>(&'a self, def: &LayerDef) -> Option<&'a str> {
        self.values[def.entity].as_text()
    }

    /// The span in which the feature stands in time; `None` when it has no time.
    ///
    /// Events: start to end (a civil day counts whole). Versions: `[valid_from, valid_to)`. Cases: from the
    /// first day to the end of the day on which every workflow with ends has ended.
    pub fn span(&self, def: &LayerDef) -> Option<Span> {
        span_of(def, |i| self.values[i].borrow(), &self.transitions)
    }

    /// The value of field `index` on the civil day `as_of` (`None`: now).
    pub fn value_as_of<'a>(
        &'a self,
        def: &LayerDef,
        index: usize,
        as_of: Option<jiff::civil::Date>,
    ) -> ValueRef<'a> {
        let field = &def.fields[index];
        match as_of {
            Some(day) if def.time == TimeKind::State && def.workflow(&field.name).is_some() => {
                value_on(&self.transitions, &field.name, day)
                    .map_or_else(|| self.values[index].borrow(), ValueRef::Text)
            }
            _ => self.values[index].borrow(),
        }
    }

    /// Records that `field` took `to` on `on`.
    pub fn move_to(&mut self, def: &LayerDef, field: &str, to: &str, on: jiff::civil::Date) {
        self.transitions.push(Transition { field: field.to_owned(), to: to.to_owned(), on });
        let day = jiff::civil::Date::MAX;
        let now = value_on(&self.transitions, field, day).map(Value::text);
        if let Some(now) = now {
            self.set(def, field, now);
        }
    }

    /// The canonical text of the row in the log. Nulls are left out; numbers read back to the same double.
    pub fn to_row_text(&self, def: &LayerDef) -> String {
        let mut properties = Map::new();
        for (field, value) in def.fields.iter().zip(&self.values) {
            if !value.is_null() {
                properties.insert(field.name.clone(), value.to_json());
            }
        }
        let mut out = String::with_capacity(256);
        out.push_str("{\"fid\":");
        out.push_str(&self.fid.to_string());
        out.push_str(",\"id\":\"");
        out.push_str(&self.id.to_string());
        out.push_str("\",\"properties\":");
        out.push_str(&Json::Object(properties).to_string());
        if !self.transitions.is_empty() {
            out.push_str(",\"transitions\":");
            out.push_str(&serde_json::to_string(&self.transitions).unwrap_or_default());
        }
        if let Some(given) = &self.given {
            let given = serde_json::json!({"crs": given.crs, "text": given.text});
            out.push_str(",\"given\":");
            out.push_str(&given.to_string());
        }
        if let Some(g) = &self.geometry {
            out.push_str(",\"geometry\":");
            write_geometry(&mut out, g, None);
        }
        out.push('}');
        out
    }

    /// Reads the canonical text back. Fields the layer no longer has are dropped.
    ///
    /// # Errors
    /// A fault when the text is not a row of this layer.
    pub fn from_row_text(def: &LayerDef, text: &str, seq: i64) -> Result<Feature, Fault> {
        let bad =
            || Fault::at(Code::Internal, "", Text::new("Bản ghi nhật ký hỏng", "a log row cannot be read"));
        let json: Json = serde_json::from_str(text).map_err(|_| bad())?;
        let id = json["id"].as_str().and_then(|s| Uuid::try_parse(s).ok()).ok_or_else(bad)?;
        let mut feature = Feature::empty(def, id);
        feature.seq = seq;
        feature.fid = json["fid"].as_i64().ok_or_else(bad)?;
        for (name, value) in json["properties"].as_object().ok_or_else(bad)? {
            if let Some(i) = def.index(name) {
                feature.values[i] = def.fields[i].kind.value_from_json(value)?;
            }
        }
        if let Some(t) = json.get("transitions") {
            feature.transitions = serde_json::from_value(t.clone()).map_err(|_| bad())?;
        }
        if let Some(g) = json.get("given") {
            let part = |k: &str| g[k].as_str().map(str::to_owned).ok_or_else(bad);
            feature.given = Some(Given { crs: part("crs")?, text: part("text")? });
        }
        if let Some(g) = json.get("geometry") {
            feature.geometry = geometry_from_json(g, "/geometry")?;
        }
        Ok(feature)
    }

    /// Names of what differs between two rows: fields (a state field also when only its effective days differ),
    /// `geometry`, `given`.
    pub fn changed_fields(def: &LayerDef, before: &Feature, after: &Feature) -> Vec<String> {
        let moves = |f: &Feature, name: &str| -> Vec<Transition> {
            f.transitions.iter().filter(|t| t.field == name).cloned().collect()
        };
        let mut changed: Vec<String> = def
            .fields
            .iter()
            .enumerate()
            .filter(|(i, f)| {
                before.values[*i] != after.values[*i]
                    || (def.workflow(&f.name).is_some() && moves(before, &f.name) != moves(after, &f.name))
            })
            .map(|(i, f)| {
                // A count of people that stays between 1 and 4 changes only for those who see small counts.
                let small = |v: &Value| matches!(v, Value::Int(1..=4));
                let masked = f.people && small(&before.values[i]) && small(&after.values[i]);
                if masked { format!("{}{SMALL}", f.name) } else { f.name.clone() }
            })
            .collect();
        if before.geometry != after.geometry {
            changed.push(GEOMETRY.to_owned());
        }
        if before.given != after.given {
            changed.push(GIVEN.to_owned());
        }
        changed
    }
}

/// What stands for a count of people from 1 to 4, and marks a change that stays within.
pub const SMALL: &str = "<5";
/// The name under which a changed geometry stands among changed fields.
pub const GEOMETRY: &str = "geometry";
/// The name under which a changed given geometry stands among changed fields.
pub const GIVEN: &str = "given";

/// For each role, how many changes touched something of a feature that the role may see. It makes the
/// feature's ETag, so an edit a reader may not see changes nothing that reader can observe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Touched([u32; 6]);

impl Touched {
    /// Counts a creation, a deletion or a restoration: everyone who sees the layer sees it.
    pub fn count_all(&mut self) {
        for n in &mut self.0 {
            *n += 1;
        }
    }

    /// Counts a change of the named fields.
    pub fn count(&mut self, def: &LayerDef, changed: &[String]) {
        for role in Role::ALL {
            if changed.iter().any(|name| def.shows(role, name)) {
                self.0[role as usize] += 1;
            }
        }
    }

    /// The counts of all roles, in the order of [`Role::ALL`].
    pub fn counts(self) -> [u32; 6] {
        self.0
    }

    /// Counts that were told by [`Touched::counts`].
    pub fn from_counts(counts: [u32; 6]) -> Touched {
        Touched(counts)
    }

    /// The count of one role.
    pub fn of(self, role: Role) -> u32 {
        self.0[role as usize]
    }
}

/// [`Feature::span`] over any source of values.
pub(crate) fn span_of<'a>(
    def: &LayerDef,
    value: impl Fn(usize) -> ValueRef<'a>,
    transitions: &[Transition],
) -> Option<Span> {
    let bounds = |i: usize| match value(i) {
        ValueRef::Date(d) => Some(Span::day(d)),
        ValueRef::Time(t) => Some(Span { from: t.as_second(), to: t.as_second() + 1 }),
        _ => None,
    };
    match def.time {
        TimeKind::None => None,
        TimeKind::Event => {
            let start = bounds(def.start?)?;
            let end = def.end.and_then(bounds).filter(|e| e.to > start.from);
            Some(Span { from: start.from, to: end.map_or(start.to, |e| e.to) })
        }
        TimeKind::Interval => {
            let day = |name| match def.index(name).map(&value) {
                Some(ValueRef::Date(d)) => Some(day_start(d)),
                _ => None,
            };
            Some(Span {
                from: day(system::VALID_FROM).unwrap_or(i64::MIN),
                to: day(system::VALID_TO).unwrap_or(i64::MAX),
            })
        }
        TimeKind::State => {
            let first = transitions.iter().map(|t| t.on).min().map(day_start);
            let start = def.start.and_then(bounds).map(|s| s.from);
            let from = match (first, start) {
                (Some(a), Some(b)) => a.min(b),
                (a, b) => a.or(b)?,
            };
            let to = ended_on(def, &value, transitions).map_or(i64::MAX, day_end);
            Some(Span { from, to: to.max(from + 1) })
        }
    }
}

fn ended_on<'a>(
    def: &LayerDef,
    value: &impl Fn(usize) -> ValueRef<'a>,
    transitions: &[Transition],
) -> Option<jiff::civil::Date> {
    let mut last = None;
    for workflow in def.workflows.iter().filter(|w| !w.ends.is_empty()) {
        let ValueRef::Text(state) = value(def.index(&workflow.field)?) else { return None };
        if !workflow.ends.iter().any(|e| e == state) {
            return None;
        }
        let on =
            transitions.iter().filter(|t| t.field == workflow.field && t.to == state).map(|t| t.on).max()?;
        last = last.max(Some(on));
    }
    last
}
