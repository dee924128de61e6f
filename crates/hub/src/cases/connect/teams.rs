//! Connecting a Microsoft 365 tenant through the organisation's own app registration.

use std::collections::BTreeMap;

use causeway_connectors::{Secret, TokenOwner};
use causeway_engine::{CLIENT_CERTIFICATE, CLIENT_SECRET, Secrets, owner_word};
use causeway_model::Platform;
use serde_json::json;

use super::{Plan, connect, refresh_token, required};
use crate::{
    Hub,
    api::{ConnectTeams, ConnectionView, ErrorCode, HubError},
    cases::{
        certificate,
        service_app::{ServiceApp, TeamsApp},
        service_sign_in::signed_in_service,
    },
    error::failed,
};

pub(crate) async fn connect_teams(
    hub: &Hub,
    args: ConnectTeams,
) -> Result<ConnectionView, HubError> {
    let app = TeamsApp::checked(
        args.graph_url,
        args.login_url,
        &args.tenant,
        &args.client_id,
    )?;
    let given = args.service_account.as_deref();
    let (service_account, token) = match (&args.service_sign_in, args.service_account_refresh_token)
    {
        (Some(id), None) => {
            let app = ServiceApp::Teams(app.clone());
            let service = signed_in_service(hub, id, &app, given)?;
            (service.own.account.as_str().to_owned(), service.token)
        }
        (None, Some(token)) => (
            required(given.unwrap_or_default().to_owned(), "service account")?,
            refresh_token(required(token, "service account's refresh token")?),
        ),
        (None, None) => {
            let missing = "It is not said how the hub may speak as the service account.";
            return Err(failed(ErrorCode::InvalidArgument, missing)
                .action("Sign the service account in.")
                .build());
        }
        (Some(_), Some(_)) => {
            let both = "The service account has signed in, and a refresh token of it is given too.";
            return Err(failed(ErrorCode::InvalidArgument, both)
                .action("Leave the refresh token out.")
                .build());
        }
    };
    let mut settings = app.settings(&service_account);
    if let Some(every) = args.poll_every_ms {
        settings["poll_every_ms"] = json!(every.max(100));
    }
    let secrets = app_proof(hub, args.certificate, args.client_secret).await?;
    let plan = Plan {
        platform: Platform::Teams,
        settings,
        secrets,
        secret_ends: args.client_secret_ends,
        tokens: BTreeMap::from([(owner_word(&TokenOwner::App), token)]),
        people: args
            .refresh_tokens
            .into_iter()
            .map(|(who, token)| (who, refresh_token(token)))
            .collect(),
    };
    let connected = connect(hub, plan).await?;
    if let Some(id) = &args.service_sign_in {
        // Its token lies in the database now; until then a wrong secret can be put right.
        hub.sign_ins.forget(id);
    }
    Ok(connected)
}

/// What the app proves itself with: the certificate that the hub made, or the secret that was given.
pub(in crate::cases) async fn app_proof(
    hub: &Hub,
    by_certificate: bool,
    client_secret: String,
) -> Result<Secrets, HubError> {
    Ok(match by_certificate {
        true => {
            let made = certificate::for_connecting(hub).await?;
            Secrets::of([(CLIENT_CERTIFICATE, Some(made))])
        }
        false => {
            let secret = required(client_secret, "client secret")?;
            Secrets::of([(CLIENT_SECRET, Some(Secret::new(secret)))])
        }
    })
}
