//! Consent by chance: many people at once write, are written to, begin, sign in (as themselves or as
//! somebody else), decline and ignore, while the hub crashes and backups are restored. Whatever
//! happens, nobody is asked twice, nobody who takes no part is asked, and nothing that waits is lost
//! or overtaken.

use std::{collections::HashSet, sync::Arc};

use causeway_engine::Policy;
use causeway_model::{Delivery, DeliveryState, ExternalAccount};
use tempfile::TempDir;

use crate::support::{
    CodeUse, Count, House, Life, ModelPlatform, Pair, Room, Seeded, Setup, Tally,
};

/// Each pair goes through an interleaving of its own.
const PAIRS: usize = 50;
/// How long messages wait for an answer.
const WAIT_MS: i64 = 10 * 60_000;

/// One pair, of which Ann is the one to be asked.
struct Case {
    pair: Pair,
    native: Room,
    /// What Ann wrote, in order.
    written: Vec<String>,
    takes_part: bool,
}

struct Play<'a> {
    house: &'a House,
    chance: &'a Seeded,
    seed: u64,
    cases: Vec<Case>,
}

impl<'a> Play<'a> {
    fn new(house: &'a House, chance: &'a Seeded, seed: u64) -> Self {
        let cases = (0..PAIRS).map(|number| {
            let pair = Pair::number(number);
            Case {
                native: house.teams.direct(&pair.ann_teams, &pair.bob_teams),
                pair,
                written: Vec::new(),
                takes_part: false,
            }
        });
        Self {
            cases: cases.collect(),
            house,
            chance,
            seed,
        }
    }

    fn pick(&self, below: usize) -> usize {
        usize::try_from(self.chance.below(below as u64)).expect("a small number")
    }

    /// Where Ann writes to Bob, if she can.
    fn place(&self, case: &Case) -> Option<Room> {
        let slack = &self.house.slack;
        let app = ExternalAccount::new("SAPP");
        let rooms = slack.rooms_of(&case.pair.ann_slack);
        let state = slack.state();
        rooms.into_iter().find(|room| {
            let members = &state.rooms[room].members;
            members.contains(&app) && members.len() > 2
        })
    }

    /// Somebody does something.
    fn act(&mut self) {
        let which = self.pick(PAIRS);
        let (slack, teams) = (&self.house.slack, &self.house.teams);
        let place = self.place(&self.cases[which]);
        let deed = self.chance.below(12);
        let case = &mut self.cases[which];
        let (ann, ann_there) = (case.pair.ann_slack.as_str(), case.pair.ann_teams.as_str());
        match (deed, place) {
            (0..=3, Some(room)) => {
                let text = format!("{ann} {}", case.written.len());
                slack.write(&room, ann, &text);
                case.written.push(text);
                case.takes_part = true;
            }
            (2..=4, _) => {
                teams.write(&case.native, &case.pair.bob_teams, "hello");
                case.takes_part = true;
            }
            (5 | 6, _) => {
                slack.press(ann, "consent:start");
            }
            (7..=9, _) => {
                if let Some(code) = slack.newest_code(ann, teams) {
                    let used = match deed {
                        7 => CodeUse::Declined,
                        8 => CodeUse::SignedIn(ExternalAccount::new("SOMEBODY")),
                        _ => CodeUse::SignedIn(ExternalAccount::new(ann_there)),
                    };
                    teams.use_code(&code, used);
                }
            }
            (10, _) if self.chance.below(4) == 0 => {
                slack.press(ann, "consent:decline");
            }
            _ => {}
        }
    }

    async fn live(&mut self, life: &Life, deeds: u64) {
        for _ in 0..deeds {
            self.act();
            life.pass([0, 1, 4, 15, 90][self.pick(5)]).await;
        }
    }

    fn judge(&self, verdict: &mut Verdict) {
        for case in &self.cases {
            let about = format!("seed {}, {}", self.seed, case.pair.ann_slack);
            let prompts = self.house.slack.prompts(&case.pair.ann_slack);
            let to_bob = self.house.teams.prompts(&case.pair.bob_teams);
            if prompts > 1 {
                let words = format!("asked {prompts} times: {about}");
                verdict.complain(Count::PromptedTwice, words);
            }
            if to_bob > 0 || (prompts > 0 && !case.takes_part) {
                let words = format!("asked without taking part: {about}");
                verdict.complain(Count::PromptedTwice, words);
            }
            let read = self.read_by_bob(case);
            for text in case.written.iter().filter(|text| !read.contains(text)) {
                verdict.complain(Count::Lost, format!("{text} is not there: {about}"));
            }
            for text in read.iter().filter(|text| !case.written.contains(text)) {
                let words = format!("{text} was never written: {about}");
                verdict.complain(Count::WrongAuthor, words);
            }
            if !read.is_sorted_by_key(|text| case.written.iter().position(|own| own == text)) {
                let words = format!("{read:?} instead of {:?}: {about}", case.written);
                verdict.complain(Count::OutOfOrder, words);
            }
            verdict.tally.messages += case.written.len() as u64;
        }
        verdict.tally.runs += PAIRS as u64;
    }

