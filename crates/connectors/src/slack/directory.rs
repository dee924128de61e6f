//! The workspace's people and bots.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use causeway_model::{AccountKind, DirectoryAccount, ExternalAccount, Failure};

use super::{
    api::{Api, USERS_LIST},
    dialect::AccountNames,
    own::Own,
    wire::{self, User, UsersPage},
};
use crate::{connector::DirectoryPage, vault::TokenOwner};

/// What Slack advises as a page.
const PAGE: usize = 200;

/// Slack's own pseudo user, which is not marked as a bot.
pub(super) const SLACKBOT: &str = "USLACKBOT";

/// One page of `users.list`.
pub(super) async fn page(
    api: &Api,
    own: &Own,
    names: &Names,
    cursor: Option<String>,
) -> Result<DirectoryPage, Failure> {
    let mut fields = vec![("limit", PAGE.to_string())];
    fields.extend(cursor.map(|cursor| ("cursor", cursor)));
    let page: UsersPage = api.call(USERS_LIST, &TokenOwner::App, &fields).await?;
    page.members.iter().for_each(|user| names.learn(user));
    Ok(DirectoryPage {
        accounts: page
            .members
            .into_iter()
            .map(|user| account(user, own))
            .collect(),
        next: wire::next_page(page.response_metadata),
    })
}

fn account(user: User, own: &Own) -> DirectoryAccount {
    DirectoryAccount {
        kind: kind(&user, own),
        name: user.shown_name().to_owned(),
        email_verified: user.is_email_confirmed && user.profile.email.is_some(),
        email: user.profile.email,
        photo: user.profile.image_192,
        active: !user.deleted,
        external: ExternalAccount::new(user.id),
    }
}

fn kind(user: &User, own: &Own) -> AccountKind {
    if user.id == own.bot_user {
        AccountKind::App
    } else if user.is_bot || user.id == SLACKBOT {
        AccountKind::Bot
    } else if user.is_restricted || user.is_ultra_restricted || user.is_stranger {
        AccountKind::Guest
    } else {
        AccountKind::Full
    }
}

/// Names for mentions, from the directory and from the events about it.
#[derive(Default)]
pub(super) struct Names(RwLock<HashMap<String, String>>);

impl Names {
    pub(super) fn learn(&self, user: &User) {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        names.insert(user.id.clone(), user.shown_name().to_owned());
    }
}

impl AccountNames for Names {
    fn name(&self, id: &str) -> Option<String> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()
    }
}
