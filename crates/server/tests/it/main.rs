//! The edge against a real engine on a temporary GeoPackage: in process, and over sockets where a socket matters.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of this is test code, the helpers between the tests too"
)]

mod attachments;
mod departures;
mod description;
mod edits;
mod features;
mod headers;
mod imports;
mod live;
mod moves;
mod pictures;
mod problems;
mod site;
mod socket;
mod style;
mod tiles;
