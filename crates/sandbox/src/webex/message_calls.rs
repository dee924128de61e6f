//! `/messages` and `/contents`.
//!
//! Source: <https://developer.webex.com/docs/api/v1/messages>

use axum::http::{StatusCode, header};
use serde_json::Value;

use super::{
    Org,
    call::{Call, Reply, page},
    deeds::{Place, Post, no_message, no_room},
    failure::Failure,
    happenings::is_addressed,
    ids::{FileId, MessageId, PersonId, RoomId},
    rooms::{Content, File, Message, Room, RoomKind},
    shapes,
    state::State,
    text,
};

const OVERSEE_READ: &str = "spark-compliance:messages_read";
const OVERSEE_WRITE: &str = "spark-compliance:messages_write";
const MOST_WITH_MENTIONS: usize = 100;

/// `GET /messages`, newest first.
pub fn list(state: &State, call: &Call, host: &str) -> Result<Reply, Failure> {
    let room = call.query.get("roomId");
    let room = room.ok_or_else(|| Failure::bad_request("roomId must be given."))?;
    listed(
        state,
        call,
        readable(state, call, &RoomId::from(room))?,
        host,
    )
}

/// `GET /messages/direct`
pub fn list_direct(state: &State, call: &Call, host: &str) -> Result<Reply, Failure> {
    let query = &call.query;
    let partner = match (query.get("personId"), query.get("personEmail")) {
        (Some(id), _) => state.directory.find(&PersonId::from(id)),
        (None, Some(email)) => state.directory.by_email(email),
        (None, None) => {
            return Err(Failure::bad_request(
                "personId or personEmail must be given.",
            ));
        }
    };
    let room = partner.and_then(|partner| state.direct(&call.caller.person, &partner.id));
    listed(state, call, room.ok_or_else(no_room)?, host)
}

/// `POST /messages`
pub fn create(state: &mut State, call: &Call, host: &str) -> Result<Reply, Failure> {
    let post = Post {
        place: place(state, call)?,
        parent: call.text("parentId").map(MessageId::from),
        content: content_of(state, call),
        file: call.file.clone(),
        attachments: cards(call)?,
    };
    let id = state.post(&call.caller.acts(OVERSEE_WRITE), post, call.now)?;
    shown(state, &id, host)
}

/// `GET /messages/{messageId}`
pub fn get(state: &State, call: &Call, host: &str) -> Result<Reply, Failure> {
    let id = MessageId::from(call.id.as_str());
    let (room, _) = state.place(&id).ok_or_else(no_message)?;
    if !is_shown(call, room, &id) && !call.caller.oversees(OVERSEE_READ) {
        return Err(no_message());
    }
    shown(state, &id, host)
}

/// `PUT /messages/{messageId}`
pub fn edit(state: &mut State, call: &Call, host: &str) -> Result<Reply, Failure> {
    let room = RoomId::from(call.required("roomId")?);
    let id = MessageId::from(call.id.as_str());
    let content = content_of(state, call);
    let actor = call.caller.acts(OVERSEE_WRITE);
    state.edit(&actor, (&room, &id), content, call.now)?;
    shown(state, &id, host)
}

/// `DELETE /messages/{messageId}`
pub fn delete(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let id = MessageId::from(call.id.as_str());
    state.delete(&call.caller.acts(OVERSEE_WRITE), &id)?;
    Ok(Reply::NoContent)
}

/// `GET /contents/{contentId}`
pub fn content(state: &State, call: &Call) -> Result<Reply, Failure> {
    let id = FileId::from(call.id.as_str());
    let missing = || Failure::not_found("The content was not found.");
    let file = state.files.get(&id).ok_or_else(missing)?;
    let mut rooms = state.rooms.values();
    let place = rooms.find_map(|room| {
        let mut messages = room.messages.iter();
        let message = messages.find(|message| message.file.as_ref() == Some(&id))?;
        Some((room, message))
    });
    let (room, message) = place.ok_or_else(missing)?;
    if !is_shown(call, room, &message.id) && !call.caller.oversees(OVERSEE_READ) {
        return Err(missing());
    }
    if message.is_deleted {
        return Err(Failure::new(StatusCode::GONE, "The content was removed."));
    }
    Ok(Reply::File(file.clone()))
}

/// Fetches what the `files` of a body name by their address, before the message is posted.
pub async fn fetch_file(org: &Org, call: &mut Call) -> Result<(), Failure> {
    let Some(files) = call.body["files"].as_array() else {
        return Ok(());
    };
    let url = match files.as_slice() {
        [] => return Ok(()),
        [one] => one.as_str().unwrap_or_default().to_owned(),
        _ => {
            return Err(Failure::bad_request(
                "Only one file is allowed per message.",
            ));
        }
    };
    let unreachable = || Failure::bad_request("The file could not be fetched.");
    let answer = org.http.get(&url).send().await.map_err(|_| unreachable())?;
    let answer = answer.error_for_status().map_err(|_| unreachable())?;
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let name = answer
        .url()
        .path_segments()
        .and_then(|mut path| path.next_back());
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or("file")
        .to_owned();
    let bytes = answer.bytes().await.map_err(|_| unreachable())?.to_vec();
    call.file = Some(File {
        id: FileId::of(&org.look(|state, _| state.fresh("content"))),
        name,
        kind: kind.unwrap_or_else(|| "application/octet-stream".to_owned()),
        bytes,
    });
    Ok(())
}

