//! The demo with a window: the desktop relays on a running sandbox while the story is played.

use std::process::{ExitCode, Stdio};

use anyhow::Context;
use causeway_sandbox::ControlClient;
use tokio::process::Command;

use super::{Place, cast, story};
use crate::failure::Failed;

const DESKTOP: &str = if cfg!(windows) {
    "causeway-desktop.exe"
} else {
    "causeway-desktop"
};

/// Opens the desktop and returns when it is quit.
pub async fn show(place: &Place, control: &ControlClient, seed: u64) -> Result<ExitCode, Failed> {
    let own = std::env::current_exe().context("where is this program?")?;
    let mut desktop = Command::new(own.with_file_name(DESKTOP))
        .env("CAUSEWAY_HOME", &place.home)
        .env("CAUSEWAY_KEY_FILE", &place.key_file)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("the desktop could not be started; `make demo` builds it")?;
    println!("The desktop runs on a sandbox with Acme, Inc. inside. Quit it to end the demo.");
    let cast = cast::choose(control, seed).await?;
    let mut story = story::Story::new(control.clone(), cast, Vec::new(), seed, true);
    let play = async {
        story.begin().await?;
        story.write(story::Part::First).await?;
        story.write(story::Part::Second).await?;
        story.change().await
    };
    tokio::select! {
        ended = desktop.wait() => {
            ended.context("the desktop went away")?;
        }
        played = play => {
            played?;
            desktop.wait().await.context("the desktop went away")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
