//! Edits and deletions, whenever they come.

use causeway_model::{DeliveryState, FailureKind, Reason};

use crate::support::{Call, Fate, House, Life, Pair, Room, Setup};

struct Scene {
    house: House,
    pair: Pair,
    here: Room,
    there: Room,
}

fn scene() -> Scene {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    Scene {
        house,
        pair,
        here,
        there,
    }
}

impl Scene {
    fn play(&self, work: impl AsyncFnOnce(&Life)) {
        self.house.live(async |life| {
            life.ready().await;
            work(life).await;
            life.settle().await;
        });
    }

    fn texts(&self) -> Vec<String> {
        self.house.teams.texts(&self.there)
    }

    fn write(&self, text: &str) -> causeway_model::ExternalMessage {
        self.house
            .slack
            .write(&self.here, &self.pair.ann_slack, text)
    }
}

fn throttled() -> Fate {
    Fate::Refused(FailureKind::Throttled {
        after_ms: Some(5_000),
    })
}

#[test]
fn an_edit_and_a_deletion_reach_what_was_delivered() {
    let scene = scene();
    scene.play(async |life| {
        let edited = scene.write("helo");
        let deleted = scene.write("oops");
        life.settle().await;
        scene.house.slack.edit(&scene.here, &edited, "hello");
        scene.house.slack.delete(&scene.here, &deleted);
    });
    assert_eq!(scene.texts(), ["hello"]);
}

#[test]
fn an_edit_of_what_is_queued_only_changes_what_will_be_said() {
    let scene = scene();
    scene.house.teams.script(Call::Post, [throttled()]);
    scene.play(async |life| {
        let message = scene.write("helo");
        life.pass(1_000).await;
        scene.house.slack.edit(&scene.here, &message, "hello");
    });
    assert_eq!(scene.texts(), ["hello"]);
    assert_eq!(scene.house.teams.calls(Call::Edit), 0);
}

#[test]
fn a_storm_of_edits_is_made_as_one() {
    let scene = scene();
    scene.play(async |life| {
        let message = scene.write("0");
        life.settle().await;
        scene.house.teams.script(Call::Edit, [throttled()]);
        for edit in 1..=40 {
            let text = edit.to_string();
            scene.house.slack.edit(&scene.here, &message, &text);
            life.pass(10).await;
        }
    });
    assert_eq!(scene.texts(), ["40"]);
    // The one that was refused, and the one that said the last word.
    assert_eq!(scene.house.teams.calls(Call::Edit), 2);
}

#[test]
fn an_edit_that_has_not_left_is_not_made_once_the_message_is_deleted() {
    let scene = scene();
    scene.play(async |life| {
        let message = scene.write("helo");
        life.settle().await;
        scene.house.teams.script(Call::Edit, [throttled()]);
        scene.house.slack.edit(&scene.here, &message, "hello");
        life.pass(100).await;
        scene.house.slack.delete(&scene.here, &message);
    });
    assert_eq!(scene.texts(), [""; 0]);
    assert_eq!(scene.house.teams.calls(Call::Edit), 1);
}

#[test]
fn an_older_edit_that_is_told_after_a_newer_one_changes_nothing() {
    let scene = scene();
    scene.play(async |life| {
        let message = scene.write("helo");
        life.settle().await;
        scene.house.slack.state().withheld = Some(Vec::new());
        scene.house.slack.edit(&scene.here, &message, "hell");
        life.pass(1_000).await;
        let older = scene.house.slack.state().withheld.take();
        scene.house.slack.edit(&scene.here, &message, "hello");
        life.settle().await;
        for event in older.into_iter().flatten() {
            scene.house.slack.tell(Some(event));
        }
    });
    assert_eq!(scene.texts(), ["hello"]);
}

