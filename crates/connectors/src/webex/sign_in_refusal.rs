//! What Webex's refusals mean to somebody who signs in.
//!
//! It tells them in words, some of them OAuth's, that stand in more than one field; none is kept.
//!
//! Source: <https://developer.webex.com/docs/integrations>; RFC 6749 section 4.1.2.1, RFC 8628
//! section 3.5.

use causeway_model::{Failure, FailureKind};
use reqwest::StatusCode;

use super::token_endpoint::Refused;
use crate::SignInFailure;

/// The code has not been used yet: Webex says so by a status of its own.
pub(super) fn is_pending(refused: &Refused) -> bool {
    match refused {
        Refused::Said { status, words } => {
            *status == StatusCode::PRECONDITION_REQUIRED || words.contains("authorization_pending")
        }
        Refused::Failed(_) => false,
    }
}

pub(super) fn is_slow_down(refused: &Refused) -> bool {
    match refused {
        Refused::Said { words, .. } => words.contains("slow_down"),
        Refused::Failed(_) => false,
    }
}

pub(super) fn meaning(refused: &Refused) -> SignInFailure {
    let (status, words) = match refused {
        Refused::Failed(failure) => return failure.clone().into(),
        Refused::Said { status, words } => (*status, words.as_str()),
    };
    let says = |word: &str| words.contains(word);
    let code = || format!("http_{}", status.as_u16());
    // A policy of the organisation's, which is told as a refusal of the person's.
    if says("admin") {
        SignInFailure::AdministratorOnly(word(words).unwrap_or_else(code))
    } else if says("access_denied") || says("authorization_declined") {
        SignInFailure::Declined
    } else if says("expired") {
        SignInFailure::Expired
    } else if says("unauthorized_client") || says("unsupported_grant_type") {
        SignInFailure::NotSupported(word(words).unwrap_or_else(code))
    } else {
        let kind = failed(status, words);
        Failure::new(kind, word(words).unwrap_or_else(code), "sign_in").into()
    }
}

fn failed(status: StatusCode, words: &str) -> FailureKind {
    if words.contains("server_error") || words.contains("temporarily_unavailable") {
        FailureKind::NotSent
    } else if status == StatusCode::UNAUTHORIZED || words.contains("invalid_client") {
        FailureKind::NotAuthorised
    } else {
        FailureKind::Rejected
    }
}

/// OAuth's word for it, where there is one.
fn word(words: &str) -> Option<String> {
    let known = [
        "access_denied",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
    ];
    let word = known.into_iter().find(|known| words.contains(known));
    word.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, words: &str) -> Refused {
        Refused::Said {
            status: StatusCode::from_u16(status).expect("a status"),
            words: words.to_owned(),
        }
    }

    #[test]
    fn a_code_that_waits_and_one_that_is_asked_for_too_often_are_no_failures() {
        assert!(is_pending(&said(428, "")));
        assert!(is_pending(&said(400, "authorization_pending")));
        assert!(!is_pending(&said(400, "invalid_grant")));
        assert!(is_slow_down(&said(400, "slow_down")));
    }

    #[test]
    fn each_refusal_means_one_thing_to_whoever_signs_in() {
        let code = |word: &str| word.to_owned();
        let table = [
            (400, "access_denied", SignInFailure::Declined),
            (400, "expired_token", SignInFailure::Expired),
            (
                400,
                "access_denied\nyour administrator has not approved this",
                SignInFailure::AdministratorOnly(code("access_denied")),
            ),
            (
                400,
                "unauthorized_client",
                SignInFailure::NotSupported(code("unauthorized_client")),
            ),
            (
                401,
                "",
                Failure::new(FailureKind::NotAuthorised, "http_401", "sign_in").into(),
            ),
            (
                400,
                "invalid_scope",
                Failure::new(FailureKind::Rejected, "invalid_scope", "sign_in").into(),
            ),
        ];
        for (status, words, meant) in table {
            assert_eq!(meaning(&said(status, words)), meant, "{status} {words}");
        }
    }
}
