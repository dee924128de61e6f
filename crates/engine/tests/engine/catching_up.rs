//! I1 and I3: what happened while nobody heard is read back, in its place before what comes live.

use causeway_model::{Clock, ExternalMessage, FailureKind};

use crate::support::{Call, Fate, House, Pair, Room, SLACK, Setup, TEAMS};

pub(crate) struct Scene {
    pub house: House,
    pub pair: Pair,
    pub here: Room,
    pub there: Room,
}

/// Ann and Bob have written to each other, and the hub has gone away.
pub(crate) fn scene() -> Scene {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&here, &pair.ann_slack, "before");
        life.settle().await;
    });
    Scene {
        house,
        pair,
        here,
        there,
    }
}

impl Scene {
    pub(crate) fn write(&self, text: &str) -> ExternalMessage {
        self.house
            .slack
            .write(&self.here, &self.pair.ann_slack, text)
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.house.teams.texts(&self.there)
    }
}

#[test]
fn what_happens_live_behind_a_gap_comes_after_it() {
    let scene = scene();
    scene.write("missed 1");
    scene.house.clock.end(60_000);
    scene.write("missed 2");
    scene.house.clock.end(60_000);
    scene.house.slack.script(Call::History, [Fate::Slow(3_000)]);
    scene.house.live(async |life| {
        life.pass(50).await;
        scene.write("live");
        life.pass(2_000).await;
        assert_eq!(scene.texts(), ["before"]);
        life.settle().await;
        life.settle().await;
    });
    assert_eq!(scene.texts(), ["before", "missed 1", "missed 2", "live"]);
}

#[test]
fn a_crash_while_a_gap_is_read_loses_neither_the_gap_nor_what_came_behind_it() {
    let scene = scene();
    scene.write("missed");
    scene.house.clock.end(6 * 60_000);
    scene
        .house
        .slack
        .script(Call::History, [Fate::Slow(60_000)]);
    scene.house.live(async |life| {
        life.pass(50).await;
        scene.write("live");
        life.pass(5_000).await;
        assert_eq!(scene.house.slack.state().acknowledged.len(), 2);
    });
    scene.house.clock.end(6 * 60_000);
    scene.house.live(async |life| {
        life.ready().await;
        life.settle().await;
    });
    assert_eq!(scene.texts(), ["before", "missed", "live"]);
}

#[test]
fn a_second_gap_while_the_first_is_read_keeps_the_order() {
    for slow in [500, 3_000] {
        let scene = scene();
        scene.write("missed 1");
        scene.house.clock.end(60_000);
        scene.house.slack.script(Call::History, [Fate::Slow(slow)]);
        scene.house.live(async |life| {
            life.pass(50).await;
            scene.write("live 1");
            life.pass(1_400).await;
            scene.house.slack.state().listening = false;
            scene.write("missed 2");
            life.pass(100).await;
            life.engine.reload(SLACK).await.expect("a reload");
            life.pass(20).await;
            scene.write("live 2");
            life.pass(6_000).await;
            life.settle().await;
        });
        let expected = ["before", "missed 1", "live 1", "missed 2", "live 2"];
        assert_eq!(scene.texts(), expected, "history takes {slow} ms");
    }
}

#[test]
fn a_platform_that_hears_but_cannot_be_read_for_minutes_is_read_when_it_can() {
    let scene = scene();
    scene.write("missed");
    scene.house.clock.end(60_000);
    let away = Fate::Refused(FailureKind::NotSent);
    scene.house.slack.script(Call::History, vec![away; 15]);
    scene.house.live(async |life| {
        life.pass(50).await;
        scene.write("live");
        life.pass(10 * 60_000).await;
        life.settle().await;
    });
    assert_eq!(scene.texts(), ["before", "missed", "live"]);
}

#[test]
fn what_comes_behind_a_gap_that_may_not_be_read_goes_on_without_it() {
    let scene = scene();
    scene.write("missed");
    scene.house.clock.end(60_000);
    let forbidden = Fate::Refused(FailureKind::Forbidden);
    scene.house.slack.script(Call::History, [forbidden]);
    scene.house.live(async |life| {
        life.pass(50).await;
        scene.write("live");
        life.ready().await;
        life.settle().await;
        let gaps = life.write(|tx| tx.unread_gaps(10)).await;
        let [gap] = &gaps[..] else {
            panic!("{gaps:?}");
        };
        assert_eq!(gap.conversation.as_ref(), Some(&scene.here));
        assert_eq!(gap.code, "scripted");
        assert!(gap.until.ms_since(gap.since) > 60_000, "{gap:?}");
    });
    assert_eq!(scene.texts(), ["before", "live"]);
}

#[test]
fn what_was_written_a_moment_before_the_source_hears_is_not_missed() {
    let scene = scene();
    scene.house.live(async |life| {
        // The source hears only once this task lets it.
        scene.write("just now");
        life.ready().await;
        life.settle().await;
    });
    assert_eq!(scene.texts(), ["before", "just now"]);
}

