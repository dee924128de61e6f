//! Connecting a folder to a sandbox and pairing everybody, through the hub's own use cases.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use causeway_hub::{
    Client,
    api::{
        ConnectSlack, ConnectTeams, ErrorCode, ImportPeople, PairPerson, PersonRef, SecondaryWish,
        TuneConnection,
    },
};
use causeway_model::{Mode, Platform};
use causeway_sandbox::{ControlClient, acme};
use serde::Serialize;
use serde_json::Value;

use super::{Place, process::manage};

/// How often Teams is polled in a demo: the sandbox has no terms that forbid it.
const POLL_MS: u64 = 500;

#[derive(Debug, Serialize)]
pub struct Prepared {
    pub home: String,
    pub key_file: String,
    pub paired: Vec<PairedPerson>,
}

#[derive(Debug, Serialize)]
pub struct PairedPerson {
    pub email: String,
    pub name: String,
    pub primary: Platform,
    pub secondary: Platform,
    pub mode: Mode,
}

pub fn words(prepared: &Prepared) -> String {
    format!(
        "{} people paired in {}. Try it: causeway --home {} --key-file {} run --listen 127.0.0.1:0",
        prepared.paired.len(),
        prepared.home,
        prepared.home,
        prepared.key_file,
    )
}

/// Connects Slack and Teams, imports people, and pairs everyone who has somewhere to work.
pub async fn prepare(place: &Place, control: &ControlClient) -> Result<Prepared> {
    let description = control
        .credentials()
        .await
        .context("the sandbox does not answer")?;
    let client = manage(place).await?;
    client.call(slack(&description)?).await?;
    client.call(teams(&description)?).await?;
    // The sandbox's limits and code lives are in its own clock.
    let pace = Some(control.clock().await?.speed);
    for platform in [Platform::Slack, Platform::Teams] {
        client
            .call(TuneConnection {
                platform,
                pace,
                guest_sign_in: None,
                guest_passwords: BTreeMap::new(),
            })
            .await?;
    }
    client.call(ImportPeople::default()).await?;
    let paired = pair_everybody(&client).await?;
    client.close().await;
    Ok(Prepared {
        home: place.home.display().to_string(),
        key_file: place.key_file.display().to_string(),
        paired,
    })
}

/// Engineers work in Slack, sales reps in Teams; each is represented on the other side by their
/// own account where they have one, else by the app.
async fn pair_everybody(client: &Client) -> Result<Vec<PairedPerson>> {
    let mut paired = Vec::new();
    for member in acme::MEMBERS {
        let (primary, secondary) = home_and_away(member);
        let pair = PairPerson {
            person: PersonRef::Named(member.email.to_owned()),
            primary,
            secondary,
            wish: SecondaryWish::Best,
        };
        match client.call(pair).await {
            Ok(pairing) => paired.push(PairedPerson {
                email: member.email.to_owned(),
                name: member.name.to_owned(),
                primary,
                secondary,
                mode: pairing.mode,
            }),
            // Somebody whose account was switched off, or who is paired from an earlier time.
            Err(error)
                if matches!(
                    error.code,
                    ErrorCode::NotPairable | ErrorCode::AlreadyPaired
                ) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(paired)
}

pub fn home_and_away(member: &acme::Member) -> (Platform, Platform) {
    if member.title == "Engineer" {
        (Platform::Slack, Platform::Teams)
    } else {
        (Platform::Teams, Platform::Slack)
    }
}

fn slack(description: &Value) -> Result<ConnectSlack> {
    let credentials = &description["credentials"]["slack"];
    Ok(ConnectSlack {
        api_url: Some(text(&description["slack"])?),
        client_id: Some(text(&credentials["client_id"])?),
        client_secret: Some(text(&credentials["client_secret"])?),
        bot_token: text(&credentials["bot_token"])?,
        app_token: text(&credentials["app_token"])?,
        user_tokens: tokens(&credentials["user_tokens"])?,
    })
}

fn teams(description: &Value) -> Result<ConnectTeams> {
    let credentials = &description["credentials"]["entra"];
    let service_account = text(&credentials["service_account"])?;
    let mut refresh_tokens = tokens(&credentials["refresh_tokens"])?;
    let own = refresh_tokens
        .remove(&service_account)
        .context("the sandbox gives no token for the service account")?;
    Ok(ConnectTeams {
        graph_url: Some(text(&description["graph"])?),
        login_url: Some(text(&description["entra"])?),
        tenant: text(&credentials["tenant"])?,
        client_id: text(&credentials["client_id"])?,
        client_secret: text(&credentials["client_secret"])?,
        service_account,
        service_account_refresh_token: own,
        refresh_tokens,
        poll_every_ms: Some(POLL_MS),
    })
}

fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .context("the sandbox's description lacks a value")
}

fn tokens(value: &Value) -> Result<BTreeMap<String, String>> {
    serde_json::from_value(value.clone()).context("the sandbox's description lacks tokens")
}
