//! A brake for messages that go round: another bridge between the same two places carries back
//! what the relay carries there, under people's own accounts, so that nothing tells it apart from
//! somebody who writes.
//!
//! What goes round ends each time in the same words, however often a name is put before it, on one
//! side of the link or on both. People repeat their own and each other's words too, but not this
//! many times with nothing said in between.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use causeway_model::Timestamp;

/// How many messages in a row may end in the same words.
const IN_A_ROW: usize = 12;
/// What was said longer ago than this, in milliseconds, is over.
const WINDOW_MS: i64 = 10 * 60_000;
/// How much of a text's end is compared, in characters.
const END_CHARS: usize = 24;
/// More links than this are looked through for those that are over.
const MANY: usize = 20_000;

/// What went to and fro lately, by link. No text is kept, only a number for the end of each.
#[derive(Debug)]
pub struct LoopBreaker<L> {
    links: HashMap<L, VecDeque<Said>>,
}

#[derive(Debug, Clone, Copy)]
struct Said {
    end: u64,
    at: Timestamp,
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
                .retain(|_, said| said.back().is_some_and(|last| is_recent(*last, now)));
        }
        let said = self.links.entry(link).or_default();
        let this = Said {
            end: end_of(text),
            at: now,
        };
        // Something else was said in between: whatever went round does not any more.
        if said
            .back()
            .is_some_and(|last| last.end != this.end || !is_recent(*last, now))
        {
            said.clear();
        }
        said.push_back(this);
        while said.len() > IN_A_ROW + 1 || said.front().is_some_and(|first| !is_recent(*first, now))
        {
            said.pop_front();
        }
        said.len() > IN_A_ROW
    }
}

fn is_recent(said: Said, now: Timestamp) -> bool {
    now.ms_since(said.at) <= WINDOW_MS
}

fn end_of(text: &str) -> u64 {
    let text = text.trim_end();
    let beginning = text
        .char_indices()
        .rev()
        .nth(END_CHARS - 1)
        .map_or(0, |(index, _)| index);
    let mut hasher = DefaultHasher::new();
    text[beginning..].hash(&mut hasher);
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
        // The first one's end still reaches into the name.
        assert!(stopped.is_some_and(|turn| turn <= 14), "{stopped:?}");
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
        // The same word, every hour.
        for turn in 0..50 {
            assert!(!breaker.goes_round(3, "here", Timestamp(turn * 3_600_000)));
        }
    }
}
