//! Making conversations and changing what they are called.

use serde_json::{Value, json};

use super::{
    super::{
        failure::Failure,
        ids::{ConversationId, UserId},
        json::conversation_json,
        state::{Access, Kind, Message, Note, Written},
    },
    Answer, Call,
};

/// The most people in a group DM beside the one who opens it.
const MOST_OTHERS: usize = 8;
const LONGEST_NAME: usize = 80;
const LONGEST_NOTE: usize = 250;

/// Opens a direct conversation: the same people always get the same one.
pub fn open(call: &mut Call<'_>) -> Answer {
    if let Some(id) = call.args.text("channel") {
        let conversation = call.visible()?;
        if !conversation.kind.is_direct() {
            return Err("method_not_supported_for_channel_type".into());
        }
        return opened(call, &ConversationId::from(id.as_str()), true);
    }
    let others = others(call)?;
    let kind = if others.len() > 1 {
        Kind::GroupDm
    } else {
        Kind::Dm
    };
    call.need(kind.scope(Access::Write, &call.caller.holder))?;
    let members: Vec<_> = std::iter::once(call.caller.user.clone())
        .chain(others)
        .collect();
    let was_open = call.state.direct(&members).is_some();
    let id = call.state.open_direct(members, call.now);
    opened(call, &id, was_open)
}

fn others(call: &Call<'_>) -> Result<Vec<UserId>, Failure> {
    let wanted = call.args.list("users");
    if wanted.is_empty() {
        return Err("users_list_not_supplied".into());
    }
    let mut others: Vec<UserId> = Vec::new();
    for id in &wanted {
        let user = call.state.user(id).ok_or("user_not_found")?;
        if user.deleted {
            return Err("user_disabled".into());
        }
        if user.id != call.caller.user && !others.contains(&user.id) {
            others.push(user.id.clone());
        }
    }
    if others.len() > MOST_OTHERS {
        return Err("too_many_users".into());
    }
    if others.is_empty() && call.caller.is_bot() {
        return Err("cannot_dm_bot".into());
    }
    if others.is_empty() {
        others.push(call.caller.user.clone());
    }
    Ok(others)
}

fn opened(call: &Call<'_>, id: &ConversationId, was_open: bool) -> Answer {
    let mut channel = json!({ "id": id });
    if call.args.flag("return_im")
        && let Some(conversation) = call.state.conversations.get(id)
    {
        channel = conversation_json(call.state, conversation, &call.caller.user);
    }
    let mut answer = json!({ "ok": true, "channel": channel });
    if was_open {
        answer["no_op"] = true.into();
        answer["already_open"] = true.into();
    }
    Ok(answer)
}

pub fn create(call: &mut Call<'_>) -> Answer {
    let is_private = call.args.flag("is_private");
    let kind = if is_private {
        Kind::PrivateChannel
    } else {
        Kind::Channel
    };
    call.need(kind.scope(Access::Write, &call.caller.holder))?;
    let name = free_name(call)?;
    let id = call
        .state
        .found(kind, name, vec![call.caller.user.clone()], call.now);
    let announced = channel_value(call, &id);
    if !is_private {
        call.state.tell_channel(
            &id,
            "channel_created",
            json!({ "channel": announced }),
            call.now,
        );
    }
    Ok(json!({ "ok": true, "channel": announced }))
}

/// The wanted name, when it keeps the rules and nobody has it.
fn free_name(call: &Call<'_>) -> Result<String, Failure> {
    let name = call.args.text("name").ok_or("invalid_name_required")?;
    let name = name.strip_prefix('#').unwrap_or(&name);
    if name.chars().count() > LONGEST_NAME {
        return Err("invalid_name_maxlength".into());
    }
    let allowed = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_';
    if !name.chars().all(allowed) {
        return Err("invalid_name_specials".into());
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Err("invalid_name_punctuation".into());
    }
    let mut rooms = call
        .state
        .conversations
        .values()
        .filter(|room| !room.kind.is_direct());
    if rooms.any(|room| room.name == name) {
        return Err("name_taken".into());
    }
    Ok(name.to_owned())
}

