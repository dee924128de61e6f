//! The objects of the Web API: users, conversations, messages.

use serde_json::{Map, Value, json};

use super::{
    ids::UserId,
    state::{Conversation, Guise, Kind, Message, Note, State, User, UserKind, Written},
};

/// A `User` (<https://docs.slack.dev/reference/objects/user-object/>); the address only for a
/// caller with `users:read.email`.
pub fn user_json(state: &State, user: &User, with_email: bool) -> Value {
    let is_bot = matches!(user.kind, UserKind::OwnBot | UserKind::OtherBot { .. });
    let mut fields = json!({
        "id": user.id,
        "team_id": state.app.team,
        "name": user.handle,
        "deleted": user.deleted,
        "profile": profile_json(state, user, with_email),
        "is_bot": is_bot,
        "is_app_user": false,
        "updated": user.updated,
    });
    if !user.deleted {
        let details = json!({
            "color": "4bbe2e",
            "real_name": user.name,
            "tz": "Europe/London",
            "tz_label": "Greenwich Mean Time",
            "tz_offset": 0,
            "is_admin": false,
            "is_owner": false,
            "is_primary_owner": false,
            "is_restricted": false,
            "is_ultra_restricted": false,
            "is_email_confirmed": user.kind == UserKind::Person,
            "who_can_share_contact_card": "EVERYONE",
        });
        merge(&mut fields, details);
    }
    fields
}

pub fn profile_json(state: &State, user: &User, with_email: bool) -> Value {
    let (first, last) = user.name.split_once(' ').unwrap_or((&user.name, ""));
    let mut profile = json!({
        "title": user.title,
        "phone": "",
        "skype": "",
        "real_name": user.name,
        "real_name_normalized": user.name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "first_name": first,
        "last_name": last,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": state.seed.hex(user.id.as_str(), 12),
        "team": state.app.team,
    });
    for size in [24, 32, 48, 72, 192, 512] {
        profile[format!("image_{size}")] = photo(state, &user.id, size).into();
    }
    match &user.kind {
        UserKind::Person | UserKind::Slackbot => {}
        UserKind::OwnBot => {
            profile["bot_id"] = state.app.bot_id.clone().into();
            profile["api_app_id"] = state.app.id.clone().into();
        }
        UserKind::OtherBot { bot_id, app_id } => {
            profile["bot_id"] = bot_id.clone().into();
            profile["api_app_id"] = app_id.clone().into();
        }
    }
    if with_email && !user.email.is_empty() {
        profile["email"] = user.email.clone().into();
    }
    profile
}

/// A public address of a person's photo, as Gravatar-backed photos have.
fn photo(state: &State, user: &UserId, size: u32) -> String {
    let hash = state.seed.hex(user.as_str(), 32);
    format!(
        "https://secure.gravatar.com/avatar/{hash}.jpg?s={size}&d=https%3A%2F%2Fa.slack-edge.com%2Fdefault.png"
    )
}

/// A `Conversation` (<https://docs.slack.dev/reference/objects/conversation-object/>) as `viewer`
/// sees it.
pub fn conversation_json(state: &State, conversation: &Conversation, viewer: &UserId) -> Value {
    let kind = conversation.kind;
    let mut fields = json!({
        "id": conversation.id,
        "created": conversation.created,
        "updated": conversation.created * 1000,
        "is_archived": conversation.archived,
        "is_channel": kind == Kind::Channel,
        "is_group": kind == Kind::PrivateChannel,
        "is_im": kind == Kind::Dm,
        "is_mpim": kind == Kind::GroupDm,
        "is_private": kind != Kind::Channel,
        "is_shared": false,
        "is_ext_shared": false,
        "is_org_shared": false,
        "context_team_id": state.app.team,
    });
    let rest = match kind {
        Kind::Dm => json!({
            "user": conversation.partner(viewer),
            "is_user_deleted": conversation
                .partner(viewer)
                .and_then(|user| state.user(user.as_str()))
                .is_some_and(|user| user.deleted),
            "priority": 0,
        }),
        Kind::GroupDm | Kind::PrivateChannel | Kind::Channel => json!({
            "name": conversation.name,
            "name_normalized": conversation.name,
            "is_general": conversation.name == "general",
            "is_member": conversation.has(viewer),
            "creator": conversation.creator,
            "unlinked": 0,
            "topic": note_json(&conversation.topic),
            "purpose": note_json(&conversation.purpose),
            "previous_names": [],
            "is_pending_ext_shared": false,
            "pending_shared": [],
            "shared_team_ids": [state.app.team],
        }),
    };
    merge(&mut fields, rest);
    fields
}

fn note_json(note: &Note) -> Value {
    json!({ "value": note.value, "creator": note.creator, "last_set": note.last_set })
}

