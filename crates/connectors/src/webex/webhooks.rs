//! Webhooks: where Webex can reach us, it tells that something happened, and the poll is rung for.
//!
//! What it tells is not believed, only that it comes from Webex: the poll reads what happened.
//!
//! Source: <https://developer.webex.com/docs/api/guides/webhooks>.

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use causeway_model::{Failure, FailureKind};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use reqwest::Method;
use serde_json::json;
use tokio::sync::Notify;

use super::{api::Api, wire::Webhook};
use crate::{Secret, TokenOwner};

const SIGNATURE: &str = "x-spark-signature";
const PATH: &str = "/events";
const WANTED: [(&str, &str); 4] = [
    ("messages", "created"),
    ("messages", "deleted"),
    ("memberships", "created"),
    ("memberships", "deleted"),
];

/// Where webhooks come to, and what they are signed with.
pub(super) struct Address {
    base: String,
    name: String,
    secret: Secret,
}

impl Address {
    /// `base` is the public URL of what is mounted under `name`.
    pub(super) fn new(api: &Api, base: String, name: &str) -> Self {
        let given = api.settings().signing_secret.clone();
        let made = || Secret::new(HEXLOWER.encode(&api.random().bits().to_be_bytes()));
        Self {
            base,
            name: format!("Causeway {name}"),
            secret: given.unwrap_or_else(made),
        }
    }

    /// Sets the owner's webhooks anew: those of an earlier life are signed with what nobody knows
    /// any more.
    pub(super) async fn hook(&self, api: &Api, owner: &TokenOwner) -> Result<(), Failure> {
        self.unhook(api, owner).await?;
        let target = format!("{}{PATH}", self.base);
        for (resource, event) in WANTED {
            let body = json!({
                "name": self.name,
                "targetUrl": target,
                "resource": resource,
                "event": event,
                "secret": self.secret.reveal(),
            });
            let url = api.url(&["webhooks"], &[]);
            let doing = "webhooks.create";
            let made = api.write(owner, Method::POST, url, Some(&body), doing);
            made.await?;
        }
        Ok(())
    }

    /// Whether all of the owner's are there and Webex has not given them up.
    pub(super) async fn is_hooked(&self, api: &Api, owner: &TokenOwner) -> Result<bool, Failure> {
        let ours = self.ours(api, owner).await?;
        let active = |hook: &&Webhook| hook.status.as_deref() != Some("inactive");
        Ok(ours.iter().filter(active).count() >= WANTED.len())
    }

    pub(super) async fn unhook(&self, api: &Api, owner: &TokenOwner) -> Result<(), Failure> {
        for hook in self.ours(api, owner).await? {
            let url = api.url(&["webhooks", &hook.id], &[]);
            let doing = "webhooks.delete";
            match api.write(owner, Method::DELETE, url, None, doing).await {
                Err(failure) if failure.kind == FailureKind::Gone => {}
                deleted => drop(deleted?),
            }
        }
        Ok(())
    }

    /// What answers at the address; it rings `bell` for whatever Webex has signed.
    pub(super) fn router(&self, bell: Arc<Notify>) -> Router {
        let desk = Desk {
            key: hmac::Key::new(
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                self.secret.reveal().as_bytes(),
            ),
            bell,
        };
        Router::new()
            .route(PATH, post(take))
            .with_state(Arc::new(desk))
    }

    async fn ours(&self, api: &Api, owner: &TokenOwner) -> Result<Vec<Webhook>, Failure> {
        let url = api.url(&["webhooks"], &[("max", "100")]);
        let all = |_: &[Webhook]| false;
        let mut hooks: Vec<Webhook> = api.pages(owner, url, "webhooks.list", all).await?;
        hooks.retain(|hook| {
            let target = hook.target_url.as_deref().unwrap_or_default();
            hook.name.as_deref() == Some(&self.name) || target.starts_with(&self.base)
        });
        Ok(hooks)
    }
}

struct Desk {
    key: hmac::Key,
    bell: Arc<Notify>,
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    let signature = signature.and_then(|hex| HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok());
    let genuine = signature.is_some_and(|signature| {
        // Takes as long however much of it is right.
        hmac::verify(&desk.key, &body, &signature).is_ok()
    });
    if !genuine {
        return StatusCode::UNAUTHORIZED;
    }
    desk.bell.notify_one();
    StatusCode::OK
}
