//! What the app is told of: which events it may hear, through whose authorisation, and the
//! wrapper around them (<https://docs.slack.dev/apis/events-api/>).

use serde_json::{Map, Value, json};

use crate::clock::Millis;

use super::{
    ids::{ConversationId, Ts, UserId},
    json::{message_json, user_json},
    state::{Access, Conversation, Message, State, User},
    tokens::Holder,
};

/// An event with the authorisation through which the app hears it.
#[derive(Debug)]
pub struct Happening {
    event: Value,
    user: UserId,
    is_bot: bool,
    label: String,
}

/// Which subscriptions carry an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// As a bot event where the bot is, else as a user event where someone is who authorised.
    ByBotOrUser,
    ByBot,
}

impl Happening {
    /// The body that the Events API would post, and Socket Mode carries as an envelope's payload.
    pub fn wrapper(&self, state: &State, now: Millis) -> Value {
        let app = &state.app;
        let context = format!("4-{}", state.seed.letters(&self.label, 60));
        json!({
            "token": app.verification,
            "team_id": app.team,
            "enterprise_id": null,
            "context_team_id": app.team,
            "context_enterprise_id": null,
            "api_app_id": app.id,
            "event": self.event,
            "type": "event_callback",
            "event_id": state.seed.id('E', &self.label).replacen("E0", "Ev0", 1),
            "event_time": now / 1000,
            "authorizations": [{
                "enterprise_id": null,
                "team_id": app.team,
                "user_id": self.user,
                "is_bot": self.is_bot,
                "is_enterprise_install": false,
            }],
            "is_ext_shared_channel": false,
            "event_context": context,
        })
    }
}

impl State {
    pub fn tell_posted(&mut self, place: &ConversationId, ts: Ts, now: Millis) {
        self.tell_about(place, Heard::ByBotOrUser, now, |state, conversation| {
            let message = conversation.messages.get(&ts)?;
            let mut event = message_json(state, conversation, message, true);
            event.insert("channel".to_owned(), json!(conversation.id));
            event.insert("event_ts".to_owned(), json!(ts));
            event.insert(
                "channel_type".to_owned(),
                conversation.kind.event_name().into(),
            );
            Some(Value::Object(event))
        });
    }

    /// `was` is the message as it stood before, in JSON.
    pub fn tell_changed(&mut self, place: &ConversationId, ts: Ts, was: &Value, now: Millis) {
        let at = self.next_ts(now);
        self.tell_about(place, Heard::ByBotOrUser, now, |state, conversation| {
            let message = conversation.messages.get(&ts)?;
            Some(json!({
                "type": "message",
                "subtype": "message_changed",
                "message": message_json(state, conversation, message, true),
                "previous_message": was,
                "channel": conversation.id,
                "hidden": true,
                "ts": at,
                "event_ts": at,
                "channel_type": conversation.kind.event_name(),
            }))
        });
    }

    pub fn tell_deleted(&mut self, place: &ConversationId, ts: Ts, was: &Value, now: Millis) {
        let at = self.next_ts(now);
        self.tell_about(place, Heard::ByBotOrUser, now, |_, conversation| {
            Some(json!({
                "type": "message",
                "subtype": "message_deleted",
                "previous_message": was,
                "channel": conversation.id,
                "hidden": true,
                "deleted_ts": ts,
                "ts": at,
                "event_ts": at,
                "channel_type": conversation.kind.event_name(),
            }))
        });
    }

    pub fn tell_reacted(
        &mut self,
        place: &ConversationId,
        message: &Message,
        (kind, user, name): (&str, &UserId, &str),
        now: Millis,
    ) {
        let at = self.next_ts(now);
        self.tell_about(place, Heard::ByBot, now, |_, conversation| {
            Some(json!({
                "type": kind,
                "user": user,
                "reaction": name,
                "item": { "type": "message", "channel": conversation.id, "ts": message.ts },
                "item_user": message.author,
                "event_ts": at,
            }))
        });
    }

