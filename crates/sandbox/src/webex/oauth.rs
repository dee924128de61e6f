//! The customer's Integration: the page where somebody authorises it, and the token endpoint.
//!
//! Source: <https://developer.webex.com/docs/integrations>

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;

use crate::clock::Millis;

use super::{
    directory::{Kind, Person},
    failure::Failure,
    grants::Code,
    redirects::is_registered,
    scopes,
    state::State,
    text::escape,
    tokens::{ACCESS_LIFE, Grant, Issuer, REFRESH_LIFE},
};

pub type Form = HashMap<String, String>;

/// `GET /v1/authorize`
///
/// With a `login_hint` and `accept`, that person has signed in and agreed; with `deny` they
/// declined. Otherwise a page asks.
pub fn authorize(state: &mut State, query: &Form, now: Millis) -> Result<Response, Failure> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if field("client_id") != state.apps.integration.id {
        return Err(Failure::bad_request("The client_id is not known."));
    }
    let redirect = field("redirect_uri");
    let back = Url::parse(redirect)
        .ok()
        .filter(|_| is_registered(redirect, &state.switches))
        .ok_or_else(|| Failure::bad_request("The redirect_uri is not registered."))?;
    let back = Back {
        to: back,
        state: field("state"),
    };
    if field("response_type") != "code" {
        return Ok(back.refused("unsupported_response_type", "Only code is supported."));
    }
    let Some(asked) = read_scopes(field("scope")) else {
        return Ok(back.refused("invalid_scope", "A scope is not registered."));
    };
    if query.contains_key("deny") {
        return Ok(back.refused("access_denied", "The resource owner denied the request."));
    }
    let challenge = query.get("code_challenge").cloned();
    if challenge.is_some() && field("code_challenge_method") != "S256" {
        return Ok(back.refused("invalid_request", "The challenge must be S256."));
    }
    let person = state.directory.by_email(field("login_hint"));
    let Some(person) = person.filter(|who| who.active && query.contains_key("accept")) else {
        return Ok(page(query).into_response());
    };
    if let Err(why) = may_grant(state, person, &asked) {
        return Ok(back.refused("access_denied", why));
    }
    let code = Code {
        holder: person.id.clone(),
        scopes: asked,
        redirect_uri: redirect.to_owned(),
        challenge,
    };
    let code = state.grants.issue_code(&state.mint, code, now);
    Ok(back.with(&[("code", &code)]))
}

/// `POST /v1/access_token`
pub fn access_token(state: &mut State, form: &Form, now: Millis) -> Result<Value, Failure> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let issuer = client(state, field("client_id"), field("client_secret"))?;
    let refresh = match field("grant_type") {
        "authorization_code" if issuer == Issuer::Integration => redeem(state, form, now)?,
        "refresh_token" => field("refresh_token").to_owned(),
        _ => {
            return Err(Failure::oauth(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "The grant_type is not supported.",
            ));
        }
    };
    tokens(state, &refresh, issuer, now)
}

/// The tokens that a refresh token gives, as the token endpoint answers them.
pub fn tokens(
    state: &mut State,
    refresh: &str,
    issuer: Issuer,
    now: Millis,
) -> Result<Value, Failure> {
    let renewed = state
        .grants
        .tokens
        .renew(&state.mint, refresh, issuer, now)
        .filter(|(_, grant)| is_active(state, grant));
    let (token, grant) = renewed.ok_or_else(|| invalid_grant("The refresh token is not valid."))?;
    let scopes = held(state, &grant);
    Ok(json!({
        "access_token": token,
        "expires_in": ACCESS_LIFE / 1000,
        "refresh_token": refresh,
        "refresh_token_expires_in": REFRESH_LIFE / 1000,
        "token_type": "Bearer",
        "scope": scopes.join(" "),
    }))
}

/// Which app has this id and secret.
pub fn client(state: &State, id: &str, secret: &str) -> Result<Issuer, Failure> {
    let apps = [
        (&state.apps.integration, Issuer::Integration),
        (&state.apps.service_app, Issuer::ServiceApp),
    ];
    let mut fitting = apps
        .into_iter()
        .filter(|(app, _)| app.id == id && app.secret == secret);
    fitting.next().map(|(_, issuer)| issuer).ok_or_else(|| {
        Failure::oauth(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed.",
        )
    })
}

