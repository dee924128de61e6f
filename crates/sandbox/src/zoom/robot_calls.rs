//! What the hub's chatbot writes, under its own name.
//!
//! Source: <https://developers.zoom.us/docs/team-chat/send-edit-and-delete-messages/>. The documents
//! name no event for what a chatbot posts, so none is told.

use serde_json::{Value, json};

use super::{
    account::ZoomAccount,
    conversation::{Conversation, Kind},
    draft,
    error::ZoomError,
    fields::Fields,
    ids::{ConversationId, MessageId, UserId},
    message::{Author, Body, Message},
    moment::iso,
    server::{Answer, Call, Reply},
    state::State,
};

/// `POST /im/chat/messages`
pub fn send(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let fields = call.fields();
        check_names(here, &fields)?;
        let body = body(&call.body["content"])?;
        let only_for = only_for(state, &fields)?;
        let id = addressed(state, fields.need_text("to_jid")?)?;
        let root = answered(state, &id, &fields)?;
        let message = Message {
            reply_to: root,
            only_for,
            ..Message::new(state.mint.message(), Author::Robot, body, now)
        };
        let made = state.insert(&id, message);
        shown(state, &made, fields.text("user_jid")?)
    })
}

/// `PUT /im/chat/messages/{messageId}`
pub fn edit(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let fields = call.fields();
        check_names(here, &fields)?;
        let body = body(&call.body["content"])?;
        let (place, id) = own(state, call.id("messageId"))?;
        state.edit(&place, &id, body, now);
        shown(state, &id, fields.text("user_jid")?)
    })
}

/// `DELETE /im/chat/messages/{messageId}`
pub fn delete(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let (place, id) = own(state, call.id("messageId"))?;
        state.delete(&place, &id, now);
        shown(state, &id, call.query.text("user_jid"))
    })
}

/// The call must be the robot's own, in the account that installed it.
fn check_names(here: &ZoomAccount, fields: &Fields<'_>) -> Result<(), ZoomError> {
    if fields.need_text("robot_jid")? != here.keys.robot_jid {
        return Err(not_authorized());
    }
    match fields.text("account_id")? {
        Some(account) if account != here.keys.account_id => Err(not_authorized()),
        Some(_) | None => Ok(()),
    }
}

/// As the API says it for a robot or receiver that is not the app's.
fn not_authorized() -> ZoomError {
    ZoomError::new(403, 7004, "Not authorized.")
}

fn body(content: &Value) -> Result<Body, ZoomError> {
    Ok(Body {
        content: Some(content.clone()),
        ..Body::plain(draft::words(content)?)
    })
}

/// The channel, or the robot's own chat with the user, behind a JID.
fn addressed(state: &mut State, jid: &str) -> Result<ConversationId, ZoomError> {
    let mut channels = state.conversations.values();
    let channel = channels.find(|found| {
        !found.is_deleted && matches!(found.kind, Kind::Channel(_)) && found.jid == jid
    });
    if let Some(channel) = channel {
        return Ok(channel.id.clone());
    }
    let user = state
        .directory
        .with_jid(jid)
        .filter(|user| user.is_active());
    let user = user
        .map(|user| user.id.clone())
        .ok_or_else(not_authorized)?;
    Ok(state.open_with_robot(&user))
}

fn only_for(state: &State, fields: &Fields<'_>) -> Result<Option<UserId>, ZoomError> {
    let Some(named) = fields.text("visible_to_user")? else {
        return Ok(None);
    };
    let user = state.directory.named(named);
    let user = user.ok_or_else(|| ZoomError::no_user(named))?;
    Ok(Some(user.id.clone()))
}

/// The thread that is answered, by its main message.
fn answered(
    state: &State,
    place: &ConversationId,
    fields: &Fields<'_>,
) -> Result<Option<MessageId>, ZoomError> {
    let Some(id) = fields.text("reply_to")? else {
        return Ok(None);
    };
    let root = state.conversation(place).and_then(|place| {
        let message = place.message(&MessageId::from(id))?;
        (!message.is_deleted()).then(|| message.root().clone())
    });
    root.map(Some)
        .ok_or_else(|| ZoomError::field("reply_to", "There is no such message."))
}

fn own(state: &State, id: &str) -> Result<(ConversationId, MessageId), ZoomError> {
    let message_id = MessageId::from(id);
    let place = state.place(&message_id);
    let found = place.and_then(|place| Some((place, place.message(&message_id)?)));
    let (place, message) = found.ok_or_else(|| ZoomError::no_message(id))?;
    if message.author != Author::Robot {
        return Err(not_authorized());
    }
    if message.is_deleted() {
        return Err(ZoomError::no_message(id));
    }
    Ok((place.id.clone(), message_id))
}

fn shown(state: &State, id: &MessageId, user_jid: Option<&str>) -> Answer {
    let place = state.place(id);
    let found = place.and_then(|place| Some((place, place.message(id)?)));
    let (place, message) = found.ok_or_else(|| ZoomError::no_message(id.as_str()))?;
    let to = receiver(state, place);
    Ok(Reply::Ok(json!({
        "message_id": id,
        "robot_jid": state.robot.jid,
        "sent_time": iso(message.sent_at),
        "to_jid": to,
        "user_jid": user_jid.unwrap_or(&to),
    })))
}

fn receiver(state: &State, place: &Conversation) -> String {
    let member = match place.kind {
        Kind::WithRobot => place.members.first(),
        Kind::Direct | Kind::Channel(_) => None,
    };
    let user = member.and_then(|member| state.directory.get(&member.user));
    user.map_or_else(|| place.jid.clone(), |user| user.jid.clone())
}
