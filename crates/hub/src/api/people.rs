//! People and their accounts.

use causeway_model::{AccountId, AccountKind, ConnectionId, PersonId, Platform};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PairingView;

/// Reads the directory of one connection, or of all.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ImportPeople {
    pub connection: Option<ConnectionId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportReport {
    pub connections: Vec<ImportedConnection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportedConnection {
    pub connection: ConnectionId,
    pub platform: Platform,
    #[ts(type = "number")]
    pub added: u64,
    #[ts(type = "number")]
    pub changed: u64,
    #[ts(type = "number")]
    pub unchanged: u64,
    #[ts(type = "number")]
    pub deactivated: u64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ListPeople {
    /// Part of a name or an address.
    #[serde(default)]
    pub search: Option<String>,
    #[serde(default)]
    pub state: SyncState,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// 50 where absent, 500 at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    #[default]
    Any,
    Paired,
    Unpaired,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PeoplePage {
    /// How many fit the search, on all pages.
    #[ts(type = "number")]
    pub total: u64,
    pub people: Vec<PersonView>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonView {
    pub id: PersonId,
    pub name: String,
    pub email: Option<String>,
    pub accounts: Vec<AccountView>,
    pub pairings: Vec<PairingView>,
    /// Deliveries that wait because of this person.
    #[ts(type = "number")]
    pub waiting: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountView {
    pub id: AccountId,
    pub connection: ConnectionId,
    pub platform: Platform,
    pub name: String,
    pub kind: AccountKind,
    pub active: bool,
    /// Whether the hub may act as this account.
    pub authorised: bool,
}

/// Someone by row id, or by an address or a full name that fits one person alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PersonRef {
    Id(PersonId),
    Named(String),
}
