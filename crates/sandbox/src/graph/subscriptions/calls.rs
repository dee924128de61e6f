//! Calls on subscriptions.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/subscription>

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use url::Url;

use super::{
    super::{
        chat_calls::own_only,
        endpoints,
        error::GraphError,
        message_calls::check_protected,
        server::{Call, Reply, collection, entity, missing_permission},
        shapes,
        tenant::Tenant,
    },
    ChangeType, Subscription, Watched, deliver,
    envelope::Certificate,
};
use crate::{clock::Millis, entra::tokens::Caller};

/// Subscriptions on chats live three days at most.
const LONGEST_LIFE: Millis = 4320 * 60 * 1000;
/// Above it, resource data asks for a lifecycle address.
const LIFE_WITHOUT_LIFECYCLE: Millis = 60 * 60 * 1000;
const LONGEST_TEXT: usize = 128;

/// `POST /subscriptions`
pub async fn create(tenant: &Arc<Tenant>, call: &Call) -> Result<Reply, GraphError> {
    let (outbox, inbox) = mpsc::unbounded_channel();
    let subscription = read(tenant, call, outbox)?;
    check_quota(tenant, &subscription)?;
    validate(tenant, &subscription.notification_url).await?;
    if let Some(url) = &subscription.lifecycle_url
        && *url != subscription.notification_url
    {
        validate(tenant, url).await?;
    }
    let id = subscription.id.clone();
    let mut shape = shape(tenant, &subscription);
    shape["clientState"] = json!(subscription.client_state);
    tenant.state().subscriptions.0.push(subscription);
    tokio::spawn(deliver::run(Arc::downgrade(tenant), id.clone(), inbox));
    let location = format!("{}/subscriptions/{id}", tenant.urls.graph);
    let body = entity(tenant, "subscriptions/$entity", shape);
    Ok(Reply::Created {
        body,
        location: Some(location),
    })
}

/// `GET /subscriptions`: those that this app made with this kind of token.
pub fn list(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query.only(&["top", "skiptoken"])?;
    let mut state = tenant.state();
    state.subscriptions.expire(tenant.now());
    let own = state
        .subscriptions
        .0
        .iter()
        .filter(|held| held.creator.as_deref() == call.caller.user());
    let values = own.map(|held| shape(tenant, held)).collect();
    Ok(Reply::Ok(collection(tenant, "subscriptions", values, None)))
}

/// `GET /subscriptions/{id}`
pub fn get(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let mut state = tenant.state();
    state.subscriptions.expire(tenant.now());
    let held = state
        .subscriptions
        .get(call.id("subscription"), call.caller.user())?;
    Ok(Reply::Ok(entity(
        tenant,
        "subscriptions/$entity",
        shape(tenant, held),
    )))
}

/// `PATCH /subscriptions/{id} {expirationDateTime}`
pub fn renew(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let now = tenant.now();
    let ends = read_end(&call.body, now)?;
    let mut state = tenant.state();
    state.subscriptions.expire(now);
    let id = state
        .subscriptions
        .get(call.id("subscription"), call.caller.user())?
        .id
        .clone();
    let held = state
        .subscriptions
        .get_mut(&id)
        .ok_or_else(super::not_found)?;
    if held.certificate.is_some()
        && held.lifecycle_url.is_none()
        && ends - now > LIFE_WITHOUT_LIFECYCLE
    {
        return Err(lifecycle_needed());
    }
    held.term = (now, ends);
    held.reminded = false;
    let body = shape(tenant, held);
    Ok(Reply::Ok(entity(tenant, "subscriptions/$entity", body)))
}

/// `DELETE /subscriptions/{id}`
pub fn delete(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let mut state = tenant.state();
    let id = state
        .subscriptions
        .get(call.id("subscription"), call.caller.user())?
        .id
        .clone();
    state.subscriptions.remove(&id);
    Ok(Reply::NoContent)
}

/// `POST /subscriptions/{id}/reauthorize`: the token is good; the term stays as it is.
pub fn reauthorize(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    let mut state = tenant.state();
    state.subscriptions.expire(tenant.now());
    state
        .subscriptions
        .get(call.id("subscription"), call.caller.user())?;
    Ok(Reply::Done)
}

