//! Mercury, by one token: a socket that is kept open for as long as its owner is to be heard.
//!
//! Source: <https://github.com/webex/webex-js-sdk>, `packages/@webex/internal-plugin-mercury`.

use std::{sync::Arc, time::Duration};

use causeway_model::{Failure, FailureKind, Timestamp};
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
    devices::{self, Device},
    health::Board,
    keeping::OVERLAP_MS,
    line::{self, Closed, Ended, Heard, Outlets},
    purpose::Purpose,
    refusal::may_pass,
};
use crate::{Secret, TokenOwner, backoff::Backoff};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A socket that held this long was a good one: what ended it has nothing to do with us.
const STEADY: Duration = Duration::from_secs(60);
/// Nobody mends what is refused within seconds.
const LEAST_WAIT_FOR_PERSON: Duration = Duration::from_secs(60);
/// How long a device is left to another hub that uses it; up to half as long again by chance, so that
/// both do not try at the same moment.
const LEFT_FOR: Duration = Duration::from_secs(300);
/// How much rarer than the poll somebody is looked at who has not signed in.
const RARER: u32 = 5;
/// How many frames wait to be kept. More are read back like what was missed.
const MOST_WAITING: usize = 1_024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Keeps the socket of one token.
pub(super) struct Keeper {
    api: Api,
    owner: TokenOwner,
    purpose: Purpose,
    board: Arc<Board>,
    backoff: Backoff,
    device: Option<Device>,
    /// A token that the socket did not take.
    refused: Option<Secret>,
    /// Since when nothing is heard by this socket.
    lost_at: Timestamp,
}

/// A socket that is open, but has not said anything yet.
struct Open {
    socket: Socket,
    token: Secret,
}

/// When a socket is followed by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Soon,
    /// Once a person may have mended it.
    Later,
    /// When another hub may have given the device up.
    MuchLater,
}

impl Keeper {
    pub(super) fn new(api: Api, owner: TokenOwner, purpose: Purpose, board: Arc<Board>) -> Self {
        Self {
            lost_at: api.clock().now(),
            api,
            owner,
            purpose,
            board,
            backoff: Backoff::default(),
            device: None,
            refused: None,
        }
    }

