use causeway_model::{
    AccountId, DeliveryId, DeliveryState, ExternalAccount, Mode, Reason, Timestamp,
};
use proptest::prelude::*;

use super::world::{NOW, World, at, delivery, ended};
use crate::ops::lanes::head_query;
use crate::ops::ledger::page_query;
use crate::{Lanes, NewPairing};

#[derive(Debug, Clone)]
enum Step {
    Add { seconds: i64 },
    SettleHead,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..6_i64).prop_map(|seconds| Step::Add { seconds }),
        1 => Just(Step::SettleHead),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_lanes_head_is_always_the_earliest_by_source_time_then_by_arrival(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(follows_the_model(steps));
    }
}

async fn follows_the_model(steps: Vec<Step>) {
    let world = World::new().await;
    let leg = world.teams_leg;
    world
        .write(move |tx| {
            let mut lane: Vec<(Timestamp, DeliveryId)> = Vec::new();
            for step in steps {
                match step {
                    Step::Add { seconds } => {
                        let id = tx.add_delivery(&delivery(leg, None, seconds, Some("x")))?;
                        lane.push((at(seconds), id));
                        lane.sort();
                    }
                    Step::SettleHead if lane.is_empty() => {}
                    Step::SettleHead => {
                        let (_, id) = lane.remove(0);
                        tx.settle(id, NOW, &ended(DeliveryState::Cancelled))?;
                    }
                }
                let head = tx
                    .lane_head(leg)?
                    .map(|(head, _)| (head.source_at, head.id));
                assert_eq!(head, lane.first().copied());
                assert_eq!(tx.busy_lanes()?.is_empty(), lane.is_empty());
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn heads_of_lanes_and_pages_of_the_ledger_are_found_by_index_without_sorting() {
    let world = World::new().await;
    let in_trouble = page_query("d.state <> 'delivered' AND d.state = 'dead'");
    for (query, index) in [
        (head_query(), "deliveries_lane"),
        (page_query("true"), "deliveries_received"),
        (in_trouble, "deliveries_notable"),
    ] {
        let read = world.store.read(move |reader| {
            let sql = reader.sql();
            let mut statement = sql.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
            let rows = statement.raw_query();
            let details = rows.mapped(|row| row.get::<_, String>("detail"));
            Ok(details.collect::<Result<Vec<_>, _>>()?.join("; "))
        });
        let plan = read.await.expect("read");
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[tokio::test]
async fn what_waits_for_a_person_is_resumed_by_lane_and_by_connection() {
    let world = World::new().await;
    let (first, second) = (world.post(1, "a").await, world.post(2, "b").await);
    let (slack_leg, teams) = (world.slack_leg, world.teams);
    let (link, teams_leg) = (world.link, world.teams_leg);
    world
        .write(move |tx| {
            tx.wait_for_person(first, Reason::NotAuthorised)?;
            tx.wait_for_person(second, Reason::NotAuthorised)?;
            assert_eq!(tx.resume_waiting(Lanes::Leg(slack_leg))?, 0);
            assert_eq!(tx.resume_waiting(Lanes::Connection(teams))?, 2);
            tx.wait_for_person(first, Reason::NotAuthorised)?;
            assert_eq!(tx.resume_waiting(Lanes::Leg(teams_leg))?, 1);
            assert_eq!(tx.resume_waiting(Lanes::Link(link))?, 0);
            let (head, _) = tx.lane_head(teams_leg)?.expect("it is queued");
            assert_eq!((head.id, head.state), (first, DeliveryState::Queued));
            assert_eq!(head.reason, None);
            tx.postpone(first, at(90), Some(Reason::Throttled))?;
            let (head, _) = tx.lane_head(teams_leg)?.expect("it is queued");
            assert_eq!(
                (head.due_at, head.reason),
                (at(90), Some(Reason::Throttled))
            );
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn ending_a_pairing_cancels_what_is_unsent_because_of_it_and_nothing_else() {
    let world = World::new().await;
    let (queued, sending) = (world.post(1, "a").await, world.post(2, "b").await);
    let waiting = world.post(3, "c").await;
    let (slack, teams) = (world.slack, world.teams);
    let (ann, bob) = (world.ann, world.bob);
    let cancelled = world
        .write(move |tx| {
            tx.begin_attempt(sending, NOW, &super::world::attempt())?;
            tx.wait_for_person(waiting, Reason::NotAuthorised)?;
            let account = |connection, external: &str| -> Result<AccountId, crate::StoreError> {
                let external = ExternalAccount::new(external);
                let found = tx.account_by_external(connection, &external)?;
                found
                    .map(|account| account.id)
                    .ok_or(crate::StoreError::NotFound("account"))
            };
            let anns = tx.add_pairing(&NewPairing {
                person: ann,
                primary: account(slack, "U1")?,
                secondary_connection: teams,
                secondary: None,
                mode: Mode::App,
                guest: None,
                since: NOW,
            })?;
            let bobs = tx.add_pairing(&NewPairing {
                person: bob,
                primary: account(teams, "T1")?,
                secondary_connection: slack,
                secondary: None,
                mode: Mode::App,
                guest: None,
                since: NOW,
            })?;
            let cancelled = tx.cancel_queued(Lanes::Pairing(anns), Reason::Unpaired, NOW)?;
            let nothing_left = tx.cancel_queued(Lanes::Pairing(bobs), Reason::Unpaired, NOW)?;
            assert_eq!(nothing_left, 0);
            assert_eq!(tx.content(queued)?, None);
            assert!(tx.content(sending)?.is_some());
            Ok(cancelled)
        })
        .await;
    assert_eq!(cancelled, 2);
    assert_eq!(world.state(queued).await, DeliveryState::Cancelled);
    assert_eq!(world.state(waiting).await, DeliveryState::Cancelled);
    assert_eq!(world.state(sending).await, DeliveryState::Sending);
}