fn read(
    tenant: &Tenant,
    call: &Call,
    outbox: mpsc::UnboundedSender<deliver::Post>,
) -> Result<Subscription, GraphError> {
    let body = &call.body;
    let resource = need(body, "resource")?;
    let watched = watched(tenant, resource, &call.caller)?;
    check_caller(tenant, &watched, &call.caller)?;
    let now = tenant.now();
    let ends = read_end(body, now)?;
    let certificate = certificate(body)?;
    let lifecycle_url = body["lifecycleNotificationUrl"]
        .as_str()
        .map(address)
        .transpose()?;
    if certificate.is_some() && lifecycle_url.is_none() && ends - now > LIFE_WITHOUT_LIFECYCLE {
        return Err(lifecycle_needed());
    }
    Ok(Subscription {
        id: tenant.mint.guid(&tenant.mint.fresh("subscription")),
        resource: resource.to_owned(),
        watched,
        changes: changes(need(body, "changeType")?)?,
        notification_url: address(need(body, "notificationUrl")?)?,
        lifecycle_url,
        client_state: short_text(body, "clientState")?,
        certificate,
        creator: call.caller.user().map(str::to_owned),
        known_events: call.known_events,
        term: (now, ends),
        reminded: false,
        outbox,
    })
}

fn need<'body>(body: &'body Value, property: &str) -> Result<&'body str, GraphError> {
    body[property]
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid(format!("Subscription {property} is missing or empty.")))
}

fn short_text(body: &Value, property: &str) -> Result<Option<String>, GraphError> {
    match body[property].as_str() {
        Some(text) if text.chars().count() > LONGEST_TEXT => Err(invalid(format!(
            "Subscription {property} exceeds the maximum length of {LONGEST_TEXT}."
        ))),
        text => Ok(text.map(str::to_owned)),
    }
}

/// HTTPS, or plain HTTP on loopback, which only the sandbox takes.
fn address(text: &str) -> Result<String, GraphError> {
    let url = Url::parse(text).map_err(|_| invalid("The notification URL is not valid."))?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(text.to_owned()),
        "http" if loopback => Ok(text.to_owned()),
        _ => Err(invalid("Notification URL must be HTTPS.")),
    }
}

fn changes(text: &str) -> Result<Vec<ChangeType>, GraphError> {
    text.split(',')
        .map(|name| {
            ChangeType::named(name.trim())
                .ok_or_else(|| invalid(format!("Invalid changeType '{name}'.")))
        })
        .collect()
}

fn read_end(body: &Value, now: Millis) -> Result<Millis, GraphError> {
    let ends = body["expirationDateTime"]
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok())
        .ok_or_else(|| invalid("Subscription expirationDateTime is missing or not valid."))?
        .as_millisecond();
    if ends <= now {
        return Err(invalid(
            "Subscription expiration time must be in the future.",
        ));
    }
    // A minute is granted for clocks that differ.
    if ends - now > LONGEST_LIFE + 60_000 {
        return Err(invalid(
            "Subscription expiration can only be 4320 minutes in the future.",
        ));
    }
    Ok(ends)
}

fn certificate(body: &Value) -> Result<Option<Certificate>, GraphError> {
    if body["includeResourceData"] != json!(true) {
        return Ok(None);
    }
    let id = short_text(body, "encryptionCertificateId")?
        .ok_or_else(|| invalid("encryptionCertificateId is required with resource data."))?;
    let text = need(body, "encryptionCertificate")?;
    Certificate::read(text, &id)
        .map(Some)
        .map_err(|bad| invalid(bad.to_string()))
}

fn watched(tenant: &Tenant, resource: &str, caller: &Caller) -> Result<Watched, GraphError> {
    let path = resource.split('?').next().unwrap_or(resource);
    let path = path
        .strip_prefix(tenant.urls.graph.as_str())
        .unwrap_or(path);
    let parts = endpoints::segments(path);
    let parts: Vec<_> = parts.iter().map(String::as_str).collect();
    let state = tenant.state();
    match parts.as_slice() {
        ["chats", "getAllMessages"] => Ok(Watched::AllChats),
        ["teams", "getAllMessages"] => Ok(Watched::AllChannels),
        ["me", "chats", "getAllMessages"] => caller
            .user()
            .map(|user| Watched::ChatsOf(user.to_owned()))
            .ok_or_else(|| invalid("'/me' needs a signed-in user.")),
        ["users", user, "chats", "getAllMessages"] => {
            Ok(Watched::ChatsOf(state.directory.get(user)?.id.clone()))
        }
        ["chats", chat, "messages"] => Ok(Watched::Chat(state.chats.get(chat)?.id.clone())),
        _ => Err(invalid(format!(
            "Resource '{resource}' is not supported for subscriptions."
        ))),
    }
}

