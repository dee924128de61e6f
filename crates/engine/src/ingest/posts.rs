//! A message somebody wrote.

use causeway_model::{
    AskedBecause, ConnectionId, Content, DeliveryState, ExternalAccount, ExternalMessage,
    Happening, Incoming, Inline, LegKind, Operation, Reason, Style,
};
use causeway_relay::{
    route::{Direction, direction},
    voice::{Voice, VoiceFacts, choose_voice},
};
use causeway_store::{LegRow, LinkRow, NewDelivery, NoticeRow, Settlement, StoreError};

use super::{Taken, consent::ask_if_first, legs::ensure_leg};
use crate::{desk::Desk, prepare::own_voice};

/// Makes the deliveries of a new message: one per part, on the other leg of its link.
pub(super) fn relay_post(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
    message: &ExternalMessage,
    content: &Content,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    if desk.tx.message_by_origin(leg.id, message)?.is_some() {
        return Ok(());
    }
    let Some(link) = desk.link_of(leg)? else {
        return Ok(());
    };
    let Some((direction, author)) = author(desk, leg, &link, event)? else {
        return Ok(());
    };
    let sides = Desk::sides(&link, leg.connection);
    // Nobody is asked because of what is not carried.
    if direction == Direction::FromResident && !is_too_old(desk, event) {
        // Before the leg is chosen: a token that is being asked for counts as held.
        let sent = AskedBecause::Sent;
        ask_if_first(desk, sides.resident, sides.home, sent, taken)?;
        let received = AskedBecause::Received;
        ask_if_first(desk, sides.represented, leg.connection, received, taken)?;
    }
    let Some(other) = ensure_leg(desk, &link, sides.home, taken)? else {
        return Ok(());
    };
    if direction == Direction::FromStandIn && desk.is_doubted(event.at) && is_silent(desk, &other)?
    {
        // Most likely an earlier life said it, for what was written on the other side; if not, it
        // could not be said there anyway. Once the other side is read, it is found here.
        return Ok(());
    }
    let id = desk.tx.add_message(
        leg.id,
        message,
        Some(author),
        &event.author.account,
        event.at,
    )?;
    if let Some(changed) = event.changed_at {
        desk.tx.set_message_changed(id, changed)?;
    }
    let content = speak_elsewhere(desk, leg.connection, other.connection, content);
    let content = match direction {
        Direction::FromStandIn => by_hand(content, desk, leg.connection),
        Direction::FromResident | Direction::FromStranger => content,
    };
    let Some(live) = desk.world.live(other.connection) else {
        return Ok(());
    };
    // The window is for where it comes from: some sources deliver out of order.
    let origin = desk.world.live(leg.connection);
    let hold_ms = origin.map_or(0, |origin| origin.connector.capabilities().hold_ms);
    let parts = live.connector.split(content);
    let late = desk
        .tx
        .last_source_at(other.id)?
        .is_some_and(|last| event.at < last);
    let withheld = withheld(desk, &link, &other, event, direction)?;
    for (part, content) in (0u16..).zip(parts) {
        let delivery = desk.tx.add_delivery(&NewDelivery {
            leg: other.id,
            message: Some(id),
            operation: Operation::Post,
            part,
            relay_id: desk.world.relay_id(),
            source_at: event.at,
            received_at: desk.now,
            due_at: desk.now.plus_ms(hold_ms),
            content: Some(serde_json::to_string(&content)?),
            late,
        })?;
        if let Some(reason) = withheld {
            cannot_be_said(desk, delivery, reason)?;
        }
    }
    if withheld == Some(Reason::LoopStopped) {
        desk.tx.put_notice(&NoticeRow {
            id: 0,
            connection: leg.connection,
            code: "loop_stopped".to_owned(),
            person: Some(author),
            detail: None,
            at: desk.now,
        })?;
    }
    taken.lane(other.id);
    Ok(())
}

/// Which of the two wrote it; none when a stranger did.
fn author(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
    link: &LinkRow,
    event: &Incoming,
) -> Result<Option<(Direction, causeway_model::PersonId)>, StoreError> {
    let sides = Desk::sides(link, leg.connection);
    let Some(resident) = desk.account_on(sides.resident, leg.connection)? else {
        return Ok(None);
    };
    let stand_in = match leg.stand_in {
        // An account that was handed on to somebody else stands for nobody here any more.
        Some(account) => desk
            .tx
            .account(account)?
            .filter(|account| account.person == Some(sides.represented))
            .map(|account| account.external),
        None => None,
    };
    let direction = direction(&event.author.account, &resident.external, stand_in.as_ref());
    Ok(match direction {
        Direction::FromResident => Some((direction, sides.resident)),
        Direction::FromStandIn => Some((direction, sides.represented)),
        Direction::FromStranger => None,
    })
}

