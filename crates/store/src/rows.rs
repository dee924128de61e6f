//! What the store takes and gives, beyond the model's own types.

use std::fmt;

use causeway_model::{
    Account, AccountId, AskedBecause, Connection, ConnectionId, ConversationFacts, Delivery,
    DeliveryId, DeliveryState, ExternalAccount, ExternalConversation, ExternalMessage, GuestState,
    LegId, LegKind, LegState, LinkId, MessageId, Mode, Operation, Pairing, PairingId, Person,
    PersonId, Platform, Reason, RelayId, Rung, SharedBy, SignInWay, Speaker, Spending, Timestamp,
};

#[derive(Debug, Clone, PartialEq)]
pub struct NewConnection {
    pub platform: Platform,
    pub name: String,
    /// What the platform's connector needs and is no secret.
    pub settings: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionRow {
    pub connection: Connection,
    pub settings: serde_json::Value,
    /// Since when the administrator wants nothing sent there.
    pub paused_since: Option<Timestamp>,
}

/// A token with what is needed to renew it. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRow {
    pub access: Option<String>,
    /// When the access token ends; never where absent.
    pub expires_at: Option<Timestamp>,
    pub refresh: Option<String>,
    /// When the refresh token ends unless it is used before; not known where absent.
    pub refresh_ends_at: Option<Timestamp>,
    /// Separated by spaces, as the platform writes them.
    pub scopes: String,
}

impl fmt::Debug for TokenRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRow")
            .field("access", &self.access.as_ref().map(|_| ".."))
            .field("expires_at", &self.expires_at)
            .field("refresh", &self.refresh.as_ref().map(|_| ".."))
            .field("refresh_ends_at", &self.refresh_ends_at)
            .field("scopes", &self.scopes)
            .finish()
    }
}

/// The sign-ins of people that end before a certain moment, unless they are used before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndingSignIns {
    /// Of how many sign-ins the end is known at all.
    pub known: u32,
    pub ending: u32,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    pub added: u32,
    pub changed: u32,
    pub unchanged: u32,
    /// Were active before and are not any more.
    pub deactivated: u32,
}

/// The administrator's ways to look at people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PeopleView {
    #[default]
    Any,
    Paired,
    Unpaired,
    /// Something of theirs does not go on without the administrator.
    NeedsAttention,
    /// Asked to let the hub act as their account, and not answered yet.
    WaitingForConsent,
}

/// Who is wanted on a page of people; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Part of a name or an e-mail address, in either case.
    pub search: Option<String>,
    pub view: PeopleView,
    /// Paired as someone who works there.
    pub primary: Option<Platform>,
    /// Represented there.
    pub secondary: Option<Platform>,
    /// Paired in this mode.
    pub mode: Option<Mode>,
}

/// How many fit a filter in each view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeopleCounts {
    pub any: u32,
    pub paired: u32,
    pub unpaired: u32,
    pub needs_attention: u32,
    pub waiting_for_consent: u32,
}

/// Where a page of people ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleCursor {
    pub name_folded: String,
    pub person: PersonId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeoplePage {
    pub rows: Vec<PersonRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<PeopleCursor>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub person: Person,
    pub accounts: Vec<Account>,
    /// The active ones.
    pub pairings: Vec<Pairing>,
    /// How many of their messages wait for a person to act.
    pub waiting: u32,
    /// How many of these, or of those whose outcome is uncertain, wait for the administrator.
    pub stuck: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPairing {
    pub person: PersonId,
    pub primary: AccountId,
    pub secondary_connection: ConnectionId,
    /// None exactly in mode App, or while a guest is not made yet.
    pub secondary: Option<AccountId>,
    pub mode: Mode,
    /// In mode Guest: how far the account has come.
    pub guest: Option<GuestState>,
    pub since: Timestamp,
}

/// How an account takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The person works there.
    Primary,
    /// It stands for them there.
    Secondary,
}

/// What an account is in the active pairings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub person: PersonId,
    pub account: AccountId,
    pub role: Role,
    /// One of them, where a primary account has several.
    pub pairing: Pairing,
}

