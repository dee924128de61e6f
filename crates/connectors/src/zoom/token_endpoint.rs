//! Requests to Zoom's token endpoint, and how it refuses.
//!
//! Sources: <https://developers.zoom.us/docs/integrations/oauth/>,
//! <https://developers.zoom.us/docs/internal-apps/s2s-oauth/>,
//! <https://developers.zoom.us/docs/integrations/oauth-error-messages/>.

use std::{sync::Arc, time::Duration};

use causeway_model::{Clock, Failure, FailureKind, Timestamp};
use reqwest::StatusCode;
use serde::Deserialize;

use super::{refusal::after, settings::Settings};
use crate::{Secret, TokenSet, preflight::server_time};

const DOING: &str = "token";
/// Zoom's codes for a refresh token that is none any more, and for one that a newer authorization
/// of the same person has ended.
const NOT_RENEWED: [i64; 2] = [4735, 4741];

/// A refresh token is good for ninety days, and once.
/// Source: <https://developers.zoom.us/docs/integrations/oauth/>, "Refreshing an access token".
const REFRESH_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// A refresh token that never was.
const NO_TOKEN: &str = "none";

#[derive(Clone)]
pub(super) struct Endpoint {
    settings: Arc<Settings>,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// Which app asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum App {
    ServerToServer,
    Chatbot,
    /// That people authorise.
    OfPeople,
}

/// Why nothing was given.
#[derive(Debug)]
pub(super) enum Refused {
    /// Zoom will not give what was asked for.
    Said(Said),
    /// Nothing is known of what was asked for.
    Failed(Failure),
}

/// A refusal in Zoom's words, which are looked at; only the word of OAuth is kept.
#[derive(Debug)]
pub(super) struct Said {
    status: StatusCode,
    pub error: String,
    pub reason: String,
    code: i64,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    expires_in: Option<i64>,
    refresh_token: Option<String>,
    #[serde(default)]
    scope: String,
}

#[derive(Default, Deserialize)]
struct Words {
    #[serde(default)]
    error: String,
    #[serde(default, alias = "message")]
    reason: String,
    #[serde(default)]
    code: i64,
}

impl Endpoint {
    pub(super) fn new(
        settings: Arc<Settings>,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            http,
            clock,
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Posts a form. Whatever became of it, the call that wanted the token was never made: nothing
    /// here is an unknown outcome.
    pub(super) async fn ask(&self, app: App, form: &[(&str, &str)]) -> Result<TokenSet, Refused> {
        let (id, secret) = self.proof(app).map_err(Refused::Failed)?;
        let mut form = form.to_vec();
        let request = self.http.post(self.settings.token_url());
        let request = match secret {
            Some(secret) => request.basic_auth(id, Some(secret.reveal())),
            None => {
                form.push(("client_id", id));
                request
            }
        };
        let away = |error: reqwest::Error| Refused::Failed(cut(&error));
        let answer = request.form(&form).send().await.map_err(away)?;
        let status = answer.status();
        let there = server_time(answer.headers()).unwrap_or_else(|| self.now());
        let after_ms = after(answer.headers(), there);
        let body = answer.bytes().await.map_err(away)?;
        match status.is_success() {
            true => self.given(&body).map_err(Refused::Failed),
            false => Err(refused(status, &body, after_ms)),
        }
    }

    /// Whether Zoom knows an app that renews: it is asked to with a token that never was, and finds
    /// fault with that alone.
    pub(super) async fn prove(&self, app: App) -> Result<(), Failure> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", NO_TOKEN)];
        match self.ask(app, &form).await {
            Err(Refused::Said(said)) if said.is_about_app() => Err(said.failure()),
            Ok(_) | Err(Refused::Said(_)) => Ok(()),
            Err(Refused::Failed(failure)) => Err(failure),
        }
    }

