//! Rate limits: per method and workspace by tier, and for posts also per channel
//! (<https://docs.slack.dev/apis/web-api/rate-limits/>). A bucket holds a short burst and refills
//! in the sandbox's time.

use std::collections::HashMap;

use crate::clock::Millis;

use super::{failure::Failure, ids::ConversationId};

/// How often one method may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    One,
    Two,
    Three,
    Four,
    /// About ten a second.
    Often,
    /// `chat.postMessage`: a ceiling for the workspace, beside one for each channel.
    Posting,
}

#[derive(Debug, Clone, Copy)]
struct Rate {
    per_minute: f64,
    burst: f64,
}

const PER_CHANNEL: Rate = Rate {
    per_minute: 60.0,
    burst: 5.0,
};

impl Tier {
    fn rate(self) -> Rate {
        let even = |per_minute: f64| Rate {
            per_minute,
            burst: per_minute,
        };
        match self {
            // A client that lost its sockets opens a few in a row, and Slack lets it.
            Self::One => Rate {
                per_minute: 1.0,
                burst: 5.0,
            },
            Self::Two => even(20.0),
            Self::Three => even(50.0),
            Self::Four => even(100.0),
            Self::Often => even(600.0),
            Self::Posting => even(400.0),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Method(&'static str),
    Channel(ConversationId),
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Millis,
}

/// The buckets of one app in one workspace.
#[derive(Debug, Default)]
pub struct Limits(HashMap<Key, Bucket>);

impl Limits {
    pub fn call(&mut self, method: &'static str, tier: Tier, now: Millis) -> Result<(), Failure> {
        self.take(Key::Method(method), tier.rate(), now)
    }

    pub fn post(&mut self, channel: &ConversationId, now: Millis) -> Result<(), Failure> {
        self.take(Key::Channel(channel.clone()), PER_CHANNEL, now)
    }

    fn take(&mut self, key: Key, rate: Rate, now: Millis) -> Result<(), Failure> {
        let per_ms = rate.per_minute / 60_000.0;
        let bucket = self.0.entry(key).or_insert(Bucket {
            left: rate.burst,
            at: now,
        });
        let refilled = (now - bucket.at).max(0) as f64 * per_ms;
        bucket.left = (bucket.left + refilled).min(rate.burst);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Failure::Limited(
                ((1.0 - bucket.left) / per_ms).ceil() as Millis
            ));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_takes_a_short_burst_and_then_one_message_a_second() {
        let mut limits = Limits::default();
        let channel = ConversationId::from("C1");
        for _ in 0..5 {
            limits.post(&channel, 0).expect("within the burst");
        }
        assert_eq!(limits.post(&channel, 0), Err(Failure::Limited(1000)));
        assert_eq!(limits.post(&channel, 400), Err(Failure::Limited(600)));
        limits.post(&channel, 1000).expect("a second has passed");
        limits
            .post(&ConversationId::from("C2"), 1000)
            .expect("another channel is free");
    }

    #[test]
    fn a_method_that_is_at_its_limit_does_not_stop_another() {
        let mut limits = Limits::default();
        while limits.call("users.list", Tier::Two, 0).is_ok() {}
        limits
            .call("conversations.list", Tier::Two, 0)
            .expect("its own bucket");
        limits
            .call("users.list", Tier::Two, 3000)
            .expect("twenty a minute is one in three seconds");
    }
}
