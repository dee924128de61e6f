//! Acme, Inc. as its Slack workspace knows it.

use crate::{
    acme::{Has, MEMBERS, Member, OTHER_BOT},
    clock::Millis,
};

use super::{
    ids::{Seed, UserId},
    state::{App, Kind, State, User, UserKind},
    tokens::{BOT_SCOPES, Holder, USER_SCOPES, scopes},
};

/// The tokens that the app has from the start.
#[derive(Debug, Clone)]
pub struct Installed {
    pub bot: String,
    pub app: String,
    /// By the address of the person who authorised the app.
    pub users: Vec<(String, String)>,
}

/// A workspace with everyone in it, two channels, and the app installed.
pub fn acme(seed: Seed, now: Millis) -> (State, Installed) {
    let app = app(seed);
    let mut users = vec![slackbot(now), own_bot(&app, now), other_bot(seed, now)];
    users.extend(
        MEMBERS
            .iter()
            .filter_map(|member| person(seed, member, now)),
    );
    let mut state = State::new(seed, app, users);
    let installed = install(&mut state);
    let everyone: Vec<_> = state
        .users
        .iter()
        .filter(|user| user.is_found())
        .map(|user| user.id.clone())
        .collect();
    for name in ["general", "random"] {
        state.found(Kind::Channel, name.to_owned(), everyone.clone(), now);
    }
    (state, installed)
}

fn app(seed: Seed) -> App {
    App {
        id: seed.id('A', "app"),
        name: "Causeway",
        bot_id: seed.id('B', "bot"),
        bot_user: seed.user("bot"),
        team: seed.id('T', "team"),
        team_name: "Acme, Inc.",
        domain: "acme",
        client_id: format!(
            "{}.{}",
            seed.digits("client a", 12),
            seed.digits("client b", 13)
        ),
        client_secret: seed.hex("client secret", 32),
        signing_secret: seed.hex("signing secret", 32),
        verification: seed.letters("verification", 24),
    }
}

fn install(state: &mut State) -> Installed {
    let bot = state.tokens.issue(Holder::Bot, scopes(BOT_SCOPES));
    let app = state
        .tokens
        .issue(Holder::App, scopes("connections:write,authorizations:read"));
    let authorised = MEMBERS.iter().filter(|member| member.slack == Has::Token);
    let users = authorised
        .filter_map(|member| {
            let user = state.user_by_address(member.email)?.id.clone();
            let token = state.tokens.issue(Holder::User(user), scopes(USER_SCOPES));
            Some((member.email.to_owned(), token))
        })
        .collect();
    Installed { bot, app, users }
}

fn person(seed: Seed, member: &Member, now: Millis) -> Option<User> {
    let deleted = match member.slack {
        Has::Nothing => return None,
        Has::Account | Has::Token => false,
        Has::Deactivated => true,
    };
    let mut user = newcomer(seed, member.email, member.name, now);
    user.title = member.title.to_owned();
    user.email = member.slack_email.unwrap_or(member.email).to_owned();
    user.deleted = deleted;
    Some(user)
}

/// A person with an account, and nothing more.
pub fn newcomer(seed: Seed, email: &str, name: &str, now: Millis) -> User {
    let mut user = named(&seed.user(email), UserKind::Person, name, now);
    user.handle = email.split('@').next().unwrap_or_default().to_owned();
    user.address = email.to_owned();
    user.email = email.to_owned();
    user
}

fn own_bot(app: &App, now: Millis) -> User {
    let mut user = named(&app.bot_user, UserKind::OwnBot, app.name, now);
    user.handle = "causeway".to_owned();
    user
}

fn other_bot(seed: Seed, now: Millis) -> User {
    let kind = UserKind::OtherBot {
        bot_id: seed.id('B', "other bot"),
        app_id: seed.id('A', "other app"),
    };
    let mut user = named(&seed.user("other bot"), kind, OTHER_BOT, now);
    user.handle = OTHER_BOT.to_lowercase().replace(' ', "_");
    user
}

fn slackbot(now: Millis) -> User {
    let mut user = named(
        &UserId::from("USLACKBOT"),
        UserKind::Slackbot,
        "Slackbot",
        now,
    );
    user.handle = "slackbot".to_owned();
    user
}

fn named(id: &UserId, kind: UserKind, name: &str, now: Millis) -> User {
    User {
        id: id.clone(),
        kind,
        handle: String::new(),
        name: name.to_owned(),
        title: String::new(),
        address: String::new(),
        email: String::new(),
        deleted: false,
        updated: now / 1000,
    }
}
