//! What can be done to chats and messages, whoever asks: Graph's calls and people in their own app
//! end here. Every deed announces what happened to the subscriptions.

use serde_json::{Value, json};

use super::{
    chats::{Author, Chat, ChatKind, Content, Membership, Message, Reaction, Role, one_on_one_id},
    directory::User,
    error::GraphError,
    shapes,
    subscriptions::ChangeType,
    tenant::{State, Tenant},
};
use crate::{clock::Millis, faults::FaultKind};

const LARGEST_GROUP: usize = 250;

/// A chat that somebody wants.
pub struct NewChat {
    pub kind: ChatKind,
    pub topic: Option<String>,
    pub members: Vec<Membership>,
    /// The id of the person who makes it, where a person does.
    pub by: Option<String>,
}

impl Tenant {
    /// Makes a chat, or answers the one that two people already have; answers its id.
    pub(super) fn create_chat(&self, new: NewChat) -> Result<String, GraphError> {
        let mut state = self.state();
        check_members(&state, &new)?;
        let now = self.now();
        let id = match new.kind {
            ChatKind::OneOnOne => one_on_one_id(&new.members[0].user, &new.members[1].user),
            ChatKind::Group => format!("19:{}@thread.v2", self.mint.hex(&self.mint.fresh("chat"))),
        };
        if state.chats.get(&id).is_ok() {
            return Ok(id);
        }
        let latest = state.chats.latest();
        let mut chat = Chat::new(id.clone(), new.kind, new.topic, now, latest);
        let joined: Vec<_> = new
            .members
            .iter()
            .map(|member| member.user.clone())
            .collect();
        chat.members = new.members;
        if chat.kind == ChatKind::Group {
            chat.note(self.event("membersAdded", &joined, new.by.as_deref()), now);
        }
        let noted = chat.messages().last().map(|message| message.id);
        state.chats.insert(chat);
        if let Some(message) = noted {
            self.announce(&state, &id, message, ChangeType::Created);
        }
        Ok(id)
    }

    /// Posts into a chat; answers the message's id.
    pub(super) fn post(
        &self,
        chat: &str,
        author: Author,
        content: Content,
    ) -> Result<Millis, GraphError> {
        let mut state = self.state();
        let found = state.chats.get_mut(chat)?;
        if let Author::User(user) = &author {
            found.joined_by(user)?;
        }
        let id = found.post(author, content, self.now(), self.list_lag());
        self.announce(&state, chat, id, ChangeType::Created);
        Ok(id)
    }

    /// Replaces the content of a message that this user wrote.
    pub(super) fn edit(
        &self,
        chat: &str,
        message: &str,
        user: &str,
        content: Content,
    ) -> Result<(), GraphError> {
        self.touch(chat, message, ChangeType::Updated, |found, now| {
            written_by(found, user)?;
            if found.deleted_at.is_some() {
                return Err(GraphError::not_found("The message was deleted."));
            }
            found.content = content;
            found.edited_at = Some(now);
            Ok(true)
        })
    }

    /// Deletes (softly) a message that this user wrote; deleting again changes nothing.
    pub(super) fn delete(&self, chat: &str, message: &str, user: &str) -> Result<(), GraphError> {
        self.touch(chat, message, ChangeType::Deleted, |found, now| {
            written_by(found, user)?;
            let first = found.deleted_at.is_none();
            found.deleted_at.get_or_insert(now);
            Ok(first)
        })
    }

    pub(super) fn undo_delete(
        &self,
        chat: &str,
        message: &str,
        user: &str,
    ) -> Result<(), GraphError> {
        self.touch(chat, message, ChangeType::Updated, |found, _| {
            written_by(found, user)?;
            Ok(found.deleted_at.take().is_some())
        })
    }

    /// Sets or takes away one emoji of this user on a message.
    pub(super) fn react(
        &self,
        chat: &str,
        message: &str,
        user: &str,
        (emoji, set): (&str, bool),
    ) -> Result<(), GraphError> {
        self.touch(chat, message, ChangeType::Updated, |found, now| {
            if found.deleted_at.is_some() {
                return Err(GraphError::not_found("The message was deleted."));
            }
            let before = found.reactions.len();
            let own = |held: &Reaction| held.user == user && held.emoji == emoji;
            if !set {
                found.reactions.retain(|held| !own(held));
            } else if !found.reactions.iter().any(own) {
                let reaction = Reaction {
                    user: user.to_owned(),
                    emoji: emoji.to_owned(),
                    at: now,
                };
                found.reactions.push(reaction);
            }
            Ok(found.reactions.len() != before)
        })
    }

    /// Adds someone to a group; `by` is the person who does it, where a person does. Answers the id
    /// of the message that says so.
    pub(super) fn join(
        &self,
        chat: &str,
        member: Membership,
        by: Option<&str>,
    ) -> Result<Millis, GraphError> {
        let mut state = self.state();
        let user = member.user.clone();
        can_join(state.directory.get(&user)?, member.role)?;
        let found = state.chats.get_mut(chat)?;
        if found.kind == ChatKind::OneOnOne {
            return Err(GraphError::forbidden(
                "Members cannot be added to a one-on-one chat.",
            ));
        }
        if found.membership(&user).is_some() {
            return Err(GraphError::new(
                409,
                "Conflict",
                "The user is already a member.",
            ));
        }
        if found.members.len() >= LARGEST_GROUP {
            return Err(GraphError::forbidden(
                "The chat has reached its largest number of members.",
            ));
        }
        found.members.push(member);
        let id = found.note(self.event("membersAdded", &[user], by), self.now());
        self.announce(&state, chat, id, ChangeType::Created);
        Ok(id)
    }

