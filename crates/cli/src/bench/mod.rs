//! `causeway bench`: the relay, measured as it runs. A real `causeway run` with its encrypted store
//! on a disk, between a socket and an HTTP server of a process that is written for nothing else.
//! `docs/bench.md` says what each figure means.

mod baseline;
mod budget;
mod figure;
mod fill;
mod judge;
mod now;
mod orders;
mod place;
mod process;
mod rounds;
mod sink;
mod sizes;
mod stage;
mod stats;
mod usage;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use causeway_model::Platform;

use self::{
    baseline::{Bare, Disk},
    budget::Used,
    figure::Report,
    fill::Leaves,
    orders::{Lane, Order, Treatment},
    place::Place,
    rounds::{Players, Round},
    sizes::Sizes,
    stage::Stage,
    usage::Memory,
};
use crate::{
    args::{Bench, BenchSink, Cli},
    failure::Failed,
    output,
};

/// How long a relay that has just begun to hear is left alone before its memory is read.
const QUIET: Duration = Duration::from_secs(1);
/// How long a relay before which a great deal waits is watched.
const WATCHED: Duration = Duration::from_secs(3);
const GLANCE: Duration = Duration::from_millis(100);
/// A line about a long filling, every so many messages.
const TOLD_EVERY: u64 = 250_000;

pub async fn bench(cli: &Cli, args: &Bench) -> Result<ExitCode, Failed> {
    let measuring = async {
        let place = Place::choose(cli.home.as_deref())?;
        measure(&place, &Sizes::of(args)).await
    };
    // What is dropped here ends its processes and removes its folders.
    let report = tokio::select! {
        report = measuring => report?,
        () = interrupted() => {
            return Err(anyhow::anyhow!("interrupted; nothing was left behind").into());
        }
    };
    output::print(cli.json, &report, figure::words);
    Ok(ExitCode::SUCCESS)
}

pub async fn sink(args: &BenchSink) -> Result<ExitCode, Failed> {
    sink::serve(args.pairs).await
}

/// What the figures are made from.
struct Measured {
    rounds: Vec<Round>,
    slack: Used,
    teams: Used,
    idle: Memory,
    waiting_mb: f64,
    starts_s: Vec<f64>,
    /// How much the database grew while so many messages were delivered.
    grown_bytes: u64,
    grown_by: u64,
}

async fn measure(place: &Place, sizes: &Sizes) -> Result<Report> {
    let disk = place.file_system.as_str();
    tell(&format!("in {} ({disk})", place.path().display()));
    let load = load();
    let (mut empty, mut full, mut late) = tokio::try_join!(
        Stage::prepare(place.folder("empty")?, sizes.pairs),
        Stage::prepare(place.folder("history")?, sizes.pairs),
        Stage::prepare(place.folder("waiting")?, sizes.pairs),
    )?;
    tell("prepared");
    fill(&full, sizes.remembered, Leaves::Remembered).await?;
    fill(&late, sizes.waiting, Leaves::Waiting).await?;

    let (starts_s, waiting_mb) = start_with_waiting(&mut late, sizes).await?;
    drop(late);
    tell("started with deliveries waiting");

    empty.start().await?;
    tokio::time::sleep(QUIET).await;
    let idle = usage::memory(empty.relay_pid()?)?;
    let before = steady_size(&mut full, sizes).await?;
    full.start().await?;
    let sixteen: Vec<Lane> = rounds::SIXTEEN.collect();
    let lanes: Vec<Lane> = (0..=rounds::ONE).collect();
    tokio::try_join!(full.warm(&sixteen), empty.warm(&lanes))?;
    let rounds = play(place, &mut empty, &mut full, sizes).await?;
    full.stop().await?;
    let grown_bytes = size(&full)?.saturating_sub(before);
    let warming = sixteen.len() as u64 * 4;
    drop(full);

    let slack = budget::used(&mut empty, Platform::Slack, sizes).await?;
    tell("budget of Slack watched");
    let teams = budget::used(&mut empty, Platform::Teams, sizes).await?;
    tell("budget of Teams watched");
    let measured = Measured {
        grown_by: warming + sizes.flood * rounds.len() as u64,
        rounds,
        slack,
        teams,
        idle,
        waiting_mb,
        starts_s,
        grown_bytes,
    };
    Ok(Report {
        ok: true,
        figures: judge::figures(&measured, sizes),
        conditions: conditions(disk, &load),
    })
}

