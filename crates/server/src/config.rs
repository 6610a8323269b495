//! What a caller may set about serving.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use engine::Basemap;
use model::Role;

/// How to serve a site. [`Default`] holds the values of the product; tests shorten the times.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Address and port; port 0 picks one. Anything but a loopback address is refused.
    pub listen: SocketAddr,
    /// The role of everyone who connects, until accounts exist.
    pub role: Role,
    /// The name that stands in the log for edits: `local:<os user>`.
    pub actor_name: String,
    /// Maps of others that lie under the ward's layers, low ones first, in place of our own base map.
    pub basemaps: Vec<Arc<Basemap>>,
    /// Most connections at once; one more is closed as soon as it is accepted.
    pub max_connections: usize,
    /// Longest wait for the first bytes of a connection.
    pub first_byte_timeout: Duration,
    /// Longest time from the first byte of a request to the end of its headers.
    pub header_timeout: Duration,
    /// Longest silence between two requests of one connection.
    pub idle_timeout: Duration,
    /// Longest silence within a request's body; the whole body may take six times as long.
    pub body_timeout: Duration,
    /// Longest time an answer waits for its reader to take some of it.
    pub write_timeout: Duration,
    /// Longest time running requests are given at shutdown.
    pub grace: Duration,
    /// Largest body taken, in bytes.
    pub max_body: u64,
    /// Largest file taken for an import, in bytes.
    pub max_import: u64,
    /// Largest photo taken, in bytes.
    pub max_photo: u64,
    /// Photos that are received at once; one more is asked to come again.
    pub max_uploads: usize,
    /// Time between comments that keep an idle `/live` stream open.
    pub live_keep_alive: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        ServeConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            role: Role::Analyst,
            actor_name: "local:unknown".to_owned(),
            basemaps: Vec::new(),
            max_connections: 1_024,
            first_byte_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(5),
            max_body: 16 << 20,
            max_import: 64 << 20,
            max_photo: 20_000_000,
            max_uploads: 8,
            live_keep_alive: Duration::from_secs(15),
        }
    }
}