    /// What the app proves itself with; a public one with nothing.
    fn proof(&self, app: App) -> Result<(&str, Option<&Secret>), Failure> {
        let settings = &self.settings;
        let (id, secret, without) = match app {
            App::ServerToServer => (
                Some(&settings.client_id),
                &settings.client_secret,
                "no_client_secret",
            ),
            App::Chatbot => (
                settings.chatbot.as_ref().map(|bot| &bot.client_id),
                &settings.chatbot_secret,
                "no_chatbot_secret",
            ),
            App::OfPeople => match &settings.user_app {
                Some(app) if app.public => return Ok((&app.client_id, None)),
                app => (
                    app.as_ref().map(|app| &app.client_id),
                    &settings.user_app_secret,
                    "no_user_app_secret",
                ),
            },
        };
        let id = id.ok_or_else(|| missing("no_app"))?;
        let secret = secret.as_ref().ok_or_else(|| missing(without))?;
        Ok((id, Some(secret)))
    }

    fn given(&self, body: &[u8]) -> Result<TokenSet, Failure> {
        let given: Given = serde_json::from_slice(body)
            .map_err(|_| Failure::new(FailureKind::NotSent, "unreadable_answer", DOING))?;
        let refresh = given.refresh_token.map(Secret::new);
        Ok(TokenSet {
            access: Some(Secret::new(given.access_token)),
            expires_at: given.expires_in.map(|seconds| self.in_seconds(seconds)),
            refresh_ends_at: refresh.as_ref().and_then(|_| self.refresh_ends()),
            refresh,
            scopes: given.scope,
        })
    }

    fn refresh_ends(&self) -> Option<Timestamp> {
        let life = self.settings.by_our_clock(REFRESH_LIFE).as_millis();
        Some(self.now().plus_ms(i64::try_from(life).ok()?))
    }

    fn in_seconds(&self, seconds: i64) -> Timestamp {
        self.now().plus_ms(seconds.saturating_mul(1_000))
    }
}

impl Refused {
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Said(said) => said.failure(),
            Self::Failed(failure) => failure,
        }
    }
}

impl Said {
    /// Words that were brought by a browser instead.
    pub(super) fn elsewhere(error: &str, reason: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: error.to_ascii_lowercase(),
            reason: reason.to_ascii_lowercase(),
            code: 0,
        }
    }

    fn is_about_app(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
            || self.error == "invalid_client"
            || self.error == "unauthorized_client"
    }

    /// Whether a person's refresh token, and with it what they have authorised, has come to its end.
    pub(super) fn is_revoked(&self) -> bool {
        self.error == "invalid_grant"
            || NOT_RENEWED.contains(&self.code)
            || self.reason.contains("invalid token")
    }

    pub(super) fn failure(&self) -> Failure {
        let kind = match self.status.as_u16() {
            // Wrong id or secret, another account's id, an app that is switched off.
            400 | 401 | 403 => FailureKind::NotAuthorised,
            _ => FailureKind::Rejected,
        };
        Failure::new(kind, self.word(), DOING)
    }

    /// OAuth's word for it, where it is one; else a number.
    pub(super) fn word(&self) -> String {
        let word = self
            .error
            .chars()
            .all(|c| c.is_ascii_lowercase() || c == '_');
        match word && !self.error.is_empty() && self.error.len() <= 60 {
            true => self.error.clone(),
            false if self.code != 0 => self.code.to_string(),
            false => format!("http_{}", self.status.as_u16()),
        }
    }
}

fn refused(status: StatusCode, body: &[u8], after_ms: Option<u64>) -> Refused {
    let kind = match status.as_u16() {
        429 => FailureKind::Throttled { after_ms },
        503 if after_ms.is_some() => FailureKind::Throttled { after_ms },
        408 | 500.. => FailureKind::NotSent,
        _ => {
            let words: Words = serde_json::from_slice(body).unwrap_or_default();
            return Refused::Said(Said {
                status,
                error: words.error,
                reason: words.reason.to_ascii_lowercase(),
                code: words.code,
            });
        }
    };
    let code = format!("http_{}", status.as_u16());
    Refused::Failed(Failure::new(kind, code, DOING))
}

fn cut(error: &reqwest::Error) -> Failure {
    let mut failure = crate::http::transport_failure(error, DOING);
    if failure.kind == FailureKind::Unknown {
        failure.kind = FailureKind::NotSent;
    }
    failure
}

fn missing(code: &str) -> Failure {
    Failure::new(FailureKind::NotAuthorised, code, DOING)
}
