//! The token for a call, renewed in time.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use causeway_model::{Clock, Failure, FailureKind, Timestamp};

use super::{Settings, api::Wire, refusal::Refusal, wire::Renewal};
use crate::vault::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};

/// A token that ends sooner than this is renewed before it is used.
const RENEW_AHEAD_MS: i64 = 5 * 60 * 1_000;
/// When a refresh token ends: Slack names no time, it is good until it is used.
/// Source: <https://docs.slack.dev/authentication/using-token-rotation>.
pub(super) const REFRESH_ENDS_AT: Option<Timestamp> = None;

#[derive(Clone)]
pub(super) struct Tokens {
    wire: Arc<Wire>,
    vault: Arc<dyn TokenVault>,
    clock: Arc<dyn Clock>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    /// One renewal at a time for each owner: a refresh token works once.
    gates: Arc<RwLock<HashMap<TokenOwner, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Tokens {
    pub(super) fn new(
        settings: &Settings,
        wire: Arc<Wire>,
        vault: Arc<dyn TokenVault>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            wire,
            vault,
            clock,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            gates: Arc::default(),
        }
    }

    /// The owner's access token, renewed first where it is about to end.
    pub(super) async fn usable(&self, owner: &TokenOwner) -> Result<Secret, Failure> {
        let tokens = self.kept(owner).await?;
        if let Some(access) = self.lasting(&tokens) {
            return Ok(access);
        }
        let (this, owner) = (self.clone(), owner.clone());
        to_its_end(async move {
            let gate = this.gate(&owner);
            let _one_at_a_time = gate.lock().await;
            let tokens = this.kept(&owner).await?;
            if let Some(access) = this.lasting(&tokens) {
                return Ok(access);
            }
            match this.renew(&owner, &tokens).await {
                Ok(access) => Ok(access),
                // While it lasts, a token that cannot be renewed just now is as good as any.
                Err(failure) => match (failure.kind, this.unexpired(&tokens)) {
                    (FailureKind::NotAuthorised, _) | (_, None) => Err(failure),
                    (_, Some(access)) => Ok(access),
                },
            }
        })
        .await
    }

    /// Another token after Slack has called `used` expired; `refused` again where none can be had.
    pub(super) async fn after_expiry(
        &self,
        owner: &TokenOwner,
        used: &Secret,
        refused: Failure,
    ) -> Result<Secret, Failure> {
        let (this, owner, used) = (self.clone(), owner.clone(), used.clone());
        to_its_end(async move {
            let gate = this.gate(&owner);
            let _one_at_a_time = gate.lock().await;
            let tokens = this.kept(&owner).await?;
            match &tokens.access {
                Some(access) if *access != used => Ok(access.clone()),
                _ if tokens.refresh.is_some() => this.renew(&owner, &tokens).await,
                _ => {
                    this.vault.revoked(&owner).await.map_err(vault_failure)?;
                    Err(refused)
                }
            }
        })
        .await
    }

    /// Slack no longer knows `used`: so says the vault from now on, unless it already has another.
    pub(super) async fn lost(&self, owner: &TokenOwner, used: &Secret) -> Result<(), Failure> {
        let gate = self.gate(owner);
        let _one_at_a_time = gate.lock().await;
        let kept = self.vault.token(owner).await.map_err(vault_failure)?;
        if kept
            .and_then(|tokens| tokens.access)
            .is_some_and(|access| access != *used)
        {
            return Ok(());
        }
        self.vault.revoked(owner).await.map_err(vault_failure)
    }

    /// An event tells that the owner's tokens are no longer good.
    pub(super) async fn revoked(&self, owner: &TokenOwner) -> Result<(), Failure> {
        self.vault.revoked(owner).await.map_err(vault_failure)
    }

    async fn kept(&self, owner: &TokenOwner) -> Result<TokenSet, Failure> {
        let kept = self.vault.token(owner).await.map_err(vault_failure)?;
        kept.filter(|tokens| tokens.access.is_some() || tokens.refresh.is_some())
            .ok_or_else(|| Failure::new(FailureKind::NotAuthorised, "no_token", "token"))
    }

