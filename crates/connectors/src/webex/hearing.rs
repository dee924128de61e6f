//! Events, and what sockets tell, as what happened in conversations that are the hub's business.

use std::collections::HashSet;

use causeway_model::{
    Author, AuthorKind, ConversationKind, EventKey, ExternalAccount, ExternalConversation, Failure,
    Happening, Incoming, Timestamp,
};

use super::{
    api::Api,
    ids,
    messages::{Around, Found, Told},
    pair::Pair,
    rooms::{Known, Rooms},
    wire::{Event, Membership, Message, moment},
};
use crate::TokenOwner;

/// What came of something that may be the hub's business.
pub(super) enum Understood {
    Happened(Vec<Incoming>),
    /// Whether it is cannot be told: who is in its room is not shown.
    Hidden {
        author: Option<ExternalAccount>,
        failure: Failure,
    },
}

impl Understood {
    fn nothing() -> Self {
        Self::Happened(Vec::new())
    }
}

/// Hears for these accounts, and for the bot.
pub(super) struct Ears<'a> {
    pub api: &'a Api,
    pub rooms: &'a Rooms,
    pub accounts: &'a HashSet<ExternalAccount>,
    /// With whose token it is looked who is in a room.
    pub eyes: &'a TokenOwner,
}

/// Somebody has come into a room, or has left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// What happened, not whom it happened to: a membership that ends and begins again keeps its id.
    pub id: String,
    pub is_in: bool,
    pub room: String,
    pub account: ExternalAccount,
    pub by: Option<ExternalAccount>,
    pub at: Timestamp,
}

/// Where something happened, and whose ears heard it.
struct Place {
    conversation: ExternalConversation,
    kind: ConversationKind,
    heard_by: ExternalAccount,
}

impl Ears<'_> {
    /// What an event says; nothing where nobody here is concerned.
    pub(super) async fn hear(&self, event: &Event) -> Result<Understood, Failure> {
        match event.resource.as_str() {
            "messages" => match self.found(event) {
                Some(found) => self.message(&found).await,
                None => Ok(Understood::nothing()),
            },
            "memberships" => match read_change(event) {
                Some(change) => self.change(change).await,
                None => Ok(Understood::nothing()),
            },
            _ => Ok(Understood::nothing()),
        }
    }

    /// What became of a message.
    pub(super) async fn message(&self, found: &Found) -> Result<Understood, Failure> {
        let message = &found.message;
        let author = message.person_id.as_deref().map(ExternalAccount::new);
        let (room, kind) = (&message.room_id, message.room_type.as_deref());
        let bot = self.api.bot().await?;
        let place = match self.rooms.known(self.eyes, room, kind).await? {
            Known::Direct(pair) => self.place_of_pair(&pair, bot, author.as_ref()),
            Known::GroupWithBot => Some(Place {
                conversation: ExternalConversation::new(room.as_str()),
                kind: ConversationKind::Group,
                heard_by: bot.clone(),
            }),
            Known::Elsewhere => None,
            Known::Hidden(failure) => return Ok(Understood::Hidden { author, failure }),
        };
        let Some(place) = place else {
            return Ok(Understood::nothing());
        };
        Ok(Understood::Happened(found.happenings(Around {
            bot,
            heard_by: &place.heard_by,
            conversation: &place.conversation,
            kind: place.kind,
        })))
    }

    /// Who came into a group of the bot's, or left it.
    pub(super) async fn change(&self, change: Change) -> Result<Understood, Failure> {
        let bot = self.api.bot().await?;
        if change.account == *bot {
            self.rooms.note_bot(&change.room, change.is_in).await?;
        }
        let known = self.rooms.known(self.eyes, &change.room, Some("group"));
        if known.await? != Known::GroupWithBot {
            return Ok(Understood::nothing());
        }
        let by = change.by.unwrap_or_else(|| change.account.clone());
        let (letter, happened) = changed(change.is_in, vec![change.account]);
        Ok(Understood::Happened(vec![Incoming {
            key: EventKey(format!("{letter}:{}", change.id)),
            contains: Vec::new(),
            changed_at: None,
            conversation: ExternalConversation::new(change.room),
            conversation_kind: Some(ConversationKind::Group),
            heard_by: Some(bot.clone()),
            author: Author {
                kind: match by == *bot {
                    true => AuthorKind::OwnApp,
                    false => AuthorKind::Person,
                },
                account: by,
            },
            at: change.at,
            happened,
        }]))
    }

    fn found(&self, event: &Event) -> Option<Found> {
        let at = moment(&event.created)?;
        let told = match event.kind.as_str() {
            "created" => Told::Standing,
            "updated" => Told::Edited { at },
            "deleted" => Told::Deleted { at },
            _ => return None,
        };
        let Ok(message) = serde_json::from_value::<Message>(event.data.clone()) else {
            tracing::warn!("a message of unknown shape was left out");
            return None;
        };
        Some(Found {
            message,
            told,
            by_own_app: self.is_by_own_app(event),
        })
    }

    fn is_by_own_app(&self, event: &Event) -> bool {
        let Some(app) = &event.app_id else {
            return false;
        };
        let name = ids::bare(app);
        let name = name.as_deref().unwrap_or(app);
        self.api.settings().is_own_app(name)
    }

    fn place_of_pair(
        &self,
        pair: &Pair,
        bot: &ExternalAccount,
        author: Option<&ExternalAccount>,
    ) -> Option<Place> {
        let (kind, heard_by) = match pair.has(bot) {
            true => (ConversationKind::WithApp, bot.clone()),
            false => (ConversationKind::Direct, self.hearer(pair, author)?),
        };
        Some(Place {
            conversation: pair.conversation(),
            kind,
            heard_by,
        })
    }

    /// Rather whoever was written to than who wrote.
    fn hearer(&self, pair: &Pair, author: Option<&ExternalAccount>) -> Option<ExternalAccount> {
        let mut members = pair.members();
        members.sort_by_key(|member| Some(*member) == author);
        let mut members = members.into_iter();
        let heard_by = members.find(|member| self.accounts.contains(*member));
        heard_by.cloned()
    }
}

fn read_change(event: &Event) -> Option<Change> {
    let is_in = match event.kind.as_str() {
        "created" => true,
        "deleted" => false,
        _ => return None,
    };
    let read = serde_json::from_value::<Membership>(event.data.clone());
    let (Ok(membership), Some(at)) = (read, moment(&event.created)) else {
        tracing::warn!("a membership of unknown shape was left out");
        return None;
    };
    let is_group = membership.room_type.as_deref() != Some("direct");
    is_group.then(|| Change {
        id: event.id.clone(),
        is_in,
        room: membership.room_id,
        account: ExternalAccount::new(membership.person_id),
        by: event.actor_id.as_deref().map(ExternalAccount::new),
        at,
    })
}

fn changed(is_in: bool, accounts: Vec<ExternalAccount>) -> (&'static str, Happening) {
    match is_in {
        true => ("j", Happening::Joined { accounts }),
        false => ("l", Happening::Left { accounts }),
    }
}
