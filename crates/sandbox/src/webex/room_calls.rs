//! `/rooms`
//!
//! Source: <https://developer.webex.com/docs/api/v1/rooms>

use std::cmp::Reverse;

use super::{
    call::{Call, Reply, page},
    deeds::{RoomWish, no_room},
    failure::Failure,
    ids::RoomId,
    rooms::{Room, RoomKind},
    shapes,
    state::State,
};

/// `GET /rooms`: those that the caller is in.
pub fn list(state: &State, call: &Call) -> Result<Reply, Failure> {
    let query = &call.query;
    let max = query.max(100)?;
    let kind = query.get("type").map(read_kind).transpose()?;
    let viewer = &call.caller.person;
    let mut mine: Vec<_> = state
        .rooms
        .values()
        .filter(|room| room.has(viewer) && kind.is_none_or(|kind| room.kind == kind))
        .collect();
    match query.get("sortBy") {
        Some("lastactivity") => mine.sort_by_key(|room| Reverse(room.last_activity)),
        Some("created") => mine.sort_by_key(|room| Reverse(room.created)),
        Some("id") | None => {}
        Some(_) => return Err(Failure::bad_request("sortBy is not known.")),
    }
    let shape = |room: &&Room| shapes::room(state, room, Some(viewer));
    Ok(page(query, max, &mine, |room| room.id.as_str(), shape))
}

/// `POST /rooms`
pub fn create(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let wish = wish(call)?;
    let id = state.create_room(&call.caller.acts(""), wish, call.now);
    shown(state, call, &id)
}

/// `GET /rooms/{roomId}`
pub fn get(state: &State, call: &Call) -> Result<Reply, Failure> {
    let id = RoomId::from(call.id.as_str());
    if !call.caller.oversees("spark-compliance:rooms_read") {
        state.seen_room(&call.caller.person, &id)?;
    }
    shown(state, call, &id)
}

/// `PUT /rooms/{roomId}`
pub fn update(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let id = RoomId::from(call.id.as_str());
    state.update_room(&call.caller.acts(""), &id, wish(call)?)?;
    shown(state, call, &id)
}

/// `DELETE /rooms/{roomId}`: by a moderator; anybody else only goes out of it.
pub fn delete(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let id = RoomId::from(call.id.as_str());
    let viewer = &call.caller.person;
    let room = state.seen_room(viewer, &id)?;
    let held = room.membership(viewer);
    let everybody: Vec<_> = room
        .members
        .iter()
        .map(|held| held.person.clone())
        .collect();
    let leaving = match held.is_some_and(|held| held.is_moderator) {
        true => everybody,
        false => vec![viewer.clone()],
    };
    for person in leaving {
        state.part(&call.caller.acts(""), &id, &person)?;
    }
    Ok(Reply::NoContent)
}

fn shown(state: &State, call: &Call, id: &RoomId) -> Result<Reply, Failure> {
    let room = state.room(id).ok_or_else(no_room)?;
    let viewer = Some(&call.caller.person).filter(|viewer| room.has(viewer));
    Ok(Reply::Json(shapes::room(state, room, viewer)))
}

fn wish(call: &Call) -> Result<RoomWish, Failure> {
    if call.text("teamId").is_some() {
        return Err(Failure::not_found("The team was not found."));
    }
    Ok(RoomWish {
        title: call.required("title")?.to_owned(),
        description: call.text("description").map(str::to_owned),
        is_locked: call.flag("isLocked"),
        is_announcement_only: call.flag("isAnnouncementOnly"),
    })
}

fn read_kind(text: &str) -> Result<RoomKind, Failure> {
    match text {
        "direct" => Ok(RoomKind::Direct),
        "group" => Ok(RoomKind::Group),
        _ => Err(Failure::bad_request("type is not known.")),
    }
}
