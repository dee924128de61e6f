//! Events over HTTP, for a hub that Slack can reach: three places on the listener, each for signed
//! requests alone.
//!
//! Answers are given within the three seconds that Slack waits: 200 once everything is kept, 503
//! when it could not be (Slack sends events again), 401 for what is not signed by Slack or not of
//! now, 403 for what is another app's or workspace's.
//!
//! Sources: <https://docs.slack.dev/apis/events-api/using-http-request-urls>,
//! <https://docs.slack.dev/interactivity/handling-user-interaction>.

pub(super) mod form;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use causeway_model::{Clock, Failure, FailureKind, HealthState, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    SlackConnector,
    keeping::{Delivered, MOST_WAITING, Passed, Turn, Way, commit_all, words_for},
    own::Own,
    seen::Seen,
    wire::{Frame, Outer, Sender, SlashCommand},
};
use crate::{
    backoff::Backoff,
    connector::EventSink,
    signed::{Signature, SignedIn, SigningKey},
};

/// The largest body that is read; Slack's events stay far below.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Slack gives up after three seconds, and sends again what was not accepted.
const ANSWER_WITHIN: Duration = Duration::from_millis(2_500);
/// Slack says once a minute that it leaves events out.
const QUIET: Duration = Duration::from_secs(75);
/// Slack's limit is one of an hour: what it leaves out is no older.
const EARLIEST_MS: i64 = 60 * 60 * 1_000;
/// Longer than any that Slack sends.
const LONGEST_CHALLENGE: usize = 512;
const SIGNED_IN: SignedIn = SignedIn {
    signature: "x-slack-signature",
    made_at: "x-slack-request-timestamp",
};
/// Tells Slack not to send again what would be refused again.
const NO_RETRY: HeaderName = HeaderName::from_static("x-slack-no-retry");

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Listens until `stop`, or until a person must act.
pub(super) async fn listen(
    slack: &SlackConnector,
    sink: Arc<dyn EventSink>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    sink.health(HealthState::Connecting, None).await;
    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        failure = hear(slack, sink.as_ref()) => Err(failure),
    };
    if let Some((listener, name)) = &slack.reached {
        listener.unmount(name);
    }
    if let Err(failure) = &ended {
        sink.health(HealthState::NeedsAuthorisation, Some(words_for(failure)))
            .await;
    }
    ended
}

/// Serves Slack's requests, for ever; what it returns is what a person must see to.
async fn hear(slack: &SlackConnector, sink: &dyn EventSink) -> Failure {
    let missing = |code| Failure::new(FailureKind::NotSupported, code, "listen");
    let Some((listener, name)) = &slack.reached else {
        return missing("no_public_address");
    };
    let Some(secret) = &slack.signing_secret else {
        return missing("no_signing_secret");
    };
    // Nothing may knock before it is known whose it has to be.
    let own = match known(slack, sink).await {
        Ok(own) => own,
        Err(failure) => return failure,
    };
    let (envelopes, waiting) = mpsc::channel(MOST_WAITING);
    let (limits, limited) = mpsc::unbounded_channel();
    let desk = Desk {
        key: SigningKey::new(secret, SIGNED_IN),
        own,
        clock: slack.clock.clone(),
        envelopes: envelopes.clone(),
        limits,
        seen: Mutex::default(),
    };
    // There is room: nobody else has the channel yet.
    let _ = envelopes.send(Passed::Turn(Turn::Beginning)).await;
    listener.mount(name, router(Arc::new(desk)));
    tokio::select! {
        failure = commit_all(slack, sink, waiting) => failure,
        () = read_back(limited, envelopes) => missing("closed"),
    }
}

