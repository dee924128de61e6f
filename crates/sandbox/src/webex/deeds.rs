//! What can be done to rooms and messages, whoever asks: calls and people in their own app end
//! here.

use serde_json::Value;

use crate::clock::Millis;

use super::{
    failure::Failure,
    happenings::{Change, Happening, Thing},
    ids::{AppId, MessageId, PersonId, RoomId},
    rooms::{Content, File, Membership, Message, Room, RoomKind},
    state::State,
};

/// The longest text, and the longest Markdown, in bytes.
const LONGEST: usize = 7_439;
const MOST_EDITS: u32 = 10;

/// Who does something, and through which app.
#[derive(Debug, Clone)]
pub struct Actor {
    pub person: PersonId,
    pub app: Option<AppId>,
    /// Whether a compliance officer acts as such.
    pub oversees: bool,
}

/// Where a message goes.
#[derive(Debug, Clone)]
pub enum Place {
    Room(RoomId),
    /// The direct room with this person, which is made where there is none.
    Person(PersonId),
}

#[derive(Debug, Clone)]
pub struct Post {
    pub place: Place,
    pub parent: Option<MessageId>,
    pub content: Content,
    pub file: Option<File>,
    pub attachments: Vec<Value>,
}

#[derive(Debug, Clone, Default)]
pub struct RoomWish {
    pub title: String,
    pub description: Option<String>,
    pub is_locked: Option<bool>,
    pub is_announcement_only: Option<bool>,
}

impl State {
    pub fn post(&mut self, actor: &Actor, post: Post, now: Millis) -> Result<MessageId, Failure> {
        check_length(&post.content)?;
        let is_empty = post.content.text.trim().is_empty();
        if is_empty && post.file.is_none() && post.attachments.is_empty() {
            return Err(Failure::bad_request("Message cannot be empty."));
        }
        let id = match post.place {
            Place::Room(id) => id,
            Place::Person(other) => self.direct_room(actor, &other, now)?,
        };
        self.check_post(actor, &id, post.parent.as_ref())?;
        let message_id = MessageId::of(&self.fresh("message"));
        let file = post.file.map(|file| {
            let id = file.id.clone();
            self.files.insert(id.clone(), file);
            id
        });
        let room = self.rooms.get_mut(&id).ok_or_else(no_room)?;
        let last = room.messages.last().map_or(0, |message| message.created);
        let created = now.max(last + 1);
        room.last_activity = created;
        room.messages.push(Message {
            id: message_id.clone(),
            author: actor.person.clone(),
            parent: post.parent,
            content: post.content,
            file,
            attachments: post.attachments,
            created,
            updated: None,
            edits: 0,
            is_deleted: false,
        });
        let thing = Thing::Message(message_id.clone());
        self.happened(actor, &id, thing, Change::Created);
        Ok(message_id)
    }

    /// Replaces what an own message says.
    pub fn edit(
        &mut self,
        actor: &Actor,
        (room, id): (&RoomId, &MessageId),
        content: Content,
        now: Millis,
    ) -> Result<(), Failure> {
        check_length(&content)?;
        let found = self.seen_room(&actor.person, room)?;
        let message = found.message(id).ok_or_else(no_message)?;
        if message.author != actor.person {
            return Err(Failure::forbidden(
                "Only the sender of a message may edit it.",
            ));
        }
        if message.file.is_some() || !message.attachments.is_empty() {
            return Err(Failure::bad_request(
                "Editing a message with files or attachments is currently unsupported.",
            ));
        }
        if message.edits >= MOST_EDITS {
            return Err(Failure::bad_request(
                "The maximum number of edits of this message has been reached.",
            ));
        }
        if content.text.trim().is_empty() {
            return Err(Failure::bad_request("Message cannot be empty."));
        }
        let room = room.clone();
        let message = self
            .rooms
            .get_mut(&room)
            .and_then(|room| room.message_mut(id));
        if let Some(message) = message {
            message.content = content;
            message.edits += 1;
            message.updated = Some(now.max(message.created + 1));
        }
        self.happened(actor, &room, Thing::Message(id.clone()), Change::Updated);
        Ok(())
    }

