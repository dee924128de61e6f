//! Calls on messages.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/chatmessage>

use serde_json::{Value, json};

use super::{
    chat_calls::own_only,
    chats::{Author, Chat, Content, Message},
    draft,
    error::GraphError,
    html,
    query::{Comparison, Filter, Literal},
    server::{Call, Reply, collection, entity},
    shapes,
    tenant::{State, Tenant},
};
use crate::{clock::Millis, entra::tokens::Caller};

/// The property that a list of messages is ordered and filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Created,
    Modified,
}

impl Key {
    fn of(self, message: &Message) -> Millis {
        match self {
            Key::Created => message.id,
            Key::Modified => message.modified_at,
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "createdDateTime" => Some(Key::Created),
            "lastModifiedDateTime" => Some(Key::Modified),
            _ => None,
        }
    }
}

/// `GET /chats/{id}/messages`, newest first.
pub fn list(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query
        .only(&["top", "orderby", "filter", "skiptoken", "select", "count"])?;
    check_protected(tenant, &call.caller)?;
    let top = call.query.top(20, 50)?;
    let key = order(call)?;
    let span = Span::read(call, Some(key))?;
    let before = position(tenant, call)?;
    let state = tenant.state();
    let chat = state.chats.seen_by(&call.caller, call.id("chat"))?;
    let mut found: Vec<_> = listed(tenant, chat)
        .filter(|message| chat.shows(&call.caller, message))
        .filter(|message| span.holds(key.of(message)))
        .collect();
    found.sort_by_key(|message| std::cmp::Reverse((key.of(message), message.id)));
    found.retain(|message| {
        before
            .as_ref()
            .is_none_or(|held| (key.of(message), message.id) < (held.at, held.id))
    });
    let next = (found.len() > top).then(|| found[top - 1]).map(|last| {
        let token = tenant.seal(&json!({"at": key.of(last), "id": last.id}));
        let path = format!("/chats/{}/messages", shapes::encoded(&chat.id));
        format!(
            "{}{path}?{}",
            tenant.urls.graph,
            call.query.with("skiptoken", &token)
        )
    });
    let values: Vec<_> = found
        .into_iter()
        .take(top)
        .map(|message| shapes::message(tenant, &state.directory, chat, message, call.known_events))
        .collect();
    let context = format!("chats('{}')/messages", shapes::encoded(&chat.id));
    let count = values.len();
    let mut body = collection(tenant, &context, values, next);
    body["@odata.count"] = json!(count);
    Ok(Reply::Ok(body))
}

/// `GET /chats/{id}/messages/{id}`
pub fn get(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    check_protected(tenant, &call.caller)?;
    let state = tenant.state();
    let chat = state.chats.seen_by(&call.caller, call.id("chat"))?;
    let message = chat.message(call.id("message"))?;
    if !chat.shows(&call.caller, message) {
        return Err(GraphError::not_found("NotFound"));
    }
    let known = call.known_events;
    Ok(Reply::Ok(one(tenant, &state, chat, message, known)))
}

/// `POST /chats/{id}/messages`
pub fn send(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let content = draft::read(tenant, &tenant.state().directory, &call.body)?;
    created(tenant, call, content)
}

