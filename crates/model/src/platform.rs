//! Platforms and the connections to them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ConnectionId, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    Slack,
    Teams,
    Webex,
    Zoom,
}

impl Platform {
    pub const ALL: [Self; 4] = [Self::Slack, Self::Teams, Self::Webex, Self::Zoom];

    /// The word used in settings, on the command line and in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Webex => "webex",
            Self::Zoom => "zoom",
        }
    }

    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Teams => "Microsoft Teams",
            Self::Webex => "Webex",
            Self::Zoom => "Zoom Team Chat",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|platform| platform.word() == word)
    }
}

/// One workspace, tenant, organisation or account that the administrator has authorised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Connection {
    pub id: ConnectionId,
    pub platform: Platform,
    /// The platform's own name of the workspace or tenant.
    pub name: String,
    pub health: Health,
}

/// How a connection fares, since when, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Health {
    pub state: HealthState,
    pub since: Timestamp,
    /// The last time the platform answered as it should.
    pub last_success: Option<Timestamp>,
    /// What is wrong, in words without names, addresses or texts.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    Connecting,
    Connected,
    Degraded,
    NeedsAuthorisation,
    Paused,
}

impl HealthState {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Degraded => "degraded",
            Self::NeedsAuthorisation => "needs_authorisation",
            Self::Paused => "paused",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Connecting,
            Self::Connected,
            Self::Degraded,
            Self::NeedsAuthorisation,
            Self::Paused,
        ]
        .into_iter()
        .find(|state| state.word() == word)
    }
}
