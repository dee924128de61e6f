//! The demo: Acme, Inc. on a sandbox, a hub in a process of its own, and a story whose outcome is
//! counted from what people see in their own apps.

mod asked;
mod cast;
mod judge;
mod matrix;
mod prepare;
mod process;
mod report;
mod story;
mod window;

use std::process::ExitCode;

use anyhow::Context;
use causeway_playground::Place;
use causeway_sandbox::ControlClient;
use tempfile::TempDir;

use crate::{
    args::{Cli, Demo, DemoStory},
    failure::Failed,
    output,
};
use process::{Hub, Sandbox};

/// The exit code for messages that did not arrive as they should.
const NOT_AS_IT_SHOULD: u8 = 5;

pub async fn demo(cli: &Cli, args: &Demo) -> Result<ExitCode, Failed> {
    // A temporary one is removed with everything in it when the demo ends.
    let (place, _temporary) = place(cli)?;
    if let (true, Some(control)) = (args.prepare, &args.control) {
        let control = ControlClient::new(control.as_str());
        let report = match args.story {
            DemoStory::Acme => prepare::prepare(&place, &control).await?,
            DemoStory::Matrix => matrix::prepare_everybody(&place, &control).await?,
        };
        output::print(cli.json, &report, prepare::words);
        return Ok(ExitCode::SUCCESS);
    }
    let sandbox = Sandbox::start(args.seed, args.speed).await?;
    let control = ControlClient::new(sandbox.control.as_str());
    if args.story == DemoStory::Matrix {
        return play_matrix(cli, args, &place, &control).await;
    }
    prepare::prepare(&place, &control).await?;
    if args.window {
        return window::show(&place, &control, args.seed).await;
    }
    play(cli, args, &place, &control).await
}

async fn play(
    cli: &Cli,
    args: &Demo,
    place: &Place,
    control: &ControlClient,
) -> Result<ExitCode, Failed> {
    let narrate = !cli.json;
    let cast = cast::choose(control, args.seed).await?;
    let asked = cast::choose_asked(control, args.seed, &cast).await?;
    let hub = Hub::start(place).await?;
    hub.hears(place).await?;
    let others = asked.pairs();
    let mut story = story::Story::new(control.clone(), cast, others, args.seed, narrate);
    story.begin().await?;
    story.write(story::Part::First).await?;
    // In the middle of traffic, without a warning: what `kill -9` does.
    let (hub, wrote) = tokio::join!(
        hub.kill_and_restart(place),
        story.write(story::Part::Second)
    );
    wrote?;
    let hub = hub?;
    story.change().await?;
    let hub = asked::play(&mut story, hub, place).await?;
    judge(cli, &story, hub, place).await
}

async fn play_matrix(
    cli: &Cli,
    args: &Demo,
    place: &Place,
    control: &ControlClient,
) -> Result<ExitCode, Failed> {
    let narrate = !cli.json;
    let cast = matrix::choose(control, args.seed).await?;
    matrix::prepare(place, control, &cast).await?;
    let hub = Hub::start(place).await?;
    hub.hears(place).await?;
    let (pairs, asked) = (cast.pairs.clone(), cast.asked.clone());
    let mut story = story::Story::new(control.clone(), pairs, asked, args.seed, narrate);
    let hub = matrix::play(&mut story, &cast, hub, place).await?;
    judge(cli, &story, hub, place).await
}

/// Counts what people see, says it, and ends the hub.
async fn judge(
    cli: &Cli,
    story: &story::Story,
    hub: Hub,
    place: &Place,
) -> Result<ExitCode, Failed> {
    let seen = story.settle().await?;
    let counts = hub.counts(place).await?;
    hub.stop().await?;
    let report = report::Report::new(&seen, story, &counts);
    output::print(cli.json, &report, report::words);
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_AS_IT_SHOULD)
    })
}

/// The folder that was asked for, or one that goes when the demo ends. Its key is in a file beside
/// the database, so that the demo leaves nothing in anyone's keychain.
fn place(cli: &Cli) -> Result<(Place, Option<TempDir>), Failed> {
    let (home, temporary) = match &cli.home {
        Some(home) => (home.clone(), None),
        None => {
            let folder = tempfile::Builder::new()
                .prefix("causeway-demo-")
                .tempdir()
                .context("no temporary folder can be made")?;
            (folder.path().to_owned(), Some(folder))
        }
    };
    std::fs::create_dir_all(&home)
        .with_context(|| format!("the folder {} cannot be made", home.display()))?;
    let key_file = cli.key_file.clone().unwrap_or_else(|| home.join("key"));
    Ok((Place { home, key_file }, temporary))
}
