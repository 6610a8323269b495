//! What can go wrong, sorted into the few kinds an edge needs to tell apart.

use model::{Code, Fault};
use store::StoreError;

/// An error of the engine: one or more faults of the caller, or the store's.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Faults of the request, at least one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults(Vec<Fault>),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// A task of ours died.
    #[error("a worker stopped")]
    Stopped,
}

/// A deliberately small sorting of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The address or a parameter cannot be read.
    BadRequest,
    /// There is no such thing, for this reader.
    NotFound,
    /// The content is readable and wrong.
    Invalid,
    /// The content contradicts the present state.
    Conflict,
    /// The feature changed since it was read.
    Stale,
    /// The change must say what it was based on.
    VersionRequired,
    /// The reader may see but not do this.
    Forbidden,
    /// More than is taken.
    TooLarge,
    /// Try again later.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl EngineError {
    /// The kind of the first fault.
    pub fn kind(&self) -> ErrorKind {
        match self {
            EngineError::Faults(faults) => faults.first().map_or(ErrorKind::Internal, |f| kind_of(f.code)),
            EngineError::Store(_) => ErrorKind::Unavailable,
            EngineError::Stopped => ErrorKind::Internal,
        }
    }

    /// The faults to tell; empty when the fault is ours.
    pub fn faults(&self) -> &[Fault] {
        if let EngineError::Faults(faults) = self { faults } else { &[] }
    }
}

/// The kind of one code. Exhaustive: a new code does not compile until it is sorted.
pub fn kind_of(code: Code) -> ErrorKind {
    match code {
        Code::UnknownLayer
        | Code::UnknownFeature
        | Code::UnknownPath
        | Code::UnknownBatch
        | Code::UnknownView
        | Code::UnknownBasemap
        | Code::OutOfRange => ErrorKind::NotFound,
        Code::UnknownParameter
        | Code::InvalidParameter
        | Code::InvalidJson
        | Code::DuplicateKey
        | Code::TooDeep
        | Code::UnknownCrs
        | Code::UnknownHost
        | Code::InvalidFile
        | Code::UnknownMapping
        | Code::UnsupportedMediaType
        | Code::NotAcceptable
        | Code::MethodNotAllowed => ErrorKind::BadRequest,
        Code::UnknownField
        | Code::InvalidGeometry
        | Code::InvalidValue
        | Code::UnknownCode
        | Code::Required
        | Code::ReadOnly
        | Code::UnknownAttachment
        | Code::InvalidImage
        | Code::PersonData
        | Code::NothingSelected
        | Code::IdempotencyKeyReused => ErrorKind::Invalid,
        Code::TransitionNotAllowed
        | Code::ValidityOverlap
        | Code::RevertConflict
        | Code::NothingToRevert
        | Code::ChangedSince
        | Code::AlreadyUndone => ErrorKind::Conflict,
        Code::StaleVersion => ErrorKind::Stale,
        Code::VersionRequired => ErrorKind::VersionRequired,
        Code::Forbidden | Code::ForeignOrigin => ErrorKind::Forbidden,
        Code::TooLarge => ErrorKind::TooLarge,
        Code::Busy | Code::Behind | Code::StoreUnavailable => ErrorKind::Unavailable,
        Code::Internal => ErrorKind::Internal,
    }
}

impl From<Fault> for EngineError {
    fn from(fault: Fault) -> Self {
        EngineError::Faults(vec![fault])
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fault(fault) => fault.into(),
            other => EngineError::Store(other),
        }
    }
}
