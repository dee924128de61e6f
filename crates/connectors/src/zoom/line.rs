//! One open socket: it hands on what arrives, says that it is there, and notices when the other end
//! has fallen silent.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, Utf8Bytes},
};

use super::{settings::Settings, wire::Event};

/// How often Zoom wants to hear that we are there, by its clock.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Zoom answers each; so many without any word mean that nobody is there.
const SILENT_AFTER: u32 = 3;
const FAREWELL: Duration = Duration::from_secs(2);

/// How Zoom answers a new socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hello {
    Welcome,
    BadToken,
    Refused,
}

/// How a socket came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Closed,
    Silent,
    /// More came than anybody took.
    Full,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    module: String,
    success: Option<bool>,
    content: Option<serde_json::Value>,
}

/// What a frame says.
#[derive(Debug)]
enum Word {
    Hello(Hello),
    Event(Event),
    Nothing,
}

pub(super) fn heartbeat(settings: &Settings) -> Duration {
    settings
        .by_our_clock(HEARTBEAT)
        .max(Duration::from_millis(20))
}

/// Serves one socket to its end.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    events: mpsc::Sender<Event>,
    greet: oneshot::Sender<Hello>,
    every: Duration,
) -> Ended {
    let mut beats = interval_at(Instant::now() + every, every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut greet = Some(greet);
    let mut heard_at = Instant::now();
    let ended = loop {
        tokio::select! {
            frame = socket.next() => {
                let Some(Ok(message)) = frame else { break Ended::Closed };
                heard_at = Instant::now();
                match message {
                    Message::Text(text) => match word(&text) {
                        Word::Hello(hello) => {
                            if let Some(greet) = greet.take() {
                                let _ = greet.send(hello);
                            }
                            if hello != Hello::Welcome {
                                break Ended::Closed;
                            }
                        }
                        Word::Event(event) => if events.try_send(event).is_err() {
                            break Ended::Full;
                        },
                        Word::Nothing => {}
                    },
                    Message::Close(_) => break Ended::Closed,
                    Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
                }
            }
            _ = beats.tick() => if socket.send(beat()).await.is_err() {
                break Ended::Closed;
            },
            () = sleep_until(heard_at + every * SILENT_AFTER) => break Ended::Silent,
        }
    };
    let _ = tokio::time::timeout(FAREWELL, socket.close(None)).await;
    ended
}

fn beat() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"module":"heartbeat"}"#))
}

fn word(text: &str) -> Word {
    let Ok(frame) = serde_json::from_str::<Frame>(text) else {
        tracing::warn!("a frame of the socket is not readable");
        return Word::Nothing;
    };
    match frame.module.as_str() {
        "build_connection" => Word::Hello(hello(&frame)),
        "message" => frame.content.as_ref().and_then(event).map_or_else(
            || {
                tracing::warn!("an event of the socket is not readable");
                Word::Nothing
            },
            Word::Event,
        ),
        _ => Word::Nothing,
    }
}

fn hello(frame: &Frame) -> Hello {
    if frame.success == Some(true) {
        return Hello::Welcome;
    }
    let said = frame.content.as_ref().map(ToString::to_string);
    let said = said.unwrap_or_default().to_ascii_lowercase();
    match said.contains("token") {
        true => Hello::BadToken,
        false => Hello::Refused,
    }
}

/// The event is JSON in a string of JSON.
fn event(content: &serde_json::Value) -> Option<Event> {
    match content.as_str() {
        Some(text) => serde_json::from_str(text).ok(),
        None => Event::deserialize(content).ok(),
    }
}

/// A frame as it came, read as far as its event.
pub(super) fn read_frame(text: &str) -> Option<Event> {
    match word(text) {
        Word::Event(event) => Some(event),
        Word::Hello(_) | Word::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_is_told_from_another_refusal() {
        let told = |text: &str| match word(text) {
            Word::Hello(hello) => Some(hello),
            Word::Event(_) | Word::Nothing => None,
        };
        let refused = r#"{"module":"build_connection","success":false,"content":"Invalid Token"}"#;
        assert_eq!(told(refused), Some(Hello::BadToken));
        let other = r#"{"module":"build_connection","success":false,"content":"no subscription"}"#;
        assert_eq!(told(other), Some(Hello::Refused));
        let welcome = r#"{"module":"build_connection","success":true,"content":"{}"}"#;
        assert_eq!(told(welcome), Some(Hello::Welcome));
    }

    #[test]
    fn an_event_is_json_in_a_string() {
        let frame =
            r#"{"module":"message","content":"{\"event\":\"a.b\",\"event_ts\":7,\"payload\":{}}"}"#;
        let event = read_frame(frame).expect("an event");
        assert_eq!((event.event.as_str(), event.event_ts), ("a.b", Some(7)));
        let in_digits = frame.replace(":7,", ":\\\"7\\\",");
        let event = read_frame(&in_digits).expect("an event");
        assert_eq!(event.event_ts, Some(7));
        for odd in [
            "",
            "[]",
            r#"{"module":"message"}"#,
            r#"{"module":"heartbeat","success":true}"#,
        ] {
            assert!(read_frame(odd).is_none(), "{odd}");
        }
    }
}