#[test]
fn a_conversation_that_began_in_the_gap_is_found() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    house.live(async |life| life.ready().await);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    house.slack.write(&here, &pair.ann_slack, "missed");
    house.clock.end(60_000);
    house.live(async |life| {
        life.pass(50).await;
        house.slack.write(&here, &pair.ann_slack, "live");
        life.ready().await;
        life.settle().await;
    });
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    assert_eq!(house.teams.texts(&there), ["missed", "live"]);
}

#[test]
fn what_stood_in_a_conversation_before_it_became_a_leg_is_never_relayed() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    house.slack.write(&here, &pair.ann_slack, "years ago");
    {
        let mut state = house.slack.state();
        let room = state.rooms.get_mut(&here).expect("their room");
        room.messages[0].at = house.clock.now().plus_ms(-86_400_000);
    }
    house.live(async |life| {
        life.ready().await;
        house.teams.write(&there, &pair.bob_teams, "hi");
        // The hub ends before it has heard anything there.
        while house.slack.texts(&here).len() < 2 {
            life.pass(1).await;
        }
    });
    house.live(async |life| {
        life.ready().await;
        life.settle().await;
    });
    assert_eq!(house.teams.texts(&there), ["hi"]);
    assert_eq!(house.slack.texts(&here), ["years ago", "hi"]);
}

#[test]
fn what_cannot_be_placed_yet_is_kept_until_the_platform_tells() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    let away = Fate::Refused(FailureKind::NotSent);
    house.slack.script(Call::Conversation, vec![away; 4]);
    house.live(async |life| {
        life.ready().await;
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        for text in ["one", "two"] {
            house.slack.write(&here, &pair.ann_slack, text);
            // This event does not tell what its conversation is.
            let told = house.slack.state().told.pop_back();
            let mut told = told.expect("told");
            told.conversation_kind = None;
            house.slack.tell(Some(told));
            life.pass(20).await;
        }
        assert_eq!(life.kept(SLACK, &house.slack).await, 2);
        life.pass(30_000).await;
        life.settle().await;
        assert_eq!(life.kept(SLACK, &house.slack).await, 0);
    });
    let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
    assert_eq!(house.teams.texts(&there), ["one", "two"]);
}

#[test]
fn what_is_written_while_the_other_connection_is_out_of_use_goes_out_when_it_is_back() {
    for already_a_leg in [false, true] {
        let house = House::new(Setup::default());
        let pair = Pair::number(0);
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
        if already_a_leg {
            house.live(async |life| {
                life.ready().await;
                house.slack.write(&here, &pair.ann_slack, "before");
                life.settle().await;
            });
        }
        house.teams.state().unfit = true;
        house.live(async |life| {
            life.ready().await;
            for text in ["one|more", "two"] {
                house.slack.write(&here, &pair.ann_slack, text);
                life.pass(100).await;
            }
            assert_eq!(life.kept(SLACK, &house.slack).await, 2);
        });
        house.live(async |life| {
            life.ready().await;
            house.teams.state().unfit = false;
            life.engine.reload(TEAMS).await.expect("settings that fit");
            life.settle().await;
            assert_eq!(life.kept(SLACK, &house.slack).await, 0);
        });
        let texts = house.teams.texts(&there);
        let skipped = usize::from(already_a_leg);
        assert_eq!(texts[skipped..], ["one", "more", "two"]);
    }
}

#[test]
fn what_came_from_a_conversation_that_is_gone_is_not_kept_for_ever() {
    let house = House::new(Setup::default());
    let pair = Pair::number(0);
    house.live(async |life| {
        life.ready().await;
        let away = Fate::Refused(FailureKind::NotSent);
        house.slack.script(Call::Conversation, [away]);
        house
            .slack
            .always(Call::Conversation, Fate::Refused(FailureKind::Gone));
        let here = house.slack.direct(&pair.ann_slack, &pair.bob_slack);
        house.slack.write(&here, &pair.ann_slack, "one");
        let told = house.slack.state().told.pop_back();
        let mut told = told.expect("told");
        told.conversation_kind = None;
        house.slack.tell(Some(told));
        life.pass(7).await;
        assert_eq!(life.kept(SLACK, &house.slack).await, 1);
        life.pass(5_000).await;
        assert_eq!(life.kept(SLACK, &house.slack).await, 0);
    });
}

#[test]
fn what_was_written_in_one_millisecond_keeps_its_order_however_it_is_told() {
    let scene = scene();
    scene.house.clock.end(60_000);
    scene.house.slack.script(Call::History, [Fate::Slow(3_000)]);
    scene.house.live(async |life| {
        life.pass(50).await;
        let slack = &scene.house.slack;
        slack.state().withheld = Some(Vec::new());
        scene.write("first");
        scene.write("second");
        let told = slack.state().withheld.take();
        for event in told.into_iter().flatten().rev() {
            slack.tell(Some(event));
        }
        life.pass(5_000).await;
        life.settle().await;
    });
    assert_eq!(scene.texts(), ["before", "first", "second"]);
}
