//! What Webex's refusals mean: the one place where its status codes are read.
//!
//! Source: <https://developer.webex.com/docs/api/basics>, "API Errors".

use causeway_model::{Failure, FailureKind};
use reqwest::StatusCode;
use serde::Deserialize;

/// Our code for an access token that Webex does not take (any more).
pub(super) const BAD_TOKEN: &str = "token_refused";
/// Our code for a message that has been edited as often as Webex lets it be.
pub(super) const EDIT_LIMIT: &str = "edit_limit";
/// Our code for a message that Webex lets nobody edit: one with files or a card.
pub(super) const NOT_EDITABLE: &str = "not_editable";

/// Whether a call changes anything: an uncertain end matters only then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Write,
}

#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Reason>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    description: String,
}

/// Classifies an answer other than 2xx. Its words are looked at, never kept: they may hold names.
pub(super) fn refusal(
    effect: Effect,
    status: StatusCode,
    body: &[u8],
    after_ms: Option<u64>,
    doing: &str,
) -> Failure {
    if status == StatusCode::BAD_REQUEST
        && let Some(code) = about_edits(&words(body))
    {
        return Failure::new(FailureKind::NotSupported, code, doing);
    }
    let code = match status {
        StatusCode::UNAUTHORIZED => BAD_TOKEN.to_owned(),
        _ => format!("http_{}", status.as_u16()),
    };
    Failure::new(kind(effect, status, after_ms), code, doing)
}

/// Everything that a refusal says, in small letters.
pub(super) fn words(body: &[u8]) -> String {
    let said: Said = serde_json::from_slice(body).unwrap_or_default();
    let reasons = said.errors.into_iter().map(|reason| reason.description);
    let mut words = vec![said.error, said.error_description, said.message];
    words.extend(reasons);
    words.join("\n").to_lowercase()
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

/// Whether the same may work another time.
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

/// Webex has one status for everything that is wrong with a request, and tells by words which.
/// Source: <https://developer.webex.com/docs/api/v1/messages/edit-a-message>.
fn about_edits(words: &str) -> Option<&'static str> {
    let says = |word: &str| words.contains(word);
    if !says("edit") {
        return None;
    }
    if says("limit") || says("maximum") || says("too many") || says("10 times") {
        return Some(EDIT_LIMIT);
    }
    let kept = says("unsupported") || says("not supported") || says("attachment") || says("files");
    kept.then_some(NOT_EDITABLE)
}

fn kind(effect: Effect, status: StatusCode, after_ms: Option<u64>) -> FailureKind {
    match status.as_u16() {
        401 => FailureKind::NotAuthorised,
        403 => FailureKind::Forbidden,
        404 | 410 => FailureKind::Gone,
        408 => uncertain(effect),
        // Locked for a while: a file that is being looked through.
        423 | 429 => FailureKind::Throttled { after_ms },
        503 if after_ms.is_some() => FailureKind::Throttled { after_ms },
        500.. => uncertain(effect),
        // 400, 405, 409, 415, 428 and what else is the request's own fault; redirects too.
        _ => FailureKind::Rejected,
    }
}

fn uncertain(effect: Effect) -> FailureKind {
    match effect {
        Effect::Read => FailureKind::NotSent,
        Effect::Write => FailureKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(effect: Effect, status: u16, after_ms: Option<u64>) -> FailureKind {
        let status = StatusCode::from_u16(status).expect("a status");
        refusal(effect, status, b"{}", after_ms, "test").kind
    }

    #[test]
    fn each_status_means_one_thing_for_reads_and_writes() {
        use FailureKind::{Forbidden, Gone, NotAuthorised, NotSent, Rejected, Throttled, Unknown};
        let waits = Throttled { after_ms: Some(7) };
        let some_time = Throttled { after_ms: None };
        let table = [
            (401, None, NotAuthorised, NotAuthorised),
            (403, None, Forbidden, Forbidden),
            (404, None, Gone, Gone),
            (410, None, Gone, Gone),
            (400, None, Rejected, Rejected),
            (405, None, Rejected, Rejected),
            (409, None, Rejected, Rejected),
            (415, None, Rejected, Rejected),
            (428, None, Rejected, Rejected),
            (302, None, Rejected, Rejected),
            (408, None, NotSent, Unknown),
            (423, Some(7), waits, waits),
            (429, Some(7), waits, waits),
            (429, None, some_time, some_time),
            (503, Some(7), waits, waits),
            (503, None, NotSent, Unknown),
            (500, Some(7), NotSent, Unknown),
            (502, None, NotSent, Unknown),
            (504, Some(7), NotSent, Unknown),
        ];
        for (status, after, read, write) in table {
            let classified = |effect| classified(effect, status, after);
            assert_eq!(classified(Effect::Read), read, "read, {status}");
            assert_eq!(classified(Effect::Write), write, "write, {status}");
        }
    }

    #[test]
    fn an_edit_that_webex_never_takes_is_told_by_its_words() {
        let said = |words: &str| {
            let body = format!(r#"{{"message":"x","errors":[{{"description":"{words}"}}]}}"#);
            let status = StatusCode::BAD_REQUEST;
            refusal(Effect::Write, status, body.as_bytes(), None, "edit")
        };
        let limit = said("The edit limit of this message was reached");
        assert_eq!(limit.kind, FailureKind::NotSupported);
        assert_eq!(limit.code, EDIT_LIMIT);
        let files = said("Edit of a message with files is unsupported");
        assert_eq!(files.code, NOT_EDITABLE);
        assert_eq!(said("roomId is missing").kind, FailureKind::Rejected);
    }

    #[test]
    fn what_a_refusal_says_is_dropped() {
        let body = br#"{"message":"ann@acme.example is no member","errors":[]}"#;
        let failure = refusal(Effect::Write, StatusCode::FORBIDDEN, body, None, "post");
        assert_eq!(failure.code, "http_403");
        assert!(!format!("{failure:?} {failure}").contains("acme"));
    }
}
