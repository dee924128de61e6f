//! A platform in memory: what people see and do there, and how it treats the hub.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use causeway_model::{
    Author, AuthorKind, Button, Capabilities, Clock, Content, ConversationKind, EventKey,
    ExternalAccount, ExternalConversation, ExternalMessage, FailureKind, Happening, Incoming,
    RelayId, Speaker, Timestamp,
};
use tokio::sync::Notify;

use super::{
    said::{Said, Stranger},
    time::{Seeded, WorldClock},
};

pub type Room = ExternalConversation;

/// How long a new message is missing in lists, unless a test says otherwise.
const LIST_LAG_MS: i64 = 300;
/// How much later than it happened an event is told at most, in milliseconds.
pub(super) const LATEST_MS: u64 = 2_500;

/// What the hub can ask of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    Post,
    Edit,
    Delete,
    Open,
    FindOpened,
    History,
    Conversation,
    Answer,
    SignIn,
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Done,
    /// It takes this long until it is done.
    Slow(u64),
    /// Done, but the answer is lost.
    DoneUnanswered,
    /// Done only after the hub has stopped waiting for the answer.
    DoneAfterwards(u64),
    /// Refused; nothing was done.
    Refused(FailureKind),
    /// Done, and the event about it comes this long before the answer.
    EchoFirst(u64),
}

