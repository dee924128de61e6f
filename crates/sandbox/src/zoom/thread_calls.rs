//! What hangs on a message: its thread, reactions and read mark.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, "Chat Messages" and "Chat Emoji"

use serde_json::json;

use super::{
    account::ZoomAccount,
    error::ZoomError,
    fields::Fields,
    message::Message,
    message_calls::living,
    moment,
    place::Place,
    server::{Answer, Call, Reply},
    shapes,
};

/// `PATCH /chat/users/{userId}/messages/{messageId}/emoji_reactions`
pub fn react(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let fields = call.fields();
        let id = call.id("messageId");
        let place = Place::in_body(state, &me, call)?;
        let (found, message) = living(place.message(state, &me, id)?, id)?;
        let (conversation, message) = (found.id.clone(), message.id.clone());
        let add = match fields.need_text("action")? {
            "add" => true,
            "remove" => false,
            _ => return Err(ZoomError::field("action", "It must be add or remove.")),
        };
        let emoji = emoji(&fields)?;
        if state.react((&conversation, &message), &me, (&emoji, add), now) {
            return Ok(Reply::NoContent);
        }
        // What Zoom says here is not documented.
        Err(ZoomError::chat(if add {
            "You have already added this reaction."
        } else {
            "You have not added this reaction."
        }))
    })
}

/// `PATCH /chat/users/{userId}/messages/{messageId}/status`: nobody else sees it.
pub fn mark(here: &ZoomAccount, call: &Call) -> Answer {
    here.look(|state, _| {
        let me = call.actor(here, state)?;
        let id = call.id("messageId");
        let place = Place::in_body(state, &me, call)?;
        living(place.message(state, &me, id)?, id)?;
        match call.fields().need_text("action")? {
            "read" | "unread" => Ok(Reply::NoContent),
            _ => Err(ZoomError::field("action", "It must be read or unread.")),
        }
    })
}

/// `GET /chat/users/{userId}/messages/{messageId}/thread`
pub fn thread(here: &ZoomAccount, call: &Call) -> Answer {
    here.look(|state, now| {
        let me = call.actor(here, state)?;
        let query = &call.query;
        let place = Place::in_query(state, &me, call)?;
        let id = call.id("messageId");
        let (found, root) = living(place.message(state, &me, id)?, id)?;
        let read = |name: &str, text| {
            moment::read(text).ok_or_else(|| ZoomError::field(name, "Invalid field."))
        };
        let from = read("from", query.need("from")?)?;
        let to = query.text("to").map_or(Ok(now), |text| read("to", text))?;
        let most = match query.text("limit") {
            None => 50,
            Some(text) => text
                .parse()
                .map_err(|_| ZoomError::field("limit", "Invalid field."))?,
        };
        let is_wanted = |message: &&Message| {
            let is_reply = message.reply_to.as_ref() == Some(&root.id);
            let is_main = message.id == root.id && query.flag("need_main_message");
            let in_time = (from..to + 1000).contains(&message.sent_at);
            (is_main || (is_reply && in_time)) && !message.is_deleted() && message.is_seen_by(&me)
        };
        let mut messages: Vec<_> = found.messages.iter().filter(is_wanted).collect();
        if query.text("sort") != Some("asc") {
            messages.reverse();
        }
        messages.truncate(most);
        let messages: Vec<_> = messages
            .into_iter()
            .map(|message| shapes::thread_message(state, message, &me))
            .collect();
        Ok(Reply::Ok(
            json!({ "total": messages.len(), "messages": messages }),
        ))
    })
}

/// `U+1F600`, several of them for a sequence, or the id of a custom emoji.
fn emoji(fields: &Fields<'_>) -> Result<String, ZoomError> {
    if fields.flag("custom_emoji")? {
        return Ok(fields.need_text("custom_emoji_id")?.to_owned());
    }
    let emoji = fields.need_text("emoji")?;
    if is_emoji(emoji) {
        return Ok(emoji.to_uppercase());
    }
    Err(ZoomError::field("emoji", "It must be like U+1F600."))
}

fn is_emoji(text: &str) -> bool {
    text.split([' ', '-']).all(|one| {
        let digits = one
            .strip_prefix("U+")
            .or_else(|| one.strip_prefix("u+"))
            .unwrap_or_default();
        let number = u32::from_str_radix(digits, 16).ok();
        number.is_some_and(|number| char::from_u32(number).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::is_emoji;

    #[test]
    fn an_emoji_is_named_by_its_code_points() {
        for good in ["U+1F600", "U+1F44D U+1F3FD", "U+2764-U+FE0F"] {
            assert!(is_emoji(good), "{good}");
        }
        for bad in ["", "thumbsup", "1F600", "U+", "U+D800", "\u{1F600}"] {
            assert!(!is_emoji(bad), "{bad}");
        }
    }
}
