//! What an administrator should know of, until it is over.

use causeway_model::{ConnectionId, Platform, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ListNotices {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoticeView {
    #[ts(type = "number")]
    pub id: i64,
    pub connection: ConnectionId,
    pub platform: Platform,
    pub code: NoticeCode,
    /// Whom it is about, by name, where it is about one person.
    pub person: Option<String>,
    /// What happened.
    pub message: String,
    /// The one thing to do.
    pub action: String,
    /// A page of the platform's where it can be done.
    pub link: Option<String>,
    pub at: Timestamp,
}

/// Takes a notice off the list. It comes back when what it is about happens again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct DismissNotice {
    #[ts(type = "number")]
    pub notice: i64,
}

/// Spans that nobody heard and nobody could read back, the newest first.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ListGaps {}

/// A span of a conversation, or of all of a connection's, of which the hub does not know what was
/// said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GapView {
    pub platform: Platform,
    /// Whose conversation it is, by name; empty where the whole connection is meant.
    pub between: Vec<String>,
    /// By the platform's clock.
    pub since: Timestamp,
    pub until: Timestamp,
    /// The code of the failure that kept the hub from reading it.
    pub code: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// People may not consent by themselves there.
    AdministratorConsentNeeded,
    /// The tenant does not allow device codes.
    DeviceCodeBlocked,
    /// The tenant wants a second factor, which the hub cannot give.
    SecondFactorRequired,
    /// The account may not sign in there.
    SignInForbidden,
    /// The organisation's settings keep guests out.
    GuestsForbidden,
    /// The address is the organisation's own: its owner cannot be a guest.
    GuestAddressIsOwn,
    /// Somebody joined a conversation that was meant for one person.
    ConversationWidened,
    /// Somebody could not be asked for their consent.
    PromptUndeliverable,
    /// The same words went to and fro between two people, and no further.
    LoopStopped,
    /// Preflight found what keeps something from working.
    PreflightFindings,
    /// The app's secret or certificate ends soon.
    CredentialEnds,
    /// This hub was made from a backup, and does not send yet.
    RestoredFromBackup,
}

impl NoticeCode {
    pub const ALL: [Self; 12] = [
        Self::AdministratorConsentNeeded,
        Self::DeviceCodeBlocked,
        Self::SecondFactorRequired,
        Self::SignInForbidden,
        Self::GuestsForbidden,
        Self::GuestAddressIsOwn,
        Self::ConversationWidened,
        Self::PromptUndeliverable,
        Self::LoopStopped,
        Self::PreflightFindings,
        Self::CredentialEnds,
        Self::RestoredFromBackup,
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AdministratorConsentNeeded => "administrator_consent_needed",
            Self::DeviceCodeBlocked => "device_code_blocked",
            Self::SecondFactorRequired => "second_factor_required",
            Self::SignInForbidden => "sign_in_forbidden",
            Self::GuestsForbidden => "guests_forbidden",
            Self::GuestAddressIsOwn => "guest_address_is_own",
            Self::ConversationWidened => "conversation_widened",
            Self::PromptUndeliverable => "prompt_undeliverable",
            Self::LoopStopped => "loop_stopped",
            Self::PreflightFindings => "preflight_findings",
            Self::CredentialEnds => "credential_ends",
            Self::RestoredFromBackup => "restored_from_backup",
        }
    }

    /// None for what a newer version wrote.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.word() == word)
    }
}
