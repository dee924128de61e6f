//! Tokens on the encrypted store.

use async_trait::async_trait;
use causeway_connectors::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};
use causeway_model::{Clock, ConnectionId};
use causeway_store::{Store, StoreError, TokenRow};
use std::sync::Arc;

/// The tokens of one connection.
pub struct StoreVault {
    store: Store,
    connection: ConnectionId,
    clock: Arc<dyn Clock>,
}

impl StoreVault {
    #[must_use]
    pub fn new(store: Store, connection: ConnectionId, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            connection,
            clock,
        }
    }
}

/// The owner's word in the store.
#[must_use]
pub fn owner_word(owner: &TokenOwner) -> String {
    match owner {
        TokenOwner::App => "app".to_owned(),
        TokenOwner::AppLevel => "app_level".to_owned(),
        TokenOwner::Account(account) => format!("account:{account}"),
    }
}

/// Tokens as the store keeps them.
pub(crate) fn token_row(tokens: &TokenSet) -> TokenRow {
    let reveal = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.reveal().to_owned());
    TokenRow {
        access: reveal(&tokens.access),
        expires_at: tokens.expires_at,
        refresh: reveal(&tokens.refresh),
        scopes: tokens.scopes.clone(),
    }
}

#[async_trait]
impl TokenVault for StoreVault {
    async fn token(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, VaultError> {
        let (connection, owner) = (self.connection, owner_word(owner));
        let row = self
            .store
            .read(move |reader| reader.token(connection, &owner))
            .await;
        Ok(row.map_err(vault_error)?.map(|row| TokenSet {
            access: row.access.map(Secret::new),
            expires_at: row.expires_at,
            refresh: row.refresh.map(Secret::new),
            scopes: row.scopes,
        }))
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        let (connection, owner) = (self.connection, owner_word(owner));
        let row = token_row(tokens);
        let written = self
            .store
            .write(move |tx| tx.put_token(connection, &owner, &row))
            .await;
        written.map_err(vault_error)
    }

    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError> {
        let (connection, owner, now) = (self.connection, owner_word(owner), self.clock.now());
        let written = self
            .store
            .write(move |tx| tx.revoke_token(connection, &owner, now))
            .await;
        written.map_err(vault_error)
    }
}

fn vault_error(error: StoreError) -> VaultError {
    VaultError(error.code().to_owned())
}
