//! What time it is at Zoom, as far as its answers have told.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use causeway_model::Timestamp;

/// For so long an answer that was under way for longer than others does not set the clock back.
const KEPT_MS: i64 = 60_000;

/// A clock that goes on from what was told last.
pub(super) struct TheirClock {
    /// How many times faster than ours it runs.
    pace: f64,
    told: Mutex<Option<Told>>,
}

/// What time it was there, and what time it was here, when an answer came.
#[derive(Clone, Copy)]
struct Told {
    there: Timestamp,
    here: Timestamp,
}

impl TheirClock {
    pub(super) fn new(pace: f64) -> Self {
        Self {
            pace,
            told: Mutex::default(),
        }
    }

    /// What time it is there; what it is here while nothing was told.
    pub(super) fn now(&self, here: Timestamp) -> Timestamp {
        let told = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.map_or(here, |told| told.gone_on(here, self.pace))
    }

    /// An answer that came now says what time it was when it left.
    pub(super) fn note(&self, there: Timestamp, here: Timestamp) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_better = told.is_none_or(|known| {
            there >= known.gone_on(here, self.pace) || here.ms_since(known.here) > KEPT_MS
        });
        if is_better {
            *told = Some(Told { there, here });
        }
    }
}

impl Told {
    fn gone_on(self, here: Timestamp, pace: f64) -> Timestamp {
        let since = Duration::from_millis(here.ms_since(self.here).max(0).unsigned_abs());
        let there = since.mul_f64(pace).as_millis();
        self.there.plus_ms(i64::try_from(there).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn their_clock_goes_on_at_its_own_pace_from_what_was_told() {
        let clock = TheirClock::new(2.0);
        assert_eq!(clock.now(Timestamp(500)), Timestamp(500));
        clock.note(Timestamp(10_000), Timestamp(1_000));
        assert_eq!(clock.now(Timestamp(1_000)), Timestamp(10_000));
        assert_eq!(clock.now(Timestamp(1_500)), Timestamp(11_000));
    }

    #[test]
    fn an_answer_that_was_long_under_way_does_not_set_it_back() {
        let clock = TheirClock::new(1.0);
        clock.note(Timestamp(10_000), Timestamp(0));
        clock.note(Timestamp(11_000), Timestamp(9_000));
        assert_eq!(clock.now(Timestamp(9_000)), Timestamp(19_000));
        clock.note(Timestamp(25_000), Timestamp(10_000));
        assert_eq!(clock.now(Timestamp(10_000)), Timestamp(25_000));
    }

    #[test]
    fn a_clock_that_runs_slower_than_ours_is_followed_within_a_minute() {
        let clock = TheirClock::new(1.0);
        clock.note(Timestamp(10_000), Timestamp(0));
        let later = Timestamp(KEPT_MS + 1);
        clock.note(Timestamp(60_000), later);
        assert_eq!(clock.now(later), Timestamp(60_000));
    }
}
