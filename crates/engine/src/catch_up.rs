//! After a gap: what happened while a source did not hear.
//!
//! A source with a cursor of its own (a poll) reads it by itself. For the others, each leg's
//! history is read from the last event that was heard there, and direct conversations that began
//! in the gap are looked for. Until a conversation has been read, what happens in it live is kept
//! behind what happened before; somebody writing there brings its turn forward.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use causeway_connectors::{Connector, Unreadable};
use causeway_model::{
    Author, AuthorKind, ConnectionId, ConversationFacts, ConversationKind, EventKey,
    ExternalConversation, ExternalMessage, FailureKind, Happening, Incoming, LegKind, LegState,
    Speaker, Timestamp,
};
use causeway_store::{GapRow, LegRow, MessageRow, StoreError};

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::{Arrival, Known, Release, Taken, concerns, route_kept, take_read_back},
    unknown::CLOCK_SKEW_MS,
};

/// How long before a gap a message may have been written whose edit in the gap is found.
const LOOK_BACK_MS: i64 = 24 * 3_600_000;
/// How many messages are looked for in what was read back of one conversation.
const LOOKED_FOR: u32 = 500;
/// How many that are not in it are asked for one by one.
const ASKED_FOR: u32 = 20;
/// How often the list of an account's conversations is asked for.
const TRIES: u32 = 6;
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A conversation to be read from a moment on.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    conversation: ExternalConversation,
    speaker: Speaker,
    since: Timestamp,
    /// How often it could not be read.
    tries: u32,
}

impl Gap {
    /// What was written before the gap may have been edited or deleted in it.
    fn read_from(&self) -> Timestamp {
        self.since.plus_ms(-LOOK_BACK_MS)
    }
}

/// What reading a gap gave.
enum ReadBack {
    Events(Vec<Incoming>),
    /// The platform is away; after this pause it may answer.
    Later(Duration),
    /// The hub may not, or cannot, read it; a failure's code says why.
    Never(String),
}

/// A gap that is about to be over.
struct Closing {
    conversation: ExternalConversation,
    read_back: Vec<Incoming>,
    /// What could not be read back.
    unread: Option<GapRow>,
}

/// What is still to be read back of one connection.
pub(crate) struct Gaps {
    /// In the order in which they are read.
    unread: VecDeque<Gap>,
    /// The one that is being read.
    reading: Option<Gap>,
    /// Their conversations, and the one that is being read.
    waiting: HashSet<ExternalConversation>,
    /// Conversations that began in the gap may still be unknown.
    discovering: bool,
    silent_since: Timestamp,
    /// Tells a catch-up from every other one, those of the connection before it was removed and came
    /// back included.
    generation: u64,
}

impl Gaps {
    fn add(&mut self, gap: Gap) {
        if self.waiting.insert(gap.conversation.clone()) {
            self.unread.push_back(gap);
        }
    }

    /// What could not be read yet comes after the others.
    fn put_back(&mut self) {
        if let Some(mut gap) = self.reading.take() {
            gap.tries += 1;
            self.unread.push_back(gap);
        }
    }

    fn bring_forward(&mut self, conversation: &ExternalConversation) {
        let position = self
            .unread
            .iter()
            .position(|gap| gap.conversation == *conversation);
        if let Some(gap) = position.and_then(|position| self.unread.remove(position)) {
            self.unread.push_front(gap);
        }
    }
}

impl Engine {
    /// How a live event stands to what is still to be read back.
    pub(crate) fn arrival(&self, connection: ConnectionId, event: &Incoming) -> Arrival {
        let mut all = self.gaps();
        let Some(gaps) = all.get_mut(&connection) else {
            return Arrival::InOrder;
        };
        if gaps.waiting.contains(&event.conversation) {
            gaps.bring_forward(&event.conversation);
            return Arrival::BehindGap;
        }
        let direct = event.conversation_kind == Some(ConversationKind::Direct);
        match &event.heard_by {
            Some(hearer) if gaps.discovering && direct => {
                let gap = Gap {
                    conversation: event.conversation.clone(),
                    speaker: Speaker::Account(hearer.clone()),
                    since: gaps.silent_since,
                    tries: 0,
                };
                gaps.add(gap);
                gaps.bring_forward(&event.conversation);
                Arrival::BehindGap
            }
            Some(_) | None => Arrival::InOrder,
        }
    }

