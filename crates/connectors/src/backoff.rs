//! How long to wait before the next attempt.

use std::time::Duration;

use causeway_model::{Failure, FailureKind, Random};

const FIRST_MS: u64 = 500;
const LONGEST_MS: u64 = 30_000;

/// Doubles with every failure; half of each wait is left to chance, so that many who lost the same
/// server do not come back at once.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(crate) fn next(&mut self, random: &dyn Random) -> Duration {
        let longest = FIRST_MS
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_MS);
        self.failures = self.failures.saturating_add(1);
        let half = longest / 2;
        let chance = u64::try_from(random.bits() % u128::from(half + 1)).unwrap_or(half);
        Duration::from_millis(half + chance)
    }
}

/// The pause, or the longer one that the platform wants.
pub(crate) fn pause_after(failure: &Failure, own: Duration) -> Duration {
    match failure.kind {
        FailureKind::Throttled {
            after_ms: Some(after_ms),
        } => own.max(Duration::from_millis(after_ms)),
        FailureKind::Throttled { after_ms: None }
        | FailureKind::NotSent
        | FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected
        | FailureKind::Unknown => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u128);

    impl Random for Fixed {
        fn bits(&self) -> u128 {
            self.0
        }
    }

    #[test]
    fn waits_double_up_to_half_a_minute_and_begin_anew_after_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..9)
            .map(|_| backoff.next(&Fixed(0)).as_millis())
            .collect();
        assert_eq!(
            waits,
            [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]
        );
        backoff.reset();
        assert_eq!(backoff.next(&Fixed(250)).as_millis(), 500);
    }

    #[test]
    fn chance_never_makes_a_wait_longer_than_its_limit() {
        for bits in [0, 1, u128::MAX, u128::from(u64::MAX)] {
            let mut backoff = Backoff { failures: 60 };
            let wait = backoff.next(&Fixed(bits));
            assert!((15_000..=30_000).contains(&wait.as_millis()));
        }
    }
}