async fn play(
    place: &Place,
    empty: &mut Stage,
    full: &mut Stage,
    sizes: &Sizes,
) -> Result<Vec<Round>> {
    let mut players = Players {
        bare: Arc::new(Bare::after(&mut empty.sink).await?),
        disk: Disk::in_folder(&place.folder("reference")?)?,
        empty,
        full,
    };
    let mut rounds = Vec::new();
    for number in 1..=sizes.rounds {
        let round = rounds::round(&mut players, sizes).await?;
        tell(&format!(
            "round {number} of {}: {:.0} messages/s, {:.0} with a history, {:.2} ms one at a \
             time; bare {:.0}/s, store {:.0}/s",
            sizes.rounds,
            round.throughput,
            round.with_history,
            round.p50_ms,
            round.bare_16,
            round.store_16
        ));
        rounds.push(round);
    }
    Ok(rounds)
}

/// Starts a relay before which so much waits, a few times: how long each start took until the
/// first post, and the most memory it had in its first seconds. Each post is answered after a
/// second, so that what waits goes on waiting and the relay stops in order.
async fn start_with_waiting(stage: &mut Stage, sizes: &Sizes) -> Result<(Vec<f64>, f64)> {
    let lanes: Vec<Lane> = (0..sizes.pairs).collect();
    let how = Treatment::Slow;
    stage.sink.tell(&Order::Treat { lanes, how }).await?;
    let mut starts = vec![stage.start_to_first_post().await?];
    let most = most_memory(stage).await?;
    stage.stop().await?;
    while starts.len() < sizes.starts {
        starts.push(stage.start_to_first_post().await?);
        stage.stop().await?;
    }
    Ok((starts, most))
}

async fn most_memory(stage: &Stage) -> Result<f64> {
    let pid = stage.relay_pid()?;
    let glances = WATCHED.as_millis() / GLANCE.as_millis();
    let mut most: f64 = 0.0;
    for _ in 0..glances {
        tokio::time::sleep(GLANCE).await;
        most = most.max(usage::memory(pid)?.peak);
    }
    Ok(most)
}

/// The size of the database once it has been written to as it will be: what is taken for texts
/// under way is used again and again.
async fn steady_size(stage: &mut Stage, sizes: &Sizes) -> Result<u64> {
    stage.start().await?;
    let sixteen: Vec<Lane> = rounds::SIXTEEN.collect();
    let flood = orders::Until::Messages(sizes.flood);
    stage.write(&sixteen, rounds::WINDOW, flood).await?;
    stage.stop().await?;
    size(stage)
}

fn size(stage: &Stage) -> Result<u64> {
    let facts = std::fs::metadata(stage.database()).context("the database is not there")?;
    Ok(facts.len())
}

async fn fill(stage: &Stage, messages: u64, leaves: Leaves) -> Result<()> {
    let what = match leaves {
        Leaves::Remembered => "remembered",
        Leaves::Waiting => "waiting",
    };
    fill::fill(stage, messages, leaves, |so_far| {
        if so_far % TOLD_EVERY == 0 || so_far == messages {
            tell(&format!("{so_far} of {messages} messages {what}"));
        }
    })
    .await
    .with_context(|| format!("{messages} messages {what} could not be written"))
}

/// What the figures were taken under.
fn conditions(disk: &str, load: &str) -> Vec<String> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let build = if cfg!(debug_assertions) {
        "a debug build: its figures say nothing"
    } else {
        "a release build"
    };
    vec![format!(
        "{build}; {processors} processors; {disk}; load before it began: {load}"
    )]
}

/// Over the last one, five and fifteen minutes.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<&str> = load.split(' ').take(3).collect();
    match averages.is_empty() {
        true => "unknown".to_owned(),
        false => averages.join(" "),
    }
}

/// Says how far it is, with the seconds since it said so first.
fn tell(words: &str) {
    use std::io::Write;
    static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let seconds = BEGAN.get_or_init(now::instant).elapsed().as_secs_f64();
    // A closed pipe is no failure.
    drop(writeln!(
        std::io::stderr().lock(),
        "bench: {seconds:5.1} s  {words}"
    ));
}

async fn interrupted() {
    let ctrl_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else {
            drop(ctrl_c.await);
            return;
        };
        tokio::select! {
            _ = ctrl_c => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(ctrl_c.await);
}
