//! After a crash or a stop: what was being sent, and what could not be routed.

use std::{sync::Arc, time::Duration};

use causeway_model::{
    ConnectionId, Delivery, DeliveryState, ExternalConversation, Incoming, Speaker,
};
use causeway_store::StoreError;

use crate::{
    desk::Desk,
    engine::Engine,
    ingest::{Known, Release, Taken, route_kept},
    lane::rebuild,
    sink::ask,
};

const LONGEST_PAUSE: Duration = Duration::from_secs(120);

impl Engine {
    /// A delivery that was being sent when the hub ended: first find out, then go on.
    pub(crate) async fn recover(self: Arc<Self>, delivery: Delivery) {
        let world = self.world();
        let again = delivery.clone();
        let work = self
            .store()
            .write(move |tx| rebuild(&Desk::new(tx, &world), &again))
            .await;
        let turns = match work {
            Ok(Some(work)) => self.find_out(work).await,
            Ok(None) => self.undecidable(delivery).await,
            Err(error) => {
                tracing::error!(
                    error.code = error.code(),
                    "a delivery could not be looked into"
                );
                Vec::new()
            }
        };
        self.go_on(turns);
    }

    async fn undecidable(self: &Arc<Self>, delivery: Delivery) -> Vec<crate::lane::Turn> {
        self.insist("an open delivery", move |desk| {
            let mut taken = Taken::default();
            crate::lane::settle(
                desk,
                &delivery,
                DeliveryState::Uncertain,
                Some(causeway_model::Reason::UnknownOutcome),
            )?;
            taken.lane(delivery.leg);
            Ok(taken)
        })
        .await
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
        });
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
        let Some(facts) = ask(connector.as_ref(), &conversation, &speaker).await else {
            return Ok(false);
        };
        self.remember_facts(connection, &facts);
        let known = Known::Facts(facts);
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
