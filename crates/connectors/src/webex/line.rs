//! One open socket: it says whose it is, hands on what arrives, acknowledges what was kept, and
//! notices when the other end has fallen silent.
//!
//! Source: <https://github.com/webex/webex-js-sdk>, `packages/@webex/internal-plugin-mercury`, and
//! <https://github.com/fbradyirl/webex_bot>, which uses it with a bot's token.

use std::time::Duration;

use causeway_model::Timestamp;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message, Utf8Bytes, protocol::CloseFrame},
};
use tokio_util::sync::CancellationToken;

use super::{
    activity::{Activity, Frame},
    api::Api,
};
use crate::Secret;

/// How often Mercury is asked whether it is there, and how soon it must say so, by its clock: what
/// Webex's own SDK does.
const PING_EVERY: Duration = Duration::from_secs(15);
const PONG_WITHIN: Duration = Duration::from_secs(14);
const SHORTEST_BEAT: Duration = Duration::from_millis(20);
const FAREWELL: Duration = Duration::from_secs(1);

/// What a frame told.
#[derive(Debug)]
pub(super) struct Heard {
    /// Whose acknowledgement is waited for.
    pub frame: Option<String>,
    /// When it came.
    pub at: Timestamp,
    pub activity: Option<Activity>,
    /// Frames before this one are missing, since then.
    pub missed: Option<Timestamp>,
}

/// Where a socket puts what it has, and where it is told what was kept.
pub(super) struct Outlets {
    pub ready: oneshot::Sender<()>,
    pub heard: mpsc::Sender<Heard>,
    pub kept: mpsc::UnboundedReceiver<String>,
}

/// How a socket came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Stopped,
    Closed(Closed),
    Silent,
    /// More came than anybody took.
    Full,
}

/// What the other end says as it closes a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// Nothing that another socket would not mend.
    ForNow,
    /// It is done with us.
    Done,
    /// Another socket of the same device has taken its place.
    Replaced,
    /// It did not understand what we said.
    NotUnderstood,
    BadToken,
    Forbidden,
}

/// Serves one socket to its end, and answers when something was last heard from it.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    (api, token): (&Api, &Secret),
    mut outlets: Outlets,
    stop: &CancellationToken,
) -> (Ended, Option<Timestamp>) {
    let (every, within) = beat(api);
    let mut frames = Frames::new(outlets.ready, outlets.heard);
    if say(&mut socket, &authorization(api, token)).await.is_err() {
        return (Ended::Closed(Closed::ForNow), None);
    }
    let mut pings = interval(every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut word_at = Instant::now();
    let ended = loop {
        let said = tokio::select! {
            biased;
            Some(frame) = outlets.kept.recv() => say(&mut socket, &acknowledgement(&frame)).await,
            () = stop.cancelled() => break Ended::Stopped,
            word = socket.next() => {
                word_at = Instant::now();
                match frames.hear(word, api.clock().now()) {
                    Ok(None) => Ok(()),
                    Ok(Some(frame)) => say(&mut socket, &acknowledgement(&frame)).await,
                    Err(ended) => break ended,
                }
            }
            _ = pings.tick() => say(&mut socket, &ping(api)).await,
            () = sleep_until(word_at + every + within) => break Ended::Silent,
        };
        if said.is_err() {
            break Ended::Closed(Closed::ForNow);
        }
    };
    let last_at = frames.last_at;
    drop(frames);
    // What was kept meanwhile should not be told again for want of a last word.
    while let Ok(frame) = outlets.kept.try_recv() {
        let _ = socket.feed(words(&acknowledgement(&frame))).await;
    }
    let _ = tokio::time::timeout(FAREWELL, socket.close(None)).await;
    (ended, last_at)
}

fn beat(api: &Api) -> (Duration, Duration) {
    [PING_EVERY, PONG_WITHIN]
        .map(|time| api.settings().by_our_clock(time))
        .map(|ms| Duration::from_millis(ms.unsigned_abs()).max(SHORTEST_BEAT))
        .into()
}

/// What has been heard on one socket.
struct Frames {
    ready: Option<oneshot::Sender<()>>,
    heard: mpsc::Sender<Heard>,
    last_number: Option<u64>,
    last_at: Option<Timestamp>,
}

impl Frames {
    fn new(ready: oneshot::Sender<()>, heard: mpsc::Sender<Heard>) -> Self {
        Self {
            ready: Some(ready),
            heard,
            last_number: None,
            last_at: None,
        }
    }

    /// Hands on what a word of the other end says; answers the frame that nobody need keep.
    fn hear(
        &mut self,
        word: Option<Result<Message, tungstenite::Error>>,
        now: Timestamp,
    ) -> Result<Option<String>, Ended> {
        let bytes = match word {
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Text(text))) => text.into(),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return Ok(None),
            Some(Ok(Message::Close(frame))) => return Err(Ended::Closed(closed(frame.as_ref()))),
            Some(Err(_)) | None => return Err(Ended::Closed(Closed::ForNow)),
        };
        let Some(frame) = Frame::read(&bytes) else {
            tracing::warn!("a frame of the socket is not readable");
            return Ok(None);
        };
        if let Some(ready) = self.ready.take() {
            let _ = ready.send(());
        }
        let is_answer = frame.is_answer();
        let (missed, activity) = (self.missed_before(&frame), frame.activity());
        self.last_at = Some(now);
        if missed.is_none() && activity.is_none() {
            return Ok(frame.id.filter(|_| !is_answer));
        }
        let heard = Heard {
            frame: frame.id,
            at: now,
            activity,
            missed,
        };
        match self.heard.try_send(heard) {
            Ok(()) => Ok(None),
            Err(_) => Err(Ended::Full),
        }
    }

    fn missed_before(&mut self, frame: &Frame) -> Option<Timestamp> {
        let number = frame.number()?;
        let last = self.last_number.replace(number)?;
        self.last_at.filter(|_| number > last + 1)
    }
}

