//! Connecting a hub to a sandbox, through the hub's own use cases.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use causeway_hub::{
    Client,
    api::{ConnectSlack, ConnectTeams, ImportPeople, TuneConnection},
};
use causeway_model::Platform;
use causeway_sandbox::{ControlClient, acme};
use serde_json::Value;

/// How often Teams is polled on a sandbox, which has no terms that forbid it.
const POLL_MS: u64 = 500;

/// Connects Slack and Teams of a sandbox, and imports everyone.
///
/// # Errors
/// When the sandbox does not answer, or the hub refuses.
pub async fn connect(client: &Client, control: &ControlClient) -> Result<()> {
    let description = control
        .credentials()
        .await
        .context("the sandbox does not answer")?;
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
    Ok(())
}

/// Where a member of Acme works, and where somebody has to stand for them: engineers work in
/// Slack, sales reps in Teams.
#[must_use]
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
        app_token: Some(text(&credentials["app_token"])?),
        signing_secret: None,
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
        client_secret_ends: None,
        certificate: false,
        service_account: Some(service_account),
        service_sign_in: None,
        service_account_refresh_token: Some(own),
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
