//! Conversations: what they are, who is in them, and making them.
//!
//! Source: <https://developers.zoom.us/docs/api/team-chat/#tag/chat-channels>.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use causeway_model::{
    ConversationFacts, ConversationKind, ExternalAccount, ExternalConversation, Failure,
    FailureKind, LegKind, OpenConversation, Speaker, Timestamp,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    api::Api,
    place::Place,
    refusal::{Effect, unreadable},
    wire::{Channel, Channels, Members, Session, Sessions, written},
};

/// How many conversations are listed for catching up, and of how long.
const MOST_LISTED: usize = 300;
const LISTED_BACK_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Of a channel, each needs two calls.
const MOST_CHANNELS: usize = 50;
/// How many of the service user's channels are looked through for one just made.
const MOST_SEARCHED: usize = 2_000;
/// Longer names of channels are cut; Zoom says nothing of a limit.
const LONGEST_NAME: usize = 100;
/// So much of the relay id stands behind the name.
const TAIL: usize = 6;
/// Private, for people of the own organisation alone.
const OWN_ORGANISATION: i64 = 2;
const MOST_REMEMBERED: usize = 10_000;

/// Channels as Zoom has them.
pub(super) struct Conversations {
    api: Api,
    /// The addresses by which the chatbot knows channels.
    jids: Mutex<HashMap<String, String>>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
    jid: Option<String>,
}

impl Conversations {
    pub(super) fn new(api: Api) -> Self {
        Self {
            api,
            jids: Mutex::default(),
        }
    }

    pub(super) async fn facts(
        &self,
        id: &ExternalConversation,
        speaker: &Speaker,
    ) -> Result<ConversationFacts, Failure> {
        let place = Place::of(id);
        match &place {
            Place::Direct(..) => self.direct(&place).await,
            Place::Channel(channel) => {
                let viewer = self.api.acting(speaker).await?.account;
                self.channel(channel, &viewer).await
            }
        }
    }

