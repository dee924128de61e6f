//! Takes notifications to their address, one task for each subscription.
//!
//! Posts that are due together travel in one request, as Graph batches them. What is not taken with
//! a 2xx comes again with growing pauses for four hours of the sandbox's time, and does not hold up
//! what comes after it.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::super::tenant::Tenant;
use crate::{clock::Millis, faults::FaultKind};

/// Graph gives up after four hours.
const GIVE_UP_AFTER: Millis = 4 * 60 * 60 * 1000;
const FIRST_PAUSE: Millis = 1000;
const LONGEST_PAUSE: Millis = 10 * 60 * 1000;
/// How long an event that shall be overtaken waits for the next one.
const OVERTAKEN_WITHIN: Millis = 5000;
const MOST_IN_ONE: usize = 20;
/// The clock may be pushed forward at any time; tasks look at it this often, in real time.
const GLANCE: Duration = Duration::from_millis(50);
/// Microsoft Graph Change Tracking.
const PUBLISHER: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/// One item on its way to one address.
#[derive(Debug, Clone)]
pub struct Post {
    pub url: String,
    pub item: Value,
    /// Whether validation tokens go with it, as they do with resource data.
    pub signed: bool,
    /// A change, not a lifecycle notification.
    pub is_event: bool,
}

struct Waiting {
    post: Post,
    first_at: Millis,
    due: Millis,
    pause: Millis,
    overtaken: bool,
}

/// Runs until the subscription has ended and everything is delivered, or the tenant is gone.
pub async fn run(tenant: Weak<Tenant>, id: String, mut inbox: UnboundedReceiver<Post>) {
    let mut queue: Vec<Waiting> = Vec::new();
    let mut arrived = None;
    let mut open = true;
    while open || !queue.is_empty() {
        let Some(strong) = tenant.upgrade() else {
            return;
        };
        strong.look_after(&id);
        while let Some(post) = arrived.take().or_else(|| inbox.try_recv().ok()) {
            enqueue(&strong, &mut queue, post);
        }
        deliver_due(&strong, &mut queue).await;
        let wait = pause(&strong, &queue);
        // The task must not keep alive a tenant that nobody else holds.
        drop(strong);
        tokio::select! {
            post = inbox.recv(), if open => match post {
                Some(post) => arrived = Some(post),
                None => open = false,
            },
            () = tokio::time::sleep(wait) => {}
        }
    }
}

impl Tenant {
    /// Reminds of a term that nears its end, and drops subscriptions whose term is over.
    fn look_after(&self, id: &str) {
        let now = self.now();
        let mut state = self.state();
        state.subscriptions.expire(now);
        if let Some(held) = state.subscriptions.get_mut(id) {
            held.remind(now, &self.ids.tenant);
        }
    }

    fn validation_token(&self) -> String {
        let now = self.now() / 1000;
        self.keys.sign(&json!({
            "aud": self.ids.client,
            "iss": self.issuer(),
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "appid": PUBLISHER,
            "azp": PUBLISHER,
            "tid": self.ids.tenant,
            "oid": self.mint.guid("change tracking"),
            "sub": self.mint.guid("change tracking"),
            "ver": "2.0",
        }))
    }
}

/// Puts a post in the queue, as the armed faults of events have it.
fn enqueue(tenant: &Tenant, queue: &mut Vec<Waiting>, post: Post) {
    let now = tenant.now();
    let kinds = [FaultKind::Delay, FaultKind::Duplicate, FaultKind::Reorder];
    let fault = if post.is_event {
        tenant.shared.faults.take("teams", "event", &kinds)
    } else {
        None
    };
    let ms = fault.as_ref().and_then(|fault| fault.ms).unwrap_or(1000);
    let fault = fault.map(|fault| fault.fault);
    let overtaken = fault == Some(FaultKind::Reorder);
    let wait = if overtaken {
        OVERTAKEN_WITHIN
    } else if fault == Some(FaultKind::Delay) {
        Millis::try_from(ms).unwrap_or_default()
    } else {
        0
    };
    let waiting = |post: Post| Waiting {
        post,
        first_at: now,
        due: now + wait,
        pause: FIRST_PAUSE,
        overtaken,
    };
    if fault == Some(FaultKind::Duplicate) {
        queue.push(waiting(post.clone()));
    }
    queue.push(waiting(post));
    if !overtaken {
        release_overtaken(queue, now);
    }
}

/// Lets what was held back go after the event that has just been queued.
fn release_overtaken(queue: &mut Vec<Waiting>, now: Millis) {
    let (held, mut rest): (Vec<_>, Vec<_>) = queue.drain(..).partition(|waiting| waiting.overtaken);
    rest.extend(held.into_iter().map(|waiting| Waiting {
        overtaken: false,
        due: now,
        ..waiting
    }));
    *queue = rest;
}

async fn deliver_due(tenant: &Arc<Tenant>, queue: &mut Vec<Waiting>) {
    loop {
        let now = tenant.now();
        let Some(first) = queue.iter().find(|waiting| waiting.due <= now) else {
            return;
        };
        let (url, signed) = (first.post.url.clone(), first.post.signed);
        let mut batch = Vec::new();
        let mut index = 0;
        while index < queue.len() && batch.len() < MOST_IN_ONE {
            let waiting = &queue[index];
            if waiting.due <= now && waiting.post.url == url && waiting.post.signed == signed {
                batch.push(queue.remove(index));
            } else {
                index += 1;
            }
        }
        if !post(tenant, &url, signed, &batch).await {
            let later = batch
                .into_iter()
                .filter_map(|waiting| again(waiting, tenant.now()));
            queue.extend(later);
        }
    }
}

/// The same post later, unless it has been tried long enough.
fn again(waiting: Waiting, now: Millis) -> Option<Waiting> {
    let due = now + waiting.pause;
    (due - waiting.first_at <= GIVE_UP_AFTER).then(|| Waiting {
        due,
        pause: (waiting.pause * 2).min(LONGEST_PAUSE),
        ..waiting
    })
}

async fn post(tenant: &Tenant, url: &str, signed: bool, batch: &[Waiting]) -> bool {
    let items: Vec<_> = batch.iter().map(|waiting| &waiting.post.item).collect();
    let mut body = json!({"value": items});
    if signed {
        body["validationTokens"] = json!([tenant.validation_token()]);
    }
    match tenant.http.post(url).json(&body).send().await {
        Ok(response) => response.status().is_success(),
        Err(error) => {
            tracing::debug!(
                error.timeout = error.is_timeout(),
                error.connect = error.is_connect(),
                "a notification was not taken"
            );
            false
        }
    }
}

/// How long to really wait before anything can be due.
fn pause(tenant: &Tenant, queue: &[Waiting]) -> Duration {
    let now = tenant.now();
    queue
        .iter()
        .map(|waiting| tenant.shared.clock.real((waiting.due - now).max(0)))
        .min()
        .map_or(GLANCE, |wait| wait.min(GLANCE))
}
