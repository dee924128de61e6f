//! Time and chance as parameters: whoever decides something is given both.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Milliseconds since the Unix epoch.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Timestamp(pub i64);

impl Timestamp {
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when this one comes first.
    #[must_use]
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// To the minute, for people: "21 Nov 2026, 14:32 UTC"; none outside of what calendars cover.
    #[must_use]
    pub fn minute_in_utc(self) -> Option<String> {
        let moment = jiff::Timestamp::from_millisecond(self.0).ok()?;
        Some(moment.strftime("%-d %b %Y, %H:%M UTC").to_string())
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Where chance comes from: relay ids, state parameters, jitter.
pub trait Random: Send + Sync {
    fn bits(&self) -> u128;
}
