//! What Zoom's refusals mean: the one place where its status and error codes are read.
//!
//! Source: <https://developers.zoom.us/docs/api/using-zoom-apis/>, "Error definitions".

use causeway_model::{Failure, FailureKind, Timestamp};
use reqwest::{StatusCode, header::HeaderMap};
use serde::Deserialize;

use crate::http::retry_after_ms;

/// Zoom's code for a user that the account has already.
pub(super) const KNOWN_USER: &str = "1005";
/// Our code for a token that lacks what the call needs.
pub(super) const MISSING_SCOPE: &str = "missing_scope";

/// How long Zoom wants one to wait after a limit of calls a second, which it does not say itself.
/// Source: <https://developers.zoom.us/docs/api/rate-limits/>.
const A_SECOND_MS: u64 = 1_000;

/// Whether a call changes anything: an uncertain end matters only then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Write,
}

#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

/// Classifies an answer other than 2xx, which came when it was `there` by Zoom's clock: what it says
/// of times is measured by that. The message is looked at, never kept: it may hold names.
pub(super) fn refusal(
    effect: Effect,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    there: Timestamp,
    doing: &str,
) -> Failure {
    let said: Said = serde_json::from_slice(body).unwrap_or_default();
    let message = said.message.to_ascii_lowercase();
    let kind = kind(effect, status, said.code, &message, || {
        after(headers, there)
    });
    let code = match said.code {
        _ if message.contains("does not contain scopes") => MISSING_SCOPE.to_owned(),
        // Some of Zoom's answers have no code, and some the status again.
        0 => format!("http_{}", status.as_u16()),
        code => code.to_string(),
    };
    Failure::new(kind, code, doing)
}

/// A transport error of a call: for a read nothing was done, whatever became of it.
pub(super) fn cut(effect: Effect, error: &reqwest::Error, doing: &str) -> Failure {
    let mut failure = crate::http::transport_failure(error, doing);
    if effect == Effect::Read && failure.kind == FailureKind::Unknown {
        failure.kind = FailureKind::NotSent;
    }
    failure
}

/// An answer of success that does not say what it must: a write was done, and what it made is not
/// known.
pub(super) fn unreadable(effect: Effect, doing: &str) -> Failure {
    Failure::new(uncertain(effect), "unreadable_answer", doing)
}

/// What an answer of success says.
pub(super) fn read<'a, T: Deserialize<'a>>(
    body: &'a [u8],
    effect: Effect,
    doing: &str,
) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|_| unreadable(effect, doing))
}

/// Whether the same may work another time, without anybody's doing.
pub(super) fn may_pass(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => true,
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => false,
    }
}

fn kind(
    effect: Effect,
    status: StatusCode,
    code: i64,
    message: &str,
    after_ms: impl Fn() -> Option<u64>,
) -> FailureKind {
    match (status.as_u16(), code) {
        (429, _) => FailureKind::Throttled {
            after_ms: Some(after_ms().unwrap_or(A_SECOND_MS)),
        },
        (503, _) if after_ms().is_some() => FailureKind::Throttled {
            after_ms: after_ms(),
        },
        (408 | 500.., _) => uncertain(effect),
        (401, _) | (_, 124 | 4700..=4741) => FailureKind::NotAuthorised,
        (404 | 410, _) | (_, 1001 | 4130) => FailureKind::Gone,
        (403, _) | (_, 200) => FailureKind::Forbidden,
        // For a message that is gone no code is established; the words are.
        _ if is_missed(message) => FailureKind::Gone,
        // 400, 409 and what else is the request's own fault; redirects too.
        _ => FailureKind::Rejected,
    }
}

fn is_missed(message: &str) -> bool {
    ["does not exist", "not exist", "not found", "deleted"]
        .iter()
        .any(|words| message.contains(words))
}

