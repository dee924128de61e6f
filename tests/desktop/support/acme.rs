//! Acme, Inc. for the desktop: a sandbox that serves, and a data folder that is connected to it.

use std::path::Path;

use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{PairPerson, PersonRef, SecondaryWish},
};
use causeway_model::Platform;
use causeway_playground as playground;
use causeway_sandbox::{ControlClient, Running, Sandbox, acme, control_client::To};

/// A running sandbox. It is the platforms; the desktop, another process, is the hub.
pub struct Acme {
    pub control: ControlClient,
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
        let control = description["control"].as_str().map(ControlClient::new);
        Self {
            control: control.expect("it has a control API"),
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

    /// Connects Slack and Teams, imports everyone, and pairs whoever works there and can be paired. The
    /// key lies in the folder, where the desktop finds it.
    pub async fn prepare(&self, home: &Path) {
        let client = open(home, Purpose::Manage).await;
        let both = [Platform::Slack, Platform::Teams];
        let connected = playground::connect(&client, &self.control, &both).await;
        connected.expect("both platforms connect, and people are imported");
        for member in acme::MEMBERS {
            let primary = playground::home(member);
            let Some(secondary) = both.into_iter().find(|platform| *platform != primary) else {
                continue;
            };
            let pair = PairPerson {
                person: PersonRef::Named(member.email.to_owned()),
                primary,
                secondary,
                wish: SecondaryWish::Best,
            };
            // Whose account was switched off cannot be paired, nor can whoever works elsewhere.
            drop(client.call(pair).await);
        }
        client.close().await;
    }
}

async fn open(home: &Path, purpose: Purpose) -> Client {
    let opened = causeway_hub::open(Options {
        home: home.to_owned(),
        key: KeyChoice::File(home.join("key")),
        purpose,
    });
    opened.await.expect("the folder opens")
}
