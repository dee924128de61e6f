//! Tokens, kept in the vault. Those of the account's own apps are asked for anew when they end; a
//! person's is renewed with a refresh token that works once.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth/>, "Refreshing an access token".

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use causeway_model::{Failure, FailureKind};

use super::{
    refusal::may_pass,
    token_endpoint::{App, Endpoint, Refused},
};
use crate::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};

/// A token this close to its end is replaced before it is used.
const RENEW_BEFORE_MS: i64 = 5 * 60 * 1_000;
const DOING: &str = "token";

#[derive(Clone)]
pub(super) struct Tokens {
    endpoint: Endpoint,
    vault: Arc<dyn TokenVault>,
    /// One request at a time for each owner: a refresh token works once.
    gates: Arc<Mutex<HashMap<TokenOwner, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Tokens {
    pub(super) fn new(endpoint: Endpoint, vault: Arc<dyn TokenVault>) -> Self {
        Self {
            endpoint,
            vault,
            gates: Arc::default(),
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
        self.replaced(owner, Some(refused.clone())).await
    }

    /// A new token of an app's own, whose scopes are those of now.
    pub(super) async fn scopes_now(&self, owner: &TokenOwner) -> Result<Vec<String>, Failure> {
        let gate = self.gate(owner);
        let _asking = gate.lock().await;
        let given = self.ask(owner).await?;
        Ok(scopes(&given))
    }

    /// What a person has authorised, as Zoom wrote it with their token; none where none is held.
    pub(super) async fn scopes_held(
        &self,
        owner: &TokenOwner,
    ) -> Result<Option<Vec<String>>, Failure> {
        Ok(self.stored(owner).await?.as_ref().map(scopes))
    }

    /// Runs to its end whether or not the caller goes on waiting: a renewal that was given up
    /// half-way would have spent the refresh token and kept nothing for it.
    async fn replaced(
        &self,
        owner: &TokenOwner,
        refused: Option<Secret>,
    ) -> Result<Secret, Failure> {
        let (this, owner) = (self.clone(), owner.clone());
        let replaced = tokio::spawn(async move {
            let gate = this.gate(&owner);
            let _asking = gate.lock().await;
            if let Some(good) = this.kept(&owner, refused.as_ref()).await? {
                return Ok(good);
            }
            match this.ask(&owner).await {
                Ok(given) => given.access.ok_or_else(|| failed("unreadable_answer")),
                // While it lasts, a token that cannot be replaced just now is as good as any.
                Err(failure) if may_pass(&failure) => {
                    let lasting = this.good_for(&owner, 0, refused.as_ref()).await?;
                    lasting.ok_or(failure)
                }
                Err(failure) => Err(failure),
            }
        });
        replaced
            .await
            .unwrap_or_else(|_| Err(failed("interrupted")))
    }

    async fn kept(
        &self,
        owner: &TokenOwner,
        refused: Option<&Secret>,
    ) -> Result<Option<Secret>, Failure> {
        self.good_for(owner, RENEW_BEFORE_MS, refused).await
    }

    async fn good_for(
        &self,
        owner: &TokenOwner,
        ms: i64,
        refused: Option<&Secret>,
    ) -> Result<Option<Secret>, Failure> {
        let soon = self.endpoint.now().plus_ms(ms);
        let stored = self.stored(owner).await?;
        Ok(stored
            .filter(|set| set.expires_at.is_none_or(|end| end > soon))
            .and_then(|set| set.access)
            .filter(|access| Some(access) != refused))
    }

    async fn stored(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, Failure> {
        self.vault.token(owner).await.map_err(not_kept)
    }

    fn gate(&self, owner: &TokenOwner) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(owner.clone()).or_default().clone()
    }

    /// Asks, and keeps what is given before anybody uses it.
    async fn ask(&self, owner: &TokenOwner) -> Result<TokenSet, Failure> {
        let set = match owner {
            TokenOwner::AppLevel => {
                let account = self.endpoint.settings().account_id.as_str();
                let form = [
                    ("grant_type", "account_credentials"),
                    ("account_id", account),
                ];
                self.ask_anew(App::ServerToServer, &form).await?
            }
            TokenOwner::App => {
                let form = [("grant_type", "client_credentials")];
                self.ask_anew(App::Chatbot, &form).await?
            }
            TokenOwner::Account(_) => self.renew(owner).await?,
            TokenOwner::GuestIssuer => return Err(no_token()),
        };
        self.vault.renewed(owner, &set).await.map_err(not_kept)?;
        Ok(set)
    }

    async fn ask_anew(&self, app: App, form: &[(&str, &str)]) -> Result<TokenSet, Failure> {
        let given = self.endpoint.ask(app, form).await;
        // Nothing of it is renewed.
        given
            .map(|set| TokenSet {
                refresh: None,
                refresh_ends_at: None,
                ..set
            })
            .map_err(Refused::failure)
    }

    async fn renew(&self, owner: &TokenOwner) -> Result<TokenSet, Failure> {
        let stored = self.stored(owner).await?.ok_or_else(no_token)?;
        let Some(refresh) = &stored.refresh else {
            self.vault.revoked(owner).await.map_err(not_kept)?;
            return Err(no_token());
        };
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.reveal()),
        ];
        match self.endpoint.ask(App::OfPeople, &form).await {
            Ok(given) => Ok(TokenSet {
                refresh_ends_at: match given.refresh {
                    Some(_) => given.refresh_ends_at,
                    None => stored.refresh_ends_at,
                },
                refresh: given.refresh.or(stored.refresh),
                scopes: match given.scopes.is_empty() {
                    true => stored.scopes,
                    false => given.scopes,
                },
                ..given
            }),
            Err(Refused::Said(said)) if said.is_revoked() => {
                self.vault.revoked(owner).await.map_err(not_kept)?;
                Err(said.failure())
            }
            Err(refused) => Err(refused.failure()),
        }
    }
}

fn scopes(set: &TokenSet) -> Vec<String> {
    let scopes = set.scopes.split([' ', ',']);
    scopes
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect()
}

fn failed(code: &str) -> Failure {
    Failure::new(FailureKind::NotSent, code, DOING)
}

fn no_token() -> Failure {
    Failure::new(FailureKind::NotAuthorised, "no_token", DOING)
}

fn not_kept(_: VaultError) -> Failure {
    failed("vault")
}
