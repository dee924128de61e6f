//! Whether a workspace and the app in it are as the hub needs them.

use causeway_model::{Check, CheckCode, Depth, ExternalAccount, Failure};

use super::{
    Events, SlackConnector,
    api::{AUTH_TEST, Api, CONNECTIONS_OPEN, DELETE, Probe, USERS_CONVERSATIONS},
    manifest,
    wire::ChannelsPage,
};
use crate::{
    preflight::{Granted, came_to, not_let_in, skew},
    vault::TokenOwner,
};

/// A message that never was: Slack counts from 1970.
const NEVER: &str = "0000000001.000000";

pub(super) async fn run(
    slack: &SlackConnector,
    depth: Depth,
    people: &[ExternalAccount],
) -> Vec<Check> {
    let api = &slack.api;
    let mut checks = Vec::new();
    let found = match api.probe(AUTH_TEST, &TokenOwner::App).await {
        Ok(found) => found,
        Err(failure) => return vec![not_let_in(&failure)],
    };
    checks.push(Check::passed(CheckCode::Reachable));
    checks.push(Check::passed(CheckCode::Credentials));
    if depth != Depth::Canary {
        checks.push(skew(found.server_time, slack.clock.now()));
        checks.extend(scopes(&found));
        checks.extend(people_scopes(api, people).await);
        if depth == Depth::WithSource && slack.events == Events::Socket {
            checks.push(socket(api).await);
        }
    }
    checks.extend(canaries(api).await);
    checks
}

/// Each scope of the app on its own: they are switched on one by one.
fn scopes(found: &Probe) -> Vec<Check> {
    let code = CheckCode::AppPermission;
    let Some(held) = &found.scopes else {
        return vec![Check::unknown(code, "no_scopes_told")];
    };
    let needed = manifest::bot_scopes().into_iter();
    needed
        .map(|scope| {
            let check = match held.iter().any(|held| held == scope) {
                true => Check::passed(code),
                false => Check::failed(code, "missing_scope"),
            };
            check.about(scope)
        })
        .collect()
}

async fn people_scopes(api: &Api, people: &[ExternalAccount]) -> Vec<Check> {
    let mut granted = Granted::of(manifest::user_scopes());
    for account in people {
        let owner = TokenOwner::Account(account.clone());
        // Whose token is no longer good is told elsewhere.
        let Ok(Probe {
            scopes: Some(held), ..
        }) = api.probe(AUTH_TEST, &owner).await
        else {
            continue;
        };
        granted.note(|scope| held.iter().any(|held| held == scope));
    }
    granted.checks()
}

/// A socket's address is asked for, and the socket never opened.
async fn socket(api: &Api) -> Check {
    let opened = api.probe(CONNECTIONS_OPEN, &TokenOwner::AppLevel).await;
    came_to(CheckCode::Socket, opened.map(drop))
}

/// The first conversation is listed; and a message that never was is deleted, which Slack refuses
/// only for what it lacks after it has seen that the app may write.
async fn canaries(api: &Api) -> Vec<Check> {
    let fields = [("types", "im".to_owned()), ("limit", "1".to_owned())];
    let listed = api
        .call::<ChannelsPage>(USERS_CONVERSATIONS, &TokenOwner::App, &fields)
        .await;
    let place = listed
        .as_ref()
        .ok()
        .and_then(|page| page.channels.first())
        .map_or_else(|| "D00000000".to_owned(), |channel| channel.id.clone());
    let fields = [("channel", place), ("ts", NEVER.to_owned())];
    let deleted = api
        .call::<serde_json::Value>(DELETE, &TokenOwner::App, &fields)
        .await;
    let missed = |failure: &Failure| {
        matches!(
            failure.code.as_str(),
            "message_not_found" | "channel_not_found" | "cant_delete_message"
        )
    };
    let deleted = match deleted {
        Err(failure) if missed(&failure) => Ok(()),
        other => other.map(drop),
    };
    vec![
        came_to(CheckCode::Reading, listed.map(drop)),
        came_to(CheckCode::Writing, deleted),
    ]
}
