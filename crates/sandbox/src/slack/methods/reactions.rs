//! `reactions.add` and `reactions.remove`.

use serde_json::json;

use super::{
    super::{
        failure::Failure,
        ids::{ConversationId, Ts},
        state::{Message, Reaction},
        text::is_emoji,
    },
    Answer, Call,
};

/// Different emoji on one message.
const MOST_EMOJI: usize = 50;

pub fn add(call: &mut Call<'_>) -> Answer {
    let (place, ts, name) = item(call)?;
    let user = call.caller.user.clone();
    let message = message_mut(call, &place, ts)?;
    let count = message.reactions.len();
    match message
        .reactions
        .iter_mut()
        .find(|reaction| reaction.name == name)
    {
        Some(reaction) if reaction.users.contains(&user) => return Err("already_reacted".into()),
        Some(reaction) => reaction.users.push(user.clone()),
        None if count >= MOST_EMOJI => return Err("too_many_emoji".into()),
        None => message.reactions.push(Reaction {
            name: name.clone(),
            users: vec![user.clone()],
        }),
    }
    let message = message.clone();
    call.state
        .tell_reacted(&place, &message, ("reaction_added", &user, &name), call.now);
    Ok(json!({ "ok": true }))
}

pub fn remove(call: &mut Call<'_>) -> Answer {
    let (place, ts, name) = item(call)?;
    let user = call.caller.user.clone();
    let message = message_mut(call, &place, ts)?;
    let mut reactions = message.reactions.iter_mut();
    let reaction = reactions
        .find(|reaction| reaction.name == name && reaction.users.contains(&user))
        .ok_or("no_reaction")?;
    reaction.users.retain(|held| *held != user);
    message
        .reactions
        .retain(|reaction| !reaction.users.is_empty());
    let message = message.clone();
    call.state.tell_reacted(
        &place,
        &message,
        ("reaction_removed", &user, &name),
        call.now,
    );
    Ok(json!({ "ok": true }))
}

/// The message and the emoji that the call names.
fn item(call: &Call<'_>) -> Result<(ConversationId, Ts, String), Failure> {
    let name = call.args.text("name").ok_or("invalid_name")?;
    let name = name.trim_matches(':').to_owned();
    if !is_emoji(&name) {
        return Err("invalid_name".into());
    }
    if !call.args.has("channel") || !call.args.has("timestamp") {
        return Err("no_item_specified".into());
    }
    let conversation = call.visible()?;
    if !conversation.has(&call.caller.user) && call.caller.is_bot() {
        return Err("not_in_channel".into());
    }
    if conversation.archived {
        return Err("is_archived".into());
    }
    let ts = Ts::parse(&call.args.required("timestamp")?).ok_or("bad_timestamp")?;
    let found = conversation
        .messages
        .get(&ts)
        .filter(|message| message.is_public());
    found.ok_or("message_not_found")?;
    Ok((conversation.id.clone(), ts, name))
}

fn message_mut<'a>(
    call: &'a mut Call<'_>,
    place: &ConversationId,
    ts: Ts,
) -> Result<&'a mut Message, Failure> {
    let conversation = call.conversation_mut(place)?;
    conversation
        .messages
        .get_mut(&ts)
        .ok_or(Failure::Code("message_not_found"))
}