    /// Someone came (`member_joined_channel`) or went (`member_left_channel`).
    pub fn tell_member(
        &mut self,
        place: &ConversationId,
        kind: &str,
        user: &UserId,
        inviter: Option<&UserId>,
        now: Millis,
    ) {
        let at = self.next_ts(now);
        self.tell_about(place, Heard::ByBot, now, |state, conversation| {
            let mut event = Map::new();
            event.insert("type".to_owned(), kind.into());
            event.insert("user".to_owned(), json!(user));
            event.insert("channel".to_owned(), json!(conversation.id));
            let letter = conversation.id.as_str().chars().next().unwrap_or('C');
            event.insert("channel_type".to_owned(), letter.to_string().into());
            event.insert("team".to_owned(), state.app.team.clone().into());
            if let Some(inviter) = inviter {
                event.insert("inviter".to_owned(), json!(inviter));
            }
            event.insert("event_ts".to_owned(), json!(at));
            Some(Value::Object(event))
        });
    }

    /// What happened to a conversation itself: `channel_rename`, `group_left` and so on.
    pub fn tell_channel(&mut self, place: &ConversationId, kind: &str, fields: Value, now: Millis) {
        let at = self.next_ts(now);
        self.tell_about(place, Heard::ByBot, now, |_, _| {
            let mut event = Map::from_iter([("type".to_owned(), kind.into())]);
            if let Value::Object(fields) = fields {
                event.extend(fields);
            }
            event.insert("event_ts".to_owned(), json!(at));
            Some(Value::Object(event))
        });
    }

    /// `team_join`, or `user_change`: a name, or an account switched on or off.
    pub fn tell_user(&mut self, kind: &str, user: &User, now: Millis) {
        let at = self.next_ts(now);
        let user = user_json(self, user, true);
        self.tell_bot(
            json!({ "type": kind, "user": user, "cache_ts": now / 1000, "event_ts": at }),
        );
    }

    /// A person or an administrator took tokens back.
    pub fn tell_revoked(&mut self, holder: &Holder, now: Millis) {
        let at = self.next_ts(now);
        let (people, bots) = match holder {
            Holder::User(user) => (vec![user.clone()], Vec::new()),
            Holder::Bot => (Vec::new(), vec![self.app.bot_user.clone()]),
            Holder::App => return,
        };
        self.tell_bot(json!({
            "type": "tokens_revoked",
            "tokens": { "oauth": people, "bot": bots },
            "event_ts": at,
        }));
    }

    fn tell_bot(&mut self, event: Value) {
        let user = self.app.bot_user.clone();
        self.push(event, user, true);
    }

    fn tell_about(
        &mut self,
        place: &ConversationId,
        heard: Heard,
        now: Millis,
        event: impl FnOnce(&Self, &Conversation) -> Option<Value>,
    ) {
        let Some(conversation) = self.conversations.get(place) else {
            return;
        };
        let Some((user, is_bot)) = self.hearer(conversation, heard, now) else {
            return;
        };
        if let Some(event) = event(self, conversation) {
            self.push(event, user, is_bot);
        }
    }

    fn push(&mut self, event: Value, user: UserId, is_bot: bool) {
        let label = self.fresh("event");
        self.happenings.push(Happening {
            event,
            user,
            is_bot,
            label,
        });
    }

    /// Through whom the app hears what happens in a conversation.
    fn hearer(
        &self,
        conversation: &Conversation,
        heard: Heard,
        now: Millis,
    ) -> Option<(UserId, bool)> {
        let hears = |holder: &Holder| {
            let scope = conversation.kind.scope(Access::History, holder);
            self.tokens
                .of(holder, now)
                .is_some_and(|token| token.has(scope))
        };
        let bot = &self.app.bot_user;
        if conversation.has(bot) && hears(&Holder::Bot) {
            return Some((bot.clone(), true));
        }
        if heard == Heard::ByBot {
            return None;
        }
        let mut members = conversation.members.iter();
        let user = members.find(|member| hears(&Holder::User((*member).clone())))?;
        Some((user.clone(), false))
    }
}
