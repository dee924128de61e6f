//! What an administrator decides for everyone.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct GetPolicy {}

/// Changes what is given, and leaves the rest.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct SetPolicy {
    /// How long messages wait for their author's consent before they go through the app, in
    /// milliseconds; a year at most. Who is being waited for already is waited for as long as was
    /// said then.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub consent_wait_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PolicyView {
    #[ts(type = "number")]
    pub consent_wait_ms: i64,
}
