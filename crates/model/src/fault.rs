//! A failed call, classified once, where it happened.

use serde::{Deserialize, Serialize};

/// What a failed call means for what was to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// Not done; the platform wants a pause of this many milliseconds, where it says.
    Throttled { after_ms: Option<u64> },
    /// Surely not done: the platform said so, or the request never left. Worth trying again.
    NotSent,
    /// The token is missing, revoked or expired; a person must authorise again.
    NotAuthorised,
    /// The platform forbids it; an administrator must change something.
    Forbidden,
    /// The conversation, message or account is not there any more.
    Gone,
    /// The platform cannot do this at all.
    NotSupported,
    /// The platform found the request wrong: trying again will not help.
    Rejected,
    /// The request left, and whether it was done is not known.
    Unknown,
}

/// A failed call: its kind, and the platform's own code. Never texts, tokens or addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{code}: {detail}")]
pub struct Failure {
    pub kind: FailureKind,
    /// The platform's code (`channel_not_found`, `InvalidAuthenticationToken`) or ours (`timeout`).
    pub code: String,
    /// What was being done, e.g. `chat.postMessage`.
    pub detail: String,
}

impl Failure {
    pub fn new(kind: FailureKind, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.into(),
            detail: detail.into(),
        }
    }
}
