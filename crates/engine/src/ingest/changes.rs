//! Edits and deletions of messages that were relayed.

use std::collections::{BTreeMap, BTreeSet};

use causeway_model::{
    Content, Delivery, DeliveryState, ExternalMessage, Incoming, MessageId, Operation, Reason,
};
use causeway_relay::parts::{PartStep, plan_edit};
use causeway_store::{LegRow, NewDelivery, StoreError};

use super::{Taken, posts::speak_elsewhere};
use crate::{desk::Desk, lane::settle};

/// What there is of a message on one leg: parts that stand there or are on their way, parts that
/// are still queued and can simply be changed, and edits of parts that have not left yet.
struct Standing {
    leg: LegRow,
    queued: BTreeMap<u16, Delivery>,
    edits: BTreeMap<u16, Delivery>,
    /// Which parts stand there or are on their way there: of a message that went on in another
    /// conversation, only some.
    held: BTreeSet<u16>,
}

/// Carries an edit to every leg that has the message, or is about to have it. One that is older
/// than what is known already came too late to change anything.
pub(super) fn relay_edit(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
    message: &ExternalMessage,
    content: &Content,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(origin) = desk.tx.message_by_origin(leg.id, message)? else {
        return Ok(());
    };
    if origin.changed_at.is_some_and(|known| event.at < known) {
        return Ok(());
    }
    desk.tx.set_message_changed(origin.id, event.at)?;
    let standings = standings(desk, leg, origin.id)?;
    for standing in &standings {
        let there = standing.leg.connection;
        let elsewhere = |part: u16| {
            let mut others = standings.iter();
            others.any(|other| {
                other.leg.id != standing.leg.id
                    && other.leg.connection == there
                    && other.held.contains(&part)
            })
        };
        let Some(live) = desk.world.live(there) else {
            continue;
        };
        let content = speak_elsewhere(desk, leg.connection, there, content);
        let parts = live.connector.split(content);
        let after = u16::try_from(parts.len()).unwrap_or(u16::MAX);
        for step in plan_edit(standing.parts(), after) {
            match step {
                PartStep::Add(part) | PartStep::Change(part)
                    if !standing.held.contains(&part) && elsewhere(part) => {}
                step => edit_part(desk, standing, origin.id, event, step, &parts)?,
            }
        }
        taken.lane(standing.leg.id);
    }
    Ok(())
}

/// Carries a deletion to every leg that has the message; what is still queued is not sent.
pub(super) fn relay_delete(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
    message: &ExternalMessage,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(origin) = desk.tx.message_by_origin(leg.id, message)? else {
        // A platform may tell of the message itself only now, because nobody acknowledged that
        // before: it is known from here on as one that nobody needs to see.
        let author = &event.author.account;
        desk.tx
            .add_message(leg.id, message, None, author, event.at)?;
        return Ok(());
    };
    for standing in standings(desk, leg, origin.id)? {
        for step in plan_edit(standing.parts(), 0) {
            edit_part(desk, &standing, origin.id, event, step, &[])?;
        }
        taken.lane(standing.leg.id);
    }
    Ok(())
}

impl Standing {
    /// How many parts there are, up to the last that it has.
    fn parts(&self) -> u16 {
        self.held.last().map_or(0, |last| last.saturating_add(1))
    }

    /// What is still to be sent of a part, which only has to say something else now: the last that
    /// goes out, where a post that did not arrive is queued again before an edit of it.
    fn unsent(&self, part: u16) -> Option<&Delivery> {
        self.edits.get(&part).or_else(|| self.queued.get(&part))
    }
}

