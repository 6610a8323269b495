//! What an export says about itself, and one row of it.

use jiff::civil::Date;
use model::{Geometry, Text, ValueRef};
use serde::Serialize;
use uuid::Uuid;

/// Where an exported file came from: in GeoJSON the foreign member `diaban`, beside other formats a file
/// `F.manifest.json` with the same members.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Provenance {
    /// The layer.
    pub layer: String,
    /// Its titles.
    pub title: Text,
    /// The filter as it was asked for.
    pub filter: Option<String>,
    /// The day on which the data stand.
    pub as_of: Option<Date>,
    /// How many features there are.
    pub count: usize,
    /// The notice of a site of demonstration data; also the column `notice` of a CSV file.
    #[serde(rename = "notice")]
    pub demo: Option<Text>,
    /// The sentence the layer carries everywhere.
    pub note: Option<Text>,
}

/// One feature to be written.
#[derive(Debug, Clone)]
pub struct ExportRow<'a> {
    /// Its id.
    pub id: Uuid,
    /// Names and values, in the order they are written; the same names in every row.
    pub properties: Vec<(&'a str, ValueRef<'a>)>,
    /// WGS 84 degrees.
    pub geometry: Option<&'a Geometry>,
}
