//! Whether messages flow.

use causeway_model::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ConnectionView;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct GetStatus {}

/// Waits until the revision is no longer `since`, at most `timeout_ms` (60,000 at most).
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct WaitForChange {
    #[ts(type = "number")]
    pub since: u64,
    pub timeout_ms: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatusReport {
    pub version: String,
    /// The data folder.
    pub home: String,
    pub role: RelayRole,
    /// The id that the system gives the process that answers.
    pub process: u32,
    pub since: Timestamp,
    /// Since when nothing is sent at all, because an administrator has paused the relay.
    pub paused_since: Option<Timestamp>,
    pub key: KeyPlace,
    /// The listener's address, where there is one.
    pub listener: Option<String>,
    pub connections: Vec<ConnectionView>,
    pub deliveries: DeliveryCounts,
    /// People with at least one active pairing.
    #[ts(type = "number")]
    pub paired_people: u64,
    /// Moves on with every change.
    #[ts(type = "number")]
    pub revision: u64,
}

/// Who relays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RelayRole {
    /// The program that answers relays itself.
    Relaying,
    /// The folder is open, but nothing is relayed: a command-line call without a running relay.
    Idle,
}

/// Where the database's key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    Keychain,
    KeyFile,
}

/// Deliveries by state. The settled ones are counted since the hub was set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryCounts {
    #[ts(type = "number")]
    pub queued: u64,
    #[ts(type = "number")]
    pub sending: u64,
    #[ts(type = "number")]
    pub waiting_for_person: u64,
    #[ts(type = "number")]
    pub uncertain: u64,
    #[ts(type = "number")]
    pub delivered: u64,
    #[ts(type = "number")]
    pub cancelled: u64,
    #[ts(type = "number")]
    pub dead: u64,
}
