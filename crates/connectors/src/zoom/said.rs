//! A message and who wrote it where, and from that what happened: the same words and the same keys,
//! whether an event told it or a list.

use causeway_model::{
    Author, AuthorKind, Content, ConversationKind, EventKey, ExternalAccount, ExternalMessage,
    Happening, Incoming, Timestamp,
};

use super::place::Place;
use crate::question;

#[derive(Debug, Clone)]
pub(super) struct Said {
    pub place: Place,
    pub kind: Option<ConversationKind>,
    pub message: ExternalMessage,
    pub author: Author,
    /// The member who heard it in a channel; between two people it is the other.
    pub hearer: Option<ExternalAccount>,
}

/// How a message came to say something else than at first.
#[derive(Debug, Clone)]
pub(super) struct Edited {
    /// Names the edit.
    pub name: String,
    pub at: Timestamp,
}

impl Said {
    /// It was written, and edited since where it is known so late.
    pub(super) fn posted(
        &self,
        at: Timestamp,
        content: Content,
        edited: Option<&Edited>,
    ) -> Incoming {
        if self.is_question() {
            let text = question::read(&content.to_plain());
            let happened = Happening::Asked { text, answer: None };
            return self.incoming(self.key("m"), at, happened);
        }
        let happened = Happening::Posted {
            message: self.message.clone(),
            content,
            marker: None,
        };
        let mut posted = self.incoming(self.key("m"), at, happened);
        posted.contains = edited.iter().map(|edited| self.edit_key(edited)).collect();
        posted.changed_at = edited.map(|edited| edited.at);
        posted
    }

    /// None for what was asked of the app: it was answered as it stood.
    pub(super) fn edited(&self, edited: &Edited, content: Content) -> Option<Incoming> {
        let happened = Happening::Edited {
            message: self.message.clone(),
            content,
        };
        (!self.is_question()).then(|| self.incoming(self.edit_key(edited), edited.at, happened))
    }

    pub(super) fn deleted(&self, at: Timestamp) -> Incoming {
        let happened = Happening::Deleted {
            message: self.message.clone(),
        };
        self.incoming(self.key("d"), at, happened)
    }

    /// What a person writes to the service user.
    fn is_question(&self) -> bool {
        self.kind == Some(ConversationKind::WithApp) && self.author.kind == AuthorKind::Person
    }

    fn key(&self, letter: &str) -> EventKey {
        EventKey(format!("{letter}:{}:{}", self.place.id(), self.message))
    }

    fn edit_key(&self, edited: &Edited) -> EventKey {
        EventKey(format!("{}:{}", self.key("e").0, edited.name))
    }

    fn incoming(&self, key: EventKey, at: Timestamp, happened: Happening) -> Incoming {
        let other = self.place.other_than(&self.author.account).cloned();
        Incoming {
            key,
            contains: Vec::new(),
            changed_at: None,
            conversation: self.place.id(),
            conversation_kind: self.kind,
            heard_by: other.or_else(|| self.hearer.clone()),
            author: self.author.clone(),
            at,
            happened,
        }
    }
}

/// The service user and the chatbot are people to Zoom, and the hub itself to us.
pub(super) fn author(account: ExternalAccount, own: &[ExternalAccount]) -> Author {
    let kind = match own.contains(&account) {
        true => AuthorKind::OwnApp,
        false => AuthorKind::Person,
    };
    Author { account, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(author_id: &str, other: &str) -> Said {
        let own = ExternalAccount::new("hub");
        let place = Place::between(ExternalAccount::new(author_id), ExternalAccount::new(other));
        Said {
            kind: place.kind(&own),
            place,
            message: ExternalMessage::new("1"),
            author: author(ExternalAccount::new(author_id), &[own]),
            hearer: None,
        }
    }

    #[test]
    fn what_a_person_writes_to_the_service_user_is_a_question() {
        let asked = |text: &str| {
            let posted = said("ann", "hub").posted(Timestamp(1), Content::plain(text), None);
            match posted.happened {
                Happening::Asked { text, answer: None } => text,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(asked("/causeway Bob Ray"), "Bob Ray");
        assert_eq!(asked("Bob"), "Bob");
        assert_eq!(asked("/causewayside"), "/causewayside");
        assert_eq!(asked("ä/causewa"), "ä/causewa");
        let edited = Edited {
            name: "x".into(),
            at: Timestamp(2),
        };
        let edit = said("ann", "hub").edited(&edited, Content::plain("Bo"));
        assert_eq!(edit, None);
    }

    #[test]
    fn the_service_users_own_words_are_no_question() {
        let posted = said("hub", "ann").posted(Timestamp(1), Content::plain("hi"), None);
        assert!(matches!(posted.happened, Happening::Posted { .. }));
        assert_eq!(posted.author.kind, AuthorKind::OwnApp);
    }

    #[test]
    fn a_message_between_two_people_is_heard_by_whoever_did_not_write_it() {
        let posted = said("ann", "bob").posted(Timestamp(1), Content::plain("hi"), None);
        assert_eq!(posted.heard_by, Some(ExternalAccount::new("bob")));
        assert_eq!(posted.key.0, "m:dm:ann~bob:1");
        assert_eq!(posted.conversation_kind, Some(ConversationKind::Direct));
    }

    #[test]
    fn a_message_first_seen_edited_holds_its_edit() {
        let edited = Edited {
            name: "ab".into(),
            at: Timestamp(9),
        };
        let said = said("ann", "bob");
        let posted = said.posted(Timestamp(1), Content::plain("hi"), Some(&edited));
        let edit = said.edited(&edited, Content::plain("hi")).expect("an edit");
        assert_eq!(posted.contains, [edit.key]);
        assert_eq!(posted.changed_at, Some(Timestamp(9)));
    }
}
