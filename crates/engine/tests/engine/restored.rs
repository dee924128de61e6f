//! I2, I4 and I5 after a backup was restored: an earlier life has gone on after the backup was made,
//! and nobody is told twice what it has told.

use std::{cell::OnceCell, collections::BTreeMap};

use causeway_engine::Pausing;
use causeway_model::{DeliveryState, FailureKind};
use tempfile::TempDir;

use crate::support::{Call, Fate, House, Life, Pair, Room, SLACK, Setup};

/// Ann and Bob, who have written to each other.
struct Scene {
    house: House,
    pair: Pair,
    here: Room,
    there: Room,
}

/// Whether the hub may speak as Bob in Slack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bob {
    AsHimself,
    /// By the app, in a conversation that it makes for the two.
    ThroughTheApp,
}

impl Scene {
    fn new(bob: Bob) -> Self {
        let house = House::new(Setup::default());
        let pair = Pair::number(0);
        let there = house.teams.direct(&pair.ann_teams, &pair.bob_teams);
        let here = match bob {
            Bob::AsHimself => house.slack.direct(&pair.ann_slack, &pair.bob_slack),
            Bob::ThroughTheApp => open_by_app(&house, &pair),
        };
        let scene = Self {
            house,
            pair,
            here,
            there,
        };
        scene.house.live(async |life| {
            life.ready().await;
            scene.both_write("before");
            life.settle().await;
        });
        scene
    }

    fn ann_writes(&self, text: &str) {
        let ann = &self.pair.ann_slack;
        self.house.slack.write(&self.here, ann, text);
    }

    fn bob_writes(&self, text: &str) {
        let bob = &self.pair.bob_teams;
        self.house.teams.write(&self.there, bob, text);
    }

    fn both_write(&self, text: &str) {
        self.ann_writes(&format!("{text} of Ann"));
        self.bob_writes(&format!("{text} of Bob"));
    }

    /// A backup with two messages queued, after which the hub goes on: it sends those and two more.
    fn goes_on_after_its_backup(&self) -> TempDir {
        self.house.live(async |life| {
            life.ready().await;
            pause(life).await;
            self.both_write("queued");
            life.pass(5_000).await;
            assert_eq!(life.counts().await.queued, 2);
            let backup = life.back_up(&self.house).await;
            resume(life).await;
            life.settle().await;
            self.both_write("after");
            life.settle().await;
            backup
        })
    }

    /// How often everything stands in each of the two conversations: without what leads a text.
    fn counted(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        let here = self.house.slack.texts(&self.here);
        let there = self.house.teams.texts(&self.there);
        for (place, texts) in [("Slack", here), ("Teams", there)] {
            // What the app itself says leads nowhere.
            for text in texts.iter().filter(|text| !text.starts_with("Write to ")) {
                let text = text.rsplit(") ").next().unwrap_or_default();
                let text = text.trim_start_matches("Ann 0: ");
                let text = text.trim_start_matches("Bob 0: ");
                *counted.entry(format!("{text} in {place}")).or_default() += 1;
            }
        }
        counted
    }

    fn stands_once_everywhere(&self, words: &[&str], what: &str) {
        let counted = self.counted();
        for word in words {
            for author in ["Ann", "Bob"] {
                for place in ["Slack", "Teams"] {
                    let line = format!("{word} of {author} in {place}");
                    assert_eq!(counted.get(&line), Some(&1), "{what}: {line}: {counted:?}");
                }
            }
        }
        assert_eq!(counted.len(), words.len() * 4, "{what}: {counted:?}");
    }
}

fn open_by_app(house: &House, pair: &Pair) -> Room {
    let now = causeway_model::Clock::now(house.clock.as_ref());
    let owner = format!("account:{}", pair.bob_slack);
    house.live(async |life| {
        life.ready().await;
        life.write(move |tx| tx.revoke_token(SLACK, &owner, now))
            .await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
    });
    let rooms = house.slack.rooms_of(&pair.ann_slack);
    let [room] = rooms.as_slice() else {
        panic!("one conversation is expected, not {}", rooms.len());
    };
    room.clone()
}

async fn pause(life: &Life) {
    let paused = life.engine.pause_sending(Pausing::Relay).await;
    paused.expect("it is stored");
}

async fn resume(life: &Life) {
    let resumed = life.engine.resume_sending(Pausing::Relay).await;
    resumed.expect("it is stored");
}

