//! Figures over time.

use causeway_model::{DeliveryState, Timestamp};
use causeway_store::{BucketRow, Buckets, Pauses, WaitingRow};

use crate::{
    Hub,
    api::{GetStats, HubError, StatsBucket, StatsReport, StatsSpan, WaitingView},
};

const HOUR_MS: i64 = 3_600_000;

pub(crate) async fn stats(hub: &Hub, args: GetStats) -> Result<StatsReport, HubError> {
    let buckets = buckets(args.span, hub.engine.clock().now());
    let (rows, waiting, pauses) = hub
        .read(move |reader| {
            Ok((
                reader.delivery_buckets(buckets)?,
                reader.waiting_counts()?,
                reader.pauses()?,
            ))
        })
        .await?;
    let begins = (0..).map(|nth| buckets.since.plus_ms(nth * buckets.each_ms));
    Ok(StatsReport {
        bucket_ms: buckets.each_ms,
        buckets: begins.zip(rows).map(|(at, row)| bucket(at, &row)).collect(),
        waiting: waiting_views(&waiting, &pauses),
    })
}

/// Whole hours, so that the same figures stand in the same bucket a minute later.
fn buckets(span: StatsSpan, now: Timestamp) -> Buckets {
    let (each_ms, many) = match span {
        StatsSpan::Day => (HOUR_MS, 24),
        StatsSpan::Week => (6 * HOUR_MS, 28),
    };
    let until = Timestamp((now.0.div_euclid(HOUR_MS) + 1) * HOUR_MS);
    Buckets {
        since: until.plus_ms(-many * each_ms),
        until,
        each_ms,
    }
}

fn bucket(at: Timestamp, row: &BucketRow) -> StatsBucket {
    StatsBucket {
        at,
        delivered: row.delivered,
        failed: row.dead,
        open: row.open,
        median_ms: percentile(&row.took_ms, 50),
        p95_ms: percentile(&row.took_ms, 95),
    }
}

/// The least value that so many of a hundred do not exceed; `sorted` is, shortest first.
fn percentile(sorted: &[i64], hundredths: usize) -> Option<i64> {
    let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// Most first; those that wait for the same on several connections are counted together.
fn waiting_views(rows: &[WaitingRow], pauses: &Pauses) -> Vec<WaitingView> {
    let mut views: Vec<WaitingView> = Vec::new();
    for row in rows {
        // A pause holds only what could be sent otherwise.
        let paused = row.state == DeliveryState::Queued && pauses.holds(row.connection);
        let reason = row.reason.filter(|_| !paused);
        let same = views
            .iter_mut()
            .find(|view| (view.state, view.reason, view.paused) == (row.state, reason, paused));
        match same {
            Some(view) => view.deliveries += row.n,
            None => views.push(WaitingView {
                state: row.state,
                reason,
                paused,
                deliveries: row.n,
            }),
        }
    }
    views.sort_by_key(|view| std::cmp::Reverse(view.deliveries));
    views
}

#[cfg(test)]
mod tests {
    use causeway_model::{ConnectionId, Reason};

    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 95), Some(7));
        let hundred: Vec<_> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 50), Some(50));
        assert_eq!(percentile(&hundred, 95), Some(95));
        assert_eq!(percentile(&[1, 2, 3], 95), Some(3));
    }

    #[test]
    fn the_last_bucket_holds_this_moment_and_buckets_keep_to_whole_hours() {
        for span in [StatsSpan::Day, StatsSpan::Week] {
            let now = Timestamp(1_700_000_123_456);
            let buckets = buckets(span, now);
            assert!(now < buckets.until && buckets.until.plus_ms(-buckets.each_ms) <= now);
            assert_eq!(buckets.since.0 % HOUR_MS, 0);
        }
    }

    #[test]
    fn a_pause_is_why_things_wait_only_where_it_holds() {
        let row = |connection, state, reason, n| WaitingRow {
            connection: ConnectionId(connection),
            state,
            reason,
            n,
        };
        let rows = [
            row(1, DeliveryState::Queued, None, 4),
            row(2, DeliveryState::Queued, None, 9),
            row(2, DeliveryState::Queued, Some(Reason::Unreachable), 1),
            row(
                2,
                DeliveryState::WaitingForPerson,
                Some(Reason::AwaitingConsent),
                2,
            ),
        ];
        let pauses = Pauses {
            relay: None,
            connections: [(ConnectionId(2), Timestamp(1))].into(),
        };
        let told: Vec<_> = waiting_views(&rows, &pauses)
            .iter()
            .map(|view| (view.paused, view.reason, view.deliveries))
            .collect();
        assert_eq!(
            told,
            [
                (true, None, 10),
                (false, None, 4),
                (false, Some(Reason::AwaitingConsent), 2)
            ]
        );
    }
}
