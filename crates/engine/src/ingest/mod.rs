//! Taking events in: from what happened on a platform to the deliveries it asks for, inside one
//! transaction.

mod asks;
mod changes;
mod legs;
mod posts;

use causeway_model::{
    ConnectionId, ConversationFacts, DeliveryState, ExternalMessage, Happening, Incoming, LegId,
    Speaker,
};
use causeway_relay::{
    echo::{EchoFacts, EchoVerdict, recognise},
    route::{Member, find_pair},
};
use causeway_store::{InboxWhy, LegRow, Settlement, StoreError};

use crate::desk::Desk;

pub(crate) use asks::AskReply;
pub(crate) use legs::wanted_conversation;

/// What taking events in has set going.
#[derive(Default)]
pub(crate) struct Taken {
    /// Lanes that may have something to send now.
    pub lanes: Vec<LegId>,
    /// Answers that go out beside the lanes.
    pub replies: Vec<AskReply>,
    /// A connection where events are kept until a conversation's members have been asked for.
    pub unresolved: Option<ConnectionId>,
}

impl Taken {
    pub(crate) fn lane(&mut self, leg: LegId) {
        if !self.lanes.contains(&leg) {
            self.lanes.push(leg);
        }
    }
}

/// What is known of an event's conversation when it comes in.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    Facts(ConversationFacts),
    /// The platform could not be asked; try again later.
    NotYet,
}

/// Takes one event in. Whatever was seen before is dropped.
pub(crate) fn take_event(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
    known: &Known,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if desk.tx.is_seen(connection, &event.key)? {
        return Ok(());
    }
    let waits_behind = desk.tx.has_inbox(connection, &event.conversation)?;
    let routed = if waits_behind {
        // Something of this conversation came before it and is not routed yet.
        keep(desk, connection, event, InboxWhy::Held)?;
        Routed::Kept
    } else {
        route_event(desk, connection, event, known, taken)?
    };
    match routed {
        Routed::Forgotten => Ok(()),
        Routed::Kept | Routed::Done => remember(desk, connection, event),
    }
}

/// Whether an event was for the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Routed {
    /// None of the relay's business: no trace of it is left.
    Forgotten,
    /// In the inbox, to be routed later.
    Kept,
    Done,
}

fn remember(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
) -> Result<(), StoreError> {
    desk.tx.note_seen(connection, &event.key, desk.now)?;
    for key in &event.contains {
        desk.tx.note_seen(connection, key, desk.now)?;
    }
    desk.tx
        .touch_conversation(connection, &event.conversation, event.at)
}

fn keep(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
    why: InboxWhy,
) -> Result<(), StoreError> {
    let payload = serde_json::to_string(event)?;
    desk.tx
        .put_inbox(connection, &event.conversation, &payload, why, desk.now)?;
    Ok(())
}

fn route_event(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
    known: &Known,
    taken: &mut Taken,
) -> Result<Routed, StoreError> {
    if let Happening::Asked { text, answer } = &event.happened {
        asks::ask(desk, connection, event, text, answer.as_deref(), taken)?;
        return Ok(Routed::Done);
    }
    let leg = match desk
        .tx
        .leg_by_conversation(connection, &event.conversation)?
    {
        Some(leg) if leg.link.is_none() => return Ok(Routed::Forgotten),
        Some(leg) => leg,
        None => match known {
            Known::NotYet if !may_touch(desk, connection, event)? => return Ok(Routed::Forgotten),
            Known::NotYet => {
                keep(desk, connection, event, InboxWhy::Unresolved)?;
                taken.unresolved = Some(connection);
                return Ok(Routed::Kept);
            }
            Known::Facts(facts) => match adopt(desk, connection, facts)? {
                Some(leg) => leg,
                None => return Ok(Routed::Forgotten),
            },
        },
    };
    match recognise(event, echo_facts(desk, &leg, event)?) {
        EchoVerdict::Echo => Ok(Routed::Done),
        EchoVerdict::EchoSettles => {
            settle_by_echo(desk, &leg, event, taken)?;
            Ok(Routed::Done)
        }
        EchoVerdict::Hold => {
            keep(desk, connection, event, InboxWhy::Held)?;
            Ok(Routed::Kept)
        }
        EchoVerdict::Genuine => {
            relay(desk, &leg, event, taken)?;
            Ok(Routed::Done)
        }
    }
}

