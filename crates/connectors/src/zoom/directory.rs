//! The account's users. Zoom lists those of one status at a time.
//!
//! Source: <https://developers.zoom.us/docs/api/users/#tag/users/get/users>.

use causeway_model::{AccountKind, DirectoryAccount, ExternalAccount, Failure};

use super::{
    api::Api,
    wire::{Page, User, Users},
};
use crate::DirectoryPage;

const PAGE: &str = "300";
/// In the order in which they are listed.
const STATUSES: [&str; 3] = ["active", "inactive", "pending"];

/// The page is a status and, after a colon, Zoom's own name for it.
pub(super) async fn page(api: &Api, page: Option<String>) -> Result<DirectoryPage, Failure> {
    let (status, token) = match page.as_deref().and_then(|page| page.split_once(':')) {
        Some((status, token)) => (known(status), token),
        None => (0, ""),
    };
    let own = api.own().await?.account.clone();
    let mut query = vec![("status", STATUSES[status]), ("page_size", PAGE)];
    if !token.is_empty() {
        query.push(("next_page_token", token));
    }
    let url = api.settings().api(&["users"], &query);
    let listed: Users = api.get(url, "users.list").await?;
    let (users, next) = listed.parts();
    users.iter().for_each(|user| api.people().remember(user));
    let active = status == 0;
    Ok(DirectoryPage {
        accounts: users
            .into_iter()
            .map(|user| account(user, &own, active))
            .collect(),
        next: following(status, next),
    })
}

fn known(status: &str) -> usize {
    let known = STATUSES.iter().position(|known| *known == status);
    known.unwrap_or_default()
}

fn following(status: usize, token: Option<String>) -> Option<String> {
    match token {
        Some(token) => Some(format!("{}:{token}", STATUSES[status])),
        None => STATUSES.get(status + 1).map(|next| format!("{next}:")),
    }
}

fn account(user: User, own: &ExternalAccount, active: bool) -> DirectoryAccount {
    let external = ExternalAccount::new(user.id.as_str());
    let kind = match external == *own {
        true => AccountKind::App,
        false => AccountKind::Full,
    };
    let email = user.email.clone().filter(|address| !address.is_empty());
    DirectoryAccount {
        name: match user.name() {
            name if name.is_empty() => email.clone().unwrap_or_default(),
            name => name,
        },
        // An administrator of the account vouches for its members.
        email_verified: email.is_some(),
        email,
        // Told of one user at a time alone.
        photo: None,
        kind,
        active,
        external,
    }
}
