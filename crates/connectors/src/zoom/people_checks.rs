//! Whether people can authorise their own account, and have given enough.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth-scopes-granular/>.

use causeway_model::{Check, CheckCode, ExternalAccount};

use super::{api::Api, preflight::holds, token_endpoint::App};
use crate::{
    TokenOwner,
    preflight::{Granted, came_to},
};

/// What is done with a person's token: messages written, edited and deleted, whose it is, and what is
/// read where the account's app may not. The classic scopes that hold each stand behind it.
const NEEDED: [(&str, &[&str]); 9] = [
    ("team_chat:write:user_message", CLASSIC_WRITE),
    ("team_chat:update:user_message", CLASSIC_WRITE),
    ("team_chat:delete:user_message", CLASSIC_WRITE),
    ("team_chat:read:list_user_messages", CLASSIC_READ),
    ("team_chat:read:user_message", CLASSIC_READ),
    ("team_chat:read:list_user_sessions", CLASSIC_READ),
    ("team_chat:read:user_channel", CLASSIC_CHANNELS),
    ("team_chat:read:list_members", CLASSIC_CHANNELS),
    ("user:read:user", &["user:read"]),
];
const CLASSIC_WRITE: &[&str] = &["chat_message:write"];
const CLASSIC_READ: &[&str] = &["chat_message:read", "chat_message:write"];
const CLASSIC_CHANNELS: &[&str] = &["chat_channel:read", "chat_channel:write"];

pub(super) async fn run(api: &Api, people: &[ExternalAccount]) -> Vec<Check> {
    let proven = api.endpoint().prove(App::OfPeople).await;
    let app = came_to(CheckCode::Credentials, proven).about("user_app");
    let mut granted = Granted::of(NEEDED.map(|(scope, _)| scope).to_vec());
    let mut anybody = false;
    for account in people {
        let owner = TokenOwner::Account(account.clone());
        // Whose token is no longer good is told elsewhere.
        let Ok(Some(held)) = api.tokens().scopes_held(&owner).await else {
            continue;
        };
        anybody = true;
        granted.note(|scope| has(&held, scope));
    }
    let code = CheckCode::PeopleConsent;
    let consent = match anybody {
        true => Check::passed(code),
        // An account may want its apps approved, which no call tells.
        false => Check::unknown(code, "known_with_the_first_person"),
    };
    [app, consent].into_iter().chain(granted.checks()).collect()
}

fn has(held: &[String], scope: &str) -> bool {
    let needed = NEEDED.into_iter().find(|(needed, _)| *needed == scope);
    needed.is_some_and(|needed| holds(held, needed))
}
