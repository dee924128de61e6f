//! Preflight by itself: soon after connecting, once a day, and a canary in between.

use std::{sync::Arc, time::Duration};

use causeway_model::{ConnectionId, HealthState};
use causeway_store::ConnectionRow;

use crate::{
    Hub,
    api::HubError,
    cases::{canary, check, is_due},
};

/// After a start everything else goes first.
const FIRST: Duration = Duration::from_secs(2 * 60);
/// Between two looks whether reading and writing still are possible.
const CANARY: Duration = Duration::from_secs(60 * 60);
/// How long a connection that was just made gets to hear, before it is looked at.
const SETTLE: Duration = Duration::from_secs(5);

impl Hub {
    /// Looks at the connections now and then, until the hub is closed.
    pub(crate) fn check_regularly(&self) {
        let Ok(hub) = self.shared() else {
            return;
        };
        tokio::spawn(async move {
            let mut pause = FIRST;
            while hub.idle(pause).await {
                hub.look_at_all().await;
                pause = CANARY;
            }
        });
    }

    /// Checks a connection that has just been made, once it has had a moment to begin.
    pub(crate) fn check_soon(&self, id: ConnectionId) {
        let Ok(hub) = self.shared() else {
            return;
        };
        if !hub.relays {
            return;
        }
        tokio::spawn(async move {
            if hub.idle(SETTLE).await {
                let row = hub.read(move |reader| reader.connection(id)).await;
                if let Ok(Some(row)) = row {
                    told(check(&hub, row).await);
                }
            }
        });
    }

    async fn look_at_all(self: &Arc<Self>) {
        let Ok(rows) = self.read(|reader| reader.connections()).await else {
            return;
        };
        for row in rows.into_iter().filter(is_used) {
            let due = is_due(self, row.connection.id).await;
            match due {
                Ok(true) => told(check(self, row).await),
                Ok(false) => told(canary(self, row).await),
                Err(_) => {}
            }
        }
    }

    /// Waits; false where the hub is closed meanwhile.
    async fn idle(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            _ = self.stopping() => false,
        }
    }
}

/// Nobody expects anything of a connection that is paused.
fn is_used(row: &ConnectionRow) -> bool {
    row.connection.health.state != HealthState::Paused
}

fn told<T>(outcome: Result<T, HubError>) {
    if let Err(error) = outcome {
        tracing::warn!(error.code = error.code.word(), "a check was not finished");
    }
}
