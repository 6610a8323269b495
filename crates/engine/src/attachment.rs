//! Photos: taken in, and shown to whoever may see a feature that cites them, or uploaded them.

use std::sync::Arc;

use bytes::Bytes;
use model::{Code, Fault};
use moka::future::Cache;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{Claim, Upload};
use tokio::sync::Semaphore;

use crate::world::World;
use crate::{Actor, Engine, EngineError, photo};

/// Most bytes of thumbnails that are kept.
const THUMBS: u64 = 32 << 20;

/// A photo that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attached {
    /// Its name: the SHA-256 of its bytes.
    pub sha256: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its length.
    pub bytes: usize,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// In what size a photo is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoSize {
    /// As it is kept.
    Full,
    /// At most 320 pixels on the long side.
    Thumb,
}

/// What the engine keeps for photos.
pub(crate) struct Photos {
    /// One photo is unpacked at a time: that is what memory is measured for.
    unpacking: Semaphore,
    thumbs: Cache<String, Bytes>,
}

impl Photos {
    pub(crate) fn new() -> Photos {
        let weight = |name: &String, bytes: &Bytes| (name.len() + bytes.len()) as u32;
        Photos {
            unpacking: Semaphore::new(1),
            thumbs: Cache::builder().max_capacity(THUMBS).weigher(weight).build(),
        }
    }
}

impl Engine {
    /// Takes a photo in: upright, without metadata, as JPEG. Returns when it is durable. It is the actor's alone until
    /// a feature cites it. The same picture again is the same photo.
    ///
    /// # Errors
    /// `forbidden` for a role that edits no layer with photos; `invalid-image`, `too-large`.
    pub async fn attach(&self, actor: &Actor, sent: Bytes) -> Result<Attached, EngineError> {
        let takes = |def: &model::LayerDef| def.photos().is_some() && def.editable(actor.role);
        if !self.world().layers.values().any(|s| takes(s.snapshot.def())) {
            return Err(Fault::of(Code::Forbidden).into());
        }
        let unpacking = self.photos().unpacking.acquire().await.map_err(|_| EngineError::Stopped)?;
        let make = move || photo::keep(&sent).map(|picture| (name_of(&picture.bytes), picture));
        let (sha256, picture) = self.cpu().run(make).await??;
        drop(unpacking);
        let attached = Attached {
            sha256: sha256.clone(),
            media_type: photo::MEDIA_TYPE,
            bytes: picture.bytes.len(),
            width: picture.width,
            height: picture.height,
        };
        let upload = Upload {
            sha256,
            media_type: photo::MEDIA_TYPE,
            width: picture.width,
            height: picture.height,
            content: picture.bytes,
            actor: actor.name.clone(),
            role: actor.role,
            at: self.now(),
        };
        self.store().attach(upload).await?;
        Ok(attached)
    }

    /// Whether there is such a photo for this reader. What they may not see does not exist.
    ///
    /// # Errors
    /// `unknown-attachment`; the store's.
    pub async fn has_photo(&self, actor: &Actor, sha256: &str) -> Result<(), EngineError> {
        if self.world().shows_photo(actor, sha256) {
            return Ok(());
        }
        let claims = if model::is_sha256(sha256) { self.store().claims(sha256).await? } else { None };
        if claims.is_some_and(|all| is_own(actor, &all)) { Ok(()) } else { Err(unknown()) }
    }

    /// The bytes of a photo, JPEG. Ask [`Engine::has_photo`] first.
    ///
    /// # Errors
    /// `unknown-attachment`; the store's.
    pub async fn photo(&self, sha256: &str, size: PhotoSize) -> Result<Bytes, EngineError> {
        if size == PhotoSize::Full {
            return self.kept(sha256).await;
        }
        let made = self.photos().thumbs.try_get_with_by_ref(sha256, async {
            let kept = self.kept(sha256).await?;
            let unpacking = self.photos().unpacking.acquire().await.map_err(|_| EngineError::Stopped)?;
            let thumb = self.cpu().run(move || photo::thumbnail(&kept)).await??;
            drop(unpacking);
            Ok(Bytes::from(thumb))
        });
        // Many may wait for one thumbnail, and its failure is all of theirs.
        made.await.map_err(|error: Arc<EngineError>| match error.faults() {
            [] => EngineError::Stopped,
            faults => EngineError::Faults(faults.to_vec()),
        })
    }

    async fn kept(&self, sha256: &str) -> Result<Bytes, EngineError> {
        let found = self.store().attachment(sha256).await?;
        found.map(|a| Bytes::from(a.content)).ok_or_else(unknown)
    }
}

impl World {
    /// Whether the reader may see a feature that cites the photo.
    pub(crate) fn shows_photo(&self, actor: &Actor, sha256: &str) -> bool {
        self.cited.layers(sha256).filter_map(|id| self.layers.get(id)).any(|state| {
            let def = state.snapshot.def();
            def.visible(actor.role) && def.photos().is_some_and(|i| def.fields[i].visible(actor.role))
        })
    }
}

/// Whether the actor uploaded the photo, in the role of now: what another role uploaded is that role's.
pub(crate) fn is_own(actor: &Actor, claims: &[Claim]) -> bool {
    claims.iter().any(|c| c.actor == actor.name && c.role == actor.role)
}

fn unknown() -> EngineError {
    Fault::of(Code::UnknownAttachment).into()
}

fn name_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}
