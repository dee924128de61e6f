//! What happened, as Webex's own clients are told: activities of conversations, whose texts are
//! encrypted.

use serde_json::{Value, json};

use crate::clock::Millis;

use super::{
    happenings::{Change, Happening, Thing},
    ids::{PersonId, uuid},
    rooms::{Room, RoomKind},
    shapes,
    state::State,
};

/// The activity of what happened; none where the clients hear of it otherwise.
pub fn of(state: &State, happening: &Happening, now: Millis) -> Option<Value> {
    let room = state.room(&happening.room)?;
    let mut activity = json!({
        "id": state.fresh("activity"),
        "objectType": "activity",
        "actor": person(state, &happening.actor),
        "target": target(room),
        "published": shapes::time(now),
        "clientTempId": state.fresh("temporary"),
        "encryptionKeyUrl": "kms://kms.example/keys/1",
    });
    let (verb, object) = match (&happening.thing, happening.change) {
        (Thing::Message(id), change) => {
            let message = room.messages.iter().find(|message| message.id == *id)?;
            let id = uuid(id.as_str());
            match change {
                Change::Created => activity["id"] = id.clone().into(),
                Change::Updated => activity["parent"] = parent(state, "edit", &id, happening),
                Change::Deleted => {}
            }
            if let Some(head) = message
                .parent
                .as_ref()
                .filter(|_| change == Change::Created)
            {
                activity["parent"] = parent(state, "reply", &uuid(head.as_str()), happening);
            }
            match (change, &message.file) {
                (Change::Deleted, _) => ("delete", json!({ "id": id, "objectType": "activity" })),
                (_, Some(_)) => ("share", json!({ "objectType": "content" })),
                (_, None) => (
                    "post",
                    json!({ "objectType": "comment", "displayName": "eyJhbGciOiJkaXIi" }),
                ),
            }
        }
        (Thing::Membership(held), Change::Created) => ("add", person(state, &held.person)),
        (Thing::Membership(held), Change::Deleted) => ("leave", person(state, &held.person)),
        (Thing::Membership(_), Change::Updated) => return None,
        (Thing::Room, Change::Created) => ("create", target(room)),
        (Thing::Room, Change::Updated) => ("update", target(room)),
        (Thing::Room, Change::Deleted) => return None,
    };
    activity["verb"] = verb.into();
    activity["object"] = object;
    Some(activity)
}

fn person(state: &State, id: &PersonId) -> Value {
    let uuid = uuid(id.as_str());
    json!({
        "id": uuid,
        "entryUUID": uuid,
        "objectType": "person",
        "type": "PERSON",
        "emailAddress": state.email_of(id),
        "displayName": state.name_of(id),
    })
}

fn target(room: &Room) -> Value {
    let id = uuid(room.id.as_str());
    let tags = match room.kind {
        RoomKind::Direct => vec!["ONE_ON_ONE"],
        RoomKind::Group => Vec::new(),
    };
    json!({
        "id": id,
        "globalId": room.id,
        "objectType": "conversation",
        "url": format!("https://conv-a.wbx2.com/conversation/api/v1/conversations/{id}"),
        "tags": tags,
    })
}

fn parent(state: &State, kind: &str, id: &str, happening: &Happening) -> Value {
    let actor = person(state, &happening.actor);
    json!({ "id": id, "type": kind, "actorId": actor["id"] })
}
