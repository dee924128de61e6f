//! People and their accounts.

use causeway_model::{
    AccountId, AccountKind, ConnectionId, LegId, LegKind, LegState, Mode, PersonId, Platform,
};
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

/// Who is meant, out of everyone; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PeopleFilter {
    /// Part of a name or an address.
    #[serde(default)]
    pub search: Option<String>,
    #[serde(default)]
    pub view: PeopleView,
    /// Paired as someone who works there.
    #[serde(default)]
    pub primary: Option<Platform>,
    /// Represented there.
    #[serde(default)]
    pub secondary: Option<Platform>,
    /// Paired in this mode.
    #[serde(default)]
    pub mode: Option<Mode>,
}

/// The views of people that are worth keeping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PeopleView {
    #[default]
    Any,
    Paired,
    Unpaired,
    /// Something of theirs does not go on without an administrator.
    NeedsAttention,
    /// Asked to let the hub act as their account, and not answered yet.
    WaitingForConsent,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ListPeople {
    #[serde(default)]
    pub filter: PeopleFilter,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// 50 where absent, 500 at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PeoplePage {
    pub people: Vec<PersonView>,
    pub next: Option<String>,
}

/// Counts everyone who fits, in each view.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct CountPeople {
    /// Its own view makes no difference.
    #[serde(default)]
    pub filter: PeopleFilter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PeopleCounts {
    pub any: u32,
    pub paired: u32,
    pub unpaired: u32,
    pub needs_attention: u32,
    pub waiting_for_consent: u32,
    /// People who could be paired and are not set aside, whatever the filter.
    pub suggestions: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonView {
    pub id: PersonId,
    pub name: String,
    pub email: Option<String>,
    pub accounts: Vec<AccountView>,
    pub pairings: Vec<PairingView>,
    /// Messages of theirs that wait.
    #[ts(type = "number")]
    pub waiting: u64,
    /// What does not go on without an administrator, most urgent first.
    pub needs: Vec<PersonNeed>,
}

/// Why someone needs an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PersonNeed {
    /// Messages of theirs wait for something to be allowed, or their outcome is uncertain.
    Stuck,
    /// What they authorised is not valid any more.
    AuthorisationLost,
    /// The account that stands for them on a secondary platform is switched off.
    AccountOff,
    /// The account that they work with is switched off.
    PrimaryOff,
    /// The organisation there does not take them as its guest.
    GuestForbidden,
    /// There is a notice about them.
    Noticed,
}

/// Shows everything that is known of one person.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct GetPerson {
    pub person: PersonId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonDetails {
    pub person: PersonView,
    /// Their conversations across platforms: those in use first, then by the other's name.
    pub legs: Vec<LegView>,
    /// How many more there are than are given.
    pub legs_left_out: u32,
    /// What was found that an administrator should know of.
    pub notices: Vec<String>,
}

/// A conversation on one platform that belongs to a link of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LegView {
    pub id: LegId,
    pub platform: Platform,
    pub kind: LegKind,
    pub state: LegState,
    /// The other one of the two.
    pub with: String,
    pub opened: bool,
    /// What is carried there, in a sentence.
    pub hears: String,
    /// What the hub cannot hear, in a sentence; none where it hears all there is.
    pub deaf: Option<String>,
    /// What would change that.
    pub remedy: Option<String>,
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
