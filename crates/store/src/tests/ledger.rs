use causeway_model::{
    ConnectionId, DeliveryId, DeliveryState, EventKey, ExternalConversation, Reason, SharedBy,
    Spending,
};

use super::world::{NOW, World, at, ended};
use crate::{
    ActivityFilter, Counts, GapRow, LedgerRow, LimitRow, RetentionPolicy, Settlement, SweptCounts,
};

fn everything() -> ActivityFilter {
    ActivityFilter::default()
}

async fn page(
    world: &World,
    filter: ActivityFilter,
    before: Option<(causeway_model::Timestamp, DeliveryId)>,
) -> Vec<LedgerRow> {
    let read = world
        .store
        .read(move |reader| reader.activity_page(&filter, before, 2));
    read.await.expect("read")
}

fn ids(rows: &[LedgerRow]) -> Vec<DeliveryId> {
    rows.iter().map(|row| row.delivery.id).collect()
}

#[tokio::test]
async fn the_ledger_names_both_people_and_both_sides() {
    let world = World::new().await;
    world.post(1, "hello").await;
    let rows = page(&world, everything(), None).await;
    let names: Vec<_> = rows[0].people.iter().map(|person| &person.name).collect();
    assert_eq!(names, ["Ann Lee", "Bob Ray"]);
    assert_eq!(rows[0].author.as_deref(), Some("Ann Lee"));
    let from = rows[0].from.as_ref().expect("the message is known");
    assert_eq!(
        (from.connection, rows[0].to.connection),
        (world.slack, world.teams)
    );
}

#[tokio::test]
async fn pages_of_the_ledger_go_back_in_time_without_overlap() {
    let world = World::new().await;
    let mut posted = Vec::new();
    for seconds in [1, 2, 2, 3, 4] {
        posted.push(world.post(seconds, "x").await);
    }
    posted.reverse();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let rows = page(&world, everything(), before).await;
        let Some(last) = rows.last() else { break };
        before = Some((last.delivery.received_at, last.delivery.id));
        seen.extend(ids(&rows));
    }
    assert_eq!(seen, posted);
}

#[tokio::test]
async fn the_ledger_is_narrowed_by_state_reason_people_connection_and_ids() {
    let world = World::new().await;
    let (good, bad) = (world.post(1, "a").await, world.post(2, "b").await);
    world.deliver(good).await;
    world
        .write(move |tx| {
            let dead = Settlement {
                reason: Some(Reason::Forbidden),
                ..ended(DeliveryState::Dead)
            };
            tx.settle(bad, NOW, &dead)
        })
        .await;
    let stranger = causeway_model::PersonId(404);
    let cases = [
        (
            ActivityFilter {
                state: Some(DeliveryState::Delivered),
                ..everything()
            },
            vec![good],
        ),
        (
            ActivityFilter {
                state: Some(DeliveryState::Dead),
                ..everything()
            },
            vec![bad],
        ),
        (
            ActivityFilter {
                reason: Some(Reason::Forbidden),
                ..everything()
            },
            vec![bad],
        ),
        (
            ActivityFilter {
                reason: Some(Reason::Gone),
                ..everything()
            },
            vec![],
        ),
        (
            ActivityFilter {
                person: Some(world.bob),
                ..everything()
            },
            vec![bad, good],
        ),
        (
            ActivityFilter {
                person: Some(stranger),
                ..everything()
            },
            vec![],
        ),
        (
            ActivityFilter {
                connection: Some(world.slack),
                ..everything()
            },
            vec![bad, good],
        ),
        (
            ActivityFilter {
                deliveries: vec![good],
                ..everything()
            },
            vec![good],
        ),
    ];
    for (filter, expected) in cases {
        let shown = format!("{filter:?}");
        assert_eq!(ids(&page(&world, filter, None).await), expected, "{shown}");
    }
}

