//! Rooms: what they are and who is in them.
//!
//! Source: <https://developer.webex.com/docs/api/v1/rooms>, `memberships`.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use causeway_model::{
    ConversationFacts, ConversationKind, ExternalAccount, ExternalConversation, Failure,
    FailureKind, Speaker, Timestamp,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::OnceCell;

use super::{
    api::Api,
    pair::Pair,
    refusal::may_pass,
    wire::{Membership, Room},
};
use crate::TokenOwner;

/// How many rooms are listed for catching up.
const MOST_LISTED: usize = 200;
const ASKED_AT_ONCE: usize = 4;
/// The caches are emptied when they hold so many.
const MOST_REMEMBERED: usize = 20_000;
/// How long a room counts as hidden in which nothing more is said.
const HIDDEN_FOR_MS: i64 = 24 * 3_600 * 1_000;
const DIRECT: &str = "direct";
const LIST_MEMBERS: &str = "memberships.list";

/// What of a room matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Direct(Pair),
    GroupWithBot,
    /// None of the hub's business: another group, or nobody is left to write to.
    Elsewhere,
    /// It may be between two people who matter: nobody shows who is in it.
    Hidden(Failure),
}

pub(super) struct Rooms {
    api: Api,
    /// The groups that the bot is in, listed once and kept by what is heard of its memberships.
    own: OnceCell<Mutex<HashSet<String>>>,
    pairs: Mutex<Pairs>,
    /// Groups that were seen without the bot: no room becomes another kind.
    groups: Mutex<HashSet<String>>,
    /// Rooms that something was said in and whose members are not shown: since when, and why.
    hidden: Mutex<HashMap<String, (Timestamp, String)>>,
}

/// Which room is between whom, both ways.
#[derive(Default)]
struct Pairs {
    by_room: HashMap<String, Pair>,
    rooms: HashMap<Pair, String>,
}

impl Rooms {
    pub(super) fn new(api: Api) -> Self {
        Self {
            api,
            own: OnceCell::new(),
            pairs: Mutex::default(),
            groups: Mutex::default(),
            hidden: Mutex::default(),
        }
    }

