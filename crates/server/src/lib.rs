//! The edge: HTTP on loopback, OpenAPI, live events, the embedded web app.
//!
//! Handlers hold no logic: they read a request, call one function of the engine and write the answer. Status codes
//! are known to [`problem`] and to the few handlers that choose a success; the engine knows none.

mod accept;
mod answer;
mod app;
mod ask;
mod assets;
mod attachments;
mod basemaps;
mod body;
mod collections;
mod compress;
mod config;
mod connection;
mod counts;
mod edits;
mod export;
mod guard;
mod health;
mod imports;
mod items;
mod landing;
mod lang;
mod live;
mod openapi;
mod problem;
mod routes;
mod schema;
mod search;
mod seen;
mod style;
mod telemetry;
mod tiles;
mod validator;

pub use accept::serve;
pub use config::ServeConfig;
pub use routes::app;
pub use telemetry::telemetry;
