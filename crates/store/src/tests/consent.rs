use causeway_model::{
    AccountId, AskedBecause, Consent, ExternalMessage, GuestState, Mode, Operation, RelayId, Rung,
    SignInWay, Speaker,
};

use super::world::{NOW, World, at, delivery, do_write};
use crate::{
    Conflict, CopyRow, EndingSignIns, NewDelivery, NewPairing, NewPrompt, StoreError, TokenRow, Tx,
};

const HOW: SignInWay = SignInWay::DeviceCode;

fn asked(seconds: i64) -> Consent {
    Consent::Asked {
        at: NOW,
        how: HOW,
        until: at(seconds),
    }
}

fn account_of(tx: &Tx<'_>, person: causeway_model::PersonId) -> Result<AccountId, StoreError> {
    let accounts = tx.accounts_of_person(person)?;
    Ok(accounts.first().expect("they have one").id)
}

fn prompt(
    tx: &Tx<'_>,
    world: (AccountId, causeway_model::LegId),
    because: AskedBecause,
    subject: u128,
) -> Result<i64, StoreError> {
    let (account, leg) = world;
    let delivery = tx.add_delivery(&delivery(leg, None, 1, Some("asked")))?;
    tx.add_prompt(&NewPrompt {
        account,
        because,
        subject: RelayId::from_bits(subject),
        delivery,
        at: NOW,
    })
}

#[tokio::test]
async fn the_hub_asks_by_itself_once_and_an_administrator_as_often_as_they_like() {
    let world = World::new().await;
    let (ann, leg) = (world.ann, world.slack_leg);
    let again = world
        .write(move |tx| {
            let account = account_of(tx, ann)?;
            prompt(tx, (account, leg), AskedBecause::Sent, 1)?;
            prompt(tx, (account, leg), AskedBecause::Administrator, 2)?;
            prompt(tx, (account, leg), AskedBecause::Administrator, 3)?;
            let received = prompt(tx, (account, leg), AskedBecause::Received, 4);
            let last = tx.last_prompt(account)?.expect("there is one");
            assert_eq!(last.subject, RelayId::from_bits(3));
            Ok(received.err())
        })
        .await;
    assert!(matches!(
        again,
        Some(StoreError::Conflict(Conflict::AlreadyAsked))
    ));
}

#[tokio::test]
async fn every_state_of_consent_reads_as_it_was_written() {
    let world = World::new().await;
    let ann = world.ann;
    let states = [
        asked(60),
        Consent::Granted {
            at: at(2),
            scopes: "Chat.ReadWrite User.Read".to_owned(),
        },
        Consent::Declined { at: at(3) },
        Consent::Revoked { at: at(4) },
    ];
    for state in states {
        let written = state.clone();
        let read = world
            .write(move |tx| {
                let account = account_of(tx, ann)?;
                tx.set_consent(account, &written)?;
                tx.consent(account)
            })
            .await;
        assert_eq!(read, Some(state));
    }
}

