//! The tenant's chats, their members and messages.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::Value;

use super::error::GraphError;
use crate::{clock::Millis, entra::tokens::Caller};

/// All chats, in the order of their making.
#[derive(Debug, Default)]
pub struct Chats {
    chats: Vec<Chat>,
    by_id: HashMap<String, usize>,
    latest: Arc<AtomicI64>,
}

/// One chat.
#[derive(Debug, Clone)]
pub struct Chat {
    /// `19:{a}_{b}@unq.gbl.spaces` or `19:{hex}@thread.v2`
    pub id: String,
    pub kind: ChatKind,
    pub topic: Option<String>,
    pub created_at: Millis,
    pub updated_at: Millis,
    /// In the order of joining.
    pub members: Vec<Membership>,
    /// In the order of their ids.
    messages: Vec<Message>,
    /// The tenant's latest moment, shared by all its chats.
    latest: Arc<AtomicI64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    OneOnOne,
    Group,
}

#[derive(Debug, Clone)]
pub struct Membership {
    /// The user's id.
    pub user: String,
    pub role: Role,
    /// Messages before it are hidden from this member; all are shown where absent.
    pub history_from: Option<Millis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Owner,
    Guest,
}

/// One message, deleted ones included.
#[derive(Debug, Clone)]
pub struct Message {
    /// Milliseconds since the epoch; growing, and unique within its tenant.
    pub id: Millis,
    pub author: Author,
    pub content: Content,
    pub modified_at: Millis,
    pub edited_at: Option<Millis>,
    pub deleted_at: Option<Millis>,
    pub reactions: Vec<Reaction>,
    /// The `eventDetail` of a system message.
    pub event: Option<Value>,
    /// Lists do not show it before; reading it by its id does.
    pub listed_from: Millis,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// A user's id.
    User(String),
    /// Somebody else's bot.
    Bot,
    /// Nobody: a system message.
    System,
}

/// What a person wrote, as it was accepted.
#[derive(Debug, Clone, Default)]
pub struct Content {
    pub html: bool,
    /// Clean HTML, or plain text.
    pub text: String,
    pub attachments: Vec<Value>,
    pub mentions: Vec<Value>,
    pub subject: Option<String>,
    pub importance: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Reaction {
    pub user: String,
    /// The emoji itself.
    pub emoji: String,
    pub at: Millis,
}

impl Chats {
    pub fn get(&self, id: &str) -> Result<&Chat, GraphError> {
        self.by_id
            .get(id)
            .map(|index| &self.chats[*index])
            .ok_or_else(|| unknown_chat(id))
    }

    pub fn get_mut(&mut self, id: &str) -> Result<&mut Chat, GraphError> {
        match self.by_id.get(id) {
            Some(index) => Ok(&mut self.chats[*index]),
            None => Err(unknown_chat(id)),
        }
    }

    /// The chat, if this caller may look into it: an app into all, a person into their own.
    pub fn seen_by(&self, caller: &Caller, id: &str) -> Result<&Chat, GraphError> {
        let chat = self.get(id)?;
        match caller {
            Caller::App { .. } => Ok(chat),
            Caller::Person { user, .. } => chat.joined_by(user).map(|_| chat),
        }
    }

    /// The chats that a user is in.
    pub fn of<'a>(&'a self, user: &'a str) -> impl DoubleEndedIterator<Item = &'a Chat> {
        self.chats
            .iter()
            .filter(move |chat| chat.membership(user).is_some())
    }

    /// Takes a deleted user out of every chat. Nothing is said of it in them.
    pub fn forget(&mut self, user: &str) {
        for chat in &mut self.chats {
            chat.members.retain(|member| member.user != user);
        }
    }

    /// The tenant's latest moment, for a chat that is to be made.
    pub fn latest(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.latest)
    }

    /// Makes a chat; one with this id must not be there.
    pub fn insert(&mut self, chat: Chat) {
        self.by_id.insert(chat.id.clone(), self.chats.len());
        self.chats.push(chat);
    }
}

impl Chat {
    pub fn new(
        id: String,
        kind: ChatKind,
        topic: Option<String>,
        now: Millis,
        latest: Arc<AtomicI64>,
    ) -> Self {
        Self {
            id,
            kind,
            topic,
            created_at: now,
            updated_at: now,
            members: Vec::new(),
            messages: Vec::new(),
            latest,
        }
    }

    pub fn membership(&self, user: &str) -> Option<&Membership> {
        self.members.iter().find(|member| member.user == user)
    }

    /// The membership of someone who must be in it; else Graph's 403.
    pub fn joined_by(&self, user: &str) -> Result<&Membership, GraphError> {
        self.membership(user)
            .ok_or_else(|| GraphError::forbidden("User is not a member of the chat."))
    }

    /// A moment of its own: `now`, or the next millisecond in which nothing has happened in any chat
    /// yet. Teams promises unique ids within a chat only; here a message can be named by its id.
    pub fn tick(&mut self, now: Millis) -> Millis {
        let before = self
            .latest
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |latest| {
                Some(now.max(latest + 1))
            })
            .unwrap_or_default();
        now.max(before + 1)
    }

    /// Adds a message at a moment of this chat; answers its id.
    pub fn post(&mut self, author: Author, content: Content, now: Millis, lag: Millis) -> Millis {
        let id = self.tick(now);
        self.messages.push(Message {
            id,
            author,
            content,
            modified_at: id,
            edited_at: None,
            deleted_at: None,
            reactions: Vec::new(),
            event: None,
            listed_from: id + lag,
        });
        self.updated_at = id;
        id
    }

    /// Adds a system message; answers its id.
    pub fn note(&mut self, event: Value, now: Millis) -> Millis {
        let content = Content {
            html: true,
            text: "<systemEventMessage/>".to_owned(),
            ..Content::default()
        };
        let id = self.post(Author::System, content, now, 0);
        if let Some(message) = self.messages.last_mut() {
            message.event = Some(event);
        }
        id
    }

    pub fn message(&self, id: &str) -> Result<&Message, GraphError> {
        self.position(id).map(|index| &self.messages[index])
    }

    pub fn message_mut(&mut self, id: &str) -> Result<&mut Message, GraphError> {
        self.position(id).map(|index| &mut self.messages[index])
    }

    /// All messages, oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Whether a caller may see this message: not what was before their history starts.
    pub fn shows(&self, caller: &Caller, message: &Message) -> bool {
        let Some(user) = caller.user() else {
            return true;
        };
        self.membership(user)
            .is_some_and(|membership| membership.shows(message))
    }

    fn position(&self, id: &str) -> Result<usize, GraphError> {
        id.parse::<Millis>()
            .ok()
            .and_then(|id| {
                self.messages
                    .binary_search_by_key(&id, |message| message.id)
                    .ok()
            })
            .ok_or_else(|| GraphError::not_found("NotFound"))
    }
}

impl Membership {
    pub fn shows(&self, message: &Message) -> bool {
        self.history_from.is_none_or(|from| message.id >= from)
    }
}

/// The id of the chat between two people: the same for both.
pub fn one_on_one_id(a: &str, b: &str) -> String {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    format!("19:{first}_{second}@unq.gbl.spaces")
}

fn unknown_chat(id: &str) -> GraphError {
    if id.starts_with("19:") && id.contains('@') {
        GraphError::not_found("NotFound")
    } else {
        GraphError::bad_request("Invalid chat id.")
    }
}
