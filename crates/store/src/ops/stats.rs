//! Figures over the ledger. Reads are bounded by what is asked for: rows are counted by index, and
//! of the rows themselves no more than a sample is looked at, however long the history.

use causeway_model::{ConnectionId, DeliveryState, Reason, Timestamp};
use rusqlite::{Row, named_params};

use crate::{Reader, StoreError, sql};

/// As many deliveries are looked at for how long they took; about as many are enough for a 95th
/// percentile in each of a week's hours.
const SAMPLE: i64 = 20_000;

/// Equal spans of time, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets {
    /// When the first begins.
    pub since: Timestamp,
    /// When the last ends.
    pub until: Timestamp,
    /// How long each is, in milliseconds; at least 1.
    pub each_ms: i64,
}

/// What was received in one span, and what became of it so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketRow {
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// On its way, waiting or uncertain.
    pub open: u64,
    /// From when it was written until it was delivered, in milliseconds, shortest first: of all
    /// that was delivered, or of an even sample where that is much.
    pub took_ms: Vec<i64>,
}

/// How many deliveries wait for the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    pub connection: ConnectionId,
    pub state: DeliveryState,
    pub reason: Option<Reason>,
    pub n: u64,
}

impl Reader<'_> {
    /// What was received in each span, the first span first.
    pub fn delivery_buckets(&self, buckets: Buckets) -> Result<Vec<BucketRow>, StoreError> {
        let mut rows = vec![BucketRow::default(); buckets.count()];
        let all = self.bucket_counts(buckets)?;
        let received: i64 = all.iter().map(|(_, n)| n).sum();
        for (at, n) in all {
            if let Some(row) = rows.get_mut(at) {
                row.delivered = count(n);
            }
        }
        for (at, state, n) in self.bucket_exceptions(buckets)? {
            let Some(row) = rows.get_mut(at) else {
                continue;
            };
            row.delivered = row.delivered.saturating_sub(n);
            match state {
                DeliveryState::Dead => row.dead += n,
                DeliveryState::Queued
                | DeliveryState::Sending
                | DeliveryState::WaitingForPerson
                | DeliveryState::Uncertain => row.open += n,
                DeliveryState::Delivered | DeliveryState::Cancelled => {}
            }
        }
        for (at, took) in self.sampled_delays(buckets, (received / SAMPLE).max(1))? {
            if let Some(row) = rows.get_mut(at) {
                row.took_ms.push(took.max(0));
            }
        }
        for row in &mut rows {
            row.took_ms.sort_unstable();
        }
        Ok(rows)
    }

    /// What has not been settled, by what it waits for; as much work as the queue is long.
    pub fn waiting_counts(&self) -> Result<Vec<WaitingRow>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT l.connection, d.state, d.reason, count(*) AS n
             FROM deliveries AS d JOIN legs AS l ON l.id = d.leg
             WHERE d.settled_at IS NULL
             GROUP BY l.connection, d.state, d.reason
             ORDER BY l.connection, d.state, d.reason",
            [],
            |row| {
                Ok(WaitingRow {
                    connection: ConnectionId(sql::get(row, "connection")?),
                    state: sql::word(row, "state", DeliveryState::from_word)?,
                    reason: sql::word_or_none(row, "reason", Reason::from_word)?,
                    n: count(sql::get(row, "n")?),
                })
            },
        )
    }

    /// By the index alone: no row is looked at.
    fn bucket_counts(&self, buckets: Buckets) -> Result<Vec<(usize, i64)>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT (received_at - :since) / :each AS bucket, count(*) AS n
             FROM deliveries INDEXED BY deliveries_received
             WHERE received_at >= :since AND received_at < :until GROUP BY bucket",
            named_params! {
                ":since": buckets.since.0, ":until": buckets.until.0, ":each": buckets.each_ms,
            },
            |row| Ok((bucket(row)?, sql::get(row, "n")?)),
        )
    }

    /// By the index that leaves out what went well.
    fn bucket_exceptions(
        &self,
        buckets: Buckets,
    ) -> Result<Vec<(usize, DeliveryState, u64)>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT (received_at - :since) / :each AS bucket, state, count(*) AS n
             FROM deliveries INDEXED BY deliveries_notable
             WHERE state <> 'delivered' AND received_at >= :since AND received_at < :until
             GROUP BY bucket, state",
            named_params! {
                ":since": buckets.since.0, ":until": buckets.until.0, ":each": buckets.each_ms,
            },
            |row| {
                Ok((
                    bucket(row)?,
                    sql::word(row, "state", DeliveryState::from_word)?,
                    count(sql::get(row, "n")?),
                ))
            },
        )
    }

    /// How long every `step`th delivery of a message took. The index tells which those are.
    fn sampled_delays(&self, buckets: Buckets, step: i64) -> Result<Vec<(usize, i64)>, StoreError> {
        sql::all(
            self.sql(),
            "SELECT (received_at - :since) / :each AS bucket, settled_at - source_at AS took
             FROM deliveries INDEXED BY deliveries_received
             WHERE received_at >= :since AND received_at < :until AND id % :step = 0
               AND state = 'delivered' AND settled_at IS NOT NULL
               AND operation IN ('post', 'edit', 'delete')",
            named_params! {
                ":since": buckets.since.0, ":until": buckets.until.0, ":each": buckets.each_ms,
                ":step": step,
            },
            |row| Ok((bucket(row)?, sql::get(row, "took")?)),
        )
    }
}

impl Buckets {
    fn count(&self) -> usize {
        let span = self.until.ms_since(self.since).max(0);
        let each = self.each_ms.max(1);
        usize::try_from((span + each - 1) / each).unwrap_or(0)
    }
}

fn bucket(row: &Row<'_>) -> rusqlite::Result<usize> {
    let at: i64 = sql::get(row, "bucket")?;
    Ok(usize::try_from(at).unwrap_or(usize::MAX))
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
