//! I2 and I6: unknown outcomes are settled by evidence, and what stays undecidable stops only its
//! own lane.

use causeway_model::{DeliveryState, FailureKind, Reason};

use crate::support::{Call, Fate, House, Life, Pair, Room, Setup};

const LOST: Fate = Fate::Refused(FailureKind::Unknown);

/// Ann writes to Bob in Teams (no markers), and Bob to Ann in Slack (markers).
struct Scene {
    house: House,
    pair: Pair,
    here: Room,
    there: Room,
}

fn scene() -> Scene {
    let house = House::new(Setup {
        pairs: 2,
        ..Setup::default()
    });
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
    fn script(&self, fates: &[Fate]) {
        self.house.slack.script(Call::Post, fates.iter().copied());
        self.house.teams.script(Call::Post, fates.iter().copied());
    }

    /// Everyone says this, and the hub has time for it.
    fn say(&self, texts: &[&str]) {
        self.house.live(async |life| {
            life.ready().await;
            for text in texts {
                self.house
                    .slack
                    .write(&self.here, &self.pair.ann_slack, text);
                life.pass(3_000).await;
                life.settle().await;
                self.house
                    .teams
                    .write(&self.there, &self.pair.bob_teams, text);
                life.pass(3_000).await;
                life.settle().await;
            }
            life.settle().await;
            self.check(life, texts.len()).await;
        });
    }

    async fn check(&self, life: &Life, each: usize) {
        let counts = life.counts().await;
        assert_eq!((counts.queued, counts.sending, counts.uncertain), (0, 0, 0));
        assert_eq!(self.house.slack.texts(&self.here).len(), 2 * each);
        assert_eq!(self.house.teams.texts(&self.there).len(), 2 * each);
    }
}

#[test]
fn what_was_done_without_an_answer_is_found_and_not_sent_again() {
    let scene = scene();
    scene.script(&[Fate::DoneUnanswered]);
    scene.say(&["hello"]);
    assert_eq!(scene.house.slack.calls(Call::Post), 1);
    assert_eq!(scene.house.teams.calls(Call::Post), 1);
}

#[test]
fn what_was_done_only_after_the_hub_stopped_waiting_is_found_as_well() {
    let scene = scene();
    scene.script(&[Fate::DoneAfterwards(500)]);
    scene.say(&["hello"]);
    assert_eq!(scene.house.slack.calls(Call::Post), 1);
    assert_eq!(scene.house.teams.calls(Call::Post), 1);
}

#[test]
fn what_was_surely_not_done_is_sent_once_more() {
    let scene = scene();
    scene.script(&[LOST]);
    scene.say(&["hello"]);
    assert_eq!(scene.house.slack.calls(Call::Post), 2);
    assert_eq!(scene.house.teams.calls(Call::Post), 2);
}

#[test]
fn identical_texts_prove_one_delivery_each() {
    let scene = scene();
    scene.script(&[Fate::Done, LOST, Fate::Done, Fate::DoneUnanswered, LOST]);
    scene.say(&["ok", "ok", "ok", "ok"]);
}

#[test]
fn a_platform_that_never_answers_is_asked_less_and_less_often() {
    let scene = scene();
    scene.house.teams.always(Call::Post, LOST);
    let Scene { house, pair, .. } = &scene;
    house.live(async |life| {
        life.ready().await;
        house.slack.write(&scene.here, &pair.ann_slack, "hello");
        life.pass(3_600_000).await;
    });
    // Once a minute at most, but for the beginning.
    assert!(house.teams.calls(Call::Post) < 75);
}

#[test]
fn a_platform_that_is_away_for_an_hour_hides_nothing() {
    let scene = scene();
    let away = Fate::Refused(FailureKind::NotSent);
    scene.house.teams.script(Call::Post, [Fate::DoneUnanswered]);
    scene.house.teams.always(Call::History, away);
    let Scene { house, pair, .. } = &scene;
    house.live(async |life| {
        life.ready().await;
        // The event about it is lost on the way as well.
        house.slack.write(&scene.here, &pair.ann_slack, "hello");
        life.pass(3_600_000).await;
        house.teams.state().always.clear();
        life.pass(120_000).await;
        life.settle().await;
        assert_eq!(life.counts().await.uncertain, 0);
    });
    assert_eq!(house.teams.texts(&scene.there), ["hello"]);
}