    pub(super) async fn list(&self, speaker: &Speaker) -> Result<Vec<ConversationFacts>, Failure> {
        let viewer = self.api.acting(speaker).await?.account;
        let since = self.api.time_there().plus_ms(-LISTED_BACK_MS);
        let mut sessions = sessions(&self.api, &viewer, since, MOST_LISTED).await?;
        sessions.sort_by(|one, other| {
            other
                .last_message_sent_time
                .cmp(&one.last_message_sent_time)
        });
        let mut channels = 0;
        let mut all = Vec::new();
        for session in sessions {
            let facts = match place(&self.api, &session, &viewer).await? {
                Some(place @ Place::Direct(..)) => self.direct(&place).await,
                Some(Place::Channel(id)) if channels < MOST_CHANNELS => {
                    channels += 1;
                    self.channel(&id, &viewer).await
                }
                Some(Place::Channel(_)) | None => continue,
            };
            match facts {
                Ok(facts) => all.push(facts),
                // One that was left or deleted meanwhile.
                Err(failure)
                    if matches!(failure.kind, FailureKind::Gone | FailureKind::Forbidden) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(all)
    }

    pub(super) async fn open(
        &self,
        wanted: &OpenConversation,
    ) -> Result<ExternalConversation, Failure> {
        let own = self.api.own().await?.account.clone();
        match wanted.kind {
            LegKind::Native => {
                let other = wanted.stand_in.clone().unwrap_or(own);
                self.pair(&wanted.person, other).await
            }
            LegKind::App => self.pair(&wanted.person, own).await,
            LegKind::Group => self.open_channel(wanted, &own).await,
            LegKind::Private => Err(no_private()),
        }
    }

    pub(super) async fn find_opened(
        &self,
        wanted: &OpenConversation,
    ) -> Result<Option<ExternalConversation>, Failure> {
        match wanted.kind {
            // There is one for any two people, and nothing is made.
            LegKind::Native | LegKind::App => self.open(wanted).await.map(Some),
            LegKind::Group => self.find_channel(wanted).await,
            LegKind::Private => Err(no_private()),
        }
    }

    /// The channel's address for the chatbot.
    pub(super) async fn jid(&self, channel: &str) -> Result<String, Failure> {
        if let Some(known) = self.known_jid(channel) {
            return Ok(known);
        }
        let own = self.api.own().await?.account.clone();
        let found = self.look_up(channel, &own).await?;
        let jid = found.jid.filter(|jid| !jid.is_empty());
        let jid = jid.ok_or_else(|| Failure::new(FailureKind::Gone, "no_jid", "channels.get"))?;
        self.remember_jid(channel, &jid);
        Ok(jid)
    }

    /// Two people need nothing made; that they are there is checked, and how they are reached.
    async fn pair(
        &self,
        person: &ExternalAccount,
        other: ExternalAccount,
    ) -> Result<ExternalConversation, Failure> {
        self.api.address_of(person).await?;
        self.api.address_of(&other).await?;
        Ok(Place::between(person.clone(), other).id())
    }

    async fn direct(&self, place: &Place) -> Result<ConversationFacts, Failure> {
        let own = self.api.own().await?.account.clone();
        let members = match place {
            Place::Direct(one, other) => vec![one.clone(), other.clone()],
            Place::Channel(_) => Vec::new(),
        };
        Ok(ConversationFacts {
            id: place.id(),
            kind: place.kind(&own).unwrap_or(ConversationKind::Direct),
            members,
        })
    }

    async fn channel(
        &self,
        id: &str,
        viewer: &ExternalAccount,
    ) -> Result<ConversationFacts, Failure> {
        let channel = self.look_up(id, viewer).await?;
        let (path, query) = (["channels", id, "members"], [("page_size", "50")]);
        let doing = "channels.members";
        let listed = self
            .api
            .pages_of::<Members>(viewer, &path, &query, usize::MAX, doing)
            .await?;
        let mut members = Vec::with_capacity(listed.len());
        for member in &listed {
            members.extend(self.api.member(member).await?);
        }
        Ok(ConversationFacts {
            id: ExternalConversation::new(channel.id),
            kind: match channel.kind {
                Some(3 | 5) => ConversationKind::Channel,
                Some(_) | None => ConversationKind::Group,
            },
            members,
        })
    }

    async fn look_up(&self, id: &str, viewer: &ExternalAccount) -> Result<Channel, Failure> {
        let path = ["channels", id];
        self.api.get_of(viewer, &path, &[], "channels.get").await
    }

    async fn open_channel(
        &self,
        wanted: &OpenConversation,
        own: &ExternalAccount,
    ) -> Result<ExternalConversation, Failure> {
        let mut members = Vec::new();
        for account in std::iter::once(&wanted.person).chain(&wanted.stand_in) {
            if account != own {
                members.push(json!({ "email": self.api.address_of(account).await? }));
            }
        }
        let body = json!({
            "name": name(wanted),
            "type": OWN_ORGANISATION,
            "members": members,
        });
        let path = ["chat", "users", own.as_str(), "channels"];
        let url = self.api.settings().api(&path, &[]);
        let doing = "channels.create";
        let answer = self
            .api
            .write(Method::POST, url, Some(&body), doing)
            .await?;
        let made: Made =
            serde_json::from_slice(&answer.body).map_err(|_| unreadable(Effect::Write, doing))?;
        if let Some(jid) = made.jid.filter(|jid| !jid.is_empty()) {
            self.remember_jid(&made.id, &jid);
        }
        Ok(ExternalConversation::new(made.id))
    }

    async fn find_channel(
        &self,
        wanted: &OpenConversation,
    ) -> Result<Option<ExternalConversation>, Failure> {
        let own = self.api.own().await?.account.clone();
        let (path, query) = (["channels"], [("page_size", "50")]);
        let doing = "channels.list";
        let channels = self
            .api
            .pages_of::<Channels>(&own, &path, &query, MOST_SEARCHED, doing)
            .await?;
        let name = name(wanted);
        let found = channels
            .into_iter()
            .find(|channel| channel.name.as_ref() == Some(&name));
        Ok(found.map(|channel| ExternalConversation::new(channel.id)))
    }

    fn known_jid(&self, channel: &str) -> Option<String> {
        let jids = self.jids.lock().unwrap_or_else(PoisonError::into_inner);
        jids.get(channel).cloned()
    }

    fn remember_jid(&self, channel: &str, jid: &str) {
        let mut jids = self.jids.lock().unwrap_or_else(PoisonError::into_inner);
        if jids.len() >= MOST_REMEMBERED {
            jids.clear();
        }
        jids.insert(channel.to_owned(), jid.to_owned());
    }
}

/// The conversations of a member in which something was said since then.
pub(super) async fn sessions(
    api: &Api,
    viewer: &ExternalAccount,
    since: Timestamp,
    limit: usize,
) -> Result<Vec<Session>, Failure> {
    let from = written(since);
    // What is of this second still counts, which is all that answers tell.
    let to = written(api.time_there().plus_ms(2_000));
    let query = [
        ("from", from.as_str()),
        ("to", to.as_str()),
        ("page_size", "50"),
    ];
    let doing = "chat.sessions.list";
    api.pages_of::<Sessions>(viewer, &["sessions"], &query, limit, doing)
        .await
}

/// Where a session of the viewer's takes place; none for one that tells too little.
pub(super) async fn place(
    api: &Api,
    session: &Session,
    viewer: &ExternalAccount,
) -> Result<Option<Place>, Failure> {
    if session.kind != "1:1" {
        let id = &session.channel_id;
        return Ok((!id.is_empty()).then(|| Place::Channel(id.clone())));
    }
    let (id, address) = (&session.peer_contact_user_id, &session.peer_contact_email);
    let peer = api.whoever(id, address).await?;
    Ok(peer
        .filter(|peer| peer != viewer)
        .map(|peer| Place::between(viewer.clone(), peer)))
}

/// Names the other for the person, and tells this channel from every other of that name.
fn name(wanted: &OpenConversation) -> String {
    let shown = wanted.stand_in_name.chars().filter(|c| !c.is_control());
    let shown: String = shown.take(LONGEST_NAME - TAIL - 3).collect();
    let id = wanted.relay_id.as_str();
    let tail = &id[id.len() - TAIL.min(id.len())..];
    format!("{} ({tail})", shown.trim())
}

fn no_private() -> Failure {
    Failure::new(
        FailureKind::NotSupported,
        "private_channel",
        "channels.create",
    )
}
