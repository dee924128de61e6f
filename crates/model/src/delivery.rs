//! Deliveries: one operation each, on one leg, because of one event.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{DeliveryId, ExternalMessage, FailureKind, LegId, MessageId, RelayId, Timestamp};

/// Who a message was actually sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    Full,
    Guest,
    App,
}

impl Rung {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Guest => "guest",
            Self::App => "app",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Full, Self::Guest, Self::App]
            .into_iter()
            .find(|rung| rung.word() == word)
    }
}

/// What is to be done on the leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Make or find the leg's conversation.
    Open,
    /// Post a message, or one part of it.
    Post,
    Edit,
    Delete,
    /// Something the hub itself has to say there.
    Note,
    /// Ask somebody for their consent.
    Prompt,
}

impl Operation {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Post => "post",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Note => "note",
            Self::Prompt => "prompt",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Open,
            Self::Post,
            Self::Edit,
            Self::Delete,
            Self::Note,
            Self::Prompt,
        ]
        .into_iter()
        .find(|operation| operation.word() == word)
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// In its lane; due now or at a known time.
    Queued,
    /// The intent is committed, the outcome is not known yet.
    Sending,
    Delivered,
    /// Something outside must change first: a token, a connection, an approval.
    WaitingForPerson,
    /// Whether it arrived cannot be decided; an administrator chooses.
    Uncertain,
    /// Nothing to do any more: undone before it was sent, unpaired, or already as it should be.
    Cancelled,
    /// Given up, with the reason.
    Dead,
}

impl DeliveryState {
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Sending,
        Self::Delivered,
        Self::WaitingForPerson,
        Self::Uncertain,
        Self::Cancelled,
        Self::Dead,
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::WaitingForPerson => "waiting_for_person",
            Self::Uncertain => "uncertain",
            Self::Cancelled => "cancelled",
            Self::Dead => "dead",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether the lane goes on past it, and its content can be forgotten.
    #[must_use]
    pub fn is_settled(self) -> bool {
        match self {
            Self::Delivered | Self::Cancelled | Self::Dead => true,
            Self::Queued | Self::Sending | Self::WaitingForPerson | Self::Uncertain => false,
        }
    }
}

/// Why a delivery is not simply delivered: a closed list of codes for people and programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The platform asked the hub to slow down.
    Throttled,
    /// The platform or the network failed; it is tried again.
    Unreachable,
    /// A token is missing, revoked or expired.
    NotAuthorised,
    /// The platform forbids it to this app or account.
    Forbidden,
    /// The conversation or message is not there any more.
    Gone,
    /// The platform cannot do this at all.
    NotSupported,
    /// The platform did not understand the hub: a fault of ours.
    Rejected,
    /// The connection was cut after the request had left.
    UnknownOutcome,
    /// The pairing was ended.
    Unpaired,
    /// The message was deleted before it was sent.
    DeletedBefore,
    /// The message it changes never arrived there.
    OriginalMissing,
    /// It has waited longer than the policy allows.
    TooOld,
    /// The administrator decided so.
    ByAdministrator,
    /// It must be sent as somebody who has been asked and has not answered yet.
    AwaitingConsent,
    /// Another conversation has taken its place.
    Superseded,
    /// Nobody needs to be asked any more.
    NotNeeded,
    /// The same words went to and fro: another bridge carries back what this one carries there.
    LoopStopped,
}

impl Reason {
    pub const ALL: [Self; 17] = [
        Self::Throttled,
        Self::Unreachable,
        Self::NotAuthorised,
        Self::Forbidden,
        Self::Gone,
        Self::NotSupported,
        Self::Rejected,
        Self::UnknownOutcome,
        Self::Unpaired,
        Self::DeletedBefore,
        Self::OriginalMissing,
        Self::TooOld,
        Self::ByAdministrator,
        Self::AwaitingConsent,
        Self::Superseded,
        Self::NotNeeded,
        Self::LoopStopped,
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::NotAuthorised => "not_authorised",
            Self::Forbidden => "forbidden",
            Self::Gone => "gone",
            Self::NotSupported => "not_supported",
            Self::Rejected => "rejected",
            Self::UnknownOutcome => "unknown_outcome",
            Self::Unpaired => "unpaired",
            Self::DeletedBefore => "deleted_before",
            Self::OriginalMissing => "original_missing",
            Self::TooOld => "too_old",
            Self::ByAdministrator => "by_administrator",
            Self::AwaitingConsent => "awaiting_consent",
            Self::Superseded => "superseded",
            Self::NotNeeded => "not_needed",
            Self::LoopStopped => "loop_stopped",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

impl From<FailureKind> for Reason {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Throttled { .. } => Self::Throttled,
            FailureKind::NotSent => Self::Unreachable,
            FailureKind::NotAuthorised => Self::NotAuthorised,
            FailureKind::Forbidden => Self::Forbidden,
            FailureKind::Gone => Self::Gone,
            FailureKind::NotSupported => Self::NotSupported,
            FailureKind::Rejected => Self::Rejected,
            FailureKind::Unknown => Self::UnknownOutcome,
        }
    }
}

/// One row of the ledger, with what its sending needs. The content is kept apart and forgotten
/// when the delivery settles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub leg: LegId,
    /// The message as people wrote it; none for notes and for making conversations.
    pub message: Option<MessageId>,
    pub operation: Operation,
    /// Which part of a message that had to be split, from 0.
    pub part: u16,
    pub relay_id: RelayId,
    pub state: DeliveryState,
    pub reason: Option<Reason>,
    pub attempts: u32,
    /// Orders the lane.
    pub source_at: Timestamp,
    pub received_at: Timestamp,
    /// Not to be taken before.
    pub due_at: Timestamp,
    /// When the intent of the last attempt was committed.
    pub intent_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    pub rung: Option<Rung>,
    /// The message on the leg that this made or changes.
    pub external: Option<ExternalMessage>,
    pub late: bool,
}
