//! What checks of all platforms have in common.

use std::collections::BTreeMap;

use causeway_model::{Check, CheckCode, Failure, FailureKind, Timestamp};

/// Clocks may differ by this much before anybody is told. Slack refuses signatures of more than five
/// minutes, and Entra assertions of more than about as much.
const MOST_SKEW_MS: i64 = 60_000;

/// What a call that was to prove something has proved. One that did not get through proves nothing.
pub(crate) fn came_to(code: CheckCode, outcome: Result<(), Failure>) -> Check {
    match outcome {
        Ok(()) => Check::passed(code),
        Err(failure) => match failure.kind {
            FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => {
                Check::unknown(code, failure.code)
            }
            FailureKind::NotAuthorised
            | FailureKind::Forbidden
            | FailureKind::Gone
            | FailureKind::NotSupported
            | FailureKind::Rejected => Check::failed(code, failure.code),
        },
    }
}

/// The first call did not come to its end: was it the way, or what it was made with?
pub(crate) fn not_let_in(failure: &Failure) -> Check {
    match failure.kind {
        FailureKind::NotSent | FailureKind::Unknown => {
            Check::failed(CheckCode::Reachable, &failure.code)
        }
        FailureKind::Throttled { .. } => Check::unknown(CheckCode::Reachable, &failure.code),
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => Check::failed(CheckCode::Credentials, &failure.code),
    }
}

/// Which of the permissions that are needed people have given.
pub(crate) struct Granted {
    needed: Vec<&'static str>,
    without: BTreeMap<&'static str, u32>,
    looked: u32,
}

impl Granted {
    pub(crate) fn of(needed: Vec<&'static str>) -> Self {
        Self {
            needed,
            without: BTreeMap::new(),
            looked: 0,
        }
    }

    /// Somebody's token was looked at.
    pub(crate) fn note(&mut self, has: impl Fn(&str) -> bool) {
        self.looked += 1;
        for permission in &self.needed {
            if !has(permission) {
                *self.without.entry(permission).or_default() += 1;
            }
        }
    }

    /// One check for each that somebody lacks; one for all where nobody lacks any; none where nobody
    /// was looked at.
    pub(crate) fn checks(self) -> Vec<Check> {
        let code = CheckCode::PersonPermission;
        if self.looked > 0 && self.without.is_empty() {
            return vec![Check::passed(code)];
        }
        let looked = self.looked;
        let told = self.without.into_iter();
        told.map(|(name, count)| Check::failed(code, format!("{count} of {looked}")).about(name))
            .collect()
    }
}

/// How far the platform's clock, as an answer told it to the second, is from ours.
pub(crate) fn skew(server: Option<Timestamp>, now: Timestamp) -> Check {
    let Some(server) = server else {
        return Check::unknown(CheckCode::ClockSkew, "no_time_told");
    };
    let ms = server.ms_since(now);
    if ms.abs() <= MOST_SKEW_MS {
        return Check::passed(CheckCode::ClockSkew);
    }
    let which = if ms > 0 { "behind" } else { "ahead" };
    Check::failed(
        CheckCode::ClockSkew,
        format!("{} s {which}", ms.abs() / 1_000),
    )
}

/// The `Date` of an answer.
pub(crate) fn server_time(headers: &reqwest::header::HeaderMap) -> Option<Timestamp> {
    let value = headers.get(reqwest::header::DATE)?.to_str().ok()?;
    let told = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(Timestamp(told.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use causeway_model::Outcome;

    use super::*;

    #[test]
    fn a_minute_of_skew_is_nothing_and_more_says_how_much_and_which_way() {
        let now = Timestamp(1_000_000_000);
        let told = |ms| skew(Some(now.plus_ms(ms)), now);
        assert_eq!(told(59_000).outcome, Outcome::Passed);
        assert_eq!(told(-60_000).outcome, Outcome::Passed);
        assert_eq!(told(90_000).detail.as_deref(), Some("90 s behind"));
        assert_eq!(told(-400_000).detail.as_deref(), Some("400 s ahead"));
        assert_eq!(skew(None, now).outcome, Outcome::Unknown);
    }

    #[test]
    fn a_call_that_did_not_get_through_proves_nothing() {
        let kinds = [
            (FailureKind::NotSent, Outcome::Unknown),
            (FailureKind::Throttled { after_ms: None }, Outcome::Unknown),
            (FailureKind::Forbidden, Outcome::Failed),
            (FailureKind::NotAuthorised, Outcome::Failed),
        ];
        for (kind, outcome) in kinds {
            let failure = Failure::new(kind, "why", "probe");
            let check = came_to(CheckCode::Reading, Err(failure));
            assert_eq!(
                (check.outcome, check.detail.as_deref()),
                (outcome, Some("why"))
            );
        }
    }
}
