//! The Service App and its guests, and how long a token holds.
//!
//! Source: <https://developer.webex.com/docs/sa-guest-management>

use serde_json::json;

use super::{
    call::{Call, Reply},
    failure::Failure,
    oauth, scopes,
    state::State,
    tokens::{GUEST_LIFE, Grant, Issuer},
};

/// `POST /guests/token`: the guest of this subject, made where there is none.
pub fn make(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    if call.caller.issuer != Issuer::ServiceApp {
        return Err(Failure::forbidden("Only a Service App makes guests."));
    }
    if !state.switches.guests_allowed {
        return Err(Failure::forbidden(
            "The organization does not allow guests.",
        ));
    }
    let (subject, name) = (call.required("subject")?, call.required("displayName")?);
    let id = state.directory.guest(&state.mint, subject, name, call.now);
    let grant = Grant {
        holder: id.clone(),
        issuer: Issuer::ServiceApp,
        scopes: scopes::owned(&[scopes::GUEST]),
    };
    let token = state.grants.tokens.issue(&state.mint, grant, call.now);
    Ok(Reply::Json(json!({
        "id": id,
        "subject": subject,
        "displayName": name,
        "email": state.email_of(&id),
        "accessToken": token,
        "expiresIn": GUEST_LIFE / 1000,
    })))
}

/// `GET /guests/count`: a bare number.
pub fn count(state: &State) -> Reply {
    Reply::Text(state.directory.guests().count().to_string())
}

/// `POST /applications/{applicationId}/token`: the tokens of a Service App that was authorised.
pub fn authorize(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    if call.id != state.apps.service_app.app.as_str() {
        return Err(Failure::not_found("The Service App was not found."));
    }
    let (id, secret) = (call.required("clientId")?, call.required("clientSecret")?);
    let org = call.required("targetOrgId")?;
    if oauth::client(state, id, secret)? != Issuer::ServiceApp {
        return Err(Failure::bad_request("The client is not a Service App."));
    }
    if org != state.org.as_str() {
        return Err(Failure::forbidden(
            "The Service App is not authorized for the organization.",
        ));
    }
    let refresh = service_app_token(state, call.now);
    let mut tokens = oauth::tokens(state, &refresh, Issuer::ServiceApp, call.now)?;
    if let Some(tokens) = tokens.as_object_mut() {
        tokens.remove("scope");
    }
    Ok(Reply::Json(tokens))
}

/// `GET /authorizations/tokenExpiry`: when the token of the call ends, in milliseconds. A bot's
/// never does.
pub fn token_expiry(state: &State, call: &Call) -> Reply {
    const NEVER: i64 = 253_402_300_799_000;
    let ends = state.grants.tokens.ends(&call.caller.token);
    Reply::Json(json!({ "exp": ends.unwrap_or(NEVER) }))
}

/// A refresh token of the Service App, as a full administrator gets it in Control Hub.
pub fn service_app_token(state: &mut State, now: crate::clock::Millis) -> String {
    let grant = Grant {
        holder: state.directory.cast.machine.clone(),
        issuer: Issuer::ServiceApp,
        scopes: scopes::owned(&[scopes::GUEST_ISSUER]),
    };
    state.grants.tokens.begin(&state.mint, grant, now)
}
