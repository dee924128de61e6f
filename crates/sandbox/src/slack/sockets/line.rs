//! One socket, from hello to its end.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use serde_json::json;
use tokio::{sync::mpsc, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::faults::FaultKind;

use super::{LIFE_S, Sockets};

/// How often a socket is pinged, in real time: clients take thirty seconds without a ping for a
/// dead line, however fast the sandbox's clock runs.
const PING: Duration = Duration::from_secs(5);

/// How long before its end a socket is warned, in milliseconds of the sandbox's time.
const WARNING_MS: i64 = 10_000;

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, or the sandbox stops.
    Gone,
    /// A fault drops the line without a word.
    Cut,
    Said(&'static str),
}

impl Sockets {
    /// Serves a socket until it ends.
    pub async fn serve(self: Arc<Self>, mut socket: WebSocket) {
        let (frames, outgoing) = mpsc::unbounded_channel();
        let closed = CancellationToken::new();
        // The hello is put in line before the socket is known to those who send.
        let Some((id, count)) = self.add(frames.clone(), closed) else {
            say_goodbye(&mut socket, "too_many_websockets").await;
            return;
        };
        let hello = self.hello(count).to_string();
        let end = match socket.send(Message::text(hello)).await {
            Ok(()) => self.run(&mut socket, outgoing).await,
            Err(_) => End::Gone,
        };
        self.remove(id);
        match end {
            // Dropping the socket without closing it is what a cut looks like.
            End::Cut => {}
            End::Gone => {
                let _ = socket.close().await;
            }
            End::Said(reason) => say_goodbye(&mut socket, reason).await,
        }
    }

    async fn run(
        &self,
        socket: &mut WebSocket,
        mut outgoing: mpsc::UnboundedReceiver<String>,
    ) -> End {
        let clock = &self.shared.clock;
        let ends_at = clock.now() + LIFE_S * 1000;
        let mut is_warned = false;
        let mut ping = tokio::time::interval(PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let armed = self.shared.faults.armed();
            if let Some(end) = self.struck() {
                return end;
            }
            let next_word_at = if is_warned {
                ends_at
            } else {
                ends_at - WARNING_MS
            };
            let frame = tokio::select! {
                () = self.stop.cancelled() => return End::Gone,
                () = armed => continue,
                () = clock.sleep_until(next_word_at) => {
                    if is_warned {
                        return End::Said("refresh_requested");
                    }
                    is_warned = true;
                    Message::text(goodbye("warning"))
                }
                _ = ping.tick() => Message::Ping("Ping from applink-sandbox".into()),
                Some(text) = outgoing.recv() => Message::text(text),
                received = socket.recv() => match received {
                    Some(Ok(Message::Text(text))) => {
                        self.acknowledged(&text);
                        continue;
                    }
                    Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
                },
            };
            if socket.send(frame).await.is_err() {
                return End::Gone;
            }
        }
    }

    /// What an armed fault does to this socket now.
    fn struck(&self) -> Option<End> {
        if self.is_disabled() {
            return Some(End::Said("link_disabled"));
        }
        let kinds = [FaultKind::Cut, FaultKind::Revoke, FaultKind::Expire];
        let fault = self.shared.faults.take_named("slack", "socket", &kinds)?;
        match fault.fault {
            FaultKind::Cut => Some(End::Cut),
            FaultKind::Expire => Some(End::Said("refresh_requested")),
            FaultKind::Revoke => {
                self.turn_off(true);
                Some(End::Said("link_disabled"))
            }
            FaultKind::Throttle
            | FaultKind::FailBefore
            | FaultKind::FailAfter
            | FaultKind::Delay
            | FaultKind::Duplicate
            | FaultKind::Reorder => None,
        }
    }
}

fn goodbye(reason: &str) -> String {
    let frame = json!({
        "type": "disconnect",
        "reason": reason,
        "debug_info": { "host": "applink-sandbox" },
    });
    frame.to_string()
}

async fn say_goodbye(socket: &mut WebSocket, reason: &str) {
    // A client that is gone already needs no goodbye.
    let _ = socket.feed(Message::text(goodbye(reason))).await;
    let _ = socket.flush().await;
    let _ = socket.send(Message::Close(None)).await;
}
