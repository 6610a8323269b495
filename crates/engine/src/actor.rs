//! Who is asking, in what language.

use model::{Lang, Role};

/// A reader or editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What they may see and do.
    pub role: Role,
    /// The name that stands in the log: `local:<os user>`.
    pub name: String,
    /// The language of texts made for them.
    pub lang: Lang,
}
