//! Who the hub is in the workspace.

use std::sync::{Arc, PoisonError, RwLock};

use causeway_model::{ExternalAccount, Failure, FailureKind};
use url::Url;

use super::{
    api::{AUTH_TEST, Api, BOTS_INFO},
    wire::{AuthTest, BotInfo},
};
use crate::{connector::Identity, vault::TokenOwner};

/// The app's ids, by which its own posts are told from others'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    /// The bot's user, `U…`.
    pub(super) bot_user: String,
    /// The bot itself, `B…`.
    pub(super) bot_id: String,
    /// The app, `A…`.
    pub(super) app_id: Option<String>,
    pub(super) team: String,
    /// `T…`; absent where Slack does not say.
    pub(super) team_id: Option<String>,
    /// The workspace's address.
    pub(super) url: Option<Url>,
}

impl Own {
    pub(super) fn identity(&self) -> Identity {
        Identity {
            name: self.team.clone(),
            own_accounts: vec![ExternalAccount::new(&self.bot_user)],
        }
    }
}

/// What is known of it; asked for once, and again whenever somebody checks the credentials.
#[derive(Default)]
pub(super) struct OwnCell(RwLock<Option<Arc<Own>>>);

impl OwnCell {
    pub(super) fn known(&self) -> Option<Arc<Own>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) async fn get(&self, api: &Api) -> Result<Arc<Own>, Failure> {
        match self.known() {
            Some(own) => Ok(own),
            None => self.ask(api).await,
        }
    }

    pub(super) async fn ask(&self, api: &Api) -> Result<Arc<Own>, Failure> {
        let test: AuthTest = api.call(AUTH_TEST, &TokenOwner::App, &[]).await?;
        let bot_id = test.bot_id.ok_or_else(|| {
            Failure::new(
                FailureKind::NotAuthorised,
                "not_a_bot_token",
                AUTH_TEST.name,
            )
        })?;
        let fields = [("bot", bot_id.clone())];
        let info: BotInfo = api.call(BOTS_INFO, &TokenOwner::App, &fields).await?;
        let own = Arc::new(Own {
            bot_user: test.user_id,
            bot_id,
            app_id: info.bot.app_id.or(test.app_id),
            team: test.team.unwrap_or_default(),
            team_id: test.team_id,
            url: test.url.and_then(|url| Url::parse(&url).ok()),
        });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(own.clone());
        Ok(own)
    }
}
