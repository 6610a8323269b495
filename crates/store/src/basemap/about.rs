//! What a file of tiles says of itself, in one shape for both formats. Its texts are a stranger's: they lose their
//! markup here, because maps show an attribution as HTML.

use model::Bbox;
use serde_json::{Map, Value};

use super::bbox;
use crate::format::pmtiles::{PmTiles, TileKind};

/// The longest text taken over from a file.
const MAX_TEXT: usize = 1_000;
/// Layers and fields that are taken over.
const MAX_LAYERS: usize = 200;

/// A file of tiles, described.
#[derive(Debug, Clone)]
pub struct BasemapAbout {
    /// What its tiles are.
    pub kind: TileKind,
    /// First and last zoom.
    pub zooms: (u8, u8),
    /// What it covers, when it says so.
    pub bounds: Option<Bbox>,
    /// What it is called; plain text.
    pub title: Option<String>,
    /// Whose it is; plain text, safe as HTML.
    pub attribution: Option<String>,
    /// The layers of vector tiles.
    pub layers: Vec<VectorLayer>,
}

/// A layer inside vector tiles.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorLayer {
    /// Its name in the tiles.
    pub id: String,
    /// Its fields and what they are, as the file says.
    pub fields: Map<String, Value>,
}

impl BasemapAbout {
    pub(super) fn of_archive(archive: &PmTiles) -> BasemapAbout {
        let (b, metadata) = (archive.bounds(), archive.metadata());
        BasemapAbout {
            kind: archive.kind(),
            zooms: archive.zooms(),
            bounds: bbox(&[b.west, b.south, b.east, b.north]),
            title: metadata["name"].as_str().map(plain),
            attribution: metadata["attribution"].as_str().map(plain),
            layers: layers(metadata),
        }
    }
}

/// The `vector_layers` of metadata; what has no name is left out.
pub(super) fn layers(metadata: &Value) -> Vec<VectorLayer> {
    let listed = metadata["vector_layers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let layer = |one: &Value| {
        let id = one["id"].as_str().filter(|id| !id.is_empty() && id.len() <= MAX_TEXT)?.to_owned();
        let fields = one["fields"].as_object().into_iter().flatten().take(MAX_LAYERS);
        let told = fields.map(|(name, kind)| (name.clone(), plain(kind.as_str().unwrap_or("String")).into()));
        Some(VectorLayer { id, fields: told.collect() })
    };
    listed.iter().take(MAX_LAYERS).filter_map(layer).collect()
}

/// Text without its tags, and with no character that HTML would take for more than itself.
pub(super) fn plain(text: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in text.chars().take(MAX_TEXT) {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if inside => {}
            '>' => out.push_str("&gt;"),
            // An entity stays one: `&copy;` is how most files say ©.
            other => out.push(other),
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn markup_is_taken_out_of_texts() {
        for (text, wanted) in [
            ("<a href=\"https://osm.example\">&copy; OpenStreetMap</a>", "&copy; OpenStreetMap"),
            ("a > b", "a &gt; b"),
            ("<img src=x onerror=1", ""),
            ("<<b>i>x", "i&gt;x"),
            ("Địa Bàn", "Địa Bàn"),
        ] {
            assert_eq!(plain(text), wanted, "{text}");
        }
    }

    #[test]
    fn layers_without_a_name_are_left_out() {
        let told =
            json!({"vector_layers": [{"id": "roads", "fields": {"name": "String"}}, {"fields": {}}, 5]});
        let fields = Map::from_iter([("name".to_owned(), json!("String"))]);
        assert_eq!(layers(&told), [VectorLayer { id: "roads".to_owned(), fields }]);
        assert!(layers(&json!({"vector_layers": "x"})).is_empty());
    }
}
