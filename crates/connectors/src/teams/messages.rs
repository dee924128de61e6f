//! Graph's chat messages as what happened.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/chatmessage>.

use causeway_model::{
    Author, AuthorKind, Content, ConversationKind, EventKey, ExternalAccount, ExternalConversation,
    ExternalMessage, Happening, Incoming, Timestamp,
};
use serde_json::Value;

use super::{
    dialect,
    membership::{self, Change, Way},
    wire::{ChatMessage, From, Identity, moment},
};
use crate::question;

/// A message, and the chat it is in where that is known from elsewhere than the message.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub conversation: ExternalConversation,
    pub message: ChatMessage,
}

/// What is known around a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub own: &'a ExternalAccount,
    pub heard_by: Option<&'a ExternalAccount>,
    pub kind: Option<ConversationKind>,
}

impl Found {
    /// Reads one message's JSON. One that cannot be read must not keep the others from being
    /// heard: it is left out, and its absence noted.
    pub(super) fn read(json: Value, chat: Option<&ExternalConversation>) -> Option<Self> {
        let message: ChatMessage = match serde_json::from_value(json) {
            Ok(message) => message,
            Err(_) => {
                tracing::warn!("a chat message of unknown shape was left out");
                return None;
            }
        };
        let conversation = message
            .chat_id
            .as_deref()
            .map(ExternalConversation::new)
            .or_else(|| chat.cloned())?;
        Some(Self {
            conversation,
            message,
        })
    }

    /// Whether it can become an event at all; nothing need be looked up for the others.
    pub(super) fn is_of_concern(&self) -> bool {
        self.is_by_someone() || membership::change(&self.message).is_some()
    }

    fn is_by_someone(&self) -> bool {
        let kind = self.message.message_type.as_deref().unwrap_or("message");
        kind == "message" && self.author().is_some()
    }

    /// When its state last changed, reactions included.
    pub(super) fn modified(&self) -> Option<Timestamp> {
        let message = &self.message;
        [
            &message.last_modified_date_time,
            &message.last_edited_date_time,
            &message.deleted_date_time,
            &message.created_date_time,
        ]
        .into_iter()
        .filter_map(|at| moment(at.as_deref()?))
        .max()
    }

    /// What happened to make it what it is: posted and, where it was, edited; or deleted. A change
    /// of reactions alone repeats keys that are known. A system message tells of who came or went.
    pub(super) fn happenings(&self, around: Around<'_>) -> Vec<Incoming> {
        if let Some(change) = membership::change(&self.message) {
            return self.came_or_went(change, around).into_iter().collect();
        }
        let Some(author) = self.author().filter(|_| self.is_by_someone()) else {
            return Vec::new();
        };
        let author = as_seen_by(around.own, author);
        if let Some(deleted) = given(&self.message.deleted_date_time) {
            return self.deleted(author, deleted, around).into_iter().collect();
        }
        let asked =
            around.kind == Some(ConversationKind::WithApp) && author.kind == AuthorKind::Person;
        if asked {
            return self.asked(author, around).into_iter().collect();
        }
        let edited = given(&self.message.last_edited_date_time)
            .and_then(|text| self.edited(author.clone(), text, around));
        let posted = self.posted(author, edited.as_ref(), around);
        posted.into_iter().chain(edited).collect()
    }

    fn author(&self) -> Option<Author> {
        author(self.message.from.as_ref()?)
    }

    fn came_or_went(&self, change: Change, around: Around<'_>) -> Option<Incoming> {
        let at = moment(self.message.created_date_time.as_deref()?)?;
        let author = as_seen_by(around.own, change.by);
        let accounts = change.accounts;
        let (letter, happened) = match change.way {
            Way::In => ("j", Happening::Joined { accounts }),
            Way::Out => ("l", Happening::Left { accounts }),
        };
        let key = self.key(letter, None);
        Some(self.incoming(key, Vec::new(), author, at, happened, around))
    }

    fn posted(
        &self,
        author: Author,
        edited: Option<&Incoming>,
        around: Around<'_>,
    ) -> Option<Incoming> {
        let at = moment(self.message.created_date_time.as_deref()?)?;
        let contains = edited
            .map(|edited| edited.key.clone())
            .into_iter()
            .collect();
        let happened = Happening::Posted {
            message: self.id(),
            content: self.content(),
            marker: None,
        };
        let mut posted = self.incoming(self.key("m", None), contains, author, at, happened, around);
        posted.changed_at = edited.map(|edited| edited.at);
        Some(posted)
    }

    fn edited(&self, author: Author, text: &str, around: Around<'_>) -> Option<Incoming> {
        let happened = Happening::Edited {
            message: self.id(),
            content: self.content(),
        };
        let key = self.key("e", Some(text));
        Some(self.incoming(key, Vec::new(), author, moment(text)?, happened, around))
    }

