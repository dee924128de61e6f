//! What a frame of a socket tells: that something happened to a message, or to who is in a room. The
//! text itself is sealed; whoever wants it asks the API.
//!
//! Source: <https://github.com/webex/webex-js-sdk>, `packages/@webex/internal-plugin-mercury` and
//! `packages/@webex/plugin-messages`.

use causeway_model::{ExternalAccount, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{
    hearing::Change,
    ids,
    wire::{Message, moment},
};

const ACTIVITY: &str = "conversation.activity";
/// What the SDK's own listeners for messages and memberships listen to.
const VERBS: [&str; 5] = ["post", "share", "delete", "add", "leave"];

/// One frame of the socket, as far as it is read here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Frame {
    pub id: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    sequence_number: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activity {
    id: String,
    verb: String,
    published: Option<String>,
    actor: Option<Thing>,
    object: Option<Thing>,
    target: Option<Thing>,
    parent: Option<Parent>,
}

/// Somebody, a message, or a room.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thing {
    id: Option<String>,
    #[serde(rename = "entryUUID")]
    entry: Option<String>,
    /// As the API calls it.
    global_id: Option<String>,
    object_type: Option<String>,
    tags: Option<Vec<String>>,
}

/// The activity that this one belongs to: the message that it edits or replies to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Parent {
    id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// What an activity comes to, in the API's ids.
#[derive(Debug, Clone)]
pub(super) enum News {
    Posted {
        message: String,
    },
    Edited {
        message: String,
        at: Timestamp,
    },
    /// Without what it said.
    Deleted {
        message: Message,
        at: Timestamp,
    },
    Changed(Change),
}

impl Activity {
    /// Nothing for what cannot be told without more: a deletion of no message, or in no room.
    pub(super) fn news(&self) -> Option<News> {
        match self.verb.as_str() {
            "post" | "share" => self.said(),
            "delete" => self.deleted(),
            "add" => self.changed(true),
            "leave" => self.changed(false),
            _ => None,
        }
    }

    /// An edit is another message whose parent is the one that it edits.
    fn said(&self) -> Option<News> {
        let edited = self.parent.as_ref().filter(|parent| parent.is_edited());
        Some(match edited {
            Some(parent) => News::Edited {
                message: self.message(&parent.id),
                at: self.at()?,
            },
            None => News::Posted {
                message: self.message(&self.id),
            },
        })
    }

    fn deleted(&self) -> Option<News> {
        let message = self.object.as_ref()?.id.as_deref()?;
        let by = self.actor.as_ref().and_then(Thing::person);
        let deleted = Message::named(self.message(message), self.room()?);
        Some(News::Deleted {
            message: Message {
                room_type: self.room_type(),
                person_id: by.map(|by| by.as_str().to_owned()),
                ..deleted
            },
            at: self.at()?,
        })
    }

    /// Reactions are added as well: only people are members.
    fn changed(&self, is_in: bool) -> Option<News> {
        let object = self.object.as_ref()?;
        let is_person = object.object_type.as_deref() == Some("person");
        let is_group = self.room_type().as_deref() != Some("direct");
        if !is_person || !is_group {
            return None;
        }
        Some(News::Changed(Change {
            id: self.id.clone(),
            is_in,
            room: self.room()?,
            account: object.person()?,
            by: self.actor.as_ref().and_then(Thing::person),
            at: self.at()?,
        }))
    }

    /// When it happened.
    pub(super) fn at(&self) -> Option<Timestamp> {
        moment(self.published.as_deref()?)
    }

    /// A message is kept where its room is.
    fn message(&self, uuid: &str) -> String {
        let room = self
            .target
            .as_ref()
            .and_then(|room| room.global_id.as_deref());
        ids::beside(room, "MESSAGE", uuid)
    }

    /// Where it happened.
    pub(super) fn room(&self) -> Option<String> {
        let room = self.target.as_ref()?;
        let built = || Some(ids::beside(None, "ROOM", room.id.as_deref()?));
        room.global_id.clone().or_else(built)
    }

    /// Not told of every room.
    fn room_type(&self) -> Option<String> {
        let tags = self.target.as_ref()?.tags.as_ref()?;
        let is_direct = tags.iter().any(|tag| tag == "ONE_ON_ONE");
        is_direct.then(|| "direct".to_owned())
    }
}

