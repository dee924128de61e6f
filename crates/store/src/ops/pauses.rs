//! What an administrator has paused, and since when. It is stored, so that a restart stays paused.

use std::collections::BTreeMap;

use causeway_model::{ConnectionId, Timestamp};
use rusqlite::params;

use crate::{Reader, StoreError, Tx, sql};

/// The name under which the pause of the whole relay is stored: since when, in milliseconds.
const RELAY: &str = "paused_since";

/// Since when nothing is sent: at all, or to some connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pauses {
    pub relay: Option<Timestamp>,
    pub connections: BTreeMap<ConnectionId, Timestamp>,
}

impl Pauses {
    /// Whether anything is paused at all.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.relay.is_some() || !self.connections.is_empty()
    }

    /// Whether nothing may be sent to this connection.
    #[must_use]
    pub fn holds(&self, connection: ConnectionId) -> bool {
        self.relay.is_some() || self.connections.contains_key(&connection)
    }
}

impl Reader<'_> {
    pub fn pauses(&self) -> Result<Pauses, StoreError> {
        let relay = self.meta_get(RELAY)?;
        let connections = sql::all(
            self.sql(),
            "SELECT id, paused FROM connections WHERE paused <> 0 AND removed_at IS NULL
             ORDER BY id",
            [],
            |row| {
                Ok((
                    ConnectionId(sql::get(row, "id")?),
                    sql::time(row, "paused")?,
                ))
            },
        )?;
        Ok(Pauses {
            relay: relay.and_then(|at| at.parse().ok()).map(Timestamp),
            connections: connections.into_iter().collect(),
        })
    }
}

impl Tx<'_> {
    /// Pauses the whole relay since then, or no longer.
    pub fn set_relay_paused(&self, since: Option<Timestamp>) -> Result<(), StoreError> {
        match since {
            Some(since) => self.meta_set(RELAY, &since.0.to_string()),
            None => self.meta_remove(RELAY),
        }
    }

    /// Pauses what is sent to a connection since then, or no longer.
    pub fn set_connection_paused(
        &self,
        id: ConnectionId,
        since: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE connections SET paused = ?2 WHERE id = ?1 AND removed_at IS NULL",
            params![id.0, since.map_or(0, |since| since.0)],
        )?;
        sql::must_change(changed, "connection")
    }
}