    /// Takes someone out of a group. Answers the id of the message that says so.
    pub(super) fn leave(
        &self,
        chat: &str,
        user: &str,
        by: Option<&str>,
    ) -> Result<Millis, GraphError> {
        let mut state = self.state();
        let found = state.chats.get_mut(chat)?;
        if found.kind == ChatKind::OneOnOne {
            return Err(GraphError::forbidden(
                "Members of a one-on-one chat cannot be removed.",
            ));
        }
        found.members.retain(|member| member.user != user);
        let event = self.event("membersDeleted", &[user.to_owned()], by);
        let id = found.note(event, self.now());
        self.announce(&state, chat, id, ChangeType::Created);
        Ok(id)
    }

    /// Renames a group.
    pub(super) fn rename_chat(
        &self,
        chat: &str,
        topic: Option<String>,
        by: Option<&str>,
    ) -> Result<(), GraphError> {
        let mut state = self.state();
        let found = state.chats.get_mut(chat)?;
        if found.kind == ChatKind::OneOnOne {
            return Err(GraphError::bad_request("A one-on-one chat has no topic."));
        }
        let mut event = self.event("chatRenamed", &[], by);
        event["chatId"] = json!(chat);
        event["chatDisplayName"] = json!(topic);
        found.topic = topic;
        let id = found.note(event, self.now());
        self.announce(&state, chat, id, ChangeType::Created);
        Ok(())
    }

    /// Changes one message; the closure says whether anything changed, which is then announced.
    fn touch(
        &self,
        chat: &str,
        message: &str,
        how: ChangeType,
        change: impl FnOnce(&mut Message, Millis) -> Result<bool, GraphError>,
    ) -> Result<(), GraphError> {
        let mut state = self.state();
        let found = state.chats.get_mut(chat)?;
        let now = found.tick(self.now());
        let touched = found.message_mut(message)?;
        if touched.event.is_some() {
            return Err(GraphError::forbidden("System messages cannot be changed."));
        }
        if change(touched, now)? {
            touched.modified_at = now;
            let id = touched.id;
            self.announce(&state, chat, id, how);
        }
        Ok(())
    }

    /// How long a new message stays out of lists: nothing, unless a fault says so.
    fn list_lag(&self) -> Millis {
        let lag = self
            .shared
            .faults
            .take("teams", "list", &[FaultKind::Delay]);
        lag.and_then(|fault| fault.ms)
            .and_then(|ms| Millis::try_from(ms).ok())
            .unwrap_or(0)
    }

    /// An `eventDetail`; `what` is its name before `EventMessageDetail`.
    fn event(&self, what: &str, members: &[String], by: Option<&str>) -> Value {
        let initiator = match by {
            Some(user) => json!({
                "device": null, "application": null, "user": shapes::identity(self, user, None),
            }),
            None => json!({"device": null, "user": null, "application": {
                "@odata.type": "#microsoft.graph.teamworkApplicationIdentity",
                "id": self.ids.client,
                "displayName": "Causeway",
                "applicationIdentityType": "aadApplication",
            }}),
        };
        let mut event = json!({
            "@odata.type": format!("#microsoft.graph.{what}EventMessageDetail"),
            "initiator": initiator,
        });
        if !members.is_empty() {
            event["members"] = members
                .iter()
                .map(|user| shapes::identity(self, user, None))
                .collect();
        }
        if what == "membersAdded" {
            event["visibleHistoryStartDateTime"] = json!("0001-01-01T00:00:00Z");
        }
        event
    }
}

/// Who may be made a member with which role. A guest's role must be `guest`, a member's `owner`.
fn can_join(user: &User, role: Role) -> Result<(), GraphError> {
    if !user.enabled {
        return Err(GraphError::forbidden("The user account is disabled."));
    }
    match (user.is_guest(), role) {
        (false, Role::Owner) | (true, Role::Guest) => Ok(()),
        (true, Role::Owner) => Err(GraphError::new(
            403,
            "AclCheckFailed",
            "Guest users can only be added with the role 'guest'.",
        )),
        (false, Role::Guest) => Err(GraphError::bad_request(
            "Invalid role specified for member.",
        )),
    }
}

fn check_members(state: &State, new: &NewChat) -> Result<(), GraphError> {
    for member in &new.members {
        can_join(state.directory.get(&member.user)?, member.role)?;
    }
    let mut users: Vec<_> = new
        .members
        .iter()
        .map(|member| member.user.as_str())
        .collect();
    users.sort_unstable();
    users.dedup();
    if users.len() != new.members.len() {
        return Err(GraphError::bad_request(
            "Duplicate chat members are specified in the request body.",
        ));
    }
    match new.kind {
        ChatKind::OneOnOne if users.len() != 2 => {
            return Err(GraphError::bad_request(
                "A oneOnOne chat must have exactly two members.",
            ));
        }
        ChatKind::OneOnOne if new.topic.is_some() => {
            return Err(GraphError::bad_request(
                "Topic can be set for group chats only.",
            ));
        }
        ChatKind::Group if users.len() < 2 || users.len() > LARGEST_GROUP => {
            return Err(GraphError::bad_request(
                "The number of chat members is not allowed.",
            ));
        }
        ChatKind::OneOnOne | ChatKind::Group => {}
    }
    match &new.by {
        Some(by) if !users.contains(&by.as_str()) => Err(GraphError::forbidden(
            "Caller must be one of the members specified in the request body.",
        )),
        _ => Ok(()),
    }
}

fn written_by(message: &Message, user: &str) -> Result<(), GraphError> {
    if message.author == Author::User(user.to_owned()) {
        Ok(())
    } else {
        Err(GraphError::forbidden(
            "Only the sender of a message may change it.",
        ))
    }
}