/// The scopes that a request names; none when one of them is not registered.
pub fn read_scopes(text: &str) -> Option<Vec<String>> {
    let asked: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    let known = |scope: &String| scopes::registered().any(|known| known == scope);
    (!asked.is_empty() && asked.iter().all(known)).then_some(asked)
}

/// Whether this person's consent is enough for all that is asked.
pub fn may_grant(state: &State, person: &Person, asked: &[String]) -> Result<(), &'static str> {
    match person.kind {
        Kind::Person | Kind::Administrator => {}
        Kind::Bot | Kind::Guest { .. } | Kind::Machine => {
            return Err("This account cannot sign in.");
        }
    }
    if person.kind == Kind::Person && !state.switches.people_may_authorise {
        return Err("Your administrator has not approved this integration.");
    }
    let asks = |list: &[&str]| asked.iter().any(|scope| list.contains(&scope.as_str()));
    if asks(scopes::ADMINISTRATIVE) && person.kind != Kind::Administrator {
        return Err("The scopes need a full administrator.");
    }
    if asks(scopes::COMPLIANCE) && !state.is_officer(&person.id) {
        return Err("The scopes need a compliance officer.");
    }
    Ok(())
}

/// The scopes of a grant that were not withheld.
fn held(state: &State, grant: &Grant) -> Vec<String> {
    let withheld = &state.switches.withheld;
    let scopes = grant.scopes.iter();
    let kept = scopes.filter(|scope| !withheld.contains(scope));
    kept.cloned().collect()
}

/// The refresh token that a code gives.
fn redeem(state: &mut State, form: &Form, now: Millis) -> Result<String, Failure> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let code = state.grants.redeem_code(field("code"), now);
    let code = code.ok_or_else(|| invalid_grant("The code is not valid."))?;
    if code.redirect_uri != field("redirect_uri") {
        return Err(invalid_grant(
            "The redirect_uri is not the one of the code.",
        ));
    }
    if let Some(challenge) = &code.challenge {
        let hash = digest(&SHA256, field("code_verifier").as_bytes());
        if URL_SAFE_NO_PAD.encode(hash.as_ref()) != *challenge {
            return Err(invalid_grant("The code_verifier does not fit."));
        }
    }
    let grant = Grant {
        holder: code.holder,
        issuer: Issuer::Integration,
        scopes: code.scopes,
    };
    Ok(state.grants.tokens.begin(&state.mint, grant, now))
}

fn is_active(state: &State, grant: &Grant) -> bool {
    let holder = state.directory.find(&grant.holder);
    holder.is_some_and(|person| person.active)
}

fn invalid_grant(message: &str) -> Failure {
    Failure::oauth(StatusCode::BAD_REQUEST, "invalid_grant", message)
}

/// Where the browser goes from here.
struct Back<'a> {
    to: Url,
    state: &'a str,
}

impl Back<'_> {
    fn with(mut self, parameters: &[(&str, &str)]) -> Response {
        let mut query = self.to.query_pairs_mut();
        query.extend_pairs(parameters);
        if !self.state.is_empty() {
            query.append_pair("state", self.state);
        }
        drop(query);
        Redirect::to(self.to.as_str()).into_response()
    }

    fn refused(self, error: &str, why: &str) -> Response {
        self.with(&[("error", error), ("error_description", why)])
    }
}

fn page(query: &Form) -> Html<String> {
    let kept = query
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "login_hint" | "accept"));
    let hidden: String = kept
        .map(|(name, value)| {
            let (name, value) = (escape(name), escape(value));
            format!("<input type=hidden name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let hint = query.get("login_hint").map(String::as_str);
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>Sign in to Webex</title>\
         <h1>Causeway would like access to your Webex account</h1>\
         <form>{hidden}\
         <p><label>Account <input name=login_hint type=email value=\"{}\"></label></p>\
         <p><button name=accept value=1>Accept</button> \
         <button name=deny value=1>Decline</button></p></form>",
        escape(hint.unwrap_or_default()),
    ))
}
