//! Taking a connection away while the others go on.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use causeway_model::ConnectionId;
use causeway_store::{Attached, StoreError};

use crate::engine::{Engine, EngineError};

impl Engine {
    /// Stops hearing a connection and removes it with everything that rests on it. What is being
    /// sent there ends by itself. What has ended is answered.
    ///
    /// # Errors
    /// When there is no such connection, or that cannot be stored; then it goes on as it was.
    pub async fn remove(
        self: &Arc<Self>,
        connection: ConnectionId,
    ) -> Result<Attached, EngineError> {
        let listened = self.sources().remove(&connection);
        if let Some(source) = &listened {
            source.stop.cancel();
        }
        let now = self.clock().now();
        let removed = self
            .store()
            .write(move |tx| {
                let attached = tx.attached(connection)?;
                tx.remove_connection(connection, now)?;
                Ok(attached)
            })
            .await;
        match removed {
            Ok(attached) => {
                self.forget_connection(connection);
                self.read_pauses().await?;
                Ok(attached)
            }
            Err(error) => {
                if listened.is_some() {
                    self.listen(connection).await?;
                }
                Err(StoreError::into(error))
            }
        }
    }

    fn forget_connection(&self, connection: ConnectionId) {
        self.gaps().remove(&connection);
        self.change_world(|world| {
            let mut connections = HashMap::clone(&world.connections);
            connections.remove(&connection);
            world.connections = Arc::new(connections);
            world
                .heard_since
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&connection);
        });
    }
}
