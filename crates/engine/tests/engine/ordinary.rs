//! What happens when nothing, or only time, goes wrong.

use causeway_model::{Clock, DeliveryState, FailureKind, Reason};

use crate::support::{Call, Fate, House, Pair, Room, SLACK, Setup, TEAMS};

/// The two conversations of the first pair, as both know them.
fn rooms(house: &House) -> (Room, Room) {
    let pair = Pair::number(0);
    (
        house.slack.direct(&pair.ann_slack, &pair.bob_slack),
        house.teams.direct(&pair.ann_teams, &pair.bob_teams),
    )
}

#[test]
fn each_writes_in_their_own_app_and_the_other_reads_it_as_if_typed_there() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        let (here, there) = rooms(&house);
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.settle().await;
        let hello = (pair.ann_teams.clone(), "hello".to_owned());
        assert_eq!(house.teams.shown(&there), [hello]);
        house.teams.write(&there, &pair.bob_teams, "hi");
        life.settle().await;
        let said = [
            (pair.ann_slack.clone(), "hello".to_owned()),
            (pair.bob_slack.clone(), "hi".to_owned()),
        ];
        assert_eq!(house.slack.shown(&here), said);
    });
}

#[test]
fn a_message_is_committed_before_it_is_acknowledged() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house
        .teams
        .always(Call::Post, Fate::Refused(FailureKind::NotSent));
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        // As soon as it is acknowledged the hub is gone.
        while house.slack.state().acknowledged.is_empty() {
            life.pass(1).await;
        }
    });
    house.teams.state().always.clear();
    // What is told in history could mask a loss: nothing is read back.
    house
        .slack
        .always(Call::History, Fate::Refused(FailureKind::Forbidden));
    house.live(async |life| life.settle().await);
    assert_eq!(house.teams.texts(&there), ["hello"]);
}

#[test]
fn an_event_told_several_times_makes_one_delivery() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house.slack.state().twice = true;
    house.teams.state().twice = true;
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        house.teams.write(&there, &pair.bob_teams, "hi");
        life.settle().await;
    });
    let mut said = house.slack.texts(&here);
    said.sort();
    assert_eq!(said, ["hello", "hi"]);
    let mut said = house.teams.texts(&there);
    said.sort();
    assert_eq!(said, ["hello", "hi"]);
}

#[test]
fn other_peoples_messages_leave_no_trace() {
    let house = House::new(Setup {
        pairs: 2,
        ..Setup::default()
    });
    house.live(async |life| {
        life.ready().await;
        // Bob's account in Slack is heard, but these two both work in Teams.
        let room = house.slack.direct("SB0", "SB1");
        house.slack.write(&room, "SB0", "lunch?");
        life.settle().await;
        let counts = life.counts().await;
        assert_eq!(counts.queued + counts.delivered + counts.dead, 0);
        assert_eq!(life.kept(SLACK, &house.slack).await, 0);
    });
    assert!(house.teams.state().rooms.is_empty());
}

#[test]
fn a_long_message_arrives_in_parts_in_their_order_and_between_no_others() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "a|b|c");
        life.pass(1).await;
        house.slack.write(&here, &pair.ann_slack, "d");
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there), ["a", "b", "c", "d"]);
}

#[test]
fn a_throttled_lane_waits_as_long_as_it_is_asked_to_and_keeps_its_order() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    let throttled = FailureKind::Throttled {
        after_ms: Some(7_000),
    };
    house.teams.script(Call::Post, [Fate::Refused(throttled)]);
    house.live(async |life| {
        life.ready().await;
        for text in ["one", "two", "three"] {
            house.slack.write(&here, &pair.ann_slack, text);
            life.pass(5).await;
        }
        let asked_at = house.clock.now();
        while house.teams.texts(&there).is_empty() {
            life.pass(10).await;
        }
        assert!(house.clock.now().ms_since(asked_at) >= 6_900);
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there), ["one", "two", "three"]);
}

