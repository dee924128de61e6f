//! What the chatbot's endpoint is told.

use serde_json::{Value, json};

use crate::{clock::Millis, stand_in::ButtonView};

use super::{
    conversation::Kind,
    delivery::Told,
    ids::{ConversationId, MessageId, UserId},
    shapes,
    state::State,
};

/// `bot_notification`. The command's own name is not part of what the robot hears.
///
/// Source: <https://developers.zoom.us/docs/api/chatbot/events/>
pub fn tell_robot(
    state: &mut State,
    me: &UserId,
    place: &ConversationId,
    input: &str,
    now: Millis,
) {
    let words = match input.strip_prefix('/') {
        Some(command) => command.split_once(' ').map_or("", |(_, words)| words),
        None => input,
    };
    let payload = robot_payload(state, me, place, now);
    if let Some(mut payload) = payload {
        payload["cmd"] = json!(words.trim());
        payload["triggerId"] = json!(state.mint.hex(&state.mint.fresh("trigger")));
        let event = json!({ "event": "bot_notification", "payload": payload });
        state.told.push(Told::Bot(event));
    }
}

/// `interactive_message_actions`: a press on a button of the chatbot's.
pub fn tell_pressed(
    state: &mut State,
    me: &UserId,
    (place, message): (&ConversationId, &MessageId),
    button: &ButtonView,
    now: Millis,
) {
    let content = state.conversation(place).and_then(|place| {
        let message = place.message(message)?;
        message.body.content.clone()
    });
    let payload = robot_payload(state, me, place, now);
    if let Some(mut payload) = payload {
        payload["actionItem"] = json!({ "text": button.label, "value": button.value });
        payload["messageId"] = json!(message);
        payload["original"] = content.unwrap_or_default();
        let event = json!({ "event": "interactive_message_actions", "payload": payload });
        state.told.push(Told::Bot(event));
    }
}

/// Who did something with the robot, and where.
fn robot_payload(state: &State, me: &UserId, place: &ConversationId, now: Millis) -> Option<Value> {
    let user = state.directory.get(me)?;
    let place = state.conversation(place)?;
    let to = match (place.kind, place.other(me)) {
        (Kind::Channel(_), _) => place.jid.clone(),
        (Kind::Direct, Some(other)) => state.directory.get(other)?.jid.clone(),
        (Kind::Direct, None) | (Kind::WithRobot, _) => user.jid.clone(),
    };
    Some(json!({
        "accountId": state.account,
        "channelName": shapes::channel_name(state, place),
        "name": state.robot.name,
        "robotJid": state.robot.jid,
        "timestamp": now,
        "toJid": to,
        "userId": user.id,
        "userJid": user.jid,
        "userName": user.display_name,
    }))
}
