//! One delivery's way: queued, sent, settled, and what was recorded on it.

use causeway_model::{
    Delivery, DeliveryId, DeliveryState, ExternalMessage, LegId, MessageId, Operation, Reason,
    RelayId, Rung, Timestamp,
};
use rusqlite::{Row, named_params, params};

use super::content::LEAD;
use crate::{Attempt, AttemptRow, Conflict, NewDelivery, Reader, Settlement, StoreError, Tx, sql};

/// Of a delivery, in any query that calls its table `d`; [`delivery_row`] reads them by their
/// place.
pub(super) const DELIVERY_COLUMNS: &str = "d.id, d.leg, d.message, d.operation, d.part, d.relay_id,
    d.state, d.reason, d.attempts, d.source_at, d.received_at, d.due_at, d.intent_at,
    d.settled_at, d.rung, d.external, d.late";

impl Reader<'_> {
    pub fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let query = format!("SELECT {DELIVERY_COLUMNS} FROM deliveries AS d WHERE d.id = ?1");
        sql::one(self.sql(), &query, [id.0], delivery_row)
    }

    pub fn delivery_by_relay_id(&self, relay_id: &RelayId) -> Result<Option<Delivery>, StoreError> {
        let query = format!("SELECT {DELIVERY_COLUMNS} FROM deliveries AS d WHERE d.relay_id = ?1");
        sql::one(self.sql(), &query, [relay_id.as_str()], delivery_row)
    }

    /// What is to be said; none once it is forgotten.
    pub fn content(&self, id: DeliveryId) -> Result<Option<String>, StoreError> {
        let query = "SELECT content FROM payloads WHERE delivery = ?1";
        sql::one(self.sql(), query, [id.0], |row| row.get(0))
    }

    /// The posts of a message on a leg that are queued or wait for a person, by part.
    pub fn queued_post_of(
        &self,
        message: MessageId,
        leg: LegId,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = format!(
            "SELECT {DELIVERY_COLUMNS} FROM deliveries AS d
             WHERE d.message = ?1 AND d.leg = ?2 AND d.operation = 'post'
               AND d.state IN ('queued', 'waiting_for_person')
             ORDER BY d.part, d.id"
        );
        sql::all(self.sql(), &query, [message.0, leg.0], delivery_row)
    }

    /// Everything ever to be done for a message on a leg, in the lane's order.
    pub fn deliveries_of_message(
        &self,
        message: MessageId,
        leg: LegId,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = format!(
            "SELECT {DELIVERY_COLUMNS} FROM deliveries AS d
             WHERE d.message = ?1 AND d.leg = ?2 ORDER BY d.source_at, d.id"
        );
        sql::all(self.sql(), &query, [message.0, leg.0], delivery_row)
    }

    /// What was recorded before the last attempt's request left.
    pub fn attempt_info(&self, id: DeliveryId) -> Result<Option<AttemptRow>, StoreError> {
        let query = "SELECT digest, speaker, intent_at FROM deliveries WHERE id = ?1";
        sql::one(self.sql(), query, [id.0], |row| {
            let speaker: Option<String> = sql::get(row, "speaker")?;
            let speaker = speaker
                .map(|text| serde_json::from_str(&text).map_err(|_| sql::unreadable()))
                .transpose()?;
            Ok(AttemptRow {
                digest: sql::get(row, "digest")?,
                speaker,
                intent_at: sql::time_or_none(row, "intent_at")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Puts a delivery into its leg's lane.
    pub fn add_delivery(&self, new: &NewDelivery) -> Result<DeliveryId, StoreError> {
        let id = sql::insert(
            self.sql(),
            "INSERT INTO deliveries (leg, message, operation, part, relay_id, state, source_at,
                received_at, due_at, late)
             VALUES (:leg, :message, :operation, :part, :relay_id, 'queued', :source_at,
                :received_at, :due_at, :late)",
            named_params! {
                ":leg": new.leg.0,
                ":message": new.message.map(|message| message.0),
                ":operation": new.operation.word(),
                ":part": new.part,
                ":relay_id": new.relay_id.as_str(),
                ":source_at": new.source_at.0,
                ":received_at": new.received_at.0,
                ":due_at": new.due_at.0,
                ":late": new.late,
            },
        )?;
        if let Some(content) = &new.content {
            sql::execute(
                self.sql(),
                "INSERT INTO payloads (delivery, lead, content) VALUES (?1, zeroblob(?2), ?3)",
                params![id, LEAD, content],
            )?;
        }
        Ok(DeliveryId(id))
    }

    /// Puts other content in place of what is not sent yet.
    ///
    /// # Errors
    /// [`Conflict::WrongState`] once it is being sent, or settled.
    pub fn replace_content(&self, id: DeliveryId, content: &str) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE payloads SET content = ?2 WHERE delivery = ?1 AND EXISTS (
                SELECT 1 FROM deliveries
                WHERE id = ?1 AND state IN ('queued', 'waiting_for_person'))",
            params![id.0, content],
        )?;
        only_if_changed(changed)
    }

    /// Commits the intent to send: the delivery is `Sending` until its outcome is known.
    ///
    /// # Errors
    /// [`Conflict::WrongState`] unless it is queued.
    pub fn begin_attempt(
        &self,
        id: DeliveryId,
        now: Timestamp,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE deliveries SET state = 'sending', reason = NULL, attempts = attempts + 1,
                intent_at = :now, digest = :digest, rung = :rung, speaker = :speaker
             WHERE id = :id AND state = 'queued'",
            named_params! {
                ":id": id.0,
                ":now": now.0,
                ":digest": attempt.digest,
                ":rung": attempt.rung.word(),
                ":speaker": sql::to_json(&attempt.speaker)?,
            },
        )?;
        only_if_changed(changed)
    }

    /// Ends a delivery, or leaves it `Uncertain`. Once settled its content is forgotten, and it
    /// stays as it is: false is answered when it was settled before.
    ///
    /// # Errors
    /// [`Conflict::WrongState`] for a state that is neither.
    pub fn settle(
        &self,
        id: DeliveryId,
        now: Timestamp,
        settlement: &Settlement,
    ) -> Result<bool, StoreError> {
        let reason = match settlement.state {
            DeliveryState::Delivered => None,
            DeliveryState::Uncertain | DeliveryState::Cancelled | DeliveryState::Dead => {
                settlement.reason
            }
            DeliveryState::Queued | DeliveryState::Sending | DeliveryState::WaitingForPerson => {
                return Err(Conflict::WrongState.into());
            }
        };
        let settled = settlement.state.is_settled();
        let changed = sql::execute(
            self.sql(),
            "UPDATE deliveries SET state = :state, reason = :reason, settled_at = :settled_at,
                external = coalesce(:external, external), rung = coalesce(:rung, rung),
                digest = iif(:settled_at IS NULL, digest, NULL)
             WHERE id = :id AND settled_at IS NULL",
            named_params! {
                ":id": id.0,
                ":state": settlement.state.word(),
                ":reason": reason.map(Reason::word),
                ":settled_at": settled.then_some(now.0),
                ":external": settlement.external.as_ref().map(ExternalMessage::as_str),
                ":rung": settlement.rung.map(Rung::word),
            },
        )?;
        if changed > 0 && settled {
            self.forget_content(id)?;
            if settlement.state == DeliveryState::Delivered {
                self.note_delivered(id)?;
            }
        }
        Ok(changed > 0)
    }

    /// Puts an unsettled delivery back into its lane, not to be taken before `due_at`.
    pub fn postpone(
        &self,
        id: DeliveryId,
        due_at: Timestamp,
        reason: Option<Reason>,
    ) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE deliveries SET state = 'queued', due_at = ?2, reason = ?3
             WHERE id = ?1 AND settled_at IS NULL",
            params![id.0, due_at.0, reason.map(Reason::word)],
        )?;
        only_if_changed(changed)
    }

    /// Leaves an unsettled delivery until something outside changes.
    pub fn wait_for_person(&self, id: DeliveryId, reason: Reason) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE deliveries SET state = 'waiting_for_person', reason = ?2
             WHERE id = ?1 AND settled_at IS NULL",
            params![id.0, reason.word()],
        )?;
        only_if_changed(changed)
    }

    /// Lets a delivery be tried again at once, by the administrator's decision.
    ///
    /// # Errors
    /// [`Conflict::WrongState`] when it is being sent, delivered or cancelled;
    /// [`Conflict::ContentForgotten`] when it is dead and what it said is no longer known.
    pub fn retry(&self, id: DeliveryId, now: Timestamp) -> Result<(), StoreError> {
        let delivery = self.delivery(id)?.ok_or(StoreError::NotFound("delivery"))?;
        match delivery.state {
            DeliveryState::Queued | DeliveryState::WaitingForPerson | DeliveryState::Uncertain => {}
            DeliveryState::Dead => match delivery.operation {
                Operation::Open | Operation::Delete => {}
                Operation::Post | Operation::Edit | Operation::Note | Operation::Prompt => {
                    return Err(Conflict::ContentForgotten.into());
                }
            },
            DeliveryState::Sending | DeliveryState::Delivered | DeliveryState::Cancelled => {
                return Err(Conflict::WrongState.into());
            }
        }
        sql::execute(
            self.sql(),
            "UPDATE deliveries SET state = 'queued', due_at = ?2, reason = NULL, settled_at = NULL
             WHERE id = ?1",
            [id.0, now.0],
        )?;
        Ok(())
    }

    /// Gives a delivery up, by the administrator's decision, so that its lane goes on.
    ///
    /// # Errors
    /// [`Conflict::WrongState`] when it is being sent or settled.
    pub fn skip(&self, id: DeliveryId, now: Timestamp) -> Result<(), StoreError> {
        let changed = sql::execute(
            self.sql(),
            "UPDATE deliveries SET state = 'cancelled', reason = ?3, settled_at = ?2
             WHERE id = ?1 AND state IN ('queued', 'waiting_for_person', 'uncertain')",
            params![id.0, now.0, Reason::ByAdministrator.word()],
        )?;
        only_if_changed(changed)?;
        self.forget_content(id)
    }

    fn forget_content(&self, id: DeliveryId) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "DELETE FROM payloads WHERE delivery = ?1",
            [id.0],
        )?;
        Ok(())
    }

    /// The leg has now carried what was written at the delivery's source time. Notes and openings
    /// are the hub's own and say nothing about the order of people's messages.
    ///
    /// What is said after a later one is late, also when the later one was only on its way when
    /// this came in.
    fn note_delivered(&self, id: DeliveryId) -> Result<(), StoreError> {
        sql::execute(
            self.sql(),
            "UPDATE deliveries SET late = 1
             WHERE id = ?1 AND operation = 'post' AND message IS NOT NULL
               AND source_at < (SELECT max(l.last_source_at) FROM legs AS own
                    JOIN legs AS l ON l.link = own.link AND l.connection = own.connection
                    WHERE own.id = deliveries.leg)",
            [id.0],
        )?;
        sql::execute_aside(
            self.sql(),
            "UPDATE legs SET last_source_at = max(coalesce(last_source_at, d.source_at), d.source_at)
             FROM (SELECT leg, source_at FROM deliveries
                   WHERE id = ?1 AND message IS NOT NULL) AS d
             WHERE legs.id = d.leg",
            [id.0],
        )?;
        Ok(())
    }
}

