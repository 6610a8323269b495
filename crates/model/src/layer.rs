//! What a layer is: its fields, codes, time, workflows, who may see it, style and legend. Made by
//! [`parse_layer`](crate::parse_layer) from one TOML file; everything else is derived from it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::compare::Limit;
use crate::purpose::Purpose;
use crate::style::Style;
use crate::{Code, Fault, FieldType, Role, Roles, Text};

/// A layer's name: `[a-z][a-z0-9_]{0,62}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(Arc<str>);

impl LayerId {
    /// Checks and makes a layer name.
    pub fn new(s: &str) -> Option<LayerId> {
        let mut chars = s.bytes();
        let first = chars.next().is_some_and(|c| c.is_ascii_lowercase());
        let rest = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
        (first && rest && s.len() <= 63).then(|| LayerId(Arc::from(s)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for LayerId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

/// What geometry a layer's features have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeometryKind {
    /// None.
    None,
    /// Points.
    Point,
    /// Lines.
    Line,
    /// Polygons.
    Polygon,
    /// Any of them.
    Any,
}

/// How a layer's features stand in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeKind {
    /// Not at all.
    None,
    /// Happened at a moment or over a span.
    Event,
    /// Versions valid in `[valid_from, valid_to)`.
    Interval,
    /// Cases whose state changes on effective days.
    State,
}

/// One code of a field, its titles and its look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeDef {
    /// The code.
    pub code: String,
    /// Vietnamese title.
    pub vi: String,
    /// English title.
    pub en: String,
    /// Colour in the light theme, `#rrggbb`.
    #[serde(default)]
    pub color: Option<String>,
    /// Colour in the dark theme.
    #[serde(default)]
    pub dark: Option<String>,
    /// Density of the hatch, 0 to 4.
    #[serde(default)]
    pub hatch: u8,
    /// A letter that stands for the code where colour alone must not.
    #[serde(default)]
    pub letter: Option<String>,
    /// Name of an icon.
    #[serde(default)]
    pub icon: Option<String>,
    /// How a symbol is filled: `full`, `half`, `ring`.
    #[serde(default)]
    pub fill: Option<String>,
    /// Lengths of dashes and gaps of its line, in widths of the line; empty: drawn through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dash: Vec<f64>,
    /// Width of its line in pixels, on a base map at zoom 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<f64>,
    /// Least zoom at which a base map draws it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_zoom: Option<f64>,
}

/// How a text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Search {
    /// As a name, code, address or number of the thing.
    Now,
    /// As names the thing, or what it was made from, had before; several are separated by commas.
    Old,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldDef {
    /// Its name in JSON, tiles and files.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Its titles.
    pub title: Text,
    /// Whether a feature must have it.
    pub required: bool,
    /// Whether it goes into tiles.
    pub tile: bool,
    /// Whether it is kept out of memory and read by id.
    pub cold: bool,
    /// Whether only the system writes it.
    pub read_only: bool,
    /// Longest text, in characters.
    pub max_length: Option<usize>,
    /// Least number.
    pub min: Option<f64>,
    /// Greatest number.
    pub max: Option<f64>,
    /// Unit of measure: `m`, `m2`, `persons` …
    pub unit: Option<String>,
    /// The layer a reference points to.
    pub layer: Option<String>,
    /// Whether it counts people: 1 to 4 are shown as "<5" to most roles.
    pub people: bool,
    /// Whether and how it is searched.
    #[serde(skip)]
    pub search: Option<Search>,
    /// Its codes.
    pub codes: Vec<CodeDef>,
    /// Codes from best to worst, where they have an order; a code not named here stands outside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranks: Vec<String>,
    /// Who may see it (already cut to those who may see the layer).
    #[serde(skip)]
    pub see: Roles,
    /// For a derived layer, `layer.field` it comes from.
    #[serde(skip)]
    pub from: Option<(String, String)>,
    /// The field it is held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<String>,
    /// How far it may differ from that field (days between dates).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Which way it may not differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Whether the parser added it.
    pub system: bool,
    /// Whether no interface shows it.
    #[serde(skip)]
    pub internal: bool,
}

impl FieldDef {
    /// The code's definition.
    pub fn code(&self, code: &str) -> Option<&CodeDef> {
        self.codes.iter().find(|c| c.code == code)
    }

