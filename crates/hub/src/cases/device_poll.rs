//! Waiting for a device code to be used.

use std::time::Duration;

use causeway_connectors::{DeviceCode, DevicePoll, SignIn, SignInFailure, SignedIn};
use causeway_model::{Clock, Failure, FailureKind};

/// How much longer a code is polled for than it is good, so that its last moment counts.
const GRACE_MS: i64 = 10_000;
/// What a platform that asks to slow down wants to be added (RFC 8628 section 3.5).
const SLOWER_MS: u64 = 5_000;

/// Polls until somebody has signed in or it is certain that nobody will. `pace` is how many times
/// faster than ours the platform's clock runs.
pub(super) async fn poll(
    sign_in: &dyn SignIn,
    code: &DeviceCode,
    clock: &dyn Clock,
    pace: u64,
) -> Result<SignedIn, SignInFailure> {
    let mut interval = Duration::from_millis(code.interval_ms.max(1));
    let mut longer = Duration::ZERO;
    loop {
        tokio::time::sleep(interval.max(longer)).await;
        longer = Duration::ZERO;
        match sign_in.poll_device(&code.secret).await {
            Ok(DevicePoll::SignedIn(signed_in)) => return Ok(signed_in),
            Ok(DevicePoll::Pending) => {}
            Ok(DevicePoll::SlowDown) => {
                interval += Duration::from_millis((SLOWER_MS / pace.max(1)).max(1));
            }
            Err(SignInFailure::Failed(failure)) if passes(&failure) => longer = pause(&failure),
            Err(failure) => return Err(failure),
        }
        if clock.now() >= code.expires_at.plus_ms(GRACE_MS) {
            return Err(SignInFailure::Expired);
        }
    }
}

/// Whether the same call may do better in a while.
pub(super) fn passes(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Throttled { .. } | FailureKind::NotSent | FailureKind::Unknown => true,
        FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => false,
    }
}

/// What the platform asks to be left alone for.
pub(super) fn pause(failure: &Failure) -> Duration {
    match failure.kind {
        FailureKind::Throttled { after_ms } => Duration::from_millis(after_ms.unwrap_or(0)),
        FailureKind::NotSent
        | FailureKind::Unknown
        | FailureKind::NotAuthorised
        | FailureKind::Forbidden
        | FailureKind::Gone
        | FailureKind::NotSupported
        | FailureKind::Rejected => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, sync::Mutex};

    use async_trait::async_trait;
    use causeway_connectors::{AuthorizeLink, Secret, TokenSet};
    use causeway_model::{ExternalAccount, SignInWay, Timestamp};
    use tokio::time::Instant;
    use url::Url;

    use super::*;

    type Answer = Result<DevicePoll, SignInFailure>;

    /// A platform that answers polls as it was told, and remembers when they came.
    struct Scripted {
        answers: Mutex<VecDeque<Answer>>,
        asked: Mutex<Vec<u64>>,
        begun: Instant,
    }

    #[async_trait]
    impl SignIn for Scripted {
        fn ways(&self) -> &'static [SignInWay] {
            &[SignInWay::DeviceCode]
        }

        async fn begin_device(&self) -> Result<DeviceCode, SignInFailure> {
            Err(SignInFailure::Expired)
        }

        async fn poll_device(&self, _: &Secret) -> Answer {
            let seconds = self.begun.elapsed().as_secs();
            self.asked.lock().expect("unpoisoned").push(seconds);
            let next = self.answers.lock().expect("unpoisoned").pop_front();
            next.unwrap_or(Ok(DevicePoll::Pending))
        }

        fn authorize_url(&self, _: &AuthorizeLink<'_>) -> Option<Url> {
            None
        }

        async fn redeem_code(
            &self,
            _: &str,
            _: &Url,
            _: &Secret,
        ) -> Result<SignedIn, SignInFailure> {
            Err(SignInFailure::Expired)
        }

        fn read_error(&self, _: &str, _: Option<&str>) -> SignInFailure {
            SignInFailure::Declined
        }

        async fn with_password(&self, _: &str, _: &Secret) -> Result<SignedIn, SignInFailure> {
            Err(SignInFailure::Expired)
        }

        fn tenant_consent_url(&self, _: Option<&Url>, _: &str) -> Option<Url> {
            None
        }
    }

    /// Paused time, as the day's.
    struct Paused(Instant);

    impl Clock for Paused {
        fn now(&self) -> Timestamp {
            let ms = self.0.elapsed().as_millis();
            Timestamp(i64::try_from(ms).unwrap_or(i64::MAX))
        }
    }

    async fn polled(answers: Vec<Answer>) -> (Result<SignedIn, SignInFailure>, Vec<u64>) {
        let begun = Instant::now();
        let scripted = Scripted {
            answers: Mutex::new(answers.into()),
            asked: Mutex::default(),
            begun,
        };
        let code = DeviceCode {
            secret: Secret::new("d3vice"),
            user_code: "ABCD".to_owned(),
            verification_uri: "https://login.example/device".to_owned(),
            interval_ms: 5_000,
            expires_at: Timestamp(60_000),
        };
        let outcome = poll(&scripted, &code, &Paused(begun), 1).await;
        (outcome, scripted.asked.into_inner().expect("unpoisoned"))
    }

    fn somebody() -> SignedIn {
        SignedIn {
            account: ExternalAccount::new("a"),
            tokens: TokenSet {
                access: None,
                expires_at: None,
                refresh: None,
                refresh_ends_at: None,
                scopes: String::new(),
            },
        }
    }

    fn trouble(kind: FailureKind) -> Answer {
        Err(Failure::new(kind, "x", "token").into())
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_asked_to_slow_down_waits_longer_from_then_on() {
        let (outcome, asked) = polled(vec![
            Ok(DevicePoll::Pending),
            Ok(DevicePoll::SlowDown),
            Ok(DevicePoll::Pending),
            Ok(DevicePoll::SignedIn(somebody())),
        ])
        .await;
        assert_eq!(outcome, Ok(somebody()));
        assert_eq!(asked, [5, 10, 20, 30]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_waited_out_and_what_does_not_ends_it() {
        let throttled = FailureKind::Throttled {
            after_ms: Some(12_000),
        };
        let (outcome, asked) = polled(vec![
            trouble(FailureKind::NotSent),
            trouble(throttled),
            Err(SignInFailure::Declined),
        ])
        .await;
        assert_eq!(outcome, Err(SignInFailure::Declined));
        assert_eq!(asked, [5, 10, 22]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_that_nobody_types_is_given_up_soon_after_its_end() {
        let (outcome, asked) = polled(Vec::new()).await;
        assert_eq!(outcome, Err(SignInFailure::Expired));
        assert_eq!(asked.last(), Some(&70));
    }
}
