//! `chat.*`: posts, edits and deletions.

use serde_json::{Value, json};

use super::{
    super::{
        failure::Failure,
        ids::{ConversationId, Ts, UserId},
        json::message_json,
        state::{Conversation, Guise, Kind, Message, State, Written},
    },
    Answer, Call,
    body::{Body, body, guise, metadata},
};
use crate::clock::Millis;

pub fn post(call: &mut Call<'_>) -> Answer {
    let place = destination(call)?;
    let body = read_body(call)?.ok_or("no_text")?;
    let mut message = written(call, body);
    message.guise = permitted_guise(call)?;
    message.metadata = metadata(call.args)?.flatten();
    message.thread = thread(call, &place)?;
    message.broadcast = message.thread.is_some() && call.args.flag("reply_broadcast");
    call.state.limits.post(&place, call.now)?;
    let ts = call.state.insert(&place, message, call.now);
    call.state.tell_posted(&place, ts, call.now);
    let message = shown(call, &place, ts)?;
    Ok(json!({ "ok": true, "channel": place, "ts": ts, "message": message }))
}

pub fn post_ephemeral(call: &mut Call<'_>) -> Answer {
    let user = UserId::from(call.args.required("user")?.as_str());
    let place = destination(call)?;
    let is_there = call
        .state
        .conversations
        .get(&place)
        .is_some_and(|found| found.has(&user));
    if !is_there {
        return Err("user_not_in_channel".into());
    }
    let body = read_body(call)?.ok_or("no_text")?;
    let mut message = written(call, body);
    message.guise = permitted_guise(call)?;
    message.only_for = Some(user);
    let ts = call.state.insert(&place, message, call.now);
    Ok(json!({ "ok": true, "message_ts": ts }))
}

pub fn update(call: &mut Call<'_>) -> Answer {
    let (place, ts) = own_message(call, "cant_update_message")?;
    let body = read_body(call)?;
    let metadata = metadata(call.args)?;
    if body.is_none() && metadata.is_none() {
        return Err("no_text".into());
    }
    call.state.edit(&place, ts, call.now, |message| {
        if let Some(body) = body {
            message.text = body.text;
            message.blocks = body.blocks;
            message.attachments = body.attachments;
        }
        if let Some(metadata) = metadata {
            message.metadata = metadata;
        }
    });
    let message = shown(call, &place, ts)?;
    let text = message["text"].clone();
    Ok(json!({ "ok": true, "channel": place, "ts": ts, "text": text, "message": message }))
}

pub fn delete(call: &mut Call<'_>) -> Answer {
    let (place, ts) = own_message(call, "cant_delete_message")?;
    call.state.delete(&place, ts, call.now);
    Ok(json!({ "ok": true, "channel": place, "ts": ts }))
}

pub fn permalink(call: &mut Call<'_>) -> Answer {
    let conversation = call.visible()?;
    let ts = Ts::parse(&call.args.required("message_ts")?).ok_or("message_not_found")?;
    let found = conversation
        .messages
        .get(&ts)
        .filter(|message| message.is_public());
    let message = found.ok_or("message_not_found")?;
    let (domain, channel) = (call.state.app.domain, &conversation.id);
    let name = ts.to_string().replace('.', "");
    let mut link = format!("https://{domain}.slack.com/archives/{channel}/p{name}");
    if let Some(thread) = message.thread {
        link.push_str(&format!("?thread_ts={thread}&cid={channel}"));
    }
    Ok(json!({ "ok": true, "channel": channel, "permalink": link }))
}

/// Where a post goes: a conversation's id, a channel's name, or a user, whose DM is opened.
fn destination(call: &mut Call<'_>) -> Result<ConversationId, Failure> {
    let wanted = call.args.required("channel")?;
    if let Some(user) = call.state.user(&wanted) {
        if user.deleted {
            return Err("user_disabled".into());
        }
        let members = vec![call.caller.user.clone(), user.id.clone()];
        return Ok(call.state.open_direct(members, call.now));
    }
    let conversation = by_id_or_name(call.state, &wanted).ok_or("channel_not_found")?;
    writable(call, conversation)?;
    Ok(conversation.id.clone())
}

fn by_id_or_name<'a>(state: &'a State, wanted: &str) -> Option<&'a Conversation> {
    state.conversation(wanted).or_else(|| {
        let name = wanted.strip_prefix('#').unwrap_or(wanted);
        let mut rooms = state
            .conversations
            .values()
            .filter(|room| !room.kind.is_direct());
        rooms.find(|room| room.name == name)
    })
}

