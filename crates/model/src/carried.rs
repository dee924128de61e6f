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
    /// Somebody on the other side learns that it happened, and finds it by its link.
    AsLink,
    /// Somebody on the other side learns that it happened, and no more.
    Named,
    /// It arrives, but not as what it was.
    Flattened,
    NotCarried,
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

/// What is carried from platforms whose messages have links.
pub const WITH_LINKS: &[Carried] = &with_files(Grade::AsLink);

/// What is carried from a platform whose messages have none.
pub const WITHOUT_LINKS: &[Carried] = &with_files(Grade::Named);

/// Only of files it depends on the platform how far they are carried.
const fn with_files(files: Grade) -> [Carried; 8] {
    [
        carried(Doing::Messages, Grade::Carried),
        carried(Doing::Formatting, Grade::Carried),
        carried(Doing::Edits, Grade::Carried),
        carried(Doing::Deletions, Grade::Carried),
        carried(Doing::Files, files),
        carried(Doing::Threads, Grade::Flattened),
        carried(Doing::Reactions, Grade::NotCarried),
        carried(Doing::Channels, Grade::NotCarried),
    ]
}
