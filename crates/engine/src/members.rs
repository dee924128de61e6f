//! After a gap: who is in the app's own conversations now.

use std::{sync::Arc, time::Duration};

use causeway_model::{FailureKind, LegId, Speaker};
use causeway_store::LegRow;

use crate::{engine::Engine, ingest::Taken, ingest::members::checked, lane::Turn};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Engine {
    /// Looks at a leg's members before anything is said there, and lets its lane go on.
    pub(crate) async fn check_members(self: Arc<Self>, leg: LegId) {
        if !self.begin_checking(leg) {
            return;
        }
        let turns = self.look_at_members(leg).await;
        self.end_checking(leg);
        self.go_on(turns);
    }

    async fn look_at_members(self: &Arc<Self>, id: LegId) -> Vec<Turn> {
        let mut pause = FIRST_PAUSE;
        loop {
            let row = self.store().read(move |reader| reader.leg(id)).await;
            let members = match row {
                Ok(Some(leg)) => self.ask_for_members(&leg).await,
                Ok(None) => return Vec::new(),
                Err(_) => Asked::Later,
            };
            match members {
                Asked::Told(members) => {
                    return self
                        .insist("the members of a conversation", move |desk| {
                            let mut taken = Taken::default();
                            if let Some(leg) = desk.tx.leg(id)? {
                                checked(desk, &leg, &members, &mut taken)?;
                            }
                            Ok(taken)
                        })
                        .await;
                }
                Asked::Later => {
                    if self.pause(pause).await.is_err() {
                        return Vec::new();
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn ask_for_members(&self, leg: &LegRow) -> Asked {
        let (Some(connector), Some(conversation)) = (self.connector(leg.connection), &leg.external)
        else {
            return Asked::Later;
        };
        match connector.conversation(conversation, &Speaker::App).await {
            Ok(facts) => Asked::Told(facts.members),
            Err(failure) => match failure.kind {
                FailureKind::Throttled { .. }
                | FailureKind::NotSent
                | FailureKind::Unknown
                | FailureKind::NotAuthorised => Asked::Later,
                // The platform does not tell: the post itself will say what is wrong there.
                FailureKind::Forbidden
                | FailureKind::Gone
                | FailureKind::NotSupported
                | FailureKind::Rejected => {
                    tracing::warn!(failure.code, "who is in a conversation is not told");
                    Asked::Told(Vec::new())
                }
            },
        }
    }
}

enum Asked {
    Told(Vec<causeway_model::ExternalAccount>),
    Later,
}
