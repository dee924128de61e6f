//! Delivery over HTTP, where the app has request URLs instead of Socket Mode: signed requests, an
//! answer in three seconds, and the handshake by which a URL is accepted
//! (<https://docs.slack.dev/apis/events-api/using-http-request-urls/>,
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack/>).

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use reqwest::{RequestBuilder, Response, header, redirect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{clock::Millis, stand_in::Refusal, wire::Shared};

use super::{
    Workspace,
    sockets::{Envelope, Outcome},
};

/// How long an answer may take. It is what the hub itself needs, so it passes in real time, unless
/// the clock is pushed.
const ANSWER_MS: Millis = 3_000;

const AGENT: &str = "Slackbot 1.0 (+https://api.slack.com/robots)";

/// Where the app's settings say that things go. Without the first, Socket Mode is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestUrls {
    /// Of Event Subscriptions.
    #[serde(default)]
    pub request_url: Option<String>,
    /// Of the slash command.
    #[serde(default)]
    pub command_url: Option<String>,
    /// Of Interactivity.
    #[serde(default)]
    pub interactivity_url: Option<String>,
}

impl RequestUrls {
    fn of(&self, kind: &str) -> Option<&str> {
        let url = match kind {
            "events_api" => &self.request_url,
            "slash_commands" => &self.command_url,
            "interactive" => &self.interactivity_url,
            _ => &None,
        };
        url.as_deref()
    }
}

/// The way to the app's request URLs.
pub struct Requests {
    shared: Arc<Shared>,
    key: hmac::Key,
    http: reqwest::Client,
    urls: Mutex<RequestUrls>,
}

impl Requests {
    pub fn new(shared: Arc<Shared>, signing_secret: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .user_agent(AGENT);
        Self {
            shared,
            key: hmac::Key::new(hmac::HMAC_SHA256, signing_secret.as_bytes()),
            http: http.build().unwrap_or_default(),
            urls: Mutex::default(),
        }
    }

    /// Whether requests are sent in place of envelopes.
    pub fn are_on(&self) -> bool {
        self.urls().request_url.is_some()
    }

    pub fn urls(&self) -> RequestUrls {
        let urls = self.urls.lock().unwrap_or_else(PoisonError::into_inner);
        urls.clone()
    }

    fn set(&self, urls: RequestUrls) {
        *self.urls.lock().unwrap_or_else(PoisonError::into_inner) = urls;
    }

    /// Sends it once; none where the app has no URL for it.
    pub fn post(
        &self,
        envelope: &Envelope,
        attempt: u32,
        reason: &str,
    ) -> Option<oneshot::Receiver<Outcome>> {
        let urls = self.urls();
        let url = urls.of(envelope.kind)?;
        let (kind, body) = written(envelope);
        let mut request = self.signed(url, kind, body);
        if attempt > 0 {
            request = request
                .header("X-Slack-Retry-Num", attempt)
                .header("X-Slack-Retry-Reason", reason);
        }
        let (tell, told) = oneshot::channel();
        let shared = self.shared.clone();
        let until = shared.clock.now() + ANSWER_MS * i64::from(shared.clock.speed());
        tokio::spawn(async move {
            let outcome = tokio::select! {
                outcome = outcome(request) => outcome,
                () = shared.clock.sleep_until(until) => Outcome::Failed("http_timeout"),
            };
            // Whoever waited may be gone.
            let _ = tell.send(outcome);
        });
        Some(told)
    }

    /// The time is the machine's: whoever checks it has no other clock.
    fn signed(&self, url: &str, kind: &'static str, body: String) -> RequestBuilder {
        let at = self.shared.clock.machine_s();
        let signed = hmac::sign(&self.key, format!("v0:{at}:{body}").as_bytes());
        let signature = format!("v0={}", HEXLOWER.encode(signed.as_ref()));
        self.http
            .post(url)
            .header(header::CONTENT_TYPE, kind)
            .header("X-Slack-Request-Timestamp", at)
            .header("X-Slack-Signature", signature)
            .body(body)
    }

