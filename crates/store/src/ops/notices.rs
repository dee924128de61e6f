//! What an administrator should know of: notices on connections, and people whom others wanted to
//! write to.

use causeway_model::{ConnectionId, PersonId, Timestamp};
use rusqlite::params;

use crate::{NoticeRow, Reader, StoreError, Tx, WantedRow, sql};

impl Reader<'_> {
    /// Oldest first.
    pub fn notices(&self) -> Result<Vec<NoticeRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT id, connection, code, person, detail, at FROM notices ORDER BY id",
            [],
            |row| {
                Ok(NoticeRow {
                    id: sql::get(row, "id")?,
                    connection: ConnectionId(sql::get(row, "connection")?),
                    code: sql::get(row, "code")?,
                    person: sql::get::<Option<i64>>(row, "person")?.map(PersonId),
                    detail: sql::get(row, "detail")?,
                    at: sql::time(row, "at")?,
                })
            },
        )
    }

    /// People whom somebody on a connection looked for in vain, and who are still not paired
    /// there; those wanted most often first.
    pub fn wanted_people(&self, limit: u32) -> Result<Vec<WantedRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT w.person, w.connection, w.times, w.at FROM wanted AS w
             WHERE NOT EXISTS (SELECT 1 FROM pairings AS p WHERE p.person = w.person
                AND p.secondary_connection = w.connection AND p.state = 'active')
             ORDER BY w.times DESC, w.at DESC LIMIT ?1",
            [limit],
            |row| {
                Ok(WantedRow {
                    person: PersonId(sql::get(row, "person")?),
                    connection: ConnectionId(sql::get(row, "connection")?),
                    times: sql::get(row, "times")?,
                    at: sql::time(row, "at")?,
                })
            },
        )
    }
}

impl Tx<'_> {
    /// Keeps a notice in place of an earlier one of the same kind about the same person.
    pub fn put_notice(&self, notice: &NoticeRow) -> Result<(), StoreError> {
        self.clear_notice(notice.connection, &notice.code, notice.person)?;
        sql::execute(
            self.sql(),
            "INSERT INTO notices (connection, code, person, detail, at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                notice.connection.0,
                notice.code,
                notice.person.map(|person| person.0),
                notice.detail,
                notice.at.0,
            ],
        )?;
        Ok(())
    }

    /// Whoever was to know of it does; false when it is not there any more.
    pub fn dismiss_notice(&self, id: i64) -> Result<bool, StoreError> {
        let dismissed = sql::execute(self.sql(), "DELETE FROM notices WHERE id = ?1", [id])?;
        Ok(dismissed > 0)
    }

    /// What it was about is over.
    pub fn clear_notice(
        &self,
        connection: ConnectionId,
        code: &str,
        person: Option<PersonId>,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "DELETE FROM notices
             WHERE connection = ?1 AND code = ?2 AND coalesce(person, 0) = coalesce(?3, 0)",
            params![connection.0, code, person.map(|person| person.0)],
        )?;
        Ok(())
    }

    /// Somebody on `connection` wanted to write to a person who cannot be reached from there.
    pub fn note_wanted(
        &self,
        person: PersonId,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "INSERT INTO wanted (person, connection, times, at) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT (person, connection) DO UPDATE SET times = times + 1, at = excluded.at",
            [person.0, connection.0, now.0],
        )?;
        Ok(())
    }
}