/// A device code: until when it is good, and what was done with it.
#[derive(Debug, Clone)]
pub struct DeviceCodeUse {
    pub expires_at: Timestamp,
    pub used: Option<CodeUse>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeUse {
    SignedIn(ExternalAccount),
    Declined,
    /// Only an administrator could consent.
    Refused,
}

/// What goes wrong, with a certain probability in percent.
pub struct Chaos {
    /// Calls that fail or whose outcome is unknown.
    pub percent: u64,
    /// Events that are told only after later ones.
    pub late_percent: u64,
    pub chance: Arc<Seeded>,
}

pub struct Message {
    pub id: ExternalMessage,
    pub author: ExternalAccount,
    pub kind: AuthorKind,
    /// Whose name stands over it, when the app posted it for somebody.
    pub shown_as: Option<String>,
    pub content: Content,
    pub buttons: Vec<Button>,
    pub marker: Option<RelayId>,
    pub at: Timestamp,
    pub edits: u32,
    pub changed_at: Timestamp,
    pub deleted: bool,
}

pub struct Conversation {
    pub kind: ConversationKind,
    pub members: Vec<ExternalAccount>,
    pub opened_for: Option<RelayId>,
    pub messages: Vec<Message>,
    /// Who was let in, also when they have left.
    pub strangers: Vec<Stranger>,
}

impl Conversation {
    /// Somebody's conversation with the hub's app.
    pub fn with_app(account: &str) -> Self {
        Self {
            kind: ConversationKind::WithApp,
            members: vec![ExternalAccount::new(account)],
            opened_for: None,
            messages: Vec::new(),
            strangers: Vec::new(),
        }
    }
}

pub struct State {
    pub rooms: BTreeMap<Room, Conversation>,
    /// Accounts whose token the platform honours: the hub speaks and hears as them.
    pub authorised: BTreeSet<ExternalAccount>,
    /// What a source that only hears while it listens has to be told.
    pub told: VecDeque<Incoming>,
    /// What a source with a cursor reads.
    pub log: Vec<Incoming>,
    pub listening: bool,
    /// The source hears, and never says when it begins to.
    pub mute: bool,
    /// Tells a socket from those that it has replaced.
    pub sockets: u64,
    /// The stored settings do not fit: no connector can be made.
    pub unfit: bool,
    /// Where events go instead of to the hub, while the way there is cut.
    pub withheld: Option<Vec<Incoming>>,
    pub twice: bool,
    pub scripts: HashMap<Call, VecDeque<Fate>>,
    pub always: HashMap<Call, Fate>,
    pub chaos: Option<Chaos>,
    pub calls: HashMap<Call, u32>,
    pub answers: Vec<String>,
    /// Whether people can sign in here, by device code.
    pub signs_in: bool,
    /// Device codes, with what became of them.
    pub codes: BTreeMap<String, DeviceCodeUse>,
    /// Whether the app hears direct conversations that nobody has authorised it for.
    pub hears_all: bool,
    /// Keys of events that were acknowledged.
    pub acknowledged: BTreeSet<EventKey>,
    /// How long a new message is missing in lists.
    pub list_lag_ms: i64,
    /// Whether a token that is not good any more is taken out of the vault by whoever finds out.
    pub takes_tokens_back: bool,
    /// When the hub's present life began.
    pub life_began_at: Timestamp,
    /// Events on their way, with the time when they are told.
    pub overdue: Vec<(Timestamp, Incoming)>,
    /// Everything the hub has said or changed, in order.
    pub said: Vec<Said>,
    /// What happened here, line by line.
    pub trace: Vec<String>,
    pub(super) next: u64,
}

/// One connection's platform, for all the lives of the hub.
pub struct ModelPlatform {
    pub capabilities: &'static Capabilities,
    pub app: ExternalAccount,
    pub clock: Arc<WorldClock>,
    /// How long a call takes before and after it has its effect.
    pub latency_ms: u64,
    pub happened: Notify,
    state: Mutex<State>,
}

impl ModelPlatform {
    pub fn new(
        capabilities: &'static Capabilities,
        app: &str,
        latency_ms: u64,
        clock: &Arc<WorldClock>,
    ) -> Self {
        Self {
            capabilities,
            app: ExternalAccount::new(app),
            clock: Arc::clone(clock),
            latency_ms,
            happened: Notify::new(),
            state: Mutex::new(State {
                rooms: BTreeMap::new(),
                authorised: BTreeSet::new(),
                told: VecDeque::new(),
                log: Vec::new(),
                listening: false,
                mute: false,
                sockets: 0,
                unfit: false,
                withheld: None,
                twice: false,
                scripts: HashMap::new(),
                always: HashMap::new(),
                chaos: None,
                calls: HashMap::new(),
                answers: Vec::new(),
                signs_in: false,
                codes: BTreeMap::new(),
                hears_all: false,
                acknowledged: BTreeSet::new(),
                list_lag_ms: LIST_LAG_MS,
                takes_tokens_back: false,
                life_began_at: Timestamp(0),
                overdue: Vec::new(),
                said: Vec::new(),
                trace: Vec::new(),
                next: 0,
            }),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panicked")
    }

    /// What becomes of the next such calls, one by one; later ones are done.
    pub fn script(&self, call: Call, fates: impl IntoIterator<Item = Fate>) {
        let mut state = self.state();
        state.scripts.entry(call).or_default().extend(fates);
    }

    /// What becomes of all such calls that have no script of their own.
    pub fn always(&self, call: Call, fate: Fate) {
        self.state().always.insert(call, fate);
    }

    pub fn calls(&self, call: Call) -> u32 {
        self.state().calls.get(&call).copied().unwrap_or(0)
    }

    /// The direct conversation of two accounts.
    pub fn direct(&self, one: &str, other: &str) -> Room {
        let members = [ExternalAccount::new(one), ExternalAccount::new(other)];
        self.state().direct(&members)
    }

    /// Somebody writes in their own app.
    pub fn write(&self, room: &Room, author: &str, text: &str) -> ExternalMessage {
        let posted = NewMessage {
            author: ExternalAccount::new(author),
            kind: AuthorKind::Person,
            shown_as: None,
            content: Content::plain(text),
            buttons: Vec::new(),
            marker: None,
        };
        let (message, event) = self.put(room, posted);
        self.note(format!("{author} writes {message} in {room}: {text}"));
        self.tell(event);
        message
    }

    /// Writes down what happened.
    pub fn note(&self, what: String) {
        let line = format!("{} {} {what}", self.clock.now().0, self.app);
        self.state().trace.push(line);
    }

    pub fn edit(&self, room: &Room, message: &ExternalMessage, text: &str) {
        let event = self.change(room, message, Content::plain(text));
        self.note(format!("{message} is changed: {text}"));
        self.tell(event);
    }

    pub fn delete(&self, room: &Room, message: &ExternalMessage) {
        let event = self.remove(room, message);
        self.note(format!("{message} is deleted"));
        self.tell(event);
    }

    /// Somebody asks the app for a person.
    pub fn ask(&self, author: &str, text: &str, answer: Option<&str>) {
        let event = {
            let mut state = self.state();
            let number = state.number();
            Incoming {
                key: EventKey(format!("a:{number}")),
                contains: vec![],
                changed_at: None,
                conversation: app_room(author),
                conversation_kind: Some(ConversationKind::WithApp),
                heard_by: None,
                author: Author {
                    account: ExternalAccount::new(author),
                    kind: AuthorKind::Person,
                },
                at: self.clock.now(),
                happened: Happening::Asked {
                    text: text.to_owned(),
                    answer: answer.map(str::to_owned),
                },
            }
        };
        self.tell(Some(event));
    }

    /// Somebody presses the button whose value begins so, under the newest message of the app that
    /// has one; false where there is none.
    pub fn press(&self, author: &str, value: &str) -> bool {
        let event = {
            let mut state = self.state();
            let Some(button) = state.button(author, value) else {
                return false;
            };
            let number = state.number();
            Incoming {
                key: EventKey(format!("p:{number}")),
                contains: vec![],
                changed_at: None,
                conversation: app_room(author),
                conversation_kind: Some(ConversationKind::WithApp),
                heard_by: None,
                author: Author {
                    account: ExternalAccount::new(author),
                    kind: AuthorKind::Person,
                },
                at: self.clock.now(),
                happened: Happening::Pressed {
                    button,
                    answer: None,
                },
            }
        };
        self.tell(Some(event));
        true
    }

    /// Somebody lets others into a conversation.
    pub fn let_in(&self, room: &Room, accounts: &[&str]) {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|account| ExternalAccount::new(*account))
            .collect();
        let event = {
            let mut state = self.state();
            let number = state.number();
            let key = EventKey(format!("j:{room}:{number}"));
            let at = self.clock.now();
            let conversation = state.rooms.get_mut(room).expect("a room that exists");
            let author = conversation.members[0].clone();
            for account in &accounts {
                conversation.members.push(account.clone());
                conversation.strangers.push(Stranger {
                    account: account.clone(),
                    came_at: at,
                    key: key.clone(),
                });
            }
            let happened = Happening::Joined { accounts };
            state.event(room, key, author, AuthorKind::Person, at, happened)
        };
        self.note(format!("{room} is joined"));
        self.tell(event);
    }

