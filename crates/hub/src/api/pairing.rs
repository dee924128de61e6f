//! How people are represented on their secondary platforms: previewed, made and taken apart.

use causeway_model::{
    AccountId, GuestState, Mode, PairingId, PersonId, Platform, Rung, SignInWay, Timestamp,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConsentView, HubError, PersonRef};

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
    pub consent: ConsentView,
    /// In mode Guest: how far the account has come.
    pub guest: Option<GuestState>,
    /// Who messages go out as now, and why, in words.
    pub plain: String,
    /// Their messages that wait for their answer.
    #[ts(type = "number")]
    pub waiting: u64,
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

/// Represents someone who is paired in another way on the same platform. What waits because of the
/// pairing as it was is not sent any more.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChangeMode {
    pub person: PersonRef,
    pub secondary: Platform,
    pub wish: SecondaryWish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecondaryWish {
    /// Their own account there.
    Full,
    /// A guest account that the hub makes there.
    Guest,
    /// No account: the app speaks for them.
    App,
    /// Full where they have an active account there, else App.
    Best,
    /// This account there, which is theirs though its address does not say so.
    Account(AccountId),
}

/// Says what [`PairPeople`] with the same arguments would do. Nothing is changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PreviewPairing {
    pub people: Vec<PersonRef>,
    pub primary: Platform,
    pub secondary: Platform,
    pub wish: SecondaryWish,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PairingPreview {
    /// One for each of the people, in the same order.
    pub effects: Vec<PairingEffect>,
    pub summary: PreviewSummary,
}

/// What pairing one person would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PairingEffect {
    pub person: PersonRef,
    /// None where nobody is meant, or more than one person.
    pub name: Option<String>,
    /// None where there is a problem.
    pub mode: Option<Mode>,
    /// What happens, in a sentence; with a problem, why nothing does.
    pub words: String,
    pub problem: Option<HubError>,
    /// Whether anyone will be asked anything.
    pub asks: bool,
    /// How they will be asked.
    pub how: Option<SignInWay>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewSummary {
    pub full: u32,
    pub guest: u32,
    pub app: u32,
    /// People who will be asked.
    pub asked: u32,
    /// People who cannot be paired like this.
    pub problems: u32,
}

/// Pairs several people alike, each on their own: one that fails keeps nobody else from it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PairPeople {
    pub people: Vec<PersonRef>,
    pub primary: Platform,
    pub secondary: Platform,
    pub wish: SecondaryWish,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BulkReport {
    pub paired: Vec<PairingView>,
    pub failed: Vec<NotPaired>,
}

/// Someone who was not paired, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NotPaired {
    pub person: PersonRef,
    pub error: HubError,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UnpairPerson {
    pub person: PersonRef,
    /// Only from this platform; from all where absent.
    pub secondary: Option<Platform>,
    /// Whether guest accounts that the hub made for them are deleted too.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub remove_guest: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnpairReport {
    #[ts(type = "number")]
    pub pairings_ended: u64,
    /// Deliveries that were waiting and are not sent any more.
    #[ts(type = "number")]
    pub deliveries_cancelled: u64,
    /// Guest accounts that were deleted.
    #[ts(type = "number")]
    pub guests_removed: u64,
    /// Guest accounts that are still there.
    #[ts(type = "number")]
    pub guests_left: u64,
    /// Why a guest account could not be deleted; the pairing has ended all the same.
    pub guest_error: Option<HubError>,
    /// What happened, in words.
    pub words: String,
}
