//! I7 and I9: who is relayed to whom, as whom, and for how long.

use causeway_engine::Policy;
use causeway_model::{
    AccountKind, Clock, DeliveryState, DirectoryAccount, ExternalAccount, FailureKind, Mode, Reason,
};
use causeway_relay::route::RoutePolicy;
use causeway_store::{Lanes, NewPairing};

use crate::support::{Call, Fate, House, Life, Pair, Room, SLACK, Setup, TEAMS, owner, pair_up};

fn rooms(house: &House) -> (Room, Room) {
    let pair = Pair::number(0);
    (
        house.slack.direct(&pair.ann_slack, &pair.bob_slack),
        house.teams.direct(&pair.ann_teams, &pair.bob_teams),
    )
}

/// As an administrator would: what is queued is cancelled, both pairings end.
async fn unpair(house: &House, life: &Life) {
    let now = house.clock.now();
    life.write(move |tx| {
        for pairing in tx.active_pairings()? {
            tx.cancel_queued(Lanes::Pairing(pairing.id), Reason::Unpaired, now)?;
            tx.end_pairing(pairing.id, now)?;
        }
        Ok(())
    })
    .await;
    life.engine.pairings_changed().await.expect("told");
}

#[test]
fn once_unpaired_nothing_is_relayed_and_paired_again_it_is() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house.live(async |life| {
        life.ready().await;
        let message = house.slack.write(&here, &pair.ann_slack, "before");
        life.settle().await;
        unpair(&house, life).await;
        let known = life.ledger().await.len();
        house.slack.write(&here, &pair.ann_slack, "between");
        house.slack.edit(&here, &message, "changed between");
        house.teams.write(&there, &pair.bob_teams, "between");
        life.settle().await;
        assert_eq!(house.teams.texts(&there), ["before", "between"]);
        assert_eq!(life.ledger().await.len(), known, "it leaves no trace");
        life.write(|tx| {
            let pair = Pair::number(0);
            pair_up(tx, (SLACK, &pair.ann_slack), (TEAMS, &pair.ann_teams))?;
            pair_up(tx, (TEAMS, &pair.bob_teams), (SLACK, &pair.bob_slack))
        })
        .await;
        house.slack.write(&here, &pair.ann_slack, "after");
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there), ["before", "between", "after"]);
}

#[test]
fn what_is_being_sent_when_the_pairing_ends_and_comes_back_is_not_sent_again() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    let slow = Fate::Refused(FailureKind::Unknown);
    house.teams.script(Call::Post, [slow]);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.pass(150).await;
        assert_eq!(life.counts().await.sending, 1);
        unpair(&house, life).await;
        life.settle().await;
        let cancelled = life.in_state(DeliveryState::Cancelled).await;
        assert_eq!(cancelled, [Some(Reason::Unpaired)]);
    });
    assert!(house.teams.texts(&there).is_empty());
}

#[test]
fn someone_unpaired_is_relayed_through_the_app_under_their_name_and_hears_the_answer() {
    let house = House::new(Setup {
        both: false,
        ..Setup::default()
    });
    let pair = Pair::number(0);
    let (here, _) = rooms(&house);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.settle().await;
        let rooms = house.teams.rooms_of("TAPP");
        let hello = ("app as Ann 0".to_owned(), "Ann 0: hello".to_owned());
        assert_eq!(house.teams.shown(&rooms[0]), [hello]);
        house.teams.write(&rooms[0], &pair.bob_teams, "hi");
        life.settle().await;
    });
    assert_eq!(house.slack.texts(&here), ["hello", "hi"]);
}

#[test]
fn someone_unpaired_is_not_relayed_where_the_policy_forbids_it() {
    let house = House::new(Setup {
        both: false,
        policy: Policy {
            route: RoutePolicy {
                relay_unpaired: false,
            },
            ..Policy::default()
        },
        ..Setup::default()
    });
    let pair = Pair::number(0);
    let (here, _) = rooms(&house);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.settle().await;
    });
    assert!(house.teams.rooms_of("TAPP").is_empty());
}

#[test]
fn nobody_speaks_through_an_account_that_was_handed_on_to_somebody_else() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "as Ann");
        life.settle().await;
        let now = house.clock.now();
        life.write(move |tx| {
            let pair = Pair::number(0);
            let (ann, primary) = owner(tx, SLACK, &pair.ann_slack)?;
            let ended = tx.pairing_of(ann, TEAMS)?.map(|pairing| pairing.id);
            tx.end_pairing(ended.expect("a pairing"), now)?;
            let carol = DirectoryAccount {
                external: ExternalAccount::new(&pair.ann_teams),
                email: Some("carol@acme.example".to_owned()),
                email_verified: true,
                name: "Carol".to_owned(),
                photo: None,
                kind: AccountKind::Full,
                active: true,
            };
            tx.import_accounts(TEAMS, &[carol], now)?;
            tx.add_pairing(&NewPairing {
                person: ann,
                primary,
                secondary_connection: TEAMS,
                secondary: None,
                mode: Mode::App,
                guest: None,
                since: now,
            })
        })
        .await;
        house.slack.write(&here, &pair.ann_slack, "not as Carol");
        house.teams.write(&there, &pair.ann_teams, "by Carol");
        life.settle().await;
        // It goes on in a conversation of the app, under Ann's own name.
        assert_eq!(life.in_state(DeliveryState::WaitingForPerson).await, []);
        let rooms = house.teams.rooms_of(&pair.bob_teams);
        let by_app: Vec<_> = rooms
            .iter()
            .flat_map(|room| house.teams.texts(room))
            .filter(|text| text.starts_with("Ann 0: "))
            .collect();
        assert_eq!(by_app, ["Ann 0: not as Carol"]);
    });
    assert_eq!(house.teams.texts(&there), ["as Ann", "by Carol"]);
    assert_eq!(house.slack.texts(&here), ["as Ann", "not as Carol"]);
}

#[test]
fn who_is_given_an_account_that_stood_for_somebody_else_reads_what_is_written_to_it() {
    let house = House::new(Setup {
        pairs: 2,
        ..Setup::default()
    });
    let (pair, other) = (Pair::number(0), Pair::number(1));
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "to the first");
        life.settle().await;
        let now = house.clock.now();
        life.write(move |tx| {
            // The first Bob was paired by mistake: the account is the other's.
            let (pair, other) = (Pair::number(0), Pair::number(1));
            let (first, _) = owner(tx, TEAMS, &pair.bob_teams)?;
            let (second, primary) = owner(tx, TEAMS, &other.bob_teams)?;
            for person in [first, second] {
                let ended = tx.pairing_of(person, SLACK)?.expect("a pairing");
                tx.end_pairing(ended.id, now)?;
            }
            let (_, account) = owner(tx, SLACK, &pair.bob_slack)?;
            tx.add_pairing(&NewPairing {
                person: second,
                primary,
                secondary_connection: SLACK,
                secondary: Some(account),
                mode: Mode::Full,
                guest: None,
                since: now,
            })
        })
        .await;
        house.slack.write(&here, &pair.ann_slack, "to the second");
        life.settle().await;
    });
    let read = |bob: &str| {
        let rooms = house.teams.rooms_of(bob);
        let texts = rooms.iter().flat_map(|room| house.teams.texts(room));
        texts.collect::<Vec<_>>()
    };
    assert_eq!(read(&pair.bob_teams), ["to the first"]);
    assert_eq!(read(&other.bob_teams), ["to the second"]);
}