fn listed(state: &State, call: &Call, room: &Room, host: &str) -> Result<Reply, Failure> {
    let query = &call.query;
    let max = query.max(50)?;
    let mentioned = mentioned(call, max)?;
    if call.caller.is_bot() && room.kind == RoomKind::Group && mentioned.is_none() {
        return Err(Failure::forbidden(
            "Bots list the messages of a group room with mentionedPeople=me only.",
        ));
    }
    let before = query.time("before")?;
    let before_message = query.get("beforeMessage").map(MessageId::from);
    let older_than = before_message
        .map(|id| {
            let found = room.messages.iter().find(|message| message.id == id);
            found.map(|found| found.created).ok_or_else(no_message)
        })
        .transpose()?;
    let parent = query.get("parentId").map(MessageId::from);
    let fits = |message: &&Message| {
        !message.is_deleted
            && before.is_none_or(|before| message.created < before)
            && older_than.is_none_or(|than| message.created < than)
            && parent
                .as_ref()
                .is_none_or(|parent| message.parent.as_ref() == Some(parent))
            && mentioned.is_none_or(|person| message.content.mentioned.contains(person))
    };
    let messages: Vec<_> = room.messages.iter().rev().filter(fits).collect();
    let shape = |message: &&Message| shapes::message(state, room, message, host);
    Ok(page(
        query,
        max,
        &messages,
        |message| message.id.as_str(),
        shape,
    ))
}

/// The only person whose mentions may be asked for: oneself.
fn mentioned(call: &Call, max: usize) -> Result<Option<&PersonId>, Failure> {
    let me = &call.caller.person;
    match call.query.get("mentionedPeople") {
        None => Ok(None),
        Some(_) if max > MOST_WITH_MENTIONS => Err(Failure::bad_request(
            "max cannot exceed 100 with mentionedPeople.",
        )),
        Some(who) if who == "me" || who == me.as_str() => Ok(Some(me)),
        Some(_) => Err(Failure::bad_request("mentionedPeople may only be oneself.")),
    }
}

fn readable<'a>(state: &'a State, call: &Call, id: &RoomId) -> Result<&'a Room, Failure> {
    match call.caller.oversees(OVERSEE_READ) {
        true => state.room(id).ok_or_else(no_room),
        false => state.seen_room(&call.caller.person, id),
    }
}

/// Whether the caller's own app would show the message.
fn is_shown(call: &Call, room: &Room, id: &MessageId) -> bool {
    let me = &call.caller.person;
    let hears_all = !call.caller.is_bot() || room.kind == RoomKind::Direct;
    room.has(me) && (hears_all || is_addressed(room, id, me))
}

fn place(state: &State, call: &Call) -> Result<Place, Failure> {
    let no_person = || Failure::not_found("Failed to find the person.");
    let targets = [
        call.text("roomId"),
        call.text("toPersonId"),
        call.text("toPersonEmail"),
    ];
    match targets {
        [Some(room), None, None] => Ok(Place::Room(RoomId::from(room))),
        [None, Some(id), None] => Ok(Place::Person(PersonId::from(id))),
        [None, None, Some(email)] => {
            let found = state.directory.by_email(email).ok_or_else(no_person)?;
            Ok(Place::Person(found.id.clone()))
        }
        _ => Err(Failure::bad_request(
            "One of roomId, toPersonId and toPersonEmail must be given.",
        )),
    }
}

/// Where both are given, the text stands for the Markdown in clients that show none.
fn content_of(state: &State, call: &Call) -> Content {
    let given = call.text("text");
    match call.text("markdown") {
        Some(markdown) => {
            let read = text::of_markdown(markdown, &state.directory);
            Content {
                text: given.map_or(read.text, str::to_owned),
                ..read
            }
        }
        None => Content {
            text: given.unwrap_or_default().to_owned(),
            ..Content::default()
        },
    }
}

/// The Adaptive Card of a message; forms write the list as text.
fn cards(call: &Call) -> Result<Vec<Value>, Failure> {
    let given = &call.body["attachments"];
    let written = given.as_str().map(serde_json::from_str::<Vec<Value>>);
    let cards = match (given, written) {
        (_, Some(read)) => read.map_err(|_| Failure::bad_request("attachments is malformed."))?,
        (Value::Array(cards), None) => cards.clone(),
        (_, None) => Vec::new(),
    };
    let is_card = |card: &Value| {
        card["contentType"] == "application/vnd.microsoft.card.adaptive"
            && card["content"].is_object()
    };
    if cards.len() > 1 || !cards.iter().all(is_card) {
        return Err(Failure::bad_request(
            "Only one card per message is supported.",
        ));
    }
    Ok(cards)
}

fn shown(state: &State, id: &MessageId, host: &str) -> Result<Reply, Failure> {
    let (room, message) = state.place(id).ok_or_else(no_message)?;
    Ok(Reply::Json(shapes::message(state, room, message, host)))
}