#[test]
fn the_last_edit_wins_where_a_post_that_did_not_arrive_is_queued_before_an_earlier_one() {
    let scene = scene();
    let lost = Fate::Refused(FailureKind::Unknown);
    let late = Fate::Refused(FailureKind::Throttled {
        after_ms: Some(60_000),
    });
    scene.house.teams.script(Call::Post, [lost, late]);
    scene.play(async |life| {
        let message = scene.write("0");
        life.pass(100).await;
        scene.house.slack.edit(&scene.here, &message, "1");
        life.pass(20_000).await;
        scene.house.slack.edit(&scene.here, &message, "2");
    });
    assert_eq!(scene.texts(), ["2"]);
}

#[test]
fn what_is_deleted_while_queued_is_never_sent() {
    let scene = scene();
    scene.house.teams.script(Call::Post, [throttled()]);
    scene.play(async |life| {
        let message = scene.write("oops");
        life.pass(1_000).await;
        scene.house.slack.delete(&scene.here, &message);
        life.settle().await;
        let cancelled = life.in_state(DeliveryState::Cancelled).await;
        assert_eq!(cancelled, [Some(Reason::DeletedBefore)]);
    });
    assert!(scene.texts().is_empty());
    assert_eq!(scene.house.teams.calls(Call::Post), 1);
}

#[test]
fn an_edit_and_a_deletion_of_what_is_being_sent_follow_it() {
    let scene = scene();
    let slow = [Fate::Slow(2_000), Fate::Slow(2_000)];
    scene.house.teams.script(Call::Post, slow);
    scene.play(async |life| {
        let edited = scene.write("helo");
        life.pass(500).await;
        scene.house.slack.edit(&scene.here, &edited, "hello");
        life.settle().await;
        let deleted = scene.write("oops");
        life.pass(500).await;
        scene.house.slack.delete(&scene.here, &deleted);
    });
    assert_eq!(scene.texts(), ["hello"]);
}

#[test]
fn an_edit_may_need_more_parts_or_fewer() {
    let scene = scene();
    scene.play(async |life| {
        let message = scene.write("a|b");
        life.settle().await;
        scene.house.slack.edit(&scene.here, &message, "a|x|c");
        life.settle().await;
        assert_eq!(scene.texts(), ["a", "x", "c"]);
        scene.house.slack.edit(&scene.here, &message, "z");
    });
    assert_eq!(scene.texts(), ["z"]);
}

#[test]
fn a_change_of_unknown_outcome_is_made_once_more() {
    let scene = scene();
    let lost = [Fate::Refused(FailureKind::Unknown), Fate::DoneUnanswered];
    scene.house.teams.script(Call::Edit, lost);
    let lost = [Fate::DoneUnanswered];
    scene.house.teams.script(Call::Delete, lost);
    scene.play(async |life| {
        let edited = scene.write("helo");
        let deleted = scene.write("oops");
        life.settle().await;
        scene.house.slack.edit(&scene.here, &edited, "hello");
        scene.house.slack.delete(&scene.here, &deleted);
        life.settle().await;
        let counts = life.counts().await;
        assert_eq!((counts.queued, counts.uncertain, counts.dead), (0, 0, 0));
    });
    assert_eq!(scene.texts(), ["hello"]);
}

#[test]
fn an_edit_is_made_as_whoever_posted_and_never_by_somebody_else() {
    let scene = scene();
    scene.play(async |life| {
        scene.write("mine");
        life.settle().await;
        // Bob edits the copy that the hub posted as Ann: platforms forbid it, and so does the hub.
        let copy = scene.house.teams.state().rooms[&scene.there].messages[0]
            .id
            .clone();
        scene.house.teams.edit(&scene.there, &copy, "not mine");
    });
    assert_eq!(scene.house.slack.texts(&scene.here), ["mine"]);
}

#[test]
fn a_message_that_is_told_only_after_its_deletion_is_not_relayed() {
    let scene = scene();
    scene.play(async |life| {
        scene.write("before");
        life.settle().await;
        scene.house.slack.state().withheld = Some(Vec::new());
        let deleted = scene.write("oops");
        let told = scene.house.slack.state().withheld.take();
        scene.house.slack.delete(&scene.here, &deleted);
        life.settle().await;
        for event in told.expect("it was withheld") {
            scene.house.slack.tell(Some(event));
        }
    });
    assert_eq!(scene.texts(), ["before"]);
}
