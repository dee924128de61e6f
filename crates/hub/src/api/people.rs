//! People, their accounts and pairings.

use causeway_model::{
    AccountId, AccountKind, ConnectionId, LegId, LegKind, LegState, Mode, PairingId, PersonId,
    Platform, Rung, Timestamp,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PairingView {
    pub id: PairingId,
    pub person: PersonId,
    pub person_name: String,
    pub primary: Platform,
    pub secondary: Platform,
    pub mode: Mode,
    /// Who messages really go out as now.
    pub speaks_as: Rung,
    pub since: Timestamp,
    pub legs: Vec<LegView>,
}

/// A conversation that stands for this person on another platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LegView {
    pub id: LegId,
    pub platform: Platform,
    pub kind: LegKind,
    pub state: LegState,
    /// The person on that platform.
    pub with: String,
    pub opened: bool,
}

/// Someone by row id, or by an address or a full name that fits one person alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PersonRef {
    Id(PersonId),
    Named(String),
}

/// Pairs a person's primary account with what stands for them on the other platform.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PairPerson {
    pub person: PersonRef,
    /// Where they work.
    pub primary: Platform,
    /// Where they are to be represented.
    pub secondary: Platform,
    pub wish: SecondaryWish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecondaryWish {
    /// Their own account there.
    Full,
    /// No account: the app speaks for them.
    App,
    /// Full where they have an active account there, else App.
    Best,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UnpairPerson {
    pub person: PersonRef,
    /// Only from this platform; from all where absent.
    pub secondary: Option<Platform>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnpairReport {
    #[ts(type = "number")]
    pub pairings_ended: u64,
    /// Deliveries that were waiting and are not sent any more.
    #[ts(type = "number")]
    pub deliveries_cancelled: u64,
}
