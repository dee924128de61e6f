//! Connecting a Webex organisation through its own integration, bot and Service App.

use std::collections::BTreeMap;

use causeway_connectors::{Secret, TokenOwner};
use causeway_engine::{CLIENT_SECRET, GUEST_ISSUER_SECRET, Secrets, owner_word};
use causeway_model::Platform;
use causeway_store::TokenRow;
use serde_json::json;

use super::{Plan, access_token, connect, refresh_token, required};
use crate::{
    Hub,
    api::{ConnectWebex, ConnectionView, ErrorCode, HubError, ServiceSignInId, WebexGuestIssuer},
    cases::{
        service_app::{ServiceApp, WebexApp},
        service_sign_in::signed_in_service,
    },
    error::failed,
};

/// How often a poll may ask at most.
const SHORTEST_POLL_MS: u64 = 100;

pub(crate) async fn connect_webex(
    hub: &Hub,
    args: ConnectWebex,
) -> Result<ConnectionView, HubError> {
    let app = WebexApp::checked(args.api_url, &args.client_id, args.hear_by_sockets)?;
    let administrator = administrator(
        hub,
        &app,
        args.administrator_sign_in.as_ref(),
        args.administrator_refresh_token,
    )?;
    let mut settings = app.settings();
    if let Some(every) = args.poll_every_ms {
        settings["poll_every_ms"] = json!(every.max(SHORTEST_POLL_MS));
    }
    let mut tokens = BTreeMap::from([
        (
            owner_word(&TokenOwner::App),
            access_token(required(args.bot_token, "bot token")?),
        ),
        (owner_word(&TokenOwner::AppLevel), administrator),
    ]);
    let client_secret = required(args.client_secret, "integration's client secret")?;
    let mut issuer_secret = None;
    if let Some(issuer) = args.guest_issuer {
        let (client_id, secret, token) = checked_issuer(issuer)?;
        settings["guest_issuer"] = json!(client_id);
        issuer_secret = Some(secret);
        tokens.insert(owner_word(&TokenOwner::GuestIssuer), token);
    }
    let plan = Plan {
        platform: Platform::Webex,
        settings,
        secrets: Secrets::of([
            (CLIENT_SECRET, Some(Secret::new(client_secret))),
            (GUEST_ISSUER_SECRET, issuer_secret),
        ]),
        secret_ends: None,
        tokens,
        people: args
            .refresh_tokens
            .into_iter()
            .map(|(who, token)| (who, refresh_token(token)))
            .collect(),
    };
    let connected = connect(hub, plan).await?;
    if let Some(id) = &args.administrator_sign_in {
        // Its token lies in the database now; until then a wrong secret can be put right.
        hub.sign_ins.forget(id);
    }
    Ok(connected)
}

/// The token with which the hub reads as the organisation's administrator.
fn administrator(
    hub: &Hub,
    app: &WebexApp,
    sign_in: Option<&ServiceSignInId>,
    token: Option<String>,
) -> Result<TokenRow, HubError> {
    match (sign_in, token) {
        (Some(id), None) => {
            let app = ServiceApp::Webex(app.clone());
            signed_in_service(hub, id, &app, None).map(|service| service.token)
        }
        (None, Some(token)) => required(token, "administrator's refresh token").map(refresh_token),
        (None, None) => {
            let missing = "It is not said how the hub may read as an administrator.";
            let action = match app.hears_by_sockets() {
                true => "Sign an administrator in.",
                false => "Sign an administrator in who is compliance officer too.",
            };
            Err(failed(ErrorCode::InvalidArgument, missing)
                .action(action)
                .build())
        }
        (Some(_), Some(_)) => {
            let both = "An administrator has signed in, and a refresh token is given too.";
            Err(failed(ErrorCode::InvalidArgument, both)
                .action("Leave the refresh token out.")
                .build())
        }
    }
}

fn checked_issuer(issuer: WebexGuestIssuer) -> Result<(String, Secret, TokenRow), HubError> {
    let client_id = required(issuer.client_id, "Service App's client id")?;
    let secret = required(issuer.client_secret, "Service App's client secret")?;
    let token = required(issuer.refresh_token, "Service App's refresh token")?;
    Ok((client_id, Secret::new(secret), refresh_token(token)))
}
