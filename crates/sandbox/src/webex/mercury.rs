//! Mercury: the socket of Webex's own clients, and the devices that it is opened for.
//!
//! Cisco documents it only through its SDK: <https://github.com/webex/webex-js-sdk>.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State as Here, WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Millis;

use super::{
    Org, activity, api::missing_scope, call::Caller, failure::Failure, happenings::Happening,
    ids::PersonId, line, scopes::SOCKETS, state::State, tokens::DAY,
};

const MOST_DEVICES: usize = 100;
/// A device that is not used for so long is forgotten.
const IDLE_LIFE: Millis = 7 * DAY;

/// A registration of somebody's client.
#[derive(Debug)]
pub struct Device {
    pub id: String,
    pub owner: PersonId,
    /// What the client says of itself.
    about: Value,
    used: Millis,
    line: Option<Line>,
}

/// An open socket, seen from whoever sends.
#[derive(Debug)]
struct Line {
    number: u64,
    sent: u64,
    frames: UnboundedSender<ToLine>,
}

/// What a socket is told.
#[derive(Debug)]
pub enum ToLine {
    Event(Value),
    /// Another socket took its device.
    Replaced,
}

type Shared = Here<Arc<Org>>;

/// `GET /u2c/api/v1/catalog`: where the clients' services are.
pub async fn catalog(Here(org): Shared, headers: HeaderMap) -> Response {
    let wdm = format!("http://{}/wdm/api/v1", org.host);
    let answer = org.admitted(&headers, |_, _, _| {
        Ok(json!({ "serviceLinks": { "wdm": wdm }, "format": "hostmap" }))
    });
    org.answer(answer)
}

/// `GET /wdm/api/v1/devices`
pub async fn list(Here(org): Shared, headers: HeaderMap) -> Response {
    let answer = org.admitted(&headers, |state, caller, _| {
        let mine = state
            .devices
            .iter()
            .filter(|held| held.owner == caller.person);
        let mine: Vec<_> = mine.map(|held| held.shape(&org.host)).collect();
        Ok(json!({ "devices": mine }))
    });
    org.answer(answer)
}

/// `POST /wdm/api/v1/devices`
pub async fn create(Here(org): Shared, headers: HeaderMap, Json(about): Json<Value>) -> Response {
    let answer = org.admitted(&headers, |state, caller, now| {
        let mine = state
            .devices
            .iter()
            .filter(|held| held.owner == caller.person);
        if mine.count() >= MOST_DEVICES {
            return Err(Failure::forbidden("The user has too many devices."));
        }
        let device = Device {
            id: state.fresh("device"),
            owner: caller.person.clone(),
            about,
            used: now,
            line: None,
        };
        let shape = device.shape(&org.host);
        state.devices.push(device);
        Ok(shape)
    });
    org.answer(answer)
}

/// `GET /wdm/api/v1/devices/{id}`, and `PUT` to keep it from being forgotten.
pub async fn get(Here(org): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let answer = org.admitted(&headers, |state, caller, _| {
        let held = state.devices.iter().find(|held| held.is(&id, caller));
        Ok(held.ok_or_else(no_device)?.shape(&org.host))
    });
    org.answer(answer)
}

/// `DELETE /wdm/api/v1/devices/{id}`
pub async fn delete(Here(org): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let answer = org.admitted(&headers, |state, caller, _| {
        let held = state.devices.iter().position(|held| held.is(&id, caller));
        state.devices.remove(held.ok_or_else(no_device)?);
        Ok(())
    });
    match answer {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => org.refuse(&failure),
    }
}

/// `GET /mercury/{id}`: the socket of a device.
pub async fn open(
    Here(org): Shared,
    Path(id): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let is_known = org.look(|state, _| state.devices.iter().any(|held| held.id == id));
    if !is_known {
        return org.refuse(&no_device());
    }
    upgrade.on_upgrade(move |socket| line::serve(org, id, socket))
}

impl Device {
    fn is(&self, id: &str, caller: &Caller) -> bool {
        self.id == id && self.owner == caller.person
    }

    fn shape(&self, host: &str) -> Value {
        let mut shape = self.about.clone();
        if !shape.is_object() {
            shape = json!({});
        }
        shape["url"] = format!("http://{host}/wdm/api/v1/devices/{}", self.id).into();
        shape["webSocketUrl"] = format!("ws://{host}/mercury/{}", self.id).into();
        shape
    }
}

impl Org {
    /// What a client's service answers to whoever may use sockets.
    fn admitted<T>(
        &self,
        headers: &HeaderMap,
        answer: impl FnOnce(&mut State, &Caller, Millis) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let token = headers.get(header::AUTHORIZATION);
        let token = token.and_then(|value| value.to_str().ok());
        let token = token.and_then(|value| value.strip_prefix("Bearer "));
        self.change(|state, now| {
            state
                .devices
                .retain(|held| held.line.is_some() || now - held.used < IDLE_LIFE);
            let caller = may_use_sockets(state, token.unwrap_or_default(), now)?;
            for held in state.devices.iter_mut() {
                if held.owner == caller.person {
                    held.used = now;
                }
            }
            answer(state, &caller, now)
        })
    }
}

/// Whoever holds this token, if it is good for sockets.
pub fn may_use_sockets(state: &State, token: &str, now: Millis) -> Result<Caller, Failure> {
    let caller = Caller::of(state, token, now)?;
    match SOCKETS.iter().all(|scope| caller.has(&[scope])) {
        true => Ok(caller),
        false => Err(missing_scope(SOCKETS)),
    }
}

impl State {
    /// Puts a socket in the place of the device's last one; answers its number.
    pub fn connect(&mut self, device: &str, frames: UnboundedSender<ToLine>) -> Option<u64> {
        let number = self.devices.iter().filter_map(|held| held.line.as_ref());
        let number = number.map(|line| line.number + 1).max().unwrap_or_default();
        let held = self.devices.iter_mut().find(|held| held.id == device)?;
        let line = Line {
            number,
            sent: 0,
            frames,
        };
        if let Some(last) = held.line.replace(line) {
            // The last one may have gone by itself.
            let _ = last.frames.send(ToLine::Replaced);
        }
        Some(number)
    }

    pub fn disconnect(&mut self, device: &str, number: u64) {
        let held = self.devices.iter_mut().find(|held| held.id == device);
        if let Some(held) = held
            && held.line.as_ref().is_some_and(|line| line.number == number)
        {
            held.line = None;
        }
    }

    /// Hands what happened to every socket of those who see it.
    pub fn tell_sockets(&mut self, happening: &Happening, now: Millis) {
        let mut devices = std::mem::take(&mut self.devices);
        for device in &mut devices {
            let Some(line) = &mut device.line else {
                continue;
            };
            if !happening.is_shown_to(self, &device.owner) {
                continue;
            }
            let Some(activity) = activity::of(self, happening, now) else {
                continue;
            };
            line.sent += 1;
            let frame = json!({
                "id": self.fresh("frame"),
                "data": { "eventType": "conversation.activity", "activity": activity },
                "timestamp": now,
                "trackingId": format!("ROUTER_{}", self.fresh("tracking").to_uppercase()),
                "sequenceNumber": line.sent,
            });
            // A socket that is about to end takes nothing any more.
            let _ = line.frames.send(ToLine::Event(frame));
        }
        self.devices = devices;
    }
}

fn no_device() -> Failure {
    Failure::not_found("The device was not found.")
}
