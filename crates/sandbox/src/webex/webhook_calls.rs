//! `/webhooks`
//!
//! Source: <https://developer.webex.com/docs/api/v1/webhooks>

use std::sync::Arc;

use tokio::sync::mpsc;
use url::Url;

use super::{
    Org,
    api::missing_scope,
    call::{Call, Reply, page},
    deliver::{self, Route},
    failure::Failure,
    happenings::{Change, Resource},
    ids::WebhookId,
    shapes,
    state::State,
    webhooks::{OwnedBy, Webhook},
};

/// `GET /webhooks`: the caller's, made through the same app.
pub fn list(state: &State, call: &Call) -> Result<Reply, Failure> {
    let max = call.query.max(100)?;
    let org_only = call.query.get("ownedBy") == Some("org");
    let mine = state.webhooks.iter().filter(|held| is_own(held, call));
    let mine: Vec<_> = mine
        .filter(|held| !org_only || held.owned_by == OwnedBy::Org)
        .collect();
    let shape = |held: &&Webhook| shapes::webhook(state, held);
    Ok(page(
        &call.query,
        max,
        &mine,
        |held| held.id.as_str(),
        shape,
    ))
}

/// `POST /webhooks`
pub fn create(org: &Arc<Org>, state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let resource = named("resource", call.required("resource")?, Resource::named)?;
    let change = named("event", call.required("event")?, Change::named)?;
    check_scope(call, resource)?;
    let owned_by = owned_by(call, resource)?;
    let id = WebhookId::of(&state.fresh("webhook"));
    let (outbox, inbox) = mpsc::unbounded_channel();
    let webhook = Webhook {
        id: id.clone(),
        name: call.required("name")?.to_owned(),
        target_url: target(call)?,
        resource,
        change,
        filter: call.text("filter").map(str::to_owned),
        secret: call.text("secret").map(str::to_owned),
        owned_by,
        owner: call.caller.person.clone(),
        app: call.caller.app.clone(),
        is_active: true,
        created: call.now,
        failures: 0,
        outbox,
    };
    let route = Route {
        org: Arc::downgrade(org),
        shared: org.shared.clone(),
        stop: org.stop.clone(),
        webhook: id,
    };
    tokio::spawn(deliver::run(route, inbox));
    let shape = shapes::webhook(state, &webhook);
    state.webhooks.push(webhook);
    Ok(Reply::Json(shape))
}

/// `GET /webhooks/{webhookId}`
pub fn get(state: &State, call: &Call) -> Result<Reply, Failure> {
    let mut webhooks = state.webhooks.iter();
    let held = webhooks.find(|held| is_meant(held, call));
    let held = held.ok_or_else(no_webhook)?;
    Ok(Reply::Json(shapes::webhook(state, held)))
}

/// `PUT /webhooks/{webhookId}`: also switches on again what was switched off.
pub fn update(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let (name, target) = (call.required("name")?.to_owned(), target(call)?);
    let mut webhooks = state.webhooks.iter_mut();
    let held = webhooks.find(|held| is_meant(held, call));
    let held = held.ok_or_else(no_webhook)?;
    held.name = name;
    held.target_url = target;
    if let Some(secret) = call.text("secret") {
        held.secret = Some(secret.to_owned());
    }
    match call.text("status") {
        Some("active") => (held.is_active, held.failures) = (true, 0),
        Some(_) => return Err(Failure::bad_request("status can only be set to active.")),
        None => {}
    }
    get(state, call)
}

/// `DELETE /webhooks/{webhookId}`
pub fn delete(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    let before = state.webhooks.len();
    state.webhooks.retain(|held| !is_meant(held, call));
    if state.webhooks.len() == before {
        return Err(no_webhook());
    }
    Ok(Reply::NoContent)
}

fn is_own(held: &Webhook, call: &Call) -> bool {
    held.owner == call.caller.person && held.app == call.caller.app
}

fn is_meant(held: &Webhook, call: &Call) -> bool {
    held.id.as_str() == call.id && is_own(held, call)
}

/// A known name, or none for `all`.
fn named<T>(
    what: &str,
    name: &str,
    known: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    if name == "all" {
        return Ok(None);
    }
    let known = known(name);
    let known = known.ok_or_else(|| Failure::bad_request(format!("{what} is not known.")))?;
    Ok(Some(known))
}

fn check_scope(call: &Call, resource: Option<Resource>) -> Result<(), Failure> {
    let needed: &[&str] = match resource {
        Some(Resource::Messages) | None => &["spark:messages_read"],
        Some(Resource::Memberships) => &["spark:memberships_read"],
        Some(Resource::Rooms) => &["spark:rooms_read"],
    };
    match call.caller.has(needed) {
        true => Ok(()),
        false => Err(missing_scope(needed)),
    }
}

/// Those of the whole organisation are for compliance officers, and of messages only for those
/// with files.
fn owned_by(call: &Call, resource: Option<Resource>) -> Result<OwnedBy, Failure> {
    match call.text("ownedBy") {
        None | Some("creator") => return Ok(OwnedBy::Creator),
        Some("org") => {}
        Some(_) => return Err(Failure::bad_request("ownedBy is not known.")),
    }
    if !call.caller.oversees("spark-compliance:webhooks_write") {
        return Err(Failure::forbidden(
            "The webhook is for compliance officers.",
        ));
    }
    let filter = call.text("filter").unwrap_or_default();
    match resource {
        Some(Resource::Rooms) => Ok(OwnedBy::Org),
        Some(Resource::Messages) if filter.contains("hasFiles=true") => Ok(OwnedBy::Org),
        Some(Resource::Messages | Resource::Memberships) | None => Err(Failure::bad_request(
            "The resource is not supported for the organization.",
        )),
    }
}

fn target(call: &Call) -> Result<String, Failure> {
    let text = call.required("targetUrl")?;
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(|_| text.to_owned())
        .ok_or_else(|| Failure::bad_request("targetUrl is not a valid address."))
}

fn no_webhook() -> Failure {
    Failure::not_found("Could not find a webhook with provided ID.")
}