    /// Somebody leaves a conversation.
    pub fn leave(&self, room: &Room, account: &str) {
        let account = ExternalAccount::new(account);
        let event = {
            let mut state = self.state();
            let number = state.number();
            let conversation = state.rooms.get_mut(room).expect("a room that exists");
            conversation.members.retain(|member| *member != account);
            let key = EventKey(format!("l:{room}:{number}"));
            let happened = Happening::Left {
                accounts: vec![account.clone()],
            };
            let at = self.clock.now();
            state.event(room, key, account, AuthorKind::Person, at, happened)
        };
        self.tell(event);
    }

    /// What the app has said to somebody.
    pub fn app_says(&self, account: &str) -> Vec<String> {
        self.texts(&app_room(account))
    }

    /// How many messages that ask for consent stand in somebody's conversation with the app.
    pub fn prompts(&self, account: &str) -> usize {
        let said = self.app_says(account);
        said.iter()
            .filter(|text| text.contains("You are asked once"))
            .count()
    }

    /// Uses the newest code, of another platform, that somebody can read here.
    pub fn newest_code(&self, account: &str, issuer: &Self) -> Option<String> {
        let said = self.app_says(account);
        let codes: Vec<_> = issuer.state().codes.keys().cloned().collect();
        said.iter().rev().find_map(|text| {
            codes
                .iter()
                .find(|code| text.contains(code.as_str()))
                .cloned()
        })
    }

    /// Somebody types a code here; false when it is not good any more.
    pub fn use_code(&self, code: &str, with: CodeUse) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(open) = state.codes.get_mut(code) else {
            return false;
        };
        if open.used.is_some() || open.expires_at <= now {
            return false;
        }
        open.used = Some(with.clone());
        if let CodeUse::SignedIn(account) = with {
            state.authorised.insert(account);
        }
        true
    }

    /// The conversations that hold this account, but for those between two people's own.
    pub fn rooms_of(&self, account: &str) -> Vec<Room> {
        let account = ExternalAccount::new(account);
        let state = self.state();
        let with = state
            .rooms
            .iter()
            .filter(|(_, room)| room.members.contains(&account));
        with.map(|(id, _)| id.clone()).collect()
    }

    /// What stands in a conversation: under whose name, and what.
    pub fn shown(&self, room: &Room) -> Vec<(String, String)> {
        let state = self.state();
        let Some(room) = state.rooms.get(room) else {
            return Vec::new();
        };
        let standing = room.messages.iter().filter(|message| !message.deleted);
        standing
            .map(|message| {
                let name = match &message.shown_as {
                    Some(name) => format!("app as {name}"),
                    None => message.author.to_string(),
                };
                (name, message.content.to_plain())
            })
            .collect()
    }

    /// What stands in a conversation, without the names.
    pub fn texts(&self, room: &Room) -> Vec<String> {
        self.shown(room).into_iter().map(|(_, text)| text).collect()
    }

    /// A fate for this call, by script, rule or chance.
    pub fn fate(&self, call: Call) -> Fate {
        self.clock.fuse.burn();
        let at = self.clock.now();
        let mut state = self.state();
        let fate = state.fate(call);
        let line = format!("{} {} {call:?} {fate:?}", at.0, self.app);
        state.trace.push(line);
        fate
    }

    /// Whether what was on its way when the hub ended arrives.
    pub fn arrives_all_the_same(&self) -> bool {
        let state = self.state();
        let chaos = state.chaos.as_ref();
        chaos.is_some_and(|chaos| chaos.chance.below(2) == 0)
    }

