//! Messages, and what stands in them.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;

use super::ids::{MessageId, UserId};

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    User(UserId),
    /// The hub's chatbot.
    Robot,
}

/// How a stretch of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Bold,
    Italic,
    Strikethrough,
    BulletedList,
    NumberedList,
    Underline,
    FontSize,
    FontColor,
    BackgroundColor,
    LeftIndent,
    Paragraph,
    Quote,
    AddLink,
}

/// A stretch of text with a look. Positions count UTF-16 units, the last one inclusive: the
/// documents say "characters", and their example's end is inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub start_position: usize,
    pub end_position: usize,
    pub format_type: Format,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format_attr: Option<String>,
}

/// Whom a mention means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mentioned {
    User(UserId),
    Everyone,
}

/// A stretch of text, `@` included, that names somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub start: usize,
    pub end: usize,
    pub whom: Mentioned,
}

/// What a message says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    pub text: String,
    pub rich_text: Vec<Span>,
    pub at_items: Vec<Mention>,
    /// The `content` of a chatbot's message.
    pub content: Option<Value>,
}

impl Body {
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// One edit: what the message said from then on.
#[derive(Debug, Clone)]
pub struct Edit {
    pub at: Millis,
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct Reaction {
    /// `U+1F600`, or the id of a custom emoji.
    pub emoji: String,
    /// In the order in which they reacted.
    pub by: Vec<UserId>,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    pub author: Author,
    pub body: Body,
    /// The message that the thread hangs on.
    pub reply_to: Option<MessageId>,
    pub sent_at: Millis,
    /// Oldest first.
    pub edits: Vec<Edit>,
    pub deleted_at: Option<Millis>,
    pub reactions: Vec<Reaction>,
    /// The one member who sees it, of a chatbot's message.
    pub only_for: Option<UserId>,
}

impl Message {
    pub fn new(id: MessageId, author: Author, body: Body, sent_at: Millis) -> Self {
        Self {
            id,
            author,
            body,
            reply_to: None,
            sent_at,
            edits: Vec::new(),
            deleted_at: None,
            reactions: Vec::new(),
            only_for: None,
        }
    }

    pub fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    pub fn is_by(&self, user: &UserId) -> bool {
        matches!(&self.author, Author::User(author) if author == user)
    }

    /// The person who wrote it, where one did.
    pub fn person(&self) -> Option<&UserId> {
        match &self.author {
            Author::User(user) => Some(user),
            Author::Robot => None,
        }
    }

    pub fn is_seen_by(&self, user: &UserId) -> bool {
        self.only_for.as_ref().is_none_or(|only| only == user)
    }

    /// `Normal`, `Edited` or `Deleted`.
    pub fn status(&self) -> &'static str {
        match (self.is_deleted(), self.edits.is_empty()) {
            (true, _) => "Deleted",
            (false, false) => "Edited",
            (false, true) => "Normal",
        }
    }

    /// The thread that an answer to this message belongs to.
    pub fn root(&self) -> &MessageId {
        self.reply_to.as_ref().unwrap_or(&self.id)
    }
}
