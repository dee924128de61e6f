//! Chats: what they are, who is in them, and making them.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/chat>, `chat-post`.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use causeway_model::{
    ConversationFacts, ConversationKind, ExternalAccount, ExternalConversation, Failure,
    FailureKind, LegKind, OpenConversation, Speaker, Timestamp,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    graph::Graph,
    wire::{Chat, Member, User, moment},
};
use crate::TokenOwner;

/// How many conversations are listed for catching up.
const MOST_LISTED: usize = 300;
/// How many of the service account's chats are looked through for one just made.
const MOST_SEARCHED: usize = 2_000;
/// How far Graph's clock may be behind ours.
const SKEW_MS: i64 = 30_000;
/// The caches are emptied when they hold so many.
const MOST_REMEMBERED: usize = 10_000;

pub(super) struct Chats {
    graph: Graph,
    kinds: Mutex<HashMap<ExternalConversation, ConversationKind>>,
    guests: Mutex<HashMap<ExternalAccount, bool>>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

impl Chats {
    pub(super) fn new(graph: Graph) -> Self {
        Self {
            graph,
            kinds: Mutex::default(),
            guests: Mutex::default(),
        }
    }

    pub(super) async fn facts(
        &self,
        id: &ExternalConversation,
        speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure> {
        let owner = self.graph.owner(speaker).await?;
        match self.facts_by(id, &owner).await {
            Err(failure) if self.app_may_instead(&owner, &failure) => {
                self.facts_by(id, &TokenOwner::AppLevel).await
            }
            outcome => outcome,
        }
    }

    pub(super) async fn list(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        let owner = self.graph.owner(speaker).await?;
        let chats = match self.newest(&owner, &["me", "chats"]).await {
            Err(failure) if self.app_may_instead(&owner, &failure) => {
                let account = match speaker {
                    Speaker::App => self.graph.own().await?.account.clone(),
                    Speaker::Account(account) => account.clone(),
                };
                let path = ["users", account.as_str(), "chats"];
                self.newest(&TokenOwner::AppLevel, &path).await?
            }
            outcome => outcome?,
        };
        let own = self.graph.own().await?.account.clone();
        Ok(chats.into_iter().map(|chat| facts(chat, &own)).collect())
    }

    /// What kind of conversation it is; asked once per conversation. `None` where the owner may not
    /// look.
    pub(super) async fn kind(
        &self,
        id: &ExternalConversation,
        owner: &TokenOwner,
    ) -> Result<Option<ConversationKind>, Failure> {
        let own = self.graph.own().await?.account.clone();
        if let Some(kind) = kind_by_id(id, &own).or_else(|| self.remembered(id)) {
            return Ok(Some(kind));
        }
        match self.facts_by(id, owner).await {
            Ok(facts) => Ok(Some(facts.kind)),
            Err(failure) => match failure.kind {
                FailureKind::Forbidden | FailureKind::Gone | FailureKind::Rejected => Ok(None),
                FailureKind::Throttled { .. }
                | FailureKind::NotSent
                | FailureKind::NotAuthorised
                | FailureKind::NotSupported
                | FailureKind::Unknown => Err(failure),
            },
        }
    }

    pub(super) async fn open(
        &self,
        wanted: &OpenConversation,
    ) -> Result<ExternalConversation, Failure> {
        let (owner, body) = self.request(wanted).await?;
        let url = self.graph.url(&["chats"], &[]);
        let made: Made = self.graph.make(&owner, url, &body, "chats.create").await?;
        let id = ExternalConversation::new(made.id);
        let kind = match wanted.kind {
            LegKind::Native => ConversationKind::Direct,
            LegKind::App => ConversationKind::WithApp,
            LegKind::Group | LegKind::Private => ConversationKind::Group,
        };
        self.remember(&id, kind);
        Ok(id)
    }

    pub(super) async fn find_opened(
        &self,
        wanted: &OpenConversation,
        since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure> {
        match wanted.kind {
            // Graph answers the one chat that two people have, however often it is made.
            LegKind::Native | LegKind::App => self.open(wanted).await.map(Some),
            LegKind::Group => self.find_group(wanted, since).await,
            LegKind::Private => Err(no_private_channels()),
        }
    }

    async fn facts_by(
        &self,
        id: &ExternalConversation,
        owner: &TokenOwner,
    ) -> Result<ConversationFacts, Failure> {
        let own = self.graph.own().await?.account.clone();
        let url = self.graph.url(&["chats", id.as_str()], &[]);
        let mut chat: Chat = self.graph.get(owner, url, "chats.get").await?;
        // A single chat takes no `$expand`.
        if chat.members.is_empty() {
            let url = self.graph.url(&["chats", id.as_str(), "members"], &[]);
            let doing = "chats.members";
            chat.members = self
                .graph
                .pages::<Member>(owner, url, usize::MAX, doing)
                .await?;
        }
        let facts = facts(chat, &own);
        self.remember(id, facts.kind);
        Ok(facts)
    }

    async fn newest(&self, owner: &TokenOwner, path: &[&str]) -> Result<Vec<Chat>, Failure> {
        let query = [
            ("$expand", "members"),
            ("$top", "50"),
            ("$orderby", "lastMessagePreview/createdDateTime desc"),
        ];
        let url = self.graph.url(path, &query);
        self.graph
            .pages(owner, url, MOST_LISTED, "chats.list")
            .await
    }

    /// Someone who has not signed in here may still be read by the app.
    fn app_may_instead(&self, owner: &TokenOwner, failure: &Failure) -> bool {
        matches!(owner, TokenOwner::Account(_))
            && failure.kind == FailureKind::NotAuthorised
            && self.graph.reader() == TokenOwner::AppLevel
    }

    async fn request(&self, wanted: &OpenConversation) -> Result<(TokenOwner, Value), Failure> {
        let own = self.graph.own().await?.account.clone();
        match wanted.kind {
            LegKind::Native => {
                let other = wanted.stand_in.clone().unwrap_or_else(|| own.clone());
                let owner = match self.graph.owner(&wanted.speaker).await? {
                    // Only a member makes a chat, or the app itself.
                    TokenOwner::App if other != own => self.graph.reader(),
                    owner => owner,
                };
                let members = self.members(&[&other, &wanted.person]).await?;
                Ok((owner, json!({ "chatType": "oneOnOne", "members": members })))
            }
            LegKind::App => {
                let members = self.members(&[&own, &wanted.person]).await?;
                let body = json!({ "chatType": "oneOnOne", "members": members });
                Ok((TokenOwner::App, body))
            }
            LegKind::Group => {
                let members = group_members(&own, wanted);
                let members = self.members(&members).await?;
                let body = json!({
                    "chatType": "group",
                    "topic": topic(&wanted.stand_in_name),
                    "members": members,
                });
                Ok((TokenOwner::App, body))
            }
            LegKind::Private => Err(no_private_channels()),
        }
    }

    async fn members(&self, accounts: &[&ExternalAccount]) -> Result<Vec<Value>, Failure> {
        let mut members = Vec::with_capacity(accounts.len());
        for account in accounts {
            let role = match self.is_guest(account).await? {
                true => "guest",
                false => "owner",
            };
            let id = account.as_str().replace('\'', "''");
            let user = self
                .graph
                .settings()
                .graph_url
                .as_str()
                .trim_end_matches('/');
            members.push(json!({
                "@odata.type": "#microsoft.graph.aadUserConversationMember",
                "roles": [role],
                "user@odata.bind": format!("{user}/users('{id}')"),
            }));
        }
        Ok(members)
    }

    /// Graph refuses a guest in any role but its own.
    async fn is_guest(&self, account: &ExternalAccount) -> Result<bool, Failure> {
        if *account == self.graph.own().await?.account {
            return Ok(false);
        }
        if let Some(guest) = self.known_guest(account) {
            return Ok(guest);
        }
        let query = [("$select", "id,userType")];
        let url = self.graph.url(&["users", account.as_str()], &query);
        let user: User = self
            .graph
            .get(&self.graph.reader(), url, "users.get")
            .await?;
        let guest = user.user_type.as_deref() == Some("Guest");
        let mut known = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut known);
        known.insert(account.clone(), guest);
        Ok(guest)
    }

    fn known_guest(&self, account: &ExternalAccount) -> Option<bool> {
        let known = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(account).copied()
    }

    async fn find_group(
        &self,
        wanted: &OpenConversation,
        since: Timestamp,
    ) -> Result<Option<ExternalConversation>, Failure> {
        let own = self.graph.own().await?.account.clone();
        let members: HashSet<ExternalAccount> =
            group_members(&own, wanted).into_iter().cloned().collect();
        let topic = topic(&wanted.stand_in_name);
        let earliest = since.plus_ms(-SKEW_MS);
        // In no asked order: a chat without messages has nothing to be ordered by.
        let query = [("$expand", "members"), ("$top", "50")];
        let url = self.graph.url(&["me", "chats"], &query);
        let chats: Vec<Chat> = self
            .graph
            .pages(&TokenOwner::App, url, MOST_SEARCHED, "chats.list")
            .await?;
        let newest = chats
            .into_iter()
            .filter(|chat| chat.chat_type == "group" && chat.topic.as_ref() == Some(&topic))
            .filter(|chat| member_accounts(chat).into_iter().collect::<HashSet<_>>() == members)
            .filter_map(|chat| Some((created(&chat)?, chat.id)))
            .filter(|(created, _)| *created >= earliest)
            .max();
        Ok(newest.map(|(_, id)| ExternalConversation::new(id)))
    }

    fn remembered(&self, id: &ExternalConversation) -> Option<ConversationKind> {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.get(id).copied()
    }

    fn remember(&self, id: &ExternalConversation, kind: ConversationKind) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut kinds);
        kinds.insert(id.clone(), kind);
    }
}

