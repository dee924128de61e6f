//! What arrives late says so, what is too old is not carried, and what goes round is stopped.

use causeway_model::{DeliveryState, FailureKind, Reason};

use crate::{
    catching_up::{Scene, scene},
    support::{Call, Fate},
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

impl Scene {
    fn settle(&self) {
        self.house.live(async |life| {
            life.ready().await;
            life.settle().await;
        });
    }
}

#[test]
fn what_arrives_long_after_it_was_written_says_when_that_was_and_so_do_its_edits() {
    let scene = scene();
    let message = scene.write("missed");
    scene.house.clock.end(20 * MINUTE_MS);
    scene.settle();
    let [_, late] = &scene.texts()[..] else {
        panic!("{:?}", scene.texts());
    };
    let marked = late.starts_with("(written 14 Nov 2023, 22:") && late.ends_with(" UTC) missed");
    assert!(marked, "{late}");

    scene.house.live(async |life| {
        life.ready().await;
        scene.house.slack.edit(&scene.here, &message, "mended");
        scene.write("on time");
        life.settle().await;
    });
    let mended = late.replace("missed", "mended");
    assert_eq!(scene.texts(), ["before", &mended, "on time"]);
}

#[test]
fn a_late_message_of_unknown_outcome_is_found_as_it_was_sent() {
    let scene = scene();
    scene.write("missed");
    scene.house.clock.end(20 * MINUTE_MS);
    scene.house.teams.script(Call::Post, [Fate::DoneUnanswered]);
    scene.house.live(async |life| {
        life.ready().await;
        life.pass(2_150).await;
    });
    assert_eq!(scene.house.teams.calls(Call::Post), 2, "it has been sent");
    // The hub ended before it knew.
    scene.house.clock.end(3 * 60 * MINUTE_MS);
    scene.settle();
    assert_eq!(scene.texts().len(), 2, "{:?}", scene.texts());
}

#[test]
fn what_was_written_longer_ago_than_the_policy_says_is_not_carried_and_activity_says_why() {
    let scene = scene();
    scene.write("missed");
    scene.house.clock.end(15 * DAY_MS);
    scene.write("yesterday");
    scene.house.clock.end(DAY_MS);
    scene.house.live(async |life| {
        life.ready().await;
        life.settle().await;
        let cancelled = life.in_state(DeliveryState::Cancelled).await;
        assert_eq!(cancelled, [Some(Reason::TooOld)]);
    });
    let texts = scene.texts();
    assert_eq!(texts.len(), 2);
    assert!(texts[1].ends_with("yesterday"));
}

/// Another bridge between the same two conversations, which speaks as the people themselves.
#[test]
fn what_another_bridge_carries_back_is_stopped_and_the_administrator_told() {
    let scene = scene();
    scene.house.live(async |life| {
        life.ready().await;
        let mut carried = scene.texts().len();
        scene.write("shall we say nine o'clock tomorrow?");
        for _ in 0..60 {
            life.pass(2_000).await;
            let texts = scene.texts();
            if texts.len() > carried {
                carried = texts.len();
                let text = format!("[from Teams] {}", texts[texts.len() - 1]);
                scene.write(&text);
            }
        }
        assert!(carried < 20, "it went round {carried} times");
        let cancelled = life.in_state(DeliveryState::Cancelled).await;
        assert_eq!(cancelled, [Some(Reason::LoopStopped)]);
        let notices = life.write(|tx| tx.notices()).await;
        let codes: Vec<_> = notices.iter().map(|notice| notice.code.as_str()).collect();
        assert_eq!(codes, ["loop_stopped"]);

        scene.write("sorry about that");
        life.settle().await;
        let texts = scene.texts();
        assert_eq!(texts.last().map(String::as_str), Some("sorry about that"));
    });
}

#[test]
fn what_a_platform_teaches_by_refusing_is_believed_in_the_next_life_too() {
    let scene = scene();
    let refused = Fate::Refused(FailureKind::Throttled {
        after_ms: Some(2_000),
    });
    scene.house.teams.script(Call::Post, [refused]);
    scene.house.live(async |life| {
        life.ready().await;
        scene.write("a");
        life.settle().await;
    });
    let learned = scene
        .house
        .live(async |life| life.write(|tx| tx.learned_limits()).await);
    assert_eq!(learned.len(), 1);

    let sent_within = |ms: u64| {
        scene.house.live(async |life| {
            life.ready().await;
            let before = scene.texts().len();
            for number in 0..400 {
                scene.write(&format!("number {number}"));
            }
            life.pass(ms).await;
            scene.texts().len() - before
        })
    };
    let slowed = sent_within(10_000);
    scene.settle();
    // A day later it is forgotten.
    scene.house.clock.end(DAY_MS);
    let full = sent_within(10_000);
    assert!(slowed * 10 < full * 9, "{slowed} against {full}");
}
