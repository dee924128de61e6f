//! A change of rung is a change of conversation: the link gets another leg, what has not left yet
//! moves there in order, and people are told where it goes on.

use causeway_model::{
    Account, ConnectionId, Content, DeliveryState, LegKind, LegState, Operation, PersonId, Reason,
    Timestamp,
};
use causeway_relay::words;
use causeway_store::{Lanes, LegRow, LinkRow, NewDelivery, StoreError};

use super::{
    Taken,
    legs::{current_leg, ensure_leg, make_leg, reusable_leg},
    posts::has_app,
};
use crate::{desk::Desk, lane::settle};

/// Why a leg gives way to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Somebody may, or may no longer, be spoken for as themselves.
    Rung,
    /// Somebody else came into the conversation then, or left it: it must be a fresh one.
    Widened { at: Timestamp },
}

/// Puts another leg of the given kind in place of `from`.
pub(crate) fn change_leg(
    desk: &mut Desk<'_, '_>,
    link: &LinkRow,
    from: &LegRow,
    kind: LegKind,
    stand_in: Option<&Account>,
    why: Why,
    taken: &mut Taken,
) -> Result<LegRow, StoreError> {
    let found = match why {
        Why::Rung => reusable_leg(desk, link, from.connection, kind, stand_in)?,
        Why::Widened { .. } => None,
    };
    retire(desk, from, why)?;
    let to = match found {
        Some(leg) => {
            desk.tx.set_leg_state(leg.id, LegState::Current)?;
            leg
        }
        None => make_leg(desk, link, from.connection, kind, stand_in)?,
    };
    let (moved, first) = desk.tx.move_unsent(from.id, to.id)?;
    taken.moved += moved;
    // Where nobody has ever been, nobody needs to be told.
    if from.external.is_some() {
        tell_in_old(desk, link, from, &to)?;
        tell_in_new(desk, link, &to, why, first)?;
    }
    taken.lane(from.id);
    taken.lane(to.id);
    Ok(to)
}

/// The leg carries nothing new; an opening that has not begun is not needed any more.
fn retire(desk: &mut Desk<'_, '_>, leg: &LegRow, why: Why) -> Result<(), StoreError> {
    let head = desk.tx.lane_head(leg.id)?.map(|(head, _)| head);
    let unopened = head.filter(|head| {
        head.operation == Operation::Open
            && matches!(
                head.state,
                DeliveryState::Queued | DeliveryState::WaitingForPerson
            )
    });
    let never = unopened.is_some() && leg.external.is_none();
    if let Some(open) = unopened {
        let superseded = Some(Reason::Superseded);
        settle(desk, &open, DeliveryState::Cancelled, superseded)?;
    }
    match why {
        Why::Widened { at } => desk.tx.close_leg(leg.id, at),
        Why::Rung if never => desk.tx.set_leg_state(leg.id, LegState::Closed),
        Why::Rung => desk.tx.set_leg_state(leg.id, LegState::Old),
    }
}

/// A pointer in the conversation that is left, where the app can speak.
fn tell_in_old(
    desk: &mut Desk<'_, '_>,
    link: &LinkRow,
    from: &LegRow,
    to: &LegRow,
) -> Result<(), StoreError> {
    // After somebody else came in, nothing is said there any more.
    let closed = desk
        .tx
        .leg(from.id)?
        .is_some_and(|leg| leg.state == LegState::Closed);
    if !has_app(from.kind) || to.kind != LegKind::Native || closed {
        return Ok(());
    }
    let sides = Desk::sides(link, from.connection);
    let name = desk.name_of(sides.represented)?;
    note(desk, from, &words::goes_on_directly(&name), None)
}

/// What the new conversation continues, before anything else is said there.
fn tell_in_new(
    desk: &mut Desk<'_, '_>,
    link: &LinkRow,
    to: &LegRow,
    why: Why,
    first: Option<Timestamp>,
) -> Result<(), StoreError> {
    if !has_app(to.kind) {
        return Ok(());
    }
    let sides = Desk::sides(link, to.connection);
    let name = desk.name_of(sides.represented)?;
    let content = match why {
        Why::Rung => words::goes_on_here(&name, desk.platform_name(sides.home)),
        Why::Widened { .. } => words::widened_here(&name),
    };
    note(desk, to, &content, first.map(|first| first.plus_ms(-1)))
}

/// Something that the hub itself has to say on a leg: before `at`, or after all that is there.
pub(crate) fn note(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    content: &Content,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    // By whichever clock runs ahead.
    let last = desk.tx.last_source_at(leg.id)?.unwrap_or_default();
    desk.tx.add_delivery(&NewDelivery {
        leg: leg.id,
        message: None,
        operation: Operation::Note,
        part: 0,
        relay_id: desk.world.relay_id(),
        source_at: at.unwrap_or_else(|| desk.now.max(last)),
        received_at: desk.now,
        due_at: desk.now,
        content: Some(serde_json::to_string(content)?),
        late: false,
    })?;
    Ok(())
}

/// After a change of consent, tokens or pairing: every conversation in which a person is
/// represented on a connection becomes the one that it should be, and what waited goes on.
pub(crate) fn reconsider(
    desk: &mut Desk<'_, '_>,
    person: PersonId,
    connection: ConnectionId,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    for link in desk.tx.links_of_person(person)? {
        let joins = [link.connection_a, link.connection_b].contains(&connection);
        if !joins || Desk::sides(&link, connection).represented != person {
            continue;
        }
        if current_leg(desk, &link, connection)?.is_none() {
            continue;
        }
        if let Some(leg) = ensure_leg(desk, &link, connection, taken)? {
            taken.moved += desk.tx.resume_waiting(Lanes::Leg(leg.id))?;
            taken.lane(leg.id);
        }
    }
    Ok(())
}

/// Finds another leg for what a lane cannot send: true when it has moved.
pub(crate) fn rehouse(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    taken: &mut Taken,
) -> Result<bool, StoreError> {
    let Some(link) = desk.link_of(leg)? else {
        return Ok(false);
    };
    let Some(current) = ensure_leg(desk, &link, leg.connection, taken)? else {
        return Ok(false);
    };
    if current.id == leg.id {
        return Ok(false);
    }
    desk.tx.move_unsent(leg.id, current.id)?;
    taken.lane(current.id);
    Ok(true)
}

/// Lanes that may go on now that something on `leg` has ended: all of its side of the link, since
/// one side is one queue, and a note may still wait in a leg that is no longer current.
pub(crate) fn touch_side(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    taken.lane(leg.id);
    if let Some(link) = leg.link {
        for other in desk.tx.legs_of_side(link, leg.connection)? {
            taken.lane(other.id);
        }
    }
    Ok(())
}
