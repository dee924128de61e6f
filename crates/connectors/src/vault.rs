//! Where tokens live. Connectors never keep one longer than a call.

use async_trait::async_trait;
use causeway_model::{ExternalAccount, Timestamp};

/// Something that must not be seen: it has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the request that needs it and nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Whose token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenOwner {
    /// The hub's app: Slack's bot token; the Teams service account's delegated token.
    App,
    /// The app-level token for sockets (Slack's `xapp-`), or the application token (Graph's
    /// client-credentials token, Zoom's server-to-server token, a Webex compliance officer's).
    AppLevel,
    /// What makes guest accounts, where that is neither of them (Webex's Service App).
    GuestIssuer,
    /// A person's account.
    Account(ExternalAccount),
}

/// A token with what is needed to renew it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSet {
    pub access: Option<Secret>,
    /// When the access token ends; never where absent.
    pub expires_at: Option<Timestamp>,
    pub refresh: Option<Secret>,
    /// When the refresh token ends unless it is used before; not known where absent.
    pub refresh_ends_at: Option<Timestamp>,
    /// As the platform writes them, separated by spaces.
    pub scopes: String,
}

/// The engine's keeping of tokens, on the encrypted store.
#[async_trait]
pub trait TokenVault: Send + Sync {
    async fn token(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, VaultError>;

    /// Commits renewed tokens. Only after it returns may they be used: a refresh token that works
    /// once would otherwise be lost in a crash.
    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError>;

    /// The platform says that the owner's token is no longer good.
    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token vault failed: {0}")]
pub struct VaultError(pub String);