    fn deleted(&self, author: Author, text: &str, around: Around<'_>) -> Option<Incoming> {
        let happened = Happening::Deleted { message: self.id() };
        let key = self.key("d", None);
        Some(self.incoming(key, Vec::new(), author, moment(text)?, happened, around))
    }

    fn asked(&self, author: Author, around: Around<'_>) -> Option<Incoming> {
        let at = moment(self.message.created_date_time.as_deref()?)?;
        let happened = Happening::Asked {
            text: question::read(&self.content().to_plain()),
            answer: None,
        };
        Some(self.incoming(
            self.key("m", None),
            Vec::new(),
            author,
            at,
            happened,
            around,
        ))
    }

    fn incoming(
        &self,
        key: EventKey,
        contains: Vec<EventKey>,
        author: Author,
        at: Timestamp,
        happened: Happening,
        around: Around<'_>,
    ) -> Incoming {
        Incoming {
            key,
            contains,
            changed_at: None,
            conversation: self.conversation.clone(),
            conversation_kind: around.kind,
            heard_by: around.heard_by.cloned(),
            author,
            at,
            happened,
        }
    }

    fn key(&self, letter: &str, when: Option<&str>) -> EventKey {
        let (chat, message) = (&self.conversation, &self.message.id);
        EventKey(match when {
            Some(when) => format!("{letter}:{chat}:{message}:{when}"),
            None => format!("{letter}:{chat}:{message}"),
        })
    }

    fn id(&self) -> ExternalMessage {
        ExternalMessage::new(self.message.id.as_str())
    }

    fn content(&self) -> Content {
        let body = self.message.body.as_ref();
        let text = body.and_then(|body| body.content.as_deref());
        let kind = body.and_then(|body| body.content_type.as_deref());
        dialect::read(
            kind.unwrap_or("html"),
            text.unwrap_or_default(),
            &self.message.mentions,
            &self.message.attachments,
        )
    }
}

/// Who did it, where that is somebody whom the tenant knows.
pub(super) fn author(from: &From) -> Option<Author> {
    let by = |identity: &Identity, kind| {
        (!identity.id.is_empty()).then(|| Author {
            account: ExternalAccount::new(identity.id.as_str()),
            kind,
        })
    };
    from.user
        .as_ref()
        .and_then(|user| by(user, AuthorKind::Person))
        .or_else(|| by(from.application.as_ref()?, AuthorKind::OtherApp))
}

