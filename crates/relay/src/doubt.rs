//! What an earlier life of the hub may have done, that the backup it was restored from cannot know.
//!
//! From the moment of the backup until it was put back, another life of the same hub may have gone
//! on: what was queued may have been sent, and what was written since may have been carried. So
//! what stems from then is looked for before it is sent.

use std::collections::HashSet;

use causeway_model::{
    AuthorKind, Delivery, ExternalAccount, ExternalMessage, Happening, Incoming, Operation,
    RelayId, Timestamp,
};

/// How far a platform's clock may be off ours.
const CLOCK_SKEW_MS: i64 = 5 * 60_000;

/// The span that nobody remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// When the backup was made.
    pub made_at: Timestamp,
    pub restored_at: Timestamp,
    /// When an administrator let the restored hub send; none while it still waits for that.
    pub resumed_at: Option<Timestamp>,
}

impl Doubt {
    /// Whether what came in then, and was written then by the platform's clock, may have been
    /// carried before. Until the hub may send all is doubted: that costs nothing, and needs no
    /// clock but ours.
    #[must_use]
    pub fn covers(&self, received_at: Timestamp, written_at: Timestamp) -> bool {
        let waited = self.resumed_at.is_none_or(|resumed| received_at <= resumed);
        waited || written_at <= self.restored_at.plus_ms(CLOCK_SKEW_MS)
    }

    /// Whether a delivery may have been carried out before.
    #[must_use]
    pub fn covers_delivery(&self, delivery: &Delivery) -> bool {
        let written_at = match delivery.operation {
            // Its source time only puts it before everything else.
            Operation::Open => delivery.received_at,
            Operation::Post
            | Operation::Edit
            | Operation::Delete
            | Operation::Note
            | Operation::Prompt => delivery.source_at,
        };
        self.covers(delivery.received_at, written_at)
    }

    /// Whether a delivery is to be looked for before it is sent. One that was tried in this life is
    /// not: then it was looked for, or is found out about like every other.
    #[must_use]
    pub fn must_look_for(&self, delivery: &Delivery) -> bool {
        let tried = delivery.intent_at.is_some_and(|at| at >= self.restored_at);
        let can_be_seen_twice = match delivery.operation {
            Operation::Post | Operation::Note | Operation::Prompt | Operation::Open => true,
            Operation::Edit | Operation::Delete => false,
        };
        can_be_seen_twice && !tried && self.covers_delivery(delivery)
    }

    /// From when on a delivery may stand in its conversation.
    #[must_use]
    pub fn look_from(&self, delivery: &Delivery) -> Timestamp {
        let tried = delivery.intent_at.unwrap_or(self.made_at);
        tried.min(self.made_at).plus_ms(-CLOCK_SKEW_MS)
    }
}

/// What tells that a message was posted by an earlier life.
#[derive(Debug, Clone)]
pub struct Trace<'a> {
    pub relay_id: &'a RelayId,
    /// Whether the platform carries markers: then only what our own app has marked counts.
    pub marker: bool,
    /// Whether it was said as the app itself.
    pub by_app: bool,
    /// Every account that it may stand under.
    pub authors: &'a [ExternalAccount],
    /// What it may read like: with the note that it is late, or without.
    pub fingerprints: &'a [String],
    pub since: Timestamp,
}

/// Looks for what an earlier life posted, under this relay id or, where the delivery was made only
/// after the backup, under one that nobody knows any more. `taken` are messages that are known to be
/// something else, `known` relay ids of other deliveries.
#[must_use]
pub fn find_trace<'a>(
    trace: &Trace<'_>,
    events: &'a [Incoming],
    taken: &HashSet<ExternalMessage>,
    known: &HashSet<RelayId>,
) -> Option<(&'a ExternalMessage, Timestamp)> {
    let marked = |event: &Incoming| own_marker(event) == Some(trace.relay_id);
    let alike = |event: &Incoming| {
        let marked = own_marker(event).is_some_and(|marker| !known.contains(marker));
        let by_app = trace.by_app && event.author.kind == AuthorKind::OwnApp;
        (marked || !trace.marker)
            && event.at >= trace.since
            && (by_app || trace.authors.contains(&event.author.account))
    };
    let first = events.iter().find(|event| marked(event));
    if let Some((message, _)) = first.and_then(posted) {
        return first.map(|event| (message, event.at));
    }
    events
        .iter()
        .filter(|event| alike(event))
        .find_map(|event| {
            let (message, fingerprint) = posted(event)?;
            let found = !taken.contains(message) && trace.fingerprints.contains(&fingerprint);
            found.then_some((message, event.at))
        })
}

/// The relay id that our own app has marked a message with.
#[must_use]
pub fn own_marker(event: &Incoming) -> Option<&RelayId> {
    match &event.happened {
        Happening::Posted {
            marker: Some(marker),
            ..
        } if marker.by_own_app => Some(&marker.relay_id),
        Happening::Posted { .. }
        | Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => None,
    }
}

