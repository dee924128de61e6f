//! Figures over the ledger, what a connection carries with it, and pauses.

use std::time::{Duration, Instant};

use causeway_model::{DeliveryState, Reason, Timestamp};
use rusqlite::params;

use super::world::{NOW, World, at, ended};
use crate::{Buckets, Pauses, sql};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const ROWS: i64 = 1_000_000;
/// As long as the ledger is kept.
const KEPT_DAYS: i64 = 90;
/// Measured: 7 ms for a day, 35 ms for a week.
const BUSY_MACHINE: Duration = Duration::from_secs(2);

fn minutes(many: i64) -> Buckets {
    Buckets {
        since: NOW,
        until: NOW.plus_ms(many * 60_000),
        each_ms: 60_000,
    }
}

#[tokio::test]
async fn each_span_counts_what_was_received_in_it_by_what_became_of_it() {
    let world = World::new().await;
    let before = world.post(-1, "before").await;
    let first = world.post(10, "one").await;
    let slow = world.post(50, "two").await;
    let dead = world.post(70, "three").await;
    let waits = world.post(80, "four").await;
    let cancelled = world.post(90, "five").await;
    world.post(200, "after").await;
    world
        .write(move |tx| {
            for (delivery, took_ms) in [(before, 1), (first, 250), (slow, 40_000)] {
                tx.begin_attempt(delivery, NOW, &super::world::attempt())?;
                let source = tx.delivery(delivery)?.expect("it is there").source_at;
                let settled = source.plus_ms(took_ms);
                tx.settle(delivery, settled, &ended(DeliveryState::Delivered))?;
            }
            tx.settle(dead, at(99), &ended(DeliveryState::Dead))?;
            tx.settle(cancelled, at(99), &ended(DeliveryState::Cancelled))?;
            tx.wait_for_person(waits, Reason::NotAuthorised)?;
            Ok(())
        })
        .await;
    let buckets = world
        .store
        .read(|reader| reader.delivery_buckets(minutes(3)));
    let buckets = buckets.await.expect("figures");
    assert_eq!(buckets.len(), 3);
    assert_eq!(buckets[0].delivered, 2);
    assert_eq!(buckets[0].took_ms, [250, 40_000]);
    assert_eq!(
        (buckets[1].delivered, buckets[1].dead, buckets[1].open),
        (0, 1, 1)
    );
    assert!(buckets[1].took_ms.is_empty());
    assert_eq!(
        (buckets[2].delivered, buckets[2].dead, buckets[2].open),
        (0, 0, 0)
    );
    let waiting = world.store.read(|reader| reader.waiting_counts()).await;
    let waiting: Vec<_> = waiting
        .expect("what waits")
        .into_iter()
        .map(|row| (row.connection, row.state, row.reason, row.n))
        .collect();
    let stuck = Some(Reason::NotAuthorised);
    assert_eq!(
        waiting,
        [
            (world.teams, DeliveryState::Queued, None, 1),
            (world.teams, DeliveryState::WaitingForPerson, stuck, 1),
        ]
    );
}

/// Ninety days of one delivery every eight seconds; each fiftieth was given up.
async fn filled(world: &World) {
    let (leg, began) = (world.teams_leg.0, NOW.plus_ms(-KEPT_DAYS * DAY_MS).0);
    world
        .write(move |tx| {
            sql::execute(
                tx.sql(),
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?3 - 1)
                 INSERT INTO deliveries (leg, operation, part, relay_id, state, source_at,
                    received_at, due_at, settled_at, late)
                 SELECT ?1, 'post', 0, 'filled-' || i,
                    CASE WHEN i % 50 = 0 THEN 'dead' ELSE 'delivered' END,
                    ?2 + i * ?4, ?2 + i * ?4 + 20, ?2 + i * ?4, ?2 + i * ?4 + 100 + i % 7 * 100, 0
                 FROM n",
                params![leg, began, ROWS, KEPT_DAYS * DAY_MS / ROWS],
            )?;
            Ok(())
        })
        .await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a read really takes is what this is about"
)]
#[tokio::test]
async fn a_million_deliveries_are_counted_while_somebody_looks() {
    let world = World::new().await;
    filled(&world).await;
    for (each_ms, many) in [(HOUR_MS, 24), (6 * HOUR_MS, 28)] {
        let buckets = Buckets {
            since: NOW.plus_ms(-many * each_ms),
            until: NOW,
            each_ms,
        };
        let begun = Instant::now();
        let rows = world
            .store
            .read(move |reader| reader.delivery_buckets(buckets));
        let rows = rows.await.expect("figures");
        let took = begun.elapsed();
        println!("{many} buckets of {} h: {took:?}", each_ms / HOUR_MS);
        assert!(took < BUSY_MACHINE, "{took:?}");
        let per_bucket = each_ms * ROWS / (KEPT_DAYS * DAY_MS);
        for row in &rows[1..] {
            let all = i64::try_from(row.delivered + row.dead).expect("few");
            assert!((all - per_bucket).abs() <= 2, "{row:?}");
            assert!(row.dead > 0 && row.delivered > row.dead * 40);
            let middle = row.took_ms[row.took_ms.len() / 2];
            assert_eq!(middle, 400);
        }
    }
}

#[tokio::test]
async fn a_connection_tells_what_ends_with_it_and_then_it_does() {
    let world = World::new().await;
    world.post(1, "one").await;
    let sent = world.post(2, "two").await;
    world.deliver(sent).await;
    let (slack, teams) = (world.slack, world.teams);
    let attached = world.store.read(move |reader| reader.attached(teams)).await;
    let attached = attached.expect("it can be told");
    assert_eq!(
        (attached.unsent, attached.pairings, attached.guests),
        (1, 0, 0)
    );
    world
        .write(move |tx| tx.remove_connection(teams, NOW))
        .await;
    let counts = world.store.read(|reader| reader.counts()).await;
    let counts = counts.expect("counts");
    assert_eq!((counts.cancelled, counts.delivered), (1, 1));
    let left = world.store.read(move |reader| reader.attached(slack)).await;
    assert_eq!(left.expect("it can be told").unsent, 0);
}

#[tokio::test]
async fn pauses_are_remembered_until_they_end() {
    let world = World::new().await;
    let teams = world.teams;
    world
        .write(move |tx| {
            tx.set_relay_paused(Some(NOW))?;
            tx.set_connection_paused(teams, Some(at(5)))
        })
        .await;
    let (slack, folder) = (world.slack, world.folder);
    world.store.close().await;
    let store = super::open(folder.path());
    let pauses = store.read(|reader| reader.pauses()).await.expect("pauses");
    assert_eq!(pauses.relay, Some(NOW));
    assert_eq!(pauses.connections.get(&teams), Some(&at(5)));
    assert!(pauses.holds(slack), "the relay's pause holds everywhere");
    let after = store
        .write(move |tx| {
            tx.set_relay_paused(None)?;
            let without_relay = tx.pauses()?;
            tx.set_connection_paused(teams, None)?;
            Ok((without_relay, tx.pauses()?))
        })
        .await
        .expect("they end");
    assert!(after.0.holds(teams) && !after.0.holds(slack));
    assert_eq!(after.1, Pauses::default());
    let gone = causeway_model::ConnectionId(99);
    let refused = store.write(move |tx| tx.set_connection_paused(gone, Some(Timestamp(1))));
    assert!(refused.await.is_err());
}