/// The service account is a person to Graph, and the hub itself to us.
fn as_seen_by(own: &ExternalAccount, author: Author) -> Author {
    Author {
        kind: match author.kind {
            AuthorKind::Person if author.account == *own => AuthorKind::OwnApp,
            kind => kind,
        },
        account: author.account,
    }
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(message: Value, kind: Option<ConversationKind>) -> Vec<Incoming> {
        let own = ExternalAccount::new("svc");
        let found = Found::read(message, None).expect("a message");
        found.happenings(Around {
            own: &own,
            heard_by: None,
            kind,
        })
    }

    fn message(extra: Value) -> Value {
        let mut message = json!({
            "id": "1616",
            "chatId": "19:x@thread.v2",
            "messageType": "message",
            "createdDateTime": "2026-01-05T10:00:00.123Z",
            "lastModifiedDateTime": "2026-01-05T10:00:00.123Z",
            "from": { "user": { "id": "ann", "displayName": "Ann" }, "application": null },
            "body": { "contentType": "html", "content": "<p>Hello</p>" },
            "attachments": [], "mentions": null
        });
        let (Value::Object(all), Value::Object(extra)) = (&mut message, extra) else {
            panic!("objects");
        };
        all.extend(extra);
        message
    }

    fn keys(events: &[Incoming]) -> Vec<&str> {
        events.iter().map(|event| event.key.0.as_str()).collect()
    }

    #[test]
    fn a_reaction_repeats_the_key_of_the_post() {
        let reacted = message(json!({ "lastModifiedDateTime": "2026-01-05T11:00:00Z" }));
        assert_eq!(
            keys(&read(message(json!({})), None)),
            keys(&read(reacted, None))
        );
    }

    #[test]
    fn an_edited_message_is_a_post_that_holds_the_edit_and_then_the_edit() {
        let events = read(
            message(json!({ "lastEditedDateTime": "2026-01-05T10:01:00.5Z" })),
            None,
        );
        let edit = "e:19:x@thread.v2:1616:2026-01-05T10:01:00.5Z";
        assert_eq!(keys(&events), ["m:19:x@thread.v2:1616", edit]);
        assert_eq!(events[0].contains, [EventKey(edit.to_owned())]);
        assert_eq!(events[1].at.ms_since(events[0].at), 60_377);
    }

    #[test]
    fn a_deleted_message_is_only_a_deletion() {
        let events = read(
            message(
                json!({ "deletedDateTime": "2026-01-05T10:02:00Z", "lastEditedDateTime": "2026-01-05T10:01:00Z" }),
            ),
            None,
        );
        assert_eq!(keys(&events), ["d:19:x@thread.v2:1616"]);
    }

    #[test]
    fn system_messages_and_messages_of_nobody_say_nothing() {
        assert!(
            read(
                message(json!({ "messageType": "systemEventMessage" })),
                None
            )
            .is_empty()
        );
        assert!(read(message(json!({ "from": null })), None).is_empty());
        let nobody = json!({ "from": { "user": { "id": null }, "application": null } });
        assert!(read(message(nobody), None).is_empty());
    }

    #[test]
    fn who_came_and_who_went_is_told_by_system_messages_and_by_whom() {
        let detail = |what: &str, initiator: Value| {
            json!({
                "messageType": "systemEventMessage", "from": null,
                "eventDetail": {
                    "@odata.type": format!("#microsoft.graph.{what}EventMessageDetail"),
                    "members": [{ "id": "bob", "displayName": null }, { "id": "cy" }, { "id": null }],
                    "initiator": initiator,
                },
            })
        };
        let by = |id: &str| json!({ "application": null, "user": { "id": id } });
        let accounts = vec![ExternalAccount::new("bob"), ExternalAccount::new("cy")];
        let joined = read(message(detail("membersAdded", by("ann"))), None);
        assert_eq!(keys(&joined), ["j:19:x@thread.v2:1616"]);
        assert_eq!(joined[0].author.account.as_str(), "ann");
        assert_eq!(joined[0].author.kind, AuthorKind::Person);
        let happened = Happening::Joined {
            accounts: accounts.clone(),
        };
        assert_eq!(joined[0].happened, happened);
        let left = read(message(detail("membersDeleted", by("svc"))), None);
        assert_eq!(keys(&left), ["l:19:x@thread.v2:1616"]);
        assert_eq!(left[0].author.kind, AuthorKind::OwnApp);
        assert_eq!(left[0].happened, Happening::Left { accounts });
        let app = json!({ "user": null, "application": { "id": "app" } });
        let by_app = read(message(detail("membersAdded", app)), None);
        assert_eq!(by_app[0].author.kind, AuthorKind::OtherApp);
        let by_nobody = read(message(detail("membersLeft", Value::Null)), None);
        assert_eq!(by_nobody[0].author.account.as_str(), "bob");
        let with_app = Some(ConversationKind::WithApp);
        let joined = read(message(detail("membersAdded", by("ann"))), with_app);
        assert!(matches!(joined[0].happened, Happening::Joined { .. }));
    }

    #[test]
    fn other_system_messages_of_any_shape_say_nothing() {
        for detail in [
            json!({ "@odata.type": "#microsoft.graph.chatRenamedEventMessageDetail", "initiator": null }),
            json!({ "@odata.type": "#microsoft.graph.membersAddedEventMessageDetail", "members": [] }),
            json!({ "@odata.type": "#microsoft.graph.membersAddedEventMessageDetail", "members": 7 }),
            json!([]),
        ] {
            let system = json!({ "messageType": "systemEventMessage", "eventDetail": detail });
            assert!(read(message(system), None).is_empty());
        }
    }

    #[test]
    fn authors_are_told_apart() {
        let kind = |from: Value| read(message(json!({ "from": from })), None)[0].author.kind;
        assert_eq!(kind(json!({ "user": { "id": "svc" } })), AuthorKind::OwnApp);
        assert_eq!(kind(json!({ "user": { "id": "ann" } })), AuthorKind::Person);
        let bot =
            json!({ "user": null, "application": { "id": "b", "applicationIdentityType": "bot" } });
        assert_eq!(kind(bot), AuthorKind::OtherApp);
    }

    #[test]
    fn what_a_person_writes_to_the_service_account_is_a_question() {
        let asked = |html: &str| {
            let body = json!({ "body": { "contentType": "html", "content": html } });
            let mut events = read(message(body), Some(ConversationKind::WithApp));
            match events.remove(0).happened {
                Happening::Asked { text, answer: None } => text,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(asked("<p>/causeway Bob Ray</p>"), "Bob Ray");
        assert_eq!(asked("Bob"), "Bob");
        assert_eq!(asked("/Causeway"), "");
        assert_eq!(asked("/causewayside"), "/causewayside");
        assert_eq!(asked("ä/causewa"), "ä/causewa");
    }

    #[test]
    fn the_service_accounts_own_words_are_no_question() {
        let own = json!({ "from": { "user": { "id": "svc" } } });
        let events = read(message(own), Some(ConversationKind::WithApp));
        assert!(matches!(events[0].happened, Happening::Posted { .. }));
    }
}
