//! Starts the stand-ins, each on a listener of its own on loopback.

use std::{future::IntoFuture, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::Router;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    control::{self, Platforms},
    entra,
    faults::Faults,
    graph::{self, Tenant, Urls},
    record::Recorder,
    slack::{self, Workspace},
    webex::{self, Org},
    wire::{Connection, Loopback, Shared},
    zoom::{self, ZoomAccount},
};

/// How long open connections may take to end when the sandbox stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// How the sandbox is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Slack's port; Graph, Entra, the control API, Webex and Zoom take the five after it. Free ports where
    /// it is absent or 0.
    pub port: Option<u16>,
    /// How many times as fast as ours the sandbox's clock runs.
    pub speed: u32,
    /// Every id, token and secret follows from it.
    pub seed: u64,
    /// A file that gets one JSON line for each call to a platform.
    pub record: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: None,
            speed: 1,
            seed: 1,
            record: None,
        }
    }
}

/// The platforms of Acme, Inc. on loopback.
pub struct Sandbox;

/// A sandbox that serves. It stops when this is dropped.
pub struct Running {
    description: Value,
    stop: CancellationToken,
    servers: JoinSet<std::io::Result<()>>,
}

impl Sandbox {
    /// Binds the listeners and serves. Fails when a port is taken or the record's file cannot be
    /// opened.
    pub async fn start(options: Options) -> Result<Running> {
        let listeners = Listeners::bind(options.port).await?;
        let recorder = match &options.record {
            Some(path) => Recorder::to_file(path)
                .with_context(|| format!("the record {} cannot be opened", path.display()))?,
            None => Recorder::none(),
        };
        let shared = Arc::new(Shared {
            clock: Clock::new(options.speed),
            faults: Faults::default(),
            recorder,
            seed: options.seed,
        });
        listeners.serve(shared)
    }
}

impl Running {
    /// What a client needs to connect: `{"slack","graph","entra","webex","zoom","control"}` are base
    /// addresses, `"credentials"` holds `{"slack":{…},"entra":{…},"webex":{…},"zoom":{…}}`.
    #[must_use]
    pub fn description(&self) -> Value {
        self.description.clone()
    }

    /// Returns when a listener fails.
    pub async fn wait(mut self) -> Result<()> {
        while let Some(ended) = self.servers.join_next().await {
            ended
                .context("a listener broke down")?
                .context("a listener ended")?;
        }
        Ok(())
    }

    /// Stops serving; open connections get a moment to end.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let ended = async { while self.servers.join_next().await.is_some() {} };
        // What has not ended by then is dropped with `self`.
        let _ = tokio::time::timeout(FAREWELL, ended).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Listeners {
    slack: Loopback,
    graph: Loopback,
    entra: Loopback,
    control: Loopback,
    webex: Loopback,
    zoom: Loopback,
}

impl Listeners {
    async fn bind(port: Option<u16>) -> Result<Self> {
        let first = port.unwrap_or(0);
        let nth = |n: u16| {
            if first == 0 {
                Some(0)
            } else {
                first.checked_add(n)
            }
        };
        let bind = async |n: u16| {
            let port = nth(n).context("the port is too high: five more follow it")?;
            Loopback::bind(port)
                .await
                .with_context(|| format!("port {port} cannot be used"))
        };
        Ok(Self {
            slack: bind(0).await?,
            graph: bind(1).await?,
            entra: bind(2).await?,
            control: bind(3).await?,
            webex: bind(4).await?,
            zoom: bind(5).await?,
        })
    }

    fn serve(self, shared: Arc<Shared>) -> Result<Running> {
        let stop = CancellationToken::new();
        let slack = Workspace::new(shared.clone(), host(&self.slack)?, stop.clone());
        let urls = Urls {
            graph: format!("http://{}/v1.0", host(&self.graph)?),
            entra: format!("http://{}", host(&self.entra)?),
        };
        let teams = Tenant::new(shared.clone(), urls);
        let webex = Org::new(shared.clone(), host(&self.webex)?, stop.clone());
        let zoom = ZoomAccount::new(shared.clone(), host(&self.zoom)?, stop.clone());
        let description = json!({
            "slack": slack.base_url(),
            "graph": format!("http://{}/v1.0", host(&self.graph)?),
            "entra": format!("http://{}", host(&self.entra)?),
            "webex": webex.base_url(),
            "zoom": zoom.base_url(),
            "control": format!("http://{}", host(&self.control)?),
            "credentials": {
                "slack": slack.credentials(),
                "entra": teams.credentials(),
                "webex": webex.credentials(),
                "zoom": zoom.credentials(),
            },
        });
        let platforms = Platforms {
            slack: slack.clone(),
            teams: teams.clone(),
            webex: webex.clone(),
            zoom: zoom.clone(),
            shared,
            description: description.clone(),
        };
        let mut servers = JoinSet::new();
        spawn(&mut servers, self.slack, slack::router(slack), &stop);
        spawn(
            &mut servers,
            self.graph,
            graph::router(teams.clone()),
            &stop,
        );
        spawn(&mut servers, self.entra, entra::router(teams), &stop);
        spawn(&mut servers, self.webex, webex::router(webex), &stop);
        spawn(&mut servers, self.zoom, zoom::router(zoom), &stop);
        spawn(
            &mut servers,
            self.control,
            control::router(Arc::new(platforms)),
            &stop,
        );
        Ok(Running {
            description,
            stop,
            servers,
        })
    }
}

fn host(listener: &Loopback) -> Result<String> {
    let port = listener.port().context("a listener has no address")?;
    Ok(format!("127.0.0.1:{port}"))
}

fn spawn(
    servers: &mut JoinSet<std::io::Result<()>>,
    listener: Loopback,
    router: Router,
    stop: &CancellationToken,
) {
    let service = router.into_make_service_with_connect_info::<Connection>();
    let server = axum::serve(listener, service);
    servers.spawn(
        server
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .into_future(),
    );
}
