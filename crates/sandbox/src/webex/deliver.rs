//! Takes what happened to a webhook's address, one task for each webhook.
//!
//! What is not taken with a 2xx comes again a few times with growing pauses, and does not hold up
//! what comes after it.

use std::sync::{Arc, Weak};

use reqwest::header;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use crate::{clock::Millis, faults::FaultKind, wire::Shared, wire::delayed};

use super::{Org, ids::WebhookId};

const FIRST_PAUSE: Millis = 1000;
/// How often one post is tried.
const MOST_TRIES: u32 = 5;
/// How long an event that shall be overtaken waits for the next one.
const OVERTAKEN_WITHIN: Millis = 5000;

/// What stands around the task of one webhook.
pub struct Route {
    pub org: Weak<Org>,
    pub shared: Arc<Shared>,
    pub stop: CancellationToken,
    pub webhook: WebhookId,
}

#[derive(Debug, Clone)]
struct Waiting {
    body: String,
    due: Millis,
    tries: u32,
    is_overtaken: bool,
}

/// Runs until the webhook is deleted or the sandbox stops.
pub async fn run(route: Route, mut inbox: UnboundedReceiver<Value>) {
    let clock = &route.shared.clock;
    let mut queue: Vec<Waiting> = Vec::new();
    loop {
        let due = queue.iter().map(|waiting| waiting.due).min();
        tokio::select! {
            () = route.stop.cancelled() => return,
            event = inbox.recv() => match event {
                Some(event) => enqueue(&route.shared, &mut queue, event.to_string()),
                None => return,
            },
            () = clock.sleep_until(due.unwrap_or_default()), if due.is_some() => {
                let first = queue.iter().position(|waiting| Some(waiting.due) == due);
                let Some(first) = first else { continue };
                let waiting = queue.remove(first);
                let Some(org) = route.org.upgrade() else { return };
                if !org.deliver(&route.webhook, &waiting.body).await {
                    queue.extend(again(waiting, clock.now()));
                }
            }
        }
    }
}

/// Puts an event in the queue, as the armed faults of events have it.
fn enqueue(shared: &Shared, queue: &mut Vec<Waiting>, body: String) {
    let now = shared.clock.now();
    let kinds = [
        FaultKind::Delay,
        FaultKind::Duplicate,
        FaultKind::Reorder,
        FaultKind::Throttle,
    ];
    let fault = shared.faults.take_named("webex", "event", &kinds);
    let kind = fault.as_ref().map(|fault| fault.fault);
    let mut waiting = Waiting {
        body,
        due: now,
        tries: 0,
        is_overtaken: false,
    };
    match (kind, &fault) {
        (Some(FaultKind::Throttle), _) => return,
        (Some(FaultKind::Delay), Some(fault)) => waiting.due = delayed(&shared.clock, fault),
        (Some(FaultKind::Duplicate), _) => queue.push(waiting.clone()),
        (Some(FaultKind::Reorder), _) => {
            waiting.due = now + OVERTAKEN_WITHIN;
            waiting.is_overtaken = true;
        }
        _ => {}
    }
    let overtakes = !waiting.is_overtaken;
    queue.push(waiting);
    if overtakes {
        release_overtaken(queue, now);
    }
}

/// Lets what was held back go after the event that has just been queued.
fn release_overtaken(queue: &mut Vec<Waiting>, now: Millis) {
    let (held, mut rest): (Vec<_>, Vec<_>) =
        queue.drain(..).partition(|waiting| waiting.is_overtaken);
    rest.extend(held.into_iter().map(|waiting| Waiting {
        is_overtaken: false,
        due: now,
        ..waiting
    }));
    *queue = rest;
}

/// The same post later, unless it has been tried often enough.
fn again(waiting: Waiting, now: Millis) -> Option<Waiting> {
    let tries = waiting.tries + 1;
    (tries < MOST_TRIES).then(|| Waiting {
        due: now + (FIRST_PAUSE << waiting.tries),
        tries,
        ..waiting
    })
}

impl Org {
    /// Posts once. What an inactive webhook had before it is let go.
    async fn deliver(&self, id: &WebhookId, body: &str) -> bool {
        let found = self.look(|state, _| {
            let mut active = state.webhooks.iter().filter(|webhook| webhook.is_active);
            let webhook = active.find(|webhook| webhook.id == *id)?;
            Some((webhook.target_url.clone(), webhook.signature(body)))
        });
        let Some((url, signature)) = found else {
            return true;
        };
        let mut request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body.to_owned());
        if let Some(signature) = signature {
            request = request.header("X-Spark-Signature", signature);
        }
        let answer = request.send().await;
        let was_taken = answer.is_ok_and(|answer| answer.status().is_success());
        self.change(|state, _| {
            let mut webhooks = state.webhooks.iter_mut();
            if let Some(webhook) = webhooks.find(|webhook| webhook.id == *id) {
                webhook.taken(was_taken);
            }
        });
        was_taken
    }
}
