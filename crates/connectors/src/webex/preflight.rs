//! Whether an organisation, the Integration, the bot and the administrator are as the hub needs them.

use causeway_model::{Check, CheckCode, Depth, ExternalAccount, Failure, FailureKind, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    api::Api,
    devices,
    settings::Hear,
    sign_in::{administrator_scopes, people_scopes},
    wire::{Person, written},
};
use crate::{
    TokenOwner,
    preflight::{Granted, came_to, not_let_in, skew},
};

/// A message that never was.
const NO_MESSAGE: &str =
    "Y2lzY29zcGFyazovL3VzL01FU1NBR0UvMDAwMDAwMDAtMDAwMC0xMWVmLTgwMDAtMDAwMDAwMDAwMDAw";
const NO_ROOM: &str =
    "Y2lzY29zcGFyazovL3VzL1JPT00vMDAwMDAwMDAtMDAwMC0xMWVmLTgwMDAtMDAwMDAwMDAwMDAw";
/// What the canary of reading asks for.
const LOOK_BACK_MS: i64 = 60_000;

pub(super) async fn run(api: &Api, depth: Depth, people: &[ExternalAccount]) -> Vec<Check> {
    let url = api.url(&["people", "me"], &[]);
    let bot: Result<(Person, _), Failure> = api.timed(&TokenOwner::App, url, "people.me").await;
    let told_at = match bot {
        Ok((_, told_at)) => told_at,
        Err(failure) => return vec![not_let_in(&failure)],
    };
    let mut checks = vec![
        Check::passed(CheckCode::Reachable),
        Check::passed(CheckCode::Credentials),
    ];
    if depth != Depth::Canary {
        checks.extend(whole(api, people, told_at).await);
    }
    checks.push(reading(api).await);
    checks.push(writing(api).await);
    checks
}

async fn whole(api: &Api, people: &[ExternalAccount], told_at: Option<Timestamp>) -> Vec<Check> {
    let mut checks = vec![skew(told_at, api.clock().now())];
    checks.extend(administrator(api).await);
    checks.extend(granted_by(api, people).await);
    if api.settings().guest_issuer.is_some() {
        checks.push(guests(api).await);
    }
    checks
}

/// Whether the administrator is signed in, and with what.
async fn administrator(api: &Api) -> Vec<Check> {
    let code = CheckCode::ServiceSignIn;
    let owner = TokenOwner::AppLevel;
    let known = api.me(&owner).await;
    let scopes = api.tokens().scopes(&owner).await;
    let (known, held) = match (known, scopes) {
        (Ok(known), Ok(held)) => (known, held),
        (Err(failure), _) | (_, Err(failure)) => return vec![came_to(code, Err(failure))],
    };
    let mut checks = vec![match known.is_active() {
        true => Check::passed(code),
        false => Check::failed(code, "disabled"),
    }];
    let wanted = administrator_scopes(api.settings().hear);
    checks.extend(wanted.iter().map(|wanted| {
        let check = match held.iter().any(|held| held == wanted) {
            true => Check::passed(CheckCode::AppPermission),
            // What Webex did not say is not known.
            false if held.is_empty() => Check::unknown(CheckCode::AppPermission, "not_told"),
            false => Check::failed(CheckCode::AppPermission, "missing"),
        };
        check.about(*wanted)
    }));
    checks
}

async fn granted_by(api: &Api, people: &[ExternalAccount]) -> Vec<Check> {
    let mut granted = Granted::of(people_scopes(api.settings().hear).to_vec());
    for account in people {
        let owner = TokenOwner::Account(account.clone());
        // What a token is for is told with the token; and using it keeps the sign-in.
        let used = api.tokens().access(&owner).await;
        let held = api.tokens().scopes(&owner).await;
        // A guest's token says nothing of what it is for, which is fixed.
        if let (Ok(_), Ok(held)) = (used, held)
            && !held.is_empty()
        {
            granted.note(|wanted| held.iter().any(|held| held == wanted));
        }
    }
    granted.checks()
}

/// Whether the Service App may make guests: it is let count them with the same permission.
async fn guests(api: &Api) -> Check {
    let url = api.url(&["guests", "count"], &[]);
    let doing = "guests.count";
    let counted = api.status(&TokenOwner::GuestIssuer, url, doing).await;
    came_to(CheckCode::GuestInvitations, counted)
}

async fn reading(api: &Api) -> Check {
    let read = match api.settings().hear {
        Hear::Events => last_events(api).await,
        Hear::Sockets => devices::may_register(api, &TokenOwner::App).await,
    };
    came_to(CheckCode::Reading, read)
}

/// The organisation's events of the last minute.
async fn last_events(api: &Api) -> Result<(), Failure> {
    let from = written(api.clock().now().plus_ms(-LOOK_BACK_MS));
    let query = [
        ("resource", "messages"),
        ("from", from.as_str()),
        ("max", "1"),
    ];
    let url = api.url(&["events"], &query);
    let read: Result<Value, Failure> = api.get(&TokenOwner::AppLevel, url, "events.list").await;
    read.map(drop)
}

/// As the bot: a message that never was is changed, which fails for what is missing once the token
/// has been let through.
async fn writing(api: &Api) -> Check {
    let url = api.url(&["messages", NO_MESSAGE], &[]);
    let body = json!({ "roomId": NO_ROOM, "markdown": "-" });
    let doing = "messages.update";
    let changed = api.write(&TokenOwner::App, Method::PUT, url, Some(&body), doing);
    came_to(
        CheckCode::Writing,
        match changed.await {
            Err(failure) if is_missed(&failure) => Ok(()),
            other => other.map(drop),
        },
    )
}

fn is_missed(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Gone | FailureKind::Rejected)
}
