//! Import mappings: how the columns of a source become fields of a layer.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::LayerId;

/// How precisely a date column tells the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatePrecision {
    /// A day; a time of day is dropped without shifting the day.
    Day,
    /// A month `YYYY-MM`, which becomes the span of the month.
    Month,
    /// An instant.
    DateTime,
}

/// Where one field's values come from.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldMapping {
    /// The column (or GeoJSON property) read.
    pub column: Option<String>,
    /// A constant instead of a column.
    pub value: Option<String>,
    /// The source's word → our code; an empty code leaves the field empty.
    pub codes: Option<BTreeMap<String, String>>,
    /// The code for words not listed; empty leaves the field empty. Without it an unlisted word is rejected.
    pub otherwise: Option<String>,
    /// How to read a date.
    pub date: Option<DatePrecision>,
    /// The field that takes the end of the span of a month.
    pub end: Option<String>,
    /// The field that takes the name of the precision.
    pub precision: Option<String>,
    /// Numbers are multiplied by this.
    pub factor: Option<f64>,
    /// Whether the field is filled only for rows that have coordinates.
    #[serde(default)]
    pub located: bool,
}

/// A mapping: chosen by a file's header, or by name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Its name, which stands in receipts.
    pub name: String,
    /// The layer it fills.
    pub layer: String,
    /// `csv`, `geojson` or `json-array`; `None`: any.
    pub format: Option<String>,
    /// Columns that must all be present for the mapping to be chosen.
    #[serde(default)]
    pub header: Vec<String>,
    /// The column that identifies a record.
    pub key: Option<String>,
    /// The coordinates' system; WGS 84 when absent.
    pub crs: Option<String>,
    /// The column of x: longitude or easting.
    pub x: Option<String>,
    /// The column of y: latitude or northing.
    pub y: Option<String>,
    /// The fields it fills.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldMapping>,
}

impl Mapping {
    /// Columns that are read.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let fixed = [self.key.as_deref(), self.x.as_deref(), self.y.as_deref()];
        fixed.into_iter().flatten().chain(self.fields.values().filter_map(|f| f.column.as_deref()))
    }
}

/// Parses a mapping file named `file`.
///
/// # Errors
/// A sentence with the file, the line and what is wrong.
pub fn parse_mapping(file: &str, text: &str) -> Result<Mapping, String> {
    let mapping: Mapping = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |s| text[..s.start.min(text.len())].matches('\n').count() + 1);
        format!("{file}:{line}: {}", e.message())
    })?;
    if LayerId::new(&mapping.layer).is_none() {
        return Err(format!("{file}: {:?} is not a layer name", mapping.layer));
    }
    for (name, field) in &mapping.fields {
        if field.column.is_some() == field.value.is_some() {
            return Err(format!("{file}: {name}: give either column or value"));
        }
    }
    Ok(mapping)
}
