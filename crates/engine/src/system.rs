//! The machine's own clock and source of chance: the only place of the relay that asks for them.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::{SecureRandom, SystemRandom as Source};
use causeway_model::{Clock, Random, Timestamp};

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time of day comes from"
    )]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}

#[derive(Debug, Default)]
pub struct SystemRandom(Source);

impl SystemRandom {
    #[must_use]
    pub fn new() -> Self {
        Self(Source::new())
    }
}

impl Random for SystemRandom {
    fn bits(&self) -> u128 {
        let mut bytes = [0; 16];
        // The operating system's source does not fail once it has been seeded at boot; relay ids
        // that repeat would be worse than a stop.
        self.0
            .fill(&mut bytes)
            .expect("the operating system gives random bytes");
        u128::from_le_bytes(bytes)
    }
}