/// `connection_a` is where person a works, `connection_b` where person b does; a is the person
/// with the lower id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    pub id: LinkId,
    pub person_a: PersonId,
    pub person_b: PersonId,
    pub connection_a: ConnectionId,
    pub connection_b: ConnectionId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLeg {
    /// None for a person's conversation with the app.
    pub link: Option<LinkId>,
    pub connection: ConnectionId,
    /// Who works on this connection.
    pub person: PersonId,
    pub kind: LegKind,
    pub state: LegState,
    /// None until it is opened.
    pub external: Option<ExternalConversation>,
    /// Who opens it and writes in it for the other.
    pub speaker: Speaker,
    /// The other's account here, where there is one.
    pub stand_in: Option<AccountId>,
    pub open_relay_id: Option<RelayId>,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegRow {
    pub id: LegId,
    pub link: Option<LinkId>,
    pub connection: ConnectionId,
    pub person: PersonId,
    pub kind: LegKind,
    pub state: LegState,
    pub external: Option<ExternalConversation>,
    pub speaker: Speaker,
    pub stand_in: Option<AccountId>,
    pub open_relay_id: Option<RelayId>,
    /// When the members of the app's own conversation were last known to be who they should be.
    pub members_at: Option<Timestamp>,
    /// Once it is closed: from when on nothing is carried.
    pub closed_at: Option<Timestamp>,
}

/// What is known of a conversation that touches a paired person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownConversation {
    pub id: ExternalConversation,
    pub facts: Option<ConversationFacts>,
    /// When the facts were last read from the platform.
    pub checked_at: Option<Timestamp>,
    /// When the last event heard there happened.
    pub last_seen_at: Option<Timestamp>,
}

/// Why an event waits in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboxWhy {
    /// What conversation it belongs to has to be asked first.
    Unresolved,
    /// It may be the echo of a delivery without an outcome, the other side's connection is out of
    /// use, or it came behind such an event.
    Held,
    /// What happened before it in the same conversation is still to be read back.
    BehindGap,
}

impl InboxWhy {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Held => "held",
            Self::BehindGap => "behind_gap",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Unresolved, Self::Held, Self::BehindGap]
            .into_iter()
            .find(|why| why.word() == word)
    }
}

/// An event that could not be routed at once. `Debug` does not show what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct InboxRow {
    pub id: i64,
    pub conversation: ExternalConversation,
    /// An `Incoming`, as JSON.
    pub payload: String,
    pub why: InboxWhy,
    pub received_at: Timestamp,
}

impl fmt::Debug for InboxRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxRow")
            .field("id", &self.id)
            .field("why", &self.why)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub id: MessageId,
    pub origin_leg: LegId,
    pub external: ExternalMessage,
    pub author_person: Option<PersonId>,
    pub author_account: ExternalAccount,
    pub at: Timestamp,
    /// When what it shows was last changed; none where it never was.
    pub changed_at: Option<Timestamp>,
}

/// How far apart a platform's calls of one kind are to follow each other, as it has taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitRow {
    pub connection: ConnectionId,
    pub spent_on: Spending,
    pub shared_by: SharedBy,
    /// In microseconds of the platform's clock.
    pub spacing_us: i64,
    pub at: Timestamp,
}

/// A span that nobody heard and nobody could read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRow {
    /// Chosen by the store; ignored where a gap is added.
    pub id: i64,
    pub connection: ConnectionId,
    /// None where the whole connection is meant.
    pub conversation: Option<ExternalConversation>,
    /// By the platform's clock.
    pub since: Timestamp,
    pub until: Timestamp,
    /// Why it could not be read: a failure's code.
    pub code: String,
    pub at: Timestamp,
}

/// One part of a message as it stands on one leg, and who posted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRow {
    pub message: MessageId,
    pub leg: LegId,
    pub part: u16,
    pub external: ExternalMessage,
    pub speaker: Speaker,
    pub rung: Rung,
    pub at: Timestamp,
}

/// `Debug` does not show the content.
#[derive(Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub leg: LegId,
    pub message: Option<MessageId>,
    pub operation: Operation,
    pub part: u16,
    pub relay_id: RelayId,
    pub source_at: Timestamp,
    pub received_at: Timestamp,
    pub due_at: Timestamp,
    /// What is to be said, as its writer encodes it; forgotten when the delivery settles.
    pub content: Option<String>,
    pub late: bool,
}

