//! Credentials are tried with tokens that are kept in memory only.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use causeway_connectors::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};
use causeway_engine::owner_word;
use causeway_store::TokenRow;

/// Tokens during a trial. What a platform renews meanwhile is what will be kept.
pub(super) struct TrialVault(Mutex<BTreeMap<String, TokenRow>>);

impl TrialVault {
    pub(super) fn new(tokens: BTreeMap<String, TokenRow>) -> Self {
        Self(Mutex::new(tokens))
    }

    pub(super) fn tokens(&self) -> BTreeMap<String, TokenRow> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl TokenVault for TrialVault {
    async fn token(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, VaultError> {
        Ok(self.tokens().get(&owner_word(owner)).map(|row| TokenSet {
            access: row.access.clone().map(Secret::new),
            expires_at: row.expires_at,
            refresh: row.refresh.clone().map(Secret::new),
            scopes: row.scopes.clone(),
        }))
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        let row = TokenRow {
            access: tokens
                .access
                .as_ref()
                .map(|secret| secret.reveal().to_owned()),
            expires_at: tokens.expires_at,
            refresh: tokens
                .refresh
                .as_ref()
                .map(|secret| secret.reveal().to_owned()),
            scopes: tokens.scopes.clone(),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(owner_word(owner), row);
        Ok(())
    }

    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&owner_word(owner));
        Ok(())
    }
}
