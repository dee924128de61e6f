//! Connecting platforms: credentials are proved by a call before anything is kept.

use std::{collections::BTreeMap, sync::Arc};

use causeway_connectors::{
    Connector, Identity, Secret, TokenOwner,
    slack::{Events, Installation, Installed},
};
use causeway_engine::{
    CLIENT_CERTIFICATE, CLIENT_SECRET, SIGNING_SECRET, Secrets, owner_word, token_row,
};
use causeway_model::{ConnectionId, ExternalAccount, HealthState, Platform, Timestamp};
use causeway_store::{ConnectionRow, Lanes, NewConnection, StoreError, TokenRow, Tx};
use serde_json::json;

use super::{
    certificate,
    preflight::SECRET_ENDS,
    service_sign_in::signed_in_service,
    status::connection_view,
    teams_app::TeamsApp,
    trial::{self, TrialVault},
    tune::Tuning,
};
use crate::{
    Hub,
    address::Stored,
    api::{ConnectSlack, ConnectTeams, ConnectionView, ErrorCode, HubError},
    error::{failed, from_engine, from_failure},
};

/// Everything that connecting a platform needs, whichever it is.
struct Plan {
    platform: Platform,
    /// The connector's settings.
    settings: serde_json::Value,
    /// By their names in the store.
    secrets: Secrets,
    /// When the app's secret ends, where that is known.
    secret_ends: Option<Timestamp>,
    tokens: BTreeMap<String, TokenRow>,
    /// People's tokens, by address or account id.
    people: BTreeMap<String, TokenRow>,
}

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
pub(super) async fn connect_installed(
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

/// Whether the platform has been told where to send what happens.
pub(super) fn hears_by_requests(row: &ConnectionRow) -> bool {
    row.settings["connector"]["events"] == json!(Events::Http)
}

fn given(text: Option<String>) -> Option<String> {
    let text = text.map(|text| text.trim().to_owned());
    text.filter(|text| !text.is_empty())
}

async fn connect(hub: &Hub, plan: Plan) -> Result<ConnectionView, HubError> {
    let known = find(hub, plan.platform).await?;
    let existing = known.as_ref().map(|row| row.connection.id);
    // How it is used was settled apart from its credentials, and stays.
    let tuning = Tuning::of(known.as_ref().map(|row| &row.settings));
    let (identity, connector, renewed) = prove(hub, &plan).await?;
    let people = name_owners(connector.as_ref(), &plan).await?;
    let proof = Proof {
        identity,
        people,
        tokens: renewed.tokens(),
    };
    let id = keep(hub, plan, existing, tuning, proof).await?;
    let changed = match existing {
        Some(_) => hub.engine.reload(id).await,
        None if hub.relays => hub.engine.add(id).await,
        None => hub.engine.reload(id).await,
    };
    changed.map_err(|error| from_engine(&error))?;
    hub.engine
        .pairings_changed()
        .await
        .map_err(|error| from_engine(&error))?;
    hub.check_soon(id);
    connection_view(hub, id).await
}

/// What the app proves itself with: the certificate that the hub made, or the secret that was given.
pub(super) async fn app_proof(
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

/// Tries the credentials with tokens that are kept in memory only.
async fn prove(
    hub: &Hub,
    plan: &Plan,
) -> Result<(Identity, Arc<dyn Connector>, Arc<TrialVault>), HubError> {
    let vault = Arc::new(TrialVault::new(plan.tokens.clone()));
    let name = plan.platform.name();
    let connector = trial::connector(
        hub,
        plan.platform,
        json!({ "connector": plan.settings }),
        &plan.secrets,
        &vault,
    )?;
    let identity = connector
        .identify()
        .await
        .map_err(|failure| from_failure(&failure, name))?;
    Ok((identity, connector, vault))
}

/// The connection to a platform, where there is one.
pub(super) async fn find(hub: &Hub, platform: Platform) -> Result<Option<ConnectionRow>, HubError> {
    let rows = hub.read(|reader| reader.connections()).await?;
    Ok(rows
        .into_iter()
        .find(|row| row.connection.platform == platform))
}

/// The connection to a platform that has to be there.
pub(super) async fn connected(hub: &Hub, platform: Platform) -> Result<ConnectionRow, HubError> {
    find(hub, platform).await?.ok_or_else(|| {
        failed(
            ErrorCode::NotFound,
            format!("{} is not connected.", platform.name()),
        )
        .action("Connect it first.")
        .build()
    })
}

/// Whose tokens were given: addresses become account ids by the platform's own directory.
async fn name_owners(
    connector: &dyn Connector,
    plan: &Plan,
) -> Result<Vec<(ExternalAccount, TokenRow)>, HubError> {
    if plan.people.is_empty() {
        return Ok(Vec::new());
    }
    let mut by_address = BTreeMap::new();
    let mut known = Vec::new();
    let mut next = None;
    loop {
        let page = connector
            .directory(next)
            .await
            .map_err(|failure| from_failure(&failure, plan.platform.name()))?;
        for account in page.accounts {
            if let Some(email) = &account.email {
                by_address.insert(email.to_lowercase(), account.external.clone());
            }
            known.push(account.external);
        }
        match page.next {
            Some(token) => next = Some(token),
            None => break,
        }
    }
    let mut owners = Vec::new();
    for (who, token) in &plan.people {
        let by_id = known.iter().find(|account| account.as_str() == who);
        let owner = by_address
            .get(&who.to_lowercase())
            .or(by_id)
            .ok_or_else(|| {
                failed(
                    ErrorCode::NotFound,
                    format!(
                        "A token was given for someone whom {} does not know.",
                        plan.platform.name()
                    ),
                )
                .action("Give the address or id of an account there.")
                .build()
            })?;
        owners.push((owner.clone(), token.clone()));
    }
    Ok(owners)
}

/// What was proved.
struct Proof {
    identity: Identity,
    people: Vec<(ExternalAccount, TokenRow)>,
    /// The hub's own, as the platform may have renewed them meanwhile.
    tokens: BTreeMap<String, TokenRow>,
}

/// Commits the connection with everything that was proved, in one piece.
async fn keep(
    hub: &Hub,
    plan: Plan,
    existing: Option<ConnectionId>,
    tuning: Tuning,
    proof: Proof,
) -> Result<ConnectionId, HubError> {
    let mut settings = json!({
        "connector": plan.settings,
        "own_accounts": proof.identity.own_accounts,
    });
    tuning.write(plan.platform, &mut settings);
    if let Some(ends) = plan.secret_ends {
        settings[SECRET_ENDS] = json!(ends);
    }
    let new = NewConnection {
        platform: plan.platform,
        name: proof.identity.name,
        settings,
    };
    let own_accounts = proof.identity.own_accounts;
    let now = hub.engine.clock().now();
    hub.write(move |tx| {
        let id = match existing {
            Some(id) => {
                tx.update_connection_settings(id, &new.settings)?;
                tx.rename_connection(id, &new.name)?;
                id
            }
            None => match tx.return_connection(&new, &own_accounts, now)? {
                Some(id) => id,
                None => tx.add_connection(&new, now)?,
            },
        };
        // An app proves itself in one way.
        if plan.secrets.has(CLIENT_CERTIFICATE) {
            tx.remove_secret(id, CLIENT_SECRET)?;
            certificate::taken(tx)?;
        } else if plan.secrets.has(CLIENT_SECRET) {
            tx.remove_secret(id, CLIENT_CERTIFICATE)?;
        }
        for (name, secret) in plan.secrets.all() {
            tx.put_secret(id, name, secret)?;
        }
        for (owner, token) in proof.tokens {
            tx.put_token(id, &owner, &token)?;
        }
        for (account, token) in proof.people {
            keep_granted(tx, id, account, &token, now)?;
        }
        tx.set_health(id, HealthState::Connected, None, now, true)?;
        tx.resume_waiting(Lanes::Connection(id))?;
        Ok(id)
    })
    .await
}

/// Someone's own token answers whatever they were asked before.
fn keep_granted(
    tx: &Tx<'_>,
    connection: ConnectionId,
    owner: ExternalAccount,
    token: &TokenRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(account) = tx.account_by_external(connection, &owner)?
        && let Some(asked) = tx.consent(account.id)?
        && let Ok(granted) = asked.grant(now, token.scopes.clone())
    {
        tx.set_consent(account.id, &granted)?;
    }
    tx.put_token(connection, &owner_word(&TokenOwner::Account(owner)), token)
}

fn access_token(access: String) -> TokenRow {
    TokenRow {
        access: Some(access),
        expires_at: None,
        refresh: None,
        scopes: String::new(),
    }
}

fn refresh_token(refresh: String) -> TokenRow {
    TokenRow {
        access: None,
        expires_at: None,
        refresh: Some(refresh),
        scopes: String::new(),
    }
}

pub(super) fn required(value: String, what: &str) -> Result<String, HubError> {
    let value = value.trim();
    if value.is_empty() {
        return Err(failed(
            ErrorCode::InvalidArgument,
            format!("The {what} is missing."),
        )
        .build());
    }
    Ok(value.to_owned())
}

/// Plain HTTP only ever reaches this machine.
pub(super) fn checked_url(text: &str) -> Result<String, HubError> {
    let refuse = |why: &str| {
        Err(
            failed(ErrorCode::InvalidArgument, format!("A base URL {why}."))
                .action("Give it as https://…, without a query.")
                .build(),
        )
    };
    let Ok(url) = url::Url::parse(text) else {
        return refuse("cannot be read");
    };
    let local = url.host().is_some_and(|host| match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    });
    match url.scheme() {
        "https" => Ok(text.to_owned()),
        "http" if local => Ok(text.to_owned()),
        _ => refuse("must begin with https:// unless it is on this machine"),
    }
}

pub(super) fn with_slash(url: &str) -> String {
    if url.ends_with('/') {
        url.to_owned()
    } else {
        format!("{url}/")
    }
}
