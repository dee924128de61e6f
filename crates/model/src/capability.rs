//! What a platform can do, as data.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Carried, LegKind, Platform, carried};

/// One platform's abilities and numbers: what the relay decides by, and what administrators are
/// told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub platform: Platform,
    /// Whether a post can carry the hub's marker.
    pub marker: bool,
    /// How long after a send of unknown outcome its message surely stands in a list.
    pub read_back_after_ms: i64,
    /// Whether the source itself reads what happened while it did not hear (a poll with a cursor),
    /// so that the engine need not read the history of each conversation.
    pub source_catches_up: bool,
    /// How long an event waits for one that happened before it but arrives after.
    pub hold_ms: i64,
    /// Whether what the app says can carry buttons.
    pub buttons: bool,
    /// How the app shows whom it speaks for.
    pub app_name: NameShown,
    /// Whether the hub can make guest accounts there.
    pub guests: bool,
    /// What lets the hub speak as somebody's own account.
    pub speaks_by: SpeaksBy,
    /// The kinds of leg, highest first.
    pub legs: &'static [LegRow],
    /// How often the platform may be called, as far as it says so.
    pub budgets: &'static [Budget],
    /// How far what people do there is carried.
    pub carried: &'static [Carried],
}

/// One published limit: so many calls in a span of the platform's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Budget {
    pub spent_on: Spending,
    pub shared_by: SharedBy,
    pub calls: u32,
    pub per_ms: u32,
    /// How many of them may come at once.
    pub burst: u32,
}

/// What a call is, to a platform's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    Post,
    Edit,
    Delete,
    Open,
}

impl Spending {
    /// As it is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Open => "open",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Post, Self::Edit, Self::Delete, Self::Open]
            .into_iter()
            .find(|one| one.word() == word)
    }
}

/// Which calls a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SharedBy {
    Connection,
    Conversation,
}

impl SharedBy {
    /// As it is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Conversation => "conversation",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Connection, Self::Conversation]
            .into_iter()
            .find(|one| one.word() == word)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NameShown {
    /// The post carries the author's name and photo (Slack's `username`, `icon_url`).
    OverThePost,
    /// The name stands in the text.
    InTheText,
}

/// What the hub needs to speak as an account that is not its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SpeaksBy {
    /// A token of that account.
    Token,
    /// Nothing more than its own credentials: the platform lets the organisation's app act as its
    /// members, so that nobody is asked.
    Role,
}

/// What becomes of what somebody writes to a place where the hub may not speak as them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// The app says it, in a conversation of its own.
    AppSpeaks,
    /// It waits: the app has no conversation of its own for a pair.
    Waits,
}

impl Capabilities {
    #[must_use]
    pub fn otherwise(&self) -> Otherwise {
        let app_alone = |row: &LegRow| match row.needs {
            LegNeed::AppAlone => true,
            LegNeed::TokenOfStandIn | LegNeed::AccountOfStandIn => false,
        };
        match self.legs.iter().any(app_alone) {
            true => Otherwise::AppSpeaks,
            false => Otherwise::Waits,
        }
    }
}

/// One kind of leg and what it needs to be heard and written in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegRow {
    pub kind: LegKind,
    pub needs: LegNeed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LegNeed {
    /// The hub holds a token of the account that stands for the other.
    TokenOfStandIn,
    /// The other has an account here, token or not.
    AccountOfStandIn,
    /// Only the app and the person.
    AppAlone,
}

const NATIVE: LegRow = LegRow {
    kind: LegKind::Native,
    needs: LegNeed::TokenOfStandIn,
};
const GROUP_OF_THE_APP: LegRow = LegRow {
    kind: LegKind::Group,
    needs: LegNeed::AppAlone,
};

const fn budget(
    spent_on: Spending,
    shared_by: SharedBy,
    calls: u32,
    per_ms: u32,
    burst: u32,
) -> Budget {
    Budget {
        spent_on,
        shared_by,
        calls,
        per_ms,
        burst,
    }
}

/// Slack: the native DM is heard by the stand-in's user token; a group DM has fixed members.
pub const SLACK: Capabilities = Capabilities {
    platform: Platform::Slack,
    marker: true,
    read_back_after_ms: 1_000,
    source_catches_up: false,
    hold_ms: 0,
    buttons: true,
    app_name: NameShown::OverThePost,
    guests: false,
    speaks_by: SpeaksBy::Token,
    // <https://docs.slack.dev/apis/web-api/rate-limits>: tiers 2 and 3, about one post a second in
    // each conversation, and a ceiling of several hundred a minute for the workspace.
    budgets: &[
        budget(Spending::Post, SharedBy::Conversation, 60, 60_000, 4),
        budget(Spending::Post, SharedBy::Connection, 300, 60_000, 60),
        budget(Spending::Edit, SharedBy::Connection, 50, 60_000, 25),
        budget(Spending::Delete, SharedBy::Connection, 50, 60_000, 25),
        budget(Spending::Open, SharedBy::Connection, 20, 60_000, 15),
    ],
    carried: carried::WITH_LINKS,
    legs: &[
        NATIVE,
        LegRow {
            kind: LegKind::Group,
            needs: LegNeed::AccountOfStandIn,
        },
        LegRow {
            kind: LegKind::Private,
            needs: LegNeed::AppAlone,
        },
    ],
};

