//! Who comes into a conversation and who goes.

use serde_json::{Map, Value, json};

use super::{
    super::{
        failure::Failure,
        ids::{ConversationId, Ts, UserId},
        json::conversation_json,
        state::{Access, Conversation, Kind, Message, State, Written},
    },
    Answer, Call,
};
use crate::clock::Millis;

pub fn invite(call: &mut Call<'_>) -> Answer {
    let id = open_room(call.joined(Access::Write)?)?;
    let wanted = call.args.list("users");
    if wanted.is_empty() {
        return Err("no_user".into());
    }
    let mut invited = Vec::new();
    for name in &wanted {
        invited.push(invitable(call, &id, name)?);
    }
    let inviter = call.caller.user.clone();
    for user in &invited {
        call.state.join(&id, user, Some(&inviter), call.now);
    }
    answer_with(call, &id)
}

fn invitable(call: &Call<'_>, id: &ConversationId, name: &str) -> Result<UserId, Failure> {
    let user = call.state.user(name).ok_or("user_not_found")?;
    if user.id == call.caller.user {
        return Err("cant_invite_self".into());
    }
    if user.deleted {
        return Err("user_disabled".into());
    }
    let is_in = call
        .state
        .conversations
        .get(id)
        .is_some_and(|found| found.has(&user.id));
    if is_in {
        return Err("already_in_channel".into());
    }
    Ok(user.id.clone())
}

pub fn kick(call: &mut Call<'_>) -> Answer {
    let conversation = call.joined(Access::Write)?;
    let id = open_room(conversation)?;
    let is_general = conversation.name == "general";
    let user = call.args.required("user")?;
    let user = call.state.user(&user).ok_or("user_not_found")?.id.clone();
    if user == call.caller.user {
        return Err("cant_kick_self".into());
    }
    if is_general {
        return Err("cant_kick_from_general".into());
    }
    if !call.conversation_mut(&id)?.has(&user) {
        return Err("not_in_channel".into());
    }
    let actor = call.caller.user.clone();
    call.state.part(&id, &user, &actor, call.now);
    Ok(json!({ "ok": true, "errors": {} }))
}

pub fn leave(call: &mut Call<'_>) -> Answer {
    let conversation = call.allowed(Access::Write)?;
    let id = open_room(conversation)?;
    if conversation.name == "general" {
        return Err("cant_leave_general".into());
    }
    let user = call.caller.user.clone();
    if !conversation.has(&user) {
        return Ok(json!({ "ok": true, "not_in_channel": true }));
    }
    call.state.part(&id, &user, &user, call.now);
    Ok(json!({ "ok": true }))
}

pub fn join(call: &mut Call<'_>) -> Answer {
    let conversation = call.visible()?;
    let id = open_room(conversation)?;
    if conversation.kind != Kind::Channel {
        return Err("method_not_supported_for_channel_type".into());
    }
    let user = call.caller.user.clone();
    if conversation.has(&user) {
        let mut answer = answer_with(call, &id)?;
        answer["warning"] = "already_in_channel".into();
        answer["response_metadata"] = json!({ "warnings": ["already_in_channel"] });
        return Ok(answer);
    }
    call.state.join(&id, &user, None, call.now);
    answer_with(call, &id)
}

fn open_room(conversation: &Conversation) -> Result<ConversationId, Failure> {
    if conversation.kind.is_direct() {
        return Err("method_not_supported_for_channel_type".into());
    }
    if conversation.archived {
        return Err("is_archived".into());
    }
    Ok(conversation.id.clone())
}

fn answer_with(call: &Call<'_>, id: &ConversationId) -> Answer {
    let conversation = call
        .state
        .conversations
        .get(id)
        .ok_or("channel_not_found")?;
    let channel = conversation_json(call.state, conversation, &call.caller.user);
    Ok(json!({ "ok": true, "channel": channel }))
}

impl State {
    /// Brings a member in. Answers the time of the line that says so.
    pub fn join(
        &mut self,
        id: &ConversationId,
        user: &UserId,
        inviter: Option<&UserId>,
        now: Millis,
    ) -> Ts {
        if let Some(conversation) = self.conversations.get_mut(id) {
            conversation.members.push(user.clone());
        }
        let mut fields = Map::new();
        if let Some(inviter) = inviter {
            fields.insert("inviter".to_owned(), json!(inviter));
        }
        let said = ("channel_join", "has joined the channel");
        let ts = self.line(id, user, said, fields, now);
        self.tell_member(id, "member_joined_channel", user, inviter, now);
        ts
    }

    /// Takes a member out. The bot itself learns of it in another way than of others: it no
    /// longer sees the conversation. Answers the time of the line that says so.
    pub fn part(&mut self, id: &ConversationId, user: &UserId, actor: &UserId, now: Millis) -> Ts {
        if self.is_own_bot(user) {
            let kind = self
                .conversations
                .get(id)
                .map(|conversation| conversation.kind);
            let event = if kind == Some(Kind::Channel) {
                "channel_left"
            } else {
                "group_left"
            };
            self.tell_channel(id, event, json!({ "channel": id, "actor_id": actor }), now);
        }
        if let Some(conversation) = self.conversations.get_mut(id) {
            conversation.members.retain(|member| member != user);
        }
        let said = ("channel_leave", "has left the channel");
        let ts = self.line(id, user, said, Map::new(), now);
        self.tell_member(id, "member_left_channel", user, None, now);
        ts
    }

    fn line(
        &mut self,
        id: &ConversationId,
        user: &UserId,
        (subtype, text): (&'static str, &str),
        fields: Map<String, Value>,
        now: Millis,
    ) -> Ts {
        let written = Written::Noted { subtype, fields };
        let message = Message::new(user.clone(), written, format!("<@{user}> {text}"));
        let ts = self.insert(id, message, now);
        self.tell_posted(id, ts, now);
        ts
    }
}