    /// Deletes a message: one's own, or as a moderator or compliance officer anybody's.
    pub fn delete(&mut self, actor: &Actor, id: &MessageId) -> Result<(), Failure> {
        let (room, message) = self.place(id).ok_or_else(no_message)?;
        let held = room.membership(&actor.person);
        if held.is_none() && !actor.oversees {
            return Err(no_message());
        }
        let is_moderator = held.is_some_and(|held| held.is_moderator);
        if message.author != actor.person && !is_moderator && !actor.oversees {
            return Err(Failure::forbidden(
                "Only the sender of a message may delete it.",
            ));
        }
        let room = room.id.clone();
        let message = self
            .rooms
            .get_mut(&room)
            .and_then(|room| room.message_mut(id));
        if let Some(message) = message {
            message.is_deleted = true;
        }
        self.happened(actor, &room, Thing::Message(id.clone()), Change::Deleted);
        Ok(())
    }

    pub fn create_room(&mut self, actor: &Actor, wish: RoomWish, now: Millis) -> RoomId {
        let id = RoomId::of(&self.fresh("room"));
        let creator = actor.person.clone();
        let mut room = Room::new(id.clone(), RoomKind::Group, wish.title, creator, now);
        room.description = wish.description;
        room.is_locked = wish.is_locked == Some(true);
        room.is_announcement_only = wish.is_announcement_only == Some(true);
        let mut held = Membership::new(&id, &actor.person, now);
        held.is_moderator = room.is_locked;
        room.members.push(held.clone());
        self.rooms.insert(id.clone(), room);
        self.happened(actor, &id, Thing::Room, Change::Created);
        self.happened(actor, &id, Thing::Membership(held), Change::Created);
        id
    }

    pub fn update_room(
        &mut self,
        actor: &Actor,
        id: &RoomId,
        wish: RoomWish,
    ) -> Result<(), Failure> {
        let room = self.seen_room(&actor.person, id)?;
        if room.kind == RoomKind::Direct {
            return Err(Failure::bad_request("A direct room cannot be changed."));
        }
        self.check_moderator(actor, room)?;
        let room = self.rooms.get_mut(id).ok_or_else(no_room)?;
        room.title = wish.title;
        room.description = wish.description.or(room.description.take());
        if let Some(is_locked) = wish.is_locked {
            room.is_locked = is_locked;
            let mover = room
                .members
                .iter_mut()
                .find(|held| held.person == actor.person);
            if let Some(mover) = mover {
                mover.is_moderator = is_locked;
            }
        }
        if let Some(only) = wish.is_announcement_only {
            room.is_announcement_only = only;
        }
        self.happened(actor, id, Thing::Room, Change::Updated);
        Ok(())
    }

    /// Lets somebody into a group.
    pub fn join(
        &mut self,
        actor: &Actor,
        id: &RoomId,
        (whom, is_moderator): (&PersonId, bool),
        now: Millis,
    ) -> Result<Membership, Failure> {
        let room = match actor.oversees {
            true => self.room(id).ok_or_else(no_room)?,
            false => self.seen_room(&actor.person, id)?,
        };
        if room.kind == RoomKind::Direct {
            return Err(Failure::forbidden("Nobody can be added to a direct room."));
        }
        self.check_moderator(actor, room)?;
        if room.has(whom) {
            return Err(Failure::conflict("User is already a participant"));
        }
        self.check_meeting(whom, room.members.iter().map(|held| &held.person))?;
        let mut held = Membership::new(id, whom, now);
        held.is_moderator = is_moderator;
        let room = self.rooms.get_mut(id).ok_or_else(no_room)?;
        room.members.push(held.clone());
        let thing = Thing::Membership(held.clone());
        self.happened(actor, id, thing, Change::Created);
        Ok(held)
    }

    /// Takes somebody, or oneself, out of a group.
    pub fn part(&mut self, actor: &Actor, id: &RoomId, whom: &PersonId) -> Result<(), Failure> {
        let room = self.room(id).ok_or_else(no_room)?;
        if room.kind == RoomKind::Direct {
            return Err(Failure::forbidden("Nobody can leave a direct room."));
        }
        if *whom != actor.person {
            self.check_moderator(actor, room)?;
        }
        let held = room.membership(whom).cloned().ok_or_else(no_room)?;
        let thing = Thing::Membership(held);
        self.happened(actor, id, thing, Change::Deleted);
        if let Some(room) = self.rooms.get_mut(id) {
            room.members.retain(|held| held.person != *whom);
        }
        Ok(())
    }

    /// A room that this person is in; to everyone else it is not there.
    pub fn seen_room(&self, person: &PersonId, id: &RoomId) -> Result<&Room, Failure> {
        let room = self.room(id).filter(|room| room.has(person));
        room.ok_or_else(no_room)
    }

