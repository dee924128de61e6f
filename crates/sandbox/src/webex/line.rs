//! One Mercury socket, from its token to its end.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{clock::Millis, faults::FaultKind};

use super::{
    Org,
    mercury::{ToLine, may_use_sockets},
    outgoing::Outgoing,
};

/// How long a client may take to show its token, in real time.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, or the sandbox stops.
    Gone,
    /// A fault drops the line without a word.
    Cut,
    Code(u16, &'static str),
}

const NOT_AUTHORIZED: End = End::Code(4401, "Not authorized");
const REPLACED: End = End::Code(4000, "Replaced");
const GOING_AWAY: End = End::Code(1001, "Going away");
const NOT_UNDERSTOOD: End = End::Code(1003, "Not understood");

/// Serves the socket of a device until it ends.
pub async fn serve(org: Arc<Org>, device: String, mut socket: WebSocket) {
    let end = match tokio::time::timeout(PATIENCE, admit(&org, &device, &mut socket)).await {
        Ok(Ok(token)) => run(&org, &device, &token, &mut socket).await,
        Ok(Err(end)) => end,
        Err(_) => NOT_AUTHORIZED,
    };
    let goodbye = match end {
        // Dropping the socket without closing it is what a cut looks like.
        End::Cut => return,
        End::Gone => None,
        End::Code(code, reason) => Some(CloseFrame {
            code,
            reason: reason.into(),
        }),
    };
    // A client that is gone already needs no goodbye.
    let _ = socket.send(Message::Close(goodbye)).await;
}

/// Reads the first frame: the token of the device's owner.
async fn admit(org: &Org, device: &str, socket: &mut WebSocket) -> Result<String, End> {
    let frame = read(socket.recv().await)?;
    let token = frame["data"]["token"].as_str().unwrap_or_default();
    let token = token.strip_prefix("Bearer ").unwrap_or(token).to_owned();
    if frame["type"] != "authorization" || !is_owner(org, device, &token) {
        return Err(NOT_AUTHORIZED);
    }
    Ok(token)
}

fn is_owner(org: &Org, device: &str, token: &str) -> bool {
    org.look(|state, now| {
        let held = state.devices.iter().find(|held| held.id == device);
        let caller = may_use_sockets(state, token, now);
        matches!((held, caller), (Some(held), Ok(caller)) if held.owner == caller.person)
    })
}

async fn run(org: &Org, device: &str, token: &str, socket: &mut WebSocket) -> End {
    let (frames, mut inbox) = mpsc::unbounded_channel();
    let Some(number) = org.change(|state, _| state.connect(device, frames)) else {
        return NOT_AUTHORIZED;
    };
    let ready = json!({
        "id": org.look(|state, _| state.fresh("frame")),
        "data": { "eventType": "mercury.buffer_state" },
        "timestamp": org.shared.clock.now(),
    });
    let end = match socket.send(binary(&ready)).await {
        Ok(()) => talk(org, (device, token), socket, &mut inbox).await,
        Err(_) => End::Gone,
    };
    org.change(|state, _| state.disconnect(device, number));
    end
}

async fn talk(
    org: &Org,
    (device, token): (&str, &str),
    socket: &mut WebSocket,
    inbox: &mut mpsc::UnboundedReceiver<ToLine>,
) -> End {
    let clock = &org.shared.clock;
    let mut outgoing = Outgoing::default();
    loop {
        let armed = org.shared.faults.armed();
        if let Some(end) = struck(org, token) {
            return end;
        }
        let due: Option<Millis> = outgoing.due();
        let frame = tokio::select! {
            () = org.stop.cancelled() => return End::Gone,
            () = armed => continue,
            told = inbox.recv() => match told {
                Some(ToLine::Event(frame)) => {
                    outgoing.add(&org.shared, frame.to_string());
                    continue;
                }
                Some(ToLine::Replaced) => return REPLACED,
                // The device was deleted.
                None => return GOING_AWAY,
            },
            () = clock.sleep_until(due.unwrap_or_default()), if due.is_some() => {
                match outgoing.next() {
                    Some(waiting) => Message::binary(waiting.body.into_bytes()),
                    None => continue,
                }
            }
            received = socket.recv() => match read(received) {
                Ok(frame) if !is_owner(org, device, token) => {
                    drop(frame);
                    return NOT_AUTHORIZED;
                }
                Ok(frame) if frame["type"] == "ping" => {
                    binary(&json!({ "id": frame["id"], "type": "pong" }))
                }
                Ok(_) => continue,
                Err(end) => return end,
            },
        };
        if socket.send(frame).await.is_err() {
            return End::Gone;
        }
    }
}

/// A frame of JSON; control frames are empty ones.
fn read(received: Option<Result<Message, axum::Error>>) -> Result<Value, End> {
    let parsed = match received {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text),
        Some(Ok(Message::Binary(bytes))) => serde_json::from_slice(&bytes),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Value::Null),
        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
    };
    parsed.map_err(|_| NOT_UNDERSTOOD)
}

fn binary(frame: &Value) -> Message {
    Message::binary(frame.to_string().into_bytes())
}

/// What an armed fault does to this socket now.
fn struck(org: &Org, token: &str) -> Option<End> {
    let kinds = [FaultKind::Cut, FaultKind::Revoke, FaultKind::Expire];
    let fault = org.shared.faults.take_named("webex", "socket", &kinds)?;
    match fault.fault {
        FaultKind::Cut => Some(End::Cut),
        FaultKind::Expire => Some(GOING_AWAY),
        FaultKind::Revoke => {
            org.change(|state, _| state.grants.tokens.revoke(token));
            Some(NOT_AUTHORIZED)
        }
        FaultKind::Throttle
        | FaultKind::FailBefore
        | FaultKind::FailAfter
        | FaultKind::Delay
        | FaultKind::Duplicate
        | FaultKind::Reorder => None,
    }
}
