//! Forgetting what has been kept long enough.

use causeway_model::Timestamp;

use crate::{RetentionPolicy, StoreError, SweptCounts, Tx, sql};

impl Tx<'_> {
    /// Deletes at most `limit` rows of each kind that the policy no longer keeps. When any count
    /// equals `limit`, more may be left. What is unsettled stays, and its message with it.
    pub fn sweep(
        &self,
        now: Timestamp,
        policy: &RetentionPolicy,
        limit: u32,
    ) -> Result<SweptCounts, StoreError> {
        let before = |kept_ms: i64| now.plus_ms(kept_ms.saturating_neg());
        Ok(SweptCounts {
            seen: self.sweep_one(SEEN, before(policy.seen_ms), limit)?,
            messages: self.sweep_one(MESSAGES, before(policy.message_ms), limit)?,
            ledger: self.sweep_one(LEDGER, before(policy.ledger_ms), limit)?,
            gaps: self.sweep_one(GAPS, before(policy.ledger_ms), limit)?,
        })
    }

    fn sweep_one(&self, statement: &str, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        let swept = sql::execute(self.sql(), statement, [before.0, i64::from(limit)])?;
        Ok(u32::try_from(swept).unwrap_or(u32::MAX))
    }
}

const SEEN: &str = "DELETE FROM seen WHERE (connection, key_hash) IN (
    SELECT connection, key_hash FROM seen WHERE at < ?1 ORDER BY at LIMIT ?2)";

const MESSAGES: &str = "DELETE FROM messages WHERE id IN (
    SELECT m.id FROM messages AS m
    WHERE m.at < ?1 AND NOT EXISTS (
        SELECT 1 FROM deliveries AS d WHERE d.message = m.id AND d.settled_at IS NULL)
    ORDER BY m.at LIMIT ?2)";

const GAPS: &str = "DELETE FROM gaps WHERE id IN (
    SELECT id FROM gaps WHERE at < ?1 ORDER BY at LIMIT ?2)";

const LEDGER: &str = "DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries
    WHERE received_at < ?1 AND settled_at < ?1
    ORDER BY received_at, id LIMIT ?2)";
