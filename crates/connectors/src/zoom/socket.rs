//! The event subscription's WebSocket: one that is kept open, and read back for when it was not.
//!
//! Zoom allows one connection for a subscription: a newer one closes the older. Two hubs with the
//! same subscription would take it from each other for ever, each missing half of what happens. So
//! a socket that is closed soon after it was opened, a few times in a row, is left to the other:
//! this hub reads instead, says so, and tries again only after minutes.
//!
//! Source: <https://developers.zoom.us/docs/api/websockets/>.

use std::time::Duration;

use causeway_model::{Failure, FailureKind};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config, tungstenite::Error,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    api::Api,
    line::{self, Ended, Hello},
    refusal::may_pass,
    settings::Settings,
    source::Source,
    wire::Event,
};
use crate::{
    Secret, TokenOwner,
    backoff::{Backoff, pause_after},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A socket that held this long was a good one: what ended it has nothing to do with another hub.
const STEADY: Duration = Duration::from_secs(60);
/// So many in a row that did not hold are no accident.
const SHORT_ONES: u32 = 3;
/// How long the socket is left to another hub; up to half as long again by chance, so that both do
/// not try at the same moment.
const LEFT_FOR: Duration = Duration::from_secs(300);
/// Nobody mends a refused app within seconds.
const LEAST_WAIT_FOR_PERSON: Duration = Duration::from_secs(60);
/// How many events wait while what was missed is read. More are read back like what was missed.
const MOST_WAITING: usize = 4_096;
/// How often what an event leaves out is asked for.
const TRIES: usize = 3;

const TAKEN: &str = "another hub seems to use the same event subscription, since its socket is \
                     closed again and again: conversations are polled";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Keeps the socket open until stopped.
pub(super) async fn keep_open(source: &Source, subscription: &str, stop: CancellationToken) {
    let keeper = Keeper {
        source,
        subscription,
        backoff: Backoff::default(),
        contest: Contest::default(),
        refused: None,
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = keeper.keep() => {}
    }
}

/// Opens the subscription's socket once and closes it again.
pub(super) async fn try_once(api: &Api, subscription: &str) -> Result<(), Failure> {
    let token = api.tokens().access(&TokenOwner::AppLevel).await?;
    let socket = connect(api.settings(), subscription, &token).await?;
    let (events, _waiting) = mpsc::channel(1);
    let (greet, greeted) = oneshot::channel();
    let every = line::heartbeat(api.settings());
    tokio::select! {
        _ = line::serve(socket, events, greet, every) => Err(turned_away("closed")),
        hello = timeout(CONNECT_TIMEOUT, greeted) => match hello {
            Ok(Ok(Hello::Welcome)) => Ok(()),
            Ok(Ok(Hello::BadToken)) => Err(refused_token()),
            Ok(Ok(Hello::Refused)) => Err(turned_away("refused")),
            Ok(Err(_)) | Err(_) => Err(failure("timeout")),
        },
    }
}

struct Keeper<'a> {
    source: &'a Source,
    subscription: &'a str,
    backoff: Backoff,
    contest: Contest,
    /// A token that the socket did not take.
    refused: Option<Secret>,
}

