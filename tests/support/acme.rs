//! Acme, Inc. for the desktop: a sandbox that serves, and a data folder that is connected to it.

use std::path::Path;

use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{ConnectSlack, ConnectTeams, ImportPeople, PairPerson, PersonRef, SecondaryWish},
};
use causeway_model::Platform;
use causeway_sandbox::{ControlClient, Running, Sandbox, acme, control_client::To};
use serde_json::Value;

/// A running sandbox. It is the platforms; the desktop, another process, is the hub.
pub struct Acme {
    pub control: ControlClient,
    description: Value,
    _running: Running,
}

impl Acme {
    pub async fn open() -> Self {
        let options = causeway_sandbox::Options {
            speed: 20,
            ..Default::default()
        };
        let running = Sandbox::start(options).await.expect("the sandbox starts");
        let description = running.description();
        let control = ControlClient::new(text(&description["control"]));
        Self {
            control,
            description,
            _running: running,
        }
    }

    /// Relays from the folder in this process.
    pub async fn relay(&self, home: &Path) -> Client {
        let relay = Purpose::Relay {
            listen: None,
            public_url: None,
        };
        open(home, relay).await
    }

    /// Somebody writes to somebody's account in Slack.
    pub async fn writes(&self, from: &str, to: &str, words: &str) {
        let to = To::Dm(to.to_owned());
        let written = self.control.send(from, "slack", to, words).await;
        written.expect("they write");
    }

    /// Connects both platforms, imports everyone, and pairs whoever can be paired. The key lies in
    /// the folder, where the desktop finds it.
    pub async fn prepare(&self, home: &Path) {
        let client = open(home, Purpose::Manage).await;
        client.call(self.slack()).await.expect("Slack connects");
        client.call(self.teams()).await.expect("Teams connects");
        client
            .call(ImportPeople::default())
            .await
            .expect("people are imported");
        for member in acme::MEMBERS {
            let (primary, secondary) = match member.title {
                "Engineer" => (Platform::Slack, Platform::Teams),
                _ => (Platform::Teams, Platform::Slack),
            };
            let pair = PairPerson {
                person: PersonRef::Named(member.email.to_owned()),
                primary,
                secondary,
                wish: SecondaryWish::Best,
            };
            // Whose account was switched off cannot be paired.
            drop(client.call(pair).await);
        }
        client.close().await;
    }

    fn slack(&self) -> ConnectSlack {
        let credentials = &self.description["credentials"]["slack"];
        ConnectSlack {
            api_url: Some(text(&self.description["slack"])),
            bot_token: text(&credentials["bot_token"]),
            app_token: text(&credentials["app_token"]),
            user_tokens: serde_json::from_value(credentials["user_tokens"].clone())
                .expect("tokens by address"),
            ..ConnectSlack::default()
        }
    }

    fn teams(&self) -> ConnectTeams {
        let credentials = &self.description["credentials"]["entra"];
        let service_account = text(&credentials["service_account"]);
        let mut refresh_tokens: std::collections::BTreeMap<String, String> =
            serde_json::from_value(credentials["refresh_tokens"].clone())
                .expect("tokens by address");
        let own = refresh_tokens
            .remove(&service_account)
            .expect("the service account's token");
        ConnectTeams {
            graph_url: Some(text(&self.description["graph"])),
            login_url: Some(text(&self.description["entra"])),
            tenant: text(&credentials["tenant"]),
            client_id: text(&credentials["client_id"]),
            client_secret: text(&credentials["client_secret"]),
            service_account,
            service_account_refresh_token: own,
            refresh_tokens,
            poll_every_ms: Some(200),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn open(home: &Path, purpose: Purpose) -> Client {
    let opened = causeway_hub::open(Options {
        home: home.to_owned(),
        key: KeyChoice::File(home.join("key")),
        purpose,
    });
    opened.await.expect("the folder opens")
}
