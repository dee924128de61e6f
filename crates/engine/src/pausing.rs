//! Pauses: nothing is sent, while everything is still heard and kept.

use std::sync::{Arc, PoisonError};

use causeway_model::ConnectionId;
use causeway_store::StoreError;

use crate::{
    desk::World,
    engine::{Engine, EngineError},
};

/// What an administrator pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pausing {
    /// Nothing is sent anywhere.
    Relay,
    /// Nothing is sent to this connection; what is written there still goes elsewhere.
    Connection(ConnectionId),
}

impl World {
    /// Whether nothing may be sent to this connection.
    #[must_use]
    pub fn is_paused(&self, connection: ConnectionId) -> bool {
        let pauses = self.pauses.read().unwrap_or_else(PoisonError::into_inner);
        pauses.holds(connection)
    }

    /// Whether anything is paused at all.
    #[must_use]
    pub fn is_anything_paused(&self) -> bool {
        let pauses = self.pauses.read().unwrap_or_else(PoisonError::into_inner);
        pauses.is_any()
    }
}

impl Engine {
    /// Stops sending, from the moment that this returns; what is being sent ends. Pausing what is
    /// paused changes nothing.
    ///
    /// # Errors
    /// When it cannot be stored, or there is no such connection.
    pub async fn pause_sending(&self, what: Pausing) -> Result<(), EngineError> {
        let now = self.clock().now();
        self.store()
            .write(move |tx| {
                let pauses = tx.pauses()?;
                match what {
                    Pausing::Relay if pauses.relay.is_none() => tx.set_relay_paused(Some(now)),
                    Pausing::Connection(id) if !pauses.connections.contains_key(&id) => {
                        tx.set_connection_paused(id, Some(now))
                    }
                    Pausing::Relay | Pausing::Connection(_) => Ok(()),
                }
            })
            .await?;
        self.read_pauses().await?;
        Ok(())
    }

    /// Sends again what has waited, in its order.
    ///
    /// # Errors
    /// When it cannot be stored, or there is no such connection.
    pub async fn resume_sending(self: &Arc<Self>, what: Pausing) -> Result<(), EngineError> {
        let now = self.clock().now();
        self.store()
            .write(move |tx| match what {
                Pausing::Relay => {
                    tx.end_restored_pause(now)?;
                    tx.set_relay_paused(None)
                }
                Pausing::Connection(id) => tx.set_connection_paused(id, None),
            })
            .await?;
        self.read_pauses().await?;
        // An engine that was not started sends nothing; the next one that is finds what waits.
        if self.is_started() {
            let busy = self.store().read(|reader| reader.busy_lanes()).await?;
            let engine = Arc::clone(self);
            self.tasks().spawn(async move { engine.wake(busy).await });
        }
        Ok(())
    }

    /// Takes over what is stored.
    pub(crate) async fn read_pauses(&self) -> Result<(), StoreError> {
        let stored = self.store().read(|reader| {
            let restored = reader.restored()?;
            Ok((reader.pauses()?, restored))
        });
        let (pauses, restored) = stored.await?;
        let world = self.world();
        world.set_doubt(restored);
        *world.pauses.write().unwrap_or_else(PoisonError::into_inner) = pauses;
        Ok(())
    }
}
