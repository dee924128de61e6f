//! Connecting a Slack workspace: by tokens that were pasted, or by an installation in a browser.

use std::collections::BTreeMap;

use causeway_connectors::{
    Secret, TokenOwner,
    slack::{Events, Installation, Installed},
};
use causeway_engine::{CLIENT_SECRET, SIGNING_SECRET, Secrets, owner_word, token_row};
use causeway_model::Platform;
use serde_json::json;

use super::{Plan, access_token, checked_url, connect, given, required, with_slash};
use crate::{
    Hub,
    address::Stored,
    api::{ConnectSlack, ConnectionView, ErrorCode, HubError},
    error::failed,
};

pub(crate) async fn connect_slack(
    hub: &Hub,
    args: ConnectSlack,
) -> Result<ConnectionView, HubError> {
    let api_url = args
        .api_url
        .unwrap_or_else(|| "https://slack.com/api/".to_owned());
    let app_token = given(args.app_token);
    let signing_secret = given(args.signing_secret);
    let events = how_events_come(hub, app_token.is_some(), signing_secret.is_some()).await?;
    let settings = json!({
        "api_url": with_slash(&checked_url(&api_url)?),
        "client_id": args.client_id,
        "events": events,
    });
    let bot_token = access_token(required(args.bot_token, "bot token")?);
    let app_token = app_token.map(|token| (owner_word(&TokenOwner::AppLevel), access_token(token)));
    let plan = Plan {
        platform: Platform::Slack,
        settings,
        secrets: Secrets::of([
            (CLIENT_SECRET, args.client_secret.map(Secret::new)),
            (SIGNING_SECRET, signing_secret.map(Secret::new)),
        ]),
        secret_ends: None,
        tokens: [(owner_word(&TokenOwner::App), bot_token)]
            .into_iter()
            .chain(app_token)
            .collect(),
        people: args
            .user_tokens
            .into_iter()
            .map(|(who, token)| (who, access_token(token)))
            .collect(),
    };
    connect(hub, plan).await
}

/// Connects the workspace that an administrator has just installed the app in.
pub(in crate::cases) async fn connect_installed(
    hub: &Hub,
    app: Installation,
    signing_secret: String,
    installed: Installed,
) -> Result<ConnectionView, HubError> {
    let settings = json!({
        "api_url": app.api_url,
        "client_id": app.client_id,
        "events": Events::Http,
    });
    let person = installed.person.into_iter();
    let plan = Plan {
        platform: Platform::Slack,
        settings,
        secrets: Secrets::of([
            (CLIENT_SECRET, Some(app.client_secret)),
            (SIGNING_SECRET, Some(Secret::new(signing_secret))),
        ]),
        secret_ends: None,
        tokens: BTreeMap::from([(owner_word(&TokenOwner::App), token_row(&installed.bot))]),
        people: person
            .map(|(account, tokens)| (account.to_string(), token_row(&tokens)))
            .collect(),
    };
    connect(hub, plan).await
}

/// Slack has Socket Mode switched on or off for the whole app: with an app token it is on.
async fn how_events_come(hub: &Hub, app_token: bool, signed: bool) -> Result<Events, HubError> {
    if app_token {
        return Ok(Events::Socket);
    }
    if !signed {
        let message = "The app token is missing, and so is a signing secret in its place.";
        return Err(failed(ErrorCode::InvalidArgument, message)
            .action("Give the app token, or the signing secret where the hub has a public address.")
            .build());
    }
    let stored = hub.read(Stored::read).await?;
    if hub.reached.public_url.is_none() && stored.public_url.is_none() {
        let message = "Slack cannot send events to this hub: it has no public address.";
        return Err(failed(ErrorCode::InvalidArgument, message)
            .action("Settle a public address first, or give the app token.")
            .build());
    }
    Ok(Events::Http)
}
