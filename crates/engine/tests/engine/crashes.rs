//! I1 and I2: the hub dies at every moment of a message's way, and starts again.

use causeway_model::FailureKind;

use crate::support::{Call, Fate, House, Pair, Setup};

/// The longest way a message takes here, in milliseconds.
const WAY: u64 = 420;

fn exactly_one_copy_after_a_crash(setup: Setup, fate: Fate, from_slack: bool) {
    for moment in (0..WAY).step_by(3) {
        let house = House::new(setup);
        let pair = Pair::number(0);
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        house.slack.script(Call::Post, [fate]);
        house.teams.script(Call::Post, [fate]);
        house.live(async |life| {
            life.pass(20).await;
            if from_slack {
                house.slack.write(&here, &pair.ann_slack, "hello");
            } else {
                let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
                house.teams.write(&there, &pair.bob_teams, "hello");
            }
            life.pass(moment).await;
        });
        house.live(async |life| {
            life.pass(3_000).await;
            life.settle().await;
            let counts = life.counts().await;
            let open = counts.queued + counts.sending + counts.waiting + counts.uncertain;
            assert_eq!(open, 0, "a crash after {moment} ms leaves something open");
        });
        let copies = |texts: Vec<Vec<String>>| -> usize {
            let whole = texts.into_iter().flatten();
            whole.filter(|text| text.ends_with("hello")).count()
        };
        let all_of = |platform: &crate::support::ModelPlatform, account: &str| {
            let rooms = platform.rooms_of(account);
            copies(rooms.iter().map(|room| platform.texts(room)).collect())
        };
        let there = all_of(&house.teams, &pair.bob_teams);
        let here = all_of(&house.slack, &pair.ann_slack);
        assert_eq!((here, there), (1, 1), "after a crash at {moment} ms");
    }
}

#[test]
fn a_crash_at_any_moment_leaves_exactly_one_copy_where_there_are_markers() {
    exactly_one_copy_after_a_crash(Setup::default(), Fate::Done, false);
}

#[test]
fn a_crash_at_any_moment_leaves_exactly_one_copy_where_there_are_none() {
    exactly_one_copy_after_a_crash(Setup::default(), Fate::Done, true);
}

#[test]
fn a_crash_while_an_echo_is_ahead_of_the_answer_leaves_exactly_one_copy() {
    exactly_one_copy_after_a_crash(Setup::default(), Fate::EchoFirst(60), true);
    exactly_one_copy_after_a_crash(Setup::default(), Fate::EchoFirst(60), false);
}

#[test]
fn a_crash_while_it_is_found_out_whether_a_post_arrived_leaves_exactly_one_copy() {
    exactly_one_copy_after_a_crash(Setup::default(), Fate::DoneUnanswered, true);
    let lost = Fate::Refused(FailureKind::Unknown);
    exactly_one_copy_after_a_crash(Setup::default(), lost, false);
}

#[test]
fn a_crash_while_a_private_conversation_is_made_makes_no_second_one() {
    let setup = Setup {
        tokens: false,
        ..Setup::default()
    };
    for moment in (0..120).step_by(3) {
        let house = House::new(setup);
        let pair = Pair::number(0);
        house.live(async |life| {
            life.pass(20).await;
            house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
            life.pass(moment).await;
        });
        house.live(async |life| {
            life.settle().await;
            house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
            life.settle().await;
        });
        let rooms = house.slack.rooms_of(&pair.ann_slack);
        assert_eq!(rooms.len(), 1, "after a crash at {moment} ms");
    }
}
