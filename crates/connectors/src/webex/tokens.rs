//! Tokens, kept in the vault and renewed once for all who wait.
//!
//! People's and the administrator's are renewed by the Integration, the Service App's by itself, and
//! a guest's by asking the Service App for another. The bot's lasts for ever.
//!
//! Source: <https://developer.webex.com/docs/integrations>, "Using the Refresh Token";
//! <https://developer.webex.com/docs/api/v1/guest-management>.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use causeway_model::{ExternalAccount, Failure, FailureKind};

use super::{
    guest_tokens::{GuestName, GuestTokens},
    refusal::{BAD_TOKEN, may_pass},
    token_endpoint::{App, Endpoint, Granted, Refused},
};
use crate::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};

/// A token this close to its end is renewed before it is used.
const RENEW_BEFORE_MS: i64 = 5 * 60 * 1_000;

pub(super) struct Tokens {
    endpoint: Endpoint,
    guests: GuestTokens,
    vault: Arc<dyn TokenVault>,
    /// One renewal at a time per owner.
    gates: Mutex<HashMap<TokenOwner, Arc<tokio::sync::Mutex<()>>>>,
}

/// A renewal that came to nothing.
enum Unrenewed {
    /// For now, or because of the app: the sign-in itself may still be good.
    Failed(Failure),
    /// The sign-in is no longer good.
    Revoked(Failure),
}

impl Tokens {
    pub(super) fn new(endpoint: Endpoint, guests: GuestTokens, vault: Arc<dyn TokenVault>) -> Self {
        Self {
            endpoint,
            guests,
            vault,
            gates: Mutex::default(),
        }
    }

    /// An access token that is good for some minutes, renewed first where need be.
    pub(super) async fn access(&self, owner: &TokenOwner) -> Result<Secret, Failure> {
        if let Some(fresh) = self.stored(owner).await?.and_then(|set| self.fresh(&set)) {
            return Ok(fresh);
        }
        let gate = self.gate(owner);
        let _renewing = gate.lock().await;
        let stored = self.stored(owner).await?;
        if let Some(fresh) = stored.as_ref().and_then(|set| self.fresh(set)) {
            return Ok(fresh);
        }
        let renewed = self.renew(owner, stored.as_ref()).await;
        match (renewed, stored) {
            // It is near its end, not at it: better than none while Webex is out of reach.
            (Err(failure), Some(set)) if may_pass(&failure) => {
                self.good_for(&set, 0).ok_or(failure)
            }
            (renewed, _) => renewed,
        }
    }

    /// Another access token after Webex refused this one, unless it has been replaced meanwhile.
    pub(super) async fn access_instead_of(
        &self,
        owner: &TokenOwner,
        refused: &Secret,
    ) -> Result<Secret, Failure> {
        let gate = self.gate(owner);
        let _renewing = gate.lock().await;
        let stored = self.stored(owner).await?;
        let replaced = stored
            .as_ref()
            .filter(|set| set.access.as_ref() != Some(refused))
            .and_then(|set| self.fresh(set));
        match replaced {
            Some(fresh) => Ok(fresh),
            None => self.renew(owner, stored.as_ref()).await,
        }
    }

    /// What the owner's token may be used for, as Webex wrote it when it gave it; nothing where it
    /// did not say.
    pub(super) async fn scopes(&self, owner: &TokenOwner) -> Result<Vec<String>, Failure> {
        let stored = self.stored(owner).await?;
        let set = stored.ok_or_else(|| no_token("no_token"))?;
        let scopes = set.scopes.split_whitespace();
        Ok(scopes.map(str::to_owned).collect())
    }

    /// Who a guest is to the Service App, where the account is a guest whose token is held.
    pub(super) async fn guest_name(
        &self,
        account: &ExternalAccount,
    ) -> Result<Option<GuestName>, Failure> {
        let stored = self.stored(&TokenOwner::Account(account.clone())).await?;
        let refresh = stored.and_then(|set| set.refresh);
        Ok(refresh.and_then(|refresh| GuestName::read(&refresh)))
    }

    /// Makes a guest, or another token for it; with one renewal of the Service App's own.
    pub(super) async fn make_guest(
        &self,
        guest: &GuestName,
    ) -> Result<(ExternalAccount, TokenSet), Failure> {
        let owner = TokenOwner::GuestIssuer;
        let issuer = self.access(&owner).await?;
        match self.guests.make(guest, &issuer).await {
            Err(failure) if failure.code == BAD_TOKEN => {
                let other = self.access_instead_of(&owner, &issuer).await?;
                self.guests.make(guest, &other).await
            }
            made => made,
        }
    }