    /// Keeps it open until stopped, and takes its device down then.
    pub(super) async fn keep(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = self.turn(&stop).await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(pause) => {}
            }
        }
        self.board.unwanted(&self.owner).await;
        if let Some(device) = &self.device
            && let Err(failure) = devices::remove(&self.api, &self.owner, device).await
        {
            tracing::warn!(failure.code, "a socket's device is left behind");
        }
    }

    /// One socket from its opening to its end, and how long to wait then.
    async fn turn(&mut self, stop: &CancellationToken) -> Duration {
        let opened = tokio::select! {
            () = stop.cancelled() => return Duration::ZERO,
            opened = self.open() => opened,
        };
        let ended = match opened {
            Ok(Some(open)) => self.serve(open, stop).await,
            Ok(None) => {
                self.lost_at = self.api.clock().now();
                self.board.unwanted(&self.owner).await;
                return Duration::from_millis(self.api.settings().poll_every_ms) * RARER;
            }
            Err(failure) => Err(failure),
        };
        match ended {
            Ok(ended) => self.after(ended).await,
            Err(failure) => self.after_failure(failure).await,
        }
    }

    /// None where there is nothing to open: nobody has signed in, or not for this.
    async fn open(&mut self) -> Result<Option<Open>, Failure> {
        let tokens = self.api.tokens();
        let refused = self.refused.take();
        let token = match &refused {
            Some(refused) => tokens.access_instead_of(&self.owner, refused).await,
            None => tokens.access(&self.owner).await,
        };
        let token = match token {
            // Never given, or taken back.
            Err(failure) if matches!(failure.code.as_str(), "no_token" | "invalid_grant") => {
                return Ok(None);
            }
            token => token?,
        };
        if !self.purpose.wants(&self.api, &self.owner).await? {
            return Ok(None);
        }
        let device = self.device().await?;
        match connect(&device.socket).await {
            Ok(socket) => Ok(Some(Open { socket, token })),
            Err(failure) => {
                match failure.kind {
                    FailureKind::NotAuthorised => self.refused = Some(token),
                    FailureKind::Gone => self.forget_device().await,
                    FailureKind::Throttled { .. }
                    | FailureKind::NotSent
                    | FailureKind::Forbidden
                    | FailureKind::NotSupported
                    | FailureKind::Rejected
                    | FailureKind::Unknown => {}
                }
                Err(failure)
            }
        }
    }

    async fn device(&mut self) -> Result<Device, Failure> {
        if let Some(device) = &self.device {
            return Ok(device.clone());
        }
        let device = devices::find_or_register(&self.api, &self.owner).await?;
        Ok(self.device.insert(device).clone())
    }

    /// A device whose socket is not there is found no more, and another is registered.
    async fn forget_device(&mut self) {
        if let Some(device) = self.device.take()
            && let Err(failure) = devices::remove(&self.api, &self.owner, &device).await
        {
            tracing::warn!(failure.code, "a device without a socket is left behind");
        }
    }

    async fn serve(&mut self, open: Open, stop: &CancellationToken) -> Result<Ended, Failure> {
        let (ready, greeted) = oneshot::channel();
        let (heard, waiting) = mpsc::channel(MOST_WAITING);
        let (keep, kept) = mpsc::unbounded_channel();
        let outlets = Outlets { ready, heard, kept };
        let (since, end) = (Instant::now(), stop.child_token());
        let serving = line::serve(open.socket, (&self.api, &open.token), outlets, &end);
        let hearing = async {
            let heard = tokio::select! {
                () = stop.cancelled() => Ok(()),
                heard = self.hear(greeted, waiting, keep) => heard,
            };
            if heard.is_err() {
                end.cancel();
            }
            heard
        };
        let ((ended, last_at), heard) = tokio::join!(serving, hearing);
        let heard_until = match &heard {
            Ok(()) => last_at,
            Err((_, kept_until)) => *kept_until,
        };
        if let Some(heard_until) = heard_until {
            self.lost_at = heard_until.plus_ms(-OVERLAP_MS);
        }
        if since.elapsed() >= STEADY {
            self.backoff.reset();
        }
        if ended == Ended::Closed(Closed::BadToken) {
            self.refused = Some(open.token);
        }
        heard.map(|()| ended).map_err(|(failure, _)| failure)
    }

    /// Has kept what the socket brings, in its order, and acknowledges it then. What could not be kept
    /// came at the time beside the failure; without one nothing was, not even what was missed before.
    async fn hear(
        &self,
        greeted: oneshot::Receiver<()>,
        mut waiting: mpsc::Receiver<Heard>,
        keep: mpsc::UnboundedSender<String>,
    ) -> Result<(), (Failure, Option<Timestamp>)> {
        match timeout(CONNECT_TIMEOUT, greeted).await {
            Ok(Ok(())) => {}
            // Closed before a word was said: the line's end tells.
            Ok(Err(_)) => return Ok(()),
            Err(_) => return Err((failure("timeout"), None)),
        }
        let opened = self.purpose.opened(&self.owner, self.lost_at).await;
        opened.map_err(|failure| (failure, None))?;
        self.board.opened(&self.owner).await;
        while let Some(heard) = waiting.recv().await {
            let taken = self.purpose.take(&self.owner, &heard).await;
            taken.map_err(|failure| (failure, Some(heard.at)))?;
            if let Some(frame) = heard.frame {
                let _ = keep.send(frame);
            }
        }
        Ok(())
    }

    async fn after(&mut self, ended: Ended) -> Duration {
        let (next, why) = match ended {
            Ended::Stopped => return Duration::ZERO,
            Ended::Silent => (Next::Soon, failure("silent")),
            Ended::Full => (Next::Soon, failure("full")),
            Ended::Closed(closed) => after_close(closed),
        };
        self.board.closed(&self.owner, why).await;
        let own = self.backoff.next(self.api.random());
        match next {
            Next::Soon => own,
            Next::Later => own.max(LEAST_WAIT_FOR_PERSON),
            Next::MuchLater => {
                let chance = (self.api.random().bits() % 1_000) as f64 / 2_000.0;
                LEFT_FOR + LEFT_FOR.mul_f64(chance)
            }
        }
    }

    async fn after_failure(&mut self, failure: Failure) -> Duration {
        let own = self.backoff.next(self.api.random());
        let least = match failure.kind {
            // Another token, or another device, may help.
            FailureKind::NotAuthorised if self.refused.is_some() => Duration::ZERO,
            FailureKind::Gone if self.device.is_none() => Duration::ZERO,
            FailureKind::Throttled {
                after_ms: Some(after_ms),
            } => Duration::from_millis(after_ms),
            FailureKind::Throttled { after_ms: None }
            | FailureKind::NotSent
            | FailureKind::NotAuthorised
            | FailureKind::Forbidden
            | FailureKind::Gone
            | FailureKind::NotSupported
            | FailureKind::Rejected
            | FailureKind::Unknown => match may_pass(&failure) {
                true => Duration::ZERO,
                false => LEAST_WAIT_FOR_PERSON,
            },
        };
        self.board.closed(&self.owner, failure).await;
        own.max(least)
    }
}

