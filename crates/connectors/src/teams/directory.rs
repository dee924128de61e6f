//! The tenant's users: all of them, page by page, and what has changed since.
//!
//! Source: <https://learn.microsoft.com/graph/api/user-list>, `user-delta`.

use causeway_model::{AccountKind, DirectoryAccount, ExternalAccount, Failure, FailureKind};

use super::{
    graph::Graph,
    wire::{Page, User},
};
use crate::DirectoryPage;

const SELECT: &str = "id,displayName,mail,userPrincipalName,accountEnabled,userType";
const PAGE: &str = "200";

/// One page of what has changed in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryChanges {
    Page {
        accounts: Vec<DirectoryAccount>,
        /// Deleted from the tenant.
        removed: Vec<ExternalAccount>,
        next: NextChanges,
    },
    /// The link is too old to be answered: everything must be read anew, from no link.
    StartOver,
}

/// Where the changes go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextChanges {
    /// There is more now.
    More(String),
    /// Nothing more for now; what comes later is under this link, for about seven days.
    Later(String),
}

pub(super) async fn page(graph: &Graph, page: Option<String>) -> Result<DirectoryPage, Failure> {
    let doing = "users.list";
    let url = match page {
        Some(link) => graph.link(&link, doing)?,
        None => graph.url(&["users"], &[("$select", SELECT), ("$top", PAGE)]),
    };
    let own = graph.own().await?.account.clone();
    let page: Page<User> = graph.get(&graph.reader(), url, doing).await?;
    Ok(DirectoryPage {
        accounts: page
            .value
            .into_iter()
            .map(|user| account(user, &own))
            .collect(),
        next: page.next,
    })
}

/// # Errors
/// As every read; `Rejected` for a link that is not Graph's, or an answer that gives none.
pub(super) async fn changes(
    graph: &Graph,
    link: Option<String>,
) -> Result<DirectoryChanges, Failure> {
    let doing = "users.delta";
    let url = match link {
        Some(link) => graph.link(&link, doing)?,
        None => graph.url(&["users", "delta"], &[("$select", SELECT)]),
    };
    let own = graph.own().await?.account.clone();
    let page: Page<User> = match graph.get(&graph.reader(), url, doing).await {
        Ok(page) => page,
        Err(failure) if is_too_old(&failure) => return Ok(DirectoryChanges::StartOver),
        Err(failure) => return Err(failure),
    };
    let (removed, present): (Vec<User>, Vec<User>) = page
        .value
        .into_iter()
        .partition(|user| user.removed.is_some());
    let next = match (page.next, page.delta) {
        (Some(link), _) => NextChanges::More(link),
        (None, Some(link)) => NextChanges::Later(link),
        (None, None) => {
            return Err(Failure::new(FailureKind::Rejected, "no_delta_link", doing));
        }
    };
    Ok(DirectoryChanges::Page {
        accounts: present
            .into_iter()
            .map(|user| account(user, &own))
            .collect(),
        removed: removed
            .into_iter()
            .map(|user| ExternalAccount::new(user.id))
            .collect(),
        next,
    })
}

/// Status 410, under whichever code.
fn is_too_old(failure: &Failure) -> bool {
    failure.kind == FailureKind::Gone
        || failure.code.eq_ignore_ascii_case("syncStateNotFound")
        || failure.code.eq_ignore_ascii_case("resyncRequired")
}

fn account(user: User, own: &ExternalAccount) -> DirectoryAccount {
    let external = ExternalAccount::new(user.id);
    let guest = user.user_type.as_deref() == Some("Guest");
    let kind = match guest {
        _ if external == *own => AccountKind::App,
        true => AccountKind::Guest,
        false => AccountKind::Full,
    };
    // A guest's principal name is made up (`ann_home.example#EXT#@…`) and no address.
    let principal = user
        .user_principal_name
        .filter(|name| !name.contains("#EXT#"));
    DirectoryAccount {
        name: user
            .display_name
            .or_else(|| principal.clone())
            .unwrap_or_default(),
        email: user.mail.or(principal),
        email_verified: !guest,
        photo: None,
        kind,
        active: user.account_enabled.unwrap_or(true),
        external,
    }
}
