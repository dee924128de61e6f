//! Takes what happened to a webhook's address, one task for each webhook.
//!
//! What is not taken with a 2xx comes again a few times with growing pauses, and does not hold up
//! what comes after it.

use std::sync::{Arc, Weak};

use reqwest::header;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;

use crate::wire::Shared;

use super::{Org, ids::WebhookId, outgoing::Outgoing};

/// What stands around the task of one webhook.
pub struct Route {
    pub org: Weak<Org>,
    pub shared: Arc<Shared>,
    pub stop: CancellationToken,
    pub webhook: WebhookId,
}

/// Runs until the webhook is deleted or the sandbox stops.
pub async fn run(route: Route, mut inbox: UnboundedReceiver<Value>) {
    let clock = &route.shared.clock;
    let mut outgoing = Outgoing::default();
    loop {
        let due = outgoing.due();
        tokio::select! {
            () = route.stop.cancelled() => return,
            event = inbox.recv() => match event {
                Some(event) => outgoing.add(&route.shared, event.to_string()),
                None => return,
            },
            () = clock.sleep_until(due.unwrap_or_default()), if due.is_some() => {
                let Some(waiting) = outgoing.next() else { continue };
                let Some(org) = route.org.upgrade() else { return };
                if !org.deliver(&route.webhook, &waiting.body).await {
                    outgoing.again(waiting, clock.now());
                }
            }
        }
    }
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