impl fmt::Debug for NewDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewDelivery")
            .field("leg", &self.leg)
            .field("message", &self.message)
            .field("operation", &self.operation)
            .field("part", &self.part)
            .field("source_at", &self.source_at)
            .field("due_at", &self.due_at)
            .finish_non_exhaustive()
    }
}

/// What is committed before a request leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Keyed digest of what is sent.
    pub digest: Vec<u8>,
    pub rung: Rung,
    pub speaker: Speaker,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    pub digest: Option<Vec<u8>>,
    pub speaker: Option<Speaker>,
    pub intent_at: Option<Timestamp>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// A settled state, or `Uncertain`.
    pub state: DeliveryState,
    pub reason: Option<Reason>,
    pub external: Option<ExternalMessage>,
    /// None leaves the rung that the attempt was made as.
    pub rung: Option<Rung>,
}

/// Somebody is asked for their consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrompt {
    pub account: AccountId,
    pub because: AskedBecause,
    /// The relay id of the prompt's delivery, and its name in links and buttons.
    pub subject: RelayId,
    pub delivery: DeliveryId,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptRow {
    pub id: i64,
    pub account: AccountId,
    pub because: AskedBecause,
    pub subject: RelayId,
    /// None once the ledger has forgotten it.
    pub delivery: Option<DeliveryId>,
    pub at: Timestamp,
}

/// A sign-in under way. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// Ignored when it is added.
    pub id: i64,
    pub account: AccountId,
    pub way: SignInWay,
    /// What the browser brings back, in the link form.
    pub state: Option<String>,
    /// The device code, once there is one, or the verifier.
    pub secret: Option<String>,
    pub interval_ms: i64,
    pub expires_at: Timestamp,
}

impl fmt::Debug for SignInRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInRow")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("way", &self.way)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Something an administrator should know of, until it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// Chosen by the store; ignored where a notice is put.
    pub id: i64,
    pub connection: ConnectionId,
    /// From a closed list of the engine's.
    pub code: String,
    /// Whom it is about, where it is about one person.
    pub person: Option<PersonId>,
    /// The platform's own code.
    pub detail: Option<String>,
    pub at: Timestamp,
}

/// Someone who was looked for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedRow {
    pub person: PersonId,
    /// Where they were looked for.
    pub connection: ConnectionId,
    pub times: u32,
    pub at: Timestamp,
}

/// Which lanes something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lanes {
    Leg(LegId),
    /// All legs of a link.
    Link(LinkId),
    /// All legs of the links that exist because of a pairing.
    Pairing(PairingId),
    /// All legs on a connection.
    Connection(ConnectionId),
}

/// Which deliveries are wanted; all conditions together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// One of the two people of the link.
    pub person: Option<PersonId>,
    /// Where it goes, or where it comes from.
    pub connection: Option<ConnectionId>,
    pub state: Option<DeliveryState>,
    pub reason: Option<Reason>,
    /// These and no others; all when empty.
    pub deliveries: Vec<DeliveryId>,
}

/// One side of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEnd {
    pub connection: ConnectionId,
    pub platform: Platform,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    pub delivery: Delivery,
    /// The people of the link; of an app leg, the one who is there.
    pub people: Vec<Person>,
    /// Where the message was written; none for the hub's own, and once the message is swept.
    pub from: Option<LedgerEnd>,
    pub to: LedgerEnd,
    /// The author's name, where the author is a known person.
    pub author: Option<String>,
    /// Where it goes; none while that is not opened.
    pub conversation: Option<ExternalConversation>,
}

/// How many deliveries are in each state. `delivered` counts for ever; the others count what the
/// ledger still holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub queued: u64,
    pub sending: u64,
    pub waiting: u64,
    pub uncertain: u64,
    pub dead: u64,
    pub cancelled: u64,
    pub delivered: u64,
}

/// How long things are kept, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Keys of events already seen: as long as a source might yield one again.
    pub seen_ms: i64,
    /// Which message became which: as long as edits and deletions are relayed.
    pub message_ms: i64,
    /// Settled deliveries, and gaps that could not be read.
    pub ledger_ms: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweptCounts {
    pub seen: u32,
    pub messages: u32,
    /// Settled deliveries.
    pub ledger: u32,
    pub gaps: u32,
}
