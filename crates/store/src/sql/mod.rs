//! What both stores share: the log, the tables of layers, edits, imports and the check, written once over a connection
//! that is SQLite's or PostgreSQL's.
//!
//! The tables are the same in both. Statements say `?` for a value; [`query`] writes `$1` for PostgreSQL. The little
//! that is said differently is a method of [`Dialect`]; what is done differently stands in `gpkg` and `postgis`.

pub(crate) mod anchor;
pub(crate) mod arg;
pub(crate) mod attachment;
pub(crate) mod batches;
pub(crate) mod bulk;
pub(crate) mod change;
pub(crate) mod conn;
pub(crate) mod define;
pub(crate) mod dialect;
pub(crate) mod erase;
pub(crate) mod geometry;
pub(crate) mod hash;
pub(crate) mod keep;
pub(crate) mod load;
pub(crate) mod log;
pub(crate) mod log_read;
pub(crate) mod pg;
pub(crate) mod query;
pub(crate) mod registry;
pub(crate) mod row;
pub(crate) mod rows;
pub(crate) mod shared;
pub(crate) mod site;
pub(crate) mod table;
pub(crate) mod tables;
pub(crate) mod undo;
pub(crate) mod verify;
pub(crate) mod verify_attachments;
pub(crate) mod verify_log;
pub(crate) mod verify_rows;
pub(crate) mod writer;

pub(crate) use arg::Arg;
pub(crate) use conn::{Conn, Readers};
pub(crate) use dialect::Dialect;
pub(crate) use query::{batch, query, run};
pub(crate) use row::{Found, Row};