fn writable(call: &Call<'_>, conversation: &Conversation) -> Result<(), Failure> {
    let user = &call.caller.user;
    if !conversation.has(user) {
        if conversation.kind != Kind::Channel {
            return Err("channel_not_found".into());
        }
        if !(call.caller.is_bot() && call.caller.has("chat:write.public")) {
            return Err("not_in_channel".into());
        }
    }
    if conversation.archived {
        return Err("is_archived".into());
    }
    let partner = conversation
        .partner(user)
        .and_then(|id| call.state.user(id.as_str()));
    if conversation.kind == Kind::Dm && partner.is_some_and(|partner| partner.deleted) {
        return Err("user_disabled".into());
    }
    Ok(())
}

fn read_body(call: &mut Call<'_>) -> Result<Option<Body>, Failure> {
    let label = call.state.fresh("block");
    let block_id = call.state.seed.letters(&label, 5);
    body(call.args, &block_id)
}

fn written(call: &Call<'_>, body: Body) -> Message {
    let mut message = Message::new(call.caller.user.clone(), Written::Posted, body.text);
    message.blocks = body.blocks;
    message.attachments = body.attachments;
    message
}

/// A name of its own is for bots only, and only with the scope; a person stays who they are.
fn permitted_guise(call: &Call<'_>) -> Result<Option<Guise>, Failure> {
    let Some(guise) = guise(call.args) else {
        return Ok(None);
    };
    if !call.caller.is_bot() {
        return Ok(None);
    }
    call.need("chat:write.customize")?;
    Ok(Some(guise))
}

fn thread(call: &Call<'_>, place: &ConversationId) -> Result<Option<Ts>, Failure> {
    let Some(parent) = call.args.text("thread_ts") else {
        return Ok(None);
    };
    let parent = Ts::parse(&parent).ok_or("thread_not_found")?;
    let conversation = call
        .state
        .conversations
        .get(place)
        .ok_or("channel_not_found")?;
    let message = conversation
        .messages
        .get(&parent)
        .ok_or("thread_not_found")?;
    if message.only_for.is_some() || (message.deleted && !conversation.is_tombstone(message)) {
        return Err("thread_not_found".into());
    }
    if message.thread.is_some() {
        return Err("cannot_reply_to_message".into());
    }
    Ok(Some(parent))
}

/// The message to be changed, when the caller's token may change it.
fn own_message(call: &Call<'_>, refused: &'static str) -> Result<(ConversationId, Ts), Failure> {
    let conversation = call.visible()?;
    let ts = Ts::parse(&call.args.required("ts")?).ok_or("message_not_found")?;
    let found = conversation
        .messages
        .get(&ts)
        .filter(|message| message.is_public());
    let message = found.ok_or("message_not_found")?;
    if message.is_by_slack() || message.author != call.caller.user {
        return Err(refused.into());
    }
    Ok((conversation.id.clone(), ts))
}

fn shown(call: &Call<'_>, place: &ConversationId, ts: Ts) -> Result<Value, Failure> {
    let conversation = call
        .state
        .conversations
        .get(place)
        .ok_or("channel_not_found")?;
    let message = conversation.messages.get(&ts).ok_or("message_not_found")?;
    Ok(Value::Object(message_json(
        call.state,
        conversation,
        message,
        true,
    )))
}

impl State {
    /// Changes a message and tells of it.
    pub fn edit(
        &mut self,
        place: &ConversationId,
        ts: Ts,
        now: Millis,
        change: impl FnOnce(&mut Message),
    ) {
        let was = self.message_value(place, ts);
        let at = self.next_ts(now);
        let conversation = self.conversations.get_mut(place);
        if let Some(message) = conversation.and_then(|found| found.messages.get_mut(&ts)) {
            change(message);
            message.edited = Some(at);
            self.tell_changed(place, ts, &was, now);
        }
    }

    /// Takes a message away and tells of it. The head of a thread leaves a tombstone.
    pub fn delete(&mut self, place: &ConversationId, ts: Ts, now: Millis) {
        let was = self.message_value(place, ts);
        let Some(conversation) = self.conversations.get_mut(place) else {
            return;
        };
        let Some(message) = conversation.messages.get_mut(&ts) else {
            return;
        };
        message.deleted = true;
        message.text.clear();
        message.blocks.clear();
        message.attachments.clear();
        message.metadata = None;
        message.reactions.clear();
        let leaves_a_tombstone = conversation
            .messages
            .get(&ts)
            .is_some_and(|message| conversation.is_tombstone(message));
        if leaves_a_tombstone {
            self.tell_changed(place, ts, &was, now);
        } else {
            self.tell_deleted(place, ts, &was, now);
        }
    }

    fn message_value(&self, place: &ConversationId, ts: Ts) -> Value {
        let conversation = self.conversations.get(place);
        let found = conversation.and_then(|room| Some((room, room.messages.get(&ts)?)));
        found.map_or(Value::Null, |(room, message)| {
            Value::Object(message_json(self, room, message, true))
        })
    }
}
