//! Guests of the Service App: made without a mail, and spoken for with a token from the beginning.
//!
//! Source: <https://developer.webex.com/docs/api/v1/guest-management>.

use async_trait::async_trait;
use causeway_model::{ExternalAccount, Failure, FailureKind, GuestState};
use url::Url;

use super::{api::Api, guest_tokens::GuestName};
use crate::{Guest, GuestFailure, Guests, TokenOwner};

/// The organisation's Service App as one that makes guests.
pub(super) struct ServiceAppGuests {
    api: Api,
}

impl ServiceAppGuests {
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }

    async fn name(&self, account: &ExternalAccount) -> Result<GuestName, GuestFailure> {
        let name = self.api.tokens().guest_name(account).await?;
        name.ok_or(GuestFailure::Gone)
    }
}

#[async_trait]
impl Guests for ServiceAppGuests {
    fn give_tokens(&self) -> bool {
        true
    }

    /// Any address may be a guest's, a member's own too: Webex is not told it.
    async fn invite(&self, email: &str, name: &str) -> Result<Guest, GuestFailure> {
        let guest = GuestName::of(email, name);
        let made = self.api.tokens().make_guest(&guest).await;
        let (account, tokens) = made.map_err(refused)?;
        Ok(Guest {
            account,
            state: GuestState::Redeemed,
            redeem_url: None,
            tokens: Some(tokens),
        })
    }

    /// Whoever's token is held is one.
    async fn guest(&self, account: &ExternalAccount) -> Result<Guest, GuestFailure> {
        self.name(account).await?;
        Ok(Guest {
            account: account.clone(),
            state: GuestState::Redeemed,
            redeem_url: None,
            tokens: None,
        })
    }

    /// Webex takes no photo for a guest.
    async fn dress(
        &self,
        account: &ExternalAccount,
        name: &str,
        _photo: Option<&Url>,
    ) -> Result<(), GuestFailure> {
        let known = self.name(account).await?;
        let guest = known.clone().called(name);
        if guest == known {
            return Ok(());
        }
        let (_, tokens) = self
            .api
            .tokens()
            .make_guest(&guest)
            .await
            .map_err(refused)?;
        let owner = TokenOwner::Account(account.clone());
        Ok(self.api.tokens().keep(&owner, &tokens).await?)
    }

    /// Webex deletes no guest: it stays there unused, and the hub forgets its token.
    async fn remove(&self, _account: &ExternalAccount) -> Result<(), GuestFailure> {
        Ok(())
    }
}

fn refused(failure: Failure) -> GuestFailure {
    match failure.kind {
        FailureKind::Forbidden => GuestFailure::Forbidden(failure.code),
        FailureKind::Throttled { .. }
        | FailureKind::NotSent
        | FailureKind::NotAuthorised
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => GuestFailure::Failed(failure),
    }
}
