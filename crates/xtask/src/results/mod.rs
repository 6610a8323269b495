//! What the three test runners say, read into one [`Tally`](crate::tally::Tally).

pub(crate) mod cargo;
pub(crate) mod node;
pub(crate) mod vitest;
