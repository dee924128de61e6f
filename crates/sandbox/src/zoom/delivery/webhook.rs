//! Events over HTTP: signed requests, an answer in three seconds, three more tries, and the
//! handshake by which a URL is accepted.
//!
//! Source: <https://developers.zoom.us/docs/api/webhooks/>

use std::sync::Arc;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use reqwest::{RequestBuilder, header, redirect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{clock::Millis, stand_in::Refusal};

use super::Outlet;

/// How long an answer may take. It is what the hub itself needs, so it passes in real time, unless
/// the clock is pushed.
const ANSWER_MS: Millis = 3_000;

/// When an event is tried again, after the last failure, in the sandbox's time.
const RETRY_MS: [Millis; 3] = [5 * 60_000, 20 * 60_000, 60 * 60_000];

/// How often a URL is asked again whether it is ours.
const REVALIDATE_MS: Millis = 72 * 60 * 60_000;

/// Where the apps' settings say that events go, beside the socket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Of the event subscription.
    #[serde(default)]
    pub url: Option<String>,
    /// The chatbot's endpoint.
    #[serde(default)]
    pub bot_url: Option<String>,
}

/// Requests go straight to their endpoint and are not redirected.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .user_agent("Zoom Marketplace/1.0a")
        .build()
        .expect("a client without settings that can fail")
}

impl Outlet {
    pub fn webhooks(&self) -> Webhooks {
        self.lock().webhooks.clone()
    }

    /// Sets the URLs; `token` is the word that the subscription's URL has to sign.
    pub async fn set_webhooks(
        self: &Arc<Self>,
        webhooks: Webhooks,
        token: &str,
    ) -> Result<Webhooks, Refusal> {
        let Some(url) = webhooks.url.clone() else {
            let mut inner = self.lock();
            inner.posts = None;
            inner.webhooks = webhooks.clone();
            return Ok(webhooks);
        };
        if !self.is_validated(&url, token).await {
            return Err(Refusal::Fruitless(
                "URL validation failed: the answer does not hold the token and its hash".to_owned(),
            ));
        }
        let (posts, inbox) = mpsc::unbounded_channel();
        {
            let mut inner = self.lock();
            inner.posts = Some(posts);
            inner.webhooks = webhooks.clone();
        }
        let (outlet, token) = (self.clone(), token.to_owned());
        tokio::spawn(async move {
            tokio::select! {
                () = outlet.stop.cancelled() => {}
                () = outlet.clone().run(&url, &token, inbox) => {}
            }
        });
        Ok(webhooks)
    }

    /// Posts to the chatbot's endpoint, once: a command that nobody hears is typed again.
    pub fn tell_bot(self: &Arc<Self>, payload: &Value) {
        let Some(url) = self.lock().webhooks.bot_url.clone() else {
            return;
        };
        let (outlet, text) = (self.clone(), payload.to_string());
        tokio::spawn(async move { outlet.post(&url, text).await });
    }

    /// Takes events to the URL one after the other; what fails does not hold up the next.
    async fn run(
        self: Arc<Self>,
        url: &str,
        token: &str,
        mut inbox: mpsc::UnboundedReceiver<String>,
    ) {
        let clock = &self.shared.clock;
        let mut asked_at = clock.now();
        loop {
            let posted = tokio::select! {
                post = inbox.recv() => post,
                () = clock.sleep_until(asked_at + REVALIDATE_MS) => {
                    asked_at = clock.now();
                    // What Zoom does with a URL that fails here is not documented.
                    self.is_validated(url, token).await;
                    continue;
                }
            };
            let Some(text) = posted else { return };
            if !self.post(url, text.clone()).await {
                self.try_again(url.to_owned(), text);
            }
        }
    }

    fn try_again(self: &Arc<Self>, url: String, text: String) {
        let outlet = self.clone();
        tokio::spawn(async move {
            let again = async {
                for wait in RETRY_MS {
                    let clock = &outlet.shared.clock;
                    clock.sleep_until(clock.now() + wait).await;
                    if outlet.post(&url, text.clone()).await {
                        return;
                    }
                }
            };
            tokio::select! {
                () = outlet.stop.cancelled() => {}
                () = again => {}
            }
        });
    }

    /// Whether the request was taken with a 200 or 204.
    async fn post(&self, url: &str, text: String) -> bool {
        let answer = self.answered(self.signed(url, text)).await;
        answer.is_some_and(|(status, _)| matches!(status, 200 | 204))
    }

    async fn is_validated(&self, url: &str, token: &str) -> bool {
        let now = self.shared.clock.now();
        let body = json!({
            "event": "endpoint.url_validation",
            "event_ts": now,
            "payload": { "plainToken": token },
        });
        let answer = self.answered(self.signed(url, body.to_string())).await;
        let Some((200, said)) = answer else {
            return false;
        };
        let hash = HEXLOWER.encode(hmac::sign(&self.key, token.as_bytes()).as_ref());
        said["plainToken"] == token && said["encryptedToken"] == hash.as_str()
    }

    /// The status and the JSON of an answer that comes in time.
    async fn answered(&self, request: RequestBuilder) -> Option<(u16, Value)> {
        let clock = &self.shared.clock;
        let until = clock.now() + ANSWER_MS * i64::from(clock.speed());
        let answer = async {
            let answer = request.send().await.ok()?;
            let status = answer.status().as_u16();
            Some((status, answer.json().await.unwrap_or_default()))
        };
        tokio::select! {
            answer = answer => answer,
            () = clock.sleep_until(until) => None,
        }
    }

    /// The time is the machine's: whoever checks it has no other clock.
    fn signed(&self, url: &str, body: String) -> RequestBuilder {
        let at = self.shared.clock.machine_s();
        let signed = hmac::sign(&self.key, format!("v0:{at}:{body}").as_bytes());
        self.http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::AUTHORIZATION, &self.verification_token)
            .header("x-zm-request-timestamp", at)
            .header(
                "x-zm-signature",
                format!("v0={}", HEXLOWER.encode(signed.as_ref())),
            )
            .header("x-zm-trackingid", format!("WEB_{at}"))
            .body(body)
    }
}
