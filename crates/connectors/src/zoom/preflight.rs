//! Whether an account, the app in it and the service user are as the hub needs them.

use causeway_model::{Check, CheckCode, Depth, ExternalAccount, Failure, FailureKind};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    api::{Api, Call},
    people_checks,
    refusal::{Effect, read},
    settings::ActsBy,
    socket,
    wire::User,
};
use crate::{
    TokenOwner,
    preflight::{came_to, not_let_in, skew},
};

/// What the app's token has to allow: everybody found, and members' messages and channels read,
/// written and changed. The classic scopes that hold each stand behind it.
/// Source: <https://developers.zoom.us/docs/integrations/oauth-scopes-granular/>.
const NEEDED: [(&str, &[&str]); 12] = [
    (
        "user:read:list_users:admin",
        &["user:read:admin", "user:write:admin"],
    ),
    (
        "user:read:user:admin",
        &["user:read:admin", "user:write:admin"],
    ),
    ("team_chat:write:user_message:admin", CLASSIC_WRITE),
    ("team_chat:update:user_message:admin", CLASSIC_WRITE),
    ("team_chat:delete:user_message:admin", CLASSIC_WRITE),
    ("team_chat:read:user_message:admin", CLASSIC_READ),
    ("team_chat:read:list_user_messages:admin", CLASSIC_READ),
    ("team_chat:read:list_user_sessions:admin", CLASSIC_READ),
    ("team_chat:read:list_user_channels:admin", CLASSIC_CHANNELS),
    ("team_chat:read:user_channel:admin", CLASSIC_CHANNELS),
    ("team_chat:read:list_members:admin", CLASSIC_CHANNELS),
    (
        "team_chat:write:user_channel:admin",
        &["chat_channel:write:admin"],
    ),
];
const CLASSIC_WRITE: &[&str] = &["chat_message:write:admin"];
const CLASSIC_READ: &[&str] = &["chat_message:read:admin", "chat_message:write:admin"];
const CLASSIC_CHANNELS: &[&str] = &["chat_channel:read:admin", "chat_channel:write:admin"];
const FOR_SOCKET: (&str, &[&str]) = ("marketplace:write:websocket_connection", &[]);
const FOR_GUESTS: [(&str, &[&str]); 2] = [
    ("user:write:user:admin", &["user:write:admin"]),
    ("user:delete:user:admin", &["user:write:admin"]),
];

/// A message that never was.
const NO_MESSAGE: &str = "00000000-0000-0000-0000-000000000000";

pub(super) async fn run(api: &Api, depth: Depth, people: &[ExternalAccount]) -> Vec<Check> {
    // A token of now has the scopes of now, and proves the secret.
    let scopes = match api.tokens().scopes_now(&TokenOwner::AppLevel).await {
        Ok(scopes) => scopes,
        Err(failure) => return vec![not_let_in(&failure)],
    };
    let service = service_user(api).await;
    match &service {
        Err(failure) if is_away(failure) => return vec![not_let_in(failure)],
        Ok(_) | Err(_) => {}
    }
    let mut checks = vec![
        Check::passed(CheckCode::Reachable),
        Check::passed(CheckCode::Credentials),
    ];
    if depth != Depth::Canary {
        checks.extend(permissions(api, &scopes));
        checks.extend(standing(api, &service));
        checks.extend(chatbot(api).await);
        match api.settings().acts_by {
            ActsBy::Role => checks.push(guests(&scopes)),
            ActsBy::Token => checks.extend(people_checks::run(api, people).await),
        }
    }
    checks.extend(canaries(api, &service).await);
    if depth == Depth::WithSource {
        checks.extend(sources(api).await);
    }
    checks
}

fn is_away(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NotSent | FailureKind::Unknown)
}

pub(super) fn holds(held: &[String], (wanted, wider): (&str, &[&str])) -> bool {
    held.iter()
        .any(|held| held == wanted || wider.contains(&held.as_str()))
}

fn permissions(api: &Api, held: &[String]) -> Vec<Check> {
    let code = CheckCode::AppPermission;
    let socket = api.settings().subscription().map(|_| FOR_SOCKET);
    let needed = NEEDED.into_iter().chain(socket);
    needed
        .map(|needed| {
            let check = match holds(held, needed) {
                true => Check::passed(code),
                false => Check::failed(code, "not_granted"),
            };
            check.about(needed.0)
        })
        .collect()
}

/// Nothing tells whether the account lets users be made without a mail until one is.
fn guests(held: &[String]) -> Check {
    let code = CheckCode::GuestInvitations;
    match FOR_GUESTS.into_iter().find(|needed| !holds(held, *needed)) {
        Some((missing, _)) => Check::failed(code, "not_granted").about(missing),
        None => Check::unknown(code, "known_with_the_first_guest"),
    }
}

type Service = Result<(User, Option<causeway_model::Timestamp>), Failure>;

async fn service_user(api: &Api) -> Service {
    let path = ["users", api.settings().service_user.as_str()];
    let doing = "users.get";
    let call = Call {
        method: Method::GET,
        url: api.settings().api(&path, &[]),
        body: None,
        effect: Effect::Read,
        doing,
    };
    let answer = api.call(&TokenOwner::AppLevel, &call).await?;
    Ok((read(&answer.body, Effect::Read, doing)?, answer.server_time))
}

fn standing(api: &Api, service: &Service) -> Vec<Check> {
    let code = CheckCode::ServiceMember;
    let (user, server_time) = match service {
        Ok((user, server_time)) => (user, *server_time),
        Err(failure) => return vec![came_to(code, Err(failure.clone()))],
    };
    let member = match user.status.as_deref() {
        Some("active") | None => Check::passed(code),
        Some("pending") => Check::failed(code, "pending"),
        Some(_) => Check::failed(code, "inactive"),
    };
    vec![member, skew(server_time, api.clock().now())]
}

/// The chatbot's own credentials, where it has any.
async fn chatbot(api: &Api) -> Option<Check> {
    api.settings().chatbot.as_ref()?;
    let token = api.tokens().scopes_now(&TokenOwner::App).await;
    Some(came_to(CheckCode::Credentials, token.map(drop)).about("chatbot"))
}

/// As the service user: its conversations are listed, and a message that never was is changed, which
/// fails for what is missing there once the app has been let through.
async fn canaries(api: &Api, service: &Service) -> Vec<Check> {
    let Ok((user, _)) = service else {
        return Vec::new();
    };
    let path = ["chat", "users", user.id.as_str(), "channels"];
    let url = api.settings().api(&path, &[("page_size", "1")]);
    let listed: Result<Value, Failure> = api.get(url, "channels.list").await;
    let path = ["chat", "users", user.id.as_str(), "messages", NO_MESSAGE];
    let url = api.settings().api(&path, &[]);
    let address = user.email.as_deref().unwrap_or_default();
    let body = json!({ "message": "-", "to_contact": address });
    let doing = "chat.messages.update";
    let changed = api.write(Method::PUT, url, Some(&body), doing).await;
    let changed = match changed {
        Err(failure) if is_missed(&failure) => Ok(()),
        other => other.map(drop),
    };
    vec![
        came_to(CheckCode::Reading, listed.map(drop)),
        came_to(CheckCode::Writing, changed),
    ]
}

/// Zoom finds fault with the message, and not with whoever would change it.
fn is_missed(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Gone | FailureKind::Rejected)
}

/// Whether events can be heard; where they are heard already, this would end it.
async fn sources(api: &Api) -> Option<Check> {
    let subscription = api.settings().subscription()?;
    let opened = socket::try_once(api, subscription).await;
    Some(came_to(CheckCode::Socket, opened))
}
