//! Lanes: what is next on a leg, and what concerns many deliveries at once.

use causeway_model::{Delivery, DeliveryState, LegId, Reason, Timestamp};
use rusqlite::params;

use super::deliveries::{DELIVERY_COLUMNS, delivery_row};
use crate::{Lanes, Reader, StoreError, Tx, sql};

impl Reader<'_> {
    /// The first unsettled delivery of a lane, by source time, with its content. Those of the same
    /// time are taken in the order they came in.
    pub fn lane_head(&self, leg: LegId) -> Result<Option<(Delivery, Option<String>)>, StoreError> {
        sql::one(self.sql(), &head_query(), [leg.0], |row| {
            Ok((delivery_row(row)?, sql::get(row, "content")?))
        })
    }

    /// Lanes with anything unsettled.
    pub fn busy_lanes(&self) -> Result<Vec<LegId>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT DISTINCT leg FROM deliveries WHERE settled_at IS NULL ORDER BY leg",
            [],
            |row| row.get(0).map(LegId),
        )
    }

    /// What was being sent: after a start, these have an outcome that nobody recorded.
    pub fn in_flight(&self) -> Result<Vec<Delivery>, StoreError> {
        let query = format!(
            "SELECT {DELIVERY_COLUMNS} FROM deliveries AS d WHERE d.state = 'sending' ORDER BY d.id"
        );
        sql::all(self.sql(), &query, [], delivery_row)
    }

    pub fn sending_on_leg(&self, leg: LegId) -> Result<Vec<Delivery>, StoreError> {
        let query = format!(
            "SELECT {DELIVERY_COLUMNS} FROM deliveries AS d
             WHERE d.state = 'sending' AND d.leg = ?1 ORDER BY d.id"
        );
        sql::all(self.sql(), &query, [leg.0], delivery_row)
    }

    /// Whether anything is being sent on any leg of this leg's side of its link.
    pub fn is_side_sending(&self, leg: LegId) -> Result<bool, StoreError> {
        sql::exists(
            self.sql(),
            "SELECT 1 FROM deliveries WHERE leg = ?1 AND state = 'sending'
             UNION ALL
             SELECT 1 FROM legs AS own
             JOIN legs AS l ON l.link = own.link AND l.connection = own.connection
             JOIN deliveries AS d ON d.leg = l.id AND d.state = 'sending'
             WHERE own.id = ?1",
            [leg.0],
        )
    }
}

impl Tx<'_> {
    /// Moves posts that have not left yet from one lane to another, in their order; what waited
    /// for a person is queued again. Their number, and the earliest source time, are answered.
    pub fn move_unsent(
        &self,
        from: LegId,
        to: LegId,
    ) -> Result<(u32, Option<Timestamp>), StoreError> {
        let unsent = "leg = ?1 AND settled_at IS NULL AND operation = 'post'
            AND state IN ('queued', 'waiting_for_person')";
        let query = format!("SELECT min(source_at) AS at FROM deliveries WHERE {unsent}");
        let first = sql::one(self.sql(), &query, [from.0], |row| {
            sql::time_or_none(row, "at")
        })?;
        let statement = format!(
            "UPDATE deliveries SET leg = ?2, state = 'queued', reason = NULL WHERE {unsent}"
        );
        let moved = sql::execute(self.sql(), &statement, [from.0, to.0])?;
        // Changes of a part go where it will stand: with its post, unless that has left.
        sql::execute(
            self.sql(),
            "UPDATE deliveries SET leg = ?2, state = 'queued', reason = NULL
             WHERE leg = ?1 AND settled_at IS NULL AND operation IN ('edit', 'delete')
               AND state IN ('queued', 'waiting_for_person')
               AND NOT EXISTS (SELECT 1 FROM copies AS c
                    WHERE c.message = deliveries.message AND c.part = deliveries.part
                      AND c.leg = ?1)
               AND NOT EXISTS (SELECT 1 FROM deliveries AS p
                    WHERE p.message = deliveries.message AND p.part = deliveries.part
                      AND p.leg = ?1 AND p.operation = 'post' AND p.settled_at IS NULL)",
            [from.0, to.0],
        )?;
        Ok((count(moved), first.flatten()))
    }

    /// Lets what waits for a person be tried again; their number is answered.
    pub fn resume_waiting(&self, lanes: Lanes) -> Result<u32, StoreError> {
        let (legs, id) = legs_of(lanes);
        let statement = format!(
            "UPDATE deliveries SET state = 'queued', reason = NULL
             WHERE state = 'waiting_for_person' AND leg IN ({legs})"
        );
        Ok(count(sql::execute(self.sql(), &statement, [id])?))
    }

    /// Takes out of the lanes what is queued or waits for a person, and forgets its content; what
    /// is being sent or uncertain stays. Their number is answered.
    pub fn cancel_queued(
        &self,
        lanes: Lanes,
        reason: Reason,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let (legs, id) = legs_of(lanes);
        let unsent = format!(
            "settled_at IS NULL AND state IN ('queued', 'waiting_for_person') AND leg IN ({legs})"
        );
        let forget = format!(
            "DELETE FROM payloads WHERE delivery IN (SELECT id FROM deliveries WHERE {unsent})"
        );
        sql::execute(self.sql(), &forget, [id])?;
        let cancel = format!(
            "UPDATE deliveries SET state = ?2, reason = ?3, settled_at = ?4 WHERE {unsent}"
        );
        let params = params![id, DeliveryState::Cancelled.word(), reason.word(), now.0];
        Ok(count(sql::execute(self.sql(), &cancel, params)?))
    }
}

pub(crate) fn head_query() -> String {
    format!(
        "SELECT {DELIVERY_COLUMNS}, p.content
         FROM deliveries AS d LEFT JOIN payloads AS p ON p.delivery = d.id
         WHERE d.leg = ?1 AND d.settled_at IS NULL
         ORDER BY d.source_at, d.id LIMIT 1"
    )
}

/// A query for the ids of the legs, and its `?1`.
fn legs_of(lanes: Lanes) -> (&'static str, i64) {
    match lanes {
        Lanes::Leg(leg) => ("?1", leg.0),
        Lanes::Link(link) => ("SELECT l.id FROM legs AS l WHERE l.link = ?1", link.0),
        Lanes::Connection(connection) => (
            "SELECT l.id FROM legs AS l WHERE l.connection = ?1",
            connection.0,
        ),
        // The person is represented on the secondary connection to those who work there.
        Lanes::Pairing(pairing) => (
            "SELECT l.id FROM pairings AS r
             JOIN links AS k
               ON (k.person_a = r.person AND k.connection_b = r.secondary_connection)
               OR (k.person_b = r.person AND k.connection_a = r.secondary_connection)
             JOIN legs AS l ON l.link = k.id
             WHERE r.id = ?1",
            pairing.0,
        ),
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
