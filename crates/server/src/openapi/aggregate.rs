//! Parameters that say how features are counted in tiles.

use serde_json::{Value, json};

use super::operation::{list, query};

/// All of them.
pub(super) fn parameters() -> [Value; 5] {
    let modes = json!({"type": "string", "enum": ["none", "cluster", "hex", "grid"]});
    let field = json!({"type": "string"});
    [
        query("aggregate", "Features one by one, or counted; without it as the layer is defined", &modes),
        radius(),
        query(
            "cell_m",
            "Width of a cell of hex or grid in metres, in the latitude of the layer to a whole degree",
            &json!({"type": "number", "minimum": 5, "maximum": 1_000_000}),
        ),
        list("sum", "Fields of numbers that are added up: `sum_<field>`", &field),
        query("by", "A field of codes that is counted by: `n_<field>_<code>`", &field),
    ]
}

/// Pixels between clusters, or across a cell.
pub(super) fn radius() -> Value {
    let pixels = json!({"type": "integer", "minimum": 16, "maximum": 512, "default": 64});
    query("radius", "Pixels between clusters, or across a cell; a tile has 512", &pixels)
}
