//! A brake for messages that go round: another bridge between the same two places carries back
//! what the relay carries there, under people's own accounts, so that nothing tells it apart from
//! somebody who writes.
//!
//! What goes round ends each time in all that was said before, however often a name is put before
//! it, on one side of the link or on both. People repeat their own and each other's words too, but
//! not this many times with nothing else said in between.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use causeway_model::Timestamp;

/// How many messages in a row may repeat the one before them.
const IN_A_ROW: u32 = 12;
/// What was said longer ago than this, in milliseconds, is over.
const WINDOW_MS: i64 = 10 * 60_000;
/// More links than this are looked through for those that are over.
const MANY: usize = 20_000;

/// What was said last in each link. No text is kept, only a number for it.
#[derive(Debug)]
pub struct LoopBreaker<L> {
    links: HashMap<L, Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    digest: u64,
    bytes: usize,
    at: Timestamp,
    /// Since when it is repeated, and how often it was.
    since: Timestamp,
    repeated: u32,
}

impl<L> Default for LoopBreaker<L> {
    fn default() -> Self {
        Self {
            links: HashMap::new(),
        }
    }
}

impl<L: Eq + Hash> LoopBreaker<L> {
    /// Takes note of a message, and tells whether it only goes round.
    pub fn goes_round(&mut self, link: L, text: &str, now: Timestamp) -> bool {
        if self.links.len() > MANY {
            self.links
                .retain(|_, last| now.ms_since(last.at) <= WINDOW_MS);
        }
        let text = text.trim_end();
        let before = self
            .links
            .get(&link)
            .filter(|last| now.ms_since(last.since) <= WINDOW_MS && last.is_repeated_by(text));
        let last = Last {
            digest: digest(text),
            bytes: text.len(),
            at: now,
            since: before.map_or(now, |last| last.since),
            repeated: before.map_or(0, |last| last.repeated + 1),
        };
        let goes_round = last.repeated >= IN_A_ROW;
        self.links.insert(link, last);
        goes_round
    }
}

impl Last {
    /// Whether a text is this one again, with something before it or not.
    fn is_repeated_by(&self, text: &str) -> bool {
        let end = text.len().checked_sub(self.bytes);
        end.and_then(|start| text.get(start..))
            .is_some_and(|end| digest(end) == self.digest)
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_bridge_carries_back_with_a_name_before_it_goes_round() {
        let mut breaker = LoopBreaker::default();
        let mut text = "see you at nine, then".to_owned();
        let stopped = (0..100).find(|turn| {
            text = format!("<Ann> {text}");
            breaker.goes_round(1, &text, Timestamp(turn * 3_000))
        });
        assert_eq!(stopped, Some(12));
    }

    #[test]
    fn what_is_stopped_stays_stopped_and_other_words_go_through() {
        let mut breaker = LoopBreaker::default();
        let mut last = false;
        for turn in 0..40 {
            last = breaker.goes_round(1, "ping", Timestamp(turn * 1_000));
        }
        assert!(last);
        assert!(!breaker.goes_round(2, "ping", Timestamp(40_000)));
        assert!(!breaker.goes_round(1, "what was that?", Timestamp(41_000)));
        assert!(!breaker.goes_round(1, "ping", Timestamp(42_000)));
    }

    #[test]
    fn people_who_agree_or_repeat_themselves_are_not_stopped() {
        let mut breaker = LoopBreaker::default();
        for turn in 0..12 {
            assert!(!breaker.goes_round(1, "ok", Timestamp(turn * 2_000)));
        }
        // Alerts that end alike.
        for turn in 0..50 {
            let text = format!("disk {turn} is full; see https://status.acme.example/");
            assert!(!breaker.goes_round(2, &text, Timestamp(turn * 2_000)));
        }
        // The same word, every hour.
        for turn in 0..50 {
            assert!(!breaker.goes_round(3, "here", Timestamp(turn * 3_600_000)));
        }
    }
}
