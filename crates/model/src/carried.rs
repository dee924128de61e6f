//! What people do in a chat app, and how far the hub carries it, as data.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that people do in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    Messages,
    Formatting,
    Edits,
    Deletions,
    Files,
    Threads,
    Reactions,
    Channels,
}

/// How far it is carried from one platform to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    Carried,
    /// It is, as far as the platform itself lets it be.
    Limited(Limit),
    /// Somebody on the other side learns that it happened, and finds it by its link.
    AsLink,
    /// Somebody on the other side learns that it happened, and no more.
    Named,
    /// It arrives, but not as what it was.
    Flattened,
    NotCarried,
}

/// What a platform does not let the hub do with what it has carried there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// A message there is edited so many times at most, and never where it has files.
    EditsAMessage(u32),
    /// An edited message there is plain text.
    EditsLoseFormatting,
}

/// One thing that people do, and how far it is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Carried {
    pub doing: Doing,
    pub grade: Grade,
}

const fn carried(doing: Doing, grade: Grade) -> Carried {
    Carried { doing, grade }
}

/// Where messages have links, and nothing limits their edits.
pub const WITH_LINKS: &[Carried] = &table(Grade::AsLink, Grade::Carried, Grade::Carried);

/// Webex counts the edits of a message.
/// Source: <https://developer.webex.com/docs/api/v1/messages/edit-a-message>.
pub const WITH_TEN_EDITS: &[Carried] = &table(
    Grade::AsLink,
    Grade::Carried,
    Grade::Limited(Limit::EditsAMessage(10)),
);

/// Zoom's messages have no links, and editing one takes no formatting.
/// Source: <https://developers.zoom.us/docs/api/team-chat/>, "Update a message".
pub const WITHOUT_LINKS: &[Carried] = &table(
    Grade::Named,
    Grade::Limited(Limit::EditsLoseFormatting),
    Grade::Limited(Limit::EditsLoseFormatting),
);

/// What depends on the platform; the rest does not.
const fn table(files: Grade, formatting: Grade, edits: Grade) -> [Carried; 8] {
    [
        carried(Doing::Messages, Grade::Carried),
        carried(Doing::Formatting, formatting),
        carried(Doing::Edits, edits),
        carried(Doing::Deletions, Grade::Carried),
        carried(Doing::Files, files),
        carried(Doing::Threads, Grade::Flattened),
        carried(Doing::Reactions, Grade::NotCarried),
        carried(Doing::Channels, Grade::NotCarried),
    ]
}
