//! The far side: as much of Slack's and Microsoft's wire as the hub needs, in a process of its own
//! and written to take little of the machine away from what is measured. It checks nothing and
//! keeps nothing; what the platforms enforce is the sandbox's to show.
//!
//! One process stamps both ends of a message, so latencies need no two clocks.

mod graph;
mod http;
mod line;
mod slack;
mod traffic;
mod wire;

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    sync::oneshot,
};

use super::orders::{Addresses, Lane, Limit, Order, Reply};
use crate::{failure::Failed, output};
use traffic::Traffic;

/// Nothing of what was expected came for this long: it will not come any more.
const STUCK: Duration = Duration::from_secs(30);

/// Serves until standard input ends, so that it never outlives the bench.
pub async fn serve(pairs: usize) -> Result<ExitCode, Failed> {
    let http = bind().await?;
    let sockets = bind().await?;
    let base = format!("http://{}", local(&http)?);
    let addresses = Addresses {
        slack: format!("{base}/api/"),
        graph: format!("{base}/v1.0"),
        entra: format!("{base}/entra"),
    };
    let sink = Arc::new(Sink {
        pairs,
        base,
        socket: format!("ws://{}/", local(&sockets)?),
        traffic: Traffic::new(pairs),
    });
    tokio::spawn(http::serve(Arc::clone(&sink), http));
    tokio::spawn(line::serve(Arc::clone(&sink), sockets));
    output::print(true, &addresses, |_| String::new());
    obey(&sink).await?;
    Ok(ExitCode::SUCCESS)
}

/// What all connections share.
struct Sink {
    pairs: usize,
    base: String,
    /// Where Slack's sockets are opened.
    socket: String,
    traffic: Traffic,
}

async fn bind() -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0))
        .await
        .context("nothing can listen on this machine")
}

fn local(listener: &TcpListener) -> Result<String> {
    Ok(listener.local_addr().context("no address")?.to_string())
}

async fn obey(sink: &Arc<Sink>) -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let order: Order = serde_json::from_str(&line).context("an order cannot be read")?;
        let reply = carry_out(sink, order).await;
        let reply = reply.unwrap_or_else(|error| Reply::Failed {
            why: format!("{error:#}"),
        });
        output::print(true, &reply, |_| String::new());
    }
    Ok(())
}

async fn carry_out(sink: &Arc<Sink>, order: Order) -> Result<Reply> {
    match order {
        Order::Open { lanes } => open(sink, lanes).await,
        Order::Write {
            lanes,
            window,
            until,
        } => {
            let ended = sink.traffic.write(&lanes, window, until)?;
            let ran = sink.traffic.patiently(ended).await?;
            Ok(Reply::Ran(ran))
        }
        Order::Treat { lanes, how } => {
            sink.traffic.treat(&lanes, how);
            Ok(Reply::Done)
        }
        Order::Trickle { lanes, every_ms } => {
            trickle(sink, lanes, Duration::from_millis(every_ms));
            Ok(Reply::Done)
        }
        Order::Limit(limit) => {
            sink.traffic.limit(limit);
            Ok(Reply::Done)
        }
        Order::Counted => counted(sink).await,
        Order::Letters { lanes, each } => {
            sink.traffic.put_letters(&lanes, each);
            Ok(Reply::Done)
        }
        Order::AwaitPost => {
            let post = sink.traffic.next_post();
            within(post).await.context("no post came")?;
            Ok(Reply::Done)
        }
        Order::Sample => {
            let (path, body) = sink.traffic.sample().context("nothing was posted yet")?;
            Ok(Reply::Sample { path, body })
        }
    }
}

/// Lane by lane, since the hub looks people up by name: first the command, then a first message.
async fn open(sink: &Arc<Sink>, lanes: usize) -> Result<Reply> {
    if lanes > sink.pairs {
        bail!("there are {} pairs only", sink.pairs);
    }
    for lane in 0..lanes {
        let opened = sink.traffic.opening(lane);
        sink.traffic.say(slack::command(&sink.base, lane))?;
        within(opened)
            .await
            .with_context(|| format!("lane {lane} was not opened"))?;
    }
    Ok(Reply::Done)
}

async fn counted(sink: &Arc<Sink>) -> Result<Reply> {
    let Some(Limit { seconds, speed, .. }) = sink.traffic.limits() else {
        bail!("no limit is held");
    };
    // The count begins with the first post, which may be some way off.
    let longest = Duration::from_secs_f64(seconds / speed) + STUCK;
    tokio::time::timeout(longest, sink.traffic.count_ended())
        .await
        .context("the limit's time did not end")?;
    let (accepted, throttled) = sink.traffic.end_limit();
    Ok(Reply::Counted {
        accepted,
        throttled,
    })
}

async fn within(awaited: oneshot::Receiver<()>) -> Result<()> {
    tokio::time::timeout(STUCK, awaited)
        .await
        .context("it took too long")?
        .context("it was given up")
}

/// Ends with the next such order.
fn trickle(sink: &Arc<Sink>, lanes: Vec<Lane>, every: Duration) {
    let turn = sink.traffic.next_trickle();
    if lanes.is_empty() {
        return;
    }
    let sink = Arc::clone(sink);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(every);
        loop {
            ticks.tick().await;
            if sink.traffic.trickle() != turn {
                return;
            }
            for lane in &lanes {
                if sink.traffic.say_beside(*lane).is_err() {
                    return;
                }
            }
        }
    });
}
