//! After a crash or a stop: what was being sent, and what could not be routed.

use std::{sync::Arc, time::Duration};

use causeway_model::{
    ConnectionId, ConversationFacts, ConversationKind, Delivery, DeliveryState,
    ExternalConversation, FailureKind, Incoming, Reason, Speaker,
};
use causeway_store::StoreError;

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::{Known, Release, Taken, route_kept, rungs::touch_side},
    lane::{Turn, settle},
    outcome::release_held,
    prepare::{Rebuilt, rebuild},
    sink::ask,
};

const LONGEST_PAUSE: Duration = Duration::from_secs(120);

impl Engine {
    /// A delivery that was being sent when the hub ended: first find out, then go on.
    pub(crate) async fn recover(self: Arc<Self>, delivery: Delivery) {
        let Some(rebuilt) = self.look_into(&delivery).await else {
            return;
        };
        let turns = match rebuilt {
            Rebuilt::Work(work) => self.find_out(*work).await,
            Rebuilt::Settled(state, reason) => self.close(delivery, state, reason).await,
            Rebuilt::Again => self.begin_again(delivery).await,
            Rebuilt::NotNow | Rebuilt::Undecidable => {
                let reason = Some(Reason::UnknownOutcome);
                self.close(delivery, DeliveryState::Uncertain, reason).await
            }
        };
        self.go_on(turns);
    }

    /// None when the engine stops first.
    async fn look_into(&self, delivery: &Delivery) -> Option<Rebuilt> {
        let mut pause = Duration::from_millis(500);
        loop {
            let (world, again) = (self.world(), delivery.clone());
            let rebuilt = self
                .store()
                .write(move |tx| rebuild(&Desk::new(tx, &world), &again))
                .await;
            match rebuilt {
                Ok(Rebuilt::NotNow) => {}
                Ok(rebuilt) => return Some(rebuilt),
                Err(error) => {
                    tracing::error!(
                        error.code = error.code(),
                        "a delivery could not be looked into yet"
                    );
                }
            }
            self.pause(pause).await.ok()?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn begin_again(self: &Arc<Self>, delivery: Delivery) -> Vec<Turn> {
        self.insist("a delivery put back", move |desk| {
            let mut taken = Taken::default();
            desk.tx.postpone(delivery.id, delivery.due_at, None)?;
            taken.lane(delivery.leg);
            Ok(taken)
        })
        .await
    }

    async fn close(
        self: &Arc<Self>,
        delivery: Delivery,
        state: DeliveryState,
        reason: Option<Reason>,
    ) -> Vec<Turn> {
        self.insist("an open delivery", move |desk| {
            let mut taken = Taken::default();
            settle(desk, &delivery, state, reason)?;
            if let Some(leg) = desk.tx.leg(delivery.leg)? {
                release_held(desk, &leg, &mut taken)?;
                touch_side(desk, &leg, &mut taken)?;
            }
            taken.lane(delivery.leg);
            Ok(taken)
        })
        .await
    }

    /// Routes what waited for a connection that could not be used.
    pub(crate) fn route_held(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        self.tasks().spawn(async move {
            for connection in engine.world().in_order() {
                if let Err(error) = engine.route_held_of(connection).await {
                    tracing::warn!(error.code = error.code(), "held events were not routed");
                }
            }
        });
    }

    async fn route_held_of(self: &Arc<Self>, connection: ConnectionId) -> Result<(), StoreError> {
        let held = self
            .store()
            .read(move |reader| reader.held_conversations(connection))
            .await?;
        for conversation in held {
            let known = Known::NotYet;
            let turns = self
                .commit(move |desk| {
                    let mut taken = Taken::default();
                    let up_to = Release::UpToGap;
                    route_kept(desk, connection, &conversation, &known, up_to, &mut taken)?;
                    Ok(taken)
                })
                .await?;
            self.go_on(turns);
        }
        Ok(())
    }

    /// Asks, until it is told, who is in the conversations whose events are kept for that.
    pub(crate) fn route_unresolved(self: &Arc<Self>, connection: ConnectionId) {
        if !self.begin_resolving(connection) {
            return;
        }
        let engine = Arc::clone(self);
        self.tasks().spawn(async move {
            let mut pause = Duration::from_millis(500);
            loop {
                match engine.resolve_round(connection).await {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(error.code = error.code(), "kept events were not routed");
                    }
                }
                if engine.pause(pause).await.is_err() {
                    break;
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            engine.end_resolving(connection);
            // Something may have been kept after the last look and before the line above.
            if !engine.is_stopping() && engine.has_unresolved(connection).await {
                engine.route_unresolved(connection);
            }
        });
    }

    async fn has_unresolved(&self, connection: ConnectionId) -> bool {
        let open = self
            .store()
            .read(move |reader| reader.unresolved_conversations(connection))
            .await;
        open.is_ok_and(|open| !open.is_empty())
    }

    /// True when nothing is left to ask for.
    async fn resolve_round(self: &Arc<Self>, connection: ConnectionId) -> Result<bool, StoreError> {
        let open = self
            .store()
            .read(move |reader| reader.unresolved_conversations(connection))
            .await?;
        let mut left = false;
        for conversation in open {
            left |= !self.resolve(connection, conversation).await?;
        }
        Ok(!left)
    }

    async fn resolve(
        self: &Arc<Self>,
        connection: ConnectionId,
        conversation: ExternalConversation,
    ) -> Result<bool, StoreError> {
        let Some(connector) = self.connector(connection) else {
            return Ok(false);
        };
        let asked = conversation.clone();
        let rows = self
            .store()
            .read(move |reader| reader.inbox_of_conversation(connection, &asked))
            .await?;
        let first = rows
            .first()
            .and_then(|row| serde_json::from_str::<Incoming>(&row.payload).ok());
        let speaker = match first {
            Some(event) => self.who_may_look(connection, &event).await,
            None => Speaker::App,
        };
        let known = match ask(connector.as_ref(), &conversation, &speaker).await {
            Ok(facts) => {
                self.remember_facts(connection, &facts);
                Known::Facts(facts)
            }
            // It is not there any more: nobody will ever be able to tell.
            Err(failure) if failure.kind == FailureKind::Gone => Known::Facts(ConversationFacts {
                id: conversation.clone(),
                kind: ConversationKind::Group,
                members: Vec::new(),
            }),
            Err(_) => return Ok(false),
        };
        let turns = self
            .commit(move |desk| {
                let mut taken = Taken::default();
                route_kept(
                    desk,
                    connection,
                    &conversation,
                    &known,
                    Release::UpToGap,
                    &mut taken,
                )?;
                Ok(taken)
            })
            .await?;
        self.go_on(turns);
        Ok(true)
    }
}
