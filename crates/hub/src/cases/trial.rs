//! Credentials are tried with tokens that are kept in memory only.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use causeway_connectors::{Connector, Secret, TokenOwner, TokenSet, TokenVault, VaultError};
use causeway_engine::{Secrets, Wiring, owner_word, token_row};
use causeway_model::{Connection, ConnectionId, Health, HealthState, Platform};
use causeway_store::{ConnectionRow, TokenRow};
use serde_json::Value;

use crate::{Hub, api::HubError, error::from_failure};

/// A connector for settings that are not stored yet.
pub(super) fn connector(
    hub: &Hub,
    platform: Platform,
    settings: Value,
    secrets: &Secrets,
    vault: &Arc<TrialVault>,
) -> Result<Arc<dyn Connector>, HubError> {
    let health = Health {
        state: HealthState::Connecting,
        since: hub.engine.clock().now(),
        last_success: None,
        detail: None,
    };
    let wiring = Wiring {
        connection: ConnectionRow {
            connection: Connection {
                id: ConnectionId(0),
                platform,
                name: platform.name().to_owned(),
                health,
            },
            settings,
            paused_since: None,
        },
        secrets: secrets.clone(),
        vault: Arc::clone(vault) as Arc<dyn TokenVault>,
    };
    hub.engine
        .try_settings(wiring)
        .map_err(|failure| from_failure(&failure, platform.name()))
}

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
            refresh_ends_at: row.refresh_ends_at,
            scopes: row.scopes.clone(),
        }))
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(owner_word(owner), token_row(tokens));
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
