//! Requests to Webex's token endpoints, which are OAuth's except for how they refuse.
//!
//! Source: <https://developer.webex.com/docs/integrations>, "Getting an Access Token"; RFC 6749
//! section 5, RFC 8628 section 3.

use std::sync::Arc;

use causeway_model::{Clock, Failure, FailureKind, Timestamp};
use reqwest::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{
    refusal::{Effect, cut, unreadable, words},
    settings::Settings,
};
use crate::{Secret, TokenSet, http::retry_after_ms};

const DOING: &str = "token";

#[derive(Clone)]
pub(super) struct Endpoint {
    settings: Arc<Settings>,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// Why nothing was given.
#[derive(Debug)]
pub(super) enum Refused {
    /// What was asked for will not be given: its status and its words in small letters, which are
    /// looked at and never kept.
    Said { status: StatusCode, words: String },
    /// Nothing is known of what was asked for.
    Failed(Failure),
}

/// A token as the endpoint gives it.
#[derive(Deserialize)]
pub(super) struct Granted {
    access_token: String,
    expires_in: Option<f64>,
    refresh_token: Option<String>,
    /// Ninety days, which begin anew each time.
    refresh_token_expires_in: Option<f64>,
    scope: Option<String>,
}

/// Which app asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum App {
    /// That people and the administrator sign in to.
    Integration,
    /// That makes guests.
    GuestIssuer,
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

    /// Posts a form with the app's id and secret in it.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        app: App,
        form: &[(&str, &str)],
    ) -> Result<T, Refused> {
        let (id, secret) = self.proof(app)?;
        let mut form = form.to_vec();
        form.extend([("client_id", id), ("client_secret", secret.reveal())]);
        let request = self.http.post(self.settings.url(&["access_token"]));
        self.send(request.form(&form)).await
    }

    /// Posts a form for a code that is typed elsewhere: the app's id stands in it alone.
    pub(super) async fn ask_for_code<T: DeserializeOwned>(
        &self,
        form: &[(&str, &str)],
    ) -> Result<T, Refused> {
        let url = self.settings.url(&["device", "authorize"]);
        let mut form = form.to_vec();
        form.push(("client_id", &self.settings.client_id));
        self.send(self.http.post(url).form(&form)).await
    }

    /// Asks whether such a code was used; the app proves itself by Basic authorization there.
    pub(super) async fn ask_about_code<T: DeserializeOwned>(
        &self,
        form: &[(&str, &str)],
    ) -> Result<T, Refused> {
        let (id, secret) = self.proof(App::Integration)?;
        let url = self.settings.url(&["device", "token"]);
        let mut form = form.to_vec();
        form.push(("client_id", id));
        let request = self.http.post(url).basic_auth(id, Some(secret.reveal()));
        self.send(request.form(&form)).await
    }

    /// Where a browser begins.
    pub(super) fn authorize_url(&self) -> Url {
        self.settings.url(&["authorize"])
    }

    /// What is kept of a token; the refresh token before it stays good where none is given.
    pub(super) fn token_set(&self, granted: Granted, before: Option<&TokenSet>) -> TokenSet {
        let refresh = granted.refresh_token.map(Secret::new);
        let scopes = granted.scope.filter(|scope| !scope.trim().is_empty());
        TokenSet {
            access: Some(Secret::new(granted.access_token)),
            expires_at: self.ends(granted.expires_in),
            refresh: refresh.or_else(|| before.and_then(|set| set.refresh.clone())),
            refresh_ends_at: self.ends(granted.refresh_token_expires_in),
            scopes: scopes
                .or_else(|| before.map(|set| set.scopes.clone()))
                .unwrap_or_default(),
        }
    }

    /// When something ends that lasts for so many of the platform's seconds.
    pub(super) fn ends(&self, seconds: Option<f64>) -> Option<Timestamp> {
        let life = std::time::Duration::try_from_secs_f64(seconds?).ok()?;
        Some(self.now().plus_ms(self.settings.by_our_clock(life)))
    }

    fn proof(&self, app: App) -> Result<(&str, &Secret), Refused> {
        let settings = &self.settings;
        let (id, secret) = match app {
            App::Integration => (Some(&settings.client_id), &settings.client_secret),
            App::GuestIssuer => (
                settings.guest_issuer.as_ref(),
                &settings.guest_issuer_secret,
            ),
        };
        let missing =
            |code: &str| Refused::Failed(Failure::new(FailureKind::NotAuthorised, code, DOING));
        let id = id.ok_or_else(|| missing("no_guest_issuer"))?;
        let secret = secret.as_ref();
        Ok((id, secret.ok_or_else(|| missing("no_client_secret"))?))
    }

    /// Whatever became of the request, the call that wanted the token was never made: nothing here
    /// is an unknown outcome.
    async fn send<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, Refused> {
        let away = |error: reqwest::Error| Refused::Failed(cut(Effect::Read, &error, DOING));
        let answer = request.send().await.map_err(away)?;
        let status = answer.status();
        let after_ms = retry_after_ms(answer.headers(), self.now().0);
        let body = answer.bytes().await.map_err(away)?;
        if status.is_success() {
            let read = serde_json::from_slice(&body);
            return read.map_err(|_| Refused::Failed(unreadable(Effect::Read, DOING)));
        }
        Err(match out_of_order(status, after_ms) {
            Some(failure) => Refused::Failed(failure),
            None => Refused::Said {
                status,
                words: words(&body),
            },
        })
    }
}

fn out_of_order(status: StatusCode, after_ms: Option<u64>) -> Option<Failure> {
    let kind = match (status.as_u16(), after_ms) {
        (429, _) | (503, Some(_)) => FailureKind::Throttled { after_ms },
        (500.., _) => FailureKind::NotSent,
        _ => return None,
    };
    Some(Failure::new(
        kind,
        format!("http_{}", status.as_u16()),
        DOING,
    ))
}
