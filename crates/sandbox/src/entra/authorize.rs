//! The browser's side of signing in: `/authorize` and `/adminconsent`.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>

use axum::response::{Html, IntoResponse, Redirect, Response};
use url::Url;

use super::{
    grants::AuthorizationCode,
    refusal::TokenRefusal,
    scopes::{Asked, DELEGATED},
    token::{Form, read_scopes},
};
use crate::graph::{Tenant, directory::User};

/// `GET /{tenant}/oauth2/v2.0/authorize`
///
/// Redirects at once for a `login_hint` whose account has authorised the app; with `deny` the
/// person declines, with `accept` they sign in and consent. Otherwise a page says who is asked.
pub fn authorize(tenant: &Tenant, query: &Form) -> Result<Response, TokenRefusal> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if !field("client_id").eq_ignore_ascii_case(&tenant.ids.client) {
        return Err(TokenRefusal::new(
            "unauthorized_client",
            700_016,
            "The application was not found in the directory 'Acme, Inc.'.",
        ));
    }
    let redirect = redirect_uri(field("redirect_uri"))?;
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
        Some(user) if user.enabled && settled(tenant, &user, &asked, query) => {
            let code = issue(tenant, &user, &asked, query)?;
            Ok(back(
                redirect,
                &[("code", &code), ("state", field("state"))],
            ))
        }
        Some(user) => Ok(page(&user.display_name, query).into_response()),
        None => Ok(page("the person who is asked", query).into_response()),
    }
}

/// `GET /{tenant}/v2.0/adminconsent`: an administrator of the sandbox's tenant always agrees,
/// unless `deny` is given.
pub fn admin_consent(tenant: &Tenant, query: &Form) -> Result<Response, TokenRefusal> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let redirect = redirect_uri(field("redirect_uri"))?;
    if query.contains_key("deny") {
        return Ok(declined(redirect, field("state")));
    }
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

fn settled(tenant: &Tenant, user: &User, asked: &Asked, query: &Form) -> bool {
    if query.contains_key("accept") {
        let scopes = if asked.default {
            DELEGATED
        } else {
            &asked.graph
        };
        tenant.grants().consent(&user.id, scopes);
        return true;
    }
    let consented = tenant.grants().consented(&user.id);
    !consented.is_empty() && asked.graph.iter().all(|scope| consented.contains(scope))
}

fn issue(
    tenant: &Tenant,
    user: &User,
    asked: &Asked,
    query: &Form,
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
    let redirect = query.get("redirect_uri").cloned().unwrap_or_default();
    let code = AuthorizationCode {
        challenge,
        nonce: query.get("nonce").cloned(),
        openid: asked.openid,
        offline: asked.offline,
        ..AuthorizationCode::new(user.id.clone(), redirect, now)
    };
    Ok(tenant.grants().issue_code(&tenant.mint, code, now))
}

/// Native clients come back to loopback (any port) or their own scheme, web clients to HTTPS.
fn redirect_uri(text: &str) -> Result<Url, TokenRefusal> {
    let refused = || {
        TokenRefusal::new(
            "invalid_request",
            50_011,
            "The redirect URI specified in the request does not match the redirect URIs \
             configured for the application.",
        )
    };
    let uri = Url::parse(text).map_err(|_| refused())?;
    let loopback = matches!(uri.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if matches!(uri.scheme(), "javascript" | "data" | "file")
        || (uri.scheme() == "http" && !loopback)
    {
        return Err(refused());
    }
    Ok(uri)
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

fn page(who: &str, query: &Form) -> Html<String> {
    let with = |answer: &str| {
        let mut link = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in query {
            link.append_pair(name, value);
        }
        link.append_pair(answer, "1");
        escape(&link.finish())
    };
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>Permissions requested</title>\
         <h1>Permissions requested</h1>\
         <p>Causeway asks to act as {}, who should sign in here.</p>\
         <p><a href=\"?{}\">Accept</a> <a href=\"?{}\">Cancel</a></p>",
        escape(who),
        with("accept"),
        with("deny"),
    ))
}