#[test]
fn what_cannot_be_read_back_is_uncertain_and_stops_its_own_lane_alone() {
    let scene = scene();
    let (here, there) = (&scene.here, &scene.there);
    let forbidden = Fate::Refused(FailureKind::Forbidden);
    scene.house.teams.script(Call::Post, [LOST]);
    scene.house.teams.always(Call::History, forbidden);
    let Scene { house, pair, .. } = &scene;
    let other = Pair::number(1);
    let here1 = house.slack.direct(&other.ann_slack, &other.bob_slack);
    let there1 = house.teams.direct(&other.ann_teams, &other.bob_teams);
    house.live(async |life| {
        life.ready().await;
        house.slack.write(here, &pair.ann_slack, "one");
        life.pass(5_000).await;
        house.slack.write(here, &pair.ann_slack, "two");
        house.slack.write(&here1, &other.ann_slack, "elsewhere");
        life.pass(60_000).await;
        let uncertain = life.in_state(DeliveryState::Uncertain).await;
        assert_eq!(uncertain, [Some(Reason::UnknownOutcome)]);
        assert!(house.teams.texts(there).is_empty());
        assert_eq!(house.teams.texts(&there1), ["elsewhere"]);
        let stuck = life
            .ledger()
            .await
            .into_iter()
            .find(|row| row.delivery.state == DeliveryState::Uncertain);
        let stuck = stuck.expect("an uncertain row").delivery.id;
        let now = causeway_model::Clock::now(house.clock.as_ref());
        life.write(move |tx| tx.retry(stuck, now)).await;
        life.engine.pairings_changed().await.expect("woken lanes");
        life.settle().await;
    });
    assert_eq!(house.teams.texts(there), ["one", "two"]);
}

#[test]
fn an_event_heard_in_time_or_late_settles_what_cannot_be_read_back() {
    for tell_late in [false, true] {
        let scene = scene();
        let forbidden = Fate::Refused(FailureKind::Forbidden);
        scene.house.teams.script(Call::Post, [Fate::DoneUnanswered]);
        scene.house.teams.always(Call::History, forbidden);
        let Scene { house, pair, .. } = &scene;
        house.live(async |life| {
            life.ready().await;
            house.slack.write(&scene.here, &pair.ann_slack, "hello");
            house.teams.state().withheld = Some(Vec::new());
            while house.teams.texts(&scene.there).is_empty() {
                life.pass(1).await;
            }
            if tell_late {
                life.pass(60_000).await;
                let uncertain = life.in_state(DeliveryState::Uncertain).await;
                assert_eq!(uncertain.len(), 1);
            }
            let withheld = house.teams.state().withheld.take();
            let withheld = withheld.expect("it was withheld");
            withheld
                .into_iter()
                .for_each(|event| house.teams.tell(Some(event)));
            life.settle().await;
            let counts = life.counts().await;
            // The conversation's opening, and the message.
            assert_eq!((counts.uncertain, counts.delivered), (0, 2));
        });
        assert_eq!(house.slack.texts(&scene.here), ["hello"]);
        assert_eq!(house.teams.texts(&scene.there), ["hello"]);
    }
}

#[test]
fn a_marker_heard_after_the_list_was_read_in_vain_still_prevents_a_second_copy() {
    let scene = scene();
    let Scene { house, pair, .. } = &scene;
    // It is done far later than the platform's lists may lag.
    house
        .slack
        .script(Call::Post, [Fate::DoneAfterwards(1_250)]);
    house.live(async |life| {
        life.ready().await;
        house.teams.write(&scene.there, &pair.bob_teams, "hi");
        life.settle().await;
        let counts = life.counts().await;
        // The conversation's opening, and the message.
        assert_eq!((counts.queued, counts.delivered), (0, 2));
    });
    assert_eq!(house.slack.texts(&scene.here), ["hi"]);
}
