//! The rounds: in each, every baseline and every figure once, one after the other, so that a
//! machine that slows down slows all of them alike.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Result;

use super::{
    baseline::{Bare, Disk},
    orders::{Lane, Order, Ran, Treatment, Until},
    sizes::Sizes,
    stage::Stage,
    stats::percentile,
    usage,
};

/// Where sixteen write at once.
pub const SIXTEEN: std::ops::Range<Lane> = 0..16;
/// Where one writes alone.
pub const ONE: Lane = 16;
const NEIGHBOURS: [Lane; 4] = [17, 18, 19, 20];
/// Messages of a lane that may be under way: enough that none runs dry.
pub const WINDOW: u32 = 16;
/// How often each neighbour is written to.
const NEIGHBOURS_EVERY_MS: u64 = 200;
/// For neighbours to be in the middle of it.
const SETTLING: Duration = Duration::from_millis(300);

/// What one round gave.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// Posts a second.
    pub bare_1: f64,
    pub bare_p50_ms: f64,
    pub bare_16: f64,
    pub fsync_ms: f64,
    pub store_1_ms: f64,
    /// Messages a second.
    pub store_16: f64,
    pub throughput: f64,
    /// The same in the folder with a history.
    pub with_history: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub bare_fsync_p99_ms: f64,
    pub before_slow_p99_ms: f64,
    pub slow_p99_ms: f64,
    pub before_dead_p99_ms: f64,
    pub dead_p99_ms: f64,
    pub processor: Processor,
}

/// Seconds of processor time for each second of ours while sixteen wrote.
#[derive(Debug, Clone, Default)]
pub struct Processor {
    /// The relay's thread that writes to the database.
    pub writer: f64,
    /// The relay's other threads.
    pub others: f64,
    pub sink: f64,
}

/// What the rounds are played on.
pub struct Players<'a> {
    pub empty: &'a mut Stage,
    pub full: &'a mut Stage,
    pub bare: Arc<Bare>,
    pub disk: Disk,
}

pub async fn round(players: &mut Players<'_>, sizes: &Sizes) -> Result<Round> {
    let sixteen: Vec<Lane> = SIXTEEN.collect();
    let flood = Until::Messages(sizes.flood);
    let (bare_1, bare_took) = players.bare.one_by_one(sizes.bare_1).await?;
    let fsync_ms = players.disk.fsync_ms(sizes.fsync)?;
    let store_1_ms = players.disk.one_row_ms(sizes.store_1)?;
    let (p50_ms, p99_ms) = alone(players.empty, sizes.single).await?;
    let bare_fsync_p99_ms = players
        .bare
        .and_fsync_p99(&mut players.disk, sizes.single as u32)
        .await?;
    let bare_16 = players.bare.sixteen(sizes.bare_16).await?;
    let store_16 = players.disk.sixteen(sizes.store_16)?;
    let (throughput, processor) = watched(players.empty, &sixteen, flood).await?;
    let with_history = per_second(&players.full.write(&sixteen, WINDOW, flood).await?);
    let (before_slow_p99_ms, slow_p99_ms) =
        beside(players.empty, sizes.neighbour, [Treatment::Slow; 4]).await?;
    let dead = [
        Treatment::Refused,
        Treatment::Silent,
        Treatment::Refused,
        Treatment::Silent,
    ];
    let (before_dead_p99_ms, dead_p99_ms) = beside(players.empty, sizes.neighbour, dead).await?;
    Ok(Round {
        bare_1,
        bare_p50_ms: percentile(&bare_took, 0.5),
        bare_16,
        fsync_ms,
        store_1_ms,
        store_16,
        throughput,
        with_history,
        p50_ms,
        p99_ms,
        bare_fsync_p99_ms,
        before_slow_p99_ms,
        slow_p99_ms,
        before_dead_p99_ms,
        dead_p99_ms,
        processor,
    })
}

/// One message after the other in one lane, each written when the one before was answered: the
/// median and the 99th percentile, in milliseconds.
async fn alone(stage: &mut Stage, messages: u64) -> Result<(f64, f64)> {
    let ran = stage.write(&[ONE], 1, Until::Messages(messages)).await?;
    let ms: Vec<f64> = ran
        .latencies_us
        .iter()
        .map(|us| f64::from(*us) / 1_000.0)
        .collect();
    Ok((percentile(&ms, 0.5), percentile(&ms, 0.99)))
}

/// The 99th percentile of one lane without its neighbours, and with them.
async fn beside(stage: &mut Stage, messages: u64, how: [Treatment; 4]) -> Result<(f64, f64)> {
    let (_, without) = alone(stage, messages).await?;
    for (lane, how) in NEIGHBOURS.into_iter().zip(how) {
        let lanes = vec![lane];
        stage.sink.tell(&Order::Treat { lanes, how }).await?;
    }
    trickle(stage, NEIGHBOURS.to_vec()).await?;
    tokio::time::sleep(SETTLING).await;
    let with = alone(stage, messages).await;
    trickle(stage, Vec::new()).await?;
    let (lanes, how) = (NEIGHBOURS.to_vec(), Treatment::Well);
    stage.sink.tell(&Order::Treat { lanes, how }).await?;
    Ok((without, with?.1))
}

async fn trickle(stage: &mut Stage, lanes: Vec<Lane>) -> Result<()> {
    let every_ms = NEIGHBOURS_EVERY_MS;
    stage.sink.tell(&Order::Trickle { lanes, every_ms }).await
}

/// How many messages a second went through, and what that took of the processors.
async fn watched(stage: &mut Stage, lanes: &[Lane], until: Until) -> Result<(f64, Processor)> {
    let (relay, sink) = (stage.relay_pid()?, stage.sink.pid()?);
    let before = (usage::processor(relay), usage::processor(sink));
    let ran = stage.write(lanes, WINDOW, until).await?;
    let after = (usage::processor(relay), usage::processor(sink));
    let used = |before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, writer: bool| {
        let of = |used: &BTreeMap<String, f64>| -> f64 {
            let named = used.iter().filter(|(name, _)| is_writer(name) == writer);
            named.map(|(_, seconds)| seconds).sum()
        };
        (of(after) - of(before)) / ran.seconds.max(f64::EPSILON)
    };
    let processor = Processor {
        writer: used(&before.0, &after.0, true),
        others: used(&before.0, &after.0, false),
        sink: used(&before.1, &after.1, false),
    };
    Ok((per_second(&ran), processor))
}

/// Linux cuts a thread's name after fifteen characters.
fn is_writer(thread: &str) -> bool {
    thread.starts_with("causeway-write")
}

fn per_second(ran: &Ran) -> f64 {
    ran.messages as f64 / ran.seconds.max(f64::EPSILON)
}
