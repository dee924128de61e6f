//! What follows a failed attempt.

use causeway_model::{DeliveryState, FailureKind, Operation, Reason, Timestamp};

/// How patient the relay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The first pause; it doubles with each attempt.
    pub first_ms: i64,
    /// No pause is longer, unless the platform asks for it.
    pub longest_ms: i64,
    /// A delivery older than this is given up.
    pub give_up_after_ms: i64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_ms: 500,
            longest_ms: 60_000,
            give_up_after_ms: 3 * 24 * 3_600_000,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Back into its place at the head of the lane, not before this moment.
    TryAgain { at: Timestamp, reason: Reason },
    /// It, and its lane, wait until something outside changes.
    WaitForPerson { reason: Reason },
    /// First find out whether it happened.
    FindOut,
    /// Settled: the lane goes on.
    Settle {
        state: DeliveryState,
        reason: Option<Reason>,
    },
}

/// Decides once, from the classified failure.
///
/// `attempts` counts the one that failed; `received_at` is when the event came in; `chance` is
/// any random number, for jitter of up to a quarter of the pause.
#[must_use]
pub fn next_step(
    operation: Operation,
    failure: FailureKind,
    attempts: u32,
    received_at: Timestamp,
    now: Timestamp,
    chance: u128,
    policy: &RetryPolicy,
) -> NextStep {
    match failure {
        FailureKind::Throttled { after_ms } => {
            let asked = after_ms.and_then(|ms| i64::try_from(ms).ok());
            let pause = asked.unwrap_or_else(|| back_off(attempts, policy));
            again_or_give_up(pause, Reason::Throttled, received_at, now, chance, policy)
        }
        FailureKind::NotSent => {
            let pause = back_off(attempts, policy);
            again_or_give_up(pause, Reason::Unreachable, received_at, now, chance, policy)
        }
        FailureKind::Unknown => match operation {
            // A second post or a second conversation could be seen; a second edit or deletion not.
            Operation::Post | Operation::Note | Operation::Prompt | Operation::Open => {
                NextStep::FindOut
            }
            Operation::Edit | Operation::Delete => {
                let pause = back_off(attempts, policy);
                again_or_give_up(
                    pause,
                    Reason::UnknownOutcome,
                    received_at,
                    now,
                    chance,
                    policy,
                )
            }
        },
        FailureKind::NotAuthorised => NextStep::WaitForPerson {
            reason: Reason::NotAuthorised,
        },
        FailureKind::Forbidden => NextStep::WaitForPerson {
            reason: Reason::Forbidden,
        },
        FailureKind::Gone => match operation {
            Operation::Edit | Operation::Delete => NextStep::Settle {
                state: DeliveryState::Cancelled,
                reason: Some(Reason::OriginalMissing),
            },
            Operation::Post | Operation::Note | Operation::Prompt | Operation::Open => {
                dead(Reason::Gone)
            }
        },
        FailureKind::NotSupported => dead(Reason::NotSupported),
        FailureKind::Rejected => dead(Reason::Rejected),
    }
}

fn dead(reason: Reason) -> NextStep {
    NextStep::Settle {
        state: DeliveryState::Dead,
        reason: Some(reason),
    }
}

fn back_off(attempts: u32, policy: &RetryPolicy) -> i64 {
    let doublings = attempts.saturating_sub(1).min(20);
    policy
        .first_ms
        .saturating_mul(1 << doublings)
        .min(policy.longest_ms)
}

fn again_or_give_up(
    pause_ms: i64,
    reason: Reason,
    received_at: Timestamp,
    now: Timestamp,
    chance: u128,
    policy: &RetryPolicy,
) -> NextStep {
    let jitter = i64::try_from(chance % 1_000).unwrap_or(0) * pause_ms / 4_000;
    let at = now.plus_ms(pause_ms + jitter);
    if at.ms_since(received_at) > policy.give_up_after_ms {
        return dead(Reason::TooOld);
    }
    NextStep::TryAgain { at, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn step(operation: Operation, failure: FailureKind, attempts: u32) -> NextStep {
        next_step(
            operation,
            failure,
            attempts,
            NOW,
            NOW,
            0,
            &RetryPolicy::default(),
        )
    }

    #[test]
    fn a_throttled_post_waits_as_long_as_the_platform_asks() {
        let asked = step(
            Operation::Post,
            FailureKind::Throttled {
                after_ms: Some(7_000),
            },
            1,
        );
        assert_eq!(
            asked,
            NextStep::TryAgain {
                at: NOW.plus_ms(7_000),
                reason: Reason::Throttled
            }
        );
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = |attempts| match step(Operation::Post, FailureKind::NotSent, attempts) {
            NextStep::TryAgain { at, .. } => at.ms_since(NOW),
            other => panic!("expected another try, got {other:?}"),
        };
        assert_eq!(
            [pause(1), pause(2), pause(3), pause(40)],
            [500, 1_000, 2_000, 60_000]
        );
    }

    #[test]
    fn an_unknown_post_is_never_simply_sent_again() {
        for operation in [Operation::Post, Operation::Note, Operation::Open] {
            assert_eq!(step(operation, FailureKind::Unknown, 1), NextStep::FindOut);
        }
        assert!(matches!(
            step(Operation::Edit, FailureKind::Unknown, 1),
            NextStep::TryAgain { .. }
        ));
    }

    #[test]
    fn a_delivery_that_has_waited_too_long_is_given_up() {
        let policy = RetryPolicy {
            give_up_after_ms: 10_000,
            ..RetryPolicy::default()
        };
        let old = NOW.plus_ms(-10_000);
        let step = next_step(
            Operation::Post,
            FailureKind::NotSent,
            5,
            old,
            NOW,
            0,
            &policy,
        );
        assert_eq!(step, dead(Reason::TooOld));
    }

    #[test]
    fn a_missing_token_waits_for_a_person_and_keeps_the_message() {
        assert_eq!(
            step(Operation::Post, FailureKind::NotAuthorised, 1),
            NextStep::WaitForPerson {
                reason: Reason::NotAuthorised
            }
        );
    }

    #[test]
    fn an_edit_of_something_gone_is_not_a_failure_that_stops_the_lane() {
        assert_eq!(
            step(Operation::Edit, FailureKind::Gone, 1),
            NextStep::Settle {
                state: DeliveryState::Cancelled,
                reason: Some(Reason::OriginalMissing)
            }
        );
    }
}
