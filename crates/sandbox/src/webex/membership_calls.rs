//! `/memberships`
//!
//! Source: <https://developer.webex.com/docs/api/v1/memberships>

use super::{
    call::{Call, Reply, page},
    deeds::no_room,
    failure::Failure,
    happenings::{Change, Thing},
    ids::{PersonId, RoomId},
    rooms::{Membership, Room},
    shapes,
    state::State,
};

const OVERSEE_READ: &str = "spark-compliance:memberships_read";
const OVERSEE_WRITE: &str = "spark-compliance:memberships_write";

/// `GET /memberships`: of one room, or the caller's own.
pub fn list(state: &State, call: &Call) -> Result<Reply, Failure> {
    let query = &call.query;
    let max = query.max(100)?;
    let (id, email) = (query.get("personId"), query.get("personEmail"));
    let held: Vec<(&Room, &Membership)> = match query.get("roomId") {
        Some(room) => {
            let room = readable(state, call, &RoomId::from(room))?;
            room.members.iter().map(|held| (room, held)).collect()
        }
        None if id.is_some() || email.is_some() => {
            return Err(Failure::bad_request("roomId must be given with a person."));
        }
        None => {
            let rooms = state.rooms.values();
            rooms
                .filter_map(|room| Some((room, room.membership(&call.caller.person)?)))
                .collect()
        }
    };
    let fits = |(_, held): &(&Room, &Membership)| {
        id.is_none_or(|id| held.person.as_str() == id)
            && email.is_none_or(|email| state.email_of(&held.person).eq_ignore_ascii_case(email))
    };
    let held: Vec<_> = held.into_iter().filter(fits).collect();
    Ok(page(
        query,
        max,
        &held,
        |(_, held)| held.id.as_str(),
        |(room, held)| shapes::membership(state, room, held),
    ))
}

/// `POST /memberships`
pub fn create(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let room = RoomId::from(call.required("roomId")?);
    let whom = named(state, call)?;
    let is_moderator = call.flag("isModerator") == Some(true);
    let actor = call.caller.acts(OVERSEE_WRITE);
    let held = state.join(&actor, &room, (&whom, is_moderator), call.now)?;
    let room = state.room(&room).ok_or_else(no_room)?;
    Ok(Reply::Json(shapes::membership(state, room, &held)))
}

/// `GET /memberships/{membershipId}`
pub fn get(state: &State, call: &Call) -> Result<Reply, Failure> {
    let (room, held) = find(state, call, OVERSEE_READ)?;
    Ok(Reply::Json(shapes::membership(state, room, held)))
}

/// `PUT /memberships/{membershipId}`
pub fn update(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let (room, held) = find(state, call, OVERSEE_WRITE)?;
    let (room, person) = (room.id.clone(), held.person.clone());
    let is_own = person == call.caller.person;
    let found = state.rooms.get_mut(&room).ok_or_else(no_room)?;
    let by = found.membership(&call.caller.person);
    let is_moderator = by.is_some_and(|held| held.is_moderator);
    let mut members = found.members.iter_mut();
    let held = members.find(|held| held.person == person);
    let held = held.ok_or_else(no_membership)?;
    if let Some(wanted) = call
        .flag("isModerator")
        .filter(|wanted| *wanted != held.is_moderator)
    {
        if found.is_locked && !is_moderator {
            return Err(Failure::forbidden("Only a moderator makes moderators."));
        }
        held.is_moderator = wanted;
    }
    if let Some(is_hidden) = call.flag("isRoomHidden").filter(|_| is_own) {
        held.is_hidden = is_hidden;
    }
    let held = held.clone();
    let actor = call.caller.acts(OVERSEE_WRITE);
    state.happened(
        &actor,
        &room,
        Thing::Membership(held.clone()),
        Change::Updated,
    );
    let room = state.room(&room).ok_or_else(no_room)?;
    Ok(Reply::Json(shapes::membership(state, room, &held)))
}

/// `DELETE /memberships/{membershipId}`
pub fn delete(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let (room, held) = find(state, call, OVERSEE_WRITE)?;
    let (room, person) = (room.id.clone(), held.person.clone());
    state.part(&call.caller.acts(OVERSEE_WRITE), &room, &person)?;
    Ok(Reply::NoContent)
}

fn readable<'a>(state: &'a State, call: &Call, id: &RoomId) -> Result<&'a Room, Failure> {
    match call.caller.oversees(OVERSEE_READ) {
        true => state.room(id).ok_or_else(no_room),
        false => state.seen_room(&call.caller.person, id),
    }
}

/// The membership of the path, in a room that the caller sees.
fn find<'a>(
    state: &'a State,
    call: &Call,
    officer_scope: &str,
) -> Result<(&'a Room, &'a Membership), Failure> {
    let oversees = call.caller.oversees(officer_scope);
    let mut rooms = state.rooms.values();
    let found = rooms.find_map(|room| {
        let mut members = room.members.iter();
        let held = members.find(|held| held.id.as_str() == call.id)?;
        Some((room, held))
    });
    found
        .filter(|(room, _)| oversees || room.has(&call.caller.person))
        .ok_or_else(no_membership)
}

/// Whom the body names.
fn named(state: &State, call: &Call) -> Result<PersonId, Failure> {
    let found = match (call.text("personId"), call.text("personEmail")) {
        (Some(id), _) => state.directory.find(&PersonId::from(id)),
        (None, Some(email)) => state.directory.by_email(email),
        (None, None) => {
            return Err(Failure::bad_request(
                "personId or personEmail must be given.",
            ));
        }
    };
    let found = found.filter(|person| person.active);
    found
        .map(|person| person.id.clone())
        .ok_or_else(|| Failure::not_found("Failed to find the person."))
}

fn no_membership() -> Failure {
    Failure::not_found("Could not find a membership with provided ID.")
}
