//! What was checked of the connections, and what came of it.

use causeway_model::{CheckCode, ConnectionId, Platform, Timestamp, Weight};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Checks one connection, or all of them, now. Nothing is posted, made or changed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct RunPreflight {
    pub platform: Option<Platform>,
}

/// What the last checks found, without calling anybody.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct GetPreflight {}

/// What a check of one connection came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreflightReport {
    pub connection: ConnectionId,
    pub platform: Platform,
    /// The platform's own name of the workspace or tenant.
    pub name: String,
    pub at: Timestamp,
    /// Whether nothing was found that keeps anything from working.
    pub ok: bool,
    /// The most serious first.
    pub findings: Vec<FindingView>,
    /// What could not be found out.
    pub unknown: Vec<UnknownView>,
    /// What is as it should be.
    pub passed: Vec<PassedView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindingView {
    pub code: CheckCode,
    /// Which permission, where it is about one.
    pub subject: Option<String>,
    /// The platform's own code, or how much.
    pub detail: Option<String>,
    pub weight: Weight,
    /// What was found.
    pub message: String,
    /// What does not work because of it.
    pub stops: String,
    /// Where it is changed, in the words of the platform's console.
    pub action: String,
    /// The page of that console.
    pub link: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnknownView {
    pub code: CheckCode,
    pub subject: Option<String>,
    /// What was not found out, and why, in words.
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PassedView {
    pub code: CheckCode,
    pub subject: Option<String>,
    pub message: String,
}
