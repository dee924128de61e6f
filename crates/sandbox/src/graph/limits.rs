//! Rate limits of one app in one tenant, in the sandbox's clock.
//!
//! Source: <https://learn.microsoft.com/graph/throttling-limits>

use crate::clock::Millis;

/// Calls that share one budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    SendMessage,
    ReadMessages,
    ReadMembers,
    ExportMessages,
    OtherRead,
    Other,
    /// Directory calls are counted in resource units, not requests.
    Directory,
    Invitations,
}

const BUDGETS: usize = 8;

impl Budget {
    /// `(per second, burst)` in calls.
    fn rate(self) -> (f64, f64) {
        match self {
            Budget::SendMessage | Budget::ReadMessages => (20.0, 20.0),
            Budget::ReadMembers => (60.0, 60.0),
            Budget::ExportMessages => (200.0, 200.0),
            Budget::OtherRead | Budget::Other => (30.0, 30.0),
            // A small tenant: 3,500 units in ten seconds.
            Budget::Directory => (350.0, 3500.0),
            Budget::Invitations => (30.0, 150.0),
        }
    }
}

/// How much of each budget is left: a bucket that refills steadily.
#[derive(Debug, Default)]
pub struct Limits([Option<Bucket>; BUDGETS]);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Millis,
}

impl Limits {
    /// Takes one call from its budget. The error is how long to wait, in milliseconds of the
    /// sandbox's time.
    pub fn take(&mut self, budget: Budget, now: Millis) -> Result<(), Millis> {
        let (per_second, burst) = budget.rate();
        let slot = &mut self.0[budget as usize];
        let bucket = slot.get_or_insert(Bucket {
            left: burst,
            at: now,
        });
        let passed = (now - bucket.at).max(0) as f64 / 1000.0;
        bucket.left = (bucket.left + passed * per_second).min(burst);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let missing = (1.0 - bucket.left) / per_second;
        Err((missing * 1000.0).ceil() as Millis)
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Limits};

    #[test]
    fn a_budget_runs_dry_and_refills_with_time_and_leaves_others_alone() {
        let mut limits = Limits::default();
        for _ in 0..20 {
            assert_eq!(limits.take(Budget::SendMessage, 1000), Ok(()));
        }
        assert_eq!(limits.take(Budget::SendMessage, 1000), Err(50));
        assert_eq!(limits.take(Budget::ReadMessages, 1000), Ok(()));
        assert_eq!(limits.take(Budget::SendMessage, 1050), Ok(()));
        assert!(limits.take(Budget::SendMessage, 1050).is_err());
    }
}
