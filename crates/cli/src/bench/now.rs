//! The machine's clock and chance, asked in one place: measuring is about the real ones.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
pub fn instant() -> Instant {
    Instant::now()
}

/// Microseconds since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "platforms stamp what happens with the time of day"
)]
pub fn micros() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0))
}

/// 128 random bits.
#[expect(
    clippy::disallowed_methods,
    reason = "ids that come in no order are what a history is made of"
)]
pub fn bits() -> u128 {
    rand::random()
}
