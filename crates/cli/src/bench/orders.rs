//! What the bench tells its sink, and what the sink answers: a line of JSON each, in turn.

use serde::{Deserialize, Serialize};

/// Where the sink serves what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    /// Slack's Web API.
    pub slack: String,
    pub graph: String,
    pub entra: String,
}

/// A lane is one pair of people: the conversation of who works in Slack with who works in Teams.
pub type Lane = usize;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Those who work in Slack ask the app for their partners; done when every conversation is
    /// open on both sides.
    Open { lanes: usize },
    /// Write in Slack, with at most `window` messages of a lane under way.
    Write {
        lanes: Vec<Lane>,
        window: u32,
        until: Until,
    },
    /// How posts to these lanes are answered from now on.
    Treat { lanes: Vec<Lane>, how: Treatment },
    /// A message every so often in each of these lanes, beside everything else; in none when empty.
    Trickle { lanes: Vec<Lane>, every_ms: u64 },
    /// Hold posts to a published limit from the first one on, and count for a while.
    Limit(Limit),
    /// What came of [`Order::Limit`], when its time is over.
    Counted,
    /// Let so many messages of each lane's partner be found at the next poll of Teams.
    Letters { lanes: Vec<Lane>, each: u32 },
    /// Answers when the next post comes in.
    AwaitPost,
    /// A post as it came in, for the bare client.
    Sample,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    Messages(u64),
    Millis(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    Well,
    /// Answered after a second.
    Slow,
    /// Answered with 503.
    Refused,
    /// Never answered.
    Silent,
}

/// A limit for each conversation, in a clock that runs `speed` times as fast as ours.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Limit {
    /// Of each channel.
    pub per_second: f64,
    pub burst: f64,
    /// Of all channels together.
    pub whole_per_second: f64,
    pub whole_burst: f64,
    pub speed: f64,
    /// Of that clock.
    pub seconds: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    Done,
    Ran(Ran),
    Counted { accepted: u64, throttled: u64 },
    Sample { path: String, body: String },
    Failed { why: String },
}

/// What became of messages that were written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Ran {
    pub messages: u64,
    /// From the first event on the socket to the last post.
    pub seconds: f64,
    /// Of each message, from its event on the socket to the end of its post's request.
    pub latencies_us: Vec<u32>,
    /// Posts of a message that had been posted before: a fault of the relay.
    pub doubled: u64,
}