fn posted(event: &Incoming) -> Option<(&ExternalMessage, String)> {
    match &event.happened {
        Happening::Posted {
            message, content, ..
        } => Some((message, content.fingerprint())),
        Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::{
        Author, Content, DeliveryId, DeliveryState, EventKey, ExternalConversation, LegId, Marker,
    };

    use super::*;

    const DOUBT: Doubt = Doubt {
        made_at: Timestamp(10_000_000),
        restored_at: Timestamp(20_000_000),
        resumed_at: Some(Timestamp(21_000_000)),
    };
    const LATER: Timestamp = Timestamp(90_000_000);

    fn delivery(operation: Operation, received_at: i64, source_at: i64) -> Delivery {
        Delivery {
            id: DeliveryId(1),
            leg: LegId(1),
            message: None,
            operation,
            part: 0,
            relay_id: RelayId::from_bits(1),
            state: DeliveryState::Queued,
            reason: None,
            attempts: 0,
            source_at: Timestamp(source_at),
            received_at: Timestamp(received_at),
            due_at: Timestamp(0),
            intent_at: None,
            settled_at: None,
            rung: None,
            external: None,
            late: false,
        }
    }

    #[test]
    fn what_was_queued_at_the_backup_or_written_before_it_was_put_back_is_looked_for() {
        let queued = delivery(Operation::Post, 9_000_000, 9_000_000);
        assert!(DOUBT.must_look_for(&queued));
        let caught_up = delivery(Operation::Post, LATER.0, 15_000_000);
        assert!(DOUBT.must_look_for(&caught_up));
        let waited = delivery(Operation::Note, 20_500_000, LATER.0);
        assert!(DOUBT.must_look_for(&waited));
        let fresh = delivery(Operation::Post, LATER.0, LATER.0);
        assert!(!DOUBT.must_look_for(&fresh));
    }

    #[test]
    fn until_it_may_send_a_restored_hub_doubts_everything() {
        let waiting = Doubt {
            resumed_at: None,
            ..DOUBT
        };
        assert!(waiting.must_look_for(&delivery(Operation::Post, LATER.0, LATER.0)));
    }

    #[test]
    fn what_was_looked_for_in_vain_is_sent_and_what_an_earlier_life_tried_is_looked_for() {
        let tried = |at| Delivery {
            intent_at: Some(Timestamp(at)),
            ..delivery(Operation::Post, 9_000_000, 9_000_000)
        };
        assert!(!DOUBT.must_look_for(&tried(21_000_001)));
        assert!(DOUBT.must_look_for(&tried(9_500_000)));
        assert_eq!(DOUBT.look_from(&tried(9_500_000)), Timestamp(9_200_000));
        assert_eq!(DOUBT.look_from(&tried(21_000_001)), Timestamp(9_700_000));
    }

    #[test]
    fn an_opening_is_doubted_by_when_it_was_asked_for_and_what_nobody_sees_twice_never_is() {
        assert!(!DOUBT.must_look_for(&delivery(Operation::Open, LATER.0, 0)));
        assert!(DOUBT.must_look_for(&delivery(Operation::Open, 9_000_000, 0)));
        for operation in [Operation::Edit, Operation::Delete] {
            assert!(!DOUBT.must_look_for(&delivery(operation, 9_000_000, 9_000_000)));
        }
    }

    fn said(id: &str, author: &str, text: &str, marker: Option<(u128, bool)>) -> Incoming {
        Incoming {
            key: EventKey(format!("m:C:{id}")),
            contains: vec![],
            changed_at: None,
            conversation: ExternalConversation::new("C"),
            conversation_kind: None,
            heard_by: None,
            author: Author {
                account: ExternalAccount::new(author),
                kind: AuthorKind::PersonByOwnApp,
            },
            at: LATER,
            happened: Happening::Posted {
                message: ExternalMessage::new(id),
                content: Content::plain(text),
                marker: marker.map(|(bits, by_own_app)| Marker {
                    relay_id: RelayId::from_bits(bits),
                    by_own_app,
                }),
            },
        }
    }

    fn found<'a>(marker: bool, events: &'a [Incoming], taken: &[&str]) -> Option<&'a str> {
        let relay_id = RelayId::from_bits(1);
        let trace = Trace {
            relay_id: &relay_id,
            marker,
            by_app: false,
            authors: &[ExternalAccount::new("U1")],
            fingerprints: &["hi".to_owned(), "(late)hi".to_owned()],
            since: Timestamp(0),
        };
        let taken = taken.iter().map(|id| ExternalMessage::new(*id)).collect();
        let known = HashSet::from([RelayId::from_bits(7)]);
        find_trace(&trace, events, &taken, &known).map(|(message, _)| message.as_str())
    }

    #[test]
    fn the_marker_proves_whatever_it_reads_like_and_an_unknown_one_the_same_words_of_the_same_author()
     {
        let others = [
            said("1", "U1", "hi", None),
            said("2", "U1", "hi", Some((9, false))),
            said("3", "U1", "hi", Some((7, true))),
            said("4", "U2", "hi", Some((9, true))),
            said("5", "U1", "ho", Some((9, true))),
        ];
        assert_eq!(found(true, &others, &[]), None);
        let alike = [said("6", "U1", "hi", Some((9, true)))];
        assert_eq!(found(true, &alike, &[]), Some("6"));
        assert_eq!(found(true, &alike, &["6"]), None);
        let edited = [alike[0].clone(), said("7", "U1", "edited", Some((1, true)))];
        assert_eq!(found(true, &edited, &[]), Some("7"));
    }

    #[test]
    fn without_markers_the_words_may_say_that_they_are_late() {
        assert_eq!(found(false, &[said("1", "U1", "hi", None)], &[]), Some("1"));
        let late = [said("2", "U1", "(late) hi", None)];
        assert_eq!(found(false, &late, &[]), Some("2"));
        assert_eq!(found(false, &[said("3", "U2", "hi", None)], &[]), None);
    }
}
