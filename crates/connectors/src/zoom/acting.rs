//! As whom calls about chats are made, and by which token.
//!
//! A person is acted as by the role of the account's app, or by a token of their own, for which they
//! are `me` and nobody else is anybody. The account's app reads for everybody in either case, and only
//! where it may not a person's own token does.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth/>.

use causeway_model::{ExternalAccount, Failure, FailureKind, Speaker};
use reqwest::Method;
use serde::de::DeserializeOwned;
use url::Url;

use super::{
    api::{Api, Call},
    refusal::{Effect, MISSING_SCOPE, read},
    settings::ActsBy,
    wire::{Page, User},
};
use crate::{Secret, TokenOwner};

/// Who a person is to their own token.
const ME: &str = "me";

/// A member as whom something is done.
pub(super) struct Acting {
    pub account: ExternalAccount,
    pub owner: TokenOwner,
}

impl Acting {
    /// The member's name in a path.
    pub(super) fn name(&self) -> &str {
        match self.owner {
            TokenOwner::Account(_) => ME,
            TokenOwner::App | TokenOwner::AppLevel | TokenOwner::GuestIssuer => {
                self.account.as_str()
            }
        }
    }
}

impl Api {
    /// As whom the speaker acts: the service user where the app speaks.
    pub(super) async fn acting(&self, speaker: &Speaker) -> Result<Acting, Failure> {
        let account = match speaker {
            Speaker::App => self.own().await?.account.clone(),
            Speaker::Account(account) => account.clone(),
        };
        let owner = match (speaker, self.settings().acts_by) {
            (Speaker::Account(account), ActsBy::Token) => TokenOwner::Account(account.clone()),
            (Speaker::Account(_), ActsBy::Role) | (Speaker::App, _) => TokenOwner::AppLevel,
        };
        Ok(Acting { account, owner })
    }

    /// Reads something of a member's chats; `path` is what stands behind the member.
    pub(super) async fn get_of<T: DeserializeOwned>(
        &self,
        member: &ExternalAccount,
        path: &[&str],
        query: &[(&str, &str)],
        doing: &str,
    ) -> Result<T, Failure> {
        let by_app = self.get(self.chats(member.as_str(), path, query), doing);
        let refused = match by_app.await {
            Err(refused) if is_refused(&refused) => refused,
            outcome => return outcome,
        };
        match self.token_of(member).await? {
            Some(owner) => {
                let url = self.chats(ME, path, query);
                self.get_by(&owner, url, doing).await
            }
            None => Err(refused),
        }
    }

    /// All pages of a list of a member's, at most `limit` items.
    pub(super) async fn pages_of<P: Page + DeserializeOwned>(
        &self,
        member: &ExternalAccount,
        path: &[&str],
        query: &[(&str, &str)],
        limit: usize,
        doing: &str,
    ) -> Result<Vec<P::Item>, Failure> {
        let first = self.chats(member.as_str(), path, query);
        let by_app = self.pages::<P>(&TokenOwner::AppLevel, first, limit, doing);
        let refused = match by_app.await {
            Err(refused) if is_refused(&refused) => refused,
            outcome => return outcome,
        };
        match self.token_of(member).await? {
            Some(owner) => {
                let first = self.chats(ME, path, query);
                self.pages::<P>(&owner, first, limit, doing).await
            }
            None => Err(refused),
        }
    }

    /// Whose a token is that is not kept yet.
    pub(super) async fn whose(&self, access: &Secret) -> Result<User, Failure> {
        let doing = "users.me";
        let call = Call {
            method: Method::GET,
            url: self.settings().api(&["users", ME], &[]),
            body: None,
            effect: Effect::Read,
            doing,
        };
        read(
            &self.exchange(&call, access).await?.body,
            Effect::Read,
            doing,
        )
    }

    fn chats(&self, member: &str, path: &[&str], query: &[(&str, &str)]) -> Url {
        let path = [&["chat", "users", member], path].concat();
        self.settings().api(&path, query)
    }

    /// What a member is read with instead, where they have authorised it.
    async fn token_of(&self, member: &ExternalAccount) -> Result<Option<TokenOwner>, Failure> {
        match self.settings().acts_by {
            ActsBy::Role => Ok(None),
            ActsBy::Token => {
                let owner = TokenOwner::Account(member.clone());
                let held = self.tokens().scopes_held(&owner).await?;
                Ok(held.map(|_| owner))
            }
        }
    }
}

/// The role of the account's app does not reach so far, or its scopes do not.
fn is_refused(failure: &Failure) -> bool {
    failure.kind == FailureKind::Forbidden || failure.code == MISSING_SCOPE
}
