//! Who lives in the simulation, and what is known of them: who is paired how, and what was written.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use causeway_model::{
    Clock, ConnectionId, ConversationKind, ExternalMessage, Mode, RelayId, Timestamp,
};

use crate::support::{Count, House, ModelPlatform, Pair, Room, SLACK, Seeded, TEAMS, Tally};

pub const PAIRS: usize = 2;

/// How the house of a seed begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// The hub holds the tokens of those who stand for others.
    Tokens,
    /// It holds none, and nobody can give any: the app speaks.
    AppOnly,
    /// Those who work in Slack are asked for their account in Teams.
    Asking,
}

/// Somebody who works on one platform and has an account on the other as well.
pub struct Person {
    pub home: ConnectionId,
    pub own: String,
    pub there: String,
    pub name: String,
}

/// What an administrator has decided about somebody, and when it was committed.
#[derive(Debug, Clone, Copy)]
pub struct Decision {
    pub at: Timestamp,
    pub who: Who,
    /// None: not paired.
    pub mode: Option<Mode>,
}

/// One of a pair: the first works in Slack, the other in Teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    pub pair: usize,
    pub one: usize,
}

impl Who {
    pub fn other(self) -> Self {
        Self {
            one: 1 - self.one,
            ..self
        }
    }
}

/// Something that somebody wrote, and what of it the other has been shown.
pub struct Written {
    pub by: Who,
    pub room: Room,
    pub id: ExternalMessage,
    pub at: Timestamp,
    /// As it was at first, and after each edit.
    pub versions: Vec<String>,
    pub deleted: bool,
    /// A perfect relay would show it: nothing stood in the way when it was written.
    pub is_due: bool,
    /// Written in a conversation of the app in which the hub had said nothing: it may not have known
    /// yet that it is there.
    pub is_first_word: bool,
    /// A change of it may have been stopped on its way, by somebody's decision.
    pub may_be_stale: bool,
    /// Messages that the hub made of it, by part.
    pub copies: BTreeMap<u16, Vec<(Room, ExternalMessage)>>,
}

/// Everyone, and everything that has happened so far.
pub struct Town<'a> {
    pub house: &'a House,
    pub chance: Arc<Seeded>,
    pub scene: Scene,
    pub people: Vec<[Person; 2]>,
    pub written: Vec<Written>,
    /// By platform and id there.
    pub by_id: BTreeMap<(ConnectionId, ExternalMessage), usize>,
    /// Pushed to within the transactions themselves, so that a crash cannot come in between.
    pub decisions: Arc<Mutex<Vec<Decision>>>,
    /// Strangers who are in a conversation now.
    pub strangers: Vec<(ConnectionId, Room, String)>,
    /// Prompts that an administrator has asked for, by the account of whoever is asked.
    pub asked_again: BTreeMap<String, usize>,
    /// How much the hub has said that was judged, by platform.
    pub judged: BTreeMap<ConnectionId, usize>,
    /// The newest that each has been shown saying.
    pub newest: BTreeMap<Who, (Timestamp, usize, u16)>,
    /// What was shown after something later.
    pub stragglers: Vec<(RelayId, String)>,
    /// Somebody's token was taken away while the hub may have been speaking as them.
    pub evidence_was_hidden: bool,
    pub tally: Tally,
    pub complaints: Vec<String>,
}

impl<'a> Town<'a> {
    pub fn new(house: &'a House, chance: &Arc<Seeded>, scene: Scene) -> Self {
        let people: Vec<_> = (0..PAIRS).map(couple).collect();
        let began = house.clock.now();
        let everyone = (0..PAIRS).flat_map(|pair| [0, 1].map(|one| Who { pair, one }));
        let decisions = everyone.map(|who| Decision {
            at: began,
            who,
            mode: Some(Mode::Full),
        });
        if scene != Scene::AppOnly {
            for pair in (0..PAIRS).map(Pair::number) {
                house.teams.direct(&pair.ann_teams, &pair.bob_teams);
                house.slack.direct(&pair.ann_slack, &pair.bob_slack);
            }
        }
        Self {
            house,
            chance: Arc::clone(chance),
            scene,
            people,
            written: Vec::new(),
            by_id: BTreeMap::new(),
            decisions: Arc::new(Mutex::new(decisions.collect())),
            strangers: Vec::new(),
            asked_again: BTreeMap::new(),
            judged: BTreeMap::new(),
            newest: BTreeMap::new(),
            stragglers: Vec::new(),
            evidence_was_hidden: false,
            tally: Tally::default(),
            complaints: Vec::new(),
        }
    }

