//! `/oauth/authorize`: the page on which somebody authorises the hub's app.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth/>

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use url::Url;

use super::{
    super::{ZoomAccount, ids::UserId},
    endpoints::Form,
    tokens::{Client, Code},
};

/// Shows the page, or does what somebody decided on it: `login_hint` says who signs in, and
/// `accept` or `deny` what they do.
pub fn authorize(here: &ZoomAccount, query: &Form) -> Response {
    match decide(here, query) {
        Ok(response) => response,
        Err(why) => refusal(&why),
    }
}

fn decide(here: &ZoomAccount, query: &Form) -> Result<Response, String> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let client = client(here, field("client_id"))?;
    let redirect = registered(field("redirect_uri"), client)?;
    if field("response_type") != "code" {
        return Err("Invalid response_type.".to_owned());
    }
    let challenge = challenge(query, client)?;
    let state = field("state");
    if query.contains_key("deny") {
        return Ok(back(
            redirect,
            &[("error", "access_denied"), ("state", state)],
        ));
    }
    if !query.contains_key("accept") {
        return Ok(page(query).into_response());
    }
    if !here.switches().user_apps {
        // RFC 6749 section 4.1.2.1. Whether Zoom sends people back at all is not documented.
        let why = "You cannot authorize the app: ask your administrator to approve it.";
        return Ok(back(
            redirect,
            &[
                ("error", "access_denied"),
                ("error_description", why),
                ("state", state),
            ],
        ));
    }
    let user = signed_in(here, field("login_hint"))?;
    let code = Code {
        user,
        client,
        redirect: field("redirect_uri").to_owned(),
        challenge,
    };
    let code = here.issue_code(code);
    Ok(back(redirect, &[("code", &code), ("state", state)]))
}

fn client(here: &ZoomAccount, id: &str) -> Result<Client, String> {
    if id == here.keys.public_client_id {
        Ok(Client::Public)
    } else if id == here.keys.user_app.id {
        Ok(Client::Confidential)
    } else {
        Err("Invalid client_id.".to_owned())
    }
}

/// The account whose owner signs in.
fn signed_in(here: &ZoomAccount, login: &str) -> Result<UserId, String> {
    here.look(|state, _| {
        let user = state.directory.with_email(login);
        let user = user.filter(|user| user.is_active());
        user.map(|user| user.id.clone())
            .ok_or_else(|| "Incorrect email or password.".to_owned())
    })
}

/// Where the app may be come back to: loopback on any port, and for the app with a secret the org's
/// public address. A scheme of the app's own is for the public one.
fn registered(text: &str, client: Client) -> Result<Url, String> {
    let invalid = || format!("Invalid redirect: {}", escape(text));
    let uri = Url::parse(text).map_err(|_| invalid())?;
    let loopback = matches!(uri.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let allowed = match uri.scheme() {
        "http" => loopback,
        "https" => client == Client::Confidential,
        "causeway" => client == Client::Public,
        _ => false,
    };
    if allowed && uri.fragment().is_none() {
        Ok(uri)
    } else {
        Err(invalid())
    }
}

fn challenge(query: &Form, client: Client) -> Result<Option<String>, String> {
    let method = query.get("code_challenge_method").map(String::as_str);
    match (query.get("code_challenge"), method) {
        (Some(challenge), Some("S256")) => Ok(Some(challenge.clone())),
        (Some(_), _) => Err("The code_challenge_method must be S256.".to_owned()),
        (None, _) if client == Client::Public => Err("A code_challenge is needed.".to_owned()),
        (None, _) => Ok(None),
    }
}

fn back(mut uri: Url, parameters: &[(&str, &str)]) -> Response {
    let mut query = uri.query_pairs_mut();
    for (name, value) in parameters {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    drop(query);
    Redirect::to(uri.as_str()).into_response()
}

fn refusal(why: &str) -> Response {
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>Zoom</title><h1>You cannot authorize the app</h1>\
         <p>{}</p>",
        escape(why)
    );
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}

fn page(query: &Form) -> Html<String> {
    let hidden: String = query
        .iter()
        .filter(|(name, _)| name.as_str() != "login_hint")
        .map(|(name, value)| {
            let (name, value) = (escape(name), escape(value));
            format!("<input type=hidden name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let hint = query.get("login_hint").map(String::as_str);
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>Authorize Causeway</title>\
         <h1>You are about to add Causeway</h1>\
         <p>Causeway asks to write and read Team Chat as whoever signs in here.</p>\
         <form>{hidden}\
         <p><label>Email <input name=login_hint type=email value=\"{}\"></label></p>\
         <p><button name=accept value=1>Allow</button> \
         <button name=deny value=1>Decline</button></p></form>",
        escape(hint.unwrap_or_default()),
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
