//! What Graph's refusals mean: the one place where its status codes are read.
//!
//! Source: <https://learn.microsoft.com/graph/errors>.

use causeway_model::{Failure, FailureKind};
use reqwest::StatusCode;
use serde::Deserialize;

/// Our code for application reading that Microsoft has not approved.
pub(super) const PROTECTED_API: &str = "protected_api";
/// Our code for an invitation to an address that the organisation has already as a member's.
pub(super) const OWN_ADDRESS: &str = "own_address";
/// Our code for an organisation that lets nobody be invited.
pub(super) const NO_INVITATIONS: &str = "invitations_not_allowed";
/// Graph's code for an access token that it does not take (any more).
pub(super) const BAD_TOKEN: &str = "InvalidAuthenticationToken";

/// Whether a call changes anything: an uncertain end matters only then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Write,
}

#[derive(Deserialize)]
struct Envelope {
    error: Inner,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// Classifies an answer other than 2xx. The message is looked at, never kept: it may hold names.
pub(super) fn refusal(
    effect: Effect,
    status: StatusCode,
    body: &[u8],
    after_ms: Option<u64>,
    doing: &str,
) -> Failure {
    let said = serde_json::from_slice::<Envelope>(body).ok();
    let (code, message) = said
        .map(|envelope| (envelope.error.code, envelope.error.message))
        .unwrap_or_default();
    let code = if status == StatusCode::PAYLOAD_TOO_LARGE {
        "too_large".to_owned()
    } else if status == StatusCode::FORBIDDEN && message.contains("Protected API") {
        PROTECTED_API.to_owned()
    } else if let Some(code) = about_invitations(&message) {
        code.to_owned()
    } else {
        tidy(&code, status)
    };
    Failure::new(kind(effect, status, after_ms), code, doing)
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

/// Graph has one code for everything that is wrong with an invitation, and tells by words which.
/// Source: <https://learn.microsoft.com/entra/external-id/troubleshoot>.
fn about_invitations(message: &str) -> Option<&'static str> {
    let message = message.to_ascii_lowercase();
    let says = |words: &str| message.contains(words);
    if says("invit") && (says("verified domain") || says("already exists in the directory")) {
        return Some(OWN_ADDRESS);
    }
    let forbidden = says("guest invitations not allowed") || says("invitations are not allowed");
    forbidden.then_some(NO_INVITATIONS)
}

fn kind(effect: Effect, status: StatusCode, after_ms: Option<u64>) -> FailureKind {
    match status.as_u16() {
        401 => FailureKind::NotAuthorised,
        403 => FailureKind::Forbidden,
        404 | 410 => FailureKind::Gone,
        408 => uncertain(effect),
        429 => FailureKind::Throttled { after_ms },
        503 if after_ms.is_some() => FailureKind::Throttled { after_ms },
        500.. => uncertain(effect),
        // 400, 409, 412, 413 and what else is the request's own fault; redirects too.
        _ => FailureKind::Rejected,
    }
}

fn uncertain(effect: Effect) -> FailureKind {
    match effect {
        Effect::Read => FailureKind::NotSent,
        Effect::Write => FailureKind::Unknown,
    }
}

/// Graph's code as far as it is one; the status where it is none.
fn tidy(code: &str, status: StatusCode) -> String {
    let is_code = !code.is_empty()
        && code.len() <= 80
        && code
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if is_code {
        code.to_owned()
    } else {
        format!("http_{}", status.as_u16())
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
        let table = [
            (401, None, NotAuthorised, NotAuthorised),
            (403, None, Forbidden, Forbidden),
            (404, None, Gone, Gone),
            (410, None, Gone, Gone),
            (400, None, Rejected, Rejected),
            (409, None, Rejected, Rejected),
            (412, None, Rejected, Rejected),
            (413, None, Rejected, Rejected),
            (302, None, Rejected, Rejected),
            (408, None, NotSent, Unknown),
            (429, Some(7), waits, waits),
            (
                429,
                None,
                Throttled { after_ms: None },
                Throttled { after_ms: None },
            ),
            (503, Some(7), waits, waits),
            (503, None, NotSent, Unknown),
            (500, Some(7), NotSent, Unknown),
            (502, None, NotSent, Unknown),
            (504, Some(7), NotSent, Unknown),
        ];
        for (status, after, read, write) in table {
            assert_eq!(
                classified(Effect::Read, status, after),
                read,
                "read, {status}"
            );
            assert_eq!(
                classified(Effect::Write, status, after),
                write,
                "write, {status}"
            );
        }
    }

    #[test]
    fn the_code_is_graphs_own_and_its_message_is_dropped() {
        let body = br#"{"error":{"code":"AclCheckFailed","message":"ann@acme.example may not"}}"#;
        let failure = refusal(Effect::Write, StatusCode::FORBIDDEN, body, None, "post");
        assert_eq!(failure.code, "AclCheckFailed");
        assert!(!format!("{failure:?} {failure}").contains("acme"));
        let odd = br#"{"error":{"code":"ann@acme.example"}}"#;
        assert_eq!(
            refusal(Effect::Read, StatusCode::NOT_FOUND, odd, None, "x").code,
            "http_404"
        );
        assert_eq!(
            refusal(Effect::Read, StatusCode::BAD_GATEWAY, b"<html>", None, "x").code,
            "http_502"
        );
        assert_eq!(
            refusal(Effect::Write, StatusCode::PAYLOAD_TOO_LARGE, b"", None, "x").code,
            "too_large"
        );
    }

    #[test]
    fn reading_without_microsofts_approval_is_told_by_its_message() {
        let body = br#"{"error":{"code":"Forbidden","message":"Invoked API requires Protected API access in application-only context when not using Resource Specific Consent."}}"#;
        let failure = refusal(Effect::Read, StatusCode::FORBIDDEN, body, None, "x");
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::Forbidden, PROTECTED_API)
        );
    }
}
