//! Calls to the Web API: one request each, answered or classified.

use std::sync::Arc;

use causeway_model::{Clock, Failure, FailureKind, Timestamp};
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::{
    Settings,
    refusal::{Effect, Refusal},
    tokens::Tokens,
};
use crate::{
    http::{retry_after_ms, transport_failure},
    preflight::server_time,
    vault::{Secret, TokenOwner, TokenVault},
};

/// A Web API method and whether it changes anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) effect: Effect,
}

const fn reads(name: &'static str) -> Method {
    Method {
        name,
        effect: Effect::Read,
    }
}

const fn writes(name: &'static str) -> Method {
    Method {
        name,
        effect: Effect::Write,
    }
}

pub(super) const AUTH_TEST: Method = reads("auth.test");
pub(super) const BOTS_INFO: Method = reads("bots.info");
pub(super) const USERS_LIST: Method = reads("users.list");
pub(super) const USERS_CONVERSATIONS: Method = reads("users.conversations");
pub(super) const CONVERSATIONS_INFO: Method = reads("conversations.info");
pub(super) const CONVERSATIONS_MEMBERS: Method = reads("conversations.members");
pub(super) const CONVERSATIONS_HISTORY: Method = reads("conversations.history");
pub(super) const CONVERSATIONS_REPLIES: Method = reads("conversations.replies");
/// It makes a socket's address, which nobody misses if its answer is lost.
pub(super) const CONNECTIONS_OPEN: Method = reads("apps.connections.open");
pub(super) const CONVERSATIONS_OPEN: Method = writes("conversations.open");
pub(super) const CONVERSATIONS_CREATE: Method = writes("conversations.create");
pub(super) const CONVERSATIONS_INVITE: Method = writes("conversations.invite");
pub(super) const CONVERSATIONS_SET_TOPIC: Method = writes("conversations.setTopic");
pub(super) const POST_MESSAGE: Method = writes("chat.postMessage");
pub(super) const UPDATE: Method = writes("chat.update");
pub(super) const DELETE: Method = writes("chat.delete");
/// It replaces what it has put there before: doing it twice changes nothing.
pub(super) const VIEWS_PUBLISH: Method = reads("views.publish");
const OAUTH_ACCESS: Method = writes("oauth.v2.access");

/// A form's fields.
pub(super) type Fields<'a> = [(&'a str, String)];

/// The Web API with our tokens.
pub(super) struct Api {
    wire: Arc<Wire>,
    tokens: Tokens,
}

impl Api {
    pub(super) fn new(
        settings: &Settings,
        http: reqwest::Client,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let base = settings.api_url.clone();
        let wire = Arc::new(Wire::new(base, http, clock.clone()));
        let tokens = Tokens::new(settings, wire.clone(), vault, clock);
        Self { wire, tokens }
    }

    /// Exchanges the code that a browser brought.
    /// Source: <https://docs.slack.dev/reference/methods/oauth.v2.access>.
    pub(super) async fn redeem<T: DeserializeOwned>(
        &self,
        fields: &Fields<'_>,
    ) -> Result<T, Failure> {
        self.wire.exchange(fields).await
    }

    pub(super) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Calls a method as `owner`. A token that has just ended is renewed and the call, which was
    /// refused because of it, made once more.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        owner: &TokenOwner,
        fields: &Fields<'_>,
    ) -> Result<T, Failure> {
        let token = self.tokens.usable(owner).await?;
        let refused = match self.wire.call(method, Some(&token), fields).await {
            Ok(answer) => return shaped(answer, method),
            Err(refused) => refused,
        };
        match Refusal::of(&refused.code) {
            Refusal::TokenExpired => {
                let token = self.tokens.after_expiry(owner, &token, refused).await?;
                let again = self.wire.call(method, Some(&token), fields).await;
                shaped(again?, method)
            }
            Refusal::TokenLost => {
                self.tokens.lost(owner, &token).await?;
                Err(refused)
            }
            Refusal::Later
            | Refusal::Halfway
            | Refusal::Throttled
            | Refusal::TokenWrong
            | Refusal::Forbidden
            | Refusal::Gone
            | Refusal::NotSupported
            | Refusal::Rejected => Err(refused),
        }
    }

    /// Calls a method for what its answer tells beside its result.
    pub(super) async fn probe(&self, method: Method, owner: &TokenOwner) -> Result<Probe, Failure> {
        let token = self.tokens.usable(owner).await?;
        self.wire.probe(method, &token).await
    }

    /// Posts JSON to an address that an event gave: its own secret, so no token goes with it.
    pub(super) async fn post_to(&self, url: Url, body: &Value) -> Result<(), Failure> {
        const DOING: &str = "response_url";
        let sent = self.wire.http.post(url).json(body).send().await;
        let response = sent.map_err(|error| transport_failure(&error, DOING))?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let method = writes(DOING);
        Err(self
            .wire
            .refused_by_status(status, &response, method)
            .unwrap_or_else(|| {
                // An address answers 404 once it has been used up or is too old.
                let kind = match status {
                    StatusCode::NOT_FOUND | StatusCode::GONE => FailureKind::Gone,
                    _ => FailureKind::Rejected,
                };
                Failure::new(kind, format!("http_{}", status.as_u16()), DOING)
            }))
    }
}

