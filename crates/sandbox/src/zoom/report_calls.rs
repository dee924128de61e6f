//! Everybody's chats, day by day, for the account's administrator.
//!
//! Source: <https://developers.zoom.us/docs/api/chat/>, "Reports"

use serde_json::{Value, json};

use crate::clock::Millis;

use super::{
    account::ZoomAccount,
    conversation::{Conversation, Kind},
    error::ZoomError,
    fields::Query,
    ids::{ConversationId, MessageId},
    message::{Author, Message},
    moment::{self, DAY_MS, iso, midnight},
    server::{Answer, Call, Reply},
    shapes,
    state::State,
    switches::Plan,
};

/// The longest range of one report, and how far back reports reach.
const MONTH_MS: Millis = 31 * DAY_MS;
const HALF_A_YEAR_MS: Millis = 184 * DAY_MS;

/// `GET /report/chat/sessions`
pub fn sessions(here: &ZoomAccount, call: &Call) -> Answer {
    check_plan(here)?;
    here.change(|state, now| {
        let days = Days::asked(&call.query, now)?;
        let asked = call.query.page("report sessions", 10, 50)?;
        let all = state.conversations.values();
        let keys: Vec<_> = all
            .filter(|found| {
                let moved = |message: &Message| days.touches(message);
                found.kind != Kind::WithRobot && found.messages.iter().any(moved)
            })
            .map(|found| found.id.to_string())
            .collect();
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        let sessions: Vec<_> = page
            .keys
            .iter()
            .filter_map(|id| state.conversations.get(&ConversationId::from(id.as_str())))
            .map(|found| session_shown(state, found))
            .collect();
        let mut body = days.shown();
        body["sessions"] = sessions.into();
        body["page_size"] = page.size.into();
        body["next_page_token"] = page.next.into();
        Ok(Reply::Ok(body))
    })
}

/// `GET /report/chat/sessions/{sessionId}`, oldest first
pub fn session(here: &ZoomAccount, call: &Call) -> Answer {
    check_plan(here)?;
    here.change(|state, now| {
        let query = &call.query;
        let days = Days::asked(query, now)?;
        let id = ConversationId::from(call.id("sessionId"));
        let no_session = || ZoomError::no_channel(id.as_str());
        let found = state.conversations.get(&id).ok_or_else(no_session)?;
        let with_bots = query.flag("include_bot_message");
        let is_listed = |message: &&Message| {
            let is_of_a_kind = message.author != Author::Robot || with_bots;
            is_of_a_kind && !message.is_deleted() && days.holds(message.sent_at)
        };
        let listed = found.messages.iter().filter(is_listed);
        let keys: Vec<_> = listed.map(|message| message.id.to_string()).collect();
        let asked = query.page(&format!("report of {id}"), 10, 50)?;
        let is_first = asked.token.is_none();
        let page = state.pages.cut(&state.mint, now, &asked, || keys)?;
        let found = state.conversations.get(&id).ok_or_else(no_session)?;
        let messages: Vec<_> = page
            .keys
            .iter()
            .filter_map(|key| found.message(&MessageId::from(key.as_str())))
            .map(|message| message_shown(state, found, message, query))
            .collect();
        let mut body = days.shown();
        body["session_id"] = json!(id);
        body["messages"] = messages.into();
        body["page_size"] = page.size.into();
        body["next_page_token"] = page.next.into();
        // What was changed stands on the first page.
        let wanted = query.text("include_fields").unwrap_or_default();
        if is_first && wanted.contains("edited_messages") {
            body["edited_messages"] = edited(state, found, &days, query);
        }
        if is_first && wanted.contains("deleted_messages") {
            body["deleted_messages"] = deleted(state, found, &days, query);
        }
        Ok(Reply::Ok(body))
    })
}

/// Reports are for accounts that pay.
fn check_plan(here: &ZoomAccount) -> Result<(), ZoomError> {
    match here.switches().plan {
        Plan::Free => Err(ZoomError::forbidden("Only available for Paid account.")),
        Plan::Pro | Plan::Business => Ok(()),
    }
}

/// From the start of one day to the end of another.
struct Days {
    from: Millis,
    to: Millis,
}

