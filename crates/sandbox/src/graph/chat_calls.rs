//! Calls on chats and their members.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/chat>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    chats::{Chat, ChatKind, Membership, Role},
    deeds::NewChat,
    directory::Directory,
    error::GraphError,
    query::{Filter, Literal},
    server::{Call, Reply, collection, entity},
    shapes,
    tenant::{State, Tenant},
};
use crate::{clock::Millis, entra::tokens::Caller};

/// `GET /me/chats`, `GET /users/{id}/chats` and `GET /chats`
pub fn list(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query.only(&[
        "top",
        "expand",
        "orderby",
        "filter",
        "skiptoken",
        "select",
        "count",
    ])?;
    let top = call.query.top(20, 50)?;
    let expand = Expand::read(call)?;
    check_order(call)?;
    let filter = call.query.get("filter").map(Filter::parse).transpose()?;
    let before = position(tenant, call)?;
    let state = tenant.state();
    let user = state.directory.get(call.user())?.id.clone();
    own_only(&call.caller, &user)?;
    let mut chats = Vec::new();
    for chat in state.chats.of(&user) {
        if fits(filter.as_ref(), chat)? {
            chats.push((latest(chat, &user), chat));
        }
    }
    chats.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.id.cmp(&right.id)));
    chats.retain(|(at, chat)| {
        before
            .as_ref()
            .is_none_or(|(then, id)| at < then || (at == then && chat.id > *id))
    });
    let next = (chats.len() > top)
        .then(|| chats[top - 1])
        .map(|(at, chat)| {
            let token = tenant.seal(&json!({"at": at, "chat": chat.id}));
            let path = tenant_path(call, &user);
            format!(
                "{}{path}?{}",
                tenant.urls.graph,
                call.query.with("skiptoken", &token)
            )
        });
    let values: Vec<_> = chats
        .iter()
        .take(top)
        .map(|(_, chat)| expand.apply(tenant, &state, chat))
        .collect();
    let mut body = collection(tenant, "chats", values, next);
    body["@odata.count"] = json!(chats.len().min(top));
    Ok(Reply::Ok(body))
}

/// `POST /chats`
pub fn create(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let kind = match call.body["chatType"].as_str() {
        Some("oneOnOne") => ChatKind::OneOnOne,
        Some("group") => ChatKind::Group,
        _ => {
            return Err(GraphError::bad_request(
                "Invalid chatType specified in the request body.",
            ));
        }
    };
    let given = call.body["members"]
        .as_array()
        .filter(|members| !members.is_empty())
        .ok_or_else(|| GraphError::bad_request("Missing members in the request body."))?;
    let members = {
        let state = tenant.state();
        given
            .iter()
            .map(|member| read_member(tenant, &state.directory, member))
            .collect::<Result<Vec<_>, _>>()?
    };
    let topic = call.body["topic"].as_str().map(str::to_owned);
    let by = call.caller.user().map(str::to_owned);
    let id = tenant.create_chat(NewChat {
        kind,
        topic,
        members,
        by,
    })?;
    let state = tenant.state();
    let body = entity(
        tenant,
        "chats/$entity",
        shapes::chat(tenant, state.chats.get(&id)?),
    );
    let location = format!("{}/chats/{}", tenant.urls.graph, shapes::encoded(&id));
    Ok(Reply::Created {
        body,
        location: Some(location),
    })
}

/// `GET /chats/{id}`
pub fn get(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    // This one takes none of OData's parameters.
    call.query.only(&[])?;
    let state = tenant.state();
    let chat = state.chats.seen_by(&call.caller, call.id("chat"))?;
    Ok(Reply::Ok(entity(
        tenant,
        "chats/$entity",
        shapes::chat(tenant, chat),
    )))
}

/// `PATCH /chats/{id}`
pub fn update(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let topic = match &call.body["topic"] {
        Value::String(topic) => Some(topic.clone()).filter(|topic| !topic.is_empty()),
        Value::Null if call.body.get("topic").is_some() => None,
        _ => {
            return Err(GraphError::bad_request(
                "Only the topic of a chat can be updated.",
            ));
        }
    };
    let forbidden = [':', '<', '>', '"'];
    if topic
        .as_ref()
        .is_some_and(|topic| topic.contains(forbidden) || topic.len() > 250)
    {
        return Err(GraphError::bad_request("Invalid topic."));
    }
    let id = call.id("chat").to_owned();
    tenant.state().chats.seen_by(&call.caller, &id)?;
    tenant.rename_chat(&id, topic, call.caller.user())?;
    let state = tenant.state();
    let body = shapes::chat(tenant, state.chats.get(&id)?);
    Ok(Reply::Ok(entity(tenant, "chats/$entity", body)))
}