    /// The source hears again: from here on, live events of conversations that are not read yet
    /// are kept, and the reading begins beside them. Where it was missed `between` what was heard
    /// since then, conversations are read from that moment on, whatever was heard in them later.
    pub(crate) async fn begin_catch_up(
        self: &Arc<Self>,
        connection: ConnectionId,
        between: Option<Timestamp>,
    ) {
        let world = self.world();
        let Some(live) = world.live(connection) else {
            return;
        };
        if live.connector.capabilities().source_catches_up {
            return;
        }
        match self.find_gaps(connection, between).await {
            Ok(generation) => {
                let (engine, connector) = (Arc::clone(self), Arc::clone(&live.connector));
                // What was written just before it heard again is not in the lists yet.
                let lag = live.connector.capabilities().read_back_after_ms;
                let lag = Duration::from_millis(u64::try_from(lag).unwrap_or(0));
                self.tasks().spawn(async move {
                    if engine.pause(lag).await.is_err() {
                        return;
                    }
                    engine
                        .discover(connection, connector.as_ref(), generation)
                        .await;
                    engine
                        .read_gaps(connection, connector.as_ref(), generation)
                        .await;
                });
            }
            Err(error) => {
                tracing::error!(error.code = error.code(), "what was missed is not known");
            }
        }
    }

    async fn find_gaps(
        &self,
        connection: ConnectionId,
        between: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        let not_after = |since: Timestamp| between.map_or(since, |between| since.min(between));
        let heard_until = self.heard_until(connection).await?;
        let silent_since = not_after(heard_until.plus_ms(-CLOCK_SKEW_MS));
        let legs = self.gaps_of_legs(connection, silent_since).await?;
        let mut all = self.gaps();
        // An unfinished catch-up of an earlier gap goes on in this one.
        let before = all.remove(&connection);
        let mut gaps = Gaps {
            unread: VecDeque::new(),
            reading: None,
            waiting: HashSet::new(),
            discovering: true,
            silent_since: before
                .as_ref()
                .map_or(silent_since, |gaps| gaps.silent_since.min(silent_since)),
            generation: self.next_catch_up(),
        };
        let unfinished = before
            .into_iter()
            .flat_map(|gaps| gaps.reading.into_iter().chain(gaps.unread));
        unfinished.chain(legs).for_each(|mut gap| {
            gap.since = not_after(gap.since);
            gaps.add(gap);
        });
        let generation = gaps.generation;
        all.insert(connection, gaps);
        Ok(generation)
    }

    /// Looks for direct conversations that began while nobody heard.
    async fn discover(
        self: &Arc<Self>,
        connection: ConnectionId,
        connector: &dyn Connector,
        generation: u64,
    ) {
        let speakers = self.stand_ins_with_token(connection).await;
        for speaker in speakers.unwrap_or_default() {
            let listed = match self.list(connection, connector, &speaker).await {
                Ok(listed) => listed,
                Err(code) => {
                    self.record_undiscovered(connection, code).await;
                    continue;
                }
            };
            for facts in listed {
                if let Some(gaps) = self.gaps().get_mut(&connection) {
                    let since = gaps.silent_since;
                    gaps.add(Gap {
                        conversation: facts.id,
                        speaker: speaker.clone(),
                        since,
                        tries: 0,
                    });
                }
            }
        }
        if let Some(gaps) = self.gaps().get_mut(&connection)
            && gaps.generation == generation
        {
            gaps.discovering = false;
        }
    }

    /// Conversations that began in the gap stay unknown.
    async fn record_undiscovered(&self, connection: ConnectionId, code: String) {
        let now = self.world().clock.now();
        let since = self
            .gaps()
            .get(&connection)
            .map_or(now, |gaps| gaps.silent_since);
        let span = Unreadable {
            conversation: None,
            since,
            code,
        };
        self.record_unreadable(connection, span).await;
    }

