//! Installing the organisation's own app through the browser, for a hub with a public address:
//! nobody copies a token.
//!
//! PKCE is left out, here as where people sign in: it would make the app a public client for good,
//! which costs it its bot.
//!
//! Source: <https://docs.slack.dev/authentication/installing-with-oauth>.

use causeway_model::{Clock, ExternalAccount, Failure, FailureKind, Timestamp};
use std::sync::Arc;
use url::Url;

use super::{
    api::Wire,
    manifest::{bot_scopes, user_scopes},
    sign_in::{DOING, refused},
    tokens::REFRESH_ENDS_AT,
    wire::{Granted, InstallAnswer},
};
use crate::{
    connector::SignInFailure,
    vault::{Secret, TokenSet},
};

/// The app that is to be installed.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The Web API's base, with a slash at its end.
    pub api_url: Url,
    pub client_id: String,
    pub client_secret: Secret,
}

/// What the installation gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The app's own.
    pub bot: TokenSet,
    /// Of whoever installed it, where they let it act as themselves too.
    pub person: Option<(ExternalAccount, TokenSet)>,
}

impl Installation {
    /// Slack's page where an administrator agrees; none where the base is no address to build on.
    #[must_use]
    pub fn authorize_url(&self, callback: &Url, state: &str) -> Option<Url> {
        // `https://slack.com/api/` stands beside `https://slack.com/oauth/`.
        let mut url = self.api_url.join("../oauth/v2/authorize").ok()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("scope", &bot_scopes().join(","))
            .append_pair("user_scope", &user_scopes().join(","))
            .append_pair("redirect_uri", callback.as_str())
            .append_pair("state", state);
        Some(url)
    }

    /// Exchanges the code that the browser brought to `callback`.
    ///
    /// # Errors
    /// As of a sign-in. `Failed` with `enterprise_install` where the app was installed for a whole
    /// organisation: the hub speaks for one workspace.
    pub async fn redeem(
        &self,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        code: &str,
        callback: &Url,
    ) -> Result<Installed, SignInFailure> {
        let fields = [
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.reveal().to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", callback.to_string()),
        ];
        let now = clock.now();
        let wire = Wire::new(self.api_url.clone(), http, clock);
        let answer: InstallAnswer = wire.exchange(&fields).await.map_err(refused)?;
        if answer.is_enterprise_install {
            return Err(failed("enterprise_install"));
        }
        let bot = token_set(answer.bot, now).ok_or_else(|| failed("no_bot_token"))?;
        let person = answer.authed_user.and_then(|user| {
            let tokens = token_set(user.granted, now)?;
            Some((ExternalAccount::new(user.id), tokens))
        });
        Ok(Installed { bot, person })
    }

    /// What an error that the browser brought means.
    #[must_use]
    pub fn read_error(&self, error: &str) -> SignInFailure {
        refused(Failure::new(
            FailureKind::Rejected,
            super::sign_in::tidy(error),
            DOING,
        ))
    }
}

fn token_set(granted: Granted, now: Timestamp) -> Option<TokenSet> {
    let life_ms = granted
        .expires_in
        .map(|seconds| seconds.saturating_mul(1_000));
    Some(TokenSet {
        access: Some(Secret::new(granted.access_token?)),
        expires_at: life_ms.map(|ms| now.plus_ms(ms)),
        refresh: granted.refresh_token.map(Secret::new),
        refresh_ends_at: REFRESH_ENDS_AT,
        scopes: granted.scope.unwrap_or_default().replace(',', " "),
    })
}

fn failed(code: &str) -> SignInFailure {
    Failure::new(FailureKind::NotSupported, code, DOING).into()
}
