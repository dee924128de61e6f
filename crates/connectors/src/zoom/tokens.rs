//! Tokens of the account's own apps, asked for anew when they end: there is nothing to refresh.
//!
//! Source: <https://developers.zoom.us/docs/internal-apps/s2s-oauth/>; for the chatbot
//! <https://developers.zoom.us/docs/integrations/oauth/>, "client credentials".

use std::sync::Arc;

use causeway_model::{Clock, Failure, FailureKind, Timestamp};
use reqwest::StatusCode;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::settings::Settings;
use crate::{Secret, TokenOwner, TokenSet, TokenVault, VaultError, http::retry_after_ms};

/// A token this close to its end is replaced before it is used.
const RENEW_BEFORE_MS: i64 = 5 * 60 * 1_000;
const DOING: &str = "token";

pub(super) struct Tokens {
    settings: Arc<Settings>,
    http: reqwest::Client,
    vault: Arc<dyn TokenVault>,
    clock: Arc<dyn Clock>,
    /// One request at a time for each app.
    account_gate: Mutex<()>,
    chatbot_gate: Mutex<()>,
}

/// One app as the token endpoint knows it.
struct App<'a> {
    client_id: &'a str,
    secret: &'a Secret,
    form: Vec<(&'static str, &'a str)>,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    expires_in: Option<i64>,
    #[serde(default)]
    scope: String,
}

#[derive(Default, Deserialize)]
struct Refused {
    #[serde(default)]
    error: String,
}

impl Tokens {
    pub(super) fn new(
        settings: Arc<Settings>,
        http: reqwest::Client,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            http,
            vault,
            clock,
            account_gate: Mutex::default(),
            chatbot_gate: Mutex::default(),
        }
    }

    /// An access token that is good for some minutes.
    pub(super) async fn access(&self, owner: &TokenOwner) -> Result<Secret, Failure> {
        if let Some(good) = self.kept(owner, None).await? {
            return Ok(good);
        }
        self.replaced(owner, None).await
    }

    /// Another one after Zoom refused this, unless it has been replaced meanwhile.
    pub(super) async fn access_instead_of(
        &self,
        owner: &TokenOwner,
        refused: &Secret,
    ) -> Result<Secret, Failure> {
        self.replaced(owner, Some(refused)).await
    }

    /// A new token, whose scopes are those of now.
    pub(super) async fn scopes_now(&self, owner: &TokenOwner) -> Result<Vec<String>, Failure> {
        let _asking = self.gate(owner)?.lock().await;
        let given = self.ask(owner).await?;
        let scopes = given.scopes.split([' ', ',']);
        Ok(scopes
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect())
    }

    async fn replaced(
        &self,
        owner: &TokenOwner,
        refused: Option<&Secret>,
    ) -> Result<Secret, Failure> {
        let _asking = self.gate(owner)?.lock().await;
        if let Some(good) = self.kept(owner, refused).await? {
            return Ok(good);
        }
        let given = self.ask(owner).await?;
        given.access.ok_or_else(unreadable)
    }

    async fn kept(
        &self,
        owner: &TokenOwner,
        refused: Option<&Secret>,
    ) -> Result<Option<Secret>, Failure> {
        let stored = self.vault.token(owner).await.map_err(not_kept)?;
        let soon = self.clock.now().plus_ms(RENEW_BEFORE_MS);
        Ok(stored
            .filter(|set| set.expires_at.is_none_or(|end| end > soon))
            .and_then(|set| set.access)
            .filter(|access| Some(access) != refused))
    }

    fn gate(&self, owner: &TokenOwner) -> Result<&Mutex<()>, Failure> {
        match owner {
            TokenOwner::AppLevel => Ok(&self.account_gate),
            TokenOwner::App => Ok(&self.chatbot_gate),
            TokenOwner::GuestIssuer | TokenOwner::Account(_) => Err(missing("no_token")),
        }
    }

    fn app(&self, owner: &TokenOwner) -> Result<App<'_>, Failure> {
        let settings = self.settings.as_ref();
        match owner {
            TokenOwner::AppLevel => Ok(App {
                client_id: &settings.client_id,
                secret: settings
                    .client_secret
                    .as_ref()
                    .ok_or_else(|| missing("no_client_secret"))?,
                form: vec![
                    ("grant_type", "account_credentials"),
                    ("account_id", &settings.account_id),
                ],
            }),
            TokenOwner::App => {
                let bot = settings.chatbot.as_ref();
                let bot = bot.ok_or_else(|| missing("no_chatbot"))?;
                let secret = settings.chatbot_secret.as_ref();
                Ok(App {
                    client_id: &bot.client_id,
                    secret: secret.ok_or_else(|| missing("no_chatbot_secret"))?,
                    form: vec![("grant_type", "client_credentials")],
                })
            }
            TokenOwner::GuestIssuer | TokenOwner::Account(_) => Err(missing("no_token")),
        }
    }

    /// Asks, and keeps what is given before anybody uses it.
    async fn ask(&self, owner: &TokenOwner) -> Result<TokenSet, Failure> {
        let given = self.request(&self.app(owner)?).await?;
        let set = TokenSet {
            access: Some(Secret::new(given.access_token)),
            expires_at: given.expires_in.map(|seconds| self.in_seconds(seconds)),
            refresh: None,
            scopes: given.scope,
        };
        self.vault.renewed(owner, &set).await.map_err(not_kept)?;
        Ok(set)
    }

    fn in_seconds(&self, seconds: i64) -> Timestamp {
        self.clock.now().plus_ms(seconds.saturating_mul(1_000))
    }

    async fn request(&self, app: &App<'_>) -> Result<Given, Failure> {
        let sent = self
            .http
            .post(self.settings.token_url())
            .basic_auth(app.client_id, Some(app.secret.reveal()))
            .form(&app.form)
            .send()
            .await;
        let answer = sent.map_err(|error| cut(&error))?;
        let status = answer.status();
        let after_ms = retry_after_ms(answer.headers(), self.clock.now().0);
        let body = answer.bytes().await.map_err(|error| cut(&error))?;
        match status.is_success() {
            true => serde_json::from_slice(&body).map_err(|_| unreadable()),
            false => Err(refused(status, &body, after_ms)),
        }
    }
}

