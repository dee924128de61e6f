//! The browser's side of signing in: `/authorize` and `/adminconsent`.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use url::Url;

use super::{
    grants::{AuthorizationCode, Session},
    redirects::{Client, registered},
    refusal::TokenRefusal,
    scopes::{Asked, DELEGATED},
    sign_in::Door,
    token::{Form, read_scopes},
};
use crate::graph::{
    Tenant,
    directory::{User, UserKind},
};

/// `GET /{tenant}/oauth2/v2.0/authorize`
///
/// Redirects at once for a `login_hint` whose account has authorised the app; with `deny` the
/// person declines, with `accept` they sign in and consent. Otherwise a page says who is asked.
pub fn authorize(tenant: &Tenant, query: &Form) -> Result<Response, TokenRefusal> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    check_app(tenant, query)?;
    let (redirect, client) = registered(field("redirect_uri"))?;
    if field("response_type") != "code" {
        return Err(TokenRefusal::new(
            "unsupported_response_type",
            700_054,
            "The response_type is not enabled for the application.",
        ));
    }
    let asked = read_scopes(tenant, field("scope"))?;
    if query.contains_key("deny") {
        return Ok(declined(redirect, field("state")));
    }
    let user = tenant
        .state()
        .directory
        .resolve(field("login_hint"))
        .cloned();
    match user {
        Some(user) if user.enabled && is_decided(tenant, &user, &asked, query) => {
            signed_in(tenant, &user, &asked, query, (redirect, client))
        }
        Some(_) | None => Ok(page(query).into_response()),
    }
}

/// `GET /{tenant}/v2.0/adminconsent`: an administrator of the sandbox's tenant always agrees, for
/// everybody, unless `deny` is given. Without a `redirect_uri` the page itself is the end.
pub fn admin_consent(tenant: &Tenant, query: &Form) -> Result<Response, TokenRefusal> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    check_app(tenant, query)?;
    let asked = read_scopes(tenant, field("scope"))?;
    let redirect = query.get("redirect_uri").map(|uri| registered(uri));
    let redirect = redirect.transpose()?.map(|(uri, _)| uri);
    if let (Some(redirect), true) = (&redirect, query.contains_key("deny")) {
        return Ok(declined(redirect.clone(), field("state")));
    }
    tenant.grants().consent_for_all(scopes_of(&asked));
    let Some(redirect) = redirect else {
        let page = "<!doctype html><meta charset=utf-8><title>Permissions granted</title>\
                    <h1>Permissions granted</h1><p>You may close this window.</p>";
        return Ok(Html(page).into_response());
    };
    Ok(back(
        redirect,
        &[
            ("admin_consent", "True"),
            ("tenant", &tenant.ids.tenant),
            ("scope", "https://graph.microsoft.com/.default"),
            ("state", field("state")),
        ],
    ))
}

/// Text as it may stand between tags or in a quoted attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn check_app(tenant: &Tenant, query: &Form) -> Result<(), TokenRefusal> {
    let client = query.get("client_id").map(String::as_str);
    if client.is_some_and(|client| client.eq_ignore_ascii_case(&tenant.ids.client)) {
        return Ok(());
    }
    Err(TokenRefusal::new(
        "unauthorized_client",
        700_016,
        "The application was not found in the directory 'Acme, Inc.'.",
    ))
}

/// The permissions that a request means; all that the app was registered with where it names none.
fn scopes_of(asked: &Asked) -> &[&'static str] {
    if asked.default || asked.graph.is_empty() {
        DELEGATED
    } else {
        &asked.graph
    }
}

/// Whether the page has nothing to ask: the person has just accepted, or has nothing left to agree
/// to. An invitation is never redeemed without a look at the page.
fn is_decided(tenant: &Tenant, user: &User, asked: &Asked, query: &Form) -> bool {
    query.contains_key("accept")
        || (user.kind != UserKind::PendingGuest && tenant.grants().covers(&user.id, &asked.graph))
}

fn signed_in(
    tenant: &Tenant,
    user: &User,
    asked: &Asked,
    query: &Form,
    (redirect, client): (Url, Client),
) -> Result<Response, TokenRefusal> {
    let state = query.get("state").map(String::as_str).unwrap_or_default();
    match tenant.sign_in(user, scopes_of(asked), Door::Browser) {
        Ok(()) => {
            let code = issue(tenant, user, asked, query, client)?;
            Ok(back(redirect, &[("code", &code), ("state", state)]))
        }
        Err(refusal) if refusal.error == "access_denied" => Ok(back(
            redirect,
            &[
                ("error", refusal.error),
                ("error_description", &refusal.description()),
                ("state", state),
            ],
        )),
        // The app is not told: the person is left with Entra's own page.
        Err(refusal) => Ok(refusal_page(&refusal)),
    }
}

/// The page that tells a person why they get no further.
pub fn refusal_page(refusal: &TokenRefusal) -> Response {
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>Sign in to your account</title>\
         <h1>You can't get there from here</h1><p>{}</p>",
        escape(&refusal.description())
    );
    (StatusCode::FORBIDDEN, Html(page)).into_response()
}

fn issue(
    tenant: &Tenant,
    user: &User,
    asked: &Asked,
    query: &Form,
    client: Client,
) -> Result<String, TokenRefusal> {
    let method = query.get("code_challenge_method").map(String::as_str);
    let challenge = query.get("code_challenge").cloned();
    if challenge.is_some() && method != Some("S256") {
        return Err(TokenRefusal::new(
            "invalid_request",
            501_491,
            "The code_challenge_method must be S256.",
        ));
    }
    let now = tenant.now();
    let session = Session {
        user: user.id.clone(),
        strength: tenant.strength_at_a_page(),
        native: client == Client::Native,
    };
    let redirect = query.get("redirect_uri").cloned().unwrap_or_default();
    let code = AuthorizationCode {
        challenge,
        nonce: query.get("nonce").cloned(),
        openid: asked.openid,
        offline: asked.offline,
        ..AuthorizationCode::new(session, redirect, now)
    };
    Ok(tenant.grants().issue_code(&tenant.mint, code, now))
}

fn declined(redirect: Url, state: &str) -> Response {
    back(
        redirect,
        &[
            ("error", "access_denied"),
            ("error_subcode", "cancel"),
            (
                "error_description",
                "AADSTS65004: User declined to consent to access the app.",
            ),
            ("state", state),
        ],
    )
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
        "<!doctype html><meta charset=utf-8><title>Permissions requested</title>\
         <h1>Permissions requested</h1>\
         <p>Causeway asks to act as the account that signs in here.</p>\
         <form>{hidden}\
         <p><label>Account <input name=login_hint type=email value=\"{}\"></label></p>\
         <p><button name=accept value=1>Sign in and accept</button> \
         <button name=deny value=1>Cancel</button></p></form>",
        escape(hint.unwrap_or_default()),
    ))
}
