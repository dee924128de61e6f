//! Ids that tell whose they are, and times as the platforms write them.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::bench::{now, orders::Lane};

pub const BOT_USER: &str = "U0BENCHBOT";
pub const BOT: &str = "B0BENCHBOT";
pub const APP: &str = "A0BENCHAPP";
pub const TEAM: &str = "T0BENCHORG";
pub const SERVICE_ACCOUNT: &str = "5e41ce00-0000-4000-8000-000000000000";

/// Around a message's number, so that it is found again in whatever the text has become.
const MARK: (&str, &str) = ("zq", "qz");
const DIGITS: usize = 10;
/// What people write beside it: with the number some 200 characters.
const WORDS: &str = "the parts for the second line are here and can be fitted on Thursday; \
    would you look at the drawing once more before then, and tell the others when it will stand \
    still for an hour or so?";

static LAST_US: AtomicI64 = AtomicI64::new(0);

/// Microseconds since the epoch, never the same twice.
pub fn now_us() -> i64 {
    let now = now::micros();
    let last = LAST_US
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(now.max(last + 1))
        })
        .unwrap_or(now);
    now.max(last + 1)
}

/// `1700000000.000001`
pub fn slack_time(us: i64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// `2026-01-31T12:00:00.000Z`
pub fn graph_time(us: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

pub fn slack_user(lane: Lane) -> String {
    format!("U{lane:010}")
}

pub fn slack_name(lane: Lane) -> String {
    format!("Sam {lane:05}")
}

pub fn teams_user(lane: Lane) -> String {
    format!("7ea30000-0000-4000-8000-{lane:012}")
}

pub fn teams_name(lane: Lane) -> String {
    format!("Tess {lane:05}")
}

pub fn channel(lane: Lane) -> String {
    format!("C{lane:010}")
}

pub fn chat(lane: Lane) -> String {
    format!("19:{lane:032}@thread.v2")
}

/// The lane of a Slack user or channel.
pub fn lane_of_slack(id: &str) -> Option<Lane> {
    id.strip_prefix(['U', 'C'])?.parse().ok()
}

/// The lane of somebody's object id.
pub fn lane_of_teams_user(id: &str) -> Option<Lane> {
    id.strip_prefix("7ea30000-0000-4000-8000-")?.parse().ok()
}

/// The lane of a chat's id, escaped or not.
pub fn lane_of_chat(id: &str) -> Option<Lane> {
    let number = id
        .strip_prefix("19:")
        .or_else(|| id.strip_prefix("19%3A"))?;
    number.get(..32)?.parse().ok()
}

/// What somebody writes. No two end alike: what goes on ending in the same words is taken for a
/// loop, and stopped.
pub fn text(number: u64) -> String {
    let (before, after) = MARK;
    format!("{WORDS} {before}{number:0DIGITS$}{after}")
}

/// The number of the message that a body carries.
pub fn number_in(body: &[u8]) -> Option<u64> {
    let (before, after) = (MARK.0.as_bytes(), MARK.1.as_bytes());
    let long = before.len() + DIGITS + after.len();
    let marked = body
        .windows(long)
        .find(|window| window.starts_with(before) && window.ends_with(after))?;
    let digits = &marked[before.len()..before.len() + DIGITS];
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_again_in_whatever_it_has_become() {
        let body = format!("channel=C1&text=%3Cp%3E{}%3C", text(123).replace(' ', "+"));
        assert_eq!(number_in(body.as_bytes()), Some(123));
        assert_eq!(number_in(b"zqhello-allqz"), None);
    }

    #[test]
    fn ids_tell_whose_they_are() {
        assert_eq!(lane_of_slack(&slack_user(7)), Some(7));
        assert_eq!(lane_of_slack(&channel(7)), Some(7));
        assert_eq!(lane_of_slack(BOT_USER), None);
        assert_eq!(lane_of_chat(&chat(7)), Some(7));
        assert_eq!(lane_of_chat(&chat(7).replace(':', "%3A")), Some(7));
        assert_eq!(lane_of_teams_user(&teams_user(7)), Some(7));
        assert_eq!(lane_of_teams_user(SERVICE_ACCOUNT), None);
    }

    #[test]
    fn no_two_times_are_the_same() {
        assert!(now_us() < now_us());
    }
}
