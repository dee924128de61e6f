//! Rooms, their members and their messages. Nothing here knows HTTP.

use serde_json::Value;

use crate::clock::Millis;

use super::ids::{FileId, MembershipId, MessageId, PersonId, RoomId, uuid};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomKind {
    /// Two people, who never change.
    Direct,
    Group,
}

impl RoomKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Membership {
    pub id: MembershipId,
    pub person: PersonId,
    pub is_moderator: bool,
    pub is_hidden: bool,
    pub created: Millis,
}

impl Membership {
    pub fn new(room: &RoomId, person: &PersonId, now: Millis) -> Self {
        let both = format!("{}:{}", uuid(person.as_str()), uuid(room.as_str()));
        Self {
            id: MembershipId::of(&both),
            person: person.clone(),
            is_moderator: false,
            is_hidden: false,
            created: now,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Room {
    pub id: RoomId,
    pub kind: RoomKind,
    pub title: String,
    pub description: Option<String>,
    pub creator: PersonId,
    pub created: Millis,
    pub last_activity: Millis,
    /// Only moderators change the room and its members.
    pub is_locked: bool,
    /// Only moderators post.
    pub is_announcement_only: bool,
    /// In the order of joining.
    pub members: Vec<Membership>,
    /// Oldest first, deleted ones included.
    pub messages: Vec<Message>,
}

impl Room {
    pub fn new(id: RoomId, kind: RoomKind, title: String, creator: PersonId, now: Millis) -> Self {
        Self {
            id,
            kind,
            title,
            description: None,
            creator,
            created: now,
            last_activity: now,
            is_locked: false,
            is_announcement_only: false,
            members: Vec::new(),
            messages: Vec::new(),
        }
    }

    pub fn membership(&self, person: &PersonId) -> Option<&Membership> {
        self.members.iter().find(|held| held.person == *person)
    }

    pub fn has(&self, person: &PersonId) -> bool {
        self.membership(person).is_some()
    }

    /// The other one of a direct room.
    pub fn partner(&self, of: &PersonId) -> Option<&PersonId> {
        let mut others = self.members.iter().filter(|held| held.person != *of);
        others.next().map(|held| &held.person)
    }

    /// A message that is still there.
    pub fn message(&self, id: &MessageId) -> Option<&Message> {
        let mut standing = self.messages.iter().filter(|message| !message.is_deleted);
        standing.find(|message| message.id == *id)
    }

    pub fn message_mut(&mut self, id: &MessageId) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == *id)
    }
}

/// What a message says.
#[derive(Debug, Clone, Default)]
pub struct Content {
    pub text: String,
    pub markdown: Option<String>,
    pub html: Option<String>,
    pub mentioned: Vec<PersonId>,
    pub mentions_all: bool,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    pub author: PersonId,
    /// The head of its thread.
    pub parent: Option<MessageId>,
    pub content: Content,
    pub file: Option<FileId>,
    /// Cards.
    pub attachments: Vec<Value>,
    pub created: Millis,
    pub updated: Option<Millis>,
    pub edits: u32,
    pub is_deleted: bool,
}

/// A file that was posted.
#[derive(Debug, Clone)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub kind: String,
    pub bytes: Vec<u8>,
}
