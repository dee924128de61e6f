//! Webhooks: who is told of what, and where.
//!
//! Source: <https://developer.webex.com/docs/api/guides/webhooks>

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Millis;

use super::{
    happenings::{Change, Happening, Resource, Thing},
    ids::{AppId, PersonId, WebhookId},
    rooms::{Message, Room},
    shapes,
    state::State,
};

/// How many posts in a row may fail before a webhook is switched off.
const MOST_FAILURES: u32 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnedBy {
    Creator,
    /// A compliance officer's, for the whole organisation.
    Org,
}

impl OwnedBy {
    pub fn name(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Org => "org",
        }
    }
}

#[derive(Debug)]
pub struct Webhook {
    pub id: WebhookId,
    pub name: String,
    pub target_url: String,
    /// All where absent, as for the change.
    pub resource: Option<Resource>,
    pub change: Option<Change>,
    pub filter: Option<String>,
    pub secret: Option<String>,
    pub owned_by: OwnedBy,
    pub owner: PersonId,
    pub app: Option<AppId>,
    pub is_active: bool,
    pub created: Millis,
    /// How many posts in a row were not taken.
    pub failures: u32,
    pub outbox: UnboundedSender<Value>,
}

impl Webhook {
    pub fn resource_name(&self) -> &'static str {
        self.resource.map_or("all", Resource::name)
    }

    pub fn event_name(&self) -> &'static str {
        self.change.map_or("all", Change::name)
    }

    /// `X-Spark-Signature` of a body.
    pub fn signature(&self, body: &str) -> Option<String> {
        let secret = self.secret.as_ref()?;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        Some(HEXLOWER.encode(hmac::sign(&key, body.as_bytes()).as_ref()))
    }

    /// Counts a post that was taken, or was not.
    pub fn taken(&mut self, was_taken: bool) {
        self.failures = if was_taken { 0 } else { self.failures + 1 };
        self.is_active &= self.failures < MOST_FAILURES;
    }

    fn wants(&self, state: &State, happening: &Happening) -> bool {
        let resource = happening.thing.resource();
        let is_told_edit = happening.change != Change::Updated
            || resource != Resource::Messages
            || state.switches.edit_webhooks;
        self.is_active
            && is_told_edit
            && self.resource.is_none_or(|wanted| wanted == resource)
            && self.change.is_none_or(|wanted| wanted == happening.change)
            && (self.owned_by == OwnedBy::Org || happening.is_shown_to(state, &self.owner))
            && self.passes(state, happening)
    }

    /// Whether it passes every part of the filter: `roomId=…&personEmail=…`.
    fn passes(&self, state: &State, happening: &Happening) -> bool {
        let Some(filter) = &self.filter else {
            return true;
        };
        let Some(room) = state.room(&happening.room) else {
            return false;
        };
        let message = match &happening.thing {
            Thing::Message(id) => room.messages.iter().find(|message| message.id == *id),
            Thing::Membership(_) | Thing::Room => None,
        };
        url::form_urlencoded::parse(filter.as_bytes()).all(|(name, wanted)| {
            let subject = Subject {
                state,
                happening,
                room,
                message,
            };
            subject.passes(&name, &wanted, &self.owner)
        })
    }

    fn body(&self, state: &State, happening: &Happening) -> Value {
        let mut body = shapes::webhook(state, self);
        if let Some(fields) = body.as_object_mut() {
            fields.remove("secret");
        }
        body["resource"] = happening.thing.resource().name().into();
        body["event"] = happening.change.name().into();
        body["actorId"] = json!(happening.actor);
        body["data"] = data(state, happening);
        body
    }
}

impl State {
    /// Hands what happened to every webhook that wants it.
    pub fn tell_webhooks(&self, happening: &Happening) {
        let wanting = self.webhooks.iter();
        for webhook in wanting.filter(|webhook| webhook.wants(self, happening)) {
            // Where nobody takes it any more, the sandbox is about to stop.
            let _ = webhook.outbox.send(webhook.body(self, happening));
        }
    }
}

/// What a filter looks at.
struct Subject<'a> {
    state: &'a State,
    happening: &'a Happening,
    room: &'a Room,
    message: Option<&'a Message>,
}

impl Subject<'_> {
    fn passes(&self, name: &str, wanted: &str, owner: &PersonId) -> bool {
        let person = match (&self.happening.thing, self.message) {
            (Thing::Membership(held), _) => Some(&held.person),
            (_, Some(message)) => Some(&message.author),
            (Thing::Message(_) | Thing::Room, None) => None,
        };
        match name {
            "roomId" => self.room.id.as_str() == wanted,
            "roomType" => self.room.kind.name() == wanted,
            "personId" => person.is_some_and(|person| person.as_str() == wanted),
            "personEmail" => person.is_some_and(|person| {
                let email = self.state.email_of(person);
                email.eq_ignore_ascii_case(wanted)
            }),
            "mentionedPeople" => self.message.is_some_and(|message| {
                let mentioned = &message.content.mentioned;
                match wanted {
                    "me" => mentioned.contains(owner),
                    wanted => mentioned.iter().any(|person| person.as_str() == wanted),
                }
            }),
            "hasFiles" => self
                .message
                .is_some_and(|message| message.file.is_some() == (wanted == "true")),
            _ => false,
        }
    }
}

/// The resource without what it says.
fn data(state: &State, happening: &Happening) -> Value {
    let Some(room) = state.room(&happening.room) else {
        return Value::Null;
    };
    match &happening.thing {
        Thing::Room => shapes::room(state, room, Some(&happening.actor)),
        Thing::Membership(held) => shapes::membership(state, room, held),
        Thing::Message(id) => {
            let message = room.messages.iter().find(|message| message.id == *id);
            message.map_or(Value::Null, |message| {
                shapes::message_brief(state, room, message)
            })
        }
    }
}
