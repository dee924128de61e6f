//! Events as what happened in conversations that are the hub's business.

use std::collections::HashSet;

use causeway_model::{
    Author, AuthorKind, ConversationKind, EventKey, ExternalAccount, ExternalConversation, Failure,
    Happening, Incoming,
};

use super::{
    api::Api,
    ids,
    messages::{Around, Found, Told},
    pair::Pair,
    rooms::{Known, Rooms},
    wire::{Event, Membership, Message, moment},
};

/// Hears for these accounts, and for the bot.
pub(super) struct Ears<'a> {
    pub api: &'a Api,
    pub rooms: &'a Rooms,
    pub accounts: &'a HashSet<ExternalAccount>,
}

/// Where something happened, and whose ears heard it.
struct Place {
    conversation: ExternalConversation,
    kind: ConversationKind,
    heard_by: ExternalAccount,
}

impl Ears<'_> {
    /// What an event says; nothing where nobody here is concerned.
    pub(super) async fn hear(&self, event: &Event) -> Result<Vec<Incoming>, Failure> {
        match event.resource.as_str() {
            "messages" => self.message(event).await,
            "memberships" => Ok(self.membership(event).await?.into_iter().collect()),
            _ => Ok(Vec::new()),
        }
    }

    async fn message(&self, event: &Event) -> Result<Vec<Incoming>, Failure> {
        let Some(found) = self.found(event) else {
            return Ok(Vec::new());
        };
        let message = &found.message;
        let author = message.person_id.as_deref().map(ExternalAccount::new);
        let room_type = message.room_type.as_deref();
        let known = self.rooms.known(&message.room_id, room_type).await?;
        let Some(place) = self.place(known, &message.room_id, author.as_ref()).await? else {
            return Ok(Vec::new());
        };
        let bot = self.api.bot().await?;
        Ok(found.happenings(Around {
            bot,
            heard_by: &place.heard_by,
            conversation: &place.conversation,
            kind: place.kind,
        }))
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
        let app = event.app_id.as_deref().and_then(ids::bare);
        app.is_some_and(|app| self.api.settings().is_own_app(&app))
    }

    async fn place(
        &self,
        known: Option<Known>,
        room: &str,
        author: Option<&ExternalAccount>,
    ) -> Result<Option<Place>, Failure> {
        let bot = self.api.bot().await?;
        Ok(match known {
            Some(Known::Direct(pair)) if pair.has(bot) => Some(Place {
                conversation: pair.conversation(),
                kind: ConversationKind::WithApp,
                heard_by: bot.clone(),
            }),
            Some(Known::Direct(pair)) => self.hearer(&pair, author).map(|heard_by| Place {
                conversation: pair.conversation(),
                kind: ConversationKind::Direct,
                heard_by,
            }),
            Some(Known::GroupWithBot) => Some(Place {
                conversation: ExternalConversation::new(room),
                kind: ConversationKind::Group,
                heard_by: bot.clone(),
            }),
            Some(Known::OtherGroup) | None => None,
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

    async fn membership(&self, event: &Event) -> Result<Option<Incoming>, Failure> {
        let is_in = match event.kind.as_str() {
            "created" => true,
            "deleted" => false,
            _ => return Ok(None),
        };
        let read = serde_json::from_value::<Membership>(event.data.clone());
        let (Ok(membership), Some(at)) = (read, moment(&event.created)) else {
            tracing::warn!("a membership of unknown shape was left out");
            return Ok(None);
        };
        if membership.room_type.as_deref() == Some("direct") {
            return Ok(None);
        }
        let bot = self.api.bot().await?;
        let account = ExternalAccount::new(membership.person_id.as_str());
        if account == *bot {
            self.rooms.note_bot(&membership.room_id, is_in).await?;
        }
        let known = self.rooms.known(&membership.room_id, Some("group")).await?;
        if known != Some(Known::GroupWithBot) {
            return Ok(None);
        }
        let by = event.actor_id.as_deref().map(ExternalAccount::new);
        let by = by.unwrap_or_else(|| account.clone());
        let (letter, happened) = changed(is_in, vec![account]);
        Ok(Some(Incoming {
            // A membership that ends and begins again keeps its id; what happened does not.
            key: EventKey(format!("{letter}:{}", event.id)),
            contains: Vec::new(),
            changed_at: None,
            conversation: ExternalConversation::new(membership.room_id),
            conversation_kind: Some(ConversationKind::Group),
            heard_by: Some(bot.clone()),
            author: Author {
                kind: match by == *bot {
                    true => AuthorKind::OwnApp,
                    false => AuthorKind::Person,
                },
                account: by,
            },
            at,
            happened,
        }))
    }
}

fn changed(is_in: bool, accounts: Vec<ExternalAccount>) -> (&'static str, Happening) {
    match is_in {
        true => ("j", Happening::Joined { accounts }),
        false => ("l", Happening::Left { accounts }),
    }
}