fn after_close(closed: Closed) -> (Next, Failure) {
    let (next, code) = match closed {
        Closed::ForNow => (Next::Soon, "closed"),
        Closed::BadToken => (Next::Soon, "token_refused"),
        Closed::Done => (Next::Later, "closed_for_good"),
        Closed::NotUnderstood => (Next::Later, "not_understood"),
        Closed::Forbidden => {
            let refused = Failure::new(FailureKind::Forbidden, "forbidden", "socket");
            return (Next::MuchLater, refused);
        }
        Closed::Replaced => (Next::MuchLater, "used_by_another_hub"),
    };
    (next, failure(code))
}

async fn connect(address: &Url) -> Result<Socket, Failure> {
    let mut url = address.clone();
    // Only then the socket tells when it is ready.
    url.query_pairs_mut().append_pair("bufferStates", "true");
    let connecting = connect_async_with_config(url.as_str(), None, true);
    match timeout(CONNECT_TIMEOUT, connecting).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(Error::Http(answer))) => Err(refused(answer.status().as_u16())),
        Ok(Err(_)) => Err(failure("no_socket")),
        Err(_) => Err(failure("timeout")),
    }
}

fn refused(status: u16) -> Failure {
    let kind = match status {
        401 => FailureKind::NotAuthorised,
        403 => FailureKind::Forbidden,
        404 | 410 => FailureKind::Gone,
        429 => FailureKind::Throttled { after_ms: None },
        _ => FailureKind::NotSent,
    };
    Failure::new(kind, format!("http_{status}"), "socket")
}

fn failure(code: &str) -> Failure {
    Failure::new(FailureKind::NotSent, code, "socket")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_opened_again_soon_but_where_somebody_must_act_or_another_hub_has_it() {
        let next = |closed| after_close(closed).0;
        assert_eq!(next(Closed::ForNow), Next::Soon);
        assert_eq!(next(Closed::BadToken), Next::Soon);
        assert_eq!(next(Closed::Done), Next::Later);
        assert_eq!(next(Closed::NotUnderstood), Next::Later);
        assert_eq!(next(Closed::Replaced), Next::MuchLater);
        assert_eq!(next(Closed::Forbidden), Next::MuchLater);
    }
}
