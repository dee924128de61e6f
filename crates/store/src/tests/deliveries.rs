use causeway_model::{DeliveryState, ExternalMessage, Operation, Reason, RelayId, Rung};

use super::world::{NOW, World, at, attempt, delivery, ended, message};
use crate::{AttemptRow, Conflict, NewDelivery, Settlement, StoreError};

#[tokio::test]
async fn an_attempt_is_recorded_before_and_its_outcome_after() {
    let world = World::new().await;
    let id = world.post(1, "hello").await;
    let leg = world.teams_leg;
    world
        .write(move |tx| {
            tx.begin_attempt(id, at(5), &attempt())?;
            assert_eq!(tx.in_flight()?.len(), 1);
            assert_eq!(tx.sending_on_leg(leg)?.len(), 1);
            let known = tx.attempt_info(id)?.expect("it exists");
            let expected = AttemptRow {
                digest: Some(attempt().digest),
                speaker: Some(attempt().speaker),
                intent_at: Some(at(5)),
            };
            assert_eq!(known, expected);
            let delivered = Settlement {
                external: Some(ExternalMessage::new("m1")),
                reason: Some(Reason::Throttled),
                ..ended(DeliveryState::Delivered)
            };
            assert!(tx.settle(id, at(6), &delivered)?);
            assert!(!tx.settle(id, at(7), &ended(DeliveryState::Dead))?);
            let row = tx.delivery(id)?.expect("it exists");
            assert_eq!((row.state, row.attempts), (DeliveryState::Delivered, 1));
            assert_eq!((row.rung, row.reason), (Some(Rung::Full), None));
            assert_eq!((row.intent_at, row.settled_at), (Some(at(5)), Some(at(6))));
            assert_eq!(row.external, Some(ExternalMessage::new("m1")));
            assert!(tx.in_flight()?.is_empty());
            assert_eq!(tx.last_source_at(leg)?, Some(at(1)));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn what_is_being_sent_is_not_sent_again_or_changed_underneath() {
    let world = World::new().await;
    let id = world.post(1, "hello").await;
    let refused = world
        .write(move |tx| {
            tx.replace_content(id, "hello, edited")?;
            assert_eq!(tx.content(id)?.as_deref(), Some("hello, edited"));
            tx.begin_attempt(id, NOW, &attempt())?;
            Ok([
                tx.begin_attempt(id, NOW, &attempt()),
                tx.replace_content(id, "too late"),
                tx.skip(id, NOW),
                tx.retry(id, NOW),
            ])
        })
        .await;
    assert_eq!(refused, [(); 4].map(|()| Err(Conflict::WrongState.into())));
}

#[tokio::test]
async fn an_uncertain_delivery_keeps_its_lane_and_its_content_until_someone_decides() {
    let world = World::new().await;
    let id = world.post(1, "hello").await;
    let leg = world.teams_leg;
    world
        .write(move |tx| {
            tx.begin_attempt(id, NOW, &attempt())?;
            tx.settle(id, NOW, &ended(DeliveryState::Uncertain))?;
            let head = tx.lane_head(leg)?.expect("it is still first");
            assert_eq!(head.0.id, id);
            assert_eq!(head.1.as_deref(), Some("hello"));
            tx.retry(id, at(9))?;
            let (again, _) = tx.lane_head(leg)?.expect("it is still first");
            assert_eq!((again.state, again.due_at), (DeliveryState::Queued, at(9)));
            tx.begin_attempt(id, NOW, &attempt())?;
            tx.settle(id, NOW, &ended(DeliveryState::Uncertain))?;
            tx.skip(id, NOW)?;
            assert!(tx.lane_head(leg)?.is_none());
            assert_eq!(tx.content(id)?, None);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_dead_post_cannot_be_sent_again_but_a_dead_deletion_can() {
    let world = World::new().await;
    let post = world.post(1, "hello").await;
    let leg = world.teams_leg;
    let (post_again, deletion_again) = world
        .write(move |tx| {
            let deletion = tx.add_delivery(&NewDelivery {
                operation: Operation::Delete,
                ..delivery(leg, None, 2, None)
            })?;
            let dead = Settlement {
                reason: Some(Reason::Forbidden),
                ..ended(DeliveryState::Dead)
            };
            tx.settle(post, NOW, &dead)?;
            tx.settle(deletion, NOW, &dead)?;
            let again = (tx.retry(post, NOW), tx.retry(deletion, NOW));
            let head = tx.lane_head(leg)?.expect("the deletion is back");
            assert_eq!((head.0.id, head.0.settled_at), (deletion, None));
            Ok(again)
        })
        .await;
    assert_eq!(post_again, Err(Conflict::ContentForgotten.into()));
    assert_eq!(deletion_again, Ok(()));
}

#[tokio::test]
async fn a_delivery_settles_only_into_a_settled_or_uncertain_state() {
    let world = World::new().await;
    let id = world.post(1, "hello").await;
    let refused = world
        .store
        .write(move |tx| tx.settle(id, NOW, &ended(DeliveryState::Queued)))
        .await;
    assert_eq!(refused, Err(StoreError::Conflict(Conflict::WrongState)));
}

#[tokio::test]
async fn a_delivery_is_found_by_its_relay_id_and_its_message() {
    let world = World::new().await;
    let (origin, to, ann) = (world.slack_leg, world.teams_leg, world.ann);
    world
        .write(move |tx| {
            let message = message(tx, origin, ann, 1)?;
            let new = |part, operation| NewDelivery {
                part,
                operation,
                ..delivery(to, Some(message), 1, Some("x"))
            };
            let second = tx.add_delivery(&new(1, Operation::Post))?;
            let first = NewDelivery {
                relay_id: RelayId::from_bits(u128::MAX),
                ..new(0, Operation::Post)
            };
            let first = tx.add_delivery(&first)?;
            tx.add_delivery(&new(0, Operation::Edit))?;
            let found = tx.delivery_by_relay_id(&RelayId::from_bits(u128::MAX))?;
            assert_eq!(found.expect("it exists").id, first);
            let queued = tx.queued_post_of(message, to)?;
            let ids: Vec<_> = queued.iter().map(|delivery| delivery.id).collect();
            assert_eq!(ids, [first, second]);
            tx.begin_attempt(first, NOW, &attempt())?;
            assert_eq!(tx.queued_post_of(message, to)?.len(), 1);
            assert_eq!(tx.deliveries_of_message(message, to)?.len(), 3);
            Ok(())
        })
        .await;
}
