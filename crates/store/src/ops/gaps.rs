//! What nobody heard and nobody could read back.

use causeway_model::{ConnectionId, ExternalConversation};
use rusqlite::params;

use crate::{GapRow, Reader, StoreError, Tx, sql};

impl Reader<'_> {
    /// The newest first.
    pub fn unread_gaps(&self, limit: u32) -> Result<Vec<GapRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT id, connection, conversation, since, until, code, at FROM gaps
             ORDER BY at DESC, id DESC LIMIT ?1",
            [limit],
            |row| {
                let conversation: String = sql::get(row, "conversation")?;
                Ok(GapRow {
                    id: sql::get(row, "id")?,
                    connection: ConnectionId(sql::get(row, "connection")?),
                    conversation: (!conversation.is_empty())
                        .then(|| ExternalConversation::new(conversation)),
                    since: sql::time(row, "since")?,
                    until: sql::time(row, "until")?,
                    code: sql::get(row, "code")?,
                    at: sql::time(row, "at")?,
                })
            },
        )
    }
}

impl Tx<'_> {
    /// Records a gap. One of the same conversation and cause that it touches or overlaps grows
    /// instead, so that a source that fails for days is one gap.
    pub fn add_gap(&self, gap: &GapRow) -> Result<(), StoreError> {
        let conversation = gap
            .conversation
            .as_ref()
            .map_or("", ExternalConversation::as_str);
        let grown = sql::execute(
            self.sql(),
            "UPDATE gaps SET since = min(since, ?4), until = max(until, ?5), at = ?6
             WHERE connection = ?1 AND conversation = ?2 AND code = ?3
                AND until >= ?4 AND since <= ?5",
            params![
                gap.connection.0,
                conversation,
                gap.code,
                gap.since.0,
                gap.until.0,
                gap.at.0,
            ],
        )?;
        if grown > 0 {
            return Ok(());
        }
        sql::execute(
            self.sql(),
            "INSERT INTO gaps (connection, conversation, since, until, code, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                gap.connection.0,
                conversation,
                gap.since.0,
                gap.until.0,
                gap.code,
                gap.at.0,
            ],
        )?;
        Ok(())
    }
}
