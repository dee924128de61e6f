//! A folder connected to a sandbox, where nothing is relayed.

use causeway_engine::SystemClock;
use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{ConnectSlack, ConnectTeams},
};
use causeway_model::Clock;
use causeway_sandbox::{ControlClient, Running, Sandbox};
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

#[allow(dead_code, reason = "not every test program throws switches")]
pub struct Acme {
    pub client: Client,
    pub folder: TempDir,
    /// What the sandbox told of itself when it started.
    pub description: Value,
    running: Running,
}

impl Acme {
    /// Both platforms connected, and nobody imported; whose tokens are given, on Teams.
    pub async fn connected(authorised: &[&str]) -> Self {
        Self::connected_by(authorised, Arc::new(SystemClock)).await
    }

    /// The same where the hub goes by another clock than the machine's.
    #[allow(dead_code, reason = "not every test program sets the clock")]
    pub async fn connected_by(authorised: &[&str], clock: Arc<dyn Clock>) -> Self {
        let acme = Self::opened_by(Purpose::Manage, clock).await;
        let (slack, teams) = (
            slack(&acme.description),
            teams(&acme.description, authorised),
        );
        acme.client.call(slack).await.expect("Slack connects");
        acme.client.call(teams).await.expect("Teams connects");
        acme
    }

    /// Nothing connected yet.
    #[allow(dead_code, reason = "most want something connected")]
    pub async fn opened(purpose: Purpose) -> Self {
        Self::opened_by(purpose, Arc::new(SystemClock)).await
    }

    async fn opened_by(purpose: Purpose, clock: Arc<dyn Clock>) -> Self {
        let running = Sandbox::start(causeway_sandbox::Options::default())
            .await
            .expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            client: open_by(&folder, purpose, clock).await,
            description: running.description(),
            folder,
            running,
        }
    }

    /// Throws switches of the sandbox.
    #[allow(dead_code, reason = "not every test program does")]
    pub fn control(&self) -> ControlClient {
        ControlClient::new(text(&self.description["control"]))
    }

    /// Nobody answers any more.
    #[allow(dead_code, reason = "not every test program wants that")]
    pub async fn go_dark(self) -> (Client, TempDir) {
        self.running.shutdown().await;
        (self.client, self.folder)
    }
}

/// Opens a folder for calls alone.
#[allow(dead_code, reason = "not every test program opens one twice")]
pub async fn open(folder: &TempDir) -> Client {
    open_by(folder, Purpose::Manage, Arc::new(SystemClock)).await
}

async fn open_by(folder: &TempDir, purpose: Purpose, clock: Arc<dyn Clock>) -> Client {
    let options = Options {
        home: folder.path().to_owned(),
        key: KeyChoice::Automatic,
        purpose,
    };
    let opened = causeway_hub::open_by(options, clock).await;
    opened.expect("the folder opens")
}

pub fn slack(description: &Value) -> ConnectSlack {
    let credentials = &description["credentials"]["slack"];
    ConnectSlack {
        api_url: Some(text(&description["slack"])),
        bot_token: text(&credentials["bot_token"]),
        app_token: Some(text(&credentials["app_token"])),
        ..ConnectSlack::default()
    }
}

pub fn teams(description: &Value, authorised: &[&str]) -> ConnectTeams {
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
        client_secret_ends: None,
        certificate: false,
        service_account_refresh_token: Some(text(&tokens[&service_account])),
        refresh_tokens: given
            .map(|who| ((*who).to_owned(), text(&tokens[*who])))
            .collect(),
        service_account: Some(service_account),
        ..ConnectTeams::default()
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
