//! Events: which have been seen, and those that could not be routed at once.

use aws_lc_rs::digest::{SHA256, digest};
use causeway_model::{ConnectionId, EventKey, ExternalConversation, Timestamp};
use rusqlite::{Row, named_params, params};

use super::content::LEAD;
use crate::{InboxRow, InboxWhy, Reader, StoreError, Tx, sql};

impl Reader<'_> {
    pub fn is_seen(&self, connection: ConnectionId, key: &EventKey) -> Result<bool, StoreError> {
        sql::exists(
            self.sql(),
            "SELECT 1 FROM seen WHERE connection = ?1 AND key_hash = ?2",
            params![connection.0, key_hash(key)],
        )
    }

    /// In the order they came in.
    pub fn inbox_of_conversation(
        &self,
        connection: ConnectionId,
        conversation: &ExternalConversation,
    ) -> Result<Vec<InboxRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT id, conversation, payload, why, received_at FROM inbox
             WHERE connection = ?1 AND conversation = ?2 ORDER BY id",
            params![connection.0, conversation.as_str()],
            inbox_row,
        )
    }

    pub fn has_inbox(
        &self,
        connection: ConnectionId,
        conversation: &ExternalConversation,
    ) -> Result<bool, StoreError> {
        sql::exists(
            self.sql(),
            "SELECT 1 FROM inbox WHERE connection = ?1 AND conversation = ?2",
            params![connection.0, conversation.as_str()],
        )
    }

    /// Conversations with events that wait until it is known what the conversation is, the one
    /// that waits longest first.
    pub fn unresolved_conversations(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<ExternalConversation>, StoreError> {
        self.waiting_conversations(connection, InboxWhy::Unresolved)
    }

    /// Conversations with events that could not be routed yet though they are known.
    pub fn held_conversations(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<ExternalConversation>, StoreError> {
        self.waiting_conversations(connection, InboxWhy::Held)
    }

    /// Conversations with events that wait for what happened before them to be read back.
    pub fn conversations_behind_gap(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<ExternalConversation>, StoreError> {
        self.waiting_conversations(connection, InboxWhy::BehindGap)
    }

    fn waiting_conversations(
        &self,
        connection: ConnectionId,
        why: InboxWhy,
    ) -> Result<Vec<ExternalConversation>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT conversation FROM inbox WHERE connection = ?1 AND why = ?2
             GROUP BY conversation ORDER BY min(id)",
            params![connection.0, why.word()],
            |row| row.get::<_, String>(0).map(ExternalConversation::new),
        )
    }
}

impl Tx<'_> {
    /// Remembers an event by its key; false when it was known.
    pub fn note_seen(
        &self,
        connection: ConnectionId,
        key: &EventKey,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let noted = sql::execute(
            self.sql(),
            "INSERT INTO seen (connection, key_hash, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (connection, key_hash) DO NOTHING",
            params![connection.0, key_hash(key), at.0],
        )?;
        Ok(noted > 0)
    }

    /// Keeps an event for later. `payload` is an `Incoming` as JSON; the row's id is answered.
    pub fn put_inbox(
        &self,
        connection: ConnectionId,
        conversation: &ExternalConversation,
        payload: &str,
        why: InboxWhy,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        sql::insert(
            self.sql(),
            "INSERT INTO inbox (connection, conversation, why, received_at, lead, payload)
             VALUES (:connection, :conversation, :why, :now, zeroblob(:lead), :payload)",
            named_params! {
                ":connection": connection.0,
                ":conversation": conversation.as_str(),
                ":why": why.word(),
                ":now": now.0,
                ":lead": LEAD,
                ":payload": payload,
            },
        )
    }

    /// Forgets an event that has been routed, or for which there is nothing to do.
    pub fn take_inbox(&self, id: i64) -> Result<(), StoreError> {
        let taken = sql::execute(self.sql(), "DELETE FROM inbox WHERE id = ?1", [id])?;
        sql::must_change(taken, "inbox row")
    }
}

/// The first half of the key's SHA-256: a fixed few bytes a row, and no platform's ids in the open.
fn key_hash(key: &EventKey) -> [u8; 16] {
    let whole = digest(&SHA256, key.0.as_bytes());
    std::array::from_fn(|index| whole.as_ref()[index])
}

fn inbox_row(row: &Row<'_>) -> rusqlite::Result<InboxRow> {
    Ok(InboxRow {
        id: sql::get(row, "id")?,
        conversation: ExternalConversation::new(sql::get::<String>(row, "conversation")?),
        payload: sql::get(row, "payload")?,
        why: sql::word(row, "why", InboxWhy::from_word)?,
        received_at: sql::time(row, "received_at")?,
    })
}
