//! People, their accounts, and how each is represented on the other side.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, ConnectionId, ExternalAccount, PairingId, PersonId, Timestamp};

/// One identity on one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Account {
    pub id: AccountId,
    pub connection: ConnectionId,
    pub external: ExternalAccount,
    pub person: Option<PersonId>,
    pub email: Option<String>,
    pub name: String,
    pub photo: Option<String>,
    pub kind: AccountKind,
    pub active: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// The person's own.
    Full,
    /// Made by the hub on the organisation's behalf, or any guest of the tenant.
    Guest,
    /// The hub's own presence: Slack app, Teams service account.
    App,
    /// Somebody else's bot; never a person.
    Bot,
}

impl AccountKind {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Guest => "guest",
            Self::App => "app",
            Self::Bot => "bot",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Full, Self::Guest, Self::App, Self::Bot]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// An account as a platform's directory lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryAccount {
    pub external: ExternalAccount,
    /// As the platform writes it; compared without regard to case.
    pub email: Option<String>,
    /// Whether the platform vouches for the address.
    pub email_verified: bool,
    pub name: String,
    /// A public URL, where the platform has one.
    pub photo: Option<String>,
    pub kind: AccountKind,
    pub active: bool,
}

/// A human, who owns accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub email: Option<String>,
}

/// How a person is represented on a secondary platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Their own account there.
    Full,
    /// A guest account that the hub makes.
    Guest,
    /// No account there: the hub's app speaks for them.
    App,
}

impl Mode {
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
            .find(|mode| mode.word() == word)
    }
}

/// A person's primary account and what stands for them on one secondary connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Pairing {
    pub id: PairingId,
    pub person: PersonId,
    pub primary: AccountId,
    pub secondary_connection: ConnectionId,
    /// Their account there; none in mode App.
    pub secondary: Option<AccountId>,
    pub mode: Mode,
    pub state: PairingState,
    /// In mode Guest only.
    pub guest: Option<GuestState>,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PairingState {
    Active,
    /// Taken apart by the administrator; kept so that old messages stay known.
    Ended,
}

impl PairingState {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Ended]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// How far a guest account that the hub made has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GuestState {
    /// It is about to be made.
    Wanted,
    /// It exists; nobody has taken it up yet, so it can do nothing.
    Invited,
    /// It has been taken up and can be used.
    Redeemed,
    /// The organisation there forbids guests, or what guests would do.
    Forbidden,
}

impl GuestState {
    pub const ALL: [Self; 4] = [Self::Wanted, Self::Invited, Self::Redeemed, Self::Forbidden];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Invited => "invited",
            Self::Redeemed => "redeemed",
            Self::Forbidden => "forbidden",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// With whose token a call is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The hub's own presence: the Slack app's bot, the Teams service account.
    App,
    /// The person's own token of this account.
    Account(ExternalAccount),
}
