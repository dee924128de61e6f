//! Taking events in: from what happened on a platform to the deliveries it asks for, inside one
//! transaction.

mod asks;
mod changes;
mod legs;
mod posts;

use causeway_model::{
    ConnectionId, ConversationFacts, DeliveryState, ExternalConversation, ExternalMessage,
    Happening, Incoming, LegId, Speaker,
};
use causeway_relay::{
    echo::{EchoFacts, EchoVerdict, recognise},
    route::{Member, Pair, find_pair},
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

/// How a live event came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    InOrder,
    /// What happened before it in the same conversation is still to be read back.
    BehindGap,
}

/// Takes one event in. Whatever was seen before is dropped.
pub(crate) fn take_event(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
    known: &Known,
    arrival: Arrival,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if desk.tx.is_seen(connection, &event.key)? {
        return Ok(());
    }
    let (must_wait, why) = match arrival {
        // Something of this conversation came before it and is not routed yet.
        Arrival::InOrder => (
            desk.tx.has_inbox(connection, &event.conversation)?,
            InboxWhy::Held,
        ),
        Arrival::BehindGap => (
            is_for_relay(desk, connection, event, known)?,
            InboxWhy::BehindGap,
        ),
    };
    let routed = if must_wait && !matches!(event.happened, Happening::Asked { .. }) {
        keep(desk, connection, event, why)?;
        Routed::Kept
    } else {
        route_event(desk, connection, event, known, taken)?
    };
    match routed {
        Routed::Forgotten => Ok(()),
        Routed::Kept => remember(desk, connection, event),
        Routed::Done => {
            remember(desk, connection, event)?;
            desk.tx
                .touch_conversation(connection, &event.conversation, event.at)
        }
    }
}

/// Whether an event's conversation is a leg or would become one.
fn is_for_relay(
    desk: &Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
    known: &Known,
) -> Result<bool, StoreError> {
    if let Some(leg) = desk
        .tx
        .leg_by_conversation(connection, &event.conversation)?
    {
        return Ok(leg.link.is_some());
    }
    match known {
        Known::Facts(facts) => Ok(pair_in(desk, connection, facts)?.is_some()),
        Known::NotYet => may_touch(desk, connection, event),
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
    match pair_in(desk, connection, facts)? {
        Some(pair) => legs::adopt_native(desk, connection, &facts.id, &pair).map(Some),
        None => Ok(None),
    }
}

fn pair_in(
    desk: &Desk<'_, '_>,
    connection: ConnectionId,
    facts: &ConversationFacts,
) -> Result<Option<Pair>, StoreError> {
    let mut members = Vec::with_capacity(facts.members.len());
    for account in &facts.members {
        let standing = desk.standing(connection, account)?;
        members.push(Member {
            account: account.clone(),
            standing,
        });
    }
    Ok(find_pair(connection, facts.kind, &members, desk.world.route).ok())
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

/// How much of what is kept for a conversation may be routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    /// What does not wait for a gap to be read back.
    UpToGap,
    Everything,
}

/// Routes again what was kept for a conversation, in its order. What must still wait goes back.
pub(crate) fn route_kept(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    conversation: &ExternalConversation,
    known: &Known,
    release: Release,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let kept = take_kept(desk, connection, conversation, release)?;
    route_in_order(desk, connection, kept, known, taken)
}

/// Routes what was read back of a conversation together with what was kept behind it, all by the
/// time at which it happened.
pub(crate) fn take_read_back(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    conversation: &ExternalConversation,
    read_back: &[Incoming],
    known: &Known,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let mut events = take_kept(desk, connection, conversation, Release::Everything)?;
    // The gap is closed: what must still wait waits for something else.
    for (_, why) in &mut events {
        *why = InboxWhy::Held;
    }
    for event in read_back {
        if !desk.tx.is_seen(connection, &event.key)? {
            events.push((event.clone(), InboxWhy::Held));
        }
    }
    events.sort_by_key(|(event, _)| event.at);
    route_in_order(desk, connection, events, known, taken)
}

fn take_kept(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    conversation: &ExternalConversation,
    release: Release,
) -> Result<Vec<(Incoming, InboxWhy)>, StoreError> {
    let mut kept = Vec::new();
    for row in desk.tx.inbox_of_conversation(connection, conversation)? {
        if release == Release::UpToGap && row.why == InboxWhy::BehindGap {
            break;
        }
        desk.tx.take_inbox(row.id)?;
        kept.push((serde_json::from_str(&row.payload)?, row.why));
    }
    Ok(kept)
}

fn route_in_order(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    events: Vec<(Incoming, InboxWhy)>,
    known: &Known,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let mut blocked = false;
    for (event, why) in events {
        if blocked {
            keep(desk, connection, &event, why)?;
            remember(desk, connection, &event)?;
            continue;
        }
        match route_event(desk, connection, &event, known, taken)? {
            Routed::Kept => {
                blocked = true;
                remember(desk, connection, &event)?;
            }
            Routed::Done => {
                remember(desk, connection, &event)?;
                desk.tx
                    .touch_conversation(connection, &event.conversation, event.at)?;
            }
            Routed::Forgotten => {}
        }
    }
    Ok(())
}
