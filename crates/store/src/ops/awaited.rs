//! Whose word messages wait for.

use causeway_model::{ConnectionId, PersonId, Timestamp};

use crate::{Reader, StoreError, sql};

/// Somebody who has been asked for their consent, and how much waits for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedRow {
    pub person: PersonId,
    pub name: String,
    /// Where they are to authorise the hub.
    pub connection: ConnectionId,
    /// Deliveries that wait for it, those behind them in their lanes included.
    pub deliveries: u64,
    /// When the wait is over.
    pub until: Option<Timestamp>,
}

impl Reader<'_> {
    /// Those for whom most waits first.
    pub fn awaited_people(&self, limit: u32) -> Result<Vec<AwaitedRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT p.id AS person, p.name, l.connection, max(c.waits_until) AS until,
                sum((SELECT count(*) FROM deliveries AS q
                     WHERE q.leg = d.leg AND q.settled_at IS NULL)) AS n
             FROM deliveries AS d
             JOIN legs AS l ON l.id = d.leg
             JOIN accounts AS a ON a.id = l.stand_in
             JOIN people AS p ON p.id = a.person
             LEFT JOIN consents AS c ON c.account = a.id
             WHERE d.state = 'waiting_for_person' AND d.reason = 'awaiting_consent'
             GROUP BY p.id, l.connection ORDER BY n DESC, p.id LIMIT ?1",
            [limit],
            |row| {
                Ok(AwaitedRow {
                    person: PersonId(sql::get(row, "person")?),
                    name: sql::get(row, "name")?,
                    connection: ConnectionId(sql::get(row, "connection")?),
                    deliveries: u64::try_from(sql::get::<i64>(row, "n")?).unwrap_or(0),
                    until: sql::time_or_none(row, "until")?,
                })
            },
        )
    }
}
