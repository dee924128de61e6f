//! What is done with what a socket tells.

use std::sync::Arc;

use causeway_model::{Failure, Timestamp};
use tokio::sync::Notify;

use super::{api::Api, keeping::Keeping, line::Heard};
use crate::TokenOwner;

/// What a person's token must be for, to have a socket.
pub const SOCKET_SCOPES: [&str; 2] = ["spark:all", "spark:kms"];

#[derive(Clone)]
pub(super) enum Purpose {
    /// The poll is rung for, and reads what happened.
    Ring(Arc<Notify>),
    /// It is read and kept: there is nothing but sockets.
    Keep(Arc<Keeping>),
}

impl Purpose {
    /// Whether the owner's token is to have a socket. Beside the poll, a guest's and that of somebody
    /// who allowed less go without; where there is nothing else, Webex says who may have none.
    pub(super) async fn wants(&self, api: &Api, owner: &TokenOwner) -> Result<bool, Failure> {
        match (self, owner) {
            (Self::Keep(_), _) | (Self::Ring(_), TokenOwner::App) => Ok(true),
            (
                Self::Ring(_),
                TokenOwner::Account(_) | TokenOwner::AppLevel | TokenOwner::GuestIssuer,
            ) => {
                let held = api.tokens().scopes(owner).await?;
                let holds = |wanted: &&str| held.iter().any(|held| held == wanted);
                Ok(SOCKET_SCOPES.iter().all(holds))
            }
        }
    }

    /// The owner's socket is open. Since `lost_at` nothing was heard by it, and still is not where an
    /// error is returned.
    pub(super) async fn opened(
        &self,
        owner: &TokenOwner,
        lost_at: Timestamp,
    ) -> Result<(), Failure> {
        match self {
            Self::Ring(bell) => {
                bell.notify_one();
                Ok(())
            }
            Self::Keep(keeping) => keeping.opened(owner, lost_at).await,
        }
    }

    /// What it returns `Ok` for may be acknowledged.
    pub(super) async fn take(&self, owner: &TokenOwner, heard: &Heard) -> Result<(), Failure> {
        match self {
            Self::Keep(keeping) => keeping.take(owner, heard).await?,
            Self::Ring(bell) if heard.activity.is_some() || heard.missed.is_some() => {
                bell.notify_one();
            }
            Self::Ring(_) => {}
        }
        Ok(())
    }
}
