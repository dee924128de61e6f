//! Rate limits. Webex publishes no numbers for messaging; this is a generous budget for each token,
//! so that only a runaway caller meets it.

use std::collections::HashMap;

use crate::clock::Millis;

/// Calls of one token that may come at once.
const BURST: f64 = 600.0;
/// How many come back in a second of the sandbox's time.
const PER_SECOND: f64 = 50.0;

/// How much of each token's budget is left: a bucket that refills steadily.
#[derive(Debug, Default)]
pub struct Limits(HashMap<String, Bucket>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Millis,
}

impl Limits {
    /// Takes one call of a token. The error is how long to wait, in milliseconds of the sandbox's
    /// time.
    pub fn take(&mut self, token: &str, now: Millis) -> Result<(), Millis> {
        let bucket = self.0.entry(token.to_owned()).or_insert(Bucket {
            left: BURST,
            at: now,
        });
        let passed = (now - bucket.at).max(0) as f64 / 1000.0;
        bucket.left = (bucket.left + passed * PER_SECOND).min(BURST);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - bucket.left) / PER_SECOND * 1000.0).ceil() as Millis)
    }
}

#[cfg(test)]
mod tests {
    use super::{BURST, Limits};

    #[test]
    fn a_token_runs_dry_and_recovers_and_another_is_not_touched() {
        let mut limits = Limits::default();
        for _ in 0..BURST as u32 {
            assert_eq!(limits.take("one", 0), Ok(()));
        }
        assert_eq!(limits.take("one", 0), Err(20));
        assert_eq!(limits.take("other", 0), Ok(()));
        assert_eq!(limits.take("one", 20), Ok(()));
    }
}
