//! `POST /{tenant}/oauth2/v2.0/token`
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{
    assertion,
    grants::{Session, Strength},
    refusal::TokenRefusal,
    scopes::{self, Asked},
    sign_in::{not_consented, unknown_account},
    tokens::ACCESS_LIFE_S,
};
use crate::graph::{Tenant, directory::User};

/// Which tenant the path named: only the tenant's own names may grant app-only tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    Tenant,
    Shared,
}

/// The decoded form of one token request.
pub type Form = HashMap<String, String>;

/// Answers one token request; `basic` is the `Authorization: Basic` header, where given.
pub fn answer(
    tenant: &Tenant,
    authority: Authority,
    mut form: Form,
    basic: Option<&str>,
) -> Result<Value, TokenRefusal> {
    take_basic(&mut form, basic);
    let grant = need(&form, "grant_type")?.to_owned();
    check_client(tenant, &form)?;
    match grant.as_str() {
        "client_credentials" => client_credentials(tenant, authority, &form),
        "refresh_token" => refresh(tenant, &form),
        "authorization_code" => code(tenant, &form),
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => device(tenant, &form),
        "password" => password(tenant, authority, &form),
        _ => Err(TokenRefusal::new(
            "unsupported_grant_type",
            70_003,
            "The app requested an unsupported grant type.",
        )),
    }
}

fn client_credentials(
    tenant: &Tenant,
    authority: Authority,
    form: &Form,
) -> Result<Value, TokenRefusal> {
    if !proves_itself(form) {
        return Err(TokenRefusal::new(
            "invalid_client",
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the \
             'client_credentials' grant type.",
        )
        .unauthorized());
    }
    if authority == Authority::Shared {
        return Err(TokenRefusal::new(
            "invalid_request",
            50_059,
            "No tenant-identifying information found in either the request or implied by any \
             provided credentials.",
        ));
    }
    let asked = read_scopes(tenant, need(form, "scope")?)?;
    if !asked.default || !asked.graph.is_empty() {
        return Err(TokenRefusal::new(
            "invalid_scope",
            1_002_012,
            "The provided value for scope is not valid. Client credential flows must have a scope \
             value with /.default suffixed to the resource identifier (application ID URI).",
        ));
    }
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFE_S,
        "ext_expires_in": ACCESS_LIFE_S,
        "access_token": tenant.access_token_of_app(),
    }))
}

fn refresh(tenant: &Tenant, form: &Form) -> Result<Value, TokenRefusal> {
    let token = need(form, "refresh_token")?;
    let session = tenant.grants().redeem_refresh(token, tenant.now())?;
    if session.native {
        check_native(tenant, form)?;
    }
    let user = active(tenant, &session.user)?;
    tenant.check_guest(&user)?;
    tenant.check_strength(session.strength)?;
    let mut asked = asked_or_all(tenant, form)?;
    // Whoever refreshes holds an offline grant already.
    asked.offline = true;
    tokens(tenant, &user, session, &asked, None)
}

/// The password grant. It works in the tenant's own name only, and asks nobody anything.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc>
fn password(tenant: &Tenant, authority: Authority, form: &Form) -> Result<Value, TokenRefusal> {
    if authority == Authority::Shared {
        return Err(TokenRefusal::new(
            "invalid_request",
            9_001_023,
            "The grant type is not supported over the /common or /organizations endpoints here. \
             Please use the tenant-specific endpoint.",
        ));
    }
    let (login, password) = (need(form, "username")?, need(form, "password")?);
    let user = tenant.state().directory.resolve(login).cloned();
    let user = active(tenant, &user.ok_or_else(unknown_account)?.id)?;
    tenant.check_password(&user, password)?;
    let asked = asked_or_all(tenant, form)?;
    let session = Session {
        user: user.id.clone(),
        strength: Strength::Password,
        native: false,
    };
    tokens(tenant, &user, session, &asked, None)
}

/// What the request asks for; without a `scope`, whatever was granted before.
fn asked_or_all(tenant: &Tenant, form: &Form) -> Result<Asked, TokenRefusal> {
    match form.get("scope") {
        Some(scope) => read_scopes(tenant, scope),
        None => Ok(Asked {
            default: true,
            openid: true,
            ..Asked::default()
        }),
    }
}

fn code(tenant: &Tenant, form: &Form) -> Result<Value, TokenRefusal> {
    let code = need(form, "code")?;
    // Who a client is comes before what it brings: its code is still good afterwards.
    let native = tenant.grants().is_native_code(code);
    match native {
        Some(true) => check_native(tenant, form)?,
        Some(false) => need_secret(form)?,
        None => {}
    }
    let held = tenant.grants().redeem_code(code, tenant.now())?;
    if need(form, "redirect_uri")? != held.redirect_uri {
        return Err(TokenRefusal::new(
            "invalid_client",
            50_011,
            "The redirect URI specified in the request does not match the one of the \
             authorization request.",
        ));
    }
    check_challenge(
        held.challenge.as_deref(),
        form.get("code_verifier").map(String::as_str),
    )?;
    let user = active(tenant, &held.session.user)?;
    let asked = Asked {
        default: true,
        openid: held.openid,
        offline: held.offline,
        graph: Vec::new(),
    };
    tokens(tenant, &user, held.session, &asked, held.nonce.as_deref())
}

fn device(tenant: &Tenant, form: &Form) -> Result<Value, TokenRefusal> {
    let code = form
        .get("device_code")
        .or_else(|| form.get("code"))
        .ok_or_else(|| TokenRefusal::missing("device_code"))?;
    if !tenant.switches().public_client {
        need_secret(form)?;
    }
    let signed_in = tenant.grants().poll_device(code, tenant.now())?;
    let user = active(tenant, &signed_in.session.user)?;
    let asked = Asked {
        default: true,
        openid: signed_in.openid,
        offline: signed_in.offline,
        graph: Vec::new(),
    };
    tokens(tenant, &user, signed_in.session, &asked, None)
}

