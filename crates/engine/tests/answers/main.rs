//! What a site answers: filters against brute force, the order of pages, search.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod faults;
mod filters;
mod paging;
mod search;
mod search_rules;
mod site;
