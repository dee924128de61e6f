//! The page behind a consent link, on the hub's public address: what is asked for, the way to the
//! platform's own sign-in, and what came of it.

use async_trait::async_trait;
use url::Url;

/// Who decides and keeps what the page only shows.
#[async_trait]
pub trait ConsentDesk: Send + Sync {
    /// What an invitation asks for; none for one that does not exist or is settled.
    async fn invitation(&self, id: &str) -> Option<Invitation>;

    /// Somebody goes on from the page: where to. Each call begins a sign-in of its own.
    async fn begin(&self, id: &str) -> Result<Url, Ending>;

    /// The browser has come back with the `state` of a begun sign-in.
    async fn finish(&self, state: &str, answer: CallbackAnswer) -> Ending;
}

/// What the page tells whoever opens the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The platform they are to sign in to, by its name.
    pub platform: String,
    /// The name of the workspace or tenant.
    pub organisation: String,
    /// The name on the account that is meant; never its address.
    pub account: String,
}

/// What the platform's redirect brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackAnswer {
    Code(String),
    Error {
        error: String,
        description: Option<String>,
    },
}

/// How a sign-in ended, as its page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Granted,
    Declined,
    /// Somebody else signed in; nothing was kept.
    WrongPerson,
    /// The link or the sign-in is not open any more.
    NotOpen,
    /// An administrator of the platform must consent first.
    AdministratorNeeded,
    /// It did not work this time.
    TryAgain,
}
