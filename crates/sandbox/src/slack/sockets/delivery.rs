//! Envelopes on their way: one socket each (or a request), an acknowledgement in three seconds, and
//! for events three more tries.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::{clock::Millis, faults::FaultKind, wire::delayed};

use super::Sockets;

/// How long an acknowledgement may take. It is what the hub itself needs, so it passes in real
/// time, unless the clock is pushed.
const ACKNOWLEDGE_MS: Millis = 3_000;

/// When an event is tried again, after the last failure, in the sandbox's time.
const RETRY_MS: [Millis; 3] = [0, 60_000, 300_000];

/// How long an event waits to be overtaken by another, in the sandbox's time.
const OVERTAKING_MS: Millis = 2_000;

/// What is sent over a socket.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// `events_api`, `slash_commands`, `interactive`
    pub kind: &'static str,
    pub payload: Value,
    /// Whether the acknowledgement may carry an answer.
    pub answerable: bool,
}

/// What became of one try.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// With the payload of the acknowledgement, or null.
    Acknowledged(Value),
    /// No acknowledgement in time.
    TimedOut,
    /// There was no socket, or it died; or no URL.
    NoSocket,
    /// A request had no good answer, for this reason.
    Failed(&'static str),
    /// A request is not to be sent again.
    Refused,
}

/// An envelope on its way.
pub enum Try {
    Socket(OnSocket),
    Request(oneshot::Receiver<Outcome>),
}

/// An envelope on a socket, waiting for its acknowledgement.
pub struct OnSocket {
    envelope_id: String,
    answer: oneshot::Receiver<Value>,
    closed: CancellationToken,
    until: Millis,
}

impl Sockets {
    /// Delivers an event. The first try is put on a socket before this returns, so that events
    /// keep their order there.
    pub fn publish(self: &Arc<Self>, payload: Value) {
        let mut kinds = vec![FaultKind::Duplicate, FaultKind::Reorder, FaultKind::Delay];
        if self.requests.are_on() {
            kinds.push(FaultKind::Throttle);
        }
        let struck = self.shared.faults.take_named("slack", "event", &kinds);
        let Some(fault) = struck else {
            self.publish_now(payload);
            return;
        };
        match fault.fault {
            FaultKind::Duplicate => {
                self.publish_now(payload.clone());
                self.publish_now(payload);
            }
            FaultKind::Reorder => self.hold(payload),
            FaultKind::Delay => self.deliver_at(delayed(&self.shared.clock, &fault), payload),
            // The event is left out, and the app is told so.
            FaultKind::Throttle => self.publish_now(limited(&payload, self.shared.clock.now())),
            FaultKind::FailBefore
            | FaultKind::FailAfter
            | FaultKind::Cut
            | FaultKind::Revoke
            | FaultKind::Expire => self.publish_now(payload),
        }
    }

    fn publish_now(self: &Arc<Self>, payload: Value) {
        let held = self.lock().held.take();
        self.deliver(payload);
        if let Some(held) = held {
            self.deliver(held);
        }
    }

    /// Keeps an event back until the next one has gone, or for a while if none comes.
    fn hold(self: &Arc<Self>, payload: Value) {
        let earlier = self.lock().held.replace(payload);
        if let Some(earlier) = earlier {
            self.deliver(earlier);
        }
        let sockets = self.clone();
        tokio::spawn(async move {
            let clock = &sockets.shared.clock;
            clock.sleep_until(clock.now() + OVERTAKING_MS).await;
            let held = sockets.lock().held.take();
            if let Some(held) = held {
                sockets.deliver(held);
            }
        });
    }

    fn deliver_at(self: &Arc<Self>, at: Millis, payload: Value) {
        let sockets = self.clone();
        tokio::spawn(async move {
            sockets.shared.clock.sleep_until(at).await;
            sockets.deliver(payload);
        });
    }

    fn deliver(self: &Arc<Self>, payload: Value) {
        let envelope = Envelope {
            kind: "events_api",
            payload,
            answerable: false,
        };
        let first = self.send(&envelope, 0, "");
        let sockets = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = sockets.stop.cancelled() => {}
                () = sockets.follow(&envelope, first) => {}
            }
        });
    }

    async fn follow(&self, envelope: &Envelope, first: Option<Try>) {
        let mut current = first;
        for (attempt, wait) in (1_u32..).zip(RETRY_MS) {
            let reason = match self.outcome(current).await {
                Outcome::Acknowledged(_) | Outcome::Refused => return,
                Outcome::TimedOut => "timeout",
                Outcome::NoSocket => "connection_failed",
                Outcome::Failed(reason) => reason,
            };
            let clock = &self.shared.clock;
            clock.sleep_until(clock.now() + wait).await;
            current = self.send(envelope, attempt, reason);
        }
        // The last try has no other after it: only its place in the list of those waiting is left.
        self.outcome(current).await;
    }

    /// Sends an envelope to the app once, whichever way the app has chosen.
    pub fn send(&self, envelope: &Envelope, attempt: u32, reason: &str) -> Option<Try> {
        if self.requests.are_on() {
            return self
                .requests
                .post(envelope, attempt, reason)
                .map(Try::Request);
        }
        self.put(envelope, attempt, reason).map(Try::Socket)
    }

    /// Puts an envelope on one of the open sockets, picked as if by chance.
    fn put(&self, envelope: &Envelope, attempt: u32, reason: &str) -> Option<OnSocket> {
        let mut inner = self.lock();
        inner.made += 1;
        let label = format!("envelope {}", inner.made);
        let envelope_id = self.seed.uuid(&label);
        let mut frame = json!({
            "envelope_id": envelope_id,
            "payload": envelope.payload,
            "type": envelope.kind,
            "accepts_response_payload": envelope.answerable,
        });
        if envelope.kind == "events_api" {
            frame["retry_attempt"] = attempt.into();
            frame["retry_reason"] = reason.into();
        }
        let index = self.seed.draw(&label, inner.open.len());
        let open = inner.open.get(index)?;
        open.frames.send(frame.to_string()).ok()?;
        let closed = open.closed.clone();
        let (waiting, answer) = oneshot::channel();
        inner.waiting.insert(envelope_id.clone(), waiting);
        let clock = &self.shared.clock;
        let until = clock.now() + ACKNOWLEDGE_MS * i64::from(clock.speed());
        Some(OnSocket {
            envelope_id,
            answer,
            closed,
            until,
        })
    }

    /// Waits for what becomes of a try.
    pub async fn outcome(&self, current: Option<Try>) -> Outcome {
        let current = match current {
            Some(Try::Socket(current)) => current,
            Some(Try::Request(answer)) => {
                return answer.await.unwrap_or(Outcome::Failed("connection_failed"));
            }
            None => return Outcome::NoSocket,
        };
        let outcome = tokio::select! {
            biased;
            Ok(answer) = current.answer => Outcome::Acknowledged(answer),
            () = current.closed.cancelled() => Outcome::NoSocket,
            () = self.shared.clock.sleep_until(current.until) => Outcome::TimedOut,
        };
        self.lock().waiting.remove(&current.envelope_id);
        outcome
    }
}

/// What Slack says in place of an event that is too many.
fn limited(event: &Value, now: Millis) -> Value {
    json!({
        "token": event["token"],
        "type": "app_rate_limited",
        "team_id": event["team_id"],
        "minute_rate_limited": now / 60_000 * 60,
        "api_app_id": event["api_app_id"],
    })
}
