//! What happened, for those who are told of it: the events of compliance officers, webhooks and
//! sockets.

use serde_json::Value;

use crate::clock::Millis;

use super::{
    ids::{AppId, EventId, MessageId, PersonId, RoomId},
    rooms::{Membership, Room, RoomKind},
    shapes,
    state::State,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Messages,
    Memberships,
    Rooms,
}

impl Resource {
    pub fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Memberships => "memberships",
            Self::Rooms => "rooms",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Messages, Self::Memberships, Self::Rooms];
        all.into_iter().find(|resource| resource.name() == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Created,
    Updated,
    Deleted,
}

impl Change {
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Created, Self::Updated, Self::Deleted];
        all.into_iter().find(|change| change.name() == name)
    }
}

/// What it happened to.
#[derive(Debug, Clone)]
pub enum Thing {
    Message(MessageId),
    /// With the membership as it is, or was.
    Membership(Membership),
    Room,
}

impl Thing {
    pub fn resource(&self) -> Resource {
        match self {
            Self::Message(_) => Resource::Messages,
            Self::Membership(_) => Resource::Memberships,
            Self::Room => Resource::Rooms,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Happening {
    pub actor: PersonId,
    /// The app through whose token it was done.
    pub app: Option<AppId>,
    pub room: RoomId,
    pub thing: Thing,
    pub change: Change,
}

impl Happening {
    /// Whether this person's app would show it. Bots notice nothing of what is said in a group
    /// but what they say or are called with.
    pub fn is_shown_to(&self, state: &State, person: &PersonId) -> bool {
        let Some(room) = state.room(&self.room) else {
            return false;
        };
        let is_theirs = matches!(&self.thing, Thing::Membership(held) if held.person == *person);
        if !is_theirs && !room.has(person) {
            return false;
        }
        let Thing::Message(id) = &self.thing else {
            return true;
        };
        let is_bot = state
            .directory
            .find(person)
            .is_some_and(|found| found.is_bot());
        !is_bot || room.kind == RoomKind::Direct || is_addressed(room, id, person)
    }

    /// The resource as it is now, with all that a compliance officer reads.
    pub fn data(&self, state: &State, host: &str) -> Value {
        let Some(room) = state.room(&self.room) else {
            return Value::Null;
        };
        match &self.thing {
            Thing::Room => shapes::room(state, room, None),
            Thing::Membership(held) => shapes::membership(state, room, held),
            Thing::Message(id) => {
                let message = room.messages.iter().find(|message| message.id == *id);
                message.map_or(Value::Null, |message| match self.change {
                    Change::Deleted => shapes::message_brief(state, room, message),
                    Change::Created | Change::Updated => {
                        shapes::message(state, room, message, host)
                    }
                })
            }
        }
    }
}

/// Whether a bot in a group is shown a message.
pub fn is_addressed(room: &Room, id: &MessageId, bot: &PersonId) -> bool {
    let message = room.messages.iter().find(|message| message.id == *id);
    message.is_some_and(|message| message.author == *bot || message.content.mentioned.contains(bot))
}

/// One entry of the compliance officers' feed.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: EventId,
    pub resource: Resource,
    pub change: Change,
    pub app: Option<AppId>,
    pub actor: PersonId,
    pub created: Millis,
    pub data: Value,
}
