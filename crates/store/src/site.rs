//! The site: what one store is about.

use jiff::civil::Date;
use model::Text;

/// Who and what a store belongs to; fixed when it is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Random; the first link of the log.
    pub id: [u8; 16],
    /// Secret from which marks are made; equal on every server of the site.
    pub key: [u8; 16],
    /// Its title.
    pub title: Text,
    /// Whether the data is made up. The mark cannot be cleared.
    pub demo: bool,
    /// The day to open the map at.
    pub as_of: Option<Date>,
}

/// A site to be created; its id and key are drawn at random.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewSite {
    /// Its title.
    pub title: Text,
    /// Whether the data is made up.
    pub demo: bool,
    /// The day to open the map at.
    pub as_of: Option<Date>,
}
