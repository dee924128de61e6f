//! Tokens on the encrypted store.

use async_trait::async_trait;
use causeway_connectors::{Secret, TokenOwner, TokenSet, TokenVault, VaultError};
use causeway_model::{Clock, ConnectionId, ExternalAccount};
use causeway_store::{Store, StoreError, TokenRow};
use std::sync::Arc;
use tokio::sync::mpsc;

/// The tokens of one connection.
pub struct StoreVault {
    store: Store,
    connection: ConnectionId,
    clock: Arc<dyn Clock>,
    lost: Option<LostTokens>,
}

/// An account whose token the platform no longer honours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostToken {
    pub connection: ConnectionId,
    pub account: ExternalAccount,
}

/// Where lost tokens are told of.
pub type LostTokens = mpsc::UnboundedSender<LostToken>;

impl StoreVault {
    #[must_use]
    pub fn new(store: Store, connection: ConnectionId, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            connection,
            clock,
            lost: None,
        }
    }

    /// The same, telling of every token of a person that is lost.
    #[must_use]
    pub fn telling(self, lost: LostTokens) -> Self {
        Self {
            lost: Some(lost),
            ..self
        }
    }
}

/// The owner's word in the store.
#[must_use]
pub fn owner_word(owner: &TokenOwner) -> String {
    match owner {
        TokenOwner::App => "app".to_owned(),
        TokenOwner::AppLevel => "app_level".to_owned(),
        TokenOwner::GuestIssuer => "guest_issuer".to_owned(),
        TokenOwner::Account(account) => format!("account:{account}"),
    }
}

/// Tokens as the store keeps them.
#[must_use]
pub fn token_row(tokens: &TokenSet) -> TokenRow {
    let reveal = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.reveal().to_owned());
    TokenRow {
        access: reveal(&tokens.access),
        expires_at: tokens.expires_at,
        refresh: reveal(&tokens.refresh),
        refresh_ends_at: tokens.refresh_ends_at,
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
            refresh_ends_at: row.refresh_ends_at,
            scopes: row.scopes,
        }))
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        let (connection, owner) = (self.connection, owner_word(owner));
        let row = token_row(tokens);
        let written = self
            .store
            .write(move |tx| tx.renew_token(connection, &owner, &row))
            .await;
        written.map_err(vault_error)
    }

    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError> {
        let (connection, word, now) = (self.connection, owner_word(owner), self.clock.now());
        let written = self
            .store
            .write(move |tx| tx.revoke_token(connection, &word, now))
            .await;
        if let (Some(lost), TokenOwner::Account(account)) = (&self.lost, owner) {
            // Nobody hears it while the engine stops: the next message finds out.
            drop(lost.send(LostToken {
                connection,
                account: account.clone(),
            }));
        }
        written.map_err(vault_error)
    }
}

fn vault_error(error: StoreError) -> VaultError {
    VaultError(error.code().to_owned())
}
