//! Figures over time.

use causeway_model::{ConnectionId, DeliveryState, PersonId, Platform, Reason, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConnectionView, NoticeView};

/// What was delivered lately, how long it took, and what waits.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct GetStats {
    pub span: StatsSpan,
}

/// How far back the figures go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StatsSpan {
    /// The last 24 hours, by the hour.
    Day,
    /// The last 7 days, by 6 hours.
    Week,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatsReport {
    /// How long each bucket is, in milliseconds.
    #[ts(type = "number")]
    pub bucket_ms: i64,
    /// The first is the oldest; the last is not over yet.
    pub buckets: Vec<StatsBucket>,
    /// What waits now; most first.
    pub waiting: Vec<WaitingView>,
}

/// What was received in one span of time, and what became of it so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatsBucket {
    /// When it begins.
    pub at: Timestamp,
    #[ts(type = "number")]
    pub delivered: u64,
    /// Given up.
    #[ts(type = "number")]
    pub failed: u64,
    /// On its way, waiting or uncertain.
    #[ts(type = "number")]
    pub open: u64,
    /// Half of what was delivered took at most so long from being written, in milliseconds; none
    /// where nothing was.
    #[ts(type = "number | null")]
    pub median_ms: Option<i64>,
    /// 95 of 100 took at most so long.
    #[ts(type = "number | null")]
    pub p95_ms: Option<i64>,
}

/// How many deliveries wait for the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaitingView {
    pub state: DeliveryState,
    /// None where they only wait for their turn.
    pub reason: Option<Reason>,
    /// Whether they wait because an administrator has paused the relay, or where they go to.
    pub paused: bool,
    #[ts(type = "number")]
    pub deliveries: u64,
}

/// What does not go on without a person.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct GetNeeds {}

/// What does not go on without a person, by what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NeedsReport {
    /// Connections that do not get well by themselves.
    pub connections: Vec<ConnectionView>,
    /// Oldest first.
    pub notices: Vec<NoticeView>,
    /// Deliveries of which nobody can tell whether they arrived.
    #[ts(type = "number")]
    pub uncertain: u64,
    /// Deliveries that wait for somebody, other than for a consent.
    #[ts(type = "number")]
    pub stuck: u64,
    /// Whose consent most is waiting for; ten at most.
    pub consents: Vec<AwaitedConsent>,
    /// People whom somebody has looked for in vain; ten at most.
    pub wanted: Vec<WantedPerson>,
}

/// Somebody who has been asked for their consent and has not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AwaitedConsent {
    pub person: PersonId,
    pub name: String,
    /// Where they are to authorise the hub.
    pub platform: Platform,
    pub connection: ConnectionId,
    #[ts(type = "number")]
    pub deliveries: u64,
    /// From then on what waits goes out through the app.
    pub until: Option<Timestamp>,
}

/// Somebody who was looked for and is not paired there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WantedPerson {
    pub person: PersonId,
    pub name: String,
    /// Where somebody looked for them.
    pub platform: Platform,
    pub times: u32,
}
