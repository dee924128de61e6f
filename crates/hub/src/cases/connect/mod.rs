//! Connecting platforms: credentials are proved by a call before anything is kept.

mod slack;
mod teams;
mod webex;
mod zoom;

use std::{collections::BTreeMap, sync::Arc};

use causeway_connectors::{Connector, Identity, TokenOwner, slack::Events};
use causeway_engine::{CLIENT_CERTIFICATE, CLIENT_SECRET, Secrets, owner_word};
use causeway_model::{ConnectionId, ExternalAccount, HealthState, Platform, Timestamp};
use causeway_store::{ConnectionRow, Lanes, NewConnection, StoreError, TokenRow, Tx};
use serde_json::json;

use super::{
    certificate,
    preflight::SECRET_ENDS,
    status::connection_view,
    trial::{self, TrialVault},
    tune::Tuning,
};
use crate::{
    Hub,
    api::{ConnectionView, ErrorCode, HubError},
    error::{failed, from_engine, from_failure},
};

pub(super) use slack::connect_installed;
pub(crate) use slack::connect_slack;
pub(super) use teams::app_proof;
pub(crate) use teams::connect_teams;
pub(crate) use webex::connect_webex;
pub(crate) use zoom::connect_zoom;

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

/// Whether somebody has to tell the platform where to send what happens.
pub(super) fn hears_by_requests(row: &ConnectionRow) -> bool {
    let settings = &row.settings["connector"];
    match row.connection.platform {
        Platform::Slack => settings["events"] == json!(Events::Http),
        Platform::Zoom => !settings["subscription_id"].is_string(),
        // They are told by calls of the hub's.
        Platform::Teams | Platform::Webex => false,
    }
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
        refresh_ends_at: None,
        scopes: String::new(),
    }
}

fn refresh_token(refresh: String) -> TokenRow {
    TokenRow {
        access: None,
        expires_at: None,
        refresh: Some(refresh),
        refresh_ends_at: None,
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