/// Whether an event of an unknown conversation may be for the relay, so that it is worth keeping
/// until that is known.
fn may_touch(
    desk: &Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
) -> Result<bool, StoreError> {
    let hearer = event.heard_by.iter();
    for account in hearer.chain([&event.author.account]) {
        if desk.tx.paired_account(connection, account)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn relay(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    match &event.happened {
        Happening::Posted {
            message, content, ..
        } => posts::relay_post(desk, leg, event, message, content, taken),
        Happening::Edited { message, content } => {
            changes::relay_edit(desk, leg, event, message, content, taken)
        }
        Happening::Deleted { message } => changes::relay_delete(desk, leg, event, message, taken),
        Happening::Asked { .. } => Ok(()),
    }
}

/// Makes a native conversation between a resident and somebody's stand-in a leg of their link.
fn adopt(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    facts: &ConversationFacts,
) -> Result<Option<LegRow>, StoreError> {
    let mut members = Vec::with_capacity(facts.members.len());
    for account in &facts.members {
        let standing = desk.standing(connection, account)?;
        members.push(Member {
            account: account.clone(),
            standing,
        });
    }
    match find_pair(connection, facts.kind, &members, desk.world.route) {
        Ok(pair) => legs::adopt_native(desk, connection, &facts.id, &pair).map(Some),
        Err(_) => Ok(None),
    }
}

fn echo_facts(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
) -> Result<EchoFacts, StoreError> {
    let (message, marker) = match &event.happened {
        Happening::Posted {
            message, marker, ..
        } => (message, marker.as_ref()),
        Happening::Edited { message, .. } | Happening::Deleted { message } => (message, None),
        Happening::Asked { .. } => {
            return Ok(EchoFacts {
                known_copy: false,
                known_marker: false,
                open_post_as_author: false,
            });
        }
    };
    let known_marker = match marker {
        Some(marker) if marker.by_own_app => {
            let delivery = desk.tx.delivery_by_relay_id(&marker.relay_id)?;
            delivery.is_some_and(|delivery| delivery.leg == leg.id)
        }
        Some(_) | None => false,
    };
    Ok(EchoFacts {
        known_copy: desk.tx.copy_by_external(leg.id, message)?.is_some(),
        known_marker,
        open_post_as_author: is_open_post(desk, leg, event)?,
    })
}

/// Whether something of the hub's, sent as this author, is on its way into this conversation.
fn is_open_post(desk: &Desk<'_, '_>, leg: &LegRow, event: &Incoming) -> Result<bool, StoreError> {
    for delivery in desk.tx.sending_on_leg(leg.id)? {
        let attempt = desk.tx.attempt_info(delivery.id)?;
        let speaker = attempt.and_then(|attempt| attempt.speaker);
        if speaker == Some(Speaker::Account(event.author.account.clone())) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The echo came before the API's answer, or instead of it: it proves that the post arrived.
fn settle_by_echo(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Happening::Posted {
        message,
        marker: Some(marker),
        ..
    } = &event.happened
    else {
        return Ok(());
    };
    let Some(delivery) = desk.tx.delivery_by_relay_id(&marker.relay_id)? else {
        return Ok(());
    };
    match delivery.state {
        DeliveryState::Sending | DeliveryState::Uncertain => {
            record_arrival(desk, leg, delivery.id, message, event.at)?;
            taken.lane(leg.id);
        }
        DeliveryState::Queued
        | DeliveryState::Delivered
        | DeliveryState::WaitingForPerson
        | DeliveryState::Cancelled
        | DeliveryState::Dead => {}
    }
    Ok(())
}

/// Records that a delivery made this message on its leg: the copy, and the ledger's last word.
pub(crate) fn record_arrival(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    delivery: causeway_model::DeliveryId,
    external: &ExternalMessage,
    at: causeway_model::Timestamp,
) -> Result<(), StoreError> {
    let Some(row) = desk.tx.delivery(delivery)? else {
        return Ok(());
    };
    let speaker = desk
        .tx
        .attempt_info(delivery)?
        .and_then(|attempt| attempt.speaker);
    if let (Some(message), Some(speaker), Some(rung)) = (row.message, speaker, row.rung) {
        desk.tx.add_copy(&causeway_store::CopyRow {
            message,
            leg: leg.id,
            part: row.part,
            external: external.clone(),
            speaker,
            rung,
            at,
        })?;
    }
    let permalink = leg.external.as_ref().and_then(|conversation| {
        let live = desk.world.live(leg.connection)?;
        live.connector.permalink(conversation, external)
    });
    desk.tx.settle(
        delivery,
        desk.now,
        &Settlement {
            state: DeliveryState::Delivered,
            reason: None,
            external: Some(external.clone()),
            rung: None,
            permalink,
        },
    )?;
    Ok(())
}

/// Routes again what was kept for a conversation, in its order. What must still wait goes back.
pub(crate) fn route_kept(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    conversation: &causeway_model::ExternalConversation,
    known: &Known,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let mut blocked = false;
    for row in desk.tx.inbox_of_conversation(connection, conversation)? {
        let event: Incoming = serde_json::from_str(&row.payload)?;
        desk.tx.take_inbox(row.id)?;
        if blocked {
            keep(desk, connection, &event, row.why)?;
            continue;
        }
        let routed = route_event(desk, connection, &event, known, taken)?;
        blocked = routed == Routed::Kept;
    }
    Ok(())
}
