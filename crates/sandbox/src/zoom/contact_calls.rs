//! Whom somebody writes with, and can write to.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, "Chat Sessions" and "Contacts"

use serde_json::json;

use super::{
    account::ZoomAccount,
    directory::User,
    error::ZoomError,
    ids::{ConversationId, UserId},
    moment::{self, DAY_MS},
    server::{Answer, Call, Reply},
    shapes,
    state::State,
};

/// `GET /chat/users/{userId}/sessions`, the latest first
pub fn sessions(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, now| {
        let me = call.actor(here, state)?;
        let query = &call.query;
        let wanted = match query.text("type") {
            None => None,
            Some("1:1") => Some(false),
            Some("groupchat") => Some(true),
            Some(_) => return Err(ZoomError::field("type", "It must be 1:1 or groupchat.")),
        };
        let bound = |name: &str, default, end| match query.text(name) {
            None => Ok(default),
            Some(text) => moment::read(text)
                // A date as the end holds its whole day.
                .map(|at| at + if text.contains('T') { 1000 } else { end })
                .ok_or_else(|| ZoomError::field(name, "Invalid field.")),
        };
        let (from, to) = (bound("from", 0, 0)?, bound("to", now + DAY_MS, DAY_MS)?);
        let asked = query.page(&format!("sessions of {me}"), 10, 50)?;
        let mut found = state.conversations_of(&me);
        found.retain(|conversation| {
            let is_group = conversation.channel_type().is_some();
            let last = conversation.last_sent_at().unwrap_or(0);
            shapes::is_session(conversation)
                && wanted.is_none_or(|group| group == is_group)
                && (from..to).contains(&last)
        });
        let keys = found
            .iter()
            .rev()
            .map(|found| found.id.to_string())
            .collect();
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        let sessions: Vec<_> = page
            .keys
            .iter()
            .filter_map(|id| state.conversation(&ConversationId::from(id.as_str())))
            .map(|found| shapes::session(state, found, &me))
            .collect();
        Ok(Reply::Ok(json!({
            "from": moment::day(from),
            "to": moment::day(to - 1),
            "sessions": sessions,
            "page_size": page.size,
            "next_page_token": page.next,
        })))
    })
}

/// `GET /chat/users/me/contacts`: everybody of the account, or those outside it who are connected
pub fn list(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, _| {
        let me = call.actor(here, state)?;
        let wanted = match call.query.text("type") {
            None | Some("company") => state.directory.active().collect::<Vec<_>>(),
            Some("external") => state.directory.externals().collect(),
            Some(_) => return Err(ZoomError::field("type", "It must be company or external.")),
        };
        let keys = keys(wanted.into_iter().filter(|user| user.id != me));
        shown(state, call, "contacts", keys, here.now())
    })
}

/// `GET /contacts?search_key=…`
pub fn search(here: &ZoomAccount, call: &Call) -> Answer {
    here.change(|state, _| {
        let key = call.query.need("search_key")?.to_lowercase();
        if key.chars().count() < 3 {
            let why = "It must have at least three characters.";
            return Err(ZoomError::field("search_key", why));
        }
        let fits = |user: &&User| {
            user.display_name.to_lowercase().contains(&key)
                || user.email.to_lowercase().contains(&key)
        };
        let found = state.directory.active().chain(state.directory.externals());
        let keys = keys(found.filter(fits));
        shown(state, call, "search", keys, here.now())
    })
}

/// `POST /chat/users/{userId}/invitations`: whoever is asked decides in their own account.
pub fn invite(here: &ZoomAccount, call: &Call) -> Answer {
    here.look(|state, _| {
        call.actor(here, state)?;
        let fields = call.fields();
        let email = fields.need_text("email")?;
        if !email.contains('@') {
            return Err(ZoomError::field("email", "Invalid field."));
        }
        Ok(Reply::Created(json!({})))
    })
}

fn keys<'a>(users: impl Iterator<Item = &'a User>) -> Vec<String> {
    users.map(|user| user.id.to_string()).collect()
}

fn shown(state: &mut State, call: &Call, listing: &str, keys: Vec<String>, now: i64) -> Answer {
    let asked = call.query.page(listing, 10, 50)?;
    let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
    let contacts: Vec<_> = page
        .keys
        .iter()
        .filter_map(|id| state.directory.get(&UserId::from(id.as_str())))
        .map(shapes::contact)
        .collect();
    Ok(Reply::Ok(json!({
        "contacts": contacts,
        "page_size": page.size,
        "next_page_token": page.next,
    })))
}
