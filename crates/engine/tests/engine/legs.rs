//! Opening conversations, and finding those that people have opened.

use causeway_model::{DeliveryState, FailureKind, Operation, Reason, capability};
use causeway_store::Lanes;

use crate::support::{Call, Fate, House, Pair, Room, Setup, TEAMS, authorise, put_token};

/// No tokens: both sides are conversations of the app.
fn without_tokens() -> House {
    House::new(Setup {
        tokens: false,
        ..Setup::default()
    })
}

fn only_room(house: &House, account: &str) -> Room {
    let rooms = house.slack.rooms_of(account);
    let [room] = rooms.as_slice() else {
        panic!("one conversation is expected, not {}", rooms.len());
    };
    room.clone()
}

#[test]
fn people_without_tokens_write_in_conversations_of_the_app() {
    let house = without_tokens();
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = only_room(&house, &pair.ann_slack);
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.settle().await;
        let there = house.teams.rooms_of(&pair.bob_teams);
        assert_eq!(there.len(), 1);
        let hello = ("app as Ann 0".to_owned(), "Ann 0: hello".to_owned());
        assert_eq!(house.teams.shown(&there[0]), [hello]);
        house.teams.write(&there[0], &pair.bob_teams, "hi");
        life.settle().await;
        let last = house.slack.shown(&here).pop();
        assert_eq!(last, Some(("app as Bob 0".to_owned(), "hi".to_owned())));
    });
}

#[test]
fn a_conversation_whose_opening_has_no_outcome_is_looked_for_and_made_once() {
    for fate in [Fate::DoneUnanswered, Fate::Refused(FailureKind::Unknown)] {
        let house = without_tokens();
        let pair = Pair::number(0);
        house.slack.script(Call::Open, [fate]);
        house.teams.script(Call::Open, [fate]);
        house.live(async |life| {
            life.ready().await;
            house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
            life.settle().await;
            let here = only_room(&house, &pair.ann_slack);
            house.slack.write(&here, &pair.ann_slack, "hello");
            life.settle().await;
        });
        assert_eq!(house.teams.rooms_of(&pair.bob_teams).len(), 1, "{fate:?}");
    }
}

#[test]
fn somebody_begins_the_native_conversation_while_the_hub_is_opening_it() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.slack.script(Call::Open, [Fate::Slow(5_000)]);
    house.live(async |life| {
        life.ready().await;
        house.teams.write(&there, &pair.bob_teams, "from Bob");
        life.pass(1_000).await;
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        house.slack.write(&here, &pair.ann_slack, "from Ann");
        life.settle().await;
        assert_eq!(house.slack.texts(&here), ["from Ann", "from Bob"]);
        assert_eq!(house.teams.texts(&there), ["from Bob", "from Ann"]);
    });
}

#[test]
fn somebody_begins_the_native_conversation_while_its_opening_waits_for_a_person() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    let forbidden = Fate::Refused(FailureKind::Forbidden);
    house.slack.script(Call::Open, [forbidden]);
    house.live(async |life| {
        life.ready().await;
        house.teams.write(&there, &pair.bob_teams, "from Bob");
        life.settle().await;
        let waiting = life.in_state(DeliveryState::WaitingForPerson).await;
        assert_eq!(waiting, [Some(Reason::Forbidden)]);
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        house.slack.write(&here, &pair.ann_slack, "from Ann");
        life.settle().await;
        assert_eq!(house.slack.texts(&here), ["from Ann", "from Bob"]);
    });
}

#[test]
fn what_waits_for_a_conversation_goes_out_when_its_opening_is_tried_again() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    house
        .teams
        .script(Call::Open, [Fate::Refused(FailureKind::Rejected)]);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.settle().await;
        let waiting = life.in_state(DeliveryState::WaitingForPerson).await;
        assert_eq!(waiting, [Some(Reason::Gone)]);
        let rows = life.ledger().await;
        let opening = rows
            .iter()
            .find(|row| row.delivery.operation == Operation::Open)
            .expect("an opening")
            .delivery
            .id;
        let now = causeway_model::Clock::now(house.clock.as_ref());
        life.write(move |tx| tx.retry(opening, now)).await;
        life.engine.pairings_changed().await.expect("woken lanes");
        life.settle().await;
    });
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    assert_eq!(house.teams.texts(&there), ["hello"]);
}

#[test]
fn a_conversation_whose_opening_was_skipped_is_opened_by_the_next_message() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    house
        .teams
        .script(Call::Open, [Fate::Refused(FailureKind::Forbidden)]);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "one");
        life.settle().await;
        let rows = life.ledger().await;
        let opening = rows
            .iter()
            .find(|row| row.delivery.operation == Operation::Open)
            .expect("an opening")
            .delivery
            .id;
        let now = causeway_model::Clock::now(house.clock.as_ref());
        life.write(move |tx| tx.skip(opening, now)).await;
        house.slack.write(&here, &pair.ann_slack, "two");
        life.settle().await;
    });
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    assert_eq!(house.teams.texts(&there), ["one", "two"]);
}

/// On the other side an app alone hears nothing, so that a pair has no conversation of its own there.
fn where_the_app_is_deaf() -> House {
    House::new(Setup {
        tokens: false,
        platforms: [&capability::SLACK, &capability::WEBEX_BY_SOCKETS],
        ..Setup::default()
    })
}

#[test]
fn where_nothing_can_be_said_yet_what_is_written_waits_and_goes_out_once_it_can() {
    let house = where_the_app_is_deaf();
    let pair = Pair::number(0);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let here = only_room(&house, &pair.ann_slack);
        house.slack.write(&here, &pair.ann_slack, "hello");
        house.slack.write(&here, &pair.ann_slack, "are you there?");
        life.settle().await;
        assert!(house.teams.texts(&there).is_empty());
        let waiting = life.in_state(DeliveryState::WaitingForPerson).await;
        assert_eq!(waiting, [Some(Reason::NotAuthorised)]);

        authorise(&house.teams, &pair.ann_teams);
        let account = pair.ann_teams.clone();
        // As connecting again with a token of hers does.
        life.write(move |tx| {
            put_token(tx, TEAMS, &account)?;
            tx.resume_waiting(Lanes::Connection(TEAMS))
        })
        .await;
        life.engine.pairings_changed().await.expect("told");
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there), ["hello", "are you there?"]);
}

#[test]
fn whoever_asks_for_somebody_where_nothing_would_be_heard_is_told_so() {
    let house = where_the_app_is_deaf();
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        house.teams.ask(&pair.bob_teams, "Ann 0", Some("reply"));
        life.settle().await;
    });
    let answers = house.teams.state().answers.clone();
    let [answer] = answers.as_slice() else {
        panic!("one answer is expected, not {}", answers.len());
    };
    assert!(
        answer.contains("cannot be reached from here yet"),
        "{answer}"
    );
}
