//! What happens in the account, as its events tell it.
//!
//! Sources: <https://developers.zoom.us/docs/api/chat/events/>,
//! <https://developers.zoom.us/docs/api/users/events/>. A subscription here has the
//! `team_chat.*`, `chat_channel.*` and `user.*` events and `app_deauthorized`; the older
//! `chat_message.*` would tell the same things twice.

use serde_json::{Value, json};

use crate::clock::Millis;

use super::{
    conversation::{Conversation, Kind},
    delivery::Told,
    directory::User,
    ids::{ConversationId, MessageId, UserId},
    message::{Body, Message},
    moment::iso,
    shapes,
    state::State,
};

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Posted,
    Updated,
    Deleted,
}

/// What became of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Created,
    Updated,
    Deleted,
}

/// What became of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    Invited,
    Joined,
    Left,
    Removed,
}

/// What became of a user.
#[derive(Debug, Clone, PartialEq)]
pub enum UserChange {
    /// With the `action` that made them.
    Created(&'static str),
    /// With what they were before.
    Updated(Value),
    Activated,
    Deactivated,
    Disassociated,
    Deleted,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

impl State {
    /// A message in the chat with a robot, and a robot's message, have no event.
    pub(super) fn tell_message(
        &mut self,
        verb: Verb,
        id: &ConversationId,
        message: &MessageId,
        now: Millis,
    ) {
        let told = self.conversations.get(id).and_then(|conversation| {
            let message = conversation.message(message)?;
            let author = message.person()?;
            let kind = prefix(conversation)?;
            let object = self.message_object(verb, conversation, message, now);
            let payload = self.by_member(author, object);
            Some((format!("team_chat.{kind}_message_{}", verb.name()), payload))
        });
        self.tell(told, now);
    }

    pub(super) fn tell_reaction(
        &mut self,
        (id, message): (&ConversationId, &MessageId),
        by: &UserId,
        (emoji, add): (&str, bool),
        now: Millis,
    ) {
        let told = self.conversations.get(id).and_then(|conversation| {
            let message = conversation.message(message)?;
            let kind = prefix(conversation)?;
            let object = json!({
                "msg_id": message.id,
                "msg_time": iso(message.sent_at),
                "emoji": emoji,
                "emoji_time": iso(now),
                "timestamp": now,
            });
            let object = merged(object, self.whereabouts(conversation, by));
            let verb = if add { "added" } else { "removed" };
            Some((
                format!("team_chat.{kind}_reaction_{verb}"),
                self.by_member(by, object),
            ))
        });
        self.tell(told, now);
    }

    pub(super) fn tell_channel(
        &mut self,
        change: Change,
        id: &ConversationId,
        by: &UserId,
        now: Millis,
    ) {
        let name = match change {
            Change::Created => "created",
            Change::Updated => "updated",
            Change::Deleted => "deleted",
        };
        let told = self.conversations.get(id).and_then(|channel| {
            let mut object = self.channel_object(channel, now)?;
            if change == Change::Created {
                let members = channel.members.iter().map(|member| &member.user);
                object["members"] = self.members_object(members);
            }
            Some((format!("chat_channel.{name}"), self.by_user(by, object)))
        });
        self.tell(told, now);
    }

    /// Whoever joins or leaves by themselves is the operator, and is not named again.
    pub(super) fn tell_members(
        &mut self,
        change: Membership,
        id: &ConversationId,
        by: &UserId,
        users: &[UserId],
        now: Millis,
    ) {
        let name = match change {
            Membership::Invited => "invited",
            Membership::Joined => "joined",
            Membership::Left => "left",
            Membership::Removed => "removed",
        };
        let told = self.conversations.get(id).and_then(|channel| {
            let mut object = self.channel_object(channel, now)?;
            if !users.is_empty() {
                object["members"] = self.members_object(users.iter());
            }
            Some((
                format!("chat_channel.member_{name}"),
                self.by_user(by, object),
            ))
        });
        self.tell(told, now);
    }

    pub(super) fn tell_user(&mut self, change: &UserChange, user: &UserId, now: Millis) {
        let told = self.directory.get(user).map(|user| {
            let mut payload = json!({ "account_id": self.account, "object": user_object(user) });
            let name = match change {
                UserChange::Created(action) => {
                    payload["creation_type"] = json!(action);
                    "created"
                }
                UserChange::Updated(before) => {
                    payload["old_object"] = before.clone();
                    payload["time_stamp"] = json!(now);
                    "updated"
                }
                UserChange::Activated => "activated",
                UserChange::Deactivated => "deactivated",
                UserChange::Disassociated => "disassociated",
                UserChange::Deleted => "deleted",
            };
            (format!("user.{name}"), payload)
        });
        self.tell(told, now);
    }

    fn tell(&mut self, told: Option<(String, Value)>, now: Millis) {
        if let Some((event, payload)) = told {
            let wrapper = json!({ "event": event, "event_ts": now, "payload": payload });
            self.told.push(Told::Event(wrapper));
        }
    }

    fn message_object(
        &self,
        verb: Verb,
        conversation: &Conversation,
        message: &Message,
        now: Millis,
    ) -> Value {
        let mut object = json!({
            "message_id": message.id,
            "date_time": iso(now),
            "timestamp": now,
        });
        if let Some(root) = &message.reply_to {
            object["reply_main_message_id"] = json!(root);
        }
        match verb {
            Verb::Posted | Verb::Updated => {
                object["session_id"] = json!(conversation.id);
                self.put_body(&mut object, &message.body);
            }
            Verb::Deleted => {}
        }
        let author = message.person();
        let place = author.map(|author| self.whereabouts(conversation, author));
        merged(object, place.unwrap_or_default())
    }

    fn put_body(&self, object: &mut Value, body: &Body) {
        object["message"] = json!(body.text);
        if !body.rich_text.is_empty() {
            object["rich_text"] = json!(body.rich_text);
        }
        if !body.at_items.is_empty() {
            object["at_items"] = shapes::at_items(self, &body.at_items, shapes::AtIds::Told);
        }
    }

    /// `channel_*` or `contact_*`; the contact is whoever the operator wrote to.
    fn whereabouts(&self, conversation: &Conversation, operator: &UserId) -> Value {
        match conversation
            .other(operator)
            .and_then(|id| self.directory.get(id))
        {
            Some(contact) => json!({
                "contact_email": contact.email,
                "contact_id": contact.id,
                "contact_account_id": self.account,
                "contact_member_id": contact.member_id,
            }),
            None => json!({
                "channel_id": conversation.id,
                "channel_owner_account_id": self.account,
                "channel_name": shapes::channel_name(self, conversation),
            }),
        }
    }

    fn channel_object(&self, channel: &Conversation, now: Millis) -> Option<Value> {
        Some(json!({
            "id": channel.id,
            "name": shapes::channel_name(self, channel),
            "type": channel.channel_type()?.number(),
            "date_time": iso(now),
            "timestamp": now,
        }))
    }

    fn members_object<'a>(&self, users: impl Iterator<Item = &'a UserId>) -> Value {
        users
            .map(|id| json!({ "id": id, "display_name": self.directory.name_of(id) }))
            .collect()
    }

    fn by_user(&self, operator: &UserId, object: Value) -> Value {
        json!({
            "account_id": self.account,
            "operator": self.directory.email_of(operator),
            "operator_id": operator,
            "object": object,
        })
    }

    fn by_member(&self, operator: &UserId, object: Value) -> Value {
        let user = self.directory.get(operator);
        let mut payload = self.by_user(operator, object);
        payload["operator_member_id"] = json!(user.map(|user| &user.member_id));
        payload["by_external_user"] = json!(user.is_some_and(User::is_external));
        payload
    }
}

/// What a user's event says of them, and `old_object` of what they were.
pub fn user_object(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "type": user.licence,
    })
}

fn prefix(conversation: &Conversation) -> Option<&'static str> {
    match conversation.kind {
        Kind::Direct => Some("dm"),
        Kind::Channel(_) => Some("channel"),
        Kind::WithRobot => None,
    }
}

fn merged(mut object: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut object, more) {
        fields.extend(more);
    }
    object
}
