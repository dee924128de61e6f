//! The connections' sources: begun, told what to hear, and begun anew.

use std::sync::Arc;

use causeway_connectors::Hearing;
use causeway_model::{Account, ConnectionId, HealthState};
use causeway_store::{Reader, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{Engine, EngineError},
    sink::ConnectionSink,
};

/// A connection's running source.
pub(crate) struct Source {
    pub(crate) stop: CancellationToken,
    pub(crate) hearing: watch::Sender<Hearing>,
}

impl Engine {
    /// Tells the sources whose conversations matter now.
    pub(crate) async fn tell_sources(&self) -> Result<(), StoreError> {
        let mut connections: Vec<_> = self.sources().keys().copied().collect();
        connections.sort_unstable();
        for connection in connections {
            let hearing = self.hearing(connection).await?;
            if let Some(source) = self.sources().get(&connection) {
                source.hearing.send_if_modified(|heard| {
                    let changed = *heard != hearing;
                    *heard = hearing;
                    changed
                });
            }
        }
        Ok(())
    }

    pub(crate) async fn listen(
        self: &Arc<Self>,
        connection: ConnectionId,
    ) -> Result<(), EngineError> {
        let Some(connector) = self.connector(connection) else {
            return Ok(());
        };
        let (hearing, heard) = watch::channel(self.hearing(connection).await?);
        let stop = self.stop_token().child_token();
        let source = Source {
            stop: stop.clone(),
            hearing,
        };
        if let Some(before) = self.sources().insert(connection, source) {
            before.stop.cancel();
        }
        self.report_health(connection, HealthState::Connecting, None)
            .await;
        let engine = Arc::clone(self);
        let line = self.line(connection);
        self.tasks().spawn(async move {
            // The source before may still be giving up what this one is about to take: the place on
            // the listener where the platform knocks.
            let _alone = line.lock().await;
            let sink = Arc::new(ConnectionSink::new(&engine, connection));
            if let Err(failure) = connector.listen(sink, heard, stop).await {
                tracing::error!(failure.code = failure.code, "a source has stopped");
                let detail = Some(failure.to_string());
                engine
                    .report_health(connection, HealthState::NeedsAuthorisation, detail)
                    .await;
            }
        });
        Ok(())
    }

    pub(crate) async fn hearing(&self, connection: ConnectionId) -> Result<Hearing, StoreError> {
        self.store()
            .read(move |reader| {
                let mut accounts = Vec::new();
                for pairing in reader.active_pairings()? {
                    if pairing.secondary_connection != connection {
                        continue;
                    }
                    if let Some(secondary) = pairing.secondary
                        && let Some(account) = reader.account(secondary)?
                        && account.active
                        && may_be_heard(reader, &account)?
                    {
                        accounts.push(account.external);
                    }
                }
                accounts.sort();
                Ok(Hearing { accounts })
            })
            .await
    }
}

/// Not the account of somebody who has said no.
fn may_be_heard(reader: &Reader<'_>, account: &Account) -> Result<bool, StoreError> {
    let consent = reader.consent(account.id)?;
    Ok(consent.is_none_or(|consent| consent.may_be_heard()))
}
