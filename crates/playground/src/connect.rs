//! Connecting a hub to a sandbox, through the hub's own use cases.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use causeway_hub::{
    Client,
    api::{
        ConnectSlack, ConnectTeams, ConnectWebex, ConnectZoom, ImportPeople, TuneConnection,
        WebexGuestIssuer, ZoomChatbot,
    },
};
use causeway_model::Platform;
use causeway_sandbox::{ControlClient, acme};
use serde_json::Value;

/// How often a sandbox is polled, which has no terms that forbid it.
const POLL_MS: u64 = 500;

/// Connects platforms of a sandbox, and imports everyone.
///
/// # Errors
/// When the sandbox does not answer, or the hub refuses.
pub async fn connect(
    client: &Client,
    control: &ControlClient,
    platforms: &[Platform],
) -> Result<()> {
    let description = control
        .credentials()
        .await
        .context("the sandbox does not answer")?;
    // The sandbox's limits and code lives are in its own clock.
    let pace = Some(control.clock().await?.speed);
    for platform in platforms.iter().copied() {
        match platform {
            Platform::Slack => drop(client.call(slack(&description)?).await?),
            Platform::Teams => drop(client.call(teams(&description)?).await?),
            Platform::Webex => drop(client.call(webex(&description)?).await?),
            Platform::Zoom => drop(client.call(zoom(&description)?).await?),
        }
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

/// Where a member of Acme works.
#[must_use]
pub fn home(member: &acme::Member) -> Platform {
    Platform::from_word(member.home).unwrap_or(Platform::Slack)
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

fn webex(description: &Value) -> Result<ConnectWebex> {
    let credentials = &description["credentials"]["webex"];
    let issuer = &credentials["guest_issuer"];
    Ok(ConnectWebex {
        api_url: Some(text(&description["webex"])?),
        client_id: text(&credentials["client_id"])?,
        client_secret: text(&credentials["client_secret"])?,
        bot_token: text(&credentials["bot_token"])?,
        administrator_sign_in: None,
        administrator_refresh_token: Some(text(&credentials["administrator_refresh_token"])?),
        guest_issuer: Some(WebexGuestIssuer {
            client_id: text(&issuer["client_id"])?,
            client_secret: text(&issuer["client_secret"])?,
            refresh_token: text(&issuer["refresh_token"])?,
        }),
        refresh_tokens: tokens(&credentials["refresh_tokens"])?,
        poll_every_ms: Some(POLL_MS),
        hear_by_sockets: false,
    })
}

fn zoom(description: &Value) -> Result<ConnectZoom> {
    let credentials = &description["credentials"]["zoom"];
    let (app, chatbot) = (&credentials["server_to_server"], &credentials["chatbot"]);
    Ok(ConnectZoom {
        api_url: Some(text(&description["zoom"])?),
        oauth_url: Some(text(&credentials["oauth"])?),
        socket_url: Some(text(&credentials["socket"])?),
        account_id: text(&credentials["account_id"])?,
        client_id: text(&app["client_id"])?,
        client_secret: text(&app["client_secret"])?,
        subscription_id: Some(text(&credentials["subscription_id"])?),
        secret_token: None,
        service_user: text(&credentials["service_user"])?,
        chatbot: Some(ZoomChatbot {
            client_id: text(&chatbot["client_id"])?,
            client_secret: text(&chatbot["client_secret"])?,
            robot_jid: text(&chatbot["robot_jid"])?,
        }),
        user_app: None,
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
