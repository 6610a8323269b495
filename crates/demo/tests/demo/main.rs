//! The demo ward from outside: what every seed must give, and that the layer and mapping files hold together.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod files;
mod ground;
mod planted;
mod records;
mod stamps;
mod support;
