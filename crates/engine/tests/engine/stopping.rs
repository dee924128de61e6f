//! Stopping and reloading: quick, and nothing is left half done.

use std::time::Duration;

use causeway_store::Writer;
use tokio::time::Instant;

use crate::support::{Call, Fate, House, Pair, SLACK, Setup};

#[test]
fn a_stop_is_quick_and_what_had_not_left_is_sent_at_the_next_start() {
    let pairs = 40;
    let house = House::new(Setup {
        pairs,
        ..Setup::default()
    });
    let room = |number| {
        let pair = Pair::number(number);
        house.slack.direct(&pair.ann_slack, &pair.bob_slack)
    };
    house.live(async |life| {
        life.ready().await;
        house.teams.always(Call::Open, Fate::Slow(3_000));
        for number in 0..pairs {
            house
                .slack
                .write(&room(number), &Pair::number(number).ann_slack, "hello");
        }
        life.pass(500).await;
        let begun = Instant::now();
        life.engine.stop().await;
        assert!(begun.elapsed() < Duration::from_secs(4));
        let counts = life.counts().await;
        assert_eq!(counts.sending, 0, "a call had time to end, or had not left");
        assert!(counts.queued > 0);
    });
    house.teams.state().always.clear();
    house.live(async |life| {
        life.ready().await;
        life.settle().await;
    });
    for number in 0..pairs {
        let pair = Pair::number(number);
        let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
        assert_eq!(house.teams.texts(&there), ["hello"]);
    }
}

#[test]
fn a_stop_does_not_wait_for_a_platform_that_is_asked_about_a_post() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.teams.script(Call::Post, [Fate::DoneUnanswered]);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "hello");
        life.pass(1_000).await;
        let begun = Instant::now();
        life.engine.stop().await;
        assert!(begun.elapsed() < Duration::from_secs(1));
        assert_eq!(life.counts().await.sending, 1);
    });
    house.live(async |life| {
        life.ready().await;
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there), ["hello"]);
}

#[test]
fn a_source_that_is_ended_while_its_events_are_committed_leaves_no_lane_behind() {
    // Virtual time stands still in the writer's thread: no conversation is to need more than its
    // platform lets through at once.
    const PAIRS: usize = 5;
    const MESSAGES: usize = 12;
    let house = House::new(Setup {
        writer: Writer::Thread,
        pairs: PAIRS,
        ..Setup::default()
    });
    let rooms: Vec<_> = (0..PAIRS)
        .map(|number| {
            let pair = Pair::number(number);
            let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
            let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
            (pair.ann_slack, here, there)
        })
        .collect();
    let texts = || -> Vec<_> {
        let all = rooms.iter().map(|(_, _, there)| house.teams.texts(there));
        all.flatten().collect()
    };
    house.live(async |life| {
        life.ready().await;
        for number in 0..MESSAGES {
            let (ann, here, _) = &rooms[number % PAIRS];
            house.slack.write(here, ann, &format!("{number}"));
            for _ in 0..number {
                tokio::task::yield_now().await;
            }
            life.engine.reload(SLACK).await.expect("a reload");
            life.pass(3_000).await;
        }
        // Virtual time would run ahead of the writer's thread: each look waits for its turn there.
        for _ in 0..2_000 {
            if texts().len() == MESSAGES {
                break;
            }
            life.write(|_| Ok(())).await;
            life.pass(100).await;
        }
        life.engine.stop().await;
        // The writer's thread must not outlive the test.
        life.store.close().await;
    });
    let mut texts = texts();
    texts.sort_by_key(|text| text.parse().unwrap_or(0));
    let expected: Vec<_> = (0..MESSAGES).map(|number| number.to_string()).collect();
    assert_eq!(texts, expected);
}
