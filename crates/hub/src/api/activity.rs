//! The ledger: what became of every delivery. Never text.

use causeway_model::{
    DeliveryId, DeliveryState, Operation, PersonId, Platform, Reason, Rung, Timestamp,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which deliveries are meant; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActivityFilter {
    #[serde(default)]
    pub state: Option<DeliveryState>,
    #[serde(default)]
    pub reason: Option<Reason>,
    #[serde(default)]
    pub platform: Option<Platform>,
    /// Someone on either side, by part of their name.
    #[serde(default)]
    pub person: Option<String>,
    /// Someone on either side.
    #[serde(default)]
    pub of: Option<PersonId>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ListActivity {
    #[serde(default)]
    pub filter: ActivityFilter,
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

/// Shows everything that is known of one delivery. Never what it says.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct GetDelivery {
    pub delivery: DeliveryId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryDetails {
    pub entry: ActivityEntry,
    /// What happened to it, in order; what is still to come is left out.
    pub timeline: Vec<DeliveryStep>,
    /// Why it cannot be tried again now; it can where this is absent.
    pub cannot_retry: Option<String>,
    /// Why it cannot be given up now; it can where this is absent.
    pub cannot_skip: Option<String>,
}

/// Something that happened to a delivery, or that it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryStep {
    pub step: StepKind,
    /// When; none for what it waits for now.
    pub at: Option<Timestamp>,
    /// What happened, in a sentence.
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    Written,
    Received,
    Routed,
    /// It waited, and does not any more.
    Waited,
    /// It waits.
    Waiting,
    Sent,
    Confirmed,
    Settled,
}

/// What an administrator has found out about a delivery of uncertain outcome.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct ResolveDelivery {
    pub delivery: DeliveryId,
    pub resolution: Resolution,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It stands in the conversation.
    Arrived,
    /// It does not, and is to be sent once more.
    SendAgain,
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
