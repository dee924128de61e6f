//! Time and chance of a test.

use std::sync::{
    Mutex,
    atomic::{AtomicI64, Ordering},
};

use causeway_model::{Clock, Random, Timestamp};
use tokio::time::Instant;

/// When every test begins.
const BEGINNING: i64 = 1_700_000_000_000;

/// Follows tokio's paused time, over several runtimes: each life of the hub has one of its own.
pub struct WorldClock {
    before: AtomicI64,
    since: Mutex<Option<Instant>>,
}

impl WorldClock {
    pub fn new() -> Self {
        Self {
            before: AtomicI64::new(BEGINNING),
            since: Mutex::new(None),
        }
    }

    /// A life begins: from here on tokio's time counts.
    pub fn begin(&self) {
        *self.since.lock().expect("nobody panicked") = Some(Instant::now());
    }

    /// The life is over, and some time passes until the next.
    pub fn end(&self, then_ms: i64) {
        let now = self.now().0;
        *self.since.lock().expect("nobody panicked") = None;
        self.before.store(now + then_ms, Ordering::SeqCst);
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        let since = self.since.lock().expect("nobody panicked");
        let passed = since.map_or(0, |since| {
            i64::try_from(since.elapsed().as_millis()).expect("tests are short")
        });
        Timestamp(self.before.load(Ordering::SeqCst) + passed)
    }
}

/// The same numbers for the same seed.
pub struct Seeded(Mutex<u64>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed ^ 0x9e37_79b9_7f4a_7c15))
    }

    /// SplitMix64.
    pub fn next(&self) -> u64 {
        let mut state = self.0.lock().expect("nobody panicked");
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0, below `end`.
    pub fn below(&self, end: u64) -> u64 {
        self.next() % end
    }
}

impl Random for Seeded {
    fn bits(&self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }
}