impl Thing {
    fn person(&self) -> Option<ExternalAccount> {
        let uuid = self.entry.as_deref().or(self.id.as_deref())?;
        Some(ExternalAccount::new(ids::person(uuid)))
    }
}

impl Parent {
    fn is_edited(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        kind.eq_ignore_ascii_case("edit")
    }
}

impl Frame {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// What happened in a conversation; nothing for all that is no business of the hub's.
    pub(super) fn activity(&self) -> Option<Activity> {
        if self.data.get("eventType").and_then(Value::as_str) != Some(ACTIVITY) {
            return None;
        }
        let activity = self.data.get("activity")?;
        let verb = activity.get("verb").and_then(Value::as_str)?;
        if !VERBS.contains(&verb) {
            return None;
        }
        let read = Activity::deserialize(activity);
        if read.is_err() {
            tracing::warn!("an activity of unknown shape was left out");
        }
        read.ok()
    }

    /// Whether it answers what we have said, and wants no answer itself.
    pub(super) fn is_answer(&self) -> bool {
        self.kind.as_deref() == Some("pong")
    }

    /// Its place among the frames of its socket, from one on; written as a number or as a word.
    pub(super) fn number(&self) -> Option<u64> {
        let number = &self.sequence_number;
        let word = || number.as_str()?.parse().ok();
        number.as_u64().or_else(word).filter(|number| *number > 0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn frame(frame: Value) -> Frame {
        Frame::read(frame.to_string().as_bytes()).expect("a frame")
    }

    #[test]
    fn only_what_happens_to_messages_and_members_is_told() {
        let verb = |event: &str, verb: &str| {
            let data = json!({ "eventType": event, "activity": { "id": "A", "verb": verb } });
            frame(json!({ "id": "F", "data": data }))
                .activity()
                .is_some()
        };
        for told in VERBS {
            assert!(verb("conversation.activity", told), "{told}");
        }
        assert!(!verb("conversation.activity", "acknowledge"));
        assert!(!verb("status.start_typing", "post"));
        assert!(
            frame(json!({ "id": "F", "type": "pong" }))
                .activity()
                .is_none()
        );
        assert!(Frame::read(b"[7]").is_none());
    }

    fn news(activity: Value) -> Option<News> {
        let data = json!({ "eventType": "conversation.activity", "activity": activity });
        frame(json!({ "data": data })).activity()?.news()
    }

    #[test]
    fn an_edit_names_the_message_that_it_edits_and_a_reply_itself() {
        let said = |kind: &str| {
            let parent = json!({ "id": "old", "type": kind });
            news(json!({ "id": "new", "verb": "post", "parent": parent,
                "published": "1970-01-01T00:00:01.000Z" }))
        };
        let (old, new) = (ids::of("MESSAGE", "old"), ids::of("MESSAGE", "new"));
        let edited = said("edit");
        assert!(
            matches!(&edited, Some(News::Edited { message, at: Timestamp(1_000) }) if *message == old),
            "{edited:?}"
        );
        let reply = said("reply");
        assert!(matches!(&reply, Some(News::Posted { message }) if *message == new));
    }

    #[test]
    fn a_reaction_brings_nobody_in() {
        let added = |kind: &str| {
            news(json!({ "id": "A", "verb": "add", "actor": { "id": "p" },
                "object": { "objectType": kind, "id": "q" }, "target": { "id": "r" },
                "published": "1970-01-01T00:00:01.000Z" }))
        };
        assert!(added("reaction2").is_none());
        let Some(News::Changed(change)) = added("person") else {
            panic!("somebody has come in");
        };
        assert_eq!(change.room, ids::of("ROOM", "r"));
        assert_eq!(change.account.as_str(), ids::person("q"));
        assert_eq!(change.by, Some(ExternalAccount::new(ids::person("p"))));
    }

    #[test]
    fn a_frames_place_is_a_number_or_a_word() {
        let number = |number: Value| frame(json!({ "sequenceNumber": number })).number();
        assert_eq!(number(json!(7)), Some(7));
        assert_eq!(number(json!("7")), Some(7));
        for none in [json!(0), json!("x"), Value::Null] {
            assert_eq!(number(none), None);
        }
    }
}
