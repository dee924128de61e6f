//! Slack's `ts`: seconds and microseconds as text, which is also a message's id. It is never read
//! as a floating-point number, which could not tell neighbouring messages apart.

use causeway_model::Timestamp;

/// `1700000000.123456` as milliseconds; `None` for anything else.
pub(super) fn millis(ts: &str) -> Option<Timestamp> {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, ""));
    let seconds: i64 = digits(seconds)?.parse().ok()?;
    let fraction = if fraction.is_empty() {
        "0"
    } else {
        digits(fraction)?
    };
    let padded = format!("{fraction:0<3}");
    let millis: i64 = padded.get(..3)?.parse().ok()?;
    Some(Timestamp(seconds.checked_mul(1_000)?.checked_add(millis)?))
}

/// A moment as Slack takes it for `oldest`.
pub(super) fn from_millis(at: Timestamp) -> String {
    let millis = at.0.max(0);
    format!("{}.{:06}", millis / 1_000, millis % 1_000 * 1_000)
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_to_the_millisecond() {
        assert_eq!(
            millis("1700000000.123456"),
            Some(Timestamp(1_700_000_000_123))
        );
        assert_eq!(millis("1.1"), Some(Timestamp(1_100)));
        assert_eq!(millis("12"), Some(Timestamp(12_000)));
        assert_eq!(millis("-1.0"), None);
        assert_eq!(millis("1e9"), None);
        assert_eq!(millis(""), None);
        assert_eq!(millis("99999999999999999999.0"), None);
    }

    #[test]
    fn a_moment_is_written_as_a_stamp() {
        assert_eq!(
            from_millis(Timestamp(1_700_000_000_023)),
            "1700000000.023000"
        );
        assert_eq!(from_millis(Timestamp(-5)), "0.000000");
    }
}