fn standings(
    desk: &Desk<'_, '_>,
    origin: &LegRow,
    message: MessageId,
) -> Result<Vec<Standing>, StoreError> {
    let Some(link) = origin.link else {
        return Ok(Vec::new());
    };
    let copies = desk.tx.copies(message)?;
    let mut standings = Vec::new();
    for leg in desk.tx.legs_of_link(link)? {
        if leg.id == origin.id {
            continue;
        }
        let mut pending = desk.tx.deliveries_of_message(message, leg.id)?;
        pending.retain(|delivery| !delivery.state.is_settled());
        let (pending, changes): (Vec<_>, Vec<_>) = pending
            .into_iter()
            .partition(|delivery| delivery.operation == Operation::Post);
        let there = copies
            .iter()
            .filter(|copy| copy.leg == leg.id)
            .map(|copy| copy.part);
        let held: BTreeSet<u16> = there
            .chain(pending.iter().map(|delivery| delivery.part))
            .collect();
        if held.is_empty() {
            continue;
        }
        let edits = changes
            .into_iter()
            .filter(|delivery| delivery.operation == Operation::Edit);
        standings.push(Standing {
            leg,
            queued: by_part(pending.into_iter()),
            edits: by_part(edits),
            held,
        });
    }
    Ok(standings)
}

fn by_part(deliveries: impl Iterator<Item = Delivery>) -> BTreeMap<u16, Delivery> {
    deliveries
        .filter(|delivery| is_changeable(delivery.state))
        .map(|delivery| (delivery.part, delivery))
        .collect()
}

/// Whether a post or an edit has not left yet, so that its content may still change.
fn is_changeable(state: DeliveryState) -> bool {
    match state {
        DeliveryState::Queued | DeliveryState::WaitingForPerson => true,
        DeliveryState::Sending
        | DeliveryState::Uncertain
        | DeliveryState::Delivered
        | DeliveryState::Cancelled
        | DeliveryState::Dead => false,
    }
}

fn edit_part(
    desk: &mut Desk<'_, '_>,
    standing: &Standing,
    message: MessageId,
    event: &Incoming,
    step: PartStep,
    contents: &[Content],
) -> Result<(), StoreError> {
    match step {
        PartStep::Change(part) => {
            let content = encoded(contents, part)?;
            match standing.unsent(part) {
                Some(unsent) => desk
                    .tx
                    .replace_content(unsent.id, content.as_deref().unwrap_or_default()),
                None => add(
                    desk,
                    standing,
                    message,
                    event,
                    Operation::Edit,
                    part,
                    content,
                ),
            }
        }
        PartStep::Add(part) => {
            let content = encoded(contents, part)?;
            add(
                desk,
                standing,
                message,
                event,
                Operation::Post,
                part,
                content,
            )
        }
        PartStep::Remove(part) => match standing.queued.get(&part) {
            Some(post) => {
                let state = DeliveryState::Cancelled;
                settle(desk, post, state, Some(Reason::DeletedBefore))
            }
            None => {
                if let Some(edit) = standing.edits.get(&part) {
                    let state = DeliveryState::Cancelled;
                    settle(desk, edit, state, Some(Reason::DeletedBefore))?;
                }
                add(
                    desk,
                    standing,
                    message,
                    event,
                    Operation::Delete,
                    part,
                    None,
                )
            }
        },
    }
}

fn encoded(contents: &[Content], part: u16) -> Result<Option<String>, StoreError> {
    let content = contents.get(usize::from(part));
    Ok(content.map(serde_json::to_string).transpose()?)
}

fn add(
    desk: &mut Desk<'_, '_>,
    standing: &Standing,
    message: MessageId,
    event: &Incoming,
    operation: Operation,
    part: u16,
    content: Option<String>,
) -> Result<(), StoreError> {
    let last = desk.tx.last_source_at(standing.leg.id)?;
    desk.tx.add_delivery(&NewDelivery {
        leg: standing.leg.id,
        message: Some(message),
        operation,
        part,
        relay_id: desk.world.relay_id(),
        source_at: event.at,
        received_at: desk.now,
        due_at: desk.now,
        content,
        late: last.is_some_and(|last| event.at < last),
    })?;
    Ok(())
}