    /// The access token, unless it should be renewed and can be.
    fn lasting(&self, tokens: &TokenSet) -> Option<Secret> {
        let ends_soon = tokens
            .expires_at
            .is_some_and(|end| end.ms_since(self.clock.now()) < RENEW_AHEAD_MS);
        if ends_soon && tokens.refresh.is_some() {
            return None;
        }
        tokens.access.clone()
    }

    fn unexpired(&self, tokens: &TokenSet) -> Option<Secret> {
        let lasts = tokens.expires_at.is_none_or(|end| end > self.clock.now());
        tokens.access.clone().filter(|_| lasts)
    }

    async fn renew(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<Secret, Failure> {
        let refresh = tokens.refresh.as_ref();
        let refresh = refresh.ok_or_else(|| refusal(FailureKind::NotAuthorised, "no_token"))?;
        let mut fields = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh.reveal().to_owned()),
        ];
        fields.extend(self.client_id.iter().map(|id| ("client_id", id.clone())));
        let secret = self.client_secret.iter();
        fields.extend(secret.map(|secret| ("client_secret", secret.reveal().to_owned())));
        let renewal = match self.wire.exchange::<Renewal>(&fields).await {
            Ok(renewal) => renewal,
            Err(failure) => return Err(self.not_renewed(owner, failure).await?),
        };
        let (access, renewed) = self.renewed(owner, renewal, tokens)?;
        self.vault
            .renewed(owner, &renewed)
            .await
            .map_err(vault_failure)?;
        Ok(access)
    }

    fn renewed(
        &self,
        owner: &TokenOwner,
        renewal: Renewal,
        before: &TokenSet,
    ) -> Result<(Secret, TokenSet), Failure> {
        let Renewal {
            authed_user,
            access_token,
            refresh_token,
            expires_in,
            scope,
        } = match (owner, renewal) {
            (
                TokenOwner::Account(_),
                Renewal {
                    authed_user: Some(user),
                    ..
                },
            ) if user.access_token.is_some() => *user,
            (_, renewal) => renewal,
        };
        drop(authed_user);
        let access = access_token.map(Secret::new);
        let access = access.ok_or_else(|| refusal(FailureKind::NotSent, "unexpected_answer"))?;
        let end = expires_in.map(|seconds| self.clock.now().plus_ms(seconds.saturating_mul(1_000)));
        let tokens = TokenSet {
            access: Some(access.clone()),
            expires_at: end,
            refresh: refresh_token
                .map(Secret::new)
                .or_else(|| before.refresh.clone()),
            refresh_ends_at: REFRESH_ENDS_AT,
            scopes: scope.map_or_else(|| before.scopes.clone(), |scope| scope.replace(',', " ")),
        };
        Ok((access, tokens))
    }

    /// What a failed renewal means for the call that needed it: that call was never made.
    async fn not_renewed(
        &self,
        owner: &TokenOwner,
        mut failure: Failure,
    ) -> Result<Failure, Failure> {
        match Refusal::of(&failure.code) {
            Refusal::TokenLost | Refusal::TokenExpired => {
                self.vault.revoked(owner).await.map_err(vault_failure)?;
            }
            Refusal::Later
            | Refusal::Halfway
            | Refusal::Throttled
            | Refusal::TokenWrong
            | Refusal::Forbidden
            | Refusal::Gone
            | Refusal::NotSupported
            | Refusal::Rejected => {}
        }
        if failure.kind == FailureKind::Unknown {
            failure.kind = FailureKind::NotSent;
        }
        Ok(failure)
    }

    fn gate(&self, owner: &TokenOwner) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = self.gates.write().unwrap_or_else(PoisonError::into_inner);
        gates.entry(owner.clone()).or_default().clone()
    }
}

/// Runs a renewal whether or not its caller goes on waiting: one that was given up half-way would
/// have spent the refresh token and kept nothing for it.
async fn to_its_end<T: Send + 'static>(
    renewal: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let ended = tokio::spawn(renewal).await;
    ended.unwrap_or_else(|_| Err(refusal(FailureKind::NotSent, "interrupted")))
}

fn vault_failure(_error: VaultError) -> Failure {
    Failure::new(FailureKind::NotSent, "vault", "token")
}

fn refusal(kind: FailureKind, code: &str) -> Failure {
    Failure::new(kind, code, "oauth.v2.access")
}
