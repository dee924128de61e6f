//! How much is measured.

use crate::args::Bench;

/// Numbers of messages, posts and commits; those of a round are taken in each.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub rounds: u32,
    pub bare_1: u32,
    pub bare_16: u32,
    pub fsync: u32,
    pub store_1: u32,
    /// Commits of sixteen messages.
    pub store_16: u32,
    pub flood: u64,
    pub single: u64,
    pub neighbour: u64,
    pub remembered: u64,
    pub waiting: u64,
    pub starts: usize,
    pub pairs: usize,
    /// How long budgets are watched, in the platform's clock.
    pub budget_seconds: f64,
    /// How much faster than ours that clock runs, for each platform.
    pub slack_speed: u32,
    pub teams_speed: u32,
}

const FULL: Sizes = Sizes {
    rounds: 7,
    bare_1: 4_000,
    bare_16: 16_000,
    fsync: 1_000,
    store_1: 1_000,
    store_16: 1_000,
    flood: 8_000,
    single: 1_000,
    neighbour: 500,
    remembered: 10_000_000,
    waiting: 1_000_000,
    starts: 5,
    pairs: 100,
    budget_seconds: 60.0,
    slack_speed: 10,
    teams_speed: 4,
};

const QUICK: Sizes = Sizes {
    rounds: 5,
    bare_1: 600,
    bare_16: 3_000,
    fsync: 100,
    store_1: 100,
    store_16: 150,
    flood: 1_200,
    single: 200,
    neighbour: 120,
    remembered: 10_000,
    waiting: 10_000,
    starts: 3,
    pairs: 75,
    budget_seconds: 60.0,
    slack_speed: 20,
    teams_speed: 12,
};

/// Shows that it runs; its figures say nothing.
const TINY: Sizes = Sizes {
    rounds: 1,
    bare_1: 20,
    bare_16: 32,
    fsync: 5,
    store_1: 5,
    store_16: 5,
    flood: 64,
    single: 10,
    neighbour: 10,
    remembered: 200,
    waiting: 200,
    starts: 1,
    pairs: 75,
    budget_seconds: 10.0,
    slack_speed: 10,
    teams_speed: 10,
};

impl Sizes {
    pub fn of(args: &Bench) -> Self {
        let mut sizes = match (args.tiny, args.quick) {
            (true, _) => TINY,
            (false, true) => QUICK,
            (false, false) => FULL,
        };
        sizes.remembered = args.remembered.unwrap_or(sizes.remembered);
        sizes.waiting = args.waiting.unwrap_or(sizes.waiting);
        sizes.rounds = args.rounds.unwrap_or(sizes.rounds).max(1);
        sizes
    }
}
