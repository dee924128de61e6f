//! What a workspace holds: people, conversations, messages, tokens. Nothing here knows HTTP.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::clock::Millis;

use super::{
    happenings::Happening,
    ids::{ConversationId, Seed, Ts, UserId},
    limits::Limits,
    replies::ReplyUrls,
    tokens::{Holder, Tokens},
};

/// The app that the hub connects as, and the workspace it is installed in.
#[derive(Debug)]
pub struct App {
    pub id: String,
    pub name: &'static str,
    pub bot_id: String,
    pub bot_user: UserId,
    pub team: String,
    pub team_name: &'static str,
    pub domain: &'static str,
    pub client_id: String,
    pub client_secret: String,
    pub signing_secret: String,
    /// The token that old-style event requests carry for checking.
    pub verification: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKind {
    Person,
    /// The hub's own bot.
    OwnBot,
    /// Somebody else's bot.
    OtherBot {
        bot_id: String,
        app_id: String,
    },
    /// `USLACKBOT`.
    Slackbot,
}

#[derive(Debug, Clone)]
pub struct User {
    pub id: UserId,
    pub kind: UserKind,
    /// The short name of the person's own choosing.
    pub handle: String,
    pub name: String,
    pub title: String,
    /// The address in the people's list of the control API.
    pub address: String,
    /// The address as Slack writes it.
    pub email: String,
    pub deleted: bool,
    /// Seconds since the Unix epoch.
    pub updated: i64,
}

impl User {
    /// Whether other people's search finds them.
    pub fn is_found(&self) -> bool {
        self.kind == UserKind::Person && !self.deleted
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Channel,
    PrivateChannel,
    GroupDm,
    Dm,
}

/// What a scope lets a caller do with a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    History,
    Write,
}

impl Kind {
    /// The scope that this needs, e.g. `im:history`.
    pub fn scope(self, access: Access, holder: &Holder) -> &'static str {
        match (self, access) {
            (Self::Channel, Access::Read) => "channels:read",
            (Self::Channel, Access::History) => "channels:history",
            (Self::Channel, Access::Write) if *holder == Holder::Bot => "channels:manage",
            (Self::Channel, Access::Write) => "channels:write",
            (Self::PrivateChannel, Access::Read) => "groups:read",
            (Self::PrivateChannel, Access::History) => "groups:history",
            (Self::PrivateChannel, Access::Write) => "groups:write",
            (Self::GroupDm, Access::Read) => "mpim:read",
            (Self::GroupDm, Access::History) => "mpim:history",
            (Self::GroupDm, Access::Write) => "mpim:write",
            (Self::Dm, Access::Read) => "im:read",
            (Self::Dm, Access::History) => "im:history",
            (Self::Dm, Access::Write) => "im:write",
        }
    }

    /// `channel_type` of events.
    pub fn event_name(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::PrivateChannel => "group",
            Self::GroupDm => "mpim",
            Self::Dm => "im",
        }
    }

    /// A direct message or a group one: its members never change.
    pub fn is_direct(self) -> bool {
        matches!(self, Self::GroupDm | Self::Dm)
    }
}

#[derive(Debug, Clone)]
pub struct Note {
    pub value: String,
    pub creator: String,
    pub last_set: i64,
}

#[derive(Debug, Clone)]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: Kind,
    pub name: String,
    pub creator: UserId,
    /// Seconds since the Unix epoch.
    pub created: i64,
    pub topic: Note,
    pub purpose: Note,
    pub archived: bool,
    /// In the order of joining.
    pub members: Vec<UserId>,
    pub messages: BTreeMap<Ts, Message>,
}

impl Conversation {
    pub fn has(&self, user: &UserId) -> bool {
        self.members.contains(user)
    }

    /// The other one of a direct message; oneself in a note to self.
    pub fn partner(&self, of: &UserId) -> Option<&UserId> {
        self.members
            .iter()
            .find(|member| *member != of)
            .or(self.members.first())
    }

    /// Replies in the thread of `parent` that are still there, oldest first.
    pub fn replies(&self, parent: Ts) -> impl DoubleEndedIterator<Item = &Message> {
        let later = self.messages.range(parent..).map(|(_, message)| message);
        later.filter(move |message| {
            message.thread == Some(parent) && message.ts != parent && message.is_public()
        })
    }

    /// Whether a deleted message still stands as the head of a thread.
    pub fn is_tombstone(&self, message: &Message) -> bool {
        message.deleted && self.replies(message.ts).next().is_some()
    }
}

/// How a message came to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// Typed into Slack's own client.
    Typed { client_msg_id: String },
    /// Posted through the API with a token of the message's author.
    Posted,
    /// By Slack itself: `channel_join` and the like, with fields of its own.
    Noted {
        subtype: &'static str,
        fields: Map<String, Value>,
    },
}

/// The name and icon that a bot gives to one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guise {
    pub username: Option<String>,
    pub icon_url: Option<String>,
    pub icon_emoji: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Reaction {
    pub name: String,
    pub users: Vec<UserId>,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub ts: Ts,
    pub author: UserId,
    pub written: Written,
    /// mrkdwn with `& < >` escaped.
    pub text: String,
    pub blocks: Vec<Value>,
    pub attachments: Vec<Value>,
    pub metadata: Option<Value>,
    pub guise: Option<Guise>,
    pub thread: Option<Ts>,
    /// A reply that is also shown in the conversation.
    pub broadcast: bool,
    pub edited: Option<Ts>,
    pub deleted: bool,
    /// Seen by this person alone, and kept out of history.
    pub only_for: Option<UserId>,
    pub reactions: Vec<Reaction>,
}

