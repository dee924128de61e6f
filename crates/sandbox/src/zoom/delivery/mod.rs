//! How events leave: over the subscription's socket, and to the URLs of the apps' settings.

mod socket;
mod webhook;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::hmac;
use serde_json::Value;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Millis,
    faults::FaultKind,
    wire::{Shared, delayed},
};

use super::keys::Keys;

pub use webhook::Webhooks;

/// How long an event waits to be overtaken by another, in the sandbox's time.
const OVERTAKING_MS: Millis = 2_000;

/// What is to be handed on.
#[derive(Debug, Clone)]
pub enum Told {
    /// To whoever is subscribed.
    Event(Value),
    /// To the chatbot's own endpoint.
    Bot(Value),
}

/// The ways out.
pub struct Outlet {
    shared: Arc<Shared>,
    stop: CancellationToken,
    http: reqwest::Client,
    key: hmac::Key,
    verification_token: String,
    inner: Mutex<Inner>,
    /// Told when an open socket must look whether it may go on.
    changed: Notify,
}

#[derive(Default)]
struct Inner {
    webhooks: Webhooks,
    /// To whoever posts to the subscription's URL.
    posts: Option<mpsc::UnboundedSender<String>>,
    socket: Option<Open>,
    sockets_opened: u64,
    /// An event that the next one is to overtake.
    held: Option<Value>,
}

/// The one open socket, seen from whoever sends.
struct Open {
    number: u64,
    frames: mpsc::UnboundedSender<String>,
    replaced: CancellationToken,
}

impl Outlet {
    pub fn new(shared: Arc<Shared>, keys: &Keys, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            shared,
            stop,
            http: webhook::client(),
            key: hmac::Key::new(hmac::HMAC_SHA256, keys.secret_token.as_bytes()),
            verification_token: keys.verification_token.clone(),
            inner: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Hands an event on, as the armed faults of events have it. It is in line everywhere before
    /// this returns, so that events keep their order.
    pub fn publish(self: &Arc<Self>, event: Value) {
        let kinds = [
            FaultKind::Duplicate,
            FaultKind::Reorder,
            FaultKind::Delay,
            FaultKind::Throttle,
        ];
        let struck = self.shared.faults.take_named("zoom", "event", &kinds);
        let Some(fault) = struck else {
            self.publish_now(&event);
            return;
        };
        match fault.fault {
            FaultKind::Duplicate => {
                self.publish_now(&event);
                self.publish_now(&event);
            }
            FaultKind::Reorder => self.hold(event),
            FaultKind::Delay => self.deliver_at(delayed(&self.shared.clock, &fault), event),
            // Lost, as whatever happens while nobody listens.
            FaultKind::Throttle => {}
            FaultKind::FailBefore
            | FaultKind::FailAfter
            | FaultKind::Cut
            | FaultKind::Revoke
            | FaultKind::Expire => self.publish_now(&event),
        }
    }

    /// Lets an open socket look whether its token and subscription still hold.
    pub fn look_again(&self) {
        self.changed.notify_waiters();
    }

    fn publish_now(&self, event: &Value) {
        let held = self.lock().held.take();
        self.deliver(event);
        if let Some(held) = held {
            self.deliver(&held);
        }
    }

    /// Keeps an event back until the next one has gone, or for a while if none comes.
    fn hold(self: &Arc<Self>, event: Value) {
        let earlier = self.lock().held.replace(event);
        if let Some(earlier) = earlier {
            self.deliver(&earlier);
        }
        let outlet = self.clone();
        tokio::spawn(async move {
            let clock = &outlet.shared.clock;
            clock.sleep_until(clock.now() + OVERTAKING_MS).await;
            let held = outlet.lock().held.take();
            if let Some(held) = held {
                outlet.deliver(&held);
            }
        });
    }

    fn deliver_at(self: &Arc<Self>, at: Millis, event: Value) {
        let outlet = self.clone();
        tokio::spawn(async move {
            outlet.shared.clock.sleep_until(at).await;
            outlet.deliver(&event);
        });
    }

    /// Puts an event on the socket and before the URL. Where there is neither, it is gone: nothing
    /// is kept for later.
    fn deliver(&self, event: &Value) {
        let text = event.to_string();
        let inner = self.lock();
        if let Some(open) = &inner.socket {
            // A socket that died in this moment loses the event, as a real one does.
            let _ = open.frames.send(socket::message(&text));
        }
        if let Some(posts) = &inner.posts {
            let _ = posts.send(text);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
