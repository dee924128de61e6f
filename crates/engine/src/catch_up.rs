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

use causeway_connectors::Connector;
use causeway_model::{
    ConnectionId, ConversationKind, ExternalConversation, FailureKind, Incoming, LegKind, LegState,
    Speaker, Timestamp,
};
use causeway_store::{LegRow, StoreError};

use crate::{
    engine::Engine,
    ingest::{Arrival, Known, Release, Taken, route_kept, take_read_back},
};

/// How far the clocks of hub and platform may differ.
const CLOCK_SKEW_MS: i64 = 5 * 60_000;
const TRIES: u32 = 6;

/// A conversation to be read from a moment on.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    conversation: ExternalConversation,
    speaker: Speaker,
    since: Timestamp,
}

/// What is still to be read back of one connection.
pub(crate) struct Gaps {
    /// In the order in which they are read.
    unread: VecDeque<Gap>,
    /// Their conversations, and the one that is being read.
    waiting: HashSet<ExternalConversation>,
    /// Conversations that began in the gap may still be unknown.
    discovering: bool,
    silent_since: Timestamp,
    /// Tells a catch-up from the one of an earlier gap.
    generation: u64,
}

impl Gaps {
    fn add(&mut self, gap: Gap) {
        if self.waiting.insert(gap.conversation.clone()) {
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
                };
                gaps.add(gap);
                gaps.bring_forward(&event.conversation);
                Arrival::BehindGap
            }
            Some(_) | None => Arrival::InOrder,
        }
    }

    /// The source hears again: from here on, live events of conversations that are not read yet
    /// are kept, and the reading begins beside them.
    pub(crate) async fn begin_catch_up(self: &Arc<Self>, connection: ConnectionId) {
        let world = self.world();
        let Some(live) = world.live(connection) else {
            return;
        };
        if live.connector.capabilities().source_catches_up {
            return;
        }
        match self.find_gaps(connection).await {
            Ok(generation) => {
                let (engine, connector) = (Arc::clone(self), Arc::clone(&live.connector));
                self.tasks().spawn(async move {
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

    async fn find_gaps(&self, connection: ConnectionId) -> Result<u64, StoreError> {
        let silent_since = self.heard_until(connection).await?.plus_ms(-CLOCK_SKEW_MS);
        let legs = self.gaps_of_legs(connection).await?;
        let mut all = self.gaps();
        // An unfinished catch-up of an earlier gap goes on in this one.
        let before = all.remove(&connection);
        let mut gaps = Gaps {
            unread: VecDeque::new(),
            waiting: HashSet::new(),
            discovering: true,
            silent_since: before
                .as_ref()
                .map_or(silent_since, |gaps| gaps.silent_since),
            generation: before.as_ref().map_or(0, |gaps| gaps.generation + 1),
        };
        let unfinished = before.into_iter().flat_map(|gaps| gaps.unread);
        unfinished.chain(legs).for_each(|gap| gaps.add(gap));
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
        for speaker in self
            .stand_ins_with_token(connection)
            .await
            .unwrap_or_default()
        {
            let found = connector.conversations(&speaker).await.unwrap_or_default();
            for facts in found {
                if facts.kind != ConversationKind::Direct {
                    continue;
                }
                self.remember_facts(connection, &facts);
                if let Some(gaps) = self.gaps().get_mut(&connection) {
                    let since = gaps.silent_since;
                    gaps.add(Gap {
                        conversation: facts.id,
                        speaker: speaker.clone(),
                        since,
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
            let read_back = self.read_gap(connector, &gap).await;
            if self.is_stopping() {
                // It is still open: the next start reads it.
                return;
            }
            self.close_gap(connection, gap.conversation, read_back)
                .await;
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
        conversation: ExternalConversation,
        read_back: Vec<Incoming>,
    ) {
        let known = match read_back.first() {
            Some(event) => self.know_conversation(connection, event).await,
            None => match self.remembered_facts(connection, &conversation) {
                Some(facts) => Known::Facts(facts),
                None => Known::NotYet,
            },
        };
        tracing::debug!(gap.events = read_back.len(), gap.conversation = %conversation, "a gap was read back");
        let closed = conversation.clone();
        let turns = self
            .insist("what was read back", move |desk| {
                let mut taken = Taken::default();
                take_read_back(desk, connection, &closed, &read_back, &known, &mut taken)?;
                Ok(taken)
            })
            .await;
        self.go_on(turns);
        if let Some(gaps) = self.gaps().get_mut(&connection) {
            gaps.waiting.remove(&conversation);
        }
        // What came between the two lines above was kept once more.
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

    /// What happened in the gap; nothing where it cannot be read.
    async fn read_gap(&self, connector: &dyn Connector, gap: &Gap) -> Vec<Incoming> {
        for attempt in 0..TRIES {
            match connector
                .history(&gap.conversation, &gap.speaker, gap.since)
                .await
            {
                Ok(events) => return events,
                Err(failure) if passes(failure.kind) => {
                    tracing::info!(failure.code = failure.code, "history is read again later");
                }
                Err(failure) => {
                    tracing::warn!(failure.code = failure.code, "history cannot be read");
                    break;
                }
            }
            if self.pause(Duration::from_secs(1 << attempt)).await.is_err() {
                break;
            }
        }
        Vec::new()
    }

    async fn gaps_of_legs(&self, connection: ConnectionId) -> Result<Vec<Gap>, StoreError> {
        self.store()
            .read(move |reader| {
                let mut gaps = Vec::new();
                for leg in reader.legs_of_connection(connection)? {
                    let Some(conversation) = leg.external.clone() else {
                        continue;
                    };
                    if leg.state == LegState::Closed || leg.link.is_none() {
                        continue;
                    }
                    let since = reader.last_seen_at(connection, &conversation)?;
                    let speaker = reading_speaker(&leg);
                    gaps.push(Gap {
                        conversation,
                        speaker,
                        since: since.unwrap_or_default(),
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
