//! Where sources put what they hear. Events are committed here, and only then acknowledged.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use causeway_connectors::{Connector, EventSink, NotTaken, Unreadable};
use causeway_model::{
    ConnectionId, ConversationFacts, ConversationKind, ExternalConversation, Failure, Happening,
    HealthState, Incoming, Speaker, Timestamp,
};

use causeway_store::StoreError;

use crate::{
    engine::Engine,
    ingest::{Arrival, Known, Taken, take_event},
};

/// The sink of one connection.
pub(crate) struct ConnectionSink {
    engine: Weak<Engine>,
    connection: ConnectionId,
}

impl ConnectionSink {
    pub(crate) fn new(engine: &Arc<Engine>, connection: ConnectionId) -> Self {
        Self {
            engine: Arc::downgrade(engine),
            connection,
        }
    }

    fn engine(&self) -> Result<Arc<Engine>, NotTaken> {
        self.engine
            .upgrade()
            .ok_or_else(|| NotTaken("the relay has stopped".to_owned()))
    }
}

#[async_trait]
impl EventSink for ConnectionSink {
    async fn take(
        &self,
        events: Vec<Incoming>,
        cursor: Option<(String, String)>,
    ) -> Result<(), NotTaken> {
        self.engine()?
            .take_live(self.connection, events, cursor)
            .await
    }

    async fn cursor(&self, name: &str) -> Option<String> {
        let engine = self.engine.upgrade()?;
        let (connection, name) = (self.connection, name.to_owned());
        engine
            .store()
            .read(move |reader| reader.cursor(connection, &name))
            .await
            .ok()
            .flatten()
    }

    async fn health(&self, state: HealthState, detail: Option<String>) {
        if let Some(engine) = self.engine.upgrade() {
            engine.report_health(self.connection, state, detail).await;
        }
    }

    async fn listening(&self) {
        if let Some(engine) = self.engine.upgrade() {
            engine.note_heard(self.connection);
            engine.begin_catch_up(self.connection, None).await;
        }
    }

    async fn missed(&self, since: Timestamp) {
        if let Some(engine) = self.engine.upgrade() {
            engine.note_heard(self.connection);
            engine.begin_catch_up(self.connection, Some(since)).await;
        }
    }

    async fn unreadable(&self, span: Unreadable) {
        if let Some(engine) = self.engine.upgrade() {
            engine.record_unreadable(self.connection, span).await;
        }
    }
}

impl Engine {
    /// Commits events as they happen, in this order, with what follows from them.
    async fn take_live(
        self: &Arc<Self>,
        connection: ConnectionId,
        events: Vec<Incoming>,
        cursor: Option<(String, String)>,
    ) -> Result<(), NotTaken> {
        let known = self.know_conversations(connection, &events).await;
        let engine = Arc::clone(self);
        // A source may be ended while it waits here. What the commit has begun is sent all the
        // same: nobody else would before the next start.
        let taking = self
            .tasks()
            .spawn(async move { engine.take_in_turn(connection, events, known, cursor).await });
        match taking.await {
            Ok(taken) => taken.map_err(|error| NotTaken(error.code().to_owned())),
            Err(_) => Err(NotTaken("not finished".to_owned())),
        }
    }

    async fn take_in_turn(
        self: &Arc<Self>,
        connection: ConnectionId,
        events: Vec<Incoming>,
        known: HashMap<ExternalConversation, Known>,
        cursor: Option<(String, String)>,
    ) -> Result<(), StoreError> {
        let mut arriving = Vec::with_capacity(events.len());
        for event in events {
            let arrival = self.arrival(connection, &event);
            tracing::debug!(event.key = event.key.0, event.arrival = ?arrival, "an event came in");
            arriving.push((event, arrival));
        }
        let behind: BTreeSet<_> = arriving
            .iter()
            .filter(|(_, arrival)| *arrival == Arrival::BehindGap)
            .map(|(event, _)| event.conversation.clone())
            .collect();
        let taken = self.take(connection, arriving, known, cursor).await;
        for conversation in behind {
            // Its gap may have been closed while this was being kept, and nobody would look again.
            if !self.is_behind_gap(connection, &conversation) {
                self.route_behind_gap(connection, conversation).await;
            }
        }
        taken
    }

