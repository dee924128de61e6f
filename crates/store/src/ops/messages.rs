//! Which message became which: the message as it was written, and its copies on other legs.

use causeway_model::{
    ExternalAccount, ExternalMessage, LegId, MessageId, PersonId, Rung, Timestamp,
};
use rusqlite::{Row, named_params, params};

use crate::{Conflict, CopyRow, MessageRow, Reader, StoreError, Tx, sql};

const MESSAGE_COLUMNS: &str =
    "id, origin_leg, external, author_person, author_account, at, changed_at";
const COPY_COLUMNS: &str = "message, leg, part, external, speaker, rung, at";

impl Reader<'_> {
    pub fn message(&self, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        let query = format!("SELECT {MESSAGE_COLUMNS} FROM messages WHERE id = ?1");
        sql::one(self.sql(), &query, [id.0], message_row)
    }

    pub fn message_by_origin(
        &self,
        leg: LegId,
        external: &ExternalMessage,
    ) -> Result<Option<MessageRow>, StoreError> {
        let query = format!(
            "SELECT {MESSAGE_COLUMNS} FROM messages WHERE origin_leg = ?1 AND external = ?2"
        );
        let params = params![leg.0, external.as_str()];
        sql::one(self.sql(), &query, params, message_row)
    }

    /// What was written on a leg within a span, both ends included, and still stands elsewhere; the
    /// newest first, at most `limit`.
    pub fn messages_within(
        &self,
        leg: LegId,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let query = format!(
            "SELECT {MESSAGE_COLUMNS} FROM messages AS m
             WHERE m.origin_leg = ?1 AND m.at BETWEEN ?2 AND ?3
                AND EXISTS (SELECT 1 FROM copies AS c WHERE c.message = m.id)
             ORDER BY m.at DESC LIMIT ?4"
        );
        let params = params![leg.0, from.0, until.0, limit];
        sql::all(self.sql(), &query, params, message_row)
    }

    /// By leg, then by part.
    pub fn copies(&self, message: MessageId) -> Result<Vec<CopyRow>, StoreError> {
        let query =
            format!("SELECT {COPY_COLUMNS} FROM copies WHERE message = ?1 ORDER BY leg, part");
        sql::all(self.sql(), &query, [message.0], copy_row)
    }

    pub fn copy_by_external(
        &self,
        leg: LegId,
        external: &ExternalMessage,
    ) -> Result<Option<CopyRow>, StoreError> {
        let query = format!("SELECT {COPY_COLUMNS} FROM copies WHERE leg = ?1 AND external = ?2");
        let params = params![leg.0, external.as_str()];
        sql::one(self.sql(), &query, params, copy_row)
    }
}

impl Tx<'_> {
    /// Remembers a message as it was written on a leg; one that is known keeps its id and author.
    pub fn add_message(
        &self,
        origin_leg: LegId,
        external: &ExternalMessage,
        author_person: Option<PersonId>,
        author_account: &ExternalAccount,
        at: Timestamp,
    ) -> Result<MessageId, StoreError> {
        let added = sql::execute(
            self.sql(),
            "INSERT INTO messages (origin_leg, external, author_person, author_account, at)
             VALUES (:leg, :external, :person, :account, :at)
             ON CONFLICT (origin_leg, external) DO NOTHING",
            named_params! {
                ":leg": origin_leg.0,
                ":external": external.as_str(),
                ":person": author_person.map(|person| person.0),
                ":account": author_account.as_str(),
                ":at": at.0,
            },
        )?;
        if added > 0 {
            return Ok(MessageId(self.sql().last_insert_rowid()));
        }
        let known = self.message_by_origin(origin_leg, external)?;
        known
            .map(|known| known.id)
            .ok_or(StoreError::NotFound("message"))
    }

    /// Remembers when what a message shows was last changed.
    pub fn set_message_changed(&self, id: MessageId, at: Timestamp) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "UPDATE messages SET changed_at = ?2 WHERE id = ?1",
            params![id.0, at.0],
        )?;
        Ok(())
    }

    /// Remembers a copy. One that is known for the same part gives way: it was sent anew.
    ///
    /// # Errors
    /// [`Conflict::CopyTaken`] when that message on the leg is a copy of another message or part.
    pub fn add_copy(&self, copy: &CopyRow) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO copies (message, leg, part, external, speaker, rung, at)
             VALUES (:message, :leg, :part, :external, :speaker, :rung, :at)
             ON CONFLICT (message, leg, part) DO UPDATE SET
                external = excluded.external, speaker = excluded.speaker,
                rung = excluded.rung, at = excluded.at",
            named_params! {
                ":message": copy.message.0,
                ":leg": copy.leg.0,
                ":part": copy.part,
                ":external": copy.external.as_str(),
                ":speaker": sql::to_json(&copy.speaker)?,
                ":rung": copy.rung.word(),
                ":at": copy.at.0,
            },
        )
        .map_err(|error| sql::unique(error, Conflict::CopyTaken))?;
        Ok(())
    }

    /// Forgets a copy that is deleted on its platform; false when it was not known.
    pub fn remove_copy(&self, leg: LegId, external: &ExternalMessage) -> Result<bool, StoreError> {
        let removed = sql::execute(
            self.sql(),
            "DELETE FROM copies WHERE leg = ?1 AND external = ?2",
            params![leg.0, external.as_str()],
        )?;
        Ok(removed > 0)
    }
}

fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: MessageId(sql::get(row, "id")?),
        origin_leg: LegId(sql::get(row, "origin_leg")?),
        external: ExternalMessage::new(sql::get::<String>(row, "external")?),
        author_person: sql::get::<Option<i64>>(row, "author_person")?.map(PersonId),
        author_account: ExternalAccount::new(sql::get::<String>(row, "author_account")?),
        at: sql::time(row, "at")?,
        changed_at: sql::time_or_none(row, "changed_at")?,
    })
}

fn copy_row(row: &Row<'_>) -> rusqlite::Result<CopyRow> {
    Ok(CopyRow {
        message: MessageId(sql::get(row, "message")?),
        leg: LegId(sql::get(row, "leg")?),
        part: sql::get(row, "part")?,
        external: ExternalMessage::new(sql::get::<String>(row, "external")?),
        speaker: sql::json(row, "speaker")?,
        rung: sql::word(row, "rung", Rung::from_word)?,
        at: sql::time(row, "at")?,
    })
}