#[test]
fn what_an_earlier_life_has_said_since_the_backup_is_found_and_not_said_again() {
    const MINUTE: i64 = 60_000;
    for bob in [Bob::AsHimself, Bob::ThroughTheApp] {
        // Either side is read back first; and what is late says so.
        for (slow_slack, slow_teams) in [(0, 0), (20_000, 0), (0, 20_000)] {
            for gone in [MINUTE, 30 * MINUTE] {
                let what = format!("{bob:?} {slow_slack} {slow_teams} {gone}");
                let scene = Scene::new(bob);
                let backup = scene.goes_on_after_its_backup();
                let said = scene.counted();
                scene.house.clock.end(gone);
                scene.both_write("missed");
                scene.house.clock.end(MINUTE);
                scene.house.restore_backup(&backup);
                let slack = [Fate::Slow(slow_slack)];
                scene.house.slack.script(Call::History, slack);
                let teams = [Fate::Slow(slow_teams)];
                scene.house.teams.script(Call::History, teams);
                scene.house.live(async |life| {
                    life.ready().await;
                    life.pass(30_000).await;
                    let standing = scene.counted().values().sum::<usize>();
                    let before = said.values().sum::<usize>() + 2;
                    assert_eq!(standing, before, "{what}: it is paused at first");
                    resume(life).await;
                    life.settle().await;
                    life.settle().await;
                    scene.both_write("and on");
                    life.settle().await;
                    let counts = life.counts().await;
                    let open = (counts.queued, counts.sending, counts.waiting);
                    assert_eq!(open, (0, 0, 0), "{what}");
                    assert_eq!((counts.uncertain, counts.dead), (0, 0), "{what}");
                });
                let words = ["before", "queued", "after", "missed", "and on"];
                scene.stands_once_everywhere(&words, &what);
            }
        }
    }
}

#[test]
fn a_restored_hub_that_is_resumed_before_it_has_read_anything_says_nothing_twice_either() {
    for bob in [Bob::AsHimself, Bob::ThroughTheApp] {
        let scene = Scene::new(bob);
        let backup = scene.goes_on_after_its_backup();
        scene.house.clock.end(60_000);
        scene.house.restore_backup(&backup);
        scene.house.live(async |life| {
            resume(life).await;
            life.ready().await;
            life.settle().await;
            life.settle().await;
        });
        let words = ["before", "queued", "after"];
        scene.stands_once_everywhere(&words, &format!("{bob:?}"));
    }
}

#[test]
fn a_restored_hub_that_crashes_while_it_looks_says_nothing_twice() {
    for moments in [40, 90, 160, 260, 400, 700] {
        let scene = Scene::new(Bob::AsHimself);
        let backup = scene.goes_on_after_its_backup();
        scene.house.clock.end(60_000);
        scene.house.restore_backup(&backup);
        scene.house.live_at_most(Some(moments), async |life| {
            resume(life).await;
            life.ready().await;
            life.settle().await;
        });
        scene.house.clock.end(10_000);
        scene.house.live(async |life| {
            // Where it crashed before that was stored.
            resume(life).await;
            life.ready().await;
            life.settle().await;
            life.settle().await;
        });
        let words = ["before", "queued", "after"];
        scene.stands_once_everywhere(&words, &format!("after {moments}"));
    }
}

#[test]
fn what_cannot_be_looked_for_is_left_to_an_administrator() {
    let scene = Scene::new(Bob::AsHimself);
    let backup = scene.goes_on_after_its_backup();
    scene.house.clock.end(60_000);
    scene.house.restore_backup(&backup);
    let forbidden = Fate::Refused(FailureKind::Forbidden);
    scene.house.teams.always(Call::History, forbidden);
    scene.house.live(async |life| {
        life.ready().await;
        resume(life).await;
        life.pass(120_000).await;
        assert_eq!(life.in_state(DeliveryState::Uncertain).await.len(), 1);
    });
    let counted = scene.counted();
    assert!(counted.values().all(|times| *times == 1), "{counted:?}");
}

#[test]
fn identical_words_of_an_earlier_life_stand_for_one_delivery_each() {
    let scene = Scene::new(Bob::AsHimself);
    let backup = OnceCell::new();
    scene.house.live(async |life| {
        life.ready().await;
        let kept = life.back_up(&scene.house).await;
        backup.set(kept).expect("once");
        for _ in 0..3 {
            scene.ann_writes("ok");
            life.settle().await;
        }
    });
    scene.house.clock.end(60_000);
    // Nobody has carried this one.
    scene.ann_writes("ok");
    scene.house.clock.end(60_000);
    scene.house.restore_backup(backup.get().expect("a backup"));
    scene.house.live(async |life| {
        life.ready().await;
        resume(life).await;
        life.settle().await;
        life.settle().await;
    });
    assert_eq!(scene.counted().get("ok in Teams"), Some(&4));
    assert_eq!(scene.counted().get("ok in Slack"), Some(&4));
}

#[test]
fn nobody_is_asked_again_by_a_hub_that_was_restored_from_before_it_asked() {
    let house = House::that_asks(Setup::default());
    let pair = Pair::number(0);
    let (backup, room) = (OnceCell::new(), OnceCell::new());
    house.live(async |life| {
        life.ready().await;
        house.slack.ask(&pair.ann_slack, "Bob 0", Some("reply"));
        life.settle().await;
        let rooms = house.slack.rooms_of(&pair.ann_slack);
        room.set(rooms[0].clone()).expect("once");
        let kept = life.back_up(&house).await;
        backup.set(kept).expect("once");
        house.slack.write(&rooms[0], &pair.ann_slack, "one");
        life.settle().await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
    });
    house.clock.end(60_000);
    house.restore_backup(backup.get().expect("a backup"));
    house.live(async |life| {
        life.ready().await;
        let room = room.get().expect("it was opened");
        house.slack.write(room, &pair.ann_slack, "two");
        life.pass(30_000).await;
        resume(life).await;
        life.settle().await;
        assert_eq!(house.slack.prompts(&pair.ann_slack), 1);
    });
}