pub fn rename(call: &mut Call<'_>) -> Answer {
    let (id, kind) = room(call)?;
    let name = free_name(call)?;
    let conversation = call.conversation_mut(&id)?;
    let old = std::mem::replace(&mut conversation.name, name.clone());
    let fields = json!({ "old_name": old, "name": name });
    let text = format!("has renamed the channel from \"{old}\" to \"{name}\"");
    note_change(call, &id, "channel_name", &text, fields);
    let renamed = json!({ "channel": { "id": id, "name": name, "created": created(call, &id) } });
    let event = if kind == Kind::Channel {
        "channel_rename"
    } else {
        "group_rename"
    };
    call.state.tell_channel(&id, event, renamed, call.now);
    Ok(json!({ "ok": true, "channel": channel_value(call, &id) }))
}

pub fn archive(call: &mut Call<'_>) -> Answer {
    let (id, kind) = room(call)?;
    if call.conversation_mut(&id)?.name == "general" {
        return Err("cant_archive_general".into());
    }
    note_change(
        call,
        &id,
        "channel_archive",
        "archived the channel",
        json!({}),
    );
    let event = if kind == Kind::Channel {
        "channel_archive"
    } else {
        "group_archive"
    };
    let fields = json!({ "channel": id, "user": call.caller.user });
    call.state.tell_channel(&id, event, fields, call.now);
    call.conversation_mut(&id)?.archived = true;
    Ok(json!({ "ok": true }))
}

pub fn set_topic(call: &mut Call<'_>) -> Answer {
    let (id, topic) = note(call, "topic")?;
    call.conversation_mut(&id)?.topic = topic.clone();
    let text = format!("set the channel topic: {}", topic.value);
    note_change(
        call,
        &id,
        "channel_topic",
        &text,
        json!({ "topic": topic.value }),
    );
    Ok(json!({ "ok": true, "channel": channel_value(call, &id) }))
}

pub fn set_purpose(call: &mut Call<'_>) -> Answer {
    let (id, purpose) = note(call, "purpose")?;
    call.conversation_mut(&id)?.purpose = purpose.clone();
    let text = format!("set the channel description: {}", purpose.value);
    note_change(
        call,
        &id,
        "channel_purpose",
        &text,
        json!({ "purpose": purpose.value }),
    );
    Ok(json!({ "ok": true, "purpose": purpose.value }))
}

fn note(call: &Call<'_>, name: &str) -> Result<(ConversationId, Note), Failure> {
    let conversation = call.joined(Access::Write)?;
    if conversation.kind == Kind::Dm {
        return Err("method_not_supported_for_channel_type".into());
    }
    if conversation.archived {
        return Err("is_archived".into());
    }
    let value = call.args.text(name).unwrap_or_default();
    if value.chars().count() > LONGEST_NOTE {
        return Err("too_long".into());
    }
    let creator = call.caller.user.to_string();
    Ok((
        conversation.id.clone(),
        Note {
            value,
            creator,
            last_set: call.now / 1000,
        },
    ))
}

/// A channel that the caller is in and that is not closed.
fn room(call: &Call<'_>) -> Result<(ConversationId, Kind), Failure> {
    let conversation = call.joined(Access::Write)?;
    if conversation.kind.is_direct() {
        return Err("method_not_supported_for_channel_type".into());
    }
    if conversation.archived {
        return Err("already_archived".into());
    }
    Ok((conversation.id.clone(), conversation.kind))
}

/// The line that Slack itself writes into a conversation when something about it changes.
fn note_change(
    call: &mut Call<'_>,
    id: &ConversationId,
    subtype: &'static str,
    text: &str,
    fields: Value,
) {
    let fields = fields.as_object().cloned().unwrap_or_default();
    let author = call.caller.user.clone();
    let text = format!("<@{author}> {text}");
    let message = Message::new(author, Written::Noted { subtype, fields }, text);
    let ts = call.state.insert(id, message, call.now);
    call.state.tell_posted(id, ts, call.now);
}

fn created(call: &Call<'_>, id: &ConversationId) -> i64 {
    call.state
        .conversations
        .get(id)
        .map_or(0, |conversation| conversation.created)
}

fn channel_value(call: &Call<'_>, id: &ConversationId) -> Value {
    let conversation = call.state.conversations.get(id);
    conversation.map_or(Value::Null, |found| {
        conversation_json(call.state, found, &call.caller.user)
    })
}
