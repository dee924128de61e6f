//! People who could be paired and are not.

use causeway_model::{PersonId, Platform, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccountView, SecondaryWish};

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ListSuggestions {
    /// 50 where absent, 500 at most.
    #[serde(default)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// Only those that are set aside, all on one page.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub aside: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SuggestionPage {
    /// How many there are on all pages.
    #[ts(type = "number")]
    pub total: u64,
    /// Those looked for most often first, then by name.
    pub suggestions: Vec<Suggestion>,
    pub next: Option<String>,
}

/// Someone who could be paired, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Suggestion {
    pub person: PersonId,
    pub name: String,
    pub kind: SuggestionKind,
    /// All of theirs.
    pub accounts: Vec<AccountView>,
    /// Accounts on the other platform that might be theirs too: an administrator decides.
    pub candidates: Vec<AccountView>,
    /// Where they work, where that is plain: they have one account only.
    pub primary: Option<Platform>,
    /// Where they would be represented.
    pub secondary: Option<Platform>,
    /// How; none while it is not known who they are there.
    pub wish: Option<SecondaryWish>,
    /// Who wanted to write to them and could not.
    pub wanted: Option<WantedView>,
    /// What was found, in a sentence.
    pub words: String,
    /// Where an administrator has set it aside.
    pub aside: Option<AsideView>,
}

/// Since when a suggestion is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AsideView {
    pub at: Timestamp,
    /// When it comes back; none where it was ignored for good.
    pub until: Option<Timestamp>,
}

/// Sets a suggestion aside, or takes it up again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct DecideSuggestion {
    pub person: PersonId,
    pub decision: SuggestionDecision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionDecision {
    /// Not shown any more.
    Ignore,
    /// Shown again in a week.
    Later,
    /// Shown again now.
    Show,
}

/// What was decided about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecidedSuggestion {
    pub person: PersonId,
    pub name: String,
    /// None where it is shown.
    pub aside: Option<AsideView>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// One person with an account on each side under the same verified address.
    Match,
    /// Somebody on the other side goes by the same name; no address says that they are one.
    Ambiguous,
    /// Nobody on the other side can be them.
    Missing,
    /// Somebody looked for them in vain; the other fields say what could be done.
    Wanted,
}

impl SuggestionKind {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Ambiguous => "ambiguous",
            Self::Missing => "missing",
            Self::Wanted => "wanted",
        }
    }
}

/// Somebody was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WantedView {
    /// From where.
    pub platform: Platform,
    pub times: u32,
    /// The last time.
    pub at: Timestamp,
}
