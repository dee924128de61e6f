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
    /// What was written longer ago than this when the hub came to read it is not carried any more,
    /// in milliseconds; from an hour to a year.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub catch_up_ms: Option<i64>,
    /// Whether someone who is not paired is relayed through the app, with their name, when they
    /// write to a paired person's account.
    #[serde(default)]
    pub relay_unpaired: Option<bool>,
    /// How long the record of what was delivered is kept, in milliseconds; from a day to ten years.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub ledger_kept_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PolicyView {
    #[ts(type = "number")]
    pub consent_wait_ms: i64,
    #[ts(type = "number")]
    pub catch_up_ms: i64,
    pub relay_unpaired: bool,
    #[ts(type = "number")]
    pub ledger_kept_ms: i64,
}