    pub fn person(&self, who: Who) -> &Person {
        &self.people[who.pair][who.one]
    }

    pub fn platform(&self, connection: ConnectionId) -> &'a ModelPlatform {
        match connection {
            SLACK => &self.house.slack,
            _ => &self.house.teams,
        }
    }

    pub fn everyone(&self) -> Vec<Who> {
        let pairs = 0..self.people.len();
        pairs
            .flat_map(|pair| [0, 1].map(|one| Who { pair, one }))
            .collect()
    }

    pub fn pick(&self, below: usize) -> usize {
        usize::try_from(self.chance.below(below.max(1) as u64)).expect("a small number")
    }

    pub fn complain(&mut self, what: Count, words: &str) {
        self.tally.count(what);
        let at = self.house.clock.now().0;
        self.complaints
            .push(format!("{}, at {at}: {words}", what.word()));
    }

    /// How somebody is paired now.
    pub fn mode(&self, who: Who) -> Option<Mode> {
        self.modes_at(who, self.house.clock.now())
            .last()
            .copied()
            .flatten()
    }

    /// How somebody was paired in a moment: several ways, when it was changed in that moment.
    pub fn modes_at(&self, who: Who, at: Timestamp) -> Vec<Option<Mode>> {
        let decisions = self.decisions.lock().expect("nobody panicked");
        let mut modes = Vec::new();
        for decision in decisions.iter().filter(|decision| decision.who == who) {
            if decision.at < at {
                modes.clear();
            }
            if decision.at <= at {
                modes.push(decision.mode);
            }
        }
        modes
    }

    pub fn is_relayed_for(&self, who: Who) -> bool {
        self.mode(who).is_some() && self.mode(who.other()).is_some()
    }

    /// Whether what is said in a conversation reaches the hub as a conversation of theirs.
    pub fn is_heard(&self, who: Who, room: &Room) -> bool {
        let other = self.person(who.other());
        let platform = self.platform(self.person(who).home);
        let state = platform.state();
        let found = &state.rooms[room];
        match found.kind {
            ConversationKind::Direct => {
                let by_token = found
                    .members
                    .iter()
                    .any(|member| state.authorised.contains(member));
                let stands_for = found.members.iter().any(|m| m.as_str() == other.there);
                drop(state);
                stands_for
                    && self.mode(who.other()) == Some(Mode::Full)
                    && (by_token || platform.state().hears_all)
            }
            ConversationKind::WithApp | ConversationKind::Group | ConversationKind::Channel => {
                found.strangers.is_empty()
            }
        }
    }

    /// Where somebody can write to the other of their pair.
    pub fn places(&self, who: Who) -> Vec<Room> {
        let (person, other) = (self.person(who), self.person(who.other()));
        let platform = self.platform(person.home);
        let rooms = platform.rooms_of(&person.own);
        let state = platform.state();
        rooms
            .into_iter()
            .filter(|room| {
                let found = &state.rooms[room];
                let has = |account: &str| found.members.iter().any(|m| m.as_str() == account);
                match found.kind {
                    ConversationKind::Direct => has(&other.there),
                    ConversationKind::Group => has(platform.app.as_str()),
                    ConversationKind::WithApp | ConversationKind::Channel => false,
                }
            })
            .collect()
    }
}

fn couple(number: usize) -> [Person; 2] {
    let pair = Pair::number(number);
    [
        Person {
            home: SLACK,
            own: pair.ann_slack,
            there: pair.ann_teams,
            name: format!("Ann {number}"),
        },
        Person {
            home: TEAMS,
            own: pair.bob_teams,
            there: pair.bob_slack,
            name: format!("Bob {number}"),
        },
    ]
}