/// `POST /chats/{id}/messages/replyWithQuote`
pub fn reply_with_quote(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let ids: Vec<_> = call.body["messageIds"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if ids.is_empty() || !call.body["replyMessage"].is_object() {
        return Err(GraphError::bad_request(
            "messageIds and replyMessage are required.",
        ));
    }
    let content = {
        let state = tenant.state();
        let mut content = draft::read(tenant, &state.directory, &call.body["replyMessage"])?;
        let chat = state.chats.seen_by(&call.caller, call.id("chat"))?;
        quote(tenant, &state, chat, &ids, &mut content)?;
        content
    };
    match created(tenant, call, content)? {
        Reply::Created { body, .. } => Ok(Reply::Ok(body)),
        other @ (Reply::Ok(_) | Reply::NoContent | Reply::Done | Reply::Bytes(..)) => Ok(other),
    }
}

/// `PATCH /chats/{id}/messages/{id}`
pub fn edit(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let Some(person) = call.caller.user() else {
        return Err(GraphError::forbidden(
            "Only policyViolation can be updated in application-only context.",
        ));
    };
    let content = {
        let state = tenant.state();
        let chat = state.chats.seen_by(&call.caller, call.id("chat"))?;
        let held = &chat.message(call.id("message"))?.content;
        draft::read(tenant, &state.directory, &merged(held, &call.body))?
    };
    tenant.edit(call.id("chat"), call.id("message"), person, content)?;
    Ok(Reply::NoContent)
}

/// `POST /users/{id}/chats/{id}/messages/{id}/softDelete`
pub fn soft_delete(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let person = acting_person(tenant, call)?;
    tenant.delete(call.id("chat"), call.id("message"), &person)?;
    Ok(Reply::NoContent)
}

/// `POST /users/{id}/chats/{id}/messages/{id}/undoSoftDelete`
pub fn undo_soft_delete(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let person = acting_person(tenant, call)?;
    tenant.undo_delete(call.id("chat"), call.id("message"), &person)?;
    Ok(Reply::NoContent)
}

/// `POST /chats/{id}/messages/{id}/setReaction` and `unsetReaction`
pub fn react(tenant: &Tenant, call: &Call, set: bool) -> Result<Reply, GraphError> {
    let person = call.person()?;
    let emoji = call.body["reactionType"]
        .as_str()
        .filter(|emoji| !emoji.is_empty())
        .ok_or_else(|| GraphError::bad_request("reactionType is required."))?;
    tenant
        .state()
        .chats
        .seen_by(&call.caller, call.id("chat"))?;
    tenant.react(call.id("chat"), call.id("message"), person, (emoji, set))?;
    Ok(Reply::NoContent)
}

/// `GET /users/{id}/chats/getAllMessages`: of all chats the user is in, the oldest change first.
///
/// The reference promises no order; this one lets a page be followed by what comes meanwhile.
pub fn all_of_user(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query
        .only(&["top", "filter", "skiptoken", "select", "count"])?;
    check_protected(tenant, &call.caller)?;
    let top = call.query.top(50, 1000)?;
    let span = Span::read(call, None)?;
    let key = span.key.unwrap_or(Key::Modified);
    let after = position(tenant, call)?;
    let state = tenant.state();
    let user = state.directory.get(call.user())?.id.clone();
    let mut found = Vec::new();
    for chat in state.chats.of(&user) {
        let messages = listed(tenant, chat).filter(|message| span.holds(key.of(message)));
        found.extend(messages.map(|message| (chat, message)));
    }
    found.sort_by_key(|(chat, message)| (key.of(message), message.id, chat.id.as_str()));
    found.retain(|(chat, message)| {
        after.as_ref().is_none_or(|held| {
            (key.of(message), message.id, chat.id.as_str()) > (held.at, held.id, held.chat.as_str())
        })
    });
    let next = (found.len() > top)
        .then(|| found[top - 1])
        .map(|(chat, last)| {
            let token = tenant.seal(&json!({"at": key.of(last), "id": last.id, "chat": chat.id}));
            let path = format!("/users/{user}/chats/getAllMessages");
            format!(
                "{}{path}?{}",
                tenant.urls.graph,
                call.query.with("skiptoken", &token)
            )
        });
    let values: Vec<_> = found
        .into_iter()
        .take(top)
        .map(|(chat, message)| {
            shapes::message(tenant, &state.directory, chat, message, call.known_events)
        })
        .collect();
    Ok(Reply::Ok(collection(
        tenant,
        "Collection(chatMessage)",
        values,
        next,
    )))
}

/// Refuses an app-only caller that Microsoft has not approved.
pub(super) fn check_protected(tenant: &Tenant, caller: &Caller) -> Result<(), GraphError> {
    match caller {
        Caller::App { .. } if !tenant.switches().protected_api => Err(GraphError::forbidden(
            "Invoked API requires Protected API access in application-only context when not using \
             Resource Specific Consent. Visit \
             https://docs.microsoft.com/graph/teams-protected-apis for more details.",
        )),
        Caller::App { .. } | Caller::Person { .. } => Ok(()),
    }
}

/// The message with its context.
fn one(tenant: &Tenant, state: &State, chat: &Chat, message: &Message, known: bool) -> Value {
    let context = format!("chats('{}')/messages/$entity", shapes::encoded(&chat.id));
    entity(
        tenant,
        &context,
        shapes::message(tenant, &state.directory, chat, message, known),
    )
}

fn created(tenant: &Tenant, call: &Call, content: Content) -> Result<Reply, GraphError> {
    let person = call.person()?.to_owned();
    let chat = call.id("chat");
    let id = tenant.post(chat, Author::User(person), content)?;
    let state = tenant.state();
    let chat = state.chats.get(chat)?;
    let message = chat.message(&id.to_string())?;
    let location = format!(
        "{}/chats/{}/messages/{id}",
        tenant.urls.graph,
        shapes::encoded(&chat.id)
    );
    let body = one(tenant, &state, chat, message, true);
    Ok(Reply::Created {
        body,
        location: Some(location),
    })
}

/// Puts references to the quoted messages before the text.
fn quote(
    tenant: &Tenant,
    state: &State,
    chat: &Chat,
    ids: &[&str],
    content: &mut Content,
) -> Result<(), GraphError> {
    let mut marks = String::new();
    for id in ids {
        let message = chat.message(id)?;
        let preview = shapes::preview(tenant, &state.directory, message);
        let reference = json!({
            "messageId": id,
            "messagePreview": message.content.text,
            "messageSender": preview["from"],
        });
        marks.push_str(&format!("<attachment id=\"{id}\"></attachment>"));
        content.attachments.push(json!({
            "id": id,
            "contentType": "messageReference",
            "contentUrl": null,
            "content": reference.to_string(),
            "name": null,
            "thumbnailUrl": null,
            "teamsAppId": null,
        }));
    }
    if !content.html {
        content.text = html::escape(&content.text);
        content.html = true;
    }
    content.text.insert_str(0, &marks);
    Ok(())
}

/// What a PATCH leaves out stays as it was; a new text comes with its own mentions.
fn merged(held: &Content, patch: &Value) -> Value {
    let kind = if held.html { "html" } else { "text" };
    let mut whole = json!({
        "body": {"contentType": kind, "content": held.text},
        "attachments": held.attachments,
        "mentions": held.mentions,
        "subject": held.subject,
        "importance": held.importance,
    });
    if patch["body"].is_object() {
        whole["mentions"] = json!([]);
    }
    for (name, value) in patch.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    whole
}

/// The person of the path, who must be the one who calls.
fn acting_person(tenant: &Tenant, call: &Call) -> Result<String, GraphError> {
    let state = tenant.state();
    let user = state.directory.get(call.user())?.id.clone();
    own_only(&call.caller, &user)?;
    state.chats.seen_by(&call.caller, call.id("chat"))?;
    Ok(user)
}

/// Messages that lists have caught up with.
fn listed<'a>(tenant: &Tenant, chat: &'a Chat) -> impl Iterator<Item = &'a Message> {
    let now = tenant.now();
    chat.messages()
        .iter()
        .filter(move |message| message.listed_from <= now.max(message.id))
}