    /// Keeps for the administrator what cannot be read back.
    pub(crate) async fn record_unreadable(&self, connection: ConnectionId, span: Unreadable) {
        let now = self.world().clock.now();
        let Unreadable {
            conversation,
            since,
            code,
        } = span;
        let gap = unread(connection, conversation, since, now, code);
        if let Err(error) = self.store().write(move |tx| tx.add_gap(&gap)).await {
            tracing::warn!(error.code = error.code(), "a gap was not recorded");
        }
    }

    /// The direct conversations of an account that have to do with the relay, or the code of the
    /// failure that hides them.
    async fn list(
        &self,
        connection: ConnectionId,
        connector: &dyn Connector,
        speaker: &Speaker,
    ) -> Result<Vec<ConversationFacts>, String> {
        let mut attempt = 0;
        let mut found = loop {
            match connector.conversations(speaker).await {
                Ok(facts) => break facts,
                Err(failure) => {
                    tracing::warn!(
                        failure.code = failure.code,
                        "conversations that began in a gap cannot be looked for"
                    );
                    attempt += 1;
                    if !passes(failure.kind)
                        || attempt == TRIES
                        || self.pause(pause_after(attempt - 1)).await.is_err()
                    {
                        return Err(failure.code);
                    }
                }
            }
        };
        found.retain(|facts| facts.kind == ConversationKind::Direct);
        let world = self.world();
        let wanted = self
            .store()
            .write(move |tx| {
                let desk = Desk::new(tx, &world);
                let mut wanted = Vec::new();
                for facts in found {
                    if concerns(&desk, connection, &facts)? {
                        wanted.push(facts);
                    }
                }
                Ok(wanted)
            })
            .await
            .unwrap_or_default();
        for facts in &wanted {
            self.remember_facts(connection, facts);
        }
        Ok(wanted)
    }

