//! Taking events in: from what happened on a platform to the deliveries it asks for, inside one
//! transaction.

mod asks;
mod changes;
pub(crate) mod consent;
mod echoes;
mod kept;
mod legs;
pub(crate) mod members;
mod posts;
pub(crate) mod rungs;

use causeway_model::{
    ConnectionId, ConversationFacts, Delivery, DeliveryState, ExternalMessage, Happening, Incoming,
    LegId, LegKind, LegState, Timestamp,
};
use causeway_relay::{
    echo::{EchoVerdict, recognise},
    route::{Member, Pair, find_pair},
};
use causeway_store::{InboxWhy, LegRow, Settlement, StoreError};

use crate::{desk::Desk, earlier_life};

pub(crate) use asks::AskReply;
pub(crate) use kept::{Release, route_kept, take_read_back};
pub(crate) use legs::wanted_conversation;
pub(crate) use posts::{by_hand, speak_elsewhere};

/// What taking events in has set going.
#[derive(Default)]
pub(crate) struct Taken {
    /// Lanes that may have something to send now.
    pub lanes: Vec<LegId>,
    /// Answers that go out beside the lanes.
    pub replies: Vec<AskReply>,
    /// A connection where events are kept until a conversation's members have been asked for.
    pub unresolved: Option<ConnectionId>,
    /// A sign-in is wanted.
    pub sign_ins: bool,
    /// Somebody is waited for until a time.
    pub deadlines: bool,
    /// Whose conversations are to be heard has changed.
    pub hearing: bool,
    /// How many waiting deliveries go on, here or in another lane.
    pub moved: u32,
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
    let routed = if must_wait && is_said_in_order(&event.happened) {
        keep(desk, connection, event, why)?;
        Routed::Kept
    } else {
        route_event(desk, connection, event, known, taken)?
    };
    match routed {
        Routed::Forgotten => Ok(()),
        // The conversation is not read up to here: after a crash the gap must be found again.
        Routed::Kept if arrival == Arrival::BehindGap => note_seen(desk, connection, event),
        Routed::Kept | Routed::Done => remember(desk, connection, event),
    }
}

/// Whether an event has its place among the messages of a conversation. Answers to the app do not
/// wait behind them, nor does news of who is in a conversation.
fn is_said_in_order(happened: &Happening) -> bool {
    match happened {
        Happening::Posted { .. } | Happening::Edited { .. } | Happening::Deleted { .. } => true,
        Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => false,
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
    note_seen(desk, connection, event)?;
    match event.happened {
        // Commands carry no time of the platform, and are not part of what is read back; who came
        // and went says nothing of what was written before.
        Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => Ok(()),
        Happening::Posted { .. } | Happening::Edited { .. } | Happening::Deleted { .. } => desk
            .tx
            .touch_conversation(connection, &event.conversation, event.at),
    }
}

fn note_seen(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    event: &Incoming,
) -> Result<(), StoreError> {
    desk.tx.note_seen(connection, &event.key, desk.now)?;
    for key in &event.contains {
        desk.tx.note_seen(connection, key, desk.now)?;
    }
    Ok(())
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
    if let Happening::Pressed { button, .. } = &event.happened {
        asks::pressed(desk, connection, event, button, taken)?;
        return Ok(Routed::Done);
    }
    let leg = match desk
        .tx
        .leg_by_conversation(connection, &event.conversation)?
    {
        Some(leg) if leg.link.is_none() || is_over(&leg, event) => return Ok(Routed::Forgotten),
        // Whether what is being sent there arrives can be found out only as long as it is a leg.
        Some(leg) if is_handed_on(desk, &leg)? && is_sending(desk, &leg)? => {
            keep(desk, connection, event, InboxWhy::Held)?;
            return Ok(Routed::Kept);
        }
        Some(leg) if is_handed_on(desk, &leg)? => {
            if is_copy(desk, &leg, event)? {
                // What the hub has said there is known as such only as long as it is this leg.
                return Ok(Routed::Done);
            }
            // The account stands for somebody else now, or for nobody: whose conversation it is
            // must be asked anew.
            desk.tx.release_conversation(leg.id)?;
            return route_event(desk, connection, event, known, taken);
        }
        Some(leg) => leg,
        None if !is_said_in_order(&event.happened) => return Ok(Routed::Forgotten),
        None => match known {
            Known::NotYet if !may_touch(desk, connection, event)? => return Ok(Routed::Forgotten),
            Known::NotYet => {
                keep(desk, connection, event, InboxWhy::Unresolved)?;
                taken.unresolved = Some(connection);
                return Ok(Routed::Kept);
            }
            Known::Facts(facts) => match adopt(desk, connection, facts)? {
                Some(leg) => {
                    // Its lane may have waited for a conversation.
                    taken.lane(leg.id);
                    leg
                }
                None => return Ok(Routed::Forgotten),
            },
        },
    };
    match &event.happened {
        // Whatever else is to be waited for.
        Happening::Joined { accounts } => {
            members::joined(desk, &leg, accounts, event.at, taken)?;
            return Ok(Routed::Done);
        }
        Happening::Left { accounts } => {
            members::left(desk, &leg, accounts, event.at, taken)?;
            return Ok(Routed::Done);
        }
        Happening::Posted { .. }
        | Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. } => {}
    }
    if earlier_life::has_marked(desk, event)? {
        return Ok(Routed::Done);
    }
    if echoes::settle_uncertain(desk, &leg, event, taken)? {
        return Ok(Routed::Done);
    }
    match recognise(event, echoes::echo_facts(desk, &leg, event)?) {
        EchoVerdict::Echo => Ok(Routed::Done),
        EchoVerdict::EchoSettles => {
            echoes::settle_by_echo(desk, &leg, event, taken)?;
            Ok(Routed::Done)
        }
        EchoVerdict::Hold => {
            keep(desk, connection, event, InboxWhy::Held)?;
            Ok(Routed::Kept)
        }
        EchoVerdict::Genuine => match desk.link_of(&leg)? {
            Some(link) if !desk.is_kept(&link)? => Ok(Routed::Forgotten),
            Some(link) if !desk.is_live(&link) => {
                keep(desk, connection, event, InboxWhy::Held)?;
                Ok(Routed::Kept)
            }
            Some(_) => {
                relay(desk, &leg, event, taken)?;
                Ok(Routed::Done)
            }
            None => Ok(Routed::Forgotten),
        },
    }
}

