//! Attachments: photos by the SHA-256 of their bytes, kept beside the layers and logged like everything else.

use jiff::Timestamp;
use model::Role;

/// The name under which attachments stand in the log.
pub const ATTACHMENTS: &str = "attachments";

/// A photo to be kept.
#[derive(Debug, Clone)]
pub struct Upload {
    /// SHA-256 of `content`, hexadecimal.
    pub sha256: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Its bytes.
    pub content: Vec<u8>,
    /// Who.
    pub actor: String,
    /// In which role: what one role uploaded is not another's to see.
    pub role: Role,
    /// When.
    pub at: Timestamp,
}

/// Who uploaded a photo. Several may have uploaded the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The actor's name.
    pub actor: String,
    /// The actor's role.
    pub role: Role,
}

/// A photo that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}