/// Teams: the native chat needs the stand-in's token; else a group chat of the service account.
pub const TEAMS: Capabilities = Capabilities {
    platform: Platform::Teams,
    marker: false,
    read_back_after_ms: 3_000,
    source_catches_up: true,
    hold_ms: 250,
    buttons: false,
    app_name: NameShown::InTheText,
    guests: true,
    speaks_by: SpeaksBy::Token,
    // <https://learn.microsoft.com/graph/throttling-limits>, Microsoft Teams, per app and tenant.
    budgets: &[
        // Said of teams and channels, and not of chats: kept to there as well.
        budget(Spending::Post, SharedBy::Conversation, 4, 1_000, 4),
        budget(Spending::Post, SharedBy::Connection, 20, 1_000, 10),
        budget(Spending::Edit, SharedBy::Connection, 20, 1_000, 10),
        budget(Spending::Delete, SharedBy::Connection, 20, 1_000, 10),
        budget(Spending::Open, SharedBy::Connection, 20, 1_000, 10),
    ],
    carried: carried::WITH_LINKS,
    legs: &[NATIVE, GROUP_OF_THE_APP],
};

/// Webex: the native conversation needs a token of the stand-in, a guest's included; else a room per
/// pair with the bot, which the organisation's events tell of.
pub const WEBEX: Capabilities = Capabilities {
    platform: Platform::Webex,
    marker: false,
    read_back_after_ms: 3_000,
    source_catches_up: true,
    hold_ms: 250,
    buttons: false,
    app_name: NameShown::InTheText,
    guests: true,
    speaks_by: SpeaksBy::Token,
    // <https://developer.webex.com/docs/basics#rate-limiting> names no numbers: these are a start,
    // and what a refusal teaches is kept.
    budgets: &[
        budget(Spending::Post, SharedBy::Conversation, 5, 1_000, 5),
        budget(Spending::Post, SharedBy::Connection, 10, 1_000, 20),
        budget(Spending::Edit, SharedBy::Connection, 5, 1_000, 10),
        budget(Spending::Delete, SharedBy::Connection, 5, 1_000, 10),
        budget(Spending::Open, SharedBy::Connection, 5, 1_000, 10),
    ],
    carried: carried::WITH_TEN_EDITS,
    legs: &[NATIVE, GROUP_OF_THE_APP],
};

/// Webex without a compliance officer: sockets tell the bot what is said to it and everybody whose
/// token is held what they hear themselves, and nothing of what happened while they were not open. A
/// bot alone hears nothing in a group but mentions, so there is no conversation of its own for a pair.
pub const WEBEX_BY_SOCKETS: Capabilities = Capabilities {
    source_catches_up: false,
    legs: &[NATIVE],
    ..WEBEX
};

/// Zoom Team Chat: the account's own app acts as its members; without an account the app speaks in a
/// channel per pair.
pub const ZOOM: Capabilities = Capabilities {
    platform: Platform::Zoom,
    marker: false,
    read_back_after_ms: 5_000,
    source_catches_up: true,
    hold_ms: 250,
    buttons: false,
    app_name: NameShown::InTheText,
    guests: true,
    speaks_by: SpeaksBy::Role,
    // <https://developers.zoom.us/docs/api/rate-limits/>: medium calls of a Pro account, which all
    // apps of the account share; half of them are left to the others.
    budgets: &[
        budget(Spending::Post, SharedBy::Connection, 10, 1_000, 10),
        budget(Spending::Edit, SharedBy::Connection, 5, 1_000, 5),
        budget(Spending::Delete, SharedBy::Connection, 5, 1_000, 5),
        budget(Spending::Open, SharedBy::Connection, 5, 1_000, 5),
    ],
    carried: carried::WITHOUT_LINKS,
    legs: &[NATIVE, GROUP_OF_THE_APP],
};

/// The same where people are represented by their own tokens: nobody could sign a guest in, so that
/// there are none.
pub const ZOOM_BY_TOKEN: Capabilities = Capabilities {
    speaks_by: SpeaksBy::Token,
    guests: false,
    ..ZOOM
};

/// The platforms that can be connected, each with the most that it can do.
pub const ALL: [&Capabilities; 4] = [&SLACK, &TEAMS, &WEBEX, &ZOOM];

/// The table of a platform.
#[must_use]
pub fn of(platform: Platform) -> &'static Capabilities {
    match platform {
        Platform::Slack => &SLACK,
        Platform::Teams => &TEAMS,
        Platform::Webex => &WEBEX,
        Platform::Zoom => &ZOOM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_speaks_for_whomever_the_hub_may_not_speak_as_where_it_hears_what_is_answered() {
        for of in ALL {
            assert_eq!(of.otherwise(), Otherwise::AppSpeaks, "{:?}", of.platform);
        }
        assert_eq!(ZOOM_BY_TOKEN.otherwise(), Otherwise::AppSpeaks);
        assert_eq!(WEBEX_BY_SOCKETS.otherwise(), Otherwise::Waits);
    }
}
