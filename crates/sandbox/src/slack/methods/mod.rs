//! The Web API's methods, and what every call goes through before it.

mod auth;
mod body;
mod lists;
mod members;
mod oauth;
mod people;
mod posts;
mod reactions;
mod reading;
mod rooms;

use axum::http::HeaderMap;
use serde_json::Value;

use crate::clock::Millis;

use super::{
    arguments::Arguments,
    failure::Failure,
    ids::{ConversationId, UserId},
    limits::Tier,
    sockets::Sockets,
    state::{Access, Conversation, Kind, State},
    tokens::{Holder, Token},
};

pub use body::body;
pub use oauth::granted_scopes;

type Answer = Result<Value, Failure>;

/// One method of the Web API.
pub struct Method {
    pub name: &'static str,
    pub tier: Tier,
    run: Run,
}

/// Whom a method serves.
enum Run {
    /// Anyone; a token is not looked at.
    Open(fn(&mut OpenCall<'_>) -> Answer),
    /// The app itself, with an app-level token of this scope.
    App(&'static str, fn(&mut AppCall<'_>) -> Answer),
    /// The bot or a person, with a token that has one of these scopes; where there are none, the
    /// scope follows from the kind of conversation.
    Member(Scopes, fn(&mut Call<'_>) -> Answer),
}

/// Which scopes let a caller in.
#[derive(Clone, Copy)]
enum Scopes {
    None,
    OneOf(&'static [&'static str]),
    /// By the kind of the conversation, which the method looks up itself.
    ByKind(&'static str),
}

pub struct OpenCall<'a> {
    pub state: &'a mut State,
    pub args: &'a Arguments,
    pub headers: &'a HeaderMap,
    pub now: Millis,
}

pub struct AppCall<'a> {
    pub sockets: &'a Sockets,
    pub app: &'a str,
}

/// Who calls.
#[derive(Debug, Clone)]
pub struct Caller {
    pub token: String,
    pub holder: Holder,
    /// The bot's own user, or the person.
    pub user: UserId,
    pub scopes: Vec<String>,
}

impl Caller {
    fn is_bot(&self) -> bool {
        self.holder == Holder::Bot
    }

    fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// A call of the bot or a person.
pub struct Call<'a> {
    pub state: &'a mut State,
    pub args: &'a Arguments,
    pub caller: Caller,
    pub now: Millis,
}

/// What an answer's headers say of scopes, for a call whose token was good.
#[derive(Debug, Default)]
pub struct ScopeHeaders {
    pub held: String,
    pub accepted: String,
}

const fn open(name: &'static str, tier: Tier, run: fn(&mut OpenCall<'_>) -> Answer) -> Method {
    Method {
        name,
        tier,
        run: Run::Open(run),
    }
}