#[tokio::test]
async fn counts_follow_every_change_of_state_and_what_is_undone() {
    let world = World::new().await;
    let mut posted = Vec::new();
    for seconds in 1..=4 {
        posted.push(world.post(seconds, "x").await);
    }
    world.deliver(posted[0]).await;
    let (second, third) = (posted[1], posted[2]);
    world
        .write(move |tx| {
            tx.begin_attempt(second, NOW, &super::world::attempt())?;
            tx.wait_for_person(third, Reason::NotAuthorised)
        })
        .await;
    let last = posted[3];
    let undone = world
        .store
        .write(move |tx| {
            tx.skip(last, NOW)?;
            Err::<(), _>(crate::StoreError::NotFound("thing"))
        })
        .await;
    assert!(undone.is_err());
    let counts = world.store.read(|reader| reader.counts()).await;
    let expected = Counts {
        queued: 1,
        sending: 1,
        waiting: 1,
        delivered: 1,
        ..Counts::default()
    };
    assert_eq!(counts, Ok(expected));
    let rows = world
        .store
        .read(|reader| reader.people_page(&crate::PeopleFilter::default(), None, 10))
        .await
        .expect("read")
        .rows;
    let waiting: Vec<_> = rows.iter().map(|row| row.waiting).collect();
    assert_eq!(waiting, [1, 0]);
}

fn gap(connection: ConnectionId, (since, until): (i64, i64), seen: i64) -> GapRow {
    GapRow {
        id: 0,
        connection,
        conversation: Some(ExternalConversation::new("D1")),
        since: at(since),
        until: at(until),
        code: "forbidden".to_owned(),
        at: at(seen),
    }
}

#[tokio::test]
async fn gaps_that_touch_are_one() {
    let world = World::new().await;
    let slack = world.slack;
    let gaps = world
        .write(move |tx| {
            for (since, until) in [(10, 20), (20, 40), (60, 70), (65, 66)] {
                tx.add_gap(&gap(slack, (since, until), until))?;
            }
            tx.unread_gaps(10)
        })
        .await;
    let spans: Vec<_> = gaps.iter().map(|gap| (gap.since, gap.until)).collect();
    assert_eq!(spans, [(at(60), at(70)), (at(10), at(40))]);
}

#[tokio::test]
async fn what_a_platform_has_taught_is_kept_in_place_of_what_it_taught_before() {
    let world = World::new().await;
    let connection = world.slack;
    let kept = world
        .write(move |tx| {
            for spacing_us in [1_250_000, 1_500_000] {
                tx.put_learned_limit(&LimitRow {
                    connection,
                    spent_on: Spending::Post,
                    shared_by: SharedBy::Conversation,
                    spacing_us,
                    at: at(1),
                })?;
            }
            tx.learned_limits()
        })
        .await;
    let spacings: Vec<_> = kept.iter().map(|limit| limit.spacing_us).collect();
    assert_eq!(spacings, [1_500_000]);
}

#[tokio::test]
async fn the_sweep_takes_what_is_old_and_settled_and_leaves_the_rest() {
    let world = World::new().await;
    let (old, stuck) = (world.post(1, "a").await, world.post(2, "b").await);
    let recent = world.post(100, "c").await;
    world.deliver(old).await;
    world.deliver(recent).await;
    let slack = world.slack;
    let policy = RetentionPolicy {
        seen_ms: 50_000,
        message_ms: 50_000,
        ledger_ms: 50_000,
    };
    let (first, second) = world
        .write(move |tx| {
            tx.note_seen(slack, &EventKey("old".into()), at(1))?;
            tx.note_seen(slack, &EventKey("new".into()), at(99))?;
            for (until, seen) in [(1, 1), (99, 99)] {
                tx.add_gap(&gap(slack, (until, until), seen))?;
            }
            let swept = (
                tx.sweep(at(100), &policy, 10)?,
                tx.sweep(at(100), &policy, 10)?,
            );
            assert!(!tx.is_seen(slack, &EventKey("old".into()))?);
            assert!(tx.is_seen(slack, &EventKey("new".into()))?);
            assert!(tx.delivery(old)?.is_none());
            let stuck = tx.delivery(stuck)?.expect("it is not settled");
            assert!(tx.message(stuck.message.expect("a post"))?.is_some());
            assert!(tx.delivery(recent)?.is_some());
            Ok(swept)
        })
        .await;
    let one_each = SweptCounts {
        seen: 1,
        messages: 1,
        ledger: 1,
        gaps: 1,
    };
    assert_eq!((first, second), (one_each, SweptCounts::default()));
    let counts = world
        .store
        .read(|reader| reader.counts())
        .await
        .expect("read");
    assert_eq!((counts.delivered, counts.queued), (2, 1));
}
