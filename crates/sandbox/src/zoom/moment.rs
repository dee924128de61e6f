//! Times as Zoom writes and reads them.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

use crate::clock::Millis;

pub const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// `2026-01-31T09:30:00Z`
pub fn iso(ms: Millis) -> String {
    instant(ms).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-01-31`
pub fn day(ms: Millis) -> String {
    instant(ms).strftime("%Y-%m-%d").to_string()
}

/// The start of a day in UTC.
pub fn midnight(ms: Millis) -> Millis {
    ms.div_euclid(DAY_MS) * DAY_MS
}

/// An ISO date-time, or a date for its first moment.
pub fn read(text: &str) -> Option<Millis> {
    let at = text.parse::<Timestamp>().ok();
    at.map(Timestamp::as_millisecond).or_else(|| read_day(text))
}

/// The first moment of a date in UTC.
pub fn read_day(text: &str) -> Option<Millis> {
    let date: Date = text.parse().ok()?;
    let at: Zoned = date.to_zoned(TimeZone::UTC).ok()?;
    // A date-time is a date to the parser, too.
    (text.len() == "2026-01-31".len()).then(|| at.timestamp().as_millisecond())
}

fn instant(ms: Millis) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_date_times_are_read_and_nothing_else() {
        assert_eq!(read("1970-01-02"), Some(DAY_MS));
        assert_eq!(read("1970-01-02T00:00:01Z"), Some(DAY_MS + 1000));
        assert_eq!(read("yesterday"), None);
        assert_eq!(read_day("1970-01-02T00:00:01Z"), None);
        assert_eq!(iso(DAY_MS + 1000), "1970-01-02T00:00:01Z");
        assert_eq!(midnight(DAY_MS + 1000), DAY_MS);
    }
}
