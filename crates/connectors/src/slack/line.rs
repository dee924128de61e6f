//! One open socket: it hands on what arrives, sends acknowledgements as they come, and notices when
//! the other end has fallen silent.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Bytes, Message, Utf8Bytes},
};
use tokio_util::sync::CancellationToken;

use super::{
    keeping::{Delivered, Passed, Turn, Way},
    wire::Frame,
};

/// How often we ask the server whether it is there, and how long it may stay silent: what Slack's
/// own SDKs do.
const PING_EVERY: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(30);

/// Tells the sockets of one source apart.
pub(super) type LineId = u64;

/// What a socket tells of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Hello,
    /// Slack is about to end it, for this reason.
    Disconnect(Disconnect),
    Closed,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Disconnect {
    /// `warning`, `refresh_requested`, and whatever else is no reason to worry.
    Refresh,
    TooManySockets,
    /// Socket Mode was switched off.
    LinkDisabled,
}

/// Where a socket puts what it has.
#[derive(Clone)]
pub(super) struct Outlets {
    pub(super) envelopes: mpsc::Sender<Passed>,
    pub(super) signals: mpsc::UnboundedSender<(LineId, Signal)>,
}

/// Serves one socket to its end.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    id: LineId,
    mut socket: WebSocketStream<S>,
    outlets: Outlets,
    stop: CancellationToken,
) {
    let (acknowledge, mut acknowledged) = mpsc::unbounded_channel::<String>();
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    loop {
        let sent = tokio::select! {
            biased;
            Some(envelope_id) = acknowledged.recv() => {
                socket.send(acknowledgement(&envelope_id)).await
            }
            () = stop.cancelled() => break,
            frame = socket.next() => {
                let Some(Ok(message)) = frame else { break };
                heard_at = Instant::now();
                if let Message::Close(_) = message {
                    break;
                }
                if let Message::Text(text) = message {
                    hand_on(id, &text, &acknowledge, &outlets).await;
                }
                Ok(())
            }
            _ = pings.tick() => socket.send(Message::Ping(Bytes::new())).await,
            () = sleep_until(heard_at + SILENCE) => break,
        };
        if sent.is_err() {
            break;
        }
    }
    // What was committed meanwhile should not be sent again for want of a last word.
    while let Ok(envelope_id) = acknowledged.try_recv() {
        let _ = socket.feed(acknowledgement(&envelope_id)).await;
    }
    let _ = tokio::time::timeout(PING_EVERY, socket.close(None)).await;
    let _ = outlets.signals.send((id, Signal::Closed));
}

/// Source: <https://docs.slack.dev/apis/events-api/using-socket-mode#acknowledge>.
fn acknowledgement(envelope_id: &str) -> Message {
    let body = serde_json::json!({ "envelope_id": envelope_id }).to_string();
    Message::Text(Utf8Bytes::from(body))
}

async fn hand_on(
    id: LineId,
    text: &str,
    acknowledge: &mpsc::UnboundedSender<String>,
    outlets: &Outlets,
) {
    let Ok(mut frame) = serde_json::from_str::<Frame>(text) else {
        tracing::warn!("a frame of the socket is not readable");
        return;
    };
    let signal = match frame.kind.as_str() {
        "hello" => Some(Signal::Hello),
        "disconnect" => Some(Signal::Disconnect(reason(frame.reason.as_deref()))),
        _ => None,
    };
    if let Some(signal) = signal {
        let begins = signal == Signal::Hello;
        let _ = outlets.signals.send((id, signal));
        if begins {
            // Whoever keeps the events must know where they begin, however many still wait.
            let _ = outlets.envelopes.send(Passed::Turn(Turn::Beginning)).await;
        }
        return;
    }
    let Some(envelope_id) = frame.envelope_id.take() else {
        return;
    };
    let delivered = Delivered {
        frame,
        envelope_id,
        way: Way::Socket(acknowledge.clone()),
    };
    // More than fits waits at Slack: it sends again what is not acknowledged.
    if outlets
        .envelopes
        .try_send(Passed::Envelope(delivered))
        .is_err()
    {
        tracing::warn!("an envelope was left to be sent again");
    }
}

fn reason(reason: Option<&str>) -> Disconnect {
    match reason {
        Some("link_disabled") => Disconnect::LinkDisabled,
        Some("too_many_websockets") => Disconnect::TooManySockets,
        Some(_) | None => Disconnect::Refresh,
    }
}

#[cfg(test)]
mod tests;