impl Days {
    fn asked(query: &Query, now: Millis) -> Result<Self, ZoomError> {
        let read = |name: &str| {
            let text = query.need(name)?;
            moment::read_day(text).ok_or_else(|| ZoomError::field(name, "It must be a date."))
        };
        let (from, to) = (read("from")?, read("to")? + DAY_MS);
        if from >= to || to - from > MONTH_MS + DAY_MS {
            return Err(ZoomError::field(
                "from",
                "The range must be one month at most.",
            ));
        }
        if from < midnight(now) - HALF_A_YEAR_MS {
            return Err(ZoomError::field("from", "Reports reach back six months."));
        }
        Ok(Self { from, to })
    }

    fn holds(&self, at: Millis) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// Whether something happened to the message then.
    fn touches(&self, message: &Message) -> bool {
        let edits = message.edits.iter().map(|edit| edit.at);
        let mut moments = edits.chain(message.deleted_at).chain([message.sent_at]);
        moments.any(|at| self.holds(at))
    }

    fn shown(&self) -> Value {
        json!({ "from": moment::day(self.from), "to": moment::day(self.to - 1) })
    }
}

fn session_shown(state: &State, found: &Conversation) -> Value {
    let users = || {
        let members = found.members.iter();
        members.filter_map(|member| state.directory.get(&member.user))
    };
    let emails: Vec<_> = users().map(|user| user.email.as_str()).collect();
    let mut shown = json!({
        "id": found.id,
        "type": if found.channel_type().is_some() { "Group" } else { "1:1" },
        "last_message_sent_time": found.last_sent_at().map(iso),
        "member_emails": emails,
        "status": if found.is_deleted { "deleted" } else { "active" },
        "has_external_member": users().any(|user| user.is_external()),
    });
    if found.channel_type().is_some() {
        shown["channel_id"] = json!(found.id);
        shown["name"] = json!(shapes::channel_name(state, found));
    }
    shown
}

fn message_shown(state: &State, found: &Conversation, message: &Message, query: &Query) -> Value {
    let (sender, member, name) = shapes::sender(state, &message.author);
    let mut shown = json!({
        "id": message.id,
        "date_time": iso(message.sent_at),
        "timestamp": message.sent_at,
        "message": message.body.text,
        "sender": sender,
        "sender_member_id": member,
        "sender_display_name": name,
        "is_sender_external": false,
    });
    let receiver = message.person().and_then(|author| found.other(author));
    if let Some(receiver) = receiver {
        shown["receiver"] = json!(state.directory.email_of(receiver));
    }
    if let Some(root) = &message.reply_to {
        shown["reply_main_message_id"] = json!(root);
        let at = found.message(root).map(|root| root.sent_at);
        shown["reply_main_message_timestamp"] = json!(at.unwrap_or(message.sent_at));
    }
    if !message.body.rich_text.is_empty() {
        shown["rich_text"] = json!(message.body.rich_text);
    }
    if query.flag("include_reactions") && !message.reactions.is_empty() {
        shown["reactions"] = shapes::reactions(state, message);
    }
    shown
}

/// The last edit of each message within the days; all of them with `query_all_modifications`.
fn edited(state: &State, found: &Conversation, days: &Days, query: &Query) -> Value {
    let all = query.flag("query_all_modifications");
    let messages = found.messages.iter();
    let edits = messages.flat_map(|message| {
        let edits = message.edits.iter().filter(|edit| days.holds(edit.at));
        let edits: Vec<_> = edits.collect();
        let skipped = if all {
            0
        } else {
            edits.len().saturating_sub(1)
        };
        let kept = edits.into_iter().skip(skipped);
        kept.map(move |edit| {
            let mut shown = message_shown(state, found, message, query);
            shown["message"] = json!(edit.text);
            shown["action_timestamp"] = json!(edit.at);
            shown
        })
    });
    edits.collect()
}

fn deleted(state: &State, found: &Conversation, days: &Days, query: &Query) -> Value {
    let messages = found.messages.iter();
    let gone = messages.filter_map(|message| {
        let at = message.deleted_at.filter(|at| days.holds(*at))?;
        let mut shown = message_shown(state, found, message, query);
        shown["action_timestamp"] = json!(at);
        Some(shown)
    });
    gone.collect()
}