fn only_if_changed(changed: usize) -> Result<(), StoreError> {
    if changed == 0 {
        return Err(Conflict::WrongState.into());
    }
    Ok(())
}

/// A row that begins with [`DELIVERY_COLUMNS`].
pub(super) fn delivery_row(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let external: Option<String> = sql::get(row, 15)?;
    Ok(Delivery {
        id: DeliveryId(sql::get(row, 0)?),
        leg: LegId(sql::get(row, 1)?),
        message: sql::get::<Option<i64>>(row, 2)?.map(MessageId),
        operation: sql::word(row, 3, Operation::from_word)?,
        part: sql::get(row, 4)?,
        relay_id: sql::word(row, 5, RelayId::parse)?,
        state: sql::word(row, 6, DeliveryState::from_word)?,
        reason: sql::word_or_none(row, 7, Reason::from_word)?,
        attempts: sql::get(row, 8)?,
        source_at: sql::time(row, 9)?,
        received_at: sql::time(row, 10)?,
        due_at: sql::time(row, 11)?,
        intent_at: sql::time_or_none(row, 12)?,
        settled_at: sql::time_or_none(row, 13)?,
        rung: sql::word_or_none(row, 14, Rung::from_word)?,
        external: external.map(ExternalMessage::new),
        late: sql::get(row, 16)?,
    })
}