#[tokio::test]
async fn a_wait_is_over_once_and_the_question_stays_open() {
    let world = World::new().await;
    let ann = world.ann;
    world
        .write(move |tx| {
            let account = account_of(tx, ann)?;
            tx.set_consent(account, &asked(60))?;
            assert_eq!(tx.next_consent_deadline()?, Some(at(60)));
            assert_eq!(tx.overdue_consents(at(59))?, []);
            assert_eq!(tx.overdue_consents(at(60))?, [account]);
            assert!(tx.lapse_consent(account, at(60))?);
            assert!(!tx.lapse_consent(account, at(61))?);
            assert_eq!(tx.overdue_consents(at(99))?, []);
            assert_eq!(tx.next_consent_deadline()?, None);
            assert!(tx.has_lapsed(account)?);
            assert!(matches!(tx.consent(account)?, Some(Consent::Asked { .. })));
            tx.set_consent(account, &asked(120))?;
            assert!(!tx.has_lapsed(account)?);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_revoked_token_takes_the_consent_with_it() {
    let world = World::new().await;
    let (ann, slack) = (world.ann, world.slack);
    let left = world
        .write(move |tx| {
            let account = account_of(tx, ann)?;
            let token = TokenRow {
                access: Some("a".to_owned()),
                expires_at: None,
                refresh: None,
                refresh_ends_at: None,
                scopes: String::new(),
            };
            tx.put_token(slack, "account:U1", &token)?;
            let granted = Consent::Granted {
                at: NOW,
                scopes: String::new(),
            };
            tx.set_consent(account, &granted)?;
            tx.revoke_token(slack, "account:U1", at(5))?;
            tx.consent(account)
        })
        .await;
    assert_eq!(left, Some(Consent::Revoked { at: at(5) }));
}

#[tokio::test]
async fn sign_ins_that_end_are_counted_until_they_are_used_or_revoked() {
    let world = World::new().await;
    let slack = world.slack;
    let ending = move |tx: &Tx<'_>| tx.sign_ins_ending_before(slack, at(100));
    let ends = |refresh_ends_at| TokenRow {
        access: None,
        expires_at: None,
        refresh: Some("r".to_owned()),
        refresh_ends_at,
        scopes: String::new(),
    };
    world
        .write(move |tx| {
            tx.put_token(slack, "account:U1", &ends(Some(at(99))))?;
            tx.put_token(slack, "account:U2", &ends(Some(at(100))))?;
            tx.put_token(slack, "account:U3", &ends(None))?;
            tx.put_token(slack, "app", &ends(Some(at(7))))?;
            let counted = |known, ending| EndingSignIns { known, ending };
            assert_eq!(ending(tx)?, counted(2, 1));
            assert_eq!(tx.own_sign_in_ends(slack)?, [("app".to_owned(), at(7))]);
            tx.renew_token(slack, "account:U1", &ends(Some(at(200))))?;
            assert_eq!(ending(tx)?, counted(2, 0));
            tx.revoke_token(slack, "account:U1", at(5))?;
            assert_eq!(ending(tx)?, counted(1, 0));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn what_waits_moves_to_another_lane_in_its_order() {
    let world = World::new().await;
    let first = world.post(1, "one").await;
    let second = world.post(2, "two").await;
    let (from, link, teams, bob) = (world.teams_leg, world.link, world.teams, world.bob);
    let (to, moved, side) = world
        .write(move |tx| {
            tx.wait_for_person(first, causeway_model::Reason::AwaitingConsent)?;
            let to = tx.add_leg(&super::world::leg(link, teams, bob, "19:y"))?;
            let moved = tx.move_unsent(from, to)?;
            let side = tx.legs_of_side(link, teams)?;
            Ok((to, moved, side.len()))
        })
        .await;
    assert_eq!(moved, (2, Some(at(1))));
    assert_eq!(side, 2);
    let head = world.store.read(move |reader| reader.lane_head(to)).await;
    let (head, content) = head.expect("read").expect("a head");
    assert_eq!((head.id, content.as_deref()), (first, Some("one")));
    world.deliver(first).await;
    let head = world.store.read(move |reader| reader.lane_head(to)).await;
    assert_eq!(head.expect("read").expect("a head").0.id, second);
}

/// The first part stands in the conversation that is left, the second goes out in the new one.
#[tokio::test]
async fn what_changes_a_part_that_moves_goes_with_it_and_what_changes_another_stays() {
    let world = World::new().await;
    let (origin, from, ann) = (world.slack_leg, world.teams_leg, world.ann);
    let (link, teams, bob) = (world.link, world.teams, world.bob);
    let [stayed, post, moved] = world
        .write(move |tx| {
            let message = super::world::message(tx, origin, ann, 1)?;
            let part = |operation, part, seconds| NewDelivery {
                operation,
                part,
                ..delivery(from, Some(message), seconds, Some("said"))
            };
            tx.add_copy(&CopyRow {
                message,
                leg: from,
                part: 0,
                external: ExternalMessage::new("M1"),
                speaker: Speaker::App,
                rung: Rung::App,
                at: NOW,
            })?;
            let post = tx.add_delivery(&part(Operation::Post, 1, 1))?;
            let edits = [0, 1].map(|number| tx.add_delivery(&part(Operation::Edit, number, 2)));
            let [first, second] = edits;
            let to = tx.add_leg(&super::world::leg(link, teams, bob, "19:y"))?;
            tx.move_unsent(from, to)?;
            Ok([first?, post, second?])
        })
        .await;
    let leg_of = async |id| {
        let delivery = world.store.read(move |reader| reader.delivery(id)).await;
        delivery.expect("read").expect("it is there").leg
    };
    assert_eq!(leg_of(stayed).await, from);
    assert_ne!(leg_of(post).await, from);
    assert_eq!(leg_of(moved).await, leg_of(post).await);
}

#[tokio::test]
async fn a_side_is_busy_while_any_of_its_legs_is() {
    let world = World::new().await;
    let post = world.post(1, "one").await;
    let (link, teams, bob) = (world.link, world.teams, world.bob);
    let (slack_leg, old) = (world.slack_leg, world.teams_leg);
    world
        .write(move |tx| {
            let new = tx.add_leg(&super::world::leg(link, teams, bob, "19:y"))?;
            assert!(!tx.is_side_sending(new)?);
            tx.begin_attempt(post, NOW, &super::world::attempt())?;
            assert!(tx.is_side_sending(new)?);
            assert!(tx.is_side_sending(old)?);
            assert!(!tx.is_side_sending(slack_leg)?);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_guest_is_found_by_how_far_it_has_come() {
    let world = World::new().await;
    let (ann, teams) = (world.ann, world.teams);
    do_write(&world.store, move |tx| {
        let primary = account_of(tx, ann)?;
        let pairing = tx.add_pairing(&NewPairing {
            person: ann,
            primary,
            secondary_connection: teams,
            secondary: None,
            mode: Mode::Guest,
            guest: Some(GuestState::Wanted),
            since: NOW,
        })?;
        assert_eq!(tx.pairings_with_guest(GuestState::Wanted)?.len(), 1);
        let guest = super::world::listed("G1", "Ann Lee", "ann@elsewhere.test");
        tx.import_accounts(teams, &[guest], NOW)?;
        let account = tx
            .account_by_external(teams, &causeway_model::ExternalAccount::new("G1"))?
            .expect("imported");
        tx.set_guest(pairing, GuestState::Invited, Some(account.id))?;
        let row = tx.pairing(pairing)?.expect("it is there");
        assert_eq!(row.secondary, Some(account.id));
        assert_eq!(row.guest, Some(GuestState::Invited));
        let account = tx.account(account.id)?.expect("it is there");
        assert_eq!(account.person, Some(ann));
        assert_eq!(tx.pairings_with_guest(GuestState::Wanted)?, []);
        Ok(())
    })
    .await;
}
