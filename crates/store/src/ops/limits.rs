//! What platforms have taught about their limits by refusing.

use causeway_model::{ConnectionId, SharedBy, Spending};
use rusqlite::params;

use crate::{LimitRow, Reader, StoreError, Tx, sql};

impl Reader<'_> {
    /// In no order.
    pub fn learned_limits(&self) -> Result<Vec<LimitRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT connection, spent_on, shared_by, spacing_us, at FROM learned_limits",
            [],
            |row| {
                Ok(LimitRow {
                    connection: ConnectionId(sql::get(row, "connection")?),
                    spent_on: sql::word(row, "spent_on", Spending::from_word)?,
                    shared_by: sql::word(row, "shared_by", SharedBy::from_word)?,
                    spacing_us: sql::get(row, "spacing_us")?,
                    at: sql::time(row, "at")?,
                })
            },
        )
    }
}

impl Tx<'_> {
    /// Keeps what was learned in place of what was learned before of the same calls.
    pub fn put_learned_limit(&self, limit: &LimitRow) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO learned_limits (connection, spent_on, shared_by, spacing_us, at)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET spacing_us = excluded.spacing_us, at = excluded.at",
            params![
                limit.connection.0,
                limit.spent_on.word(),
                limit.shared_by.word(),
                limit.spacing_us,
                limit.at.0,
            ],
        )?;
        Ok(())
    }
}