    async fn take(
        self: &Arc<Self>,
        connection: ConnectionId,
        events: Vec<(Incoming, Arrival)>,
        known: HashMap<ExternalConversation, Known>,
        cursor: Option<(String, String)>,
    ) -> Result<(), StoreError> {
        let committed = self
            .commit(move |desk| {
                let mut taken = Taken::default();
                for (event, arrival) in &events {
                    let facts = known.get(&event.conversation).unwrap_or(&Known::NotYet);
                    take_event(desk, connection, event, facts, *arrival, &mut taken)?;
                }
                if let Some((name, value)) = &cursor {
                    desk.tx.set_cursor(connection, name, value)?;
                }
                Ok(taken)
            })
            .await;
        match committed {
            Ok(turns) => {
                self.go_on(turns);
                Ok(())
            }
            Err(error) => {
                tracing::error!(error.code = error.code(), "events could not be kept");
                Err(error)
            }
        }
    }

    /// Who is in the conversations of these events, as far as it takes to route them. Asked
    /// before the commit, so that other people's messages are never stored.
    async fn know_conversations(
        self: &Arc<Self>,
        connection: ConnectionId,
        events: &[Incoming],
    ) -> HashMap<ExternalConversation, Known> {
        let mut known = HashMap::new();
        for event in events {
            if is_said_to_app(&event.happened) || known.contains_key(&event.conversation) {
                continue;
            }
            let facts = self.know_conversation(connection, event).await;
            known.insert(event.conversation.clone(), facts);
        }
        known
    }

    pub(crate) async fn know_conversation(
        self: &Arc<Self>,
        connection: ConnectionId,
        event: &Incoming,
    ) -> Known {
        let id = &event.conversation;
        if let Some(facts) = self.remembered_facts(connection, id) {
            return Known::Facts(facts);
        }
        if let Some(facts) = told_by_event(event) {
            self.remember_facts(connection, &facts);
            return Known::Facts(facts);
        }
        if self.is_leg(connection, id).await {
            // Its members are known from when it became a leg; nothing needs to be asked.
            return Known::NotYet;
        }
        let world = self.world();
        let Some(live) = world.live(connection) else {
            return Known::NotYet;
        };
        let speaker = self.who_may_look(connection, event).await;
        match ask(live.connector.as_ref(), id, &speaker).await {
            Ok(facts) => {
                self.remember_facts(connection, &facts);
                Known::Facts(facts)
            }
            Err(_) => Known::NotYet,
        }
    }

    pub(crate) async fn who_may_look(&self, connection: ConnectionId, event: &Incoming) -> Speaker {
        let Some(account) = event.heard_by.clone() else {
            return Speaker::App;
        };
        let owner = format!("account:{account}");
        let held = self
            .store()
            .read(move |reader| reader.token(connection, &owner))
            .await;
        match held {
            Ok(Some(_)) => Speaker::Account(account),
            Ok(None) | Err(_) => Speaker::App,
        }
    }

    async fn is_leg(&self, connection: ConnectionId, id: &ExternalConversation) -> bool {
        let id = id.clone();
        let leg = self
            .store()
            .read(move |reader| reader.leg_by_conversation(connection, &id))
            .await;
        matches!(leg, Ok(Some(_)))
    }
}

/// Whether it matters whoever else is in the conversation where it happened: not for what is said
/// to the app, nor for news of members, which count only where the hub knows the conversation.
fn is_said_to_app(happened: &Happening) -> bool {
    match happened {
        Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => true,
        Happening::Posted { .. } | Happening::Edited { .. } | Happening::Deleted { .. } => false,
    }
}

pub(crate) async fn ask(
    connector: &dyn Connector,
    id: &ExternalConversation,
    speaker: &Speaker,
) -> Result<ConversationFacts, Failure> {
    let facts = connector.conversation(id, speaker).await;
    facts.inspect_err(|failure| {
        tracing::info!(
            failure.code = failure.code,
            "a conversation's members could not be asked for"
        );
    })
}

/// Many events say enough themselves: a direct conversation is between who wrote and who heard.
fn told_by_event(event: &Incoming) -> Option<ConversationFacts> {
    let kind = event.conversation_kind?;
    let members = match kind {
        ConversationKind::Direct => {
            let hearer = event
                .heard_by
                .clone()
                .filter(|hearer| *hearer != event.author.account)?;
            vec![hearer, event.author.account.clone()]
        }
        // The relay has nothing to do with these unless they are legs.
        ConversationKind::WithApp | ConversationKind::Group | ConversationKind::Channel => {
            Vec::new()
        }
    };
    Some(ConversationFacts {
        id: event.conversation.clone(),
        kind,
        members,
    })
}
