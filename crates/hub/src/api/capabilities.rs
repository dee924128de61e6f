//! What each platform can do.

use causeway_model::{Budget, Carried, LegKind, LegNeed, NameShown, Platform, SpeaksBy};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ListCapabilities {}

/// One kind of conversation, and what it needs to be heard and written in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LegAbility {
    pub kind: LegKind,
    pub needs: LegNeed,
}

/// What the hub can do on one platform: as it is connected, else at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CapabilityView {
    pub platform: Platform,
    /// How far what people do there is carried.
    pub carried: Vec<Carried>,
    /// The conversations that a leg can be, best first, and what each needs to be heard.
    pub legs: Vec<LegAbility>,
    /// How the app shows whom it speaks for.
    pub app_name: NameShown,
    /// What lets the hub speak as somebody's own account.
    pub speaks_by: SpeaksBy,
    /// Whether the hub can make guest accounts there.
    pub guests: bool,
    /// What is peculiar to guests there, in a sentence.
    pub guest_note: Option<String>,
    /// Whether what was sent can be recognised for certain after a crash.
    pub marker: bool,
    /// Whether a consent request has buttons, or is answered with a word.
    pub buttons: bool,
    /// How often the platform may be called.
    pub limits: Vec<Budget>,
}