/// Whatever became of the request, the call that wanted the token was never made.
fn cut(error: &reqwest::Error) -> Failure {
    let mut failure = crate::http::transport_failure(error, DOING);
    if failure.kind == FailureKind::Unknown {
        failure.kind = FailureKind::NotSent;
    }
    failure
}

fn refused(status: StatusCode, body: &[u8], after_ms: Option<u64>) -> Failure {
    let said: Refused = serde_json::from_slice(body).unwrap_or_default();
    let kind = match status.as_u16() {
        429 => FailureKind::Throttled { after_ms },
        503 if after_ms.is_some() => FailureKind::Throttled { after_ms },
        408 | 500.. => FailureKind::NotSent,
        // Wrong id or secret, another account's id, an app that is switched off.
        400 | 401 | 403 => FailureKind::NotAuthorised,
        _ => FailureKind::Rejected,
    };
    let word = said
        .error
        .chars()
        .all(|c| c.is_ascii_lowercase() || c == '_');
    let code = match word && !said.error.is_empty() && said.error.len() <= 60 {
        true => said.error,
        false => format!("http_{}", status.as_u16()),
    };
    Failure::new(kind, code, DOING)
}

fn unreadable() -> Failure {
    Failure::new(FailureKind::NotSent, "unreadable_answer", DOING)
}

fn missing(code: &str) -> Failure {
    Failure::new(FailureKind::NotAuthorised, code, DOING)
}

fn not_kept(_: VaultError) -> Failure {
    Failure::new(FailureKind::NotSent, "vault", DOING)
}