    /// Keeps what was made for a guest under another name.
    pub(super) async fn keep(&self, owner: &TokenOwner, set: &TokenSet) -> Result<(), Failure> {
        let kept = self.vault.renewed(owner, set).await;
        kept.map_err(|error| kept_not(&error))
    }

    fn gate(&self, owner: &TokenOwner) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(owner.clone()).or_default().clone()
    }

    async fn stored(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, Failure> {
        let stored = self.vault.token(owner).await;
        stored.map_err(|error| kept_not(&error))
    }

    fn fresh(&self, set: &TokenSet) -> Option<Secret> {
        self.good_for(set, RENEW_BEFORE_MS)
    }

    fn good_for(&self, set: &TokenSet, ms: i64) -> Option<Secret> {
        let soon = self.endpoint.now().plus_ms(ms);
        let good = set.expires_at.is_none_or(|end| end > soon);
        set.access.clone().filter(|_| good)
    }

    async fn renew(
        &self,
        owner: &TokenOwner,
        stored: Option<&TokenSet>,
    ) -> Result<Secret, Failure> {
        let set = match self.renewal(owner, stored).await {
            Ok(set) => set,
            Err(Unrenewed::Failed(failure)) => return Err(failure),
            Err(Unrenewed::Revoked(failure)) => return Err(self.revoked(owner, failure).await),
        };
        self.keep(owner, &set).await?;
        set.access.ok_or_else(|| no_token("no_token"))
    }

    async fn renewal(
        &self,
        owner: &TokenOwner,
        stored: Option<&TokenSet>,
    ) -> Result<TokenSet, Unrenewed> {
        let stored = stored.ok_or_else(|| Unrenewed::Failed(no_token("no_token")))?;
        let Some(refresh) = &stored.refresh else {
            return Err(Unrenewed::Failed(no_token(BAD_TOKEN)));
        };
        match owner {
            TokenOwner::App | TokenOwner::AppLevel => {
                self.by_refresh(App::Integration, refresh, stored).await
            }
            TokenOwner::GuestIssuer => self.by_refresh(App::GuestIssuer, refresh, stored).await,
            TokenOwner::Account(_) => match GuestName::read(refresh) {
                // Boxed, since the Service App's own token may have to be renewed for it.
                Some(guest) => match Box::pin(self.make_guest(&guest)).await {
                    Ok((_, set)) => Ok(set),
                    Err(failure) => Err(Unrenewed::Failed(failure)),
                },
                None => self.by_refresh(App::Integration, refresh, stored).await,
            },
        }
    }

    async fn by_refresh(
        &self,
        app: App,
        refresh: &Secret,
        stored: &TokenSet,
    ) -> Result<TokenSet, Unrenewed> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.reveal()),
        ];
        let granted: Result<Granted, Refused> = self.endpoint.ask(app, &form).await;
        match granted {
            Ok(granted) => Ok(self.endpoint.token_set(granted, Some(stored))),
            Err(Refused::Failed(failure)) => Err(Unrenewed::Failed(failure)),
            Err(Refused::Said { words, .. }) if is_about_refresh(&words) => {
                Err(Unrenewed::Revoked(no_token("invalid_grant")))
            }
            // The app's own secret is refused: nobody's sign-in is lost by that.
            Err(Refused::Said { status, .. }) => Err(Unrenewed::Failed(no_token(&format!(
                "http_{}",
                status.as_u16()
            )))),
        }
    }

    async fn revoked(&self, owner: &TokenOwner, failure: Failure) -> Failure {
        match self.vault.revoked(owner).await {
            Ok(()) => failure,
            Err(error) => kept_not(&error),
        }
    }
}

/// Whether it is the sign-in that is refused, and not the app: Webex answers both alike.
fn is_about_refresh(words: &str) -> bool {
    words.contains("invalid_grant")
        || words.contains("refresh token")
        || words.contains("refresh_token")
}

fn no_token(code: &str) -> Failure {
    Failure::new(FailureKind::NotAuthorised, code, "token")
}

fn kept_not(_: &VaultError) -> Failure {
    Failure::new(FailureKind::NotSent, "vault", "token")
}