/// Who we are, asked until it is told or a person must act.
async fn known(slack: &SlackConnector, sink: &dyn EventSink) -> Result<Arc<Own>, Failure> {
    let mut backoff = Backoff::default();
    loop {
        let failure = match slack.own.get(&slack.api).await {
            Ok(own) => return Ok(own),
            Err(failure) => failure,
        };
        let asked = match failure.kind {
            FailureKind::Throttled { after_ms } => Duration::from_millis(after_ms.unwrap_or(0)),
            FailureKind::NotSent | FailureKind::Unknown => Duration::ZERO,
            FailureKind::NotAuthorised
            | FailureKind::Forbidden
            | FailureKind::Gone
            | FailureKind::NotSupported
            | FailureKind::Rejected => return Err(failure),
        };
        let detail = "Slack cannot be reached";
        sink.health(HealthState::Degraded, Some(detail.to_owned()))
            .await;
        sleep(asked.max(backoff.next(slack.random.as_ref()))).await;
    }
}

/// What Slack leaves out is read back at once, and once more when it has stopped to say so: what
/// it left out last came after the first time.
async fn read_back(
    mut limited: mpsc::UnboundedReceiver<Timestamp>,
    envelopes: mpsc::Sender<Passed>,
) {
    while let Some(since) = limited.recv().await {
        let _ = envelopes.send(Passed::Turn(Turn::LeavesOut(since))).await;
        while let Ok(Some(_)) = timeout(QUIET, limited.recv()).await {}
        let _ = envelopes.send(Passed::Turn(Turn::LeftOut(since))).await;
    }
}

/// Who decides what a request is.
struct Desk {
    key: SigningKey,
    own: Arc<Own>,
    clock: Arc<dyn Clock>,
    envelopes: mpsc::Sender<Passed>,
    limits: mpsc::UnboundedSender<Timestamp>,
    seen: Mutex<Seen>,
}

/// Why a request is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    WrongType,
    Forged,
    /// Signed, and nothing that we can read.
    Broken,
    /// Signed, and of another app or workspace.
    NotOurs,
    NotNow,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let for_good = [(NO_RETRY, "1")];
        match self {
            Self::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
            Self::Forged => StatusCode::UNAUTHORIZED.into_response(),
            Self::Broken => (StatusCode::BAD_REQUEST, for_good).into_response(),
            Self::NotOurs => (StatusCode::FORBIDDEN, for_good).into_response(),
            Self::NotNow => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

type Answer = Result<Response, Refused>;

/// `POST /events`, `POST /commands` and `POST /interactive`.
fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/events", post(events))
        .route("/commands", post(commands))
        .route("/interactive", post(interactive))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(desk)
}

