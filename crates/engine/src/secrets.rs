//! A connection's own secrets, by the names under which the store keeps them.

use std::collections::BTreeMap;

use causeway_connectors::Secret;

/// Proves the app (Slack, Entra, a Webex integration, Zoom's server-to-server app).
pub const CLIENT_SECRET: &str = "client_secret";
/// What the app proves itself with instead, where the platform knows certificates.
pub const CLIENT_CERTIFICATE: &str = "client_certificate";
/// With which the platform signs what it sends to the hub.
pub const SIGNING_SECRET: &str = "signing_secret";
/// Proves the app that makes guests, where it is another (Webex's Service App).
pub const GUEST_ISSUER_SECRET: &str = "guest_issuer_secret";
/// Proves the app that speaks for people, where it is another (Zoom's chatbot).
pub const CHATBOT_SECRET: &str = "chatbot_secret";
/// Proves the app that people authorise, where it is another (Zoom's user-managed app).
pub const USER_APP_SECRET: &str = "user_app_secret";

/// Every name there is, so that a connection's secrets can be read together.
pub(crate) const NAMES: [&str; 6] = [
    CLIENT_SECRET,
    CLIENT_CERTIFICATE,
    SIGNING_SECRET,
    GUEST_ISSUER_SECRET,
    CHATBOT_SECRET,
    USER_APP_SECRET,
];

/// What an app proves itself with and what is signed for it; empty where it is used as a public
/// client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<&'static str, Secret>);

impl Secrets {
    /// Those that were given.
    #[must_use]
    pub fn of<const N: usize>(secrets: [(&'static str, Option<Secret>); N]) -> Self {
        let given = secrets.into_iter();
        Self(
            given
                .filter_map(|(name, secret)| Some((name, secret?)))
                .collect(),
        )
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, secret)| (*name, secret.reveal()))
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<Secret> {
        self.0.get(name).cloned()
    }
}

impl FromIterator<(&'static str, Secret)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (&'static str, Secret)>>(secrets: I) -> Self {
        Self(secrets.into_iter().collect())
    }
}