/// What an answer told beside its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Probe {
    /// The scopes of the token that was used.
    pub(super) scopes: Option<Vec<String>>,
    pub(super) server_time: Option<Timestamp>,
}

/// The Web API without tokens: what [`Tokens`] needs to renew one.
pub(super) struct Wire {
    base: Url,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl Wire {
    pub(super) fn new(base: Url, http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { base, http, clock }
    }

    /// Exchanges a refresh token or a code for tokens.
    /// Source: <https://docs.slack.dev/authentication/using-token-rotation>.
    pub(super) async fn exchange<T: DeserializeOwned>(
        &self,
        fields: &Fields<'_>,
    ) -> Result<T, Failure> {
        shaped(self.call(OAUTH_ACCESS, None, fields).await?, OAUTH_ACCESS)
    }

    async fn probe(&self, method: Method, token: &Secret) -> Result<Probe, Failure> {
        let response = self.send(method, Some(token), &[]).await?;
        let probe = Probe {
            scopes: held_scopes(response.headers()),
            server_time: server_time(response.headers()),
        };
        self.read(method, response).await.map(|_| probe)
    }

    async fn call(
        &self,
        method: Method,
        token: Option<&Secret>,
        fields: &Fields<'_>,
    ) -> Result<Value, Failure> {
        let response = self.send(method, token, fields).await?;
        self.read(method, response).await
    }

    async fn send(
        &self,
        method: Method,
        token: Option<&Secret>,
        fields: &Fields<'_>,
    ) -> Result<Response, Failure> {
        let url = self.base.join(method.name);
        let url = url.map_err(|_| failure(FailureKind::Rejected, "bad_request_url", method))?;
        let mut request = self.http.post(url).form(fields);
        // Left out otherwise, which some proxies refuse.
        if fields.is_empty() {
            request = request.header(CONTENT_LENGTH, 0);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token.reveal());
        }
        request.send().await.map_err(|error| cut(&error, method))
    }

    async fn read(&self, method: Method, response: Response) -> Result<Value, Failure> {
        let status = response.status();
        if let Some(refused) = self.refused_by_status(status, &response, method) {
            return Err(refused);
        }
        let after_ms = self.retry_after(&response);
        let body = response
            .bytes()
            .await
            .map_err(|error| cut(&error, method))?;
        let answer: Value = serde_json::from_slice(&body)
            .map_err(|_| failure(method.effect.unclear(), "unreadable_answer", method))?;
        if answer["ok"] == true {
            return Ok(answer);
        }
        Err(refused(&answer, status, after_ms, method))
    }

    /// 429 and 5xx, which need not have a body.
    fn refused_by_status(
        &self,
        status: StatusCode,
        response: &Response,
        method: Method,
    ) -> Option<Failure> {
        let code = format!("http_{}", status.as_u16());
        if status == StatusCode::TOO_MANY_REQUESTS {
            let after_ms = self.retry_after(response);
            return Some(failure(
                FailureKind::Throttled { after_ms },
                "ratelimited",
                method,
            ));
        }
        status
            .is_server_error()
            .then(|| failure(method.effect.unclear(), code, method))
    }

    fn retry_after(&self, response: &Response) -> Option<u64> {
        retry_after_ms(response.headers(), self.clock.now().0)
    }
}

/// Source: <https://docs.slack.dev/authentication/installing-with-oauth>, "x-oauth-scopes".
fn held_scopes(headers: &HeaderMap) -> Option<Vec<String>> {
    let list = headers.get("x-oauth-scopes")?.to_str().ok()?;
    let scopes = list.split(',').map(|scope| scope.trim().to_owned());
    Some(scopes.collect())
}

fn refused(answer: &Value, status: StatusCode, after_ms: Option<u64>, method: Method) -> Failure {
    let Some(code) = answer["error"].as_str() else {
        return failure(
            method.effect.unclear(),
            format!("http_{}", status.as_u16()),
            method,
        );
    };
    let kind = Refusal::of(code).kind(method.effect, after_ms);
    let mut refused = failure(kind, code, method);
    if let (Refusal::Forbidden, Some(needed)) = (Refusal::of(code), answer["needed"].as_str()) {
        refused.detail = format!("{} needs {needed}", method.name);
    }
    refused
}

/// An answer whose `ok` is true but which lacks what the method promises: a write was done then.
fn shaped<T: DeserializeOwned>(answer: Value, method: Method) -> Result<T, Failure> {
    serde_json::from_value(answer).map_err(|_| {
        let kind = match method.effect {
            Effect::Read => FailureKind::Rejected,
            Effect::Write => FailureKind::Unknown,
        };
        failure(kind, "unexpected_answer", method)
    })
}

fn cut(error: &reqwest::Error, method: Method) -> Failure {
    let mut failure = transport_failure(error, method.name);
    if failure.kind == FailureKind::Unknown {
        failure.kind = method.effect.unclear();
    }
    failure
}

fn failure(kind: FailureKind, code: impl Into<String>, method: Method) -> Failure {
    Failure::new(kind, code, method.name)
}
