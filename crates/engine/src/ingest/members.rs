//! Right eyes: the app's own conversations never widen.

use causeway_model::{ConnectionId, ExternalAccount, LegKind, LegState, PersonId, Timestamp};
use causeway_relay::{eyes::Expected, words};
use causeway_store::{LegRow, LinkRow, NoticeRow, StoreError};

use super::{
    Taken,
    consent::say,
    legs::current_leg,
    posts::has_app,
    rungs::{Why, change_leg, note},
};
use crate::desk::Desk;

/// What the administrator is told it is.
const WIDENED: &str = "conversation_widened";

/// Somebody came into a conversation: when they are not of its link, nothing is said there from
/// this commit on, and it goes on in a fresh one.
pub(super) fn joined(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    accounts: &[ExternalAccount],
    at: Timestamp,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(link) = guarded(desk, leg)? else {
        return Ok(());
    };
    if has_strangers(desk, leg, &link, accounts)? {
        widen(desk, leg, &link, at, taken)?;
    }
    Ok(())
}

/// Somebody left it: without the person it was made for, nobody would read what is said there.
pub(super) fn left(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    accounts: &[ExternalAccount],
    at: Timestamp,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(link) = guarded(desk, leg)? else {
        return Ok(());
    };
    let resident = desk.account_on(leg.person, leg.connection)?;
    if !resident.is_some_and(|resident| accounts.contains(&resident.external)) {
        return Ok(());
    }
    if leg.state == LegState::Current {
        let stand_in = stand_in(desk, leg)?;
        let kind = leg.kind;
        let why = Why::Widened { at };
        change_leg(desk, &link, leg, kind, stand_in.as_ref(), why, taken)?;
    } else {
        desk.tx.close_leg(leg.id, at)?;
    }
    Ok(())
}

/// The members as the platform lists them now, after a gap: true when the lane may go on there.
pub(crate) fn checked(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    members: &[ExternalAccount],
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let Some(link) = guarded(desk, leg)? else {
        return Ok(());
    };
    if has_strangers(desk, leg, &link, members)? {
        // When they came is not known: what was written up to now was for the two alone.
        widen(desk, leg, &link, desk.now, taken)
    } else {
        desk.tx.set_members_checked(leg.id, desk.now)?;
        taken.lane(leg.id);
        Ok(())
    }
}

/// Whether the members of a leg's conversation must be looked at before anything is said there.
pub(crate) fn must_be_checked(desk: &Desk<'_, '_>, leg: &LegRow) -> bool {
    if leg.link.is_none() || !can_widen(leg.kind) || leg.external.is_none() {
        return false;
    }
    match desk.world.heard_since(leg.connection) {
        Some(since) => leg.members_at.is_none_or(|at| at < since),
        None => false,
    }
}

fn can_widen(kind: LegKind) -> bool {
    has_app(kind)
}

fn guarded(desk: &Desk<'_, '_>, leg: &LegRow) -> Result<Option<LinkRow>, StoreError> {
    if !can_widen(leg.kind) || leg.state == LegState::Closed {
        return Ok(None);
    }
    desk.link_of(leg)
}

fn has_strangers(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
    link: &LinkRow,
    members: &[ExternalAccount],
) -> Result<bool, StoreError> {
    let sides = Desk::sides(link, leg.connection);
    let Some(resident) = desk.account_on(sides.resident, leg.connection)? else {
        return Ok(true);
    };
    let stand_in = stand_in(desk, leg)?.map(|account| account.external);
    let own = desk
        .world
        .live(leg.connection)
        .map(|live| live.own_accounts.to_vec())
        .unwrap_or_default();
    let expected = Expected {
        resident: &resident.external,
        stand_in: stand_in.as_ref(),
        own: &own,
    };
    Ok(!expected.strangers(members).is_empty())
}

fn stand_in(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
) -> Result<Option<causeway_model::Account>, StoreError> {
    match leg.stand_in {
        Some(account) => desk.tx.account(account),
        None => Ok(None),
    }
}

fn widen(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    link: &LinkRow,
    at: Timestamp,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    tracing::warn!(
        leg.id = leg.id.0,
        "somebody else came into a conversation of the app; it goes on in a fresh one"
    );
    let sides = Desk::sides(link, leg.connection);
    if leg.state == LegState::Current {
        let stand_in = stand_in(desk, leg)?;
        let kind = leg.kind;
        let why = Why::Widened { at };
        change_leg(desk, link, leg, kind, stand_in.as_ref(), why, taken)?;
        tell_other(
            desk,
            link,
            sides.represented,
            sides.home,
            sides.resident,
            taken,
        )?;
    } else {
        desk.tx.close_leg(leg.id, at)?;
    }
    desk.tx.put_notice(&NoticeRow {
        id: 0,
        connection: leg.connection,
        code: WIDENED.to_owned(),
        person: Some(sides.resident),
        detail: None,
        at: desk.now,
    })
}

/// The one who is represented there reads of it where they work.
fn tell_other(
    desk: &mut Desk<'_, '_>,
    link: &LinkRow,
    other: PersonId,
    home: ConnectionId,
    resident: PersonId,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let words = words::widened_there(&desk.name_of(resident)?);
    match current_leg(desk, link, home)? {
        Some(leg) if has_app(leg.kind) => {
            note(desk, &leg, &words, None)?;
            taken.lane(leg.id);
            Ok(())
        }
        Some(_) | None => say(desk, other, &words, taken),
    }
}