async fn events(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Answer {
    let signature = desk.admit(&headers, &body, JSON)?;
    let payload: Value = serde_json::from_slice(&body).map_err(|_| Refused::Broken)?;
    let outer = Outer::deserialize(&payload).map_err(|_| Refused::Broken)?;
    match outer.kind.as_str() {
        "url_verification" => handshake(outer.challenge.as_deref()),
        "event_callback" => {
            desk.check(&outer.sender)?;
            desk.keep("events_api", payload, signature).await
        }
        "app_rate_limited" => {
            desk.check(&outer.sender)?;
            desk.left_out(outer.minute_rate_limited, signature)
        }
        // Whatever else Slack may come to tell is none of ours, and no reason to tell it again.
        _ => Ok(StatusCode::OK.into_response()),
    }
}

async fn commands(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Answer {
    let signature = desk.admit(&headers, &body, FORM)?;
    let payload = form::fields(&body).ok_or(Refused::Broken)?;
    let sender = Sender::deserialize(&payload).map_err(|_| Refused::Broken)?;
    desk.check(&sender)?;
    SlashCommand::deserialize(&payload).map_err(|_| Refused::Broken)?;
    desk.keep("slash_commands", payload, signature).await
}

async fn interactive(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Answer {
    let signature = desk.admit(&headers, &body, FORM)?;
    let fields = form::fields(&body).ok_or(Refused::Broken)?;
    let payload = fields["payload"].as_str().ok_or(Refused::Broken)?;
    let payload: Value = serde_json::from_str(payload).map_err(|_| Refused::Broken)?;
    let sender = Sender::of_interaction(&payload).map_err(|_| Refused::Broken)?;
    desk.check(&sender)?;
    desk.keep("interactive", payload, signature).await
}

/// Slack proves that we want to hear by having its word read back. As plain text it can be no
/// script for anybody's browser.
fn handshake(challenge: Option<&str>) -> Answer {
    let challenge = challenge.filter(|word| word.len() <= LONGEST_CHALLENGE);
    let challenge = challenge.ok_or(Refused::Broken)?.to_owned();
    let headers = [
        (header::CONTENT_TYPE, "text/plain"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((StatusCode::OK, headers, challenge).into_response())
}

impl Desk {
    /// Nothing in a body is looked at before this.
    fn admit(&self, headers: &HeaderMap, body: &[u8], kind: &str) -> Result<Signature, Refused> {
        if !is_plain(headers, kind) {
            return Err(Refused::WrongType);
        }
        let checked = self.key.check(headers, body, self.clock.now());
        checked.map_err(|_| {
            tracing::warn!("a request that Slack has not signed just now was refused");
            Refused::Forged
        })
    }

    /// Another app may have been given our addresses, and an app may be installed elsewhere too.
    fn check(&self, sender: &Sender) -> Result<(), Refused> {
        match sender.is(self.own.app_id.as_deref(), self.own.team_id.as_deref()) {
            true => Ok(()),
            false => {
                tracing::warn!("a request of another app or workspace was refused");
                Err(Refused::NotOurs)
            }
        }
    }

    /// Has it committed, in the order of arrival, and only then answers.
    async fn keep(&self, kind: &str, payload: Value, signature: Signature) -> Answer {
        if self.seen().has(&signature) {
            return Ok(StatusCode::OK.into_response());
        }
        let (answer, committed) = oneshot::channel();
        let delivered = Delivered {
            frame: Frame::of_request(kind, payload),
            envelope_id: signature.word(),
            way: Way::Request(answer),
        };
        self.envelopes
            .try_send(Passed::Envelope(delivered))
            .map_err(|_| Refused::NotNow)?;
        match timeout(ANSWER_WITHIN, committed).await {
            Ok(Ok(())) => {
                self.seen().remember(signature, self.clock.now());
                Ok(StatusCode::OK.into_response())
            }
            Ok(Err(_)) | Err(_) => Err(Refused::NotNow),
        }
    }

    /// `minute` is the one that began to be limited, in seconds since the Unix epoch.
    fn left_out(&self, minute: Option<i64>, signature: Signature) -> Answer {
        if !self.seen().has(&signature) {
            let earliest = self.clock.now().plus_ms(-EARLIEST_MS);
            let since = minute.map(|minute| Timestamp(minute.saturating_mul(1_000)));
            let since = since.map_or(earliest, |since| since.max(earliest));
            self.limits.send(since).map_err(|_| Refused::NotNow)?;
            self.seen().remember(signature, self.clock.now());
        }
        Ok(StatusCode::OK.into_response())
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the body is of this type, in the clear: once, whatever its parameters.
fn is_plain(headers: &HeaderMap, kind: &str) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(given), None) = (types.next(), types.next()) else {
        return false;
    };
    let given = given.to_str().unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(kind) && !headers.contains_key(header::CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_out_is_read_back_at_once_and_when_the_limit_is_over() {
        let (limits, limited) = mpsc::unbounded_channel();
        let (envelopes, mut waiting) = mpsc::channel(8);
        tokio::spawn(read_back(limited, envelopes));
        let began = tokio::time::Instant::now();
        let mut turns = Vec::new();
        for _ in 0..3 {
            let since = Timestamp(i64::try_from(began.elapsed().as_secs()).expect("a while"));
            limits.send(since).expect("somebody listens");
            sleep(Duration::from_secs(60)).await;
        }
        while turns.len() < 2 {
            let Some(Passed::Turn(turn)) = waiting.recv().await else {
                panic!("a turn");
            };
            turns.push((turn, began.elapsed().as_secs()));
        }
        assert_eq!(turns[0].0, Turn::LeavesOut(Timestamp(0)));
        assert_eq!(turns[1].0, Turn::LeftOut(Timestamp(0)));
        assert!(turns[1].1 >= 120 + QUIET.as_secs());
    }
}