    /// The code's place in the order from best (0) to worst; `None` outside the order.
    pub fn rank(&self, code: &str) -> Option<usize> {
        self.ranks.iter().position(|c| c == code)
    }

    /// Whether `role` may see the field.
    pub fn visible(&self, role: Role) -> bool {
        !self.internal && self.see.contains(role)
    }

    /// Checks a value against the field: codes, length, range.
    ///
    /// # Errors
    /// `unknown-code` or `invalid-value`, with the field's name as place.
    pub fn check(&self, value: &crate::Value) -> Result<(), Fault> {
        use crate::Value;
        let fault = |code, vi: String, en: String| Err(Fault::at(code, self.name.clone(), Text::new(vi, en)));
        match value {
            Value::Text(s) if self.kind == FieldType::Code && self.code(s).is_none() => fault(
                Code::UnknownCode,
                format!("{}: mã “{s}” không có trong danh mục", self.title.vi),
                format!("{}: “{s}” is not one of the codes", self.title.en),
            ),
            Value::Text(s) => match self.max_length {
                Some(max) if s.chars().count() > max => fault(
                    Code::InvalidValue,
                    format!("{}: dài quá {max} ký tự", self.title.vi),
                    format!("{}: longer than {max} characters", self.title.en),
                ),
                _ => Ok(()),
            },
            Value::Int(_) | Value::Num(_) => {
                let n = if let Value::Int(i) = value {
                    *i as f64
                } else if let Value::Num(n) = value {
                    *n
                } else {
                    0.0
                };
                if self.min.is_some_and(|min| n < min) || self.max.is_some_and(|max| n > max) {
                    return fault(
                        Code::InvalidValue,
                        format!("{}: ngoài khoảng cho phép", self.title.vi),
                        format!("{}: outside the allowed range", self.title.en),
                    );
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The states of a field and what may follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// The state field.
    pub field: String,
    /// States a new case may begin in; empty: any.
    #[serde(default)]
    pub initial: Vec<String>,
    /// What may follow each state; `None`: anything.
    #[serde(default)]
    pub next: Option<BTreeMap<String, Vec<String>>>,
    /// States in which a case has ended.
    #[serde(default)]
    pub ends: Vec<String>,
}

impl Workflow {
    /// Whether `to` may follow `from`.
    pub fn allows(&self, from: &str, to: &str) -> bool {
        match &self.next {
            None => true,
            Some(next) => next.get(from).is_some_and(|all| all.iter().any(|s| s == to)),
        }
    }
}

/// The heading of the layer list a layer stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Areas and their classes.
    Areas,
    /// Incidents, violations, hot spots: what someone must deal with.
    Cases,
    /// Projects and construction sites.
    Works,
    /// What the plan says.
    Planning,
    /// What is there: places, posts, groups, assets.
    Context,
    /// Programmes, tasks, documents: what is not drawn.
    Tables,
}

/// How a derived layer is made of two others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// The interval layer that gives geometry.
    pub geometry_from: String,
    /// The interval layer that gives values.
    pub values_from: String,
    /// The field both are joined by; only `entity`.
    pub join: String,
    /// Values where the second layer has no row.
    #[serde(default)]
    pub missing: BTreeMap<String, String>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerDef {
    /// Its name.
    pub id: LayerId,
    /// Its titles.
    pub title: Text,
    /// A sentence about it.
    pub description: Text,
    /// What it is for.
    pub purpose: Purpose,
    /// Its geometry.
    pub geometry: GeometryKind,
    /// Its time.
    pub time: TimeKind,
    /// Index of the field a feature's time starts with.
    pub start: Option<usize>,
    /// Index of the field a feature's time ends with.
    pub end: Option<usize>,
    /// Who may see it.
    pub see: Roles,
    /// Who may edit it.
    pub edit: Roles,
    /// Drawing and listing order, low is below.
    pub order: i64,
    /// Where it is listed; `None`: the web app goes by geometry and time.
    pub group: Option<Group>,
    /// After how many days without a newer source the layer is called stale.
    pub stale_after_days: Option<u32>,
    /// The zoom below which its tiles hold clusters unless asked otherwise; `None`: always every feature.
    pub cluster_below: Option<u8>,
    /// Index of the field that names a feature.
    pub label: Option<usize>,
    /// Index of the field that identifies the thing a row is a version of.
    pub entity: usize,
    /// Indices of the fields that tell what a thing was formed from and what it became.
    pub lineage: Option<[usize; 2]>,
    /// A sentence every sheet and export carries.
    pub note: Option<Text>,
    /// Its fields: those of the file in its order, then the system's.
    pub fields: Vec<FieldDef>,
    /// Its workflows.
    pub workflows: Vec<Workflow>,
    /// Its look.
    pub style: Style,
    /// Set for a derived layer.
    pub derived: Option<Derived>,
    /// The file's text, as accepted.
    pub source: String,
    /// SHA-256 of the text, hexadecimal.
    pub hash: String,
}

/// Names of the fields the parser adds.
pub mod system {
    /// Identifies the thing of which a row is a version.
    pub const ENTITY: &str = "entity";
    /// First day of validity.
    pub const VALID_FROM: &str = "valid_from";
    /// First day after validity.
    pub const VALID_TO: &str = "valid_to";
    /// Where the record came from.
    pub const SOURCE: &str = "source";
    /// The day of the source.
    pub const SOURCE_DATE: &str = "source_date";
    /// Accuracy of the geometry in metres.
    pub const ACCURACY_M: &str = "accuracy_m";
    /// Standing of the geometry.
    pub const QUALITY: &str = "quality";
    /// How well a point is known.
    pub const LOCATION_QUALITY: &str = "location_quality";
    /// Photos of the feature, where the layer has them.
    pub const PHOTOS: &str = "photos";
    /// Key of the record in its source; internal.
    pub const SOURCE_KEY: &str = "source_key";
}

impl LayerDef {
    /// Index of a field by name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Index of the field that holds photos, where the layer has them.
    pub fn photos(&self) -> Option<usize> {
        self.fields.iter().position(|f| f.kind == FieldType::Photos)
    }

    /// Indices of the fields that are searched: those that say so, else the label.
    pub fn searched(&self) -> impl Iterator<Item = (usize, Search)> + '_ {
        let own = self.fields.iter().enumerate().filter_map(|(i, f)| Some((i, f.search?)));
        let says = self.fields.iter().any(|f| f.search.is_some());
        let label = self.label.filter(|&i| !says && !self.fields[i].cold).map(|i| (i, Search::Now));
        own.chain(label)
    }

    /// The workflow of a field.
    pub fn workflow(&self, field: &str) -> Option<&Workflow> {
        self.workflows.iter().find(|w| w.field == field)
    }

    /// Whether `role` may see the layer.
    pub fn visible(&self, role: Role) -> bool {
        self.see.contains(role)
    }

    /// Whether `role` may edit the layer.
    pub fn editable(&self, role: Role) -> bool {
        self.derived.is_none() && self.see.contains(role) && self.edit.contains(role)
    }

    /// Whether a change of the named field (or `geometry`, `given`) shows to `role`. A name the layer no longer
    /// has counts as shown, so that its readers are told.
    pub fn shows(&self, role: Role, name: &str) -> bool {
        if let Some(count) = name.strip_suffix(crate::SMALL) {
            return role.sees_small_counts() && self.shows(role, count);
        }
        self.visible(role) && self.field(name).is_none_or(|f| f.visible(role))
    }

    /// The field whose codes are the legend.
    pub fn legend_field(&self) -> Option<&FieldDef> {
        self.style.by.as_deref().and_then(|by| self.field(by))
    }

    /// Whether features have geometry at all.
    pub fn has_geometry(&self) -> bool {
        self.geometry != GeometryKind::None
    }
}
