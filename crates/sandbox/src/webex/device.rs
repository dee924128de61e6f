//! The device grant: a link and a code, and the page where a person types it.
//!
//! Source: <https://developer.webex.com/docs/login-with-webex>, "Device Grant Flow".

use axum::{http::StatusCode, response::Html};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{clock::Millis, stand_in::Entered};

use super::{
    failure::Failure,
    grants::{Answer, DEVICE_INTERVAL, DEVICE_LIFE, Polled},
    oauth::{self, Form},
    state::State,
    text::escape,
    tokens::{Grant, Issuer},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `POST /v1/device/authorize`
pub fn begin(state: &mut State, form: &Form, page: &str, now: Millis) -> Result<Value, Failure> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if field("client_id") != state.apps.integration.id {
        return Err(refusal("invalid_client", "The client_id is not known."));
    }
    if !state.switches.device_redirects {
        return Err(refusal(
            "unauthorized_client",
            "The integration is not registered for the device grant.",
        ));
    }
    let asked = oauth::read_scopes(field("scope"));
    let asked = asked.ok_or_else(|| refusal("invalid_scope", "A scope is not registered."))?;
    let (device_code, user_code) = state.grants.issue_device(&state.mint, asked, now);
    Ok(json!({
        "device_code": device_code,
        "expires_in": DEVICE_LIFE / 1000,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?userCode={user_code}"),
        "interval": DEVICE_INTERVAL / 1000,
    }))
}

/// `POST /v1/device/token`
pub fn poll(
    state: &mut State,
    form: &Form,
    basic: Option<&str>,
    now: Millis,
) -> Result<Value, Failure> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let (id, secret) = basic.and_then(read_basic).unwrap_or_default();
    if oauth::client(state, &id, &secret)? != Issuer::Integration || field("client_id") != id {
        return Err(refusal(
            "invalid_client",
            "The client is not the one that asked.",
        ));
    }
    if field("grant_type") != GRANT {
        return Err(refusal(
            "unsupported_grant_type",
            "The grant_type is not supported.",
        ));
    }
    let (holder, scopes) = match state.grants.poll_device(field("device_code"), now) {
        Polled::Granted { holder, scopes } => (holder, scopes),
        Polled::Pending => {
            return Err(Failure::oauth(
                StatusCode::PRECONDITION_REQUIRED,
                "authorization_pending",
                "The user has not completed the sign-in yet.",
            ));
        }
        Polled::TooFast => return Err(refusal("slow_down", "The client polls too fast.")),
        Polled::Declined => return Err(refusal("access_denied", "The user has declined.")),
        Polled::Expired => return Err(refusal("expired_token", "The code has expired.")),
        Polled::Unknown => return Err(refusal("invalid_grant", "The code is not known.")),
    };
    let grant = Grant {
        holder,
        issuer: Issuer::Integration,
        scopes,
    };
    let refresh = state.grants.tokens.begin(&state.mint, grant, now);
    oauth::tokens(state, &refresh, Issuer::Integration, now)
}

/// The page behind `verification_uri`.
pub fn page(note: &str, code: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>Sign in to Webex</title>\
         <h1>Enter code</h1><p>{}</p>\
         <form method=post><p><label>Code <input name=user_code value=\"{}\"></label></p>\
         <p><label>Account <input name=login type=email></label></p>\
         <p><button name=answer value=accept>Sign in and accept</button> \
         <button name=answer value=decline>Decline</button></p></form>",
        escape(note),
        escape(code),
    ))
}

/// What the page posts: the code, the account that signs in, and `accept` or `decline`.
pub fn submit(state: &mut State, form: &Form, now: Millis) -> Html<String> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let grant = field("answer") == "accept";
    let note = match enter(state, field("user_code"), field("login"), grant, now) {
        Entered::SignedIn(note) | Entered::Declined(note) | Entered::Refused(note) => note,
        Entered::NotOpen => "That code did not work. Check it, and the account.".to_owned(),
    };
    page(&note, "")
}

/// Somebody types a code on the page, as whoever signs in there.
pub fn enter(state: &mut State, code: &str, login: &str, grant: bool, now: Millis) -> Entered {
    let person = state.directory.by_email(login).filter(|who| who.active);
    let asked = state.grants.open_device(code, now);
    let (Some(person), Some(asked)) = (person, asked) else {
        return Entered::NotOpen;
    };
    if !grant {
        state.grants.answer_device(code, Answer::Declined, now);
        return Entered::Declined("You have declined.".to_owned());
    }
    // The client is not told, and goes on polling until the code ends.
    if let Err(why) = oauth::may_grant(state, person, asked) {
        return Entered::Refused(why.to_owned());
    }
    let answer = Answer::Granted(person.id.clone());
    state.grants.answer_device(code, answer, now);
    Entered::SignedIn("You have signed in. You may close this window.".to_owned())
}

fn read_basic(header: &str) -> Option<(String, String)> {
    let text = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(text).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn refusal(code: &'static str, message: &str) -> Failure {
    Failure::oauth(StatusCode::BAD_REQUEST, code, message)
}
