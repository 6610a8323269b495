//! End-to-end tests against the real binary, and the repository's own rules.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of this is test code, the helpers between the tests too"
)]

mod tidy;
