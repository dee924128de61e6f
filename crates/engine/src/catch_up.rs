//! After a gap: what happened while a source did not hear.
//!
//! A source with a cursor of its own (a poll) reads it by itself. For the others, each leg's
//! history is read from the last event that was heard there, and direct conversations that began
//! in the gap are looked for.

use std::{sync::Arc, time::Duration};

use causeway_connectors::Connector;
use causeway_model::{
    ConnectionId, ConversationKind, ExternalConversation, FailureKind, LegKind, LegState, Speaker,
    Timestamp,
};
use causeway_store::{LegRow, StoreError};

use crate::engine::Engine;

/// How far the clocks of hub and platform may differ.
const CLOCK_SKEW_MS: i64 = 5 * 60_000;
const TRIES: u32 = 6;

/// A conversation to be read from a moment on.
struct Gap {
    conversation: ExternalConversation,
    speaker: Speaker,
    since: Timestamp,
}

impl Engine {
    /// Reads back, beside live events, what a source may have missed. Whatever was heard already
    /// is dropped by its key.
    pub(crate) fn catch_up(self: &Arc<Self>, connection: ConnectionId) {
        let world = self.world();
        let Some(live) = world.live(connection) else {
            return;
        };
        if live.connector.capabilities().source_catches_up {
            return;
        }
        let (engine, connector) = (Arc::clone(self), Arc::clone(&live.connector));
        self.tasks().spawn(async move {
            if let Err(error) = engine.read_gaps(connection, connector).await {
                tracing::error!(error.code = error.code(), "a gap could not be read back");
            }
        });
    }

    async fn read_gaps(
        self: &Arc<Self>,
        connection: ConnectionId,
        connector: Arc<dyn Connector>,
    ) -> Result<(), StoreError> {
        let silent_since = self.heard_until(connection).await?;
        let mut gaps = self.gaps_of_legs(connection).await?;
        for speaker in self.stand_ins_with_token(connection).await? {
            let found = connector.conversations(&speaker).await.unwrap_or_default();
            for facts in found {
                let new = !gaps.iter().any(|gap| gap.conversation == facts.id);
                if new && facts.kind == ConversationKind::Direct {
                    self.remember_facts(connection, &facts);
                    let speaker = speaker.clone();
                    let since = silent_since.plus_ms(-CLOCK_SKEW_MS);
                    gaps.push(Gap {
                        conversation: facts.id,
                        speaker,
                        since,
                    });
                }
            }
        }
        for gap in gaps {
            if self.is_stopping() {
                return Ok(());
            }
            self.read_gap(connection, connector.as_ref(), &gap).await;
        }
        Ok(())
    }

    async fn read_gap(
        self: &Arc<Self>,
        connection: ConnectionId,
        connector: &dyn Connector,
        gap: &Gap,
    ) {
        for attempt in 0..TRIES {
            match connector
                .history(&gap.conversation, &gap.speaker, gap.since)
                .await
            {
                Ok(events) => {
                    if self.take_events(connection, events, None).await.is_ok() {
                        return;
                    }
                }
                Err(failure) => {
                    tracing::info!(failure.code = failure.code, "history could not be read");
                    match failure.kind {
                        FailureKind::Throttled { .. }
                        | FailureKind::NotSent
                        | FailureKind::Unknown => {}
                        FailureKind::NotAuthorised
                        | FailureKind::Forbidden
                        | FailureKind::Gone
                        | FailureKind::NotSupported
                        | FailureKind::Rejected => return,
                    }
                }
            }
            if self.pause(Duration::from_secs(1 << attempt)).await.is_err() {
                return;
            }
        }
    }

    async fn gaps_of_legs(&self, connection: ConnectionId) -> Result<Vec<Gap>, StoreError> {
        self.store()
            .read(move |reader| {
                let mut gaps = Vec::new();
                for leg in reader.legs_of_connection(connection)? {
                    let Some(conversation) = leg.external.clone() else {
                        continue;
                    };
                    if leg.state == LegState::Closed {
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

/// Who can read a leg: in a native conversation only a stand-in whose token is held.
fn reading_speaker(leg: &LegRow) -> Speaker {
    match leg.kind {
        LegKind::Native => leg.speaker.clone(),
        LegKind::Group | LegKind::Private | LegKind::App => Speaker::App,
    }
}