    pub fn may_speak(&self, speaker: &Speaker) -> bool {
        match speaker {
            Speaker::App => true,
            Speaker::Account(account) => self.state().authorised.contains(account),
        }
    }

    /// Hands an event to the source, if the source can ever hear it.
    pub fn tell(&self, event: Option<Incoming>) {
        let Some(event) = event else {
            return;
        };
        let mut state = self.state();
        if let Some(withheld) = &mut state.withheld {
            withheld.push(event);
            return;
        }
        if let Some(ms) = state.lateness(&event) {
            let at = self.clock.now().plus_ms(ms);
            state.overdue.push((at, event));
            drop(state);
            self.happened.notify_one();
            return;
        }
        drop(state);
        self.tell_now(event);
    }

    /// Tells what should have been told before, as far as it is time.
    pub fn tell_overdue(&self) {
        let now = self.clock.now();
        let due: Vec<_> = {
            let mut state = self.state();
            let (mut due, later): (Vec<_>, Vec<_>) =
                state.overdue.drain(..).partition(|(at, _)| *at <= now);
            state.overdue = later;
            due.sort_by_key(|(at, _)| *at);
            due
        };
        for (_, event) in due {
            self.tell_now(event);
        }
    }

    /// How long it is until something overdue is told.
    pub fn next_overdue_ms(&self) -> Option<u64> {
        let now = self.clock.now();
        let state = self.state();
        let next = state.overdue.iter().map(|(at, _)| *at).min()?;
        Some(u64::try_from(next.ms_since(now)).unwrap_or(0))
    }

    fn tell_now(&self, event: Incoming) {
        self.note(format!("tells {}", event.key.0));
        let mut state = self.state();
        if self.capabilities.source_catches_up {
            state.log.push(event);
        } else {
            // A message that nobody hears stands in the history, and who came in among the members;
            // what happens to a message is told late.
            if state.listening || is_told_late(&event.happened) {
                if state.twice {
                    state.told.push_back(event.clone());
                }
                state.told.push_back(event);
            }
        }
        drop(state);
        self.happened.notify_one();
    }

    /// Nobody listens any more: what was not acknowledged is told again where the platform can.
    pub fn cut(&self) {
        let mut state = self.state();
        state.listening = false;
        state.told.retain(|event| is_told_late(&event.happened));
    }

    pub fn put(&self, room: &Room, new: NewMessage) -> (ExternalMessage, Option<Incoming>) {
        let mut state = self.state();
        let number = state.number();
        let id = ExternalMessage::new(format!("{number}"));
        let at = self.clock.now();
        let conversation = state.rooms.get_mut(room).expect("a room that exists");
        conversation.messages.push(Message {
            id: id.clone(),
            author: new.author,
            kind: new.kind,
            shown_as: new.shown_as,
            content: new.content,
            buttons: new.buttons,
            marker: new.marker,
            at,
            edits: 0,
            changed_at: at,
            deleted: false,
        });
        let room_now = &state.rooms[room];
        let message = room_now.messages.last().expect("it was just put there");
        let event = state.posted(room, message);
        (id, event)
    }

    pub fn change(
        &self,
        room: &Room,
        message: &ExternalMessage,
        content: Content,
    ) -> Option<Incoming> {
        let at = self.clock.now();
        let mut state = self.state();
        let found = state.message(room, message)?;
        found.edits += 1;
        found.changed_at = at;
        found.content = content.clone();
        let (author, edits) = (found.author.clone(), found.edits);
        let kind = found.kind;
        let happened = Happening::Edited {
            message: message.clone(),
            content,
        };
        let key = EventKey(format!("e:{room}:{message}:{edits}"));
        state.event(room, key, author, kind, at, happened)
    }

    pub fn remove(&self, room: &Room, message: &ExternalMessage) -> Option<Incoming> {
        let at = self.clock.now();
        let mut state = self.state();
        let found = state.message(room, message)?;
        found.deleted = true;
        let (author, kind) = (found.author.clone(), found.kind);
        let happened = Happening::Deleted {
            message: message.clone(),
        };
        let key = EventKey(format!("d:{room}:{message}"));
        state.event(room, key, author, kind, at, happened)
    }
}

/// Somebody's conversation with the hub's app.
pub fn app_room(account: &str) -> Room {
    Room::new(format!("app:{account}"))
}

/// What is about to stand in a conversation.
pub struct NewMessage {
    pub author: ExternalAccount,
    pub kind: AuthorKind,
    pub shown_as: Option<String>,
    pub content: Content,
    pub buttons: Vec<Button>,
    pub marker: Option<RelayId>,
}

/// Whether a socket tells of it once it stands again.
fn is_told_late(happened: &Happening) -> bool {
    match happened {
        Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. } => true,
        Happening::Posted { .. } | Happening::Joined { .. } | Happening::Left { .. } => false,
    }
}
