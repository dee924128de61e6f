//! What a platform can do, as data.

use crate::{LegKind, Platform};

/// One platform's abilities and numbers, as far as the relay decides by them.
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
    /// The kinds of leg, highest first.
    pub legs: &'static [LegRow],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameShown {
    /// The post carries the author's name and photo (Slack's `username`, `icon_url`).
    OverThePost,
    /// The name stands in the text.
    InTheText,
}

/// One kind of leg and what it needs to be heard and written in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegRow {
    pub kind: LegKind,
    pub needs: LegNeed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegNeed {
    /// The hub holds a token of the account that stands for the other.
    TokenOfStandIn,
    /// The other has an account here, token or not.
    AccountOfStandIn,
    /// Only the app and the person.
    AppAlone,
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
    legs: &[
        LegRow {
            kind: LegKind::Native,
            needs: LegNeed::TokenOfStandIn,
        },
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
    legs: &[
        LegRow {
            kind: LegKind::Native,
            needs: LegNeed::TokenOfStandIn,
        },
        LegRow {
            kind: LegKind::Group,
            needs: LegNeed::AppAlone,
        },
    ],
};
