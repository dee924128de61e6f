//! Socket Mode: sockets that come and go.
//!
//! Source: <https://docs.slack.dev/apis/events-api/using-socket-mode>. Slack waits three seconds for
//! an acknowledgement and sends the envelope again without one.

use std::{sync::Arc, time::Duration};

use causeway_model::{Failure, FailureKind, HealthState};
use tokio::{
    net::TcpStream,
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    SlackConnector,
    api::CONNECTIONS_OPEN,
    keeping::{MOST_WAITING, commit_all, words_for},
    line::{self, Disconnect, LineId, Outlets, Signal},
    wire::SocketAddress,
};
use crate::{backoff::Backoff, connector::EventSink, vault::TokenOwner};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A socket that held this long was a good one: what ended it has nothing to do with us.
const STEADY: Duration = Duration::from_secs(60);

/// How long a replaced socket may go on bringing what Slack had already given it.
const DRAIN: Duration = Duration::from_secs(30);

/// How long sockets get to send their last acknowledgements.
const FAREWELL: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Listens until `stop`, or until a person must act.
pub(super) async fn listen(
    slack: &SlackConnector,
    sink: Arc<dyn EventSink>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let (envelopes, waiting) = mpsc::channel(MOST_WAITING);
    let (signals, heard) = mpsc::unbounded_channel();
    let closing = CancellationToken::new();
    let mut source = Source {
        slack,
        sink: sink.as_ref(),
        outlets: Outlets { envelopes, signals },
        closing: closing.clone(),
        heard,
        lines: JoinSet::new(),
        backoff: Backoff::default(),
        last_line: 0,
    };
    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        failure = source.keep_open() => Err(failure),
        failure = commit_all(slack, sink.as_ref(), waiting) => Err(failure),
    };
    closing.cancel();
    let farewell = async { while source.lines.join_next().await.is_some() {} };
    let _ = timeout(FAREWELL, farewell).await;
    if let Err(failure) = &ended {
        sink.health(HealthState::NeedsAuthorisation, Some(words_for(failure)))
            .await;
    }
    ended
}

struct Source<'a> {
    slack: &'a SlackConnector,
    sink: &'a dyn EventSink,
    outlets: Outlets,
    closing: CancellationToken,
    heard: mpsc::UnboundedReceiver<(LineId, Signal)>,
    lines: JoinSet<()>,
    backoff: Backoff,
    last_line: LineId,
}

/// Why the present socket is to be followed by another.
enum Next {
    /// While the present one is still open.
    Overlapping,
    AfterPause(&'static str),
}

/// A socket and how to end it.
struct Line {
    id: LineId,
    end: CancellationToken,
    since: Instant,
}

impl Line {
    fn is_steady(&self) -> bool {
        self.since.elapsed() >= STEADY
    }
}

impl Source<'_> {
    /// Keeps one socket open, for ever; what it returns is what a person must see to.
    async fn keep_open(&mut self) -> Failure {
        self.sink.health(HealthState::Connecting, None).await;
        let mut before: Option<Line> = None;
        loop {
            let line = match self.open().await {
                Ok(socket) => self.serve(socket),
                Err(failure) => match self.pause_after(failure).await {
                    Ok(()) => continue,
                    Err(failure) => return failure,
                },
            };
            match self.watch(&line, &mut before).await {
                Ok(Next::Overlapping) => {
                    // One that was asked to go at once may be followed by many such.
                    if line.is_steady() {
                        self.backoff.reset();
                    } else {
                        sleep(self.backoff.next(self.slack.random.as_ref())).await;
                    }
                    if let Some(older) = before.replace(line) {
                        self.drain(older);
                    }
                }
                Ok(Next::AfterPause(why)) => {
                    line.end.cancel();
                    self.pause(why).await;
                }
                Err(failure) => return failure,
            }
        }
    }

