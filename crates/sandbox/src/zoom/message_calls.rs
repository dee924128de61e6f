//! Messages: send, read, edit, delete.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, "Chat Messages"

use serde_json::json;

use crate::clock::Millis;

use super::{
    account::ZoomAccount,
    conversation::Conversation,
    draft,
    error::ZoomError,
    fields::{Fields, Query},
    ids::{MessageId, UserId},
    message::{Author, Body, Message},
    moment::{self, DAY_MS, day, midnight},
    place::Place,
    server::{Answer, Call, Reply},
    shapes::{self, Status},
    state::State,
};

/// `POST /chat/users/{userId}/messages`
pub fn send(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let fields = call.fields();
        let place = Place::in_body(state, &me, call)?;
        check_may_write(state, &place, &me)?;
        let found = place.conversation(state, &me);
        let root = answered(found, &me, &fields)?;
        if fields.text("scheduled_time")?.is_some() {
            return Err(ZoomError::field(
                "scheduled_time",
                "It cannot be scheduled here.",
            ));
        }
        let body = draft::message(state, found, &me, &fields)?;
        let conversation = place.open(state, &me);
        let id = state.post(&conversation, Author::User(me), body, root, now);
        Ok(Reply::Created(json!({ "id": id })))
    })
}

/// `GET /chat/users/{userId}/messages`, newest first
pub fn list(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let place = Place::in_query(state, &me, call)?;
        let range = Range::asked(&call.query, now)?;
        let with_all = call.query.flag("include_deleted_and_edited_message");
        let path = format!("messages of {me}");
        let asked = call.query.page(&path, 10, 50)?;
        let keys = place
            .conversation(state, &me)
            .map_or_else(Vec::new, |found| {
                let messages = found.messages.iter().rev();
                messages
                    .filter(|message| is_listed(message, &me, &range, &call.query))
                    .map(|message| message.id.to_string())
                    .collect()
            });
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        let status = if with_all {
            Status::Shown
        } else {
            Status::Hidden
        };
        let found = place.conversation(state, &me);
        let messages: Vec<_> = page
            .keys
            .iter()
            .filter_map(|id| {
                let found = found?;
                let message = found.message(&MessageId::from(id.as_str()))?;
                Some(shapes::message(state, message, found, status))
            })
            .collect();
        let mut body = range.shown();
        body["messages"] = messages.into();
        body["page_size"] = page.size.into();
        body["next_page_token"] = page.next.into();
        Ok(Reply::Ok(body))
    })
}

/// `GET /chat/users/{userId}/messages/{messageId}`
pub fn get(here: &ZoomAccount, call: &Call) -> Answer {
    here.look(|state, _| {
        let me = call.actor(here, state)?;
        let id = call.id("messageId");
        let place = Place::in_query(state, &me, call)?;
        let (found, message) = living(place.message(state, &me, id)?, id)?;
        Ok(Reply::Ok(shapes::message(
            state,
            message,
            found,
            Status::Hidden,
        )))
    })
}

/// `PUT /chat/users/{userId}/messages/{messageId}`: the new text stands alone, without the looks and
/// mentions that the message had.
pub fn edit(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let fields = call.fields();
        let place = Place::in_body(state, &me, call)?;
        let (conversation, id) = own(state, &place, &me, call.id("messageId"))?;
        let text = draft::text(&fields)?;
        state.edit(&conversation, &id, Body::plain(text), now);
        Ok(Reply::NoContent)
    })
}

/// `DELETE /chat/users/{userId}/messages/{messageId}`
pub fn delete(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let place = Place::in_query(state, &me, call)?;
        let (conversation, id) = own(state, &place, &me, call.id("messageId"))?;
        state.delete(&conversation, &id, now);
        Ok(Reply::NoContent)
    })
}