/// How long Zoom wants one to wait, and never no time at all: a moment that has just passed would
/// have the same asked again at once, for as long as Zoom goes on naming it.
pub(super) fn after(headers: &HeaderMap, there: Timestamp) -> Option<u64> {
    retry_after_ms(headers, there.0).map(|ms| ms.max(A_SECOND_MS))
}

fn uncertain(effect: Effect) -> FailureKind {
    match effect {
        Effect::Read => FailureKind::NotSent,
        Effect::Write => FailureKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderValue, RETRY_AFTER};

    use super::*;

    fn refused(effect: Effect, status: u16, body: &str, after: Option<&'static str>) -> Failure {
        let status = StatusCode::from_u16(status).expect("a status");
        let mut headers = HeaderMap::new();
        if let Some(after) = after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(after));
        }
        refusal(
            effect,
            status,
            &headers,
            body.as_bytes(),
            Timestamp(0),
            "test",
        )
    }

    #[test]
    fn each_refusal_means_one_thing_for_reads_and_writes() {
        use FailureKind::{Forbidden, Gone, NotAuthorised, NotSent, Rejected, Throttled, Unknown};
        let a_second = Throttled {
            after_ms: Some(1_000),
        };
        let table = [
            (401, r#"{"code":124}"#, NotAuthorised, NotAuthorised),
            (400, r#"{"code":4700}"#, NotAuthorised, NotAuthorised),
            (400, r#"{"code":4741}"#, NotAuthorised, NotAuthorised),
            (403, r#"{"code":200}"#, Forbidden, Forbidden),
            (400, r#"{"code":200}"#, Forbidden, Forbidden),
            (404, r#"{"code":4130}"#, Gone, Gone),
            (404, "", Gone, Gone),
            (400, r#"{"code":1001}"#, Gone, Gone),
            (
                400,
                r#"{"code":5301,"message":"The message does not exist."}"#,
                Gone,
                Gone,
            ),
            (400, r#"{"code":300}"#, Rejected, Rejected),
            (409, r#"{"code":1005}"#, Rejected, Rejected),
            (302, "", Rejected, Rejected),
            (408, "", NotSent, Unknown),
            (429, r#"{"code":429}"#, a_second, a_second),
            (500, r#"{"code":124}"#, NotSent, Unknown),
            (502, "<html>", NotSent, Unknown),
            (503, "", NotSent, Unknown),
        ];
        for (status, body, read, write) in table {
            let kind = |effect| refused(effect, status, body, None).kind;
            assert_eq!(kind(Effect::Read), read, "read, {status} {body}");
            assert_eq!(kind(Effect::Write), write, "write, {status} {body}");
        }
    }

    #[test]
    fn the_limit_of_a_day_says_until_when_and_that_of_a_second_does_not() {
        let day = refused(Effect::Write, 429, "{}", Some("1970-01-01T01:00:00Z"));
        let hour = FailureKind::Throttled {
            after_ms: Some(3_600_000),
        };
        assert_eq!(day.kind, hour);
    }

    #[test]
    fn a_moment_that_has_passed_is_waited_for_a_second_all_the_same() {
        for passed in ["1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z", "0"] {
            let refused = refused(Effect::Read, 429, "{}", Some(passed));
            let second = FailureKind::Throttled {
                after_ms: Some(1_000),
            };
            assert_eq!(refused.kind, second, "{passed}");
        }
    }

    #[test]
    fn the_code_is_zooms_own_and_its_message_is_dropped() {
        let body = r#"{"code":300,"message":"ann@acme.example is not a contact"}"#;
        let failure = refused(Effect::Write, 400, body, None);
        assert_eq!(failure.code, "300");
        assert!(!format!("{failure:?} {failure}").contains("acme"));
        let scopes = r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read:user:admin]."}"#;
        let failure = refused(Effect::Read, 400, scopes, None);
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::NotAuthorised, MISSING_SCOPE)
        );
        assert_eq!(refused(Effect::Read, 404, "x", None).code, "http_404");
    }
}