impl Message {
    pub fn new(author: UserId, written: Written, text: String) -> Self {
        Self {
            ts: Ts::EARLIEST,
            author,
            written,
            text,
            blocks: Vec::new(),
            attachments: Vec::new(),
            metadata: None,
            guise: None,
            thread: None,
            broadcast: false,
            edited: None,
            deleted: false,
            only_for: None,
            reactions: Vec::new(),
        }
    }

    /// Still there, and not for one person alone.
    pub fn is_public(&self) -> bool {
        !self.deleted && self.only_for.is_none()
    }

    pub fn is_by_slack(&self) -> bool {
        matches!(self.written, Written::Noted { .. })
    }
}

/// Everything in the workspace, behind one lock.
#[derive(Debug)]
pub struct State {
    pub seed: Seed,
    pub app: App,
    /// In the order of joining the workspace.
    pub users: Vec<User>,
    pub conversations: BTreeMap<ConversationId, Conversation>,
    pub tokens: Tokens,
    /// Scopes that no token has after all, whatever was granted.
    pub withheld: Vec<String>,
    pub limits: Limits,
    pub reply_urls: ReplyUrls,
    /// What happened and has not been handed to the sockets yet, in order.
    pub happenings: Vec<Happening>,
    /// Where each message is: a message's time is unique here.
    places: HashMap<Ts, ConversationId>,
    last_ts: Ts,
    made: u64,
}

impl State {
    /// Those of a token's scopes that it really has.
    pub fn held(&self, scopes: &[String]) -> Vec<String> {
        let kept = scopes.iter().filter(|scope| !self.withheld.contains(scope));
        kept.cloned().collect()
    }

    pub fn new(seed: Seed, app: App, users: Vec<User>) -> Self {
        Self {
            seed,
            app,
            users,
            conversations: BTreeMap::new(),
            tokens: Tokens::new(seed),
            withheld: Vec::new(),
            limits: Limits::default(),
            reply_urls: ReplyUrls::default(),
            happenings: Vec::new(),
            places: HashMap::new(),
            last_ts: Ts::EARLIEST,
            made: 0,
        }
    }

    /// A label that was not given before, for what is made as time goes on.
    pub fn fresh(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what} {}", self.made)
    }

    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id.as_str() == id)
    }

    pub fn user_by_address(&self, address: &str) -> Option<&User> {
        let people = self
            .users
            .iter()
            .filter(|user| user.kind == UserKind::Person);
        let mut people = people.filter(|user| !user.address.is_empty());
        people.find(|user| {
            user.address.eq_ignore_ascii_case(address) || user.email.eq_ignore_ascii_case(address)
        })
    }

    /// The name that stands for a user in everybody's app.
    pub fn name_of(&self, id: &UserId) -> String {
        self.user(id.as_str())
            .map_or_else(|| id.to_string(), |user| user.name.clone())
    }

    pub fn conversation(&self, id: &str) -> Option<&Conversation> {
        self.conversations.get(&ConversationId::from(id))
    }

    pub fn next_ts(&mut self, now: Millis) -> Ts {
        self.last_ts = Ts::after(self.last_ts, now);
        self.last_ts
    }

    /// Where the message of this time is.
    pub fn place(&self, ts: Ts) -> Option<&Conversation> {
        self.conversations.get(self.places.get(&ts)?)
    }

    /// The direct conversation of exactly these people, when there is one.
    pub fn direct(&self, members: &[UserId]) -> Option<&Conversation> {
        self.conversations.values().find(|conversation| {
            conversation.kind.is_direct()
                && conversation.members.len() == members.len()
                && members.iter().all(|member| conversation.has(member))
        })
    }

    /// Opens the direct conversation of these people; the same people always get the same one.
    pub fn open_direct(&mut self, members: Vec<UserId>, now: Millis) -> ConversationId {
        if let Some(open) = self.direct(&members) {
            return open.id.clone();
        }
        let kind = if members.len() > 2 {
            Kind::GroupDm
        } else {
            Kind::Dm
        };
        let handles = members.iter().filter_map(|id| self.user(id.as_str()));
        let handles: Vec<_> = handles.map(|user| user.handle.as_str()).collect();
        let name = format!("mpdm-{}-1", handles.join("--"));
        let name = if kind == Kind::GroupDm {
            name
        } else {
            String::new()
        };
        self.found(kind, name, members, now)
    }

    /// Makes a conversation; the first member is its creator.
    pub fn found(
        &mut self,
        kind: Kind,
        name: String,
        members: Vec<UserId>,
        now: Millis,
    ) -> ConversationId {
        let label = self.fresh("conversation");
        let id = self.seed.conversation(kind == Kind::Dm, &label);
        let creator = members
            .first()
            .cloned()
            .unwrap_or_else(|| self.app.bot_user.clone());
        let note = Note {
            value: String::new(),
            creator: String::new(),
            last_set: 0,
        };
        let conversation = Conversation {
            id: id.clone(),
            kind,
            name,
            creator,
            created: now / 1000,
            topic: note.clone(),
            purpose: note,
            archived: false,
            members,
            messages: BTreeMap::new(),
        };
        self.conversations.insert(id.clone(), conversation);
        id
    }

    /// Puts a message into a conversation and gives it its time. Tells nobody.
    pub fn insert(&mut self, place: &ConversationId, mut message: Message, now: Millis) -> Ts {
        let ts = self.next_ts(now);
        message.ts = ts;
        if let Some(conversation) = self.conversations.get_mut(place) {
            conversation.messages.insert(ts, message);
            self.places.insert(ts, place.clone());
        }
        ts
    }

    pub fn is_own_bot(&self, user: &UserId) -> bool {
        *user == self.app.bot_user
    }
}