    async fn read_gaps(
        self: &Arc<Self>,
        connection: ConnectionId,
        connector: &dyn Connector,
        generation: u64,
    ) {
        while let Some(gap) = self.next_gap(connection, generation) {
            if self.is_stopping() {
                return;
            }
            let read_back = read_gap(connector, &gap).await;
            if self.is_stopping() {
                // It is still open: the next start reads it.
                return;
            }
            let (events, unread) = match read_back {
                ReadBack::Events(mut events) => {
                    let gone = self.gone(connection, connector, &gap, &events).await;
                    events.retain(|event| event.at >= gap.since);
                    events.extend(gone);
                    (events, None)
                }
                ReadBack::Never(code) => {
                    let now = self.world().clock.now();
                    let conversation = Some(gap.conversation.clone());
                    let unread = unread(connection, conversation, gap.since, now, code);
                    (Vec::new(), Some(unread))
                }
                ReadBack::Later(pause) => {
                    self.read_later(connection, generation);
                    if self.pause(pause).await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            let closing = Closing {
                conversation: gap.conversation,
                read_back: events,
                unread,
            };
            self.close_gap(connection, generation, closing).await;
        }
    }

    /// Deletions of messages that were relayed: nothing in a history tells of them, but those that
    /// should stand in it and do not can be asked for. What cannot be asked for is left standing.
    async fn gone(
        &self,
        connection: ConnectionId,
        connector: &dyn Connector,
        gap: &Gap,
        listed: &[Incoming],
    ) -> Vec<Incoming> {
        let now = self.world().clock.now();
        let lag = connector.capabilities().read_back_after_ms;
        let (from, until) = (gap.read_from(), now.plus_ms(-lag));
        let conversation = gap.conversation.clone();
        let known = self
            .store()
            .read(move |reader| {
                let leg = reader.leg_by_conversation(connection, &conversation)?;
                match leg {
                    Some(leg) => reader.messages_within(leg.id, from, until, LOOKED_FOR),
                    None => Ok(Vec::new()),
                }
            })
            .await
            .unwrap_or_default();
        let listed: HashSet<_> = listed.iter().filter_map(standing_message).collect();
        let mut gone = Vec::new();
        let mut asked = 0;
        for row in known {
            if listed.contains(&row.external) || asked == ASKED_FOR || self.is_stopping() {
                continue;
            }
            asked += 1;
            let stands = connector.stands(&gap.conversation, &row.external, &gap.speaker);
            if stands.await == Ok(false) {
                gone.push(deletion(gap, row, now));
            }
        }
        gone
    }

    fn read_later(&self, connection: ConnectionId, generation: u64) {
        if let Some(gaps) = self.gaps().get_mut(&connection)
            && gaps.generation == generation
        {
            gaps.put_back();
        }
    }

    /// The next to be read; none when all is read, or when a newer gap has taken over.
    fn next_gap(&self, connection: ConnectionId, generation: u64) -> Option<Gap> {
        let mut all = self.gaps();
        let gaps = all.get_mut(&connection)?;
        if gaps.generation != generation {
            return None;
        }
        let next = gaps.unread.pop_front();
        gaps.reading.clone_from(&next);
        if next.is_none() {
            all.remove(&connection);
        }
        next
    }

    /// Routes what was read back, and what was kept behind it, in one piece: from then on events
    /// go their way as they come.
    async fn close_gap(
        self: &Arc<Self>,
        connection: ConnectionId,
        generation: u64,
        closing: Closing,
    ) {
        let Closing {
            conversation,
            read_back,
            unread,
        } = closing;
        if !self.is_catching_up(connection, generation) {
            // There has been another gap since: what is kept now is kept behind that one, which
            // is read from the same moment on.
            return;
        }
        let known = match read_back.first() {
            Some(event) => self.know_conversation(connection, event).await,
            None => match self.remembered_facts(connection, &conversation) {
                Some(facts) => Known::Facts(facts),
                None => Known::NotYet,
            },
        };
        tracing::debug!(gap.events = read_back.len(), gap.conversation = %conversation, "a gap was read back");
        let closed = conversation.clone();
        let engine = Arc::clone(self);
        let turns = self
            .insist("what was read back", move |desk| {
                let mut taken = Taken::default();
                if !engine.is_catching_up(connection, generation) {
                    return Ok(taken);
                }
                take_read_back(desk, connection, &closed, &read_back, &known, &mut taken)?;
                if let Some(gap) = &unread {
                    desk.tx.add_gap(gap)?;
                }
                Ok(taken)
            })
            .await;
        self.go_on(turns);
        match self.gaps().get_mut(&connection) {
            Some(gaps) if gaps.generation == generation => {
                gaps.waiting.remove(&conversation);
                gaps.reading = None;
            }
            Some(_) | None => return,
        }
        // What came between the two lines above was kept once more.
        self.route_behind_gap(connection, conversation).await;
    }

    /// Routes what was kept behind a gap that is closed.
    pub(crate) async fn route_behind_gap(
        self: &Arc<Self>,
        connection: ConnectionId,
        conversation: ExternalConversation,
    ) {
        let turns = self
            .insist("what was kept behind a gap", move |desk| {
                let mut taken = Taken::default();
                route_kept(
                    desk,
                    connection,
                    &conversation,
                    &Known::NotYet,
                    Release::Everything,
                    &mut taken,
                )?;
                Ok(taken)
            })
            .await;
        self.go_on(turns);
    }

    fn is_catching_up(&self, connection: ConnectionId, generation: u64) -> bool {
        let all = self.gaps();
        all.get(&connection)
            .is_some_and(|gaps| gaps.generation == generation)
    }

    /// Whether what happens in a conversation is kept behind a gap.
    pub(crate) fn is_behind_gap(
        &self,
        connection: ConnectionId,
        conversation: &ExternalConversation,
    ) -> bool {
        let all = self.gaps();
        all.get(&connection)
            .is_some_and(|gaps| gaps.waiting.contains(conversation))
    }

    /// A leg where nothing was ever heard is new: what stood there before it was one is not read.
    async fn gaps_of_legs(
        &self,
        connection: ConnectionId,
        silent_since: Timestamp,
    ) -> Result<Vec<Gap>, StoreError> {
        self.store()
            .read(move |reader| {
                let mut gaps = Vec::new();
                for leg in reader.legs_of_connection(connection)? {
                    let Some(conversation) = leg.external.clone() else {
                        continue;
                    };
                    // What was written before somebody came in is still carried, and may not be
                    // read yet.
                    let is_over = leg.state == LegState::Closed
                        && leg.closed_at.is_none_or(|closed| closed < silent_since);
                    if is_over || leg.link.is_none() {
                        continue;
                    }
                    let since = reader.last_seen_at(connection, &conversation)?;
                    let speaker = reading_speaker(&leg);
                    gaps.push(Gap {
                        conversation,
                        speaker,
                        since: since.unwrap_or(silent_since),
                        tries: 0,
                    });
                }
                for conversation in reader.conversations_behind_gap(connection)? {
                    let rows = reader.inbox_of_conversation(connection, &conversation)?;
                    let Some(row) = rows.first() else {
                        continue;
                    };
                    let event: Incoming = serde_json::from_str(&row.payload)?;
                    let speaker = event.heard_by.map_or(Speaker::App, Speaker::Account);
                    let since = row.received_at.plus_ms(-CLOCK_SKEW_MS);
                    gaps.push(Gap {
                        conversation,
                        speaker,
                        since,
                        tries: 0,
                    });
                }
                Ok(gaps)
            })
            .await
    }

    async fn stand_ins_with_token(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<Speaker>, StoreError> {
        self.store()
            .read(move |reader| {
                let mut speakers = Vec::new();
                for pairing in reader.active_pairings()? {
                    if pairing.secondary_connection != connection {
                        continue;
                    }
                    let Some(secondary) = pairing.secondary else {
                        continue;
                    };
                    let Some(account) = reader.account(secondary)? else {
                        continue;
                    };
                    let owner = format!("account:{}", account.external);
                    if reader.token(connection, &owner)?.is_some() {
                        speakers.push(Speaker::Account(account.external));
                    }
                }
                Ok(speakers)
            })
            .await
    }
}

/// What stays unknown, to be recorded.
fn unread(
    connection: ConnectionId,
    conversation: Option<ExternalConversation>,
    since: Timestamp,
    now: Timestamp,
    code: String,
) -> GapRow {
    GapRow {
        id: 0,
        connection,
        conversation,
        since,
        until: now,
        code,
        at: now,
    }
}

async fn read_gap(connector: &dyn Connector, gap: &Gap) -> ReadBack {
    let history = connector.history(&gap.conversation, &gap.speaker, gap.read_from());
    match history.await {
        Ok(events) => ReadBack::Events(events),
        Err(failure) if passes(failure.kind) => {
            tracing::info!(failure.code = failure.code, "history is read again later");
            let own = pause_after(gap.tries);
            let FailureKind::Throttled {
                after_ms: Some(asked),
            } = failure.kind
            else {
                return ReadBack::Later(own);
            };
            ReadBack::Later(own.max(Duration::from_millis(asked)))
        }
        Err(failure) => {
            tracing::warn!(failure.code = failure.code, "history cannot be read");
            ReadBack::Never(failure.code)
        }
    }
}

/// The message that an event shows as being there.
fn standing_message(event: &Incoming) -> Option<&ExternalMessage> {
    match &event.happened {
        Happening::Posted { message, .. } | Happening::Edited { message, .. } => Some(message),
        Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => None,
    }
}

fn deletion(gap: &Gap, row: MessageRow, now: Timestamp) -> Incoming {
    let conversation = &gap.conversation;
    Incoming {
        key: EventKey(format!("d:{conversation}:{}", row.external)),
        contains: Vec::new(),
        changed_at: None,
        conversation: conversation.clone(),
        conversation_kind: None,
        heard_by: match &gap.speaker {
            Speaker::Account(account) => Some(account.clone()),
            Speaker::App => None,
        },
        author: Author {
            account: row.author_account,
            kind: AuthorKind::Person,
        },
        at: now,
        happened: Happening::Deleted {
            message: row.external,
        },
    }
}

fn pause_after(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.min(5)).min(LONGEST_PAUSE)
}

fn passes(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => true,
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => false,
    }
}

/// Who can read a leg: in a native conversation only a stand-in whose token is held.
fn reading_speaker(leg: &LegRow) -> Speaker {
    match leg.kind {
        LegKind::Native => leg.speaker.clone(),
        LegKind::Group | LegKind::Private | LegKind::App => Speaker::App,
    }
}
