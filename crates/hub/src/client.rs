//! How the faces reach the hub: in their own process when it holds the folder, else through the
//! local socket of the process that does.

use std::sync::Arc;

use crate::{
    Hub,
    api::{ErrorCode, HubError, Reply, Request, UseCase},
    error::failed,
    socket::Remote,
};

/// The hub, wherever it runs.
pub struct Client(Place);

enum Place {
    Here(Arc<Hub>),
    Elsewhere(Remote),
}

impl Client {
    pub(crate) fn here(hub: Arc<Hub>) -> Self {
        Self(Place::Here(hub))
    }

    pub(crate) fn elsewhere(remote: Remote) -> Self {
        Self(Place::Elsewhere(remote))
    }

    /// Whether another process holds the folder.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        matches!(self.0, Place::Elsewhere(_))
    }

    /// Calls any use case.
    ///
    /// # Errors
    /// What the use case says, or that the hub went away.
    pub async fn request(&self, request: Request) -> Result<Reply, HubError> {
        match &self.0 {
            Place::Here(hub) => hub.request(request).await,
            Place::Elsewhere(remote) => remote.request(&request).await,
        }
    }

    /// Calls one use case.
    ///
    /// # Errors
    /// What the use case says, or that the hub went away.
    pub async fn call<U: UseCase>(&self, case: U) -> Result<U::Output, HubError> {
        let reply = self.request(case.into_request()).await?;
        U::output(reply).ok_or_else(|| {
            failed(
                ErrorCode::HubUnavailable,
                "The relay that holds this folder gave another answer than it was asked for.",
            )
            .hint("It may be another version of Causeway.")
            .action("Stop it, and start it again from this version.")
            .build()
        })
    }

    /// Ends what runs in this process: sources stop, what is being sent ends, the file is closed.
    pub async fn close(self) {
        match self.0 {
            Place::Here(hub) => hub.close().await,
            Place::Elsewhere(_) => {}
        }
    }
}