    /// Kind and members. Those of a direct conversation stand in its name.
    pub(super) async fn facts(
        &self,
        id: &ExternalConversation,
        speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure> {
        if let Some(pair) = Pair::read(id) {
            return self.facts_of_pair(&pair).await;
        }
        let owner = self.api.owner(speaker).await?;
        let members = match self.members(&owner, id.as_str()).await {
            // Someone who has not signed in here may still be read for by the administrator.
            Err(failure) if failure.kind == FailureKind::NotAuthorised => {
                self.members(&TokenOwner::AppLevel, id.as_str()).await?
            }
            members => members?,
        };
        Ok(ConversationFacts {
            id: id.clone(),
            kind: ConversationKind::Group,
            members: members.into_iter().map(account).collect(),
        })
    }

    /// The speaker's newest rooms.
    pub(super) async fn list(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        let owner = self.api.owner(speaker).await?;
        let query = [("sortBy", "lastactivity"), ("max", "100")];
        let url = self.api.url(&["rooms"], &query);
        let enough = |rooms: &[Room]| rooms.len() >= MOST_LISTED;
        let mut rooms = self.api.pages(&owner, url, "rooms.list", enough).await?;
        rooms.truncate(MOST_LISTED);
        let asked = rooms
            .iter()
            .map(|room| self.facts_of_room(room, &owner))
            .collect::<Vec<_>>();
        let asked = stream::iter(asked).buffered(ASKED_AT_ONCE);
        let facts: Vec<Option<ConversationFacts>> = asked.try_collect().await?;
        Ok(facts.into_iter().flatten().collect())
    }

    /// What a room is that something happened in, looked at with the eyes of an owner.
    pub(super) async fn known(
        &self,
        eyes: &TokenOwner,
        room: &str,
        kind: Option<&str>,
    ) -> Result<Known, Failure> {
        if let Some(pair) = self.pairs().by_room.get(room) {
            return Ok(Known::Direct(pair.clone()));
        }
        if self.own().await?.contains(room) {
            return Ok(Known::GroupWithBot);
        }
        if kind.is_some_and(|kind| kind != DIRECT) {
            return Ok(Known::Elsewhere);
        }
        let known = match self.members(eyes, room).await {
            Ok(members) => self.learn(room, &members),
            Err(failure) => match failure.kind {
                FailureKind::Forbidden | FailureKind::Gone | FailureKind::Rejected => {
                    Known::Hidden(failure)
                }
                FailureKind::Throttled { .. }
                | FailureKind::NotSent
                | FailureKind::NotAuthorised
                | FailureKind::NotSupported
                | FailureKind::Unknown => return Err(failure),
            },
        };
        self.note_sight(room, &known);
        Ok(known)
    }

    /// How many rooms are hidden that something was said in lately, and why the last of them is.
    pub(super) fn hidden(&self) -> Option<(usize, String)> {
        let now = self.api.clock().now();
        let mut hidden = self.lock_hidden();
        hidden.retain(|_, (at, _)| now.ms_since(*at) < HIDDEN_FOR_MS);
        let last = hidden.values().max_by_key(|(at, _)| *at);
        last.map(|(_, code)| (hidden.len(), code.clone()))
    }

    /// The conversation in a room, where it is known and the hub's business.
    pub(super) fn conversation_in(&self, room: &str) -> Option<ExternalConversation> {
        if let Some(pair) = self.pairs().by_room.get(room) {
            return Some(pair.conversation());
        }
        let own = self.own.get()?;
        let own = own.lock().unwrap_or_else(PoisonError::into_inner);
        own.contains(room).then(|| ExternalConversation::new(room))
    }

    /// Whether a room is surely none of the hub's business, asked once of each. What is said in all
    /// the groups that somebody is in need not be read for that.
    pub(super) async fn is_other_group(
        &self,
        eyes: &TokenOwner,
        room: &str,
    ) -> Result<bool, Failure> {
        if self.own().await?.contains(room) || self.pairs().by_room.contains_key(room) {
            return Ok(false);
        }
        if self.groups().contains(room) {
            return Ok(true);
        }
        let url = self.api.url(&["rooms", room], &[]);
        let found: Result<Room, Failure> = self.api.get(eyes, url, "rooms.get").await;
        let is_group = match found {
            Ok(found) => found.kind.is_some_and(|kind| kind != DIRECT),
            Err(failure) if may_pass(&failure) => return Err(failure),
            Err(_) => false,
        };
        if is_group {
            let mut groups = self.groups();
            if groups.len() >= MOST_REMEMBERED {
                groups.clear();
            }
            groups.insert(room.to_owned());
        }
        Ok(is_group)
    }

    /// The room of a direct conversation, where it has been seen.
    pub(super) fn room_of(&self, pair: &Pair) -> Option<String> {
        self.pairs().rooms.get(pair).cloned()
    }

    /// A direct conversation is in this room.
    pub(super) fn note_pair(&self, pair: &Pair, room: &str) {
        let mut pairs = self.pairs();
        if pairs.by_room.len() >= MOST_REMEMBERED {
            *pairs = Pairs::default();
        }
        pairs.by_room.insert(room.to_owned(), pair.clone());
        pairs.rooms.insert(pair.clone(), room.to_owned());
        self.lock_hidden().remove(room);
    }

    /// The bot has come into a group, or has left it.
    pub(super) async fn note_bot(&self, room: &str, is_in: bool) -> Result<(), Failure> {
        let mut own = self.own().await?;
        match is_in {
            true => own.insert(room.to_owned()),
            false => own.remove(room),
        };
        Ok(())
    }

    pub(super) async fn members(
        &self,
        owner: &TokenOwner,
        room: &str,
    ) -> Result<Vec<Membership>, Failure> {
        let query = [("roomId", room), ("max", "1000")];
        let url = self.api.url(&["memberships"], &query);
        let all = |_: &[Membership]| false;
        self.api.pages(owner, url, LIST_MEMBERS, all).await
    }

    async fn facts_of_pair(&self, pair: &Pair) -> Result<ConversationFacts, Failure> {
        let kind = match pair.has(self.api.bot().await?) {
            true => ConversationKind::WithApp,
            false => ConversationKind::Direct,
        };
        Ok(ConversationFacts {
            id: pair.conversation(),
            kind,
            members: pair.members().map(Clone::clone).to_vec(),
        })
    }

    async fn facts_of_room(
        &self,
        room: &Room,
        owner: &TokenOwner,
    ) -> Result<Option<ConversationFacts>, Failure> {
        let members = self.members(owner, &room.id).await?;
        if room.kind.as_deref() != Some(DIRECT) {
            return Ok(Some(ConversationFacts {
                id: ExternalConversation::new(room.id.as_str()),
                kind: ConversationKind::Group,
                members: members.into_iter().map(account).collect(),
            }));
        }
        match pair_of(&members) {
            Some(pair) => {
                self.note_pair(&pair, &room.id);
                self.facts_of_pair(&pair).await.map(Some)
            }
            None => Ok(None),
        }
    }

    fn learn(&self, room: &str, members: &[Membership]) -> Known {
        let Some(first) = members.first() else {
            let kind = FailureKind::Rejected;
            return Known::Hidden(Failure::new(kind, "no_members_shown", LIST_MEMBERS));
        };
        let is_group = first
            .room_type
            .as_deref()
            .is_some_and(|kind| kind != DIRECT);
        match pair_of(members).filter(|_| !is_group) {
            Some(pair) => {
                self.note_pair(&pair, room);
                Known::Direct(pair)
            }
            None => Known::Elsewhere,
        }
    }

    fn note_sight(&self, room: &str, known: &Known) {
        let mut hidden = self.lock_hidden();
        let Known::Hidden(failure) = known else {
            hidden.remove(room);
            return;
        };
        tracing::warn!(failure.code, "nobody may see who is in a conversation");
        if hidden.len() >= MOST_REMEMBERED {
            hidden.clear();
        }
        let now = self.api.clock().now();
        hidden.insert(room.to_owned(), (now, failure.code.clone()));
    }

    async fn own(&self) -> Result<MutexGuard<'_, HashSet<String>>, Failure> {
        let fetch = || async {
            let query = [("type", "group"), ("max", "1000")];
            let url = self.api.url(&["rooms"], &query);
            let all = |_: &[Room]| false;
            let rooms = self.api.pages(&TokenOwner::App, url, "rooms.list", all);
            let rooms = rooms.await?.into_iter().map(|room: Room| room.id);
            Ok(Mutex::new(rooms.collect()))
        };
        let own = self.own.get_or_try_init(fetch).await?;
        Ok(own.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn groups(&self) -> MutexGuard<'_, HashSet<String>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pairs(&self) -> MutexGuard<'_, Pairs> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_hidden(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, String)>> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pair_of(members: &[Membership]) -> Option<Pair> {
    let [one, other] = members else {
        return None;
    };
    let [one, other] = [one, other].map(|member| ExternalAccount::new(member.person_id.as_str()));
    Some(Pair::of(&one, &other))
}

fn account(membership: Membership) -> ExternalAccount {
    ExternalAccount::new(membership.person_id)
}
