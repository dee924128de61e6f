//! What taking a connection away would change.

use causeway_model::ConnectionId;

use crate::{Reader, StoreError, sql};

/// What ends with a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attached {
    /// Active pairings of people who work there or are represented there.
    pub pairings: u64,
    /// The people of those pairings.
    pub people: u64,
    /// Deliveries to it, or because of those pairings, that have not been sent.
    pub unsent: u64,
    /// Guest accounts there that the hub has made and somebody is paired with.
    pub guests: u64,
    /// People there whose tokens the hub holds.
    pub authorised: u64,
}

impl Reader<'_> {
    /// What is attached to a connection.
    pub fn attached(&self, connection: ConnectionId) -> Result<Attached, StoreError> {
        let found = sql::one(
            self.sql(),
            "WITH touching AS (
                SELECT r.id, r.person, r.mode, r.secondary_account, r.secondary_connection
                FROM pairings AS r JOIN accounts AS a ON a.id = r.primary_account
                WHERE r.state = 'active' AND (r.secondary_connection = ?1 OR a.connection = ?1))
             SELECT
                (SELECT count(*) FROM touching) AS pairings,
                (SELECT count(DISTINCT person) FROM touching) AS people,
                (SELECT count(*) FROM touching
                 WHERE mode = 'guest' AND secondary_account IS NOT NULL
                   AND secondary_connection = ?1) AS guests,
                (SELECT count(*) FROM tokens
                 WHERE connection = ?1 AND owner LIKE 'account:%'
                   AND revoked_at IS NULL) AS authorised,
                (SELECT count(*) FROM deliveries AS d
                 WHERE d.settled_at IS NULL AND d.state IN ('queued', 'waiting_for_person')
                   AND d.leg IN (
                     SELECT l.id FROM legs AS l WHERE l.connection = ?1
                     UNION
                     SELECT l.id FROM links AS k JOIN legs AS l ON l.link = k.id
                     WHERE k.connection_a = ?1 OR k.connection_b = ?1)) AS unsent",
            [connection.0],
            |row| {
                let count = |name| {
                    let count: i64 = sql::get(row, name)?;
                    Ok::<_, rusqlite::Error>(u64::try_from(count).unwrap_or(0))
                };
                Ok(Attached {
                    pairings: count("pairings")?,
                    people: count("people")?,
                    unsent: count("unsent")?,
                    guests: count("guests")?,
                    authorised: count("authorised")?,
                })
            },
        )?;
        Ok(found.unwrap_or_default())
    }
}
