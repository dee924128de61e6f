//! Installations that wait for a browser to come back. They are in memory alone: whoever's hub was
//! started anew meanwhile begins again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use causeway_model::Timestamp;

/// Begun and not come back; the oldest makes room.
const MOST: usize = 8;

/// How long a browser may be away, as long as Slack's codes last.
pub(crate) const AWAY_MS: i64 = 10 * 60_000;

pub(crate) struct Installs<T>(Mutex<Vec<Waiting<T>>>);

impl<T> Default for Installs<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

struct Waiting<T> {
    state: String,
    expires_at: Timestamp,
    what: T,
}

impl<T> Installs<T> {
    pub(crate) fn begin(&self, state: String, what: T, now: Timestamp) -> Timestamp {
        let expires_at = now.plus_ms(AWAY_MS);
        let mut waiting = self.waiting();
        waiting.retain(|one| one.expires_at > now);
        if waiting.len() >= MOST {
            waiting.remove(0);
        }
        waiting.push(Waiting {
            state,
            expires_at,
            what,
        });
        expires_at
    }

    /// What was begun under this state, once and in time. How long it takes to find says nothing
    /// about how much of a guess was right.
    pub(crate) fn take(&self, state: &str, now: Timestamp) -> Option<T> {
        let mut waiting = self.waiting();
        let is_it = |one: &Waiting<T>| {
            verify_slices_are_equal(one.state.as_bytes(), state.as_bytes()).is_ok()
        };
        let found = waiting.iter().map(is_it).collect::<Vec<_>>();
        let taken = waiting.remove(found.iter().position(|is_it| *is_it)?);
        (taken.expires_at > now).then_some(taken.what)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_good_once_and_for_ten_minutes() {
        let installs = Installs::default();
        for (state, what) in [("one", 1), ("two", 2)] {
            installs.begin(state.to_owned(), what, Timestamp(0));
        }
        assert_eq!(installs.take("three", Timestamp(1)), None);
        assert_eq!(installs.take("on", Timestamp(1)), None);
        assert_eq!(installs.take("one", Timestamp(1)), Some(1));
        assert_eq!(installs.take("one", Timestamp(1)), None);
        assert_eq!(installs.take("two", Timestamp(AWAY_MS)), None);
        assert_eq!(installs.take("two", Timestamp(1)), None);
    }

    #[test]
    fn whoever_begins_again_and_again_fills_nothing() {
        let installs = Installs::default();
        for number in 0..=MOST {
            installs.begin(number.to_string(), number, Timestamp(0));
        }
        assert_eq!(installs.take("0", Timestamp(1)), None);
        assert_eq!(installs.take("1", Timestamp(1)), Some(1));
        assert_eq!(installs.take(&MOST.to_string(), Timestamp(1)), Some(MOST));
    }
}