/// A message that was not deleted.
pub fn living<'a>(
    (place, message): (&'a Conversation, &'a Message),
    id: &str,
) -> Result<(&'a Conversation, &'a Message), ZoomError> {
    if message.is_deleted() {
        return Err(ZoomError::no_message(id));
    }
    Ok((place, message))
}

fn own(
    state: &State,
    place: &Place,
    me: &UserId,
    id: &str,
) -> Result<(super::ids::ConversationId, MessageId), ZoomError> {
    let (found, message) = living(place.message(state, me, id)?, id)?;
    if !message.is_by(me) {
        return Err(ZoomError::no_permission());
    }
    Ok((found.id.clone(), message.id.clone()))
}

/// Whether somebody may write there: a contact must be reachable, and a channel open to them.
fn check_may_write(state: &State, place: &Place, me: &UserId) -> Result<(), ZoomError> {
    match place {
        Place::Contact(other) => {
            let user = state.directory.get(other);
            if user.is_some_and(|user| user.is_active() || user.is_external()) {
                return Ok(());
            }
            Err(ZoomError::chat("The contact cannot be written to."))
        }
        Place::Channel(_) => match place.conversation(state, me) {
            Some(found) if found.settings.posting_permissions == 1 || found.is_led_by(me) => Ok(()),
            Some(_) | None => Err(ZoomError::forbidden("You may not post in this channel.")),
        },
    }
}

/// The message that is answered: a thread has one level.
fn answered(
    place: Option<&Conversation>,
    me: &UserId,
    fields: &Fields<'_>,
) -> Result<Option<MessageId>, ZoomError> {
    const FIELD: &str = "reply_main_message_id";
    let Some(id) = fields.text(FIELD)?.filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let id = MessageId::from(id);
    let found = place.and_then(|place| place.message(&id));
    let found = found.filter(|message| !message.is_deleted() && message.is_seen_by(me));
    match found {
        None => Err(ZoomError::field(FIELD, "There is no such message.")),
        Some(message) if message.reply_to.is_some() => Err(ZoomError::field(
            FIELD,
            "It must be the main message of the thread.",
        )),
        Some(_) => Ok(Some(id)),
    }
}

fn is_listed(message: &Message, me: &UserId, range: &Range, query: &Query) -> bool {
    let is_kept = !message.is_deleted() || query.flag("include_deleted_and_edited_message");
    let is_wanted = message.reply_to.is_none() || !query.flag("exclude_child_message");
    is_kept && is_wanted && message.is_seen_by(me) && range.holds(message.sent_at)
}

/// From when till when: `from` and `to`, else the `date`, which is today where it is not given.
enum Range {
    Day(Millis),
    Span { from: Millis, to: Millis },
}

impl Range {
    fn asked(query: &Query, now: Millis) -> Result<Self, ZoomError> {
        let read = |name: &str| match query.text(name) {
            None => Ok(None),
            Some(text) => moment::read(text)
                .map(Some)
                .ok_or_else(|| ZoomError::field(name, "Invalid field.")),
        };
        match (read("from")?, read("to")?, read("date")?) {
            (None, None, date) => Ok(Self::Day(midnight(date.unwrap_or(now)))),
            (from, to, _) => {
                let (from, to) = (from.unwrap_or(0), to.unwrap_or(now));
                if from > to {
                    return Err(ZoomError::field("from", "It must not be after to."));
                }
                Ok(Self::Span { from, to })
            }
        }
    }

    fn holds(&self, at: Millis) -> bool {
        match self {
            Self::Day(start) => (*start..start + DAY_MS).contains(&at),
            // What is given to the second holds the whole second.
            Self::Span { from, to } => (*from..to + 1000).contains(&at),
        }
    }

    fn shown(&self) -> serde_json::Value {
        match self {
            Self::Day(start) => json!({ "date": day(*start) }),
            Self::Span { from, to } => {
                json!({ "from": moment::iso(*from), "to": moment::iso(*to) })
            }
        }
    }
}