    /// What Ann wrote as Bob has come to read it, wherever; what a restored backup made the hub say
    /// again counts once.
    fn read_by_bob(&self, case: &Case) -> Vec<String> {
        let state = self.house.teams.state();
        let bob = ExternalAccount::new(&case.pair.bob_teams);
        let mut said: Vec<_> = state
            .rooms
            .values()
            .filter(|room| room.members.contains(&bob))
            .flat_map(|room| &room.messages)
            .filter(|message| message.author != bob)
            .map(|message| {
                let number: u64 = message.id.as_str().parse().expect("a number");
                (number, message.content.to_plain())
            })
            .collect();
        said.sort_unstable();
        let mut seen = HashSet::new();
        said.into_iter()
            .filter_map(|(_, text)| {
                let at = text.find(&format!("{} ", case.pair.ann_slack))?;
                Some(text[at..].to_owned())
            })
            .filter(|text| seen.insert(text.clone()))
            .collect()
    }
}

/// What the interleavings came to.
#[derive(Default)]
struct Verdict {
    tally: Tally,
    complaints: Vec<String>,
}

impl Verdict {
    fn complain(&mut self, what: Count, words: String) {
        self.tally.count(what);
        self.complaints.push(words);
    }

    /// What is still open at the end, though nothing should be.
    fn complain_of_open(&mut self, delivery: &Delivery, seed: u64) {
        let what = match delivery.state {
            DeliveryState::Delivered | DeliveryState::Cancelled => return,
            DeliveryState::Queued | DeliveryState::Sending | DeliveryState::WaitingForPerson => {
                Count::Lost
            }
            DeliveryState::Uncertain => Count::Uncertain,
            DeliveryState::Dead => Count::Dead,
        };
        let words = format!(
            "seed {seed}: {:?} on {:?} is {:?} because of {:?}",
            delivery.operation, delivery.leg, delivery.state, delivery.reason
        );
        self.complain(what, words);
    }
}

fn try_seed(seed: u64, verdict: &mut Verdict) {
    let chance = Seeded::new(seed ^ 0xc0_45e7);
    let house = House::that_asks(Setup {
        pairs: PAIRS,
        seed,
        latency_ms: chance.below(20),
        policy: Policy {
            consent_wait_ms: WAIT_MS,
            ..Policy::default()
        },
        ..Setup::default()
    });
    let platforms: [&Arc<ModelPlatform>; 2] = [&house.slack, &house.teams];
    let mut play = Play::new(&house, &chance, seed);
    let mut backup: Option<TempDir> = None;
    // A backup cannot know of conversations that were made after it: they are made before.
    house.live(async |life| {
        life.pass(1_500).await;
        for (number, case) in play.cases.iter().enumerate() {
            let whom = format!("Bob {number}");
            house.slack.ask(&case.pair.ann_slack, &whom, Some("reply"));
        }
        life.settle().await;
    });
    for _ in 0..2 + chance.below(4) {
        house.live(async |life| {
            if chance.below(2) == 0 {
                life.pass(1_500).await;
            }
            let deeds = chance.below(160);
            play.live(life, deeds).await;
        });
        house
            .clock
            .end(i64::try_from(chance.below(20 * 60_000)).expect("small"));
        match (chance.below(4), &backup) {
            (0, _) => backup = Some(house.back_up()),
            (1, Some(copy)) => house.restore(copy),
            _ => {}
        }
    }
    // Whoever has not answered never will: what waits goes out through the app.
    house.live(async |life| {
        life.pass(30_000).await;
        life.pass(u64::try_from(2 * WAIT_MS).expect("positive"))
            .await;
        life.settle().await;
        for row in life.ledger().await {
            verdict.complain_of_open(&row.delivery, seed);
        }
    });
    for platform in platforms {
        assert!(platform.state().withheld.is_none());
    }
    play.judge(verdict);
}

fn try_seeds(seeds: std::ops::Range<u64>, name: &str) {
    let mut verdict = Verdict::default();
    seeds.for_each(|seed| try_seed(seed, &mut verdict));
    verdict.tally.leave("consent", name);
    let Verdict { tally, complaints } = verdict;
    assert!(complaints.is_empty(), "{tally}\n{}", complaints.join("\n"));
}

#[test]
fn nobody_is_asked_twice_and_nothing_that_waits_is_lost_or_overtaken() {
    try_seeds(0..100, "first");
}

#[test]
fn nobody_is_asked_twice_and_nothing_that_waits_is_lost_or_overtaken_with_other_seeds() {
    try_seeds(100..200, "others");
}
