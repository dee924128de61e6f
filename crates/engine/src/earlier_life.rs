//! After a backup was restored: what an earlier life of the hub has done since the backup is found
//! where it stands, and not done again.
//!
//! A delivery that may have been carried out then is looked for before it is sent
//! ([`World::doubt_about`], [`crate::lane::Work::looks_first`]). What the earlier life said with a
//! person's own token reads, where there are no markers, as if they had written it by hand. The two
//! sides of a link are read back in any order, so both are looked for: the copy of what somebody
//! wrote, and what a message that seems to be by hand is the copy of.

use std::{collections::HashSet, sync::PoisonError};

use causeway_connectors::SaidBy;
use causeway_model::{
    AuthorKind, Delivery, DeliveryState, ExternalAccount, ExternalMessage, Happening, Incoming,
    MessageId, Operation, Reason, Rung, Speaker, Timestamp,
};
use causeway_relay::doubt::{Doubt, Trace, find_trace, own_marker};
use causeway_store::{CopyRow, LegRow, MessageRow, Restored, Settlement, StoreError};

use crate::{
    desk::{Desk, World},
    ingest::{Taken, by_hand, record_arrival, speak_elsewhere},
    lane::settle,
    prepare::{late_reading, readings},
    unknown::Probe,
};

impl World {
    /// What an earlier life may have done, where this delivery may be part of that.
    #[must_use]
    pub fn doubt_about(&self, delivery: &Delivery) -> Option<Doubt> {
        self.doubt().filter(|doubt| doubt.covers_delivery(delivery))
    }

    pub(crate) fn set_doubt(&self, restored: Option<Restored>) {
        let doubt = restored.map(|restored| Doubt {
            made_at: restored.made_at,
            restored_at: restored.restored_at,
            resumed_at: restored.resumed_at,
        });
        *self.doubt.write().unwrap_or_else(PoisonError::into_inner) = doubt;
    }

