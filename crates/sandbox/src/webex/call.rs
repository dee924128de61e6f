//! One call: who makes it, what it asks, and what it is answered.

use serde_json::Value;

use crate::clock::Millis;

use super::{
    deeds::Actor,
    directory::Kind,
    failure::Failure,
    ids::{AppId, PersonId},
    oauth,
    rooms::File,
    scopes, shapes,
    state::State,
    tokens::Issuer,
};

const MOST_IN_A_PAGE: usize = 1000;

/// Whoever a bearer token speaks for.
#[derive(Debug, Clone)]
pub struct Caller {
    pub token: String,
    pub person: PersonId,
    pub kind: Kind,
    pub issuer: Issuer,
    pub app: Option<AppId>,
    scopes: Vec<String>,
    is_officer: bool,
}

impl Caller {
    /// The caller behind a token that still holds, of somebody who may log in.
    pub fn of(state: &State, token: &str, now: Millis) -> Result<Self, Failure> {
        let grant = state.grants.tokens.access(token, now);
        let grant = grant.ok_or_else(Failure::unauthorized)?;
        let person = state.directory.find(&grant.holder);
        let person = person.filter(|person| person.active);
        let person = person.ok_or_else(Failure::unauthorized)?;
        Ok(Self {
            token: token.to_owned(),
            person: person.id.clone(),
            kind: person.kind.clone(),
            issuer: grant.issuer,
            app: state.app_of(grant.issuer, &person.id),
            scopes: oauth::held(state, grant),
            is_officer: state.is_officer(&person.id),
        })
    }

    pub fn has(&self, any_of: &[&str]) -> bool {
        scopes::covers(&self.scopes, any_of)
    }

    /// Whether a compliance officer acts with such a scope of theirs.
    pub fn oversees(&self, scope: &str) -> bool {
        self.is_officer && self.has(&[scope])
    }

    pub fn is_administrator(&self) -> bool {
        self.kind == Kind::Administrator && self.has(&["spark-admin:people_read"])
    }

    pub fn is_bot(&self) -> bool {
        self.kind == Kind::Bot
    }

    /// The caller as whoever does something, with the scope that lets an officer do it to others.
    pub fn acts(&self, officer_scope: &str) -> Actor {
        Actor {
            person: self.person.clone(),
            app: self.app.clone(),
            oversees: self.oversees(officer_scope),
        }
    }
}

/// A call that found its endpoint and passed its checks.
pub struct Call {
    pub caller: Caller,
    /// What stands in the place of the path's id.
    pub id: String,
    pub query: Query,
    pub body: Value,
    /// What came in a form's `files`.
    pub file: Option<File>,
    pub now: Millis,
}

impl Call {
    /// A text of the body that is not blank.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body[name].as_str().filter(|text| !text.is_empty())
    }

    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name)
            .ok_or_else(|| Failure::bad_request(format!("{name} cannot be empty.")))
    }

    /// A yes or no of the body; forms write it as a word.
    pub fn flag(&self, name: &str) -> Option<bool> {
        let word = self.body[name].as_str().and_then(|word| word.parse().ok());
        self.body[name].as_bool().or(word)
    }
}

/// A query's arguments.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(
            url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(key, _)| key == name);
        let (_, value) = named.next()?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// `max`, or what the call takes without one.
    pub fn max(&self, without: usize) -> Result<usize, Failure> {
        let Some(text) = self.get("max") else {
            return Ok(without);
        };
        let max = text.parse().ok();
        max.filter(|max| (1..=MOST_IN_A_PAGE).contains(max))
            .ok_or_else(|| Failure::bad_request("max must be between 1 and 1000."))
    }

    pub fn time(&self, name: &str) -> Result<Option<Millis>, Failure> {
        let read = |text| {
            shapes::read_time(text)
                .ok_or_else(|| Failure::bad_request(format!("{name} is not a time.")))
        };
        self.get(name).map(read).transpose()
    }

    /// The same arguments with another place to go on from.
    pub fn going_on(&self, cursor: &str) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        let kept = self.0.iter().filter(|(name, _)| name != CURSOR);
        for (name, value) in kept {
            out.append_pair(name, value);
        }
        out.append_pair(CURSOR, cursor);
        out.finish()
    }
}

const CURSOR: &str = "cursor";

/// A successful answer.
pub enum Reply {
    Json(Value),
    /// One page of a list, and what the next one goes on from.
    Page {
        items: Vec<Value>,
        next: Option<String>,
        not_found: Option<Value>,
    },
    Text(String),
    File(File),
    NoContent,
}

/// One page of `items`, of which each has an id. A page goes on after the item that the last one
/// ended with, so that what comes meanwhile moves nothing.
pub fn page<T>(
    query: &Query,
    max: usize,
    items: &[T],
    id: impl Fn(&T) -> &str,
    shape: impl Fn(&T) -> Value,
) -> Reply {
    let after = query.get(CURSOR);
    let start = after
        .and_then(|after| items.iter().position(|item| id(item) == after))
        .map_or(0, |at| at + 1);
    let rest = &items[start..];
    let shown = &rest[..max.min(rest.len())];
    let last = shown.last().filter(|_| rest.len() > shown.len());
    Reply::Page {
        items: shown.iter().map(shape).collect(),
        next: last.map(|last| id(last).to_owned()),
        not_found: None,
    }
}