fn order(call: &Call) -> Result<Key, GraphError> {
    let Some(text) = call.query.get("orderby") else {
        return Ok(Key::Created);
    };
    let mut words = text.split_whitespace();
    let key = words.next().and_then(Key::named);
    match (key, words.next(), words.next()) {
        (Some(key), Some("desc"), None) => Ok(key),
        (Some(_), _, None) => Err(GraphError::bad_request(
            "QueryOptions to order by in 'Ascending' direction is not supported.",
        )),
        _ => Err(GraphError::bad_request(format!(
            "QueryOptions to order by '{text}' is not supported."
        ))),
    }
}

/// The open interval of times that `$filter` leaves.
#[derive(Debug, Default)]
struct Span {
    key: Option<Key>,
    after: Option<Millis>,
    before: Option<Millis>,
}

impl Span {
    /// Reads `$filter`. Only `gt` and `lt` on one property are taken; where the list has an order,
    /// it must be the ordered one.
    fn read(call: &Call, ordered: Option<Key>) -> Result<Self, GraphError> {
        let mut span = Self::default();
        let Some(text) = call.query.get("filter") else {
            return Ok(span);
        };
        let unsupported = || {
            GraphError::bad_request(
                "QueryOptions to filter messages are supported for 'gt' and 'lt' on the property \
                 in $orderby only.",
            )
        };
        let explicit = call.query.get("orderby").is_some() || ordered.is_none();
        let filter = Filter::parse(text)?;
        for (field, comparison, value) in filter.conjunction().ok_or_else(unsupported)? {
            let key = Key::named(field).ok_or_else(unsupported)?;
            let one_key = span.key.is_none_or(|known| known == key);
            let fits_order = explicit && ordered.is_none_or(|ordered| ordered == key);
            let Literal::Time(at) = value else {
                return Err(unsupported());
            };
            if !(one_key && fits_order) {
                return Err(unsupported());
            }
            match comparison {
                Comparison::Greater => span.after = Some(*at),
                Comparison::Less => span.before = Some(*at),
                Comparison::Equal
                | Comparison::NotEqual
                | Comparison::GreaterOrEqual
                | Comparison::LessOrEqual => return Err(unsupported()),
            }
            span.key = Some(key);
        }
        Ok(span)
    }

    fn holds(&self, at: Millis) -> bool {
        self.after.is_none_or(|after| at > after) && self.before.is_none_or(|before| at < before)
    }
}

/// Where a page ended.
struct Position {
    at: Millis,
    id: Millis,
    chat: String,
}

fn position(tenant: &Tenant, call: &Call) -> Result<Option<Position>, GraphError> {
    let Some(token) = call.query.get("skiptoken") else {
        return Ok(None);
    };
    let read = |held: Value| {
        Some(Position {
            at: held["at"].as_i64()?,
            id: held["id"].as_i64()?,
            chat: held["chat"].as_str().unwrap_or_default().to_owned(),
        })
    };
    tenant
        .unseal(token)
        .and_then(read)
        .map(Some)
        .ok_or_else(|| GraphError::bad_request("Invalid skip token."))
}
