//! The hub as a process of its own, which can be killed as a power cut would.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use causeway_hub::{
    Client, KeyChoice, Options, Purpose,
    api::{ConnectionView, GetStatus, WaitForChange},
};
use causeway_model::HealthState;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
};

use crate::Place;

const START: Duration = Duration::from_secs(30);
const HEAR: Duration = Duration::from_secs(30);
const END: Duration = Duration::from_secs(10);

/// A running hub. It ends when this is dropped, and when this process ends.
#[derive(Debug)]
pub struct HubProcess(Child);

impl HubProcess {
    /// Starts `command`, which has to call [`relay_until_the_parent_ends`], and returns when it relays.
    ///
    /// # Errors
    /// When it cannot be started or does not get ready.
    pub async fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.kill_on_drop(true);
        let (child, _) = first_line(command).await.context("the hub did not start")?;
        Ok(Self(child))
    }

    /// Whether it has ended, by itself or by somebody's hand.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Ends it in the middle of whatever it does.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(mut self) -> Result<()> {
        let killed = self.0.kill().await;
        killed.context("the hub could not be killed")
    }

    /// Lets it end what it sends and close its folder.
    pub async fn stop(mut self) {
        drop(self.0.stdin.take());
        if tokio::time::timeout(END, self.0.wait()).await.is_err() {
            tracing::warn!("the sandbox's hub did not end by itself");
        }
    }
}

/// Returns when the hub hears all its platforms: what is asked of the app before is answered by
/// nobody.
///
/// # Errors
/// When it does not in time.
pub async fn hears_everything(client: &Client) -> Result<()> {
    let hears = async {
        loop {
            let report = client.call(GetStatus {}).await?;
            let connected = |view: &ConnectionView| view.health.state == HealthState::Connected;
            if report.connections.iter().all(connected) {
                return anyhow::Ok(());
            }
            let wait = WaitForChange {
                since: report.revision,
                timeout_ms: 1_000,
            };
            client.call(wait).await?;
        }
    };
    let heard = tokio::time::timeout(HEAR, hears).await;
    heard.context("the hub does not hear all platforms")?
}

/// What the hub's process does: relays from the folder, says so in one line of JSON, and ends when
/// its standard input does, which is when the process that started it is gone.
///
/// # Errors
/// When the folder cannot be opened.
pub async fn relay_until_the_parent_ends(home: &Path) -> Result<()> {
    let place = Place::within(home.to_owned());
    let client = causeway_hub::open(Options {
        home: place.home,
        key: KeyChoice::File(place.key_file),
        purpose: Purpose::Relay {
            listen: Some(([127, 0, 0, 1], 0).into()),
            public_url: None,
        },
    })
    .await?;
    println!("{}", json!({ "ready": true, "pid": std::process::id() }));
    let mut ignored = Vec::new();
    tokio::io::stdin()
        .read_to_end(&mut ignored)
        .await
        .context("the standard input cannot be read")?;
    client.close().await;
    Ok(())
}

/// Starts a process that prints one line of JSON when it is ready; its standard output has to be
/// piped.
///
/// # Errors
/// When it ends, takes too long, or prints something else.
pub async fn first_line(mut command: Command) -> Result<(Child, Value)> {
    let mut child = command.spawn()?;
    let output = child.stdout.take().context("its output cannot be read")?;
    let mut lines = BufReader::new(output).lines();
    let line = tokio::time::timeout(START, lines.next_line())
        .await
        .context("it took too long")??;
    let Some(line) = line else {
        let status = child.wait().await?;
        bail!("it ended with {status}");
    };
    let ready = serde_json::from_str(&line).context("it printed something else than JSON")?;
    // What else it prints has nobody to read it, and must not fill the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, ready))
}