/// Permissions by resource and kind of token.
fn check_caller(tenant: &Tenant, watched: &Watched, caller: &Caller) -> Result<(), GraphError> {
    check_protected(tenant, caller)?;
    let needed: &[&str] = match (watched, caller) {
        (Watched::AllChats | Watched::AllChannels, Caller::Person { .. }) => {
            return Err(GraphError::forbidden(
                "This resource can be subscribed to with application permissions only.",
            ));
        }
        (Watched::AllChannels, Caller::App { .. }) => &["ChannelMessage.Read.All"],
        (Watched::AllChats | Watched::ChatsOf(_) | Watched::Chat(_), Caller::App { .. }) => {
            &["Chat.Read.All", "Chat.ReadWrite.All"]
        }
        (Watched::ChatsOf(_) | Watched::Chat(_), Caller::Person { .. }) => {
            &["Chat.Read", "Chat.ReadWrite"]
        }
    };
    if !caller.may(needed) {
        return Err(missing_permission(caller, needed));
    }
    match watched {
        Watched::ChatsOf(user) => own_only(caller, user),
        Watched::Chat(chat) => tenant.state().chats.seen_by(caller, chat).map(|_| ()),
        Watched::AllChats | Watched::AllChannels => Ok(()),
    }
}

/// One subscription for each tenant-wide resource and each chat, ten for each user.
fn check_quota(tenant: &Tenant, new: &Subscription) -> Result<(), GraphError> {
    let most = match new.watched {
        Watched::AllChats | Watched::AllChannels | Watched::Chat(_) => 1,
        Watched::ChatsOf(_) => 10,
    };
    let mut state = tenant.state();
    state.subscriptions.expire(tenant.now());
    let held = state
        .subscriptions
        .0
        .iter()
        .filter(|held| held.watched == new.watched && held.creator == new.creator)
        .count();
    if held < most {
        return Ok(());
    }
    Err(GraphError::new(
        403,
        "ExtensionError",
        format!(
            "Operation: Create; Exception: [Status Code: Forbidden; Reason: {} has reached its \
             limit of {most} TEAMS '{}' subscriptions.]",
            tenant.ids.client, new.resource
        ),
    ))
}

/// The handshake: the address must answer 200 with the token as plain text within ten seconds.
async fn validate(tenant: &Tenant, url: &str) -> Result<(), GraphError> {
    let token = format!(
        "Validation: Testing client application reachability for subscription Request-Id: {}",
        tenant.mint.guid(&tenant.mint.fresh("validation"))
    );
    let refused = |why: String| {
        GraphError::new(
            400,
            "ValidationError",
            format!("Subscription validation request failed. {why}"),
        )
    };
    let mut address = Url::parse(url).map_err(|_| invalid("The notification URL is not valid."))?;
    address
        .query_pairs_mut()
        .append_pair("validationToken", &token);
    let response = tenant
        .http
        .post(address)
        .header("content-type", "text/plain; charset=utf-8")
        .send()
        .await
        .map_err(|error| {
            refused(if error.is_timeout() {
                "The request timed out.".to_owned()
            } else {
                "The notification endpoint could not be reached.".to_owned()
            })
        })?;
    let status = response.status();
    let plain = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/plain"));
    if status != reqwest::StatusCode::OK {
        return Err(refused(format!(
            "HTTP status code is '{}'.",
            status.as_u16()
        )));
    }
    let text = response
        .text()
        .await
        .map_err(|_| refused("The answer broke off.".to_owned()))?;
    if !plain || text != token {
        return Err(refused(
            "Notification endpoint must answer with the validation token as plain text.".to_owned(),
        ));
    }
    Ok(())
}

fn shape(tenant: &Tenant, held: &Subscription) -> Value {
    let changes: Vec<_> = held.changes.iter().map(|change| change.name()).collect();
    json!({
        "id": held.id,
        "resource": held.resource,
        "applicationId": tenant.ids.client,
        "changeType": changes.join(","),
        "clientState": null,
        "notificationUrl": held.notification_url,
        "notificationQueryOptions": null,
        "lifecycleNotificationUrl": held.lifecycle_url,
        "expirationDateTime": shapes::time(held.term.1),
        "creatorId": held.creator.as_ref().unwrap_or(&tenant.ids.service_principal),
        "includeResourceData": held.certificate.is_some(),
        "latestSupportedTlsVersion": "v1_2",
        "encryptionCertificate": null,
        "encryptionCertificateId": held.certificate.as_ref().map(|certificate| &certificate.id),
        "notificationUrlAppId": null,
    })
}

fn lifecycle_needed() -> GraphError {
    invalid(
        "lifecycleNotificationUrl is a required property for subscription creation on this \
         resource when the expirationDateTime value is set to greater than 1 hour.",
    )
}

fn invalid(message: impl Into<String>) -> GraphError {
    GraphError::new(400, "InvalidRequest", message)
}
