//! One HTTP client for all connections, and how its errors are classified.

use std::time::Duration;

use causeway_model::{Failure, FailureKind};

/// The client that connectors are given; its crate is known to this one alone.
pub use reqwest::Client;

/// How long a call may take before its outcome counts as unknown.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client as every connection uses it: rustls, no redirects (no API we call answers with one),
/// and an end to every call.
///
/// # Errors
/// When the system's certificates cannot be read.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// What a transport error means for a write: an error before a connection stood means that
/// nothing left; any other, that the outcome is not known. The error's own text names the URL, so
/// it is not kept.
#[must_use]
pub fn transport_failure(error: &reqwest::Error, doing: &str) -> Failure {
    let (kind, code) = if error.is_builder() {
        (FailureKind::Rejected, "bad_request_url")
    } else if error.is_connect() {
        (FailureKind::NotSent, "no_connection")
    } else if error.is_timeout() {
        (FailureKind::Unknown, "timeout")
    } else {
        (FailureKind::Unknown, "cut")
    };
    Failure::new(kind, code, doing)
}

/// `Retry-After` in milliseconds: whole seconds, or an HTTP date (which is resolved against `now`).
/// Source: RFC 9110 section 10.2.3.
#[must_use]
pub fn retry_after_ms(headers: &reqwest::header::HeaderMap, now_ms: i64) -> Option<u64> {
    let value = headers
        .get(reqwest::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let in_range = seconds.is_finite() && (0.0..=86_400.0 * 2.0).contains(&seconds);
        return in_range.then(|| Duration::from_secs_f64(seconds).as_millis() as u64);
    }
    let at = jiff::fmt::rfc2822::parse(value)
        .map(|zoned| zoned.timestamp())
        .or_else(|_| value.parse::<jiff::Timestamp>())
        .ok()?;
    u64::try_from(at.as_millisecond() - now_ms).ok().or(Some(0))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::retry_after_ms;

    fn after(value: &str, now_ms: i64) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(
            RETRY_AFTER,
            HeaderValue::from_str(value).expect("a header value"),
        );
        retry_after_ms(&headers, now_ms)
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(after("3", 0), Some(3_000));
        assert_eq!(after("0.5", 0), Some(500));
        assert_eq!(after("Thu, 01 Jan 1970 00:01:00 GMT", 10_000), Some(50_000));
        assert_eq!(after("1970-01-01T00:01:00Z", 10_000), Some(50_000));
        assert_eq!(after("Thu, 01 Jan 1970 00:00:00 GMT", 10_000), Some(0));
        assert_eq!(after("soon", 0), None);
        assert_eq!(after("-1", 0), None);
    }
}