/// A message as history, events and answers carry it.
pub fn message_json(
    state: &State,
    conversation: &Conversation,
    message: &Message,
    with_metadata: bool,
) -> Map<String, Value> {
    if conversation.is_tombstone(message) {
        return tombstone_json(conversation, message);
    }
    let mut fields = author_json(state, message);
    fields.insert("type".to_owned(), "message".into());
    fields.insert("ts".to_owned(), json!(message.ts));
    fields.insert("text".to_owned(), message.text.clone().into());
    for (name, list) in [
        ("blocks", &message.blocks),
        ("attachments", &message.attachments),
    ] {
        if !list.is_empty() {
            fields.insert(name.to_owned(), Value::Array(list.clone()));
        }
    }
    if let Some(edited) = message.edited {
        let by = json!({ "user": message.author, "ts": edited });
        fields.insert("edited".to_owned(), by);
    }
    if with_metadata && let Some(metadata) = &message.metadata {
        fields.insert("metadata".to_owned(), metadata.clone());
    }
    if !message.reactions.is_empty() {
        fields.insert("reactions".to_owned(), reactions_json(message));
    }
    thread_json(&mut fields, conversation, message);
    fields
}

fn author_json(state: &State, message: &Message) -> Map<String, Value> {
    let mut fields = Map::new();
    let app = &state.app;
    match &message.written {
        Written::Typed { client_msg_id } => {
            fields.insert("client_msg_id".to_owned(), client_msg_id.clone().into());
            fields.insert("user".to_owned(), json!(message.author));
            fields.insert("team".to_owned(), app.team.clone().into());
        }
        Written::Noted {
            subtype,
            fields: own,
        } => {
            fields.insert("subtype".to_owned(), (*subtype).into());
            fields.insert("user".to_owned(), json!(message.author));
            fields.extend(own.clone());
        }
        Written::Posted => {
            fields.insert("bot_id".to_owned(), app.bot_id.clone().into());
            fields.insert("app_id".to_owned(), app.id.clone().into());
            match &message.guise {
                Some(guise) => guise_json(&mut fields, state, guise),
                None => {
                    fields.insert("user".to_owned(), json!(message.author));
                    fields.insert("team".to_owned(), app.team.clone().into());
                    fields.insert("bot_profile".to_owned(), bot_profile_json(state));
                }
            }
        }
    }
    fields
}

fn guise_json(fields: &mut Map<String, Value>, state: &State, guise: &Guise) {
    fields.insert("subtype".to_owned(), "bot_message".into());
    let username = guise
        .username
        .clone()
        .unwrap_or_else(|| state.app.name.to_owned());
    fields.insert("username".to_owned(), username.into());
    let icons = match (&guise.icon_url, &guise.icon_emoji) {
        (Some(url), _) => json!({ "image_36": url, "image_48": url, "image_72": url }),
        (None, Some(emoji)) => json!({ "emoji": emoji }),
        (None, None) => return,
    };
    fields.insert("icons".to_owned(), icons);
}

fn bot_profile_json(state: &State) -> Value {
    let app = &state.app;
    json!({
        "id": app.bot_id,
        "deleted": false,
        "name": app.name,
        "updated": state.user(app.bot_user.as_str()).map_or(0, |user| user.updated),
        "app_id": app.id,
        "user_id": app.bot_user,
        "icons": bot_icons(),
        "team_id": app.team,
    })
}

/// The picture of an app that was given none.
pub fn bot_icons() -> Value {
    let icon = |size: u32| format!("https://a.slack-edge.com/80588/img/plugins/app/bot_{size}.png");
    json!({ "image_36": icon(36), "image_48": icon(48), "image_72": icon(72) })
}

fn reactions_json(message: &Message) -> Value {
    let reactions = message.reactions.iter().map(|reaction| {
        json!({
            "name": reaction.name,
            "users": reaction.users,
            "count": reaction.users.len(),
        })
    });
    reactions.collect()
}

fn thread_json(fields: &mut Map<String, Value>, conversation: &Conversation, message: &Message) {
    if let Some(parent) = message.thread {
        fields.insert("thread_ts".to_owned(), json!(parent));
        if let Some(parent) = conversation.messages.get(&parent) {
            fields.insert("parent_user_id".to_owned(), json!(parent.author));
        }
        if message.broadcast {
            fields.insert("subtype".to_owned(), "thread_broadcast".into());
        }
        return;
    }
    let replies: Vec<_> = conversation.replies(message.ts).collect();
    let Some(latest) = replies.last() else { return };
    let mut users: Vec<&UserId> = Vec::new();
    for reply in &replies {
        if !users.contains(&&reply.author) {
            users.push(&reply.author);
        }
    }
    fields.insert("thread_ts".to_owned(), json!(message.ts));
    fields.insert("reply_count".to_owned(), replies.len().into());
    fields.insert("reply_users_count".to_owned(), users.len().into());
    fields.insert("latest_reply".to_owned(), json!(latest.ts));
    fields.insert("reply_users".to_owned(), json!(users));
    fields.insert("is_locked".to_owned(), false.into());
    fields.insert("subscribed".to_owned(), false.into());
}

/// The head of a thread that was deleted while the replies stay.
fn tombstone_json(conversation: &Conversation, message: &Message) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("type".to_owned(), "message".into());
    fields.insert("subtype".to_owned(), "tombstone".into());
    fields.insert("text".to_owned(), "This message was deleted.".into());
    fields.insert("user".to_owned(), "USLACKBOT".into());
    fields.insert("hidden".to_owned(), true.into());
    fields.insert("ts".to_owned(), json!(message.ts));
    thread_json(&mut fields, conversation, message);
    fields
}

/// Adds the fields of one object to another.
pub fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
