//! `/people` and `/organizations`.
//!
//! Source: <https://developer.webex.com/docs/api/v1/people>

use serde_json::{Value, json};

use super::{
    call::{Call, Reply, page},
    directory::{Kind, Person},
    failure::Failure,
    ids::PersonId,
    shapes,
    state::State,
};

const MOST_IDS: usize = 85;

/// `GET /people`: without a filter, for administrators only.
pub fn list(state: &State, call: &Call) -> Result<Reply, Failure> {
    let query = &call.query;
    let max = query.max(100)?;
    let is_administrator = call.caller.is_administrator();
    if let Some(ids) = query.get("id") {
        return by_ids(state, ids, is_administrator);
    }
    let (email, name) = (query.get("email"), query.get("displayName"));
    if email.is_none() && name.is_none() && !is_administrator {
        return Err(Failure::bad_request(
            "Email, displayName, or id list should be specified.",
        ));
    }
    let prefix = name.map(str::to_lowercase);
    let fits = |person: &&Person| {
        let has_email = email.is_none_or(|email| person.email.eq_ignore_ascii_case(email));
        let has_name = prefix
            .as_ref()
            .is_none_or(|prefix| person.name.to_lowercase().starts_with(prefix));
        has_email && has_name && is_listed(person, email.is_some())
    };
    let found: Vec<_> = state.directory.all().filter(fits).collect();
    let shape = |person: &&Person| shapes::person(state, person, is_administrator);
    Ok(page(query, max, &found, |person| person.id.as_str(), shape))
}

/// `GET /people/me`
pub fn me(state: &State, call: &Call) -> Result<Reply, Failure> {
    shown(state, call, &call.caller.person)
}

/// `GET /people/{personId}`
pub fn get(state: &State, call: &Call) -> Result<Reply, Failure> {
    shown(state, call, &PersonId::from(call.id.as_str()))
}

/// `GET /organizations`
pub fn organizations(state: &State) -> Reply {
    Reply::Page {
        items: vec![organization_shape(state)],
        next: None,
        not_found: None,
    }
}

/// `GET /organizations/{orgId}`
pub fn organization(state: &State, call: &Call) -> Result<Reply, Failure> {
    if call.id != state.org.as_str() {
        return Err(Failure::not_found("The organization was not found."));
    }
    Ok(Reply::Json(organization_shape(state)))
}

/// Guests and machines are no people of the organisation's; guests are found by their address.
fn is_listed(person: &Person, is_named: bool) -> bool {
    match person.kind {
        Kind::Person | Kind::Administrator | Kind::Bot => true,
        Kind::Guest { .. } => is_named,
        Kind::Machine => false,
    }
}

fn by_ids(state: &State, ids: &str, is_administrator: bool) -> Result<Reply, Failure> {
    let ids: Vec<_> = ids.split(',').map(PersonId::from).collect();
    if ids.len() > MOST_IDS {
        return Err(Failure::bad_request("Too many ids: 85 is the maximum."));
    }
    let found = ids.iter().filter_map(|id| state.directory.find(id));
    let missing = ids.iter().filter(|id| state.directory.find(id).is_none());
    let missing: Vec<_> = missing.collect();
    Ok(Reply::Page {
        items: found
            .map(|person| shapes::person(state, person, is_administrator))
            .collect(),
        next: None,
        not_found: (!missing.is_empty()).then(|| json!(missing)),
    })
}

fn shown(state: &State, call: &Call, id: &PersonId) -> Result<Reply, Failure> {
    let person = state.directory.find(id);
    let person = person.ok_or_else(|| Failure::not_found("The person was not found."))?;
    let is_administrator = call.caller.is_administrator();
    Ok(Reply::Json(shapes::person(state, person, is_administrator)))
}

fn organization_shape(state: &State) -> Value {
    let founded = state.directory.all().map(|person| person.created).min();
    json!({
        "id": state.org,
        "displayName": "Acme, Inc.",
        "created": shapes::time(founded.unwrap_or_default()),
    })
}