/// 1000 is an end for good, except where it is for having been idle.
fn closed(frame: Option<&CloseFrame>) -> Closed {
    let Some(frame) = frame else {
        return Closed::ForNow;
    };
    let reason = frame.reason.to_ascii_lowercase();
    let was_idle = ["idle", "ping", "pong", "forced"]
        .iter()
        .any(|word| reason.contains(word));
    match u16::from(frame.code) {
        1000 if !was_idle => Closed::Done,
        1003 | 4400 => Closed::NotUnderstood,
        4000 => Closed::Replaced,
        4401 => Closed::BadToken,
        4403 => Closed::Forbidden,
        _ => Closed::ForNow,
    }
}

fn authorization(api: &Api, token: &Secret) -> Value {
    let bearer = format!("Bearer {}", token.reveal());
    json!({ "id": name(api), "type": "authorization", "data": { "token": bearer } })
}

fn ping(api: &Api) -> Value {
    json!({ "id": name(api), "type": "ping" })
}

fn acknowledgement(frame: &str) -> Value {
    json!({ "type": "ack", "messageId": frame })
}

fn name(api: &Api) -> String {
    let bits = api.random().bits().to_be_bytes();
    uuid::Builder::from_random_bytes(bits)
        .into_uuid()
        .to_string()
}

fn words(value: &Value) -> Message {
    Message::Text(Utf8Bytes::from(value.to_string()))
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    value: &Value,
) -> Result<(), tungstenite::Error> {
    socket.send(words(value)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_close_code_means_what_the_sdk_takes_it_for() {
        let told = |code: u16, reason: &'static str| {
            let frame = CloseFrame {
                code: code.into(),
                reason: reason.into(),
            };
            closed(Some(&frame))
        };
        for code in [1001, 1011, 1012, 4999] {
            assert_eq!(told(code, ""), Closed::ForNow, "{code}");
        }
        for reason in ["idle", "Pong not received", "done (forced)"] {
            assert_eq!(told(1000, reason), Closed::ForNow, "{reason}");
        }
        assert_eq!(told(1000, "done"), Closed::Done);
        assert_eq!(told(1003, ""), Closed::NotUnderstood);
        assert_eq!(told(4000, ""), Closed::Replaced);
        assert_eq!(told(4400, ""), Closed::NotUnderstood);
        assert_eq!(told(4401, ""), Closed::BadToken);
        assert_eq!(told(4403, ""), Closed::Forbidden);
        assert_eq!(closed(None), Closed::ForNow);
    }
}