    /// Notes what happened, to be told when the change is done.
    pub fn happened(&mut self, actor: &Actor, room: &RoomId, thing: Thing, change: Change) {
        self.happenings.push(Happening {
            actor: actor.person.clone(),
            app: actor.app.clone(),
            room: room.clone(),
            thing,
            change,
        });
    }

    /// The direct room of two people. Nothing is told of it before something is said there.
    fn direct_room(
        &mut self,
        actor: &Actor,
        other: &PersonId,
        now: Millis,
    ) -> Result<RoomId, Failure> {
        let partner = self.directory.find(other);
        let partner = partner.ok_or_else(|| Failure::not_found("Failed to find the person."))?;
        if *other == actor.person {
            return Err(Failure::bad_request(
                "A message cannot go to its own sender.",
            ));
        }
        if !partner.active {
            return Err(Failure::forbidden("The person cannot be messaged."));
        }
        self.check_meeting(other, std::iter::once(&actor.person))?;
        if let Some(room) = self.direct(&actor.person, other) {
            return Ok(room.id.clone());
        }
        let mut both = [actor.person.as_str(), other.as_str()];
        both.sort_unstable();
        let label = format!("webex direct {} {}", both[0], both[1]);
        let id = RoomId::of(&self.mint.guid(&label));
        let creator = actor.person.clone();
        let mut room = Room::new(id.clone(), RoomKind::Direct, String::new(), creator, now);
        let members = [&actor.person, other];
        room.members = members
            .map(|person| Membership::new(&id, person, now))
            .into();
        self.rooms.insert(id.clone(), room);
        Ok(id)
    }

    fn check_post(
        &self,
        actor: &Actor,
        id: &RoomId,
        parent: Option<&MessageId>,
    ) -> Result<(), Failure> {
        let room = self.seen_room(&actor.person, id)?;
        let held = room.membership(&actor.person);
        if room.is_announcement_only && !held.is_some_and(|held| held.is_moderator) {
            return Err(Failure::forbidden("Only moderators post in this room."));
        }
        if room.kind == RoomKind::Direct {
            let partner = room.partner(&actor.person).into_iter();
            self.check_meeting(&actor.person, partner)?;
        } else {
            self.check_guests_allowed(&actor.person)?;
        }
        let Some(parent) = parent else { return Ok(()) };
        let head = room.message(parent);
        let head = head.ok_or_else(|| Failure::bad_request("The parent is not in the room."))?;
        if head.parent.is_some() {
            return Err(Failure::bad_request("A reply cannot be replied to."));
        }
        Ok(())
    }

    /// Guests may meet members and never each other
    /// (<https://developer.webex.com/docs/sa-guest-management>), and nobody where the
    /// organisation forbids guests.
    fn check_meeting<'a>(
        &self,
        newcomer: &PersonId,
        others: impl Iterator<Item = &'a PersonId>,
    ) -> Result<(), Failure> {
        self.check_guests_allowed(newcomer)?;
        for other in others {
            if !self.is_guest(other) {
                continue;
            }
            if self.is_guest(newcomer) {
                return Err(Failure::forbidden(
                    "Guests may not interact with other guests.",
                ));
            }
            self.check_guests_allowed(other)?;
        }
        Ok(())
    }

    fn check_guests_allowed(&self, person: &PersonId) -> Result<(), Failure> {
        if self.is_guest(person) && !self.switches.guests_allowed {
            return Err(Failure::forbidden(
                "The organization does not allow communication with guests.",
            ));
        }
        Ok(())
    }

    fn is_guest(&self, id: &PersonId) -> bool {
        let found = self.directory.find(id);
        found.is_some_and(|person| person.is_guest())
    }

    fn check_moderator(&self, actor: &Actor, room: &Room) -> Result<(), Failure> {
        let held = room.membership(&actor.person);
        let may = !room.is_locked && held.is_some();
        if may || actor.oversees || held.is_some_and(|held| held.is_moderator) {
            return Ok(());
        }
        Err(Failure::forbidden(
            "Only moderators may change the room and its members.",
        ))
    }
}

pub fn no_room() -> Failure {
    Failure::not_found("Could not find a room with provided ID.")
}

pub fn no_message() -> Failure {
    Failure::not_found("Unable to get message.")
}

fn check_length(content: &Content) -> Result<(), Failure> {
    let markdown = content.markdown.as_deref().unwrap_or_default();
    if content.text.len() > LONGEST || markdown.len() > LONGEST {
        return Err(Failure::bad_request(format!(
            "Message length limited to {LONGEST} bytes."
        )));
    }
    Ok(())
}
