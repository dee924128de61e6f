//! Resources as the API shows them.

use serde_json::{Value, json};

use crate::clock::Millis;

use super::{
    directory::{Kind, Person},
    happenings::Event,
    ids::{FileId, PersonId},
    rooms::{Membership, Message, Room, RoomKind},
    state::State,
    webhooks::Webhook,
};

/// `2030-01-01T00:00:00.000Z`
pub fn time(ms: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A time as callers write it.
pub fn read_time(text: &str) -> Option<Millis> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_millisecond())
}

/// `to_administrator` adds what only those of the organisation are shown.
pub fn person(state: &State, person: &Person, to_administrator: bool) -> Value {
    let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let kind = match person.kind {
        Kind::Person | Kind::Administrator => "person",
        Kind::Bot | Kind::Machine => "bot",
        Kind::Guest { .. } => "appuser",
    };
    let mut shape = json!({
        "id": person.id,
        "emails": [person.email],
        "displayName": person.name,
        "nickName": first,
        "firstName": first,
        "lastName": last,
        "orgId": state.org,
        "created": time(person.created),
        "lastModified": time(person.modified),
        "type": kind,
    });
    if let Some(title) = person.title {
        shape["title"] = title.into();
    }
    if to_administrator {
        shape["roles"] = json!(state.roles_of(person));
        shape["licenses"] = json!([]);
        shape["invitePending"] = false.into();
        shape["loginEnabled"] = person.active.into();
    }
    shape
}

/// A room as `viewer` sees it: a direct one has the other's name.
pub fn room(state: &State, room: &Room, viewer: Option<&PersonId>) -> Value {
    let title = match (room.kind, viewer.and_then(|viewer| room.partner(viewer))) {
        (RoomKind::Group, _) => room.title.clone(),
        (RoomKind::Direct, Some(partner)) => state.name_of(partner),
        (RoomKind::Direct, None) => "Empty Title".to_owned(),
    };
    let mut shape = json!({
        "id": room.id,
        "title": title,
        "type": room.kind.name(),
        "isLocked": room.is_locked,
        "lastActivity": time(room.last_activity),
        "creatorId": room.creator,
        "created": time(room.created),
        "ownerId": state.org,
        "isAnnouncementOnly": room.is_announcement_only,
        "isReadOnly": false,
        "isPublic": false,
    });
    if let Some(description) = &room.description {
        shape["description"] = description.as_str().into();
    }
    shape
}

pub fn membership(state: &State, room: &Room, held: &Membership) -> Value {
    json!({
        "id": held.id,
        "roomId": room.id,
        "personId": held.person,
        "personEmail": state.email_of(&held.person),
        "personDisplayName": state.name_of(&held.person),
        "personOrgId": state.org,
        "isModerator": held.is_moderator,
        "isMonitor": held.is_moderator,
        "isRoomHidden": held.is_hidden,
        "roomType": room.kind.name(),
        "created": time(held.created),
    })
}

/// A message without what it says: what webhooks carry.
pub fn message_brief(state: &State, room: &Room, message: &Message) -> Value {
    let mut shape = json!({
        "id": message.id,
        "roomId": room.id,
        "roomType": room.kind.name(),
        "personId": message.author,
        "personEmail": state.email_of(&message.author),
        "created": time(message.created),
    });
    let fields = [
        (
            "parentId",
            message.parent.as_ref().map(|parent| json!(parent)),
        ),
        ("updated", message.updated.map(|at| json!(time(at)))),
        ("mentionedPeople", some(&message.content.mentioned)),
    ];
    put(&mut shape, fields);
    shape
}

/// A message with its content.
pub fn message(state: &State, room: &Room, message: &Message, host: &str) -> Value {
    let mut shape = message_brief(state, room, message);
    let content = &message.content;
    let file = message.file.as_ref();
    let fields = [
        (
            "text",
            Some(json!(content.text)).filter(|_| !content.text.is_empty()),
        ),
        (
            "markdown",
            content.markdown.as_ref().map(|text| json!(text)),
        ),
        ("html", content.html.as_ref().map(|text| json!(text))),
        (
            "mentionedGroups",
            content.mentions_all.then(|| json!(["all"])),
        ),
        ("files", file.map(|file| json!([file_url(host, file)]))),
        ("attachments", some(&message.attachments)),
    ];
    put(&mut shape, fields);
    shape
}

/// Where a posted file is fetched.
pub fn file_url(host: &str, file: &FileId) -> String {
    format!("http://{host}/v1/contents/{file}")
}

pub fn webhook(state: &State, held: &Webhook) -> Value {
    let mut shape = json!({
        "id": held.id,
        "name": held.name,
        "targetUrl": held.target_url,
        "resource": held.resource_name(),
        "event": held.event_name(),
        "orgId": state.org,
        "createdBy": held.owner,
        "appId": held.app,
        "ownedBy": held.owned_by.name(),
        "status": if held.is_active { "active" } else { "inactive" },
        "created": time(held.created),
    });
    let fields = [
        ("filter", held.filter.as_ref().map(|filter| json!(filter))),
        ("secret", held.secret.as_ref().map(|secret| json!(secret))),
    ];
    put(&mut shape, fields);
    if held.app.is_none()
        && let Some(shape) = shape.as_object_mut()
    {
        shape.remove("appId");
    }
    shape
}

pub fn event(state: &State, event: &Event) -> Value {
    let mut shape = json!({
        "id": event.id,
        "resource": event.resource.name(),
        "type": event.change.name(),
        "actorId": event.actor,
        "orgId": state.org,
        "created": time(event.created),
        "data": event.data,
    });
    put(
        &mut shape,
        [("appId", event.app.as_ref().map(|app| json!(app)))],
    );
    shape
}

fn put<const N: usize>(shape: &mut Value, fields: [(&str, Option<Value>); N]) {
    for (name, value) in fields {
        if let Some(value) = value {
            shape[name] = value;
        }
    }
}

fn some<T: serde::Serialize>(items: &[T]) -> Option<Value> {
    (!items.is_empty()).then(|| json!(items))
}