#[test]
fn a_platform_that_hangs_or_refuses_does_not_hold_up_the_other() {
    let pairs = 80;
    let house = House::new(Setup {
        pairs,
        ..Setup::default()
    });
    house.teams.always(Call::Post, Fate::Slow(60_000));
    house.live(async |life| {
        life.ready().await;
        for number in 0..pairs {
            let pair = Pair::number(number);
            let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
            house.slack.write(&here, &pair.ann_slack, "hello");
        }
        life.pass(2_000).await;
        let pair = Pair::number(0);
        let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
        house.teams.write(&there, &pair.bob_teams, "hi");
        life.pass(600).await;
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        assert_eq!(house.slack.texts(&here), ["hello", "hi"]);
    });
}

#[test]
fn what_is_refused_for_good_is_dead_with_its_reason_and_the_lane_goes_on() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house
        .teams
        .script(Call::Post, [Fate::Refused(FailureKind::Rejected)]);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "one");
        life.pass(5).await;
        house.slack.write(&here, &pair.ann_slack, "two");
        life.settle().await;
        let dead = life.in_state(DeliveryState::Dead).await;
        assert_eq!(dead, [Some(Reason::Rejected)]);
    });
    assert_eq!(house.teams.texts(&there), ["two"]);
}

#[test]
fn a_lane_that_waits_for_a_token_goes_on_when_it_comes_and_only_that_lane_waited() {
    let house = House::new(Setup {
        pairs: 2,
        ..Setup::default()
    });
    let (ann0, ann1) = (Pair::number(0), Pair::number(1));
    let (here, there) = rooms(&house);
    let here1 = house.slack.direct(&ann1.ann_slack, &ann1.bob_slack);
    let there1 = house.teams.direct(&ann1.ann_teams, &ann1.bob_teams);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &ann0.ann_slack, "first");
        life.settle().await;
        let account = causeway_model::ExternalAccount::new(&ann0.ann_teams);
        house.teams.state().authorised.remove(&account);
        house.slack.write(&here, &ann0.ann_slack, "second");
        house.slack.write(&here1, &ann1.ann_slack, "other");
        life.settle().await;
        let waiting = life.in_state(DeliveryState::WaitingForPerson).await;
        assert_eq!(waiting, [Some(Reason::NotAuthorised)]);
        assert_eq!(house.teams.texts(&there1), ["other"]);
        house.teams.state().authorised.insert(account);
        life.write(|tx| tx.resume_waiting(causeway_store::Lanes::Connection(TEAMS)))
            .await;
        life.engine.pairings_changed().await.expect("woken lanes");
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there), ["first", "second"]);
}

#[test]
fn a_message_that_comes_in_after_a_later_one_was_delivered_is_delivered_and_marked_late() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "one");
        // The socket tells them in the wrong order, the first long after the second.
        let early = house.slack.state().told.pop_front().expect("the first");
        life.pass(5).await;
        house.slack.write(&here, &pair.ann_slack, "two");
        life.settle().await;
        house.slack.tell(Some(early));
        life.settle().await;
        let late: Vec<_> = life
            .ledger()
            .await
            .into_iter()
            .map(|row| row.delivery.late)
            .collect();
        assert_eq!(late.iter().filter(|late| **late).count(), 1);
    });
    let mut texts = house.teams.texts(&there);
    texts.sort();
    assert_eq!(texts, ["one", "two"]);
}

#[test]
fn a_lane_that_must_wait_keeps_one_timer_however_much_is_written_to_it() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let (here, there) = rooms(&house);
    let throttled = FailureKind::Throttled {
        after_ms: Some(60_000),
    };
    house.teams.script(Call::Post, [Fate::Refused(throttled)]);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "first");
        life.pass(500).await;
        let tasks = tokio::runtime::Handle::current().metrics();
        let before = tasks.num_alive_tasks();
        for number in 0..100 {
            house
                .slack
                .write(&here, &pair.ann_slack, &format!("{number}"));
            life.pass(10).await;
        }
        assert!(tasks.num_alive_tasks() <= before + 2);
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there).len(), 101);
}
