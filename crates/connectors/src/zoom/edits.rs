//! Which edit a message's text stands for.
//!
//! Lists tell that a message was edited and what it says now, but not when; events tell when. So an
//! edit is known by what it says: the same for an event and for the list that is read after it. A
//! text that comes back after another counts as a further edit, as far as the other was seen.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::digest::{SHA256, digest};
use causeway_model::{ExternalMessage, Timestamp};
use data_encoding::HEXLOWER;

use super::wire::Body;

/// The memory is emptied when it holds so many messages.
const MOST_REMEMBERED: usize = 10_000;
/// Of one message.
const MOST_STATES: usize = 64;

#[derive(Default)]
pub(super) struct Edits {
    seen: Mutex<HashMap<ExternalMessage, Vec<State>>>,
}

struct State {
    print: String,
    since: Timestamp,
    /// How often the message had said the same before.
    times: usize,
}

impl Edits {
    /// A name for the edit after which the message says this, as it was told of `at`.
    pub(super) fn name(&self, message: &ExternalMessage, body: &Body, at: Timestamp) -> String {
        let print = print(body);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_REMEMBERED && !seen.contains_key(message) {
            seen.clear();
        }
        let states = seen.entry(message.clone()).or_default();
        let times = times(states, &print, at);
        match times {
            0 => print,
            times => format!("{print}.{times}"),
        }
    }
}

fn times(states: &mut Vec<State>, print: &str, at: Timestamp) -> usize {
    let latest = states.iter().max_by_key(|state| state.since);
    if let Some(latest) = latest.filter(|latest| latest.print == print) {
        return latest.times;
    }
    let mut same = states.iter().filter(|state| state.print == print);
    // Told once more, after what came later.
    let again = same
        .clone()
        .filter(|state| state.since >= at)
        .min_by_key(|state| state.since);
    if let Some(again) = again {
        return again.times;
    }
    let times = same.by_ref().count();
    if states.len() < MOST_STATES {
        states.push(State {
            print: print.to_owned(),
            since: at,
            times,
        });
    }
    times
}

/// What the message says and how, in few letters that do not tell it.
fn print(body: &Body) -> String {
    let marks = body.rich_text.iter().map(|rich| {
        let (start, end) = (rich.start_position, rich.end_position);
        format!("{start}-{end}{}\n", rich.format_type)
    });
    let said = body.message.as_deref().unwrap_or_default();
    let all = format!("{said}\n{}", marks.collect::<String>());
    HEXLOWER.encode(&digest(&SHA256, all.as_bytes()).as_ref()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(edits: &Edits, says: &str, at: i64) -> String {
        let body = Body {
            message: Some(says.to_owned()),
            ..Body::default()
        };
        edits.name(&ExternalMessage::new("m"), &body, Timestamp(at))
    }

    #[test]
    fn an_event_and_the_list_after_it_tell_of_one_edit() {
        let edits = Edits::default();
        assert_eq!(name(&edits, "b", 10), name(&edits, "b", 99));
        assert_eq!(name(&edits, "b", 10), name(&Edits::default(), "b", 5));
    }

    #[test]
    fn a_text_that_comes_back_is_another_edit_and_one_told_again_is_not() {
        let edits = Edits::default();
        let first = name(&edits, "b", 10);
        let other = name(&edits, "c", 20);
        assert_ne!(first, other);
        assert_eq!(name(&edits, "b", 10), first);
        let back = name(&edits, "b", 30);
        assert_ne!(back, first);
        assert_eq!(name(&edits, "c", 20), other);
        assert_eq!(name(&edits, "b", 40), back);
    }

    #[test]
    fn nobody_can_read_the_text_in_the_name() {
        assert!(!name(&Edits::default(), "secret", 1).contains("secret"));
    }
}
