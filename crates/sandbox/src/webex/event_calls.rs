//! `/events`: what happened in all rooms of the organisation's people, for compliance officers.
//!
//! Source: <https://developer.webex.com/docs/api/v1/events>

use super::{
    call::{Call, Reply, page},
    failure::Failure,
    happenings::{Change, Event, Resource},
    shapes,
    state::State,
};

/// `GET /events`, newest first.
pub fn list(state: &State, call: &Call) -> Result<Reply, Failure> {
    check_officer(call)?;
    let query = &call.query;
    let max = query.max(100)?;
    let resource = match query.get("resource") {
        None => None,
        // Known resources that nothing ever happens to here.
        Some("attachmentActions" | "files" | "meetings" | "meetingMessages" | "tabs") => {
            return Ok(page(query, max, &[], |_: &&Event| "", |_| ().into()));
        }
        Some(name) => Some(Resource::named(name).ok_or_else(|| unknown("resource"))?),
    };
    let change = query.get("type").map(Change::named);
    let change = change
        .map(|known| known.ok_or_else(|| unknown("type")))
        .transpose()?;
    let (from, to) = (query.time("from")?, query.time("to")?);
    if to.is_some_and(|to| to > call.now) {
        return Err(Failure::bad_request("to cannot be in the future."));
    }
    let actor = query.get("actorId");
    let fits = |event: &&Event| {
        resource.is_none_or(|resource| event.resource == resource)
            && change.is_none_or(|change| event.change == change)
            && from.is_none_or(|from| event.created >= from)
            && to.is_none_or(|to| event.created <= to)
            && actor.is_none_or(|actor| event.actor.as_str() == actor)
    };
    let events: Vec<_> = state.events.iter().rev().filter(fits).collect();
    let shape = |event: &&Event| shapes::event(state, event);
    Ok(page(query, max, &events, |event| event.id.as_str(), shape))
}

/// `GET /events/{eventId}`
pub fn get(state: &State, call: &Call) -> Result<Reply, Failure> {
    check_officer(call)?;
    let mut events = state.events.iter();
    let found = events.find(|event| event.id.as_str() == call.id);
    let found = found.ok_or_else(|| Failure::not_found("The event was not found."))?;
    Ok(Reply::Json(shapes::event(state, found)))
}

fn check_officer(call: &Call) -> Result<(), Failure> {
    match call.caller.oversees("spark-compliance:events_read") {
        true => Ok(()),
        false => Err(Failure::forbidden("The call is for compliance officers.")),
    }
}

fn unknown(what: &str) -> Failure {
    Failure::bad_request(format!("{what} is not known."))
}
