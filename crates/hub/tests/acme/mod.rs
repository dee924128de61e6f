//! A folder connected to a sandbox, where nothing is relayed.

use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{ConnectSlack, ConnectTeams},
};
use causeway_sandbox::{Running, Sandbox};
use serde_json::Value;
use tempfile::TempDir;

pub struct Acme {
    pub client: Client,
    pub folder: TempDir,
    _running: Running,
}

impl Acme {
    /// Both platforms connected, and nobody imported; whose tokens are given, on Teams.
    pub async fn connected(authorised: &[&str]) -> Self {
        let running = Sandbox::start(causeway_sandbox::Options::default())
            .await
            .expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        let client = open(&folder).await;
        let description = running.description();
        client
            .call(slack(&description))
            .await
            .expect("Slack connects");
        client
            .call(teams(&description, authorised))
            .await
            .expect("Teams connects");
        Self {
            client,
            folder,
            _running: running,
        }
    }
}

/// Opens a folder for calls alone.
pub async fn open(folder: &TempDir) -> Client {
    causeway_hub::open(Options {
        home: folder.path().to_owned(),
        key: KeyChoice::Automatic,
        purpose: Purpose::Manage,
    })
    .await
    .expect("the folder opens")
}

fn slack(description: &Value) -> ConnectSlack {
    let credentials = &description["credentials"]["slack"];
    ConnectSlack {
        api_url: Some(text(&description["slack"])),
        bot_token: text(&credentials["bot_token"]),
        app_token: Some(text(&credentials["app_token"])),
        ..ConnectSlack::default()
    }
}

fn teams(description: &Value, authorised: &[&str]) -> ConnectTeams {
    let credentials = &description["credentials"]["entra"];
    let service_account = text(&credentials["service_account"]);
    let tokens = &credentials["refresh_tokens"];
    let given = authorised.iter();
    ConnectTeams {
        graph_url: Some(text(&description["graph"])),
        login_url: Some(text(&description["entra"])),
        tenant: text(&credentials["tenant"]),
        client_id: text(&credentials["client_id"]),
        client_secret: text(&credentials["client_secret"]),
        service_account_refresh_token: text(&tokens[&service_account]),
        refresh_tokens: given
            .map(|who| ((*who).to_owned(), text(&tokens[*who])))
            .collect(),
        service_account,
        poll_every_ms: None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