fn make_room<K, V>(cache: &mut HashMap<K, V>) {
    if cache.len() >= MOST_REMEMBERED {
        cache.clear();
    }
}

fn no_private_channels() -> Failure {
    Failure::new(FailureKind::NotSupported, "private_channel", "chats.create")
}

fn group_members<'a>(
    own: &'a ExternalAccount,
    wanted: &'a OpenConversation,
) -> Vec<&'a ExternalAccount> {
    let mut members = vec![own, &wanted.person];
    members.extend(&wanted.stand_in);
    members.dedup();
    members
}

/// Graph refuses topics with some signs and such beyond 250 characters.
/// Source: <https://learn.microsoft.com/graph/api/resources/chat>.
fn topic(name: &str) -> String {
    let topic: String = name
        .chars()
        .map(|c| {
            if ":<>\"".contains(c) || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .take(250)
        .collect();
    topic.trim().to_owned()
}

fn created(chat: &Chat) -> Option<Timestamp> {
    moment(chat.created_date_time.as_deref()?)
}

fn member_accounts(chat: &Chat) -> Vec<ExternalAccount> {
    chat.members
        .iter()
        .filter_map(|member| member.user_id.as_deref())
        .map(ExternalAccount::new)
        .collect()
}

fn facts(chat: Chat, own: &ExternalAccount) -> ConversationFacts {
    let members = member_accounts(&chat);
    let kind = match chat.chat_type.as_str() {
        "oneOnOne" if members.contains(own) => ConversationKind::WithApp,
        "oneOnOne" => ConversationKind::Direct,
        _ => ConversationKind::Group,
    };
    ConversationFacts {
        id: ExternalConversation::new(chat.id),
        kind,
        members,
    }
}

/// A one-to-one chat's id is made of its two members' ids: `19:{a}_{b}@unq.gbl.spaces`.
fn kind_by_id(id: &ExternalConversation, own: &ExternalAccount) -> Option<ConversationKind> {
    let pair = id
        .as_str()
        .strip_prefix("19:")?
        .strip_suffix("@unq.gbl.spaces")?;
    let (one, other) = pair.split_once('_')?;
    let with_app = [one, other]
        .iter()
        .any(|member| member.eq_ignore_ascii_case(own.as_str()));
    Some(if with_app {
        ConversationKind::WithApp
    } else {
        ConversationKind::Direct
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_to_one_chats_id_tells_whether_the_service_account_is_in_it() {
        let own = ExternalAccount::new("0b");
        let kind = |id: &str| kind_by_id(&ExternalConversation::new(id), &own);
        assert_eq!(
            kind("19:0a_0B@unq.gbl.spaces"),
            Some(ConversationKind::WithApp)
        );
        assert_eq!(
            kind("19:0a_0c@unq.gbl.spaces"),
            Some(ConversationKind::Direct)
        );
        assert_eq!(kind("19:abc@thread.v2"), None);
    }

    #[test]
    fn a_topic_has_nothing_in_it_that_graph_refuses() {
        assert_eq!(topic("Ann: Lee\n"), "Ann  Lee");
        assert_eq!(topic(&"x".repeat(300)).len(), 250);
    }
}