/// Whether what someone wrote by hand with their secondary account cannot be said as them where
/// they work: no token of theirs, and a conversation without the app.
fn is_silent(desk: &Desk<'_, '_>, other: &LegRow) -> Result<bool, StoreError> {
    let account = match desk.account_on(other.person, other.connection)? {
        Some(account) => own_voice(desk, &account)?,
        None => None,
    };
    let facts = VoiceFacts {
        leg: other.kind,
        account,
    };
    Ok(choose_voice(&facts) == Voice::Silent)
}

/// Why a message is not carried at all, though Activity shows it.
fn withheld(
    desk: &Desk<'_, '_>,
    link: &LinkRow,
    other: &LegRow,
    event: &Incoming,
    direction: Direction,
) -> Result<Option<Reason>, StoreError> {
    if is_too_old(desk, event) {
        return Ok(Some(Reason::TooOld));
    }
    if let Happening::Posted { content, .. } = &event.happened
        && desk
            .world
            .goes_round(link.id, &content.to_plain(), event.at)
    {
        return Ok(Some(Reason::LoopStopped));
    }
    let silent = direction == Direction::FromStandIn && is_silent(desk, other)?;
    Ok(silent.then_some(Reason::NotAuthorised))
}

fn is_too_old(desk: &Desk<'_, '_>, event: &Incoming) -> bool {
    desk.now.ms_since(event.at) > desk.world.catch_up_ms()
}

fn cannot_be_said(
    desk: &mut Desk<'_, '_>,
    delivery: causeway_model::DeliveryId,
    reason: Reason,
) -> Result<(), StoreError> {
    desk.tx.settle(
        delivery,
        desk.now,
        &Settlement {
            state: DeliveryState::Cancelled,
            reason: Some(reason),
            external: None,
            rung: None,
        },
    )?;
    Ok(())
}

/// Marks what someone wrote with the account that only stands for them.
pub(crate) fn by_hand(content: Content, desk: &Desk<'_, '_>, from: ConnectionId) -> Content {
    let platform = desk.world.live(from).map_or("elsewhere", |live| {
        live.connector.capabilities().platform.name()
    });
    let mark = Inline::Styled {
        style: Style::Italic,
        children: vec![Inline::Text(format!("(from {platform})"))],
    };
    content.led_by(vec![mark, Inline::Text(" ".to_owned())])
}

/// Mentions of accounts become mentions of the same people's accounts where they have one on the
/// destination, and their names where they do not.
pub(crate) fn speak_elsewhere(
    desk: &Desk<'_, '_>,
    from: ConnectionId,
    to: ConnectionId,
    content: &Content,
) -> Content {
    let translate = |mentioned: &ExternalAccount, name: &str| {
        // A name instead of a mention is the worst that a failed look-up may cost.
        translate_mention(desk, from, to, mentioned, name)
            .unwrap_or_else(|_| Inline::Text(format!("@{name}")))
    };
    content.clone().map_mentions(&translate)
}

fn translate_mention(
    desk: &Desk<'_, '_>,
    from: ConnectionId,
    to: ConnectionId,
    mentioned: &ExternalAccount,
    name: &str,
) -> Result<Inline, StoreError> {
    let Some(account) = desk.tx.account_by_external(from, mentioned)? else {
        return Ok(Inline::Text(format!("@{name}")));
    };
    let there = match account.person {
        Some(person) => desk
            .account_on(person, to)?
            .filter(|account| account.active),
        None => None,
    };
    Ok(match there {
        Some(there) => Inline::Mention {
            account: there.external,
            name: there.name,
        },
        None => Inline::Text(format!("@{}", account.name)),
    })
}

/// Whether the app is a member of conversations of this kind.
pub(super) fn has_app(kind: LegKind) -> bool {
    match kind {
        LegKind::Native => false,
        LegKind::Group | LegKind::Private | LegKind::App => true,
    }
}