    /// Whether whoever answers there says the word back, as text, as a form or as JSON.
    async fn is_verified(&self, url: &str, token: &str, challenge: &str) -> bool {
        let body = json!({ "token": token, "challenge": challenge, "type": "url_verification" });
        let request = self.signed(url, "application/json", body.to_string());
        let until = self.shared.clock.now() + ANSWER_MS * i64::from(self.shared.clock.speed());
        tokio::select! {
            said = said_back(request) => said.is_some_and(|said| said == challenge),
            () = self.shared.clock.sleep_until(until) => false,
        }
    }
}

impl Workspace {
    /// Sets the app's request URLs, and with them how things are delivered from now on.
    pub async fn set_request_urls(&self, urls: RequestUrls) -> Result<RequestUrls, Refusal> {
        if let Some(url) = &urls.request_url {
            let (token, challenge) = self.change(|state, _| {
                let label = state.fresh("challenge");
                let token = state.app.verification.clone();
                (token, state.seed.letters(&label, 52))
            });
            let requests = &self.sockets.requests;
            if !requests.is_verified(url, &token, &challenge).await {
                return Err(Refusal::Fruitless(
                    "your URL didn't respond with the value of the challenge parameter".to_owned(),
                ));
            }
        }
        self.sockets.turn_off(urls.request_url.is_some());
        self.sockets.requests.set(urls.clone());
        Ok(urls)
    }

    /// The app's request URLs as they are.
    pub fn request_urls(&self) -> RequestUrls {
        self.sockets.requests.urls()
    }
}

/// Events are JSON, commands a form, and interactions a form with JSON in one field.
fn written(envelope: &Envelope) -> (&'static str, String) {
    const FORM: &str = "application/x-www-form-urlencoded";
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    match envelope.kind {
        "slash_commands" => {
            for (name, value) in envelope.payload.as_object().into_iter().flatten() {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                form.append_pair(name, &text);
            }
            (FORM, form.finish())
        }
        "interactive" => {
            form.append_pair("payload", &envelope.payload.to_string());
            (FORM, form.finish())
        }
        _ => ("application/json", envelope.payload.to_string()),
    }
}

async fn outcome(request: RequestBuilder) -> Outcome {
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Outcome::Acknowledged(said(answer).await),
        Ok(answer)
            if answer
                .headers()
                .get("x-slack-no-retry")
                .is_some_and(|no| no == "1") =>
        {
            Outcome::Refused
        }
        Ok(answer) if answer.status().is_redirection() => Outcome::Failed("too_many_redirects"),
        Ok(_) => Outcome::Failed("http_error"),
        Err(error) if error.is_timeout() => Outcome::Failed("http_timeout"),
        Err(_) => Outcome::Failed("connection_failed"),
    }
}

/// What the app says to whoever gave a command: JSON as it is, anything else as a text.
async fn said(answer: Response) -> Value {
    let text = answer.text().await.unwrap_or_default();
    match serde_json::from_str::<Value>(&text) {
        Ok(message) if message.is_object() => message,
        Ok(_) | Err(_) if text.trim().is_empty() => Value::Null,
        Ok(_) | Err(_) => json!({ "text": text }),
    }
}

async fn said_back(request: RequestBuilder) -> Option<String> {
    let answer = request.send().await.ok()?;
    if !answer.status().is_success() {
        return None;
    }
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_owned();
    let text = answer.text().await.ok()?;
    if kind.starts_with("application/json") {
        let body: Value = serde_json::from_str(&text).ok()?;
        return body["challenge"].as_str().map(str::to_owned);
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        let mut fields = url::form_urlencoded::parse(text.as_bytes());
        let field = fields.find(|(name, _)| name == "challenge");
        return field.map(|(_, value)| value.into_owned());
    }
    Some(text.trim().to_owned())
}
