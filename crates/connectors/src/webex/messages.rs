//! Webex's messages as what happened.
//!
//! Source: <https://developer.webex.com/docs/api/v1/messages>, `events`.

use causeway_model::{
    Author, AuthorKind, Content, ConversationKind, EventKey, ExternalAccount, ExternalConversation,
    ExternalMessage, Happening, Incoming, Timestamp,
};

use super::{
    dialect::{self, Body},
    wire::{Message, moment},
};
use crate::question;

/// Addresses of bots.
/// Source: <https://developer.webex.com/docs/bots>.
const BOTS: [&str; 2] = ["@webex.bot", "@sparkbot.io"];

/// A message, and how it was come by.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub message: Message,
    pub told: Told,
    /// Whether the hub's own app sent it, as somebody; told by events alone.
    pub by_own_app: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// As it stands: posted and, where it was, edited.
    Standing,
    Edited {
        at: Timestamp,
    },
    Deleted {
        at: Timestamp,
    },
}

/// What is known around a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub bot: &'a ExternalAccount,
    pub heard_by: &'a ExternalAccount,
    pub conversation: &'a ExternalConversation,
    pub kind: ConversationKind,
}

impl Found {
    /// As a list gives it.
    pub(super) fn listed(message: Message) -> Self {
        Self {
            message,
            told: Told::Standing,
            by_own_app: false,
        }
    }

    pub(super) fn happenings(&self, around: Around<'_>) -> Vec<Incoming> {
        let Some(author) = self.author(around.bot) else {
            return Vec::new();
        };
        let with_app = around.kind == ConversationKind::WithApp;
        if with_app && author.kind != AuthorKind::OwnApp {
            return self.asked(author, around).into_iter().collect();
        }
        match self.told {
            Told::Standing => self.standing(author, around),
            Told::Edited { at } => {
                let at = self.updated().unwrap_or(at);
                vec![self.edited(author, at, around)]
            }
            Told::Deleted { at } => {
                let happened = Happening::Deleted { message: self.id() };
                vec![self.incoming(self.key("d", None), author, at, happened, around)]
            }
        }
    }

    fn standing(&self, author: Author, around: Around<'_>) -> Vec<Incoming> {
        let Some(at) = self.created() else {
            return Vec::new();
        };
        let edited = self.updated().filter(|updated| *updated > at);
        let edited = edited.map(|at| self.edited(author.clone(), at, around));
        let happened = Happening::Posted {
            message: self.id(),
            content: self.content(),
            marker: None,
        };
        let mut posted = self.incoming(self.key("m", None), author, at, happened, around);
        posted.contains = edited.iter().map(|edited| edited.key.clone()).collect();
        posted.changed_at = edited.as_ref().map(|edited| edited.at);
        std::iter::once(posted).chain(edited).collect()
    }

    fn edited(&self, author: Author, at: Timestamp, around: Around<'_>) -> Incoming {
        let happened = Happening::Edited {
            message: self.id(),
            content: self.content(),
        };
        self.incoming(self.key("e", Some(at)), author, at, happened, around)
    }

    /// What somebody writes to the bot is a question once, whatever becomes of it later.
    fn asked(&self, author: Author, around: Around<'_>) -> Option<Incoming> {
        let is_question = match author.kind {
            AuthorKind::Person | AuthorKind::PersonByOwnApp => self.told == Told::Standing,
            AuthorKind::OwnApp | AuthorKind::OtherApp => false,
        };
        let at = self.created().filter(|_| is_question)?;
        let happened = Happening::Asked {
            text: question::read(&self.content().to_plain()),
            answer: None,
        };
        Some(self.incoming(self.key("m", None), author, at, happened, around))
    }

    fn author(&self, bot: &ExternalAccount) -> Option<Author> {
        let account = ExternalAccount::new(self.message.person_id.as_deref()?);
        let email = self.message.person_email.as_deref().unwrap_or_default();
        let kind = if account == *bot {
            AuthorKind::OwnApp
        } else if BOTS.iter().any(|bots| email.ends_with(bots)) {
            AuthorKind::OtherApp
        } else if self.by_own_app {
            AuthorKind::PersonByOwnApp
        } else {
            AuthorKind::Person
        };
        Some(Author { account, kind })
    }

    fn incoming(
        &self,
        key: EventKey,
        author: Author,
        at: Timestamp,
        happened: Happening,
        around: Around<'_>,
    ) -> Incoming {
        Incoming {
            key,
            contains: Vec::new(),
            changed_at: None,
            conversation: around.conversation.clone(),
            conversation_kind: Some(around.kind),
            heard_by: Some(around.heard_by.clone()),
            author,
            at,
            happened,
        }
    }

    fn key(&self, letter: &str, when: Option<Timestamp>) -> EventKey {
        let message = &self.message.id;
        EventKey(match when {
            Some(when) => format!("{letter}:{message}:{}", when.0),
            None => format!("{letter}:{message}"),
        })
    }

    fn id(&self) -> ExternalMessage {
        ExternalMessage::new(self.message.id.as_str())
    }

    fn created(&self) -> Option<Timestamp> {
        moment(self.message.created.as_deref()?)
    }

    fn updated(&self) -> Option<Timestamp> {
        moment(self.message.updated.as_deref()?)
    }

    fn content(&self) -> Content {
        let message = &self.message;
        dialect::read(Body {
            html: message.html.as_deref(),
            markdown: message.markdown.as_deref(),
            text: message.text.as_deref(),
            files: message.files.len(),
            cards: message.attachments.len(),
        })
    }
}