/// `GET /chats/{id}/members`
pub fn members(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query
        .only(&["top", "filter", "select", "skiptoken", "count"])?;
    if call.query.get("filter").is_some() {
        return Err(GraphError::bad_request(
            "Filtering of members is not supported here.",
        ));
    }
    let state = tenant.state();
    let chat = state.chats.seen_by(&call.caller, call.id("chat"))?;
    let values = chat
        .members
        .iter()
        .map(|member| shapes::member(tenant, &state.directory, chat, member))
        .collect();
    let context = format!("chats('{}')/members", shapes::encoded(&chat.id));
    let mut body = collection(tenant, &context, values, None);
    body["@odata.count"] = json!(chat.members.len());
    Ok(Reply::Ok(body))
}

/// `GET /chats/{id}/members/{id}`
pub fn member(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let state = tenant.state();
    let chat = state.chats.seen_by(&call.caller, call.id("chat"))?;
    let found = find_member(tenant, chat, call.id("member"))?;
    let context = format!("chats('{}')/members/$entity", shapes::encoded(&chat.id));
    let body = shapes::member(tenant, &state.directory, chat, found);
    Ok(Reply::Ok(entity(tenant, &context, body)))
}

/// `POST /chats/{id}/members`: 201 with `Location` and no body.
pub fn add_member(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = call.id("chat").to_owned();
    let member = {
        let state = tenant.state();
        state.chats.seen_by(&call.caller, &id)?;
        read_member(tenant, &state.directory, &call.body)?
    };
    let user = member.user.clone();
    tenant.join(&id, member, call.caller.user())?;
    let state = tenant.state();
    let chat = state.chats.get(&id)?;
    let location = format!(
        "/chats/{}/members/{}",
        shapes::encoded(&id),
        shapes::encoded(&shapes::member_id(tenant, chat, &user))
    );
    Ok(Reply::Created {
        body: Value::Null,
        location: Some(location),
    })
}

/// `DELETE /chats/{id}/members/{id}`
pub fn remove_member(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = call.id("chat").to_owned();
    let user = {
        let state = tenant.state();
        let chat = state.chats.seen_by(&call.caller, &id)?;
        find_member(tenant, chat, call.id("member"))?.user.clone()
    };
    tenant.leave(&id, &user, call.caller.user())?;
    Ok(Reply::NoContent)
}

/// A person reaches their own collections only; an app everybody's.
pub(super) fn own_only(caller: &Caller, user: &str) -> Result<(), GraphError> {
    match caller {
        Caller::Person { user: own, .. } if own != user => Err(GraphError::forbidden(
            "The user in the request must be the signed-in user.",
        )),
        Caller::Person { .. } | Caller::App { .. } => Ok(()),
    }
}

struct Expand {
    members: bool,
    preview: bool,
}

impl Expand {
    fn read(call: &Call) -> Result<Self, GraphError> {
        let mut expand = Self {
            members: false,
            preview: false,
        };
        for name in call.query.list("expand") {
            match name {
                "members" => expand.members = true,
                "lastMessagePreview" => expand.preview = true,
                other => {
                    return Err(GraphError::bad_request(format!(
                        "Parsing OData Select and Expand failed: '{other}' cannot be expanded on \
                         type 'microsoft.graph.chat'."
                    )));
                }
            }
        }
        Ok(expand)
    }

    fn apply(&self, tenant: &Tenant, state: &State, chat: &Chat) -> Value {
        let mut value = shapes::chat(tenant, chat);
        if self.preview {
            value["lastMessagePreview"] = chat
                .messages()
                .last()
                .map(|message| shapes::preview(tenant, &state.directory, message))
                .unwrap_or_default();
        }
        if self.members {
            value["members"] = chat
                .members
                .iter()
                .map(|member| shapes::member(tenant, &state.directory, chat, member))
                .collect();
        }
        value
    }
}

