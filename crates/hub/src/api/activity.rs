//! The ledger: what became of every delivery. Never text.

use causeway_model::{DeliveryId, DeliveryState, Operation, Platform, Reason, Rung, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ListActivity {
    #[serde(default)]
    pub state: Option<DeliveryState>,
    #[serde(default)]
    pub platform: Option<Platform>,
    /// Part of the name of someone on either side.
    #[serde(default)]
    pub person: Option<String>,
    /// `next` of the page before: newest come first.
    #[serde(default)]
    pub before: Option<String>,
    /// 50 where absent, 500 at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActivityPage {
    pub entries: Vec<ActivityEntry>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActivityEntry {
    pub id: DeliveryId,
    pub operation: Operation,
    pub state: DeliveryState,
    pub reason: Option<Reason>,
    /// Who wrote it; none where the hub itself had something to say.
    pub author: Option<String>,
    /// For whom it is.
    pub to: Option<String>,
    pub from_platform: Option<Platform>,
    pub to_platform: Platform,
    pub rung: Option<Rung>,
    pub attempts: u32,
    pub late: bool,
    /// When it was written.
    pub written_at: Timestamp,
    pub received_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    /// Opens the message in the platform's own app.
    pub permalink: Option<String>,
}

/// Tries a delivery again that waits, is uncertain or was given up.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct RetryDelivery {
    pub delivery: DeliveryId,
}

/// Gives a delivery up, so that its lane goes on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct SkipDelivery {
    pub delivery: DeliveryId,
}