impl Keeper<'_> {
    async fn keep(mut self) {
        loop {
            let pause = match self.once().await {
                Ok(ended) => self.after(ended).await,
                Err(failure) => self.after_failure(failure).await,
            };
            sleep(pause).await;
        }
    }

    /// One socket from its opening to its end.
    async fn once(&mut self) -> Result<(Ended, Duration), Failure> {
        let api = &self.source.api;
        let owner = &TokenOwner::AppLevel;
        let token = match self.refused.take() {
            Some(refused) => api.tokens().access_instead_of(owner, &refused).await?,
            None => api.tokens().access(owner).await?,
        };
        let opened = connect(api.settings(), self.subscription, &token).await;
        let socket = opened.inspect_err(|failure| {
            if failure.kind == FailureKind::NotAuthorised {
                self.refused = Some(token.clone());
            }
        })?;
        let (events, waiting) = mpsc::channel(MOST_WAITING);
        let (greet, greeted) = oneshot::channel();
        let every = line::heartbeat(api.settings());
        let since = Instant::now();
        let serving = line::serve(socket, events, greet, every);
        let hearing = self.hear(greeted, waiting);
        let (ended, heard) = tokio::join!(serving, hearing);
        self.source.set_live(false);
        if let Err(failure) = heard {
            if failure.kind == FailureKind::NotAuthorised {
                self.refused = Some(token);
            }
            return Err(failure);
        }
        Ok((ended, since.elapsed()))
    }

    /// Commits what the socket brings, after what was missed before it was there.
    async fn hear(
        &self,
        greeted: oneshot::Receiver<Hello>,
        mut waiting: mpsc::Receiver<Event>,
    ) -> Result<(), Failure> {
        match timeout(CONNECT_TIMEOUT, greeted).await {
            Ok(Ok(Hello::Welcome)) => {}
            Ok(Ok(Hello::BadToken)) => return Err(refused_token()),
            Ok(Ok(Hello::Refused)) => return Err(failure("refused")),
            // Closed before a word was said: the line's end tells.
            Ok(Err(_)) => return Ok(()),
            Err(_) => return Err(failure("timeout")),
        }
        self.source.set_live(true);
        self.source.catch_up().await;
        self.source.board.shut_out(None).await;
        self.source.board.live(None).await;
        self.source.sink.listening().await;
        while let Some(event) = waiting.recv().await {
            self.keep_event(&event).await;
        }
        Ok(())
    }

    async fn keep_event(&self, event: &Event) {
        let mut backoff = Backoff::default();
        let random = self.source.api.random();
        for _ in 0..TRIES {
            match self.source.happening(event).await {
                Ok(None) => return,
                Ok(Some(incoming)) => {
                    // Zoom does not tell it again: it waits until there is room.
                    while let Err(failure) = self.source.take(vec![incoming.clone()], None).await {
                        tracing::warn!(failure.code = %failure.code, "an event waits to be kept");
                        sleep(backoff.next(random)).await;
                    }
                    return;
                }
                Err(failure) if may_pass(&failure) => sleep(backoff.next(random)).await,
                Err(failure) => {
                    tracing::warn!(failure.code = %failure.code, "an event could not be read");
                    break;
                }
            }
        }
        self.source.read_again();
    }

    async fn after(&mut self, (ended, lived): (Ended, Duration)) -> Duration {
        if lived >= STEADY {
            self.backoff.reset();
        }
        let random = self.source.api.random();
        if self.contest.is_lost(ended, lived) {
            tracing::warn!("the event subscription is left to another hub for some minutes");
            self.source.board.live(Some(TAKEN)).await;
            return LEFT_FOR + LEFT_FOR.mul_f64((random.bits() % 1_000) as f64 / 2_000.0);
        }
        let why = match ended {
            Ended::Closed => "the socket was closed",
            Ended::Silent => "the socket fell silent",
            Ended::Full => "more happened than could be kept at once",
        };
        self.source.board.live(Some(why)).await;
        self.backoff.next(random)
    }

    async fn after_failure(&mut self, failure: Failure) -> Duration {
        let own = self.backoff.next(self.source.api.random());
        if !may_pass(&failure) {
            let why = format!(
                "the event subscription's socket is refused ({})",
                failure.code
            );
            self.source.board.live(Some(&why)).await;
            // The first time another token may help.
            return match self.refused.is_some() {
                true => own,
                false => own.max(LEAST_WAIT_FOR_PERSON),
            };
        }
        let why = format!("the socket could not be opened ({})", failure.code);
        self.source.board.live(Some(&why)).await;
        pause_after(&failure, own)
    }
}

/// Whether somebody else takes the socket.
#[derive(Debug, Default)]
struct Contest {
    short_ones: u32,
}

impl Contest {
    /// After it was left once, one more short socket is enough to leave it again.
    fn is_lost(&mut self, ended: Ended, lived: Duration) -> bool {
        match ended {
            Ended::Closed if lived < STEADY => self.short_ones = self.short_ones.saturating_add(1),
            Ended::Closed | Ended::Silent | Ended::Full => self.short_ones = 0,
        }
        self.short_ones >= SHORT_ONES
    }
}

async fn connect(
    settings: &Settings,
    subscription: &str,
    token: &Secret,
) -> Result<Socket, Failure> {
    let url = address(&settings.socket_url, subscription, token);
    let connecting = connect_async_with_config(url.as_str(), None, true);
    match timeout(CONNECT_TIMEOUT, connecting).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(Error::Http(answer))) if matches!(answer.status().as_u16(), 401 | 403) => {
            Err(refused_token())
        }
        Ok(Err(_)) => Err(failure("no_socket")),
        Err(_) => Err(failure("timeout")),
    }
}

fn address(base: &Url, subscription: &str, token: &Secret) -> Url {
    let mut url = base.clone();
    url.query_pairs_mut()
        .append_pair("subscriptionId", subscription)
        .append_pair("access_token", token.reveal());
    url
}

fn refused_token() -> Failure {
    Failure::new(FailureKind::NotAuthorised, "invalid_token", "socket")
}

/// Zoom answered, and wants no socket of this subscription.
fn turned_away(code: &str) -> Failure {
    Failure::new(FailureKind::Rejected, code, "socket")
}

fn failure(code: &str) -> Failure {
    Failure::new(FailureKind::NotSent, code, "socket")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_secs(2);

    #[test]
    fn a_socket_that_never_holds_is_left_to_the_other_hub() {
        let mut contest = Contest::default();
        let lost: Vec<bool> = (0..4)
            .map(|_| contest.is_lost(Ended::Closed, SHORT))
            .collect();
        assert_eq!(lost, [false, false, true, true]);
        assert!(!contest.is_lost(Ended::Closed, STEADY));
        assert!(!contest.is_lost(Ended::Closed, SHORT));
    }

    #[test]
    fn what_ends_for_other_reasons_is_nobody_elses_doing() {
        let mut contest = Contest::default();
        for ended in [Ended::Closed, Ended::Silent, Ended::Closed, Ended::Full] {
            assert!(!contest.is_lost(ended, SHORT));
        }
    }
}
