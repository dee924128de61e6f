//! The subscription's socket, from the handshake to its end.
//!
//! Source: <https://developers.zoom.us/docs/api/websockets/>

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use crate::{clock::Millis, faults::FaultKind};

use super::{
    super::{
        ZoomAccount,
        oauth::{scopes, tokens::App},
    },
    Open, Outlet,
};

/// How long a client may be silent, in real time: it has to send a heartbeat every thirty seconds,
/// however fast the sandbox's clock runs.
const LONGEST_SILENCE: Duration = Duration::from_secs(65);

const INVALID_TOKEN: &str = "invalid token";
const REPLACED: &str = "a newer connection was opened";
const SILENT: &str = "no heartbeat";
const SWITCHED_OFF: &str = "the subscription is disabled";

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, or the sandbox stops.
    Gone,
    /// A fault drops the line without a word.
    Cut,
    Said(&'static str),
}

/// An event as a frame: the wrapper is JSON within JSON.
pub fn message(wrapper: &str) -> String {
    json!({ "module": "message", "content": wrapper }).to_string()
}

impl ZoomAccount {
    /// Serves a socket until it ends. The token holds as long as it would for a call.
    pub(in super::super) async fn serve_socket(
        self: Arc<Self>,
        mut socket: WebSocket,
        subscription: String,
        token: String,
    ) {
        if let Err(why) = self.admit(&subscription, &token) {
            let _ = socket.send(built(false, why)).await;
            say_goodbye(&mut socket, why).await;
            return;
        }
        match self.run(&mut socket, &token).await {
            // Dropping the socket without closing it is what a cut looks like.
            End::Cut => {}
            End::Gone => {
                let _ = socket.send(Message::Close(None)).await;
            }
            End::Said(why) => say_goodbye(&mut socket, why).await,
        }
    }

    fn admit(&self, subscription: &str, token: &str) -> Result<(), &'static str> {
        if subscription != self.keys.subscription_id {
            return Err("invalid subscription");
        }
        if !self.switches().subscription {
            return Err(SWITCHED_OFF);
        }
        match self.access(token) {
            Ok(access)
                if access.app == App::ServerToServer
                    && access.scopes.iter().any(|scope| scope == scopes::SOCKET) =>
            {
                Ok(())
            }
            Ok(_) | Err(_) => Err(INVALID_TOKEN),
        }
    }

    async fn run(&self, socket: &mut WebSocket, token: &str) -> End {
        let Ok(access) = self.access(token) else {
            return End::Said(INVALID_TOKEN);
        };
        // Known to those who send before the client hears of it: what happens next is in line.
        let (number, replaced, frames) = self.outlet.open();
        let end = match socket.send(built(true, "connected")).await {
            Ok(()) => {
                let until = access.expires_at;
                self.relay(socket, (token, until), (replaced, frames)).await
            }
            Err(_) => End::Gone,
        };
        self.outlet.close(number);
        end
    }

    async fn relay(
        &self,
        socket: &mut WebSocket,
        (token, expires_at): (&str, Millis),
        (replaced, mut frames): (CancellationToken, mpsc::UnboundedReceiver<String>),
    ) -> End {
        let mut silence = silence();
        silence.tick().await;
        loop {
            let (armed, changed) = (self.shared.faults.armed(), self.outlet.changed.notified());
            if let Some(end) = self.struck(token) {
                return end;
            }
            if let Err(why) = self.admit(&self.keys.subscription_id, token) {
                return End::Said(why);
            }
            let frame = tokio::select! {
                () = self.stop.cancelled() => return End::Gone,
                () = replaced.cancelled() => return End::Said(REPLACED),
                () = armed => continue,
                () = changed => continue,
                () = self.shared.clock.sleep_until(expires_at) => continue,
                _ = silence.tick() => return End::Said(SILENT),
                Some(text) = frames.recv() => Message::text(text),
                received = socket.recv() => match received {
                    Some(Ok(Message::Text(text))) => {
                        silence.reset();
                        match answer(&text) {
                            Some(answer) => answer,
                            None => continue,
                        }
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
    fn struck(&self, token: &str) -> Option<End> {
        let kinds = [FaultKind::Cut, FaultKind::Revoke, FaultKind::Expire];
        let fault = self.shared.faults.take_named("zoom", "socket", &kinds)?;
        match fault.fault {
            FaultKind::Cut => Some(End::Cut),
            FaultKind::Revoke => {
                self.tokens().revoke(token);
                Some(End::Said(INVALID_TOKEN))
            }
            FaultKind::Expire => {
                self.tokens().expire(token);
                Some(End::Said(INVALID_TOKEN))
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

impl Outlet {
    /// Makes this the subscription's socket; the older one ends.
    fn open(&self) -> (u64, CancellationToken, mpsc::UnboundedReceiver<String>) {
        let (frames, outgoing) = mpsc::unbounded_channel();
        let replaced = CancellationToken::new();
        let mut inner = self.lock();
        inner.sockets_opened += 1;
        let number = inner.sockets_opened;
        let older = inner.socket.replace(Open {
            number,
            frames,
            replaced: replaced.clone(),
        });
        if let Some(older) = older {
            older.replaced.cancel();
        }
        (number, replaced, outgoing)
    }

    fn close(&self, number: u64) {
        let mut inner = self.lock();
        let is_this = inner
            .socket
            .as_ref()
            .is_some_and(|open| open.number == number);
        if is_this {
            inner.socket = None;
        }
    }
}

fn silence() -> Interval {
    let mut silence = tokio::time::interval(LONGEST_SILENCE);
    silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
    silence
}

fn built(success: bool, content: &str) -> Message {
    let frame = json!({ "module": "build_connection", "success": success, "content": content });
    Message::text(frame.to_string())
}

/// What a frame of the client's is answered with.
fn answer(text: &str) -> Option<Message> {
    let frame: serde_json::Value = serde_json::from_str(text).ok()?;
    let beat = json!({ "module": "heartbeat", "success": true });
    (frame["module"] == "heartbeat").then(|| Message::text(beat.to_string()))
}

async fn say_goodbye(socket: &mut WebSocket, why: &'static str) {
    let close = CloseFrame {
        code: close_code::POLICY,
        reason: why.into(),
    };
    // A client that is gone already needs no goodbye.
    let _ = socket.send(Message::Close(Some(close))).await;
}
