//! The organisation's people, page by page.
//!
//! Source: <https://developer.webex.com/docs/api/v1/people/list-people>.

use causeway_model::{AccountKind, DirectoryAccount, ExternalAccount, Failure};

use super::{api::Api, wire::Person};
use crate::{DirectoryPage, TokenOwner};

const DOING: &str = "people.list";
const PAGE: &str = "200";
/// Addresses that Webex makes up for guests.
const GUESTS: &str = "@appid.ciscospark.com";

pub(super) async fn page(api: &Api, page: Option<String>) -> Result<DirectoryPage, Failure> {
    let url = match page {
        Some(link) => api.link(&link, DOING)?,
        None => api.url(&["people"], &[("max", PAGE)]),
    };
    let bot = api.bot().await?;
    let organisation = api.organisation().await?;
    let (people, next) = api.page(&TokenOwner::AppLevel, url, DOING).await?;
    let people = people.into_iter();
    Ok(DirectoryPage {
        accounts: people
            .map(|person| account(person, bot, organisation))
            .collect(),
        next,
    })
}

fn account(person: Person, bot: &ExternalAccount, organisation: &str) -> DirectoryAccount {
    let email = person.email().map(str::to_owned);
    let is_guest = email
        .as_deref()
        .is_some_and(|email| email.ends_with(GUESTS));
    let kind = match person.kind.as_deref() {
        _ if person.id == bot.as_str() => AccountKind::App,
        Some("bot") => AccountKind::Bot,
        Some(_) | None if is_guest => AccountKind::Guest,
        Some(_) | None => AccountKind::Full,
    };
    let is_own = person.org_id.as_deref() == Some(organisation);
    DirectoryAccount {
        active: person.is_active(),
        external: ExternalAccount::new(person.id),
        name: person
            .display_name
            .or_else(|| email.clone())
            .unwrap_or_default(),
        email_verified: is_own && kind == AccountKind::Full,
        email,
        photo: person.avatar,
        kind,
    }
}
