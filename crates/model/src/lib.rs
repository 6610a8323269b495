//! What a ward consists of: layer definitions, fields, values, features, filters, time, workflows.
//!
//! Pure data and rules. Nothing here reads a file, a clock, a database or the network: callers hand in text
//! and days and get typed values or [`Fault`]s back. Geometry is WGS 84 longitude/latitude in degrees
//! (OGC:CRS84) everywhere in this crate.

mod area;
mod clock;
mod code;
mod collate;
mod compare;
mod definition;
mod feature;
mod filter;
mod geometry;
mod json;
mod layer;
mod mapping;
mod personal;
mod photos;
mod purpose;
mod role;
mod style;
mod text;
mod time;
mod value;
mod wkt;
mod workflow;

pub use area::Area;
pub use clock::Clock;
pub use code::{Code, Fault};
pub use collate::{collation_key, natural_cmp, spelling};
pub use compare::{Limit, Pair, departs};
pub use definition::{DefinitionError, parse_layer};
pub use feature::{Feature, GEOMETRY, GIVEN, Given, SMALL, Touched};
pub use filter::{Columns, Compare, Filter, SpatialOp, Square, like};
pub use geometry::{
    Bbox, geometry_from_json, geometry_kind, geometry_to_json, write_degrees, write_geometry,
};
pub use json::{MAX_DEPTH, parse_strict};
pub use layer::{
    CodeDef, Derived, FieldDef, GeometryKind, Group, LayerDef, LayerId, Search, TimeKind, Workflow, system,
};
pub use mapping::{DatePrecision, FieldMapping, Mapping, parse_mapping};
pub use personal::{PersonalData, personal_header, personal_value};
pub use photos::{MAX_PHOTOS, is_sha256};
pub use purpose::{Purpose, VIEW_NAME, VIEW_QUERY};
pub use role::{Role, Roles};
pub use style::{Draw, Style};
pub use text::{Lang, Text, fold, nfc};
pub use time::{Span, When, day_end, day_number, day_of, day_start, parse_span, parse_when, zone};
pub use value::{FieldType, Value, ValueRef};
pub use wkt::{WktError, polygon_from_wkt};
pub use workflow::{Transition, value_on};

/// Geometry in WGS 84 longitude/latitude degrees.
pub type Geometry = geo_types::Geometry<f64>;
