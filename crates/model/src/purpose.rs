//! What a layer is for: the ward's data, the quiet map under it, or the readers' saved views. Nothing asks for
//! such a layer by name.

use serde::{Deserialize, Serialize};

use crate::{FieldDef, FieldType, GeometryKind, Style};

/// What a layer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Data of the ward: listed, counted, filtered.
    #[default]
    Data,
    /// The quiet base map: drawn under everything, neither listed nor counted.
    Base,
    /// Saved views: the query of a page with a name.
    Views,
}

/// The field that names a saved view.
pub const VIEW_NAME: &str = "name";
/// The field that holds a saved view's query.
pub const VIEW_QUERY: &str = "query";

/// Checks that a layer has what its purpose needs.
pub(crate) fn check_purpose(
    purpose: Purpose,
    geometry: GeometryKind,
    style: &Style,
    fields: &[FieldDef],
) -> Result<(), String> {
    let has_text = |name: &str| fields.iter().any(|f| f.name == name && f.kind == FieldType::Text);
    match purpose {
        Purpose::Data => Ok(()),
        Purpose::Base if geometry == GeometryKind::None => Err("a base map has geometry".to_owned()),
        Purpose::Base if style.by.is_none() => Err("a base map names its kinds in style.by".to_owned()),
        Purpose::Base => Ok(()),
        Purpose::Views if geometry != GeometryKind::None => Err("saved views have no geometry".to_owned()),
        Purpose::Views => match [VIEW_NAME, VIEW_QUERY].into_iter().find(|n| !has_text(n)) {
            Some(name) => Err(format!("saved views have a text field {name}")),
            None => Ok(()),
        },
    }
}