/// The body of a successful delegated answer. The token carries every scope that the person has
/// consented to, not only those asked for, as Entra's do.
fn tokens(
    tenant: &Tenant,
    user: &User,
    session: Session,
    asked: &Asked,
    nonce: Option<&str>,
) -> Result<Value, TokenRefusal> {
    let consented = tenant.grants().consented(&user.id);
    let consented = tenant.switches().granted(&consented);
    if consented.is_empty() || asked.graph.iter().any(|scope| !consented.contains(scope)) {
        return Err(not_consented(tenant));
    }
    let mut named = consented.join(" ");
    if asked.openid {
        named.push_str(" openid profile email");
    }
    let mut body = json!({
        "token_type": "Bearer",
        "scope": named,
        "expires_in": ACCESS_LIFE_S,
        "ext_expires_in": ACCESS_LIFE_S,
        "access_token": tenant.access_token_of(user, &consented),
    });
    if asked.offline {
        let now = tenant.now();
        body["refresh_token"] = json!(tenant.grants().issue_refresh(&tenant.mint, session, now));
    }
    if asked.openid {
        body["id_token"] = json!(tenant.id_token_of(user, nonce));
    }
    Ok(body)
}

/// An account that may still sign in.
fn active(tenant: &Tenant, id: &str) -> Result<User, TokenRefusal> {
    let user = tenant.state().directory.find(id).cloned();
    match user {
        Some(user) if user.enabled => Ok(user),
        Some(_) => Err(TokenRefusal::new(
            "invalid_grant",
            50_057,
            "The user account is disabled.",
        )),
        None => Err(unknown_account()),
    }
}

/// Reads a `scope` parameter into what it asks for.
pub fn read_scopes(tenant: &Tenant, scope: &str) -> Result<Asked, TokenRefusal> {
    scopes::read(scope, tenant.graph_origin()).map_err(|unknown| {
        TokenRefusal::new(
            "invalid_scope",
            70_011,
            format!("The provided value for the input parameter 'scope' is not valid: {unknown}."),
        )
    })
}

/// A native app sends no secret, unless public use is switched off for it.
fn check_native(tenant: &Tenant, form: &Form) -> Result<(), TokenRefusal> {
    if !tenant.switches().public_client {
        return need_secret(form);
    }
    if form.contains_key("client_secret") {
        return Err(TokenRefusal::new(
            "invalid_client",
            700_025,
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        )
        .unauthorized());
    }
    Ok(())
}

fn need_secret(form: &Form) -> Result<(), TokenRefusal> {
    if form.contains_key("client_secret") {
        return Ok(());
    }
    Err(TokenRefusal::new(
        "invalid_client",
        7_000_218,
        "The request body must contain the following parameter: 'client_assertion' or \
         'client_secret'.",
    )
    .unauthorized())
}

/// A secret may be absent where a grant does not ask for it, but a wrong one is refused.
pub fn check_client(tenant: &Tenant, form: &Form) -> Result<(), TokenRefusal> {
    let client = need(form, "client_id")?;
    if !client.eq_ignore_ascii_case(&tenant.ids.client) {
        return Err(TokenRefusal::new(
            "unauthorized_client",
            700_016,
            format!(
                "Application with identifier '{client}' was not found in the directory \
                 'Acme, Inc.'."
            ),
        ));
    }
    if let Some(assertion) = form.get("client_assertion") {
        return assertion::check(tenant, need(form, "client_assertion_type")?, assertion);
    }
    let switches = tenant.switches();
    match form.get("client_secret") {
        Some(secret) if *secret != tenant.ids.client_secret => Err(TokenRefusal::new(
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is \
                 the client secret value, not the client secret ID, for a secret added to app \
                 '{client}'."
            ),
        )
        .unauthorized()),
        Some(_) if !switches.secret_valid => Err(TokenRefusal::new(
            "invalid_client",
            7_000_222,
            format!("The provided client secret keys for app '{client}' are expired."),
        )
        .unauthorized()),
        _ => Ok(()),
    }
}

/// Whether the app proves that it is one, by a secret or a certificate.
fn proves_itself(form: &Form) -> bool {
    form.contains_key("client_secret") || form.contains_key("client_assertion")
}

fn need<'form>(form: &'form Form, parameter: &str) -> Result<&'form str, TokenRefusal> {
    form.get(parameter)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| TokenRefusal::missing(parameter))
}

fn check_challenge(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), TokenRefusal> {
    let Some(challenge) = challenge else {
        return Ok(());
    };
    let verifier = verifier.ok_or_else(|| TokenRefusal::missing("code_verifier"))?;
    let hashed = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    if hashed == challenge {
        return Ok(());
    }
    Err(TokenRefusal::new(
        "invalid_grant",
        501_481,
        "The Code_Verifier does not match the code_challenge supplied in the authorization \
         request.",
    ))
}

/// RFC 6749 section 2.3.1: a client may name itself in the header instead of the form.
fn take_basic(form: &mut Form, header: Option<&str>) {
    let pair = header
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| STANDARD.decode(value.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((client, secret)) = pair.as_deref().and_then(|pair| pair.split_once(':')) else {
        return;
    };
    let decoded = |text: &str| {
        url::form_urlencoded::parse(format!("v={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    form.entry("client_id".to_owned())
        .or_insert_with(|| decoded(client));
    if !secret.is_empty() {
        form.entry("client_secret".to_owned())
            .or_insert_with(|| decoded(secret));
    }
}
