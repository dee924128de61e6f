use causeway_model::{
    ExternalAccount, ExternalConversation, ExternalMessage, LegKind, LegState, Rung, Speaker,
};

use super::world::{NOW, World, at, leg, message};
use crate::{Conflict, CopyRow, NewLeg};

#[tokio::test]
async fn two_people_have_one_link_whoever_is_named_first() {
    let world = World::new().await;
    let (ann, bob, slack, teams) = (world.ann, world.bob, world.slack, world.teams);
    let link = world.link;
    world
        .write(move |tx| {
            assert_eq!(tx.ensure_link(bob, ann, teams, slack, NOW)?.id, link);
            let found = tx.link_between(bob, ann, teams, slack)?;
            let found = found.expect("it exists");
            assert_eq!((found.person_a, found.connection_a), (ann, slack));
            assert_eq!(tx.link_between(ann, bob, teams, slack)?, None);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_conversation_is_one_leg_only() {
    let world = World::new().await;
    let (slack, ann, link) = (world.slack, world.ann, world.link);
    let first = world.slack_leg;
    let refused = world
        .store
        .write(move |tx| tx.add_leg(&leg(link, slack, ann, "D1")))
        .await;
    assert_eq!(refused, Err(Conflict::ConversationTaken.into()));
    world
        .write(move |tx| {
            let unopened = NewLeg {
                external: None,
                kind: LegKind::Group,
                state: LegState::Current,
                ..leg(link, slack, ann, "")
            };
            let second = tx.add_leg(&unopened)?;
            tx.set_leg_state(first, LegState::Old)?;
            let mpim = ExternalConversation::new("G1");
            tx.set_leg_conversation(second, &mpim)?;
            let stand_in = Speaker::Account(ExternalAccount::new("U9"));
            tx.set_leg_speaker(second, &stand_in, None)?;
            let found = tx.leg_by_conversation(slack, &mpim)?.expect("it is a leg");
            assert_eq!((found.id, &found.speaker), (second, &stand_in));
            let states: Vec<_> = tx.legs_of_link(link)?.iter().map(|leg| leg.state).collect();
            assert_eq!(
                states,
                [LegState::Old, LegState::Current, LegState::Current]
            );
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_persons_conversation_with_the_app_is_found_by_their_account() {
    let world = World::new().await;
    let (slack, teams, ann, link) = (world.slack, world.teams, world.ann, world.link);
    world
        .write(move |tx| {
            let account = tx.account_by_external(slack, &ExternalAccount::new("U1"))?;
            let account = account.expect("it exists").id;
            assert_eq!(tx.app_leg(slack, account)?, None);
            let id = tx.add_leg(&NewLeg {
                link: None,
                kind: LegKind::App,
                ..leg(link, slack, ann, "D-app")
            })?;
            assert_eq!(tx.app_leg(slack, account)?.expect("it exists").id, id);
            assert_eq!(tx.app_leg(teams, account)?, None);
            tx.set_leg_state(id, LegState::Closed)?;
            assert_eq!(tx.app_leg(slack, account)?, None);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_copy_belongs_to_one_message_and_can_be_sent_anew() {
    let world = World::new().await;
    let (origin, to, ann) = (world.slack_leg, world.teams_leg, world.ann);
    let taken = world
        .write(move |tx| {
            let first = message(tx, origin, ann, 1)?;
            let second = message(tx, origin, ann, 2)?;
            let copy = |message, external: &str| CopyRow {
                message,
                leg: to,
                part: 0,
                external: ExternalMessage::new(external),
                speaker: Speaker::App,
                rung: Rung::App,
                at: at(3),
            };
            tx.add_copy(&copy(first, "m1"))?;
            tx.add_copy(&copy(first, "m2"))?;
            assert_eq!(tx.copies(first)?, [copy(first, "m2")]);
            assert_eq!(tx.copy_by_external(to, &ExternalMessage::new("m1"))?, None);
            let taken = tx.add_copy(&copy(second, "m2"));
            assert!(tx.remove_copy(to, &ExternalMessage::new("m2"))?);
            assert!(!tx.remove_copy(to, &ExternalMessage::new("m2"))?);
            Ok(taken)
        })
        .await;
    assert_eq!(taken, Err(Conflict::CopyTaken.into()));
}

#[tokio::test]
async fn a_message_that_is_known_keeps_its_author() {
    let world = World::new().await;
    let (origin, ann, bob) = (world.slack_leg, world.ann, world.bob);
    world
        .write(move |tx| {
            let external = ExternalMessage::new("1.5");
            let (u1, u2) = (ExternalAccount::new("U1"), ExternalAccount::new("U2"));
            let first = tx.add_message(origin, &external, Some(ann), &u1, at(1))?;
            let again = tx.add_message(origin, &external, Some(bob), &u2, at(2))?;
            assert_eq!(first, again);
            let known = tx
                .message_by_origin(origin, &external)?
                .expect("it is known");
            assert_eq!((known.author_person, known.at), (Some(ann), at(1)));
            Ok(())
        })
        .await;
}