    fn doubt(&self) -> Option<Doubt> {
        *self.doubt.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk<'_, '_> {
    /// Whether what was written then may have been carried by an earlier life.
    pub(crate) fn is_doubted(&self, written_at: Timestamp) -> bool {
        let doubt = self.world.doubt();
        doubt.is_some_and(|doubt| doubt.covers(self.now, written_at))
    }

    pub(crate) fn is_in_doubt(&self, delivery: &Delivery) -> bool {
        self.world.doubt_about(delivery).is_some()
    }

    pub(crate) fn must_look_for(&self, delivery: &Delivery) -> bool {
        let doubt = self.world.doubt();
        doubt.is_some_and(|doubt| doubt.must_look_for(delivery))
    }
}

/// Whether our own app has marked a message for a delivery that nobody knows any more: then an
/// earlier life posted it.
pub(crate) fn has_marked(desk: &Desk<'_, '_>, event: &Incoming) -> Result<bool, StoreError> {
    match own_marker(event).filter(|_| desk.is_doubted(event.at)) {
        Some(relay_id) => Ok(desk.tx.delivery_by_relay_id(relay_id)?.is_none()),
        None => Ok(false),
    }
}

/// A message that the author of what seems to be written by hand wrote where they work, and the part
/// of it that an earlier life has carried.
struct Original {
    message: ExternalMessage,
    at: Timestamp,
    part: u16,
}

impl Probe {
    /// Looks for what an earlier life did about the delivery, and records it. True when there is
    /// nothing left to be sent.
    pub(crate) fn find_in_earlier_life(
        &self,
        desk: &mut Desk<'_, '_>,
        events: &[Incoming],
        taken: &mut Taken,
    ) -> Result<bool, StoreError> {
        let written = match self.delivery.message {
            Some(message) => desk.tx.message(message)?,
            None => None,
        };
        if let Some(written) = &written
            && is_copy(desk, written)?
        {
            // Meanwhile it turned out whose words these are.
            let superseded = Some(Reason::Superseded);
            settle(desk, &self.delivery, DeliveryState::Cancelled, superseded)?;
            return Ok(true);
        }
        if let Some((message, at)) = self.find_said(desk, events)? {
            give_up_claim(desk, &self.leg, &message, self.delivery.message, taken)?;
            record_arrival(desk, &self.leg, &self.delivery, &message, at)?;
            return Ok(true);
        }
        let Some(written) = written.filter(|one| one.author_person == Some(self.leg.person)) else {
            return Ok(false);
        };
        match self.find_original(desk, &written, events)? {
            Some(original) => {
                self.join(desk, &written, &original, taken)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The delivery as it stands in its conversation.
    fn find_said(
        &self,
        desk: &Desk<'_, '_>,
        events: &[Incoming],
    ) -> Result<Option<(ExternalMessage, Timestamp)>, StoreError> {
        let fingerprints: Vec<_> = readings(desk, &self.delivery)?
            .iter()
            .map(|content| {
                let by = SaidBy {
                    conversation: &self.conversation,
                    speaker: &self.speaker,
                    shown_as: self.shown_as.as_ref(),
                };
                self.connector.as_read_back(content, &by).fingerprint()
            })
            .collect();
        let (mut taken, mut known) = (HashSet::new(), HashSet::new());
        for event in events {
            if let Happening::Posted { message, .. } = &event.happened
                && self.is_taken(desk, message)?
            {
                taken.insert(message.clone());
            }
            if let Some(relay_id) = own_marker(event)
                && desk.tx.delivery_by_relay_id(relay_id)?.is_some()
            {
                known.insert(relay_id.clone());
            }
        }
        let trace = Trace {
            relay_id: &self.delivery.relay_id,
            marker: self.marker,
            by_app: self.speaker == Speaker::App,
            authors: &self.authors,
            fingerprints: &fingerprints,
            since: self.since,
        };
        let found = find_trace(&trace, events, &taken, &known);
        Ok(found.map(|(message, at)| (message.clone(), at)))
    }

    /// Whether a message is known to be something else: a copy, or one that was itself carried.
    fn is_taken(&self, desk: &Desk<'_, '_>, message: &ExternalMessage) -> Result<bool, StoreError> {
        if desk.tx.copy_by_external(self.leg.id, message)?.is_some() {
            return Ok(true);
        }
        match desk.tx.message_by_origin(self.leg.id, message)? {
            Some(known) => Ok(!desk.tx.copies(known.id)?.is_empty()),
            None => Ok(false),
        }
    }

    /// What `written`, which seems to be by hand, is the copy of: a message of the same person on
    /// this leg that would read like it there.
    fn find_original(
        &self,
        desk: &Desk<'_, '_>,
        written: &MessageRow,
        events: &[Incoming],
    ) -> Result<Option<Original>, StoreError> {
        let Some(there) = desk.tx.leg(written.origin_leg)? else {
            return Ok(None);
        };
        let (Some(live), Some(conversation)) = (desk.world.live(there.connection), &there.external)
        else {
            return Ok(None);
        };
        let speaker = Speaker::Account(ExternalAccount::clone(&written.author_account));
        let by = SaidBy {
            conversation,
            speaker: &speaker,
            shown_as: None,
        };
        let own = desk.account_on(self.leg.person, self.leg.connection)?;
        let own = own.map(|account| account.external);
        let kept: Vec<_> = readings(desk, &self.delivery)?
            .iter()
            .map(causeway_model::Content::fingerprint)
            .collect();
        for event in events.iter().filter(|event| event.at >= self.since) {
            let Happening::Posted {
                message, content, ..
            } = &event.happened
            else {
                continue;
            };
            let theirs = event.author.kind != AuthorKind::OwnApp
                && own.as_ref() == Some(&event.author.account)
                && desk.tx.copy_by_external(self.leg.id, message)?.is_none();
            if !theirs {
                continue;
            }
            let content = speak_elsewhere(desk, self.leg.connection, there.connection, content);
            for (part, content) in (0u16..).zip(live.connector.split(content)) {
                let late = late_reading(content.clone(), part, event.at);
                let alike = [content, late].into_iter().any(|content| {
                    let content = live.connector.as_read_back(&content, &by);
                    let by_hand = by_hand(content, desk, there.connection);
                    kept.contains(&by_hand.fingerprint())
                });
                let free = alike && !has_copy(desk, &self.leg, message, &there, part)?;
                if free {
                    return Ok(Some(Original {
                        message: message.clone(),
                        at: event.at,
                        part,
                    }));
                }
            }
        }
        Ok(None)
    }

    /// `written` is the copy of `original`: one message from now on.
    fn join(
        &self,
        desk: &mut Desk<'_, '_>,
        written: &MessageRow,
        original: &Original,
        taken: &mut Taken,
    ) -> Result<(), StoreError> {
        let Some(known) = desk.tx.message_by_origin(self.leg.id, &original.message)? else {
            // It is not read here yet, and will be known for the other's copy when it is.
            return record_arrival(
                desk,
                &self.leg,
                &self.delivery,
                &original.message,
                original.at,
            );
        };
        desk.tx.add_copy(&CopyRow {
            message: known.id,
            leg: written.origin_leg,
            part: original.part,
            external: written.external.clone(),
            speaker: Speaker::Account(ExternalAccount::clone(&written.author_account)),
            rung: Rung::Full,
            at: written.at,
        })?;
        let pending = desk
            .tx
            .deliveries_of_message(known.id, written.origin_leg)?;
        for post in pending {
            if post.operation == Operation::Post && post.part == original.part {
                let settlement = Settlement {
                    state: DeliveryState::Delivered,
                    reason: None,
                    external: Some(written.external.clone()),
                    rung: Some(Rung::Full),
                };
                desk.tx.settle(post.id, desk.now, &settlement)?;
            }
        }
        taken.lane(written.origin_leg);
        let superseded = Some(Reason::Superseded);
        settle(desk, &self.delivery, DeliveryState::Cancelled, superseded)
    }
}

/// Whether a message that came in is known to be the hub's own by now.
fn is_copy(desk: &Desk<'_, '_>, written: &MessageRow) -> Result<bool, StoreError> {
    let copy = desk
        .tx
        .copy_by_external(written.origin_leg, &written.external)?;
    Ok(copy.is_some())
}

/// Whether a message of `here` is known, and its part on `there` too.
fn has_copy(
    desk: &Desk<'_, '_>,
    here: &LegRow,
    message: &ExternalMessage,
    there: &LegRow,
    part: u16,
) -> Result<bool, StoreError> {
    let Some(known) = desk.tx.message_by_origin(here.id, message)? else {
        return Ok(false);
    };
    let copies = desk.tx.copies(known.id)?;
    Ok(copies
        .iter()
        .any(|copy| copy.leg == there.id && copy.part == part))
}

/// A message that came in as if by hand is the hub's own: what was to be sent because of it is not.
fn give_up_claim(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    message: &ExternalMessage,
    of: Option<MessageId>,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let claimed = desk.tx.message_by_origin(leg.id, message)?;
    let Some(claimed) = claimed.filter(|claimed| Some(claimed.id) != of) else {
        return Ok(());
    };
    let Some(link) = leg.link else {
        return Ok(());
    };
    for other in desk.tx.legs_of_link(link)? {
        for delivery in desk.tx.deliveries_of_message(claimed.id, other.id)? {
            let superseded = Some(Reason::Superseded);
            settle(desk, &delivery, DeliveryState::Cancelled, superseded)?;
        }
        taken.lane(other.id);
    }
    Ok(())
}