/// Reads one conversation member and finds the user behind `user@odata.bind`.
fn read_member(
    tenant: &Tenant,
    directory: &Directory,
    member: &Value,
) -> Result<Membership, GraphError> {
    let kind = member["@odata.type"].as_str().unwrap_or_default();
    if kind.trim_start_matches('#') != "microsoft.graph.aadUserConversationMember" {
        return Err(GraphError::bad_request(
            "Invalid type of member in the request body.",
        ));
    }
    let role = match member["roles"].as_array().map(Vec::as_slice) {
        Some([Value::String(role)]) if role == "owner" => Role::Owner,
        Some([Value::String(role)]) if role == "guest" => Role::Guest,
        _ => {
            return Err(GraphError::bad_request(
                "Invalid role specified for member.",
            ));
        }
    };
    let bind = member["user@odata.bind"].as_str().unwrap_or_default();
    let user = bound_user(tenant, bind)
        .ok_or_else(|| GraphError::bad_request("Invalid user@odata.bind of a member."))?;
    let history_from = match &member["visibleHistoryStartDateTime"] {
        Value::Null => None,
        value => read_history(value)?,
    };
    Ok(Membership {
        user: directory.get(&user)?.id.clone(),
        role,
        history_from,
    })
}

/// The id or principal name in `…/v1.0/users('id')` or `…/v1.0/users/id`, under our own base or
/// Microsoft's.
fn bound_user(tenant: &Tenant, bind: &str) -> Option<String> {
    let bases = [
        tenant.urls.graph.as_str(),
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com/beta",
    ];
    let rest = bases.iter().find_map(|base| bind.strip_prefix(base))?;
    let key = rest.strip_prefix("/users")?;
    let id = key
        .strip_prefix("('")
        .and_then(|key| key.strip_suffix("')"))
        .or_else(|| key.strip_prefix('/'))?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// The year 1 stands for all history; nothing at all means from now on, which the caller decides.
fn read_history(value: &Value) -> Result<Option<Millis>, GraphError> {
    let text = value.as_str().unwrap_or_default();
    if text.starts_with("0001-01-01") {
        return Ok(None);
    }
    text.parse::<Timestamp>()
        .map(|time| Some(time.as_millisecond()))
        .map_err(|_| GraphError::bad_request("Invalid visibleHistoryStartDateTime."))
}

fn find_member<'chat>(
    tenant: &Tenant,
    chat: &'chat Chat,
    id: &str,
) -> Result<&'chat Membership, GraphError> {
    chat.members
        .iter()
        .find(|member| shapes::member_id(tenant, chat, &member.user) == id)
        .ok_or_else(|| GraphError::not_found("NotFound"))
}

/// When something was last said in a chat, as its list orders it.
fn latest(chat: &Chat, user: &str) -> Millis {
    let shown = chat.membership(user);
    chat.messages()
        .iter()
        .rev()
        .find(|message| shown.is_none_or(|membership| membership.shows(message)))
        .map_or(chat.created_at, |message| message.id)
}

fn check_order(call: &Call) -> Result<(), GraphError> {
    match call.query.get("orderby").map(str::trim) {
        None | Some("lastMessagePreview/createdDateTime desc") => Ok(()),
        Some(other) => Err(GraphError::bad_request(format!(
            "QueryOptions to order by '{other}' is not supported."
        ))),
    }
}

fn fits(filter: Option<&Filter>, chat: &Chat) -> Result<bool, GraphError> {
    let Some(filter) = filter else {
        return Ok(true);
    };
    let kind = match chat.kind {
        ChatKind::OneOnOne => "oneOnOne",
        ChatKind::Group => "group",
    };
    filter.fits(&|name| match name {
        "chatType" => Some(Literal::Text(kind.to_owned())),
        "topic" => Some(chat.topic.clone().map_or(Literal::Null, Literal::Text)),
        "lastUpdatedDateTime" => Some(Literal::Time(chat.updated_at)),
        "createdDateTime" => Some(Literal::Time(chat.created_at)),
        _ => None,
    })
}

fn position(tenant: &Tenant, call: &Call) -> Result<Option<(Millis, String)>, GraphError> {
    let Some(token) = call.query.get("skiptoken") else {
        return Ok(None);
    };
    tenant
        .unseal(token)
        .and_then(|held| Some((held["at"].as_i64()?, held["chat"].as_str()?.to_owned())))
        .map(Some)
        .ok_or_else(|| GraphError::bad_request("Invalid skip token."))
}

fn tenant_path(call: &Call, user: &str) -> String {
    match call.matched.endpoint.template {
        "/users/{user}/chats" => format!("/users/{user}/chats"),
        template => template.to_owned(),
    }
}
