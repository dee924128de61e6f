//! Change notifications: who watches what, and what they are told.
//!
//! Source: <https://learn.microsoft.com/graph/change-notifications-overview>

pub mod calls;
mod deliver;
mod envelope;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use self::{deliver::Post, envelope::Certificate};
use super::{
    chats::{Chat, Message},
    error::GraphError,
    shapes,
    tenant::{State, Tenant},
};
use crate::clock::Millis;

/// All subscriptions of the hub's app that have not ended.
#[derive(Debug, Default)]
pub struct Subscriptions(Vec<Subscription>);

#[derive(Debug)]
pub struct Subscription {
    pub id: String,
    /// As the client wrote it.
    resource: String,
    watched: Watched,
    changes: Vec<ChangeType>,
    notification_url: String,
    lifecycle_url: Option<String>,
    client_state: Option<String>,
    certificate: Option<Certificate>,
    /// The person whose token made it; an app's where absent.
    creator: Option<String>,
    known_events: bool,
    /// When its latest term began and ends.
    term: (Millis, Millis),
    reminded: bool,
    outbox: UnboundedSender<Post>,
}

/// What a subscription watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// `/chats/getAllMessages`
    AllChats,
    /// `/teams/getAllMessages`: channels, of which this tenant has none.
    AllChannels,
    /// `/users/{id}/chats/getAllMessages`: the user's id.
    ChatsOf(String),
    /// `/chats/{id}/messages`: the chat's id.
    Chat(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeType {
    Created,
    Updated,
    Deleted,
}

impl ChangeType {
    fn name(self) -> &'static str {
        match self {
            ChangeType::Created => "created",
            ChangeType::Updated => "updated",
            ChangeType::Deleted => "deleted",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [
            ChangeType::Created,
            ChangeType::Updated,
            ChangeType::Deleted,
        ]
        .into_iter()
        .find(|change| change.name().eq_ignore_ascii_case(name))
    }
}

impl Subscriptions {
    fn get(&self, id: &str, caller: Option<&str>) -> Result<&Subscription, GraphError> {
        self.0
            .iter()
            .find(|held| held.id == id && held.creator.as_deref() == caller)
            .ok_or_else(not_found)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Subscription> {
        self.0.iter_mut().find(|held| held.id == id)
    }

    fn remove(&mut self, id: &str) {
        self.0.retain(|held| held.id != id);
    }

    /// Drops subscriptions whose term is over.
    fn expire(&mut self, now: Millis) {
        self.0.retain(|held| held.term.1 > now);
    }

    /// Removes what this person's tokens made, and says so at their lifecycle addresses.
    pub fn remove_of(&mut self, user: &str, tenant: &str) {
        for held in self
            .0
            .iter()
            .filter(|held| held.creator.as_deref() == Some(user))
        {
            held.tell_lifecycle("subscriptionRemoved", tenant);
        }
        self.0.retain(|held| held.creator.as_deref() != Some(user));
    }
}

impl Subscription {
    fn sees(&self, chat: &Chat, message: &Message) -> bool {
        let shown_to = |user: &str| {
            chat.membership(user)
                .is_some_and(|held| held.shows(message))
        };
        match &self.watched {
            Watched::AllChats => true,
            Watched::AllChannels => false,
            Watched::ChatsOf(user) => shown_to(user),
            Watched::Chat(id) => *id == chat.id && self.creator.as_deref().is_none_or(shown_to),
        }
    }

    /// Sends `reauthorizationRequired` once in a term that nears its end: in its last quarter, and
    /// an hour before at the earliest.
    fn remind(&mut self, now: Millis, tenant: &str) {
        const HOUR: Millis = 60 * 60 * 1000;
        let (began, ends) = self.term;
        if !self.reminded && now >= ends - ((ends - began) / 4).min(HOUR) {
            self.reminded = true;
            self.tell_lifecycle("reauthorizationRequired", tenant);
        }
    }

    fn tell_lifecycle(&self, event: &str, tenant: &str) {
        let Some(url) = &self.lifecycle_url else {
            return;
        };
        let item = json!({
            "subscriptionId": self.id,
            "subscriptionExpirationDateTime": shapes::time(self.term.1),
            "tenantId": tenant,
            "clientState": self.client_state,
            "lifecycleEvent": event,
        });
        self.send(Post {
            url: url.clone(),
            item,
            signed: false,
            is_event: false,
        });
    }

    fn send(&self, post: Post) {
        // Where nobody takes it any more, the subscription is about to be dropped.
        let _ = self.outbox.send(post);
    }

    fn item(
        &self,
        tenant: &Tenant,
        (chat, message): (&Chat, &Message),
        change: ChangeType,
        snapshot: &Value,
    ) -> Value {
        let path = format!("chats('{}')/messages('{}')", chat.id, message.id);
        let mut item = json!({
            "subscriptionId": self.id,
            "changeType": change.name(),
            "clientState": self.client_state,
            "tenantId": tenant.ids.tenant,
            "subscriptionExpirationDateTime": shapes::time(self.term.1),
            "resource": path,
            "resourceData": {
                "id": message.id.to_string(),
                "@odata.type": "#Microsoft.Graph.chatMessage",
                "@odata.id": path,
            },
        });
        if let Some(certificate) = &self.certificate {
            item["encryptedContent"] = certificate.seal(snapshot.to_string().as_bytes());
        }
        item
    }
}

impl Tenant {
    /// Tells every subscription that may see this message what happened to it.
    pub(super) fn announce(&self, state: &State, chat: &str, message: Millis, change: ChangeType) {
        let now = self.now();
        let Ok(chat) = state.chats.get(chat) else {
            return;
        };
        let Ok(message) = chat.message(&message.to_string()) else {
            return;
        };
        for held in &state.subscriptions.0 {
            let wanted = held.term.1 > now && held.changes.contains(&change);
            if wanted && held.sees(chat, message) {
                let snapshot = self.snapshot(state, chat, message, held.known_events);
                held.send(Post {
                    url: held.notification_url.clone(),
                    item: held.item(self, (chat, message), change, &snapshot),
                    signed: held.certificate.is_some(),
                    is_event: true,
                });
            }
        }
    }

    /// The message as it is now, as notifications with resource data carry it.
    fn snapshot(&self, state: &State, chat: &Chat, message: &Message, known: bool) -> Value {
        let mut value = json!({
            "@odata.context": "https://graph.microsoft.com/$metadata#chats/messages/$entity",
        });
        let shape = shapes::message(self, &state.directory, chat, message, known);
        if let (Some(value), Value::Object(shape)) = (value.as_object_mut(), shape) {
            value.extend(shape);
        }
        value
    }
}

fn not_found() -> GraphError {
    GraphError::new(404, "ResourceNotFound", "The subscription was not found.")
}
