//! Links, legs, and the conversations they live in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ExternalAccount, ExternalConversation, RelayId, Speaker};

/// What kind of conversation a leg is, highest first: in the first each person writes to the
/// other's own account; the others need the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LegKind {
    /// The platform's own direct conversation between the person and what stands for the other.
    Native,
    /// A group per pair: the app, the person, and the other's account where there is one.
    Group,
    /// A private channel per pair: the app and the person.
    Private,
    /// The person's conversation with the hub's app itself; belongs to no link.
    App,
}

impl LegKind {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Group => "group",
            Self::Private => "private",
            Self::App => "app",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Native, Self::Group, Self::Private, Self::App]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// Where new messages go.
    Current,
    /// Kept for edits, echoes, and people who go on writing there.
    Old,
    /// Nothing is relayed any more.
    Closed,
}

impl LegState {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Old => "old",
            Self::Closed => "closed",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Current, Self::Old, Self::Closed]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A conversation as its platform describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationFacts {
    pub id: ExternalConversation,
    pub kind: ConversationKind,
    /// Everyone in it, the hub's app included where the platform lists it.
    pub members: Vec<ExternalAccount>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Between two people.
    Direct,
    /// Between a person and the hub's app.
    WithApp,
    Group,
    Channel,
}

/// A conversation that a leg needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenConversation {
    pub kind: LegKind,
    /// Who works on this platform.
    pub person: ExternalAccount,
    /// What stands for the other here.
    pub stand_in: Option<ExternalAccount>,
    /// The other's name, for the topic or the channel's name.
    pub stand_in_name: String,
    /// Who makes it.
    pub speaker: Speaker,
    /// Tells this conversation from any other of the same name.
    pub relay_id: RelayId,
}