const fn member(
    name: &'static str,
    tier: Tier,
    scopes: Scopes,
    run: fn(&mut Call<'_>) -> Answer,
) -> Method {
    Method {
        name,
        tier,
        run: Run::Member(scopes, run),
    }
}

const READ: Scopes = Scopes::ByKind("channels:read,groups:read,mpim:read,im:read");
const HISTORY: Scopes = Scopes::ByKind("channels:history,groups:history,mpim:history,im:history");
const WRITE: Scopes = Scopes::ByKind("channels:manage,groups:write,mpim:write,im:write");
const CHAT: Scopes = Scopes::OneOf(&["chat:write"]);
const USERS: Scopes = Scopes::OneOf(&["users:read"]);
const REACT: Scopes = Scopes::OneOf(&["reactions:write"]);

static METHODS: &[Method] = &[
    open("api.test", Tier::Often, oauth::api_test),
    open("oauth.v2.access", Tier::Four, oauth::access),
    open("oauth.v2.exchange", Tier::Three, oauth::exchange),
    Method {
        name: "apps.connections.open",
        tier: Tier::One,
        run: Run::App("connections:write", oauth::open_connection),
    },
    member("auth.test", Tier::Often, Scopes::None, auth::test),
    member("auth.revoke", Tier::Three, Scopes::None, auth::revoke),
    member(
        "team.info",
        Tier::Three,
        Scopes::OneOf(&["team:read"]),
        auth::team,
    ),
    member("bots.info", Tier::Three, USERS, people::bot),
    member(
        "emoji.list",
        Tier::Two,
        Scopes::OneOf(&["emoji:read"]),
        people::emoji,
    ),
    member("users.list", Tier::Two, USERS, people::list),
    member("users.info", Tier::Four, USERS, people::info),
    member(
        "users.lookupByEmail",
        Tier::Three,
        Scopes::OneOf(&["users:read.email"]),
        people::lookup,
    ),
    member("users.profile.get", Tier::Four, USERS, people::profile),
    member("users.conversations", Tier::Two, READ, lists::of_user),
    member("conversations.list", Tier::Two, READ, lists::list),
    member("conversations.info", Tier::Three, READ, lists::info),
    member("conversations.members", Tier::Four, READ, lists::members),
    member("conversations.open", Tier::Three, WRITE, rooms::open),
    member("conversations.create", Tier::Two, WRITE, rooms::create),
    member("conversations.rename", Tier::Two, WRITE, rooms::rename),
    member("conversations.archive", Tier::Two, WRITE, rooms::archive),
    member("conversations.setTopic", Tier::Two, WRITE, rooms::set_topic),
    member(
        "conversations.setPurpose",
        Tier::Two,
        WRITE,
        rooms::set_purpose,
    ),
    member("conversations.invite", Tier::Three, WRITE, members::invite),
    member("conversations.kick", Tier::Three, WRITE, members::kick),
    member("conversations.leave", Tier::Three, WRITE, members::leave),
    member(
        "conversations.join",
        Tier::Three,
        Scopes::OneOf(&["channels:join", "channels:write"]),
        members::join,
    ),
    member(
        "conversations.history",
        Tier::Three,
        HISTORY,
        reading::history,
    ),
    member(
        "conversations.replies",
        Tier::Three,
        HISTORY,
        reading::replies,
    ),
    member("chat.postMessage", Tier::Posting, CHAT, posts::post),
    member(
        "chat.postEphemeral",
        Tier::Four,
        CHAT,
        posts::post_ephemeral,
    ),
    member("chat.update", Tier::Three, CHAT, posts::update),
    member("chat.delete", Tier::Three, CHAT, posts::delete),
    member(
        "chat.getPermalink",
        Tier::Often,
        Scopes::None,
        posts::permalink,
    ),
    member("reactions.add", Tier::Three, REACT, reactions::add),
    member("reactions.remove", Tier::Two, REACT, reactions::remove),
];

pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

/// What a method is run on.
pub struct Request<'a> {
    pub state: &'a mut State,
    pub sockets: &'a Sockets,
    pub args: &'a Arguments,
    pub headers: &'a HeaderMap,
    pub now: Millis,
}

impl Method {
    /// Runs the method for whoever the token says calls.
    pub fn run(&self, request: Request<'_>, scopes: &mut ScopeHeaders) -> Answer {
        let Request {
            state,
            sockets,
            args,
            headers,
            now,
        } = request;
        match &self.run {
            Run::Open(run) => {
                state.limits.call(self.name, self.tier, now)?;
                run(&mut OpenCall {
                    state,
                    args,
                    headers,
                    now,
                })
            }
            Run::App(scope, run) => {
                let token = token(state, args, now)?;
                if token.holder != Holder::App {
                    return Err("not_allowed_token_type".into());
                }
                need(&state.held(&token.scopes), &[scope])?;
                state.limits.call(self.name, self.tier, now)?;
                run(&mut AppCall {
                    sockets,
                    app: &state.app.id,
                })
            }
            Run::Member(accepted, run) => {
                let caller = caller(state, args, now)?;
                *scopes = accepted.headers(&caller.scopes);
                if let Scopes::OneOf(any) = accepted {
                    need(&caller.scopes, any)?;
                }
                state.limits.call(self.name, self.tier, now)?;
                run(&mut Call {
                    state,
                    args,
                    caller,
                    now,
                })
            }
        }
    }
}

impl Scopes {
    fn headers(self, held: &[String]) -> ScopeHeaders {
        let accepted = match self {
            Self::None => String::new(),
            Self::OneOf(any) => any.join(","),
            Self::ByKind(text) => text.to_owned(),
        };
        ScopeHeaders {
            held: held.join(","),
            accepted,
        }
    }
}

fn token<'a>(state: &'a State, args: &Arguments, now: Millis) -> Result<&'a Token, Failure> {
    let value = args.token.as_deref().ok_or(Failure::Code("not_authed"))?;
    // Whose owner was switched off, whatever became of the token itself.
    if let Some(Holder::User(owner)) = state.tokens.holder(value)
        && state.user(owner.as_str()).is_none_or(|user| user.deleted)
    {
        return Err("account_inactive".into());
    }
    Ok(state.tokens.find(value, now)?)
}

