//! `POST /oauth/token`: what each grant gives.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{
    super::{ZoomAccount, ids::UserId},
    endpoints::Form,
    refusal::TokenRefusal,
    scopes,
    tokens::{ACCESS_LIFE_S, App, Client, Ended},
};

/// What a token request proves about who makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proven {
    App(App),
    /// It gave the public client id, which proves nothing.
    Public,
}

/// Answers one token request.
pub fn answer(here: &ZoomAccount, form: &Form, basic: Option<&str>) -> Result<Value, TokenRefusal> {
    let who = proven(here, form, basic)?;
    match (field(form, "grant_type")?, who) {
        ("account_credentials", Proven::App(App::ServerToServer)) => account(here, form),
        ("client_credentials", Proven::App(App::ServerToServer)) => {
            // Its socket needs no more, and what acts for the account names the account.
            Ok(own(
                here,
                App::ServerToServer,
                vec![scopes::SOCKET.to_owned()],
            ))
        }
        ("client_credentials", Proven::App(App::Chatbot)) => {
            Ok(own(here, App::Chatbot, scopes::of(App::Chatbot)))
        }
        ("authorization_code", Proven::App(App::User)) => code(here, form, Client::Confidential),
        ("authorization_code", Proven::Public) => code(here, form, Client::Public),
        ("refresh_token", Proven::App(App::User)) => refresh(here, form, Client::Confidential),
        ("refresh_token", Proven::Public) => refresh(here, form, Client::Public),
        (
            "account_credentials" | "client_credentials" | "authorization_code" | "refresh_token",
            Proven::App(_) | Proven::Public,
        ) => Err(TokenRefusal::new(
            "unauthorized_client",
            "The app may not use this grant type",
        )),
        _ => Err(TokenRefusal::new(
            "unsupported_grant_type",
            "Grant type is not supported from token endpoint",
        )),
    }
}

/// Which of the apps a request comes from: its secret is in `Authorization: Basic` or in the form.
pub fn proven(
    here: &ZoomAccount,
    form: &Form,
    basic: Option<&str>,
) -> Result<Proven, TokenRefusal> {
    let (id, secret) = match basic.map(decoded) {
        Some(pair) => pair.ok_or_else(TokenRefusal::client)?,
        None => (
            form.get("client_id").cloned().unwrap_or_default(),
            form.get("client_secret").cloned().unwrap_or_default(),
        ),
    };
    if id == here.keys.public_client_id {
        return Ok(Proven::Public);
    }
    here.keys
        .app(&id)
        .filter(|app| here.keys.of(*app).secret == secret)
        .filter(|app| !here.switches().rotated.contains(app))
        .map(Proven::App)
        .ok_or_else(TokenRefusal::client)
}

fn decoded(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn account(here: &ZoomAccount, form: &Form) -> Result<Value, TokenRefusal> {
    if field(form, "account_id")? != here.keys.account_id {
        return Err(TokenRefusal::request("Bad Request"));
    }
    let scopes = scopes::of(App::ServerToServer);
    Ok(own(here, App::ServerToServer, scopes))
}

/// A token of the account's own app: asked for again when it ends.
fn own(here: &ZoomAccount, app: App, scopes: Vec<String>) -> Value {
    let scopes = here.switches().granted(scopes.into_iter());
    let scope = scopes.join(" ");
    let token = here.grant((app, None), scopes);
    json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": ACCESS_LIFE_S,
        "scope": scope,
        "api_url": here.origin(),
    })
}

fn code(here: &ZoomAccount, form: &Form, client: Client) -> Result<Value, TokenRefusal> {
    let refused = || TokenRefusal::grant("Invalid authorization code");
    let now = here.now();
    let code = here
        .tokens()
        .redeem_code(field(form, "code")?, now)
        .filter(|code| code.client == client)
        .ok_or_else(refused)?;
    if form.get("redirect_uri") != Some(&code.redirect) {
        return Err(TokenRefusal::grant("Redirect URI mismatch"));
    }
    check_verifier(form, code.challenge.as_deref())?;
    check_active(here, &code.user)?;
    // Whatever the person had authorised before ends here.
    here.tokens().end_all_of(&code.user, Ended::Replaced);
    Ok(given(here, &code.user, client))
}

fn check_verifier(form: &Form, challenge: Option<&str>) -> Result<(), TokenRefusal> {
    let verifier = form.get("code_verifier");
    let fits = match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(challenge), Some(verifier)) => {
            URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge
        }
    };
    if fits {
        return Ok(());
    }
    Err(TokenRefusal::grant("Invalid code verifier"))
}

fn refresh(here: &ZoomAccount, form: &Form, client: Client) -> Result<Value, TokenRefusal> {
    let token = field(form, "refresh_token")?;
    let now = here.now();
    let user = {
        let mut tokens = here.tokens();
        // Another client's token must not be used up by a request that may not have it.
        if tokens
            .client_of_refresh(token)
            .is_some_and(|own| own != client)
        {
            return Err(TokenRefusal::grant("Invalid Token!"));
        }
        let redeemed = tokens.redeem_refresh(token, now);
        redeemed
            .map_err(|ended| TokenRefusal::grant(reason(ended)))?
            .user
    };
    check_active(here, &user)?;
    Ok(given(here, &user, client))
}

fn reason(ended: Ended) -> &'static str {
    match ended {
        Ended::Replaced => "Token has been revoked by a newer authorization",
        Ended::Expired | Ended::Revoked | Ended::Used => "Invalid Token!",
    }
}

fn check_active(here: &ZoomAccount, user: &UserId) -> Result<(), TokenRefusal> {
    let active = here.look(|state, _| {
        let found = state.directory.get(user);
        found.is_some_and(|user| user.is_active())
    });
    if active {
        return Ok(());
    }
    Err(TokenRefusal::grant("User is not active"))
}

/// A person's pair of tokens.
fn given(here: &ZoomAccount, user: &UserId, client: Client) -> Value {
    let mut answer = {
        let scopes = here.switches().granted(scopes::of(App::User).into_iter());
        let scope = scopes.join(" ");
        let token = here.grant((App::User, Some(user.clone())), scopes);
        json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": ACCESS_LIFE_S,
            "scope": scope,
            "api_url": here.origin(),
        })
    };
    answer["refresh_token"] = json!(here.grant_refresh(user, client));
    answer
}

fn field<'a>(form: &'a Form, name: &str) -> Result<&'a str, TokenRefusal> {
    let value = form.get(name).filter(|value| !value.is_empty());
    value
        .map(String::as_str)
        .ok_or_else(|| TokenRefusal::request(&format!("Missing {name}")))
}