    async fn open(&self) -> Result<Socket, Failure> {
        // Events cannot be read without knowing who we are.
        self.slack.own.get(&self.slack.api).await?;
        let opened = self
            .slack
            .api
            .call(CONNECTIONS_OPEN, &TokenOwner::AppLevel, &[])
            .await;
        let address: SocketAddress = opened?;
        let allowed = Url::parse(&address.url).is_ok_and(|url| match url.scheme() {
            "wss" => true,
            "ws" => self.slack.in_the_clear,
            _ => false,
        });
        if !allowed {
            return Err(not_connected("bad_socket_address"));
        }
        let connecting = connect_async_with_config(&address.url, None, true);
        match timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(_)) => Err(not_connected("no_socket")),
            Err(_) => Err(not_connected("timeout")),
        }
    }

    fn serve(&mut self, socket: Socket) -> Line {
        while self.lines.try_join_next().is_some() {}
        self.last_line += 1;
        let line = Line {
            id: self.last_line,
            end: self.closing.child_token(),
            since: Instant::now(),
        };
        let serving = line::serve(line.id, socket, self.outlets.clone(), line.end.clone());
        self.lines.spawn(serving);
        line
    }

    /// Follows a socket until another is due. The one `before` it is left to drain once this one is
    /// open.
    async fn watch(&mut self, line: &Line, before: &mut Option<Line>) -> Result<Next, Failure> {
        while let Some((id, signal)) = self.heard.recv().await {
            match signal {
                Signal::Disconnect(Disconnect::LinkDisabled) => {
                    let doing = "apps.connections.open";
                    return Err(Failure::new(FailureKind::Forbidden, "link_disabled", doing));
                }
                // What a replaced socket says of itself has no consequence.
                Signal::Hello | Signal::Disconnect(_) | Signal::Closed if id != line.id => {}
                Signal::Hello => {
                    if let Some(before) = before.take() {
                        self.drain(before);
                    }
                }
                Signal::Disconnect(Disconnect::Refresh) => return Ok(Next::Overlapping),
                Signal::Disconnect(Disconnect::TooManySockets) => {
                    return Ok(Next::AfterPause(
                        "Slack counts too many sockets of this app",
                    ));
                }
                Signal::Closed => {
                    if line.is_steady() {
                        self.backoff.reset();
                    }
                    return Ok(Next::AfterPause("the socket was closed"));
                }
            }
        }
        Err(not_connected("closed"))
    }

    /// Slack ends a replaced socket itself; this is for when it does not.
    fn drain(&mut self, line: Line) {
        self.lines.spawn(async move {
            let ended = timeout(DRAIN, line.end.cancelled()).await;
            if ended.is_err() {
                line.end.cancel();
            }
        });
    }

    /// Waits where time may help; gives the failure back where it does not.
    async fn pause_after(&mut self, failure: Failure) -> Result<(), Failure> {
        match failure.kind {
            FailureKind::Throttled { after_ms } => {
                let own = self.backoff.next(self.slack.random.as_ref());
                let asked = Duration::from_millis(after_ms.unwrap_or(0));
                self.degraded("Slack limits how often sockets are opened")
                    .await;
                sleep(asked.max(own)).await;
                Ok(())
            }
            FailureKind::NotSent | FailureKind::Unknown => {
                self.pause("Slack cannot be reached").await;
                Ok(())
            }
            FailureKind::NotAuthorised
            | FailureKind::Forbidden
            | FailureKind::Gone
            | FailureKind::NotSupported
            | FailureKind::Rejected => Err(failure),
        }
    }

    async fn pause(&mut self, why: &str) {
        self.degraded(why).await;
        sleep(self.backoff.next(self.slack.random.as_ref())).await;
    }

    async fn degraded(&self, why: &str) {
        self.sink
            .health(HealthState::Degraded, Some(why.to_owned()))
            .await;
    }
}

fn not_connected(code: &str) -> Failure {
    Failure::new(FailureKind::NotSent, code, "socket")
}
