//! Time and chance of a test.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use causeway_model::{Clock, Random, Timestamp};
use tokio::{sync::Notify, time::Instant};

/// When every test begins.
const BEGINNING: i64 = 1_700_000_000_000;

/// Follows tokio's paused time, over several runtimes: each life of the hub has one of its own.
pub struct WorldClock {
    before: AtomicI64,
    since: Mutex<Option<Instant>>,
    /// Looking at the clock is a moment at which a life may end.
    pub fuse: Fuse,
}

impl WorldClock {
    pub fn new() -> Self {
        Self {
            before: AtomicI64::new(BEGINNING),
            since: Mutex::new(None),
            fuse: Fuse::default(),
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
        self.fuse.burn();
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

/// Ends a life of the hub after so many moments that count: calls to a platform, looks at the
/// clock (each commit is one).
#[derive(Default)]
pub struct Fuse {
    /// Nothing is laid at 0.
    left: AtomicU64,
    out: AtomicBool,
    burnt: Notify,
}

impl Fuse {
    /// None: the life does not end by itself.
    pub fn lay(&self, moments: Option<u64>) {
        let moments = moments.map_or(0, |moments| moments.max(1));
        self.left.store(moments, Ordering::SeqCst);
        self.out.store(false, Ordering::SeqCst);
    }

    pub fn burn(&self) {
        let left = self.left.load(Ordering::SeqCst);
        if left > 0 {
            self.left.store(left - 1, Ordering::SeqCst);
        }
        if left == 1 {
            self.out.store(true, Ordering::SeqCst);
            self.burnt.notify_one();
        }
    }

    /// Resolves when the moments are over.
    pub async fn burnt(&self) {
        while !self.out.load(Ordering::SeqCst) {
            self.burnt.notified().await;
        }
    }
}
