//! What an administrator asks about single deliveries.

use causeway_model::{Delivery, DeliveryId, DeliveryState, PairingId, Timestamp};

use crate::{Conflict, Reader, Settlement, StoreError, Tx, sql};

/// The unsettled deliveries of the legs that a pairing is the reason for.
const OF_PAIRING: &str = "SELECT count(*) FROM deliveries AS d
    WHERE d.settled_at IS NULL AND d.state IN ('queued', 'waiting_for_person')
      AND d.leg IN (SELECT l.id FROM pairings AS r
        JOIN links AS k
          ON (k.person_a = r.person AND k.connection_b = r.secondary_connection)
          OR (k.person_b = r.person AND k.connection_a = r.secondary_connection)
        JOIN legs AS l ON l.link = k.id
        WHERE r.id = ?1)";

impl Reader<'_> {
    /// How many deliveries have not left and would be cancelled with a pairing.
    pub fn count_queued(&self, pairing: PairingId) -> Result<u32, StoreError> {
        let found = sql::one(self.sql(), OF_PAIRING, [pairing.0], |row| row.get(0))?;
        Ok(found.unwrap_or(0))
    }

    /// How many unsettled deliveries stand before one in its lane.
    pub fn count_ahead(&self, delivery: &Delivery) -> Result<u32, StoreError> {
        let query = "SELECT count(*) FROM deliveries
             WHERE leg = ?1 AND settled_at IS NULL AND (source_at, id) < (?2, ?3)";
        let params = [delivery.leg.0, delivery.source_at.0, delivery.id.0];
        let found = sql::one(self.sql(), query, params, |row| row.get(0))?;
        Ok(found.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Takes a delivery of uncertain outcome for delivered, at the administrator's word.
    ///
    /// # Errors
    /// [`Conflict::WrongState`] unless its outcome is uncertain.
    pub fn take_for_delivered(&self, id: DeliveryId, now: Timestamp) -> Result<(), StoreError> {
        let delivery = self.delivery(id)?.ok_or(StoreError::NotFound("delivery"))?;
        if delivery.state != DeliveryState::Uncertain {
            return Err(Conflict::WrongState.into());
        }
        let settlement = Settlement {
            state: DeliveryState::Delivered,
            reason: None,
            external: None,
            rung: None,
        };
        self.settle(id, now, &settlement)?;
        Ok(())
    }
}