fn caller(state: &State, args: &Arguments, now: Millis) -> Result<Caller, Failure> {
    let found = token(state, args, now)?;
    let user = match &found.holder {
        Holder::Bot => state.app.bot_user.clone(),
        Holder::User(user) => user.clone(),
        Holder::App => return Err("not_allowed_token_type".into()),
    };
    Ok(Caller {
        token: args.token.clone().unwrap_or_default(),
        holder: found.holder.clone(),
        user,
        scopes: state.held(&found.scopes),
    })
}

fn need(held: &[String], any: &[&str]) -> Result<(), Failure> {
    if any
        .iter()
        .any(|scope| held.iter().any(|held| held == scope))
    {
        return Ok(());
    }
    let needed = any.first().copied().unwrap_or_default().to_owned();
    Err(Failure::Scope {
        needed,
        provided: held.join(","),
    })
}

impl Call<'_> {
    fn need(&self, scope: &str) -> Result<(), Failure> {
        need(&self.caller.scopes, &[scope])
    }

    /// The conversation of the argument `channel`, when the caller may know that it exists.
    fn visible(&self) -> Result<&Conversation, Failure> {
        let wanted = self.args.required("channel")?;
        let found = self
            .state
            .conversation(&wanted)
            .ok_or("channel_not_found")?;
        if found.kind == Kind::Channel || found.has(&self.caller.user) {
            return Ok(found);
        }
        Err("channel_not_found".into())
    }

    /// The same, when the caller's scopes also allow this.
    fn allowed(&self, access: Access) -> Result<&Conversation, Failure> {
        let conversation = self.visible()?;
        self.need(conversation.kind.scope(access, &self.caller.holder))?;
        Ok(conversation)
    }

    /// The same, when the caller is in it: what changes a conversation asks for that.
    fn joined(&self, access: Access) -> Result<&Conversation, Failure> {
        let conversation = self.allowed(access)?;
        if !conversation.has(&self.caller.user) {
            return Err("not_in_channel".into());
        }
        Ok(conversation)
    }

    /// The conversation, when the caller may read it: a bot only where it is, a person also the
    /// public channels.
    fn readable(&self) -> Result<&Conversation, Failure> {
        let conversation = self.allowed(Access::History)?;
        if !conversation.has(&self.caller.user) && self.caller.is_bot() {
            return Err("not_in_channel".into());
        }
        Ok(conversation)
    }

    fn conversation_mut(&mut self, id: &ConversationId) -> Result<&mut Conversation, Failure> {
        self.state
            .conversations
            .get_mut(id)
            .ok_or(Failure::Code("channel_not_found"))
    }
}

/// A page's start as an opaque cursor, in the form that Slack's own have.
fn cursor(kind: &str, next: &str) -> String {
    data_encoding::BASE64.encode(format!("{kind}:{next}").as_bytes())
}

/// Where the page of this cursor starts; `None` without one.
fn cursor_of(args: &Arguments, kind: &str) -> Result<Option<String>, Failure> {
    let Some(cursor) = args.text("cursor") else {
        return Ok(None);
    };
    let decoded = data_encoding::BASE64.decode(cursor.as_bytes()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let start = text
        .as_deref()
        .and_then(|text| text.strip_prefix(kind)?.strip_prefix(':'));
    start
        .map(|start| Some(start.to_owned()))
        .ok_or(Failure::Code("invalid_cursor"))
}

/// Cuts a page out of a list whose items have names: what it holds, and the next cursor.
fn page<T>(
    items: Vec<T>,
    args: &Arguments,
    (kind, limit): (&str, usize),
    name: impl Fn(&T) -> String,
) -> Result<(Vec<T>, String), Failure> {
    let from = match cursor_of(args, kind)? {
        None => 0,
        Some(start) => {
            let found = items.iter().position(|item| name(item) == start);
            found.ok_or(Failure::Code("invalid_cursor"))?
        }
    };
    let mut rest = items.into_iter().skip(from);
    let shown: Vec<_> = rest.by_ref().take(limit).collect();
    let next = rest
        .next()
        .map(|item| cursor(kind, &name(&item)))
        .unwrap_or_default();
    Ok((shown, next))
}
