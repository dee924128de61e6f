//! What is left of the calls that the account may make in a day: nothing, as far as Zoom has said so.
//!
//! All apps of the account share them, so that they can be used up without the hub's doing. Of each
//! kind of call there are so many, and which call is of which kind only Zoom's answers tell.
//!
//! Source: <https://developers.zoom.us/docs/api/rate-limits/>.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use causeway_model::Timestamp;
use reqwest::header::HeaderMap;

use super::{refusal::after, wire::written};

/// What limit it is: a second's or the day's.
const TYPE: &str = "x-ratelimit-type";
const CATEGORY: &str = "x-ratelimit-category";
/// Kinds of calls that Zoom's documents know.
const KINDS: [&str; 4] = ["Light", "Medium", "Heavy", "Resource-intensive"];
const OTHER: &str = "other";

/// Until when which kind of call is used up.
#[derive(Default)]
pub(super) struct TodaysCalls {
    used_up: Mutex<BTreeMap<&'static str, Timestamp>>,
}

impl TodaysCalls {
    /// Looks at a refusal for too many calls, which came when it was `there` at Zoom.
    pub(super) fn note(&self, headers: &HeaderMap, there: Timestamp) {
        let Some(until) = todays_end(headers, there) else {
            return;
        };
        let told = text(headers, CATEGORY).unwrap_or_default();
        let kind = KINDS
            .into_iter()
            .find(|kind| told.eq_ignore_ascii_case(kind));
        let mut used_up = self.used_up.lock().unwrap_or_else(PoisonError::into_inner);
        used_up.insert(kind.unwrap_or(OTHER), until);
    }

    /// A sentence for the administrator, while anything is used up.
    pub(super) fn used_up(&self, there: Timestamp) -> Option<String> {
        let mut used_up = self.used_up.lock().unwrap_or_else(PoisonError::into_inner);
        used_up.retain(|_, until| *until > there);
        let until = written(*used_up.values().max()?);
        let kinds: Vec<&str> = used_up.keys().copied().collect();
        Some(format!(
            "the account's calls of today are used up until {until} ({})",
            kinds.join(", ")
        ))
    }
}

/// Only the limit of a day says until when.
fn todays_end(headers: &HeaderMap, there: Timestamp) -> Option<Timestamp> {
    let kind = text(headers, TYPE)?.to_ascii_lowercase();
    let wait = i64::try_from(after(headers, there)?).ok()?;
    kind.contains("daily").then(|| there.plus_ms(wait))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderValue, RETRY_AFTER};

    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn refused(kind: &'static str, category: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(TYPE, HeaderValue::from_static(kind));
        headers.insert(CATEGORY, HeaderValue::from_static(category));
        let until = HeaderValue::from_static("1970-01-02T00:00:00Z");
        headers.insert(RETRY_AFTER, until);
        headers
    }

    #[test]
    fn what_is_used_up_is_said_until_the_day_is_over() {
        let calls = TodaysCalls::default();
        let evening = Timestamp(23 * HOUR_MS);
        assert_eq!(calls.used_up(evening), None);
        calls.note(&refused("Daily-limit", "Medium"), evening);
        calls.note(&refused("Daily-limit", "heavy"), evening);
        calls.note(&refused("Daily-limit", "ann@acme.example"), evening);
        assert_eq!(
            calls.used_up(evening).as_deref(),
            Some(
                "the account's calls of today are used up until 1970-01-02T00:00:00Z \
                 (Heavy, Medium, other)"
            )
        );
        assert_eq!(calls.used_up(Timestamp(24 * HOUR_MS)), None);
    }

    #[test]
    fn the_limit_of_a_second_is_nothing_to_tell() {
        let calls = TodaysCalls::default();
        calls.note(&refused("QPS", "Medium"), Timestamp(0));
        let mut dateless = refused("Daily-limit", "Medium");
        dateless.remove(RETRY_AFTER);
        calls.note(&dateless, Timestamp(0));
        assert_eq!(calls.used_up(Timestamp(0)), None);
    }
}
