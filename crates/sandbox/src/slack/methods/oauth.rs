//! `oauth.v2.*`, `apps.connections.open` and `api.test`
//! (<https://docs.slack.dev/authentication/installing-with-oauth/>).

use serde_json::{Value, json};

use super::{
    super::{
        arguments::basic,
        failure::Failure,
        tokens::{BOT_SCOPES, Grant, Holder, ROTATING_MS, Rotated, USER_SCOPES, scopes},
    },
    Answer, AppCall, OpenCall,
};

pub fn api_test(call: &mut OpenCall<'_>) -> Answer {
    let args = call.args.all().clone();
    if let Some(error) = call.args.text("error") {
        return Ok(json!({ "ok": false, "error": error, "args": args }));
    }
    Ok(json!({ "ok": true, "args": args }))
}

pub fn open_connection(call: &mut AppCall<'_>) -> Answer {
    let url = call.sockets.ticket(call.app)?;
    Ok(json!({ "ok": true, "url": url }))
}

/// A code or a refresh token for tokens.
pub fn access(call: &mut OpenCall<'_>) -> Answer {
    check_client(call)?;
    match call.args.text("grant_type").as_deref() {
        None | Some("authorization_code") => redeem(call),
        Some("refresh_token") => {
            let refresh = call
                .args
                .text("refresh_token")
                .ok_or("invalid_refresh_token")?;
            let rotated = call.state.tokens.renew(&refresh, call.now)?;
            Ok(rotated_json(call, &rotated))
        }
        Some(_) => Err("invalid_grant_type".into()),
    }
}

/// Turns a long-lived token into a rotating one.
pub fn exchange(call: &mut OpenCall<'_>) -> Answer {
    check_client(call)?;
    let token = call.args.token.clone().ok_or("invalid_token")?;
    let rotated = call.state.tokens.exchange(&token, call.now)?;
    Ok(rotated_json(call, &rotated))
}

fn check_client(call: &OpenCall<'_>) -> Result<(), Failure> {
    let in_header = basic(call.headers);
    let id = in_header
        .as_ref()
        .map(|(id, _)| id.clone())
        .or_else(|| call.args.text("client_id"));
    let secret = in_header
        .map(|(_, secret)| secret)
        .or_else(|| call.args.text("client_secret"));
    if id.as_deref() != Some(call.state.app.client_id.as_str()) {
        return Err("invalid_client_id".into());
    }
    if secret.as_deref() != Some(call.state.app.client_secret.as_str()) {
        return Err("bad_client_secret".into());
    }
    Ok(())
}

fn redeem(call: &mut OpenCall<'_>) -> Answer {
    let code = call.args.text("code").ok_or("invalid_code")?;
    let grant = call.state.tokens.redeem(&code, call.now)?;
    if grant.redirect_uri != call.args.text("redirect_uri") {
        return Err("bad_redirect_uri".into());
    }
    Ok(granted_json(call, grant))
}

/// With bot scopes the bot's token stands at the top; the person's token stands in `authed_user`.
fn granted_json(call: &mut OpenCall<'_>, grant: Grant) -> Value {
    let mut answer = app_json(call);
    let mut user = json!({ "id": grant.user });
    if !grant.user_scopes.is_empty() {
        user["scope"] = grant.user_scopes.join(",").into();
        user["token_type"] = "user".into();
        let holder = Holder::User(grant.user);
        user["access_token"] = call.state.tokens.issue(holder, grant.user_scopes).into();
    }
    answer["authed_user"] = user;
    if !grant.bot_scopes.is_empty() {
        answer["scope"] = grant.bot_scopes.join(",").into();
        answer["token_type"] = "bot".into();
        answer["access_token"] = call
            .state
            .tokens
            .issue(Holder::Bot, grant.bot_scopes)
            .into();
        answer["bot_user_id"] = json!(call.state.app.bot_user);
    }
    answer
}

fn rotated_json(call: &OpenCall<'_>, rotated: &Rotated) -> Value {
    let mut answer = app_json(call);
    answer["access_token"] = rotated.access.clone().into();
    answer["refresh_token"] = rotated.refresh.clone().into();
    answer["expires_in"] = (ROTATING_MS / 1000).into();
    answer["scope"] = rotated.scopes.join(",").into();
    match &rotated.holder {
        Holder::User(user) => {
            answer["token_type"] = "user".into();
            answer["user_id"] = json!(user);
            answer["authed_user"] = json!({ "id": user });
        }
        Holder::Bot | Holder::App => {
            answer["token_type"] = "bot".into();
            answer["bot_user_id"] = json!(call.state.app.bot_user);
        }
    }
    answer
}

fn app_json(call: &OpenCall<'_>) -> Value {
    let app = &call.state.app;
    json!({
        "ok": true,
        "app_id": app.id,
        "team": { "id": app.team, "name": app.team_name },
        "enterprise": null,
        "is_enterprise_install": false,
    })
}

/// The scopes of an authorisation request. The app is set up for these and no others.
pub fn granted_scopes(bot: &str, user: &str) -> Result<(Vec<String>, Vec<String>), &'static str> {
    let (bot, user) = (scopes(bot), scopes(user));
    let known = |asked: &[String], all: &str| {
        let all = scopes(all);
        asked.iter().all(|scope| all.contains(scope))
    };
    if bot.is_empty() && user.is_empty() {
        return Err("no_scopes");
    }
    // A person's token may hold what the list of the bot names, for reading.
    if !known(&bot, BOT_SCOPES) || !known(&user, &format!("{USER_SCOPES},{BOT_SCOPES}")) {
        return Err("invalid_scope");
    }
    Ok((bot, user))
}
