//! The processes of a bench: the relay, and the sink. Each is this very program.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::{
    now,
    orders::{Addresses, Order, Ran, Reply},
};

const START: Duration = Duration::from_secs(60);
const END: Duration = Duration::from_secs(30);
/// How long a killed process may take to be gone.
const DEATH: Duration = Duration::from_secs(5);

/// A child that is dead when this is gone, so that its folder can be removed.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.start_kill());
        let since = now::instant();
        while matches!(self.0.try_wait(), Ok(None)) && since.elapsed() < DEATH {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A running `causeway run`.
pub struct Relay {
    process: Process,
    _output: Lines<BufReader<ChildStdout>>,
}

impl Relay {
    /// Starts it and waits until it says that it relays.
    pub async fn start(home: &Path, key_file: &Path) -> Result<Self> {
        let mut command = causeway()?;
        command
            .args(["--json", "run"])
            .env("CAUSEWAY_HOME", home)
            .env("CAUSEWAY_KEY_FILE", key_file)
            .env_remove("CAUSEWAY_LISTEN")
            .env_remove("CAUSEWAY_PUBLIC_URL")
            .stdin(Stdio::null());
        let mut process = Process(command.spawn().context("the relay did not start")?);
        let mut output = lines_of(&mut process.0)?;
        let _: serde_json::Value = read(&mut output).await.context("the relay did not start")?;
        Ok(Self {
            process,
            _output: output,
        })
    }

    /// Its process id.
    pub fn pid(&self) -> Result<u32> {
        self.process.0.id().context("the relay has ended")
    }

    /// Asks it to stop, as an administrator would, and waits until its files are left alone.
    pub async fn stop(mut self) -> Result<()> {
        #[cfg(unix)]
        {
            let pid = self.pid()?.to_string();
            Command::new("kill").args(["-TERM", &pid]).status().await?;
        }
        #[cfg(not(unix))]
        self.process.0.start_kill()?;
        let ended = tokio::time::timeout(END, self.process.0.wait()).await;
        ended.context("the relay did not stop when it was asked to")??;
        Ok(())
    }
}

/// A running `causeway bench-sink`.
pub struct Sink {
    process: Process,
    orders: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
    pub addresses: Addresses,
}

impl Sink {
    pub async fn start(pairs: usize) -> Result<Self> {
        let mut command = causeway()?;
        command
            .args(["bench-sink", "--pairs", &pairs.to_string()])
            .stdin(Stdio::piped());
        let mut process = Process(command.spawn().context("the sink did not start")?);
        let orders = process.0.stdin.take().context("no way to the sink")?;
        let mut replies = lines_of(&mut process.0)?;
        let addresses = read(&mut replies).await.context("the sink did not start")?;
        Ok(Self {
            process,
            orders,
            replies,
            addresses,
        })
    }

    pub fn pid(&self) -> Result<u32> {
        self.process.0.id().context("the sink has ended")
    }

    /// Has an order carried out.
    pub async fn ask(&mut self, order: &Order) -> Result<Reply> {
        let mut line = serde_json::to_string(order)?;
        line.push('\n');
        self.orders.write_all(line.as_bytes()).await?;
        self.orders.flush().await?;
        let reply = self.replies.next_line().await?.context("the sink ended")?;
        match serde_json::from_str(&reply)? {
            Reply::Failed { why } => bail!("{why}"),
            reply => Ok(reply),
        }
    }

    /// Has an order carried out whose answer says no more than that.
    pub async fn tell(&mut self, order: &Order) -> Result<()> {
        match self.ask(order).await? {
            Reply::Done => Ok(()),
            other => bail!("the sink answered {other:?}"),
        }
    }

    /// Has messages written, and none may arrive twice.
    pub async fn write(&mut self, order: &Order) -> Result<Ran> {
        match self.ask(order).await? {
            Reply::Ran(ran) if ran.doubled > 0 => {
                bail!("{} messages were posted more than once", ran.doubled)
            }
            Reply::Ran(ran) => Ok(ran),
            other => bail!("the sink answered {other:?}"),
        }
    }
}

fn causeway() -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("where is this program?")?);
    // What ends is told by the bench; a signal for the terminal's group would come too early.
    #[cfg(unix)]
    command.process_group(0);
    command.stdout(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

fn lines_of(child: &mut Child) -> Result<Lines<BufReader<ChildStdout>>> {
    let output = child.stdout.take().context("its output cannot be read")?;
    Ok(BufReader::new(output).lines())
}

async fn read<T: DeserializeOwned>(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<T> {
    let line = tokio::time::timeout(START, lines.next_line())
        .await
        .context("it took too long")??
        .context("it ended")?;
    serde_json::from_str(&line).context("it printed something else than was expected")
}
