//! The sandbox and the hub as processes of their own.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use causeway_hub::api::{GetStatus, ListActivity};
use causeway_playground::{Place, first_line, hears_everything};
use tokio::process::{Child, Command};

const END: Duration = Duration::from_secs(15);

/// A running `causeway sandbox`; it ends with the demo.
pub struct Sandbox {
    _child: Child,
    /// The control API's URL.
    pub control: String,
}

impl Sandbox {
    pub async fn start(seed: u64, speed: u32) -> Result<Self> {
        let (seed, speed) = (seed.to_string(), speed.to_string());
        let mut command = causeway()?;
        command.args(["--json", "sandbox", "--seed", &seed, "--speed", &speed]);
        let (child, description) = first_line(command)
            .await
            .context("the sandbox did not start")?;
        let control = description["control"]
            .as_str()
            .context("the sandbox has no control API")?;
        Ok(Self {
            control: control.to_owned(),
            _child: child,
        })
    }
}

/// A running `causeway run`.
pub struct Hub {
    child: Child,
    /// How often one was killed before this one.
    kills: u32,
}

/// What the hub's ledger says, beside what people see.
#[derive(Debug, Clone, Copy, Default)]
pub struct LedgerCounts {
    pub uncertain: u64,
    pub dead: u64,
    pub late: u64,
    pub kills: u32,
}

impl Hub {
    pub async fn start(place: &Place) -> Result<Self> {
        let mut command = causeway()?;
        command.args(["--json", "run", "--listen", "127.0.0.1:0"]);
        command
            .env("CAUSEWAY_HOME", &place.home)
            .env("CAUSEWAY_KEY_FILE", &place.key_file);
        let (child, _) = first_line(command).await.context("the hub did not start")?;
        Ok(Self { child, kills: 0 })
    }

    /// Waits until it hears all platforms: a slash command before that would be answered by nobody.
    pub async fn hears(&self, place: &Place) -> Result<()> {
        hears_everything(&place.manage().await?).await
    }

    /// Ends the hub as a power cut would, and starts it again.
    pub async fn kill_and_restart(mut self, place: &Place) -> Result<Self> {
        self.child
            .kill()
            .await
            .context("the hub could not be killed")?;
        let started = Self::start(place).await?;
        Ok(Self {
            kills: self.kills + 1,
            ..started
        })
    }

    /// Asks it to stop, as an administrator would.
    pub async fn stop(mut self) -> Result<()> {
        #[cfg(unix)]
        if let Some(pid) = self.child.id() {
            let kill = Command::new("kill")
                .args(["-TERM", &pid.to_string()])
                .status()
                .await;
            kill.context("the hub could not be asked to stop")?;
        }
        #[cfg(not(unix))]
        self.child.start_kill()?;
        let ended = tokio::time::timeout(END, self.child.wait()).await;
        let status = ended.context("the hub did not stop when it was asked to")??;
        if cfg!(unix) && !status.success() {
            bail!("the hub ended with {status}");
        }
        Ok(())
    }

    pub async fn counts(&self, place: &Place) -> Result<LedgerCounts> {
        let client = place.manage().await?;
        let deliveries = client.call(GetStatus {}).await?.deliveries;
        let mut counts = LedgerCounts {
            uncertain: deliveries.uncertain,
            dead: deliveries.dead,
            late: 0,
            kills: self.kills,
        };
        let mut before = None;
        loop {
            let list = ListActivity {
                before,
                limit: Some(500),
                ..ListActivity::default()
            };
            let page = client.call(list).await?;
            counts.late += page.entries.iter().filter(|entry| entry.late).count() as u64;
            match page.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        client.close().await;
        Ok(counts)
    }
}

/// This very program.
fn causeway() -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("where is this program?")?);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}