/// Whether an event happened after its leg was closed; what came before is still carried.
fn is_over(leg: &LegRow, event: &Incoming) -> bool {
    leg.state == LegState::Closed && leg.closed_at.is_none_or(|closed| event.at >= closed)
}

/// Whether the account of a native leg no longer stands for whom the link says, or for somebody who
/// has come to work elsewhere: in another tenant, where the one before was disconnected.
fn is_handed_on(desk: &Desk<'_, '_>, leg: &LegRow) -> Result<bool, StoreError> {
    let Some(link) = desk.link_of(leg)?.filter(|_| leg.kind == LegKind::Native) else {
        return Ok(false);
    };
    let sides = Desk::sides(&link, leg.connection);
    let by = desk.represented_by(sides.represented, leg.connection)?;
    let Some((pairing, account)) = by else {
        return Ok(true);
    };
    let primary = desk.tx.account(pairing.primary)?;
    let works_there = primary.is_some_and(|primary| primary.connection == sides.home);
    Ok(leg.stand_in != Some(account.id) || !works_there)
}

/// Whether an event shows a message that the hub has posted on the leg.
fn is_copy(desk: &Desk<'_, '_>, leg: &LegRow, event: &Incoming) -> Result<bool, StoreError> {
    match &event.happened {
        Happening::Posted { message, .. } => {
            Ok(desk.tx.copy_by_external(leg.id, message)?.is_some())
        }
        Happening::Edited { .. }
        | Happening::Deleted { .. }
        | Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => Ok(false),
    }
}

fn is_sending(desk: &Desk<'_, '_>, leg: &LegRow) -> Result<bool, StoreError> {
    Ok(!desk.tx.sending_on_leg(leg.id)?.is_empty())
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
        Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => Ok(()),
    }
}

/// Whether a conversation is a leg, or would become one with the first message in it.
pub(crate) fn concerns(
    desk: &Desk<'_, '_>,
    connection: ConnectionId,
    facts: &ConversationFacts,
) -> Result<bool, StoreError> {
    let leg = desk.tx.leg_by_conversation(connection, &facts.id)?;
    Ok(leg.is_some() || pair_in(desk, connection, facts)?.is_some())
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

/// Records that a delivery made this message on its leg: the copy, and the ledger's last word.
pub(crate) fn record_arrival(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    delivery: &Delivery,
    external: &ExternalMessage,
    at: Timestamp,
) -> Result<(), StoreError> {
    let speaker = desk
        .tx
        .attempt_info(delivery.id)?
        .and_then(|attempt| attempt.speaker);
    if let (Some(message), Some(speaker), Some(rung)) = (delivery.message, speaker, delivery.rung) {
        desk.tx.add_copy(&causeway_store::CopyRow {
            message,
            leg: leg.id,
            part: delivery.part,
            external: external.clone(),
            speaker,
            rung,
            at,
        })?;
    }
    desk.tx.settle(
        delivery.id,
        desk.now,
        &Settlement {
            state: DeliveryState::Delivered,
            reason: None,
            external: Some(external.clone()),
            rung: None,
        },
    )?;
    Ok(())
}
