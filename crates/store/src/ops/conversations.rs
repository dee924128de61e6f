//! What is known of conversations that touch a paired person.

use causeway_model::{ConnectionId, ConversationFacts, ExternalConversation, Timestamp};
use rusqlite::{Row, params};

use crate::{KnownConversation, Reader, StoreError, Tx, sql};

const COLUMNS: &str = "external, facts, checked_at, last_seen_at";

impl Reader<'_> {
    pub fn known_conversation(
        &self,
        connection: ConnectionId,
        id: &ExternalConversation,
    ) -> Result<Option<KnownConversation>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM conversations WHERE connection = ?1 AND external = ?2");
        let params = params![connection.0, id.as_str()];
        sql::one(self.sql(), &query, params, conversation_row)
    }

    /// Kind and members as last read from the platform.
    pub fn conversation_facts(
        &self,
        connection: ConnectionId,
        id: &ExternalConversation,
    ) -> Result<Option<ConversationFacts>, StoreError> {
        let known = self.known_conversation(connection, id)?;
        Ok(known.and_then(|known| known.facts))
    }

    /// When the last event heard there happened.
    pub fn last_seen_at(
        &self,
        connection: ConnectionId,
        id: &ExternalConversation,
    ) -> Result<Option<Timestamp>, StoreError> {
        let known = self.known_conversation(connection, id)?;
        Ok(known.and_then(|known| known.last_seen_at))
    }

    pub fn known_conversations(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<KnownConversation>, StoreError> {
        let query =
            format!("SELECT {COLUMNS} FROM conversations WHERE connection = ?1 ORDER BY external");
        sql::all(self.sql(), &query, [connection.0], conversation_row)
    }
}

impl Tx<'_> {
    pub fn put_conversation_facts(
        &self,
        connection: ConnectionId,
        facts: &ConversationFacts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO conversations (connection, external, facts, checked_at)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (connection, external) DO UPDATE SET
                facts = excluded.facts, checked_at = excluded.checked_at",
            params![connection.0, facts.id.as_str(), sql::to_json(facts)?, now.0],
        )?;
        Ok(())
    }

    /// Something happened there at this time, by the platform's clock. An earlier time than the
    /// known one changes nothing.
    pub fn touch_conversation(
        &self,
        connection: ConnectionId,
        id: &ExternalConversation,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO conversations (connection, external, last_seen_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (connection, external) DO UPDATE SET last_seen_at = excluded.last_seen_at
             WHERE last_seen_at IS NULL OR last_seen_at < excluded.last_seen_at",
            params![connection.0, id.as_str(), at.0],
        )?;
        Ok(())
    }
}

fn conversation_row(row: &Row<'_>) -> rusqlite::Result<KnownConversation> {
    let facts: Option<String> = sql::get(row, "facts")?;
    let facts = facts
        .map(|text| serde_json::from_str(&text).map_err(|_| sql::unreadable()))
        .transpose()?;
    Ok(KnownConversation {
        id: ExternalConversation::new(sql::get::<String>(row, "external")?),
        facts,
        checked_at: sql::time_or_none(row, "checked_at")?,
        last_seen_at: sql::time_or_none(row, "last_seen_at")?,
    })
}
