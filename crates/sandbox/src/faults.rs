//! Faults on demand: what `POST /faults` arms and the stand-ins look up at each call.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, futures::Notified};

/// One armed fault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The platform: `slack`, `teams`, `entra`.
    pub on: String,
    /// Only calls of this method: a Slack method (`chat.postMessage`), or for Graph and Entra
    /// `"POST /chats/{id}/messages"` in the words of its reference page. All calls where absent.
    /// `event` strikes what is delivered to the hub (`throttle`: Slack leaves it out and says so, to
    /// an app with request URLs; on Zoom it is lost), `socket` a Slack or Zoom socket: `cut` drops
    /// it, `revoke` switches Socket Mode off or takes the token back, `expire` ends its time.
    #[serde(default)]
    pub method: Option<String>,
    pub fault: FaultKind,
    /// How many calls it strikes; one where absent.
    #[serde(default = "once")]
    pub count: u32,
    /// Delay, or `Retry-After`, in milliseconds of the sandbox's time.
    #[serde(default)]
    pub ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The platform's own 429.
    Throttle,
    /// A 5xx, and nothing was done.
    FailBefore,
    /// It was done, and the answer is a 5xx.
    FailAfter,
    /// It was done, and the connection is cut without an answer; sockets are closed.
    Cut,
    /// The answer (or the event) comes later.
    Delay,
    /// The event is delivered twice.
    Duplicate,
    /// The event overtakes, or is overtaken by, the next.
    Reorder,
    /// The token used is revoked.
    Revoke,
    /// The token used expires.
    Expire,
}

fn once() -> u32 {
    1
}

/// The faults that are armed now.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Mutex<Vec<Fault>>,
    changed: Notify,
}

impl Faults {
    pub fn arm(&self, fault: Fault) {
        if fault.count > 0 {
            self.lock().push(fault);
            self.changed.notify_waiters();
        }
    }

    /// Ready when a fault is armed after this was called, for what must notice without being
    /// called itself. Take it before looking for a fault, so that none slips in between.
    pub fn armed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Takes one strike of the first armed fault of one of `kinds` that fits this call.
    pub fn take(&self, on: &str, method: &str, kinds: &[FaultKind]) -> Option<Fault> {
        self.strike(|fault| {
            fault.on == on
                && kinds.contains(&fault.fault)
                && fault
                    .method
                    .as_deref()
                    .is_none_or(|wanted| wanted == method)
        })
    }

    /// The same, but only a fault that names this method: what nobody calls, such as `event`, is
    /// struck by nothing else.
    pub fn take_named(&self, on: &str, method: &str, kinds: &[FaultKind]) -> Option<Fault> {
        self.strike(|fault| {
            fault.on == on
                && kinds.contains(&fault.fault)
                && fault.method.as_deref() == Some(method)
        })
    }

    fn strike(&self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut armed = self.lock();
        let index = armed.iter().position(fits)?;
        let struck = armed[index].clone();
        armed[index].count -= 1;
        if armed[index].count == 0 {
            armed.remove(index);
        }
        Some(struck)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
