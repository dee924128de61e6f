//! Socket Mode: tickets, open sockets, and envelopes that are sent again until somebody
//! acknowledges them (<https://docs.slack.dev/apis/events-api/using-socket-mode/>).

mod delivery;
mod line;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::wire::Shared;

use super::{failure::Failure, ids::Seed, requests::Requests, state::App};

pub use delivery::{Envelope, Outcome};

/// How many sockets of one app may be open.
const MOST_SOCKETS: usize = 10;

/// How long a socket lives, in seconds of the sandbox's time, as `hello` announces it.
const LIFE_S: i64 = 18_060;

/// All sockets of the app.
pub struct Sockets {
    shared: Arc<Shared>,
    seed: Seed,
    app: String,
    /// `127.0.0.1:4100`
    host: String,
    stop: CancellationToken,
    /// What takes the sockets' place where the app has request URLs.
    pub requests: Requests,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    open: Vec<Open>,
    tickets: HashSet<String>,
    /// Who waits for the acknowledgement of an envelope.
    waiting: HashMap<String, oneshot::Sender<Value>>,
    /// An event that the next one is to overtake.
    held: Option<Value>,
    is_disabled: bool,
    made: u64,
}

/// One open socket, seen from whoever sends.
struct Open {
    id: u64,
    frames: mpsc::UnboundedSender<String>,
    closed: CancellationToken,
}

impl Sockets {
    pub fn new(shared: Arc<Shared>, app: &App, host: String, stop: CancellationToken) -> Arc<Self> {
        let seed = Seed(shared.seed);
        Arc::new(Self {
            requests: Requests::new(shared.clone(), &app.signing_secret),
            shared,
            seed,
            app: app.id.clone(),
            host,
            stop,
            inner: Mutex::default(),
        })
    }

    /// The address of a new socket, good for one connection.
    pub fn ticket(&self, app: &str) -> Result<String, Failure> {
        let mut inner = self.lock();
        if inner.is_disabled {
            return Err("socket_mode_not_enabled".into());
        }
        inner.made += 1;
        let ticket = self.seed.uuid(&format!("ticket {}", inner.made));
        inner.tickets.insert(ticket.clone());
        Ok(format!(
            "ws://{}/link/?ticket={ticket}&app_id={app}",
            self.host
        ))
    }

    /// Uses a ticket up.
    pub fn admit(&self, ticket: &str) -> bool {
        self.lock().tickets.remove(ticket)
    }

    fn acknowledged(&self, text: &str) {
        let Ok(frame) = serde_json::from_str::<Value>(text) else {
            return;
        };
        let Some(id) = frame["envelope_id"].as_str() else {
            return;
        };
        let waiting = self.lock().waiting.remove(id);
        if let Some(waiting) = waiting {
            // Whoever waited may have given up in the same moment.
            let _ = waiting.send(frame.get("payload").cloned().unwrap_or(Value::Null));
        }
    }

    /// Adds a socket, and answers its number and how many are open now. `None` when there are
    /// too many.
    fn add(
        &self,
        frames: mpsc::UnboundedSender<String>,
        closed: CancellationToken,
    ) -> Option<(u64, usize)> {
        let mut inner = self.lock();
        if inner.open.len() >= MOST_SOCKETS {
            return None;
        }
        inner.made += 1;
        let id = inner.made;
        inner.open.push(Open { id, frames, closed });
        Some((id, inner.open.len()))
    }

    fn remove(&self, id: u64) {
        let mut inner = self.lock();
        inner.open.retain(|open| {
            if open.id == id {
                open.closed.cancel();
            }
            open.id != id
        });
    }

    /// Switches Socket Mode off or on.
    pub fn turn_off(&self, off: bool) {
        self.lock().is_disabled = off;
    }

    fn is_disabled(&self) -> bool {
        self.lock().is_disabled
    }

    fn hello(&self, count: usize) -> Value {
        json!({
            "type": "hello",
            "num_connections": count,
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": LIFE_S,
            },
            "connection_info": { "app_id": self.app },
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
