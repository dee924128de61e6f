//! A relay with a sink for its far side: connected, its people paired, its lanes open.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{
        ConnectSlack, ConnectTeams, ConnectionView, GetStatus, ImportPeople, PairPeople, PersonRef,
        SecondaryWish, TuneConnection, WaitForChange,
    },
};
use causeway_model::{HealthState, Platform};

use super::{
    now,
    orders::{Lane, Order, Ran, Until},
    process::{Relay, Sink},
};

/// The platforms' clocks run so much faster than ours that no limit holds anything up: what the
/// relay can do is asked, not what a platform allows.
pub const UNHINDERED: u32 = 10_000;
/// How often Teams is polled beside everything.
const POLL_MS: u64 = 2_000;
const HEARS: Duration = Duration::from_secs(30);
/// Names in one call that pairs people.
const AT_ONCE: usize = 100;

pub struct Stage {
    pub home: PathBuf,
    pub sink: Sink,
    relay: Option<Relay>,
}

impl Stage {
    /// Connects a fresh folder to a sink, pairs the people, and opens every lane once.
    pub async fn prepare(home: PathBuf, pairs: usize) -> Result<Self> {
        let sink = Sink::start(pairs).await?;
        let mut stage = Self {
            home,
            sink,
            relay: None,
        };
        let client = stage.manage().await?;
        let prepared = stage.connect_and_pair(&client, pairs).await;
        client.close().await;
        prepared?;
        stage.start().await?;
        stage.sink.tell(&Order::Open { lanes: pairs }).await?;
        stage.stop().await?;
        Ok(stage)
    }

    async fn connect_and_pair(&self, client: &Client, pairs: usize) -> Result<()> {
        let addresses = self.sink.addresses.clone();
        client
            .call(ConnectSlack {
                api_url: Some(addresses.slack),
                bot_token: "xoxb-bench".to_owned(),
                app_token: Some("xapp-bench".to_owned()),
                ..ConnectSlack::default()
            })
            .await?;
        client
            .call(ConnectTeams {
                graph_url: Some(addresses.graph),
                login_url: Some(addresses.entra),
                tenant: "bench.example".to_owned(),
                client_id: "bench".to_owned(),
                client_secret: "bench".to_owned(),
                client_secret_ends: None,
                certificate: false,
                service_account: Some("causeway@bench.example".to_owned()),
                service_account_refresh_token: Some("bench".to_owned()),
                poll_every_ms: Some(POLL_MS),
                ..ConnectTeams::default()
            })
            .await?;
        self.tune(client, UNHINDERED).await?;
        client.call(ImportPeople::default()).await?;
        for (name, primary, secondary) in [
            ("sam", Platform::Slack, Platform::Teams),
            ("tess", Platform::Teams, Platform::Slack),
        ] {
            let all: Vec<_> = (0..pairs)
                .map(|lane| PersonRef::Named(format!("{name}{lane:05}@bench.example")))
                .collect();
            for people in all.chunks(AT_ONCE) {
                let pair = PairPeople {
                    people: people.to_vec(),
                    primary,
                    secondary,
                    wish: SecondaryWish::App,
                };
                let report = client.call(pair).await?;
                if let Some(failed) = report.failed.into_iter().next() {
                    return Err(failed.error.into());
                }
            }
        }
        Ok(())
    }

    /// Sets how many times faster than ours the platforms' clocks run.
    pub async fn set_pace(&self, pace: u32) -> Result<()> {
        let client = self.manage().await?;
        let tuned = self.tune(&client, pace).await;
        client.close().await;
        tuned
    }

    async fn tune(&self, client: &Client, pace: u32) -> Result<()> {
        for platform in [Platform::Slack, Platform::Teams] {
            client
                .call(TuneConnection {
                    platform,
                    pace: Some(pace),
                    guest_sign_in: None,
                    guest_passwords: BTreeMap::new(),
                })
                .await?;
        }
        Ok(())
    }

    pub fn key_file(&self) -> PathBuf {
        self.home.join("key")
    }

    pub fn database(&self) -> PathBuf {
        self.home.join("causeway.db")
    }

    pub fn relay_pid(&self) -> Result<u32> {
        self.relay.as_ref().context("the relay does not run")?.pid()
    }

    /// Starts the relay and waits until it hears both platforms.
    pub async fn start(&mut self) -> Result<()> {
        self.relay = Some(Relay::start(&self.home, &self.key_file()).await?);
        self.hears().await
    }

    /// Waits until the running relay hears both platforms.
    pub async fn hears(&self) -> Result<()> {
        let client = self.manage().await?;
        let heard = tokio::time::timeout(HEARS, hears(&client)).await;
        client.close().await;
        heard.context("the relay does not hear both platforms")?
    }

    /// Starts the relay and answers how long it took until the first post came in, in seconds.
    pub async fn start_to_first_post(&mut self) -> Result<f64> {
        let (home, key_file) = (self.home.clone(), self.key_file());
        let since = now::instant();
        let (posted, started) = tokio::join!(
            async {
                self.sink.tell(&Order::AwaitPost).await?;
                anyhow::Ok(since.elapsed().as_secs_f64())
            },
            Relay::start(&home, &key_file),
        );
        self.relay = Some(started?);
        posted
    }

    pub async fn stop(&mut self) -> Result<()> {
        match self.relay.take() {
            Some(relay) => relay.stop().await,
            None => Ok(()),
        }
    }

    /// The first message of each lane after a start waits until the conversation's members have
    /// been looked at, and what was missed has been read back: not what is to be measured.
    pub async fn warm(&mut self, lanes: &[Lane]) -> Result<()> {
        let messages = lanes.len() as u64 * 4;
        self.write(lanes, 1, Until::Messages(messages)).await?;
        Ok(())
    }

    pub async fn write(&mut self, lanes: &[Lane], window: u32, until: Until) -> Result<Ran> {
        let lanes = lanes.to_vec();
        self.sink
            .write(&Order::Write {
                lanes,
                window,
                until,
            })
            .await
    }

    async fn manage(&self) -> Result<Client> {
        manage(&self.home, &self.key_file()).await
    }
}

async fn manage(home: &Path, key_file: &Path) -> Result<Client> {
    let options = Options {
        home: home.to_owned(),
        key: KeyChoice::File(key_file.to_owned()),
        purpose: Purpose::Manage,
    };
    Ok(causeway_hub::open(options).await?)
}

async fn hears(client: &Client) -> Result<()> {
    loop {
        let report = client.call(GetStatus {}).await?;
        let state = |view: &ConnectionView| view.health.state;
        let states: Vec<_> = report.connections.iter().map(state).collect();
        if states.iter().all(|state| *state == HealthState::Connected) {
            return Ok(());
        }
        if states.contains(&HealthState::NeedsAuthorisation) {
            bail!("the relay takes the sink for a platform that refuses it");
        }
        let wait = WaitForChange {
            since: report.revision,
            timeout_ms: 1_000,
        };
        client.call(wait).await?;
    }
}
