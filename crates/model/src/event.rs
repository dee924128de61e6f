//! What sources yield: something that happened on a platform.

use serde::{Deserialize, Serialize};

use crate::{
    Content, ConversationKind, ExternalAccount, ExternalConversation, ExternalMessage, RelayId,
    Timestamp,
};

/// The same for every delivery of the same happening, by socket, notification, poll or history.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventKey(pub String);

/// One happening, read into our words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    pub key: EventKey,
    /// Keys of later happenings that this one already contains: a message first seen in its
    /// edited state settles that edit too.
    pub contains: Vec<EventKey>,
    /// When its content was last changed, where a message is first seen in its edited state: what
    /// was edited before that is older than what this shows.
    #[serde(default)]
    pub changed_at: Option<Timestamp>,
    pub conversation: ExternalConversation,
    /// What the event itself tells of the conversation.
    pub conversation_kind: Option<ConversationKind>,
    /// The member through whose authorisation it was heard, where the platform says so.
    pub heard_by: Option<ExternalAccount>,
    pub author: Author,
    /// When it happened, by the platform's clock.
    pub at: Timestamp,
    pub happened: Happening,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub account: ExternalAccount,
    pub kind: AuthorKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A person, in their own app as far as the platform tells.
    Person,
    /// A person's account, posted to by the hub's own app with their token (Slack's `app_id`).
    PersonByOwnApp,
    /// The hub's own presence.
    OwnApp,
    /// Somebody else's bot or app.
    OtherApp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    Posted {
        message: ExternalMessage,
        content: Content,
        marker: Option<Marker>,
    },
    Edited {
        message: ExternalMessage,
        content: Content,
    },
    Deleted {
        message: ExternalMessage,
    },
    /// Someone asked the hub's app for a person: a slash command or a message to the app.
    Asked {
        /// What they typed after the command.
        text: String,
        /// Where an answer that only they see can go (Slack's `response_url`).
        answer: Option<String>,
    },
    /// Someone pressed a button under something that the hub's app said.
    Pressed {
        /// The value of [`ButtonAct::Tell`](crate::ButtonAct::Tell).
        button: String,
        /// Where an answer that only they see can go.
        answer: Option<String>,
    },
    /// Accounts came into a conversation that the hub's app is in; the author is who let them in.
    Joined {
        accounts: Vec<ExternalAccount>,
    },
    /// Accounts left it, or were taken out.
    Left {
        accounts: Vec<ExternalAccount>,
    },
}

/// The marker that a post carries where the platform has room for one. It counts only together
/// with our own app's id, so that nobody can silence a message by forging one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    pub relay_id: RelayId,
    pub by_own_app: bool,
}
