//! Making and finding the legs of a link.

use causeway_model::{
    Account, ConnectionId, ExternalConversation, LegId, LegKind, LegState, OpenConversation,
    Operation, PersonId, RelayId, Speaker, Timestamp,
};
use causeway_relay::{
    legs::{LegFacts, StandIn, choose_leg},
    route::Pair,
};
use causeway_store::{Lanes, LegRow, LinkRow, NewDelivery, NewLeg, StoreError};

use super::{
    Taken,
    rungs::{Why, change_leg},
};
use crate::desk::Desk;

/// The link of two people, made at their first message.
pub(super) fn ensure_link(
    desk: &mut Desk<'_, '_>,
    one: (PersonId, ConnectionId),
    other: (PersonId, ConnectionId),
) -> Result<LinkRow, StoreError> {
    desk.tx
        .ensure_link(one.0, other.0, one.1, other.1, desk.now)
}

/// The leg where new messages for the resident of `here` go: the one there is, another in its place
/// when it is no longer the highest, or a new one with the delivery that opens its conversation. None
/// where the connection is out of use.
pub(super) fn ensure_leg(
    desk: &mut Desk<'_, '_>,
    link: &LinkRow,
    here: ConnectionId,
    taken: &mut Taken,
) -> Result<Option<LegRow>, StoreError> {
    let sides = Desk::sides(link, here);
    let (stand_in, facts) = desk.stand_in(sides.represented, here)?;
    let Some(kind) = kind_of_leg(desk, here, facts) else {
        return Ok(None);
    };
    let stand_in = stand_in.as_ref();
    match current_leg(desk, link, here)? {
        Some(leg) if fits(&leg, kind, stand_in) => {
            open_again_if_given_up(desk, &leg)?;
            Ok(Some(leg))
        }
        Some(leg) => change_leg(desk, link, &leg, kind, stand_in, Why::Rung, taken).map(Some),
        None => match reusable_leg(desk, link, here, kind, stand_in)? {
            Some(leg) => {
                desk.tx.set_leg_state(leg.id, LegState::Current)?;
                Ok(Some(leg))
            }
            None => make_leg(desk, link, here, kind, stand_in).map(Some),
        },
    }
}

/// A leg whose opening was given up is opened anew by the next message.
fn open_again_if_given_up(desk: &mut Desk<'_, '_>, leg: &LegRow) -> Result<(), StoreError> {
    if leg.external.is_some() {
        return Ok(());
    }
    let head = desk.tx.lane_head(leg.id)?;
    if head.is_none_or(|(head, _)| head.operation != Operation::Open) {
        let relay_id = desk.world.relay_id();
        queue_opening(desk, leg.id, relay_id)?;
        desk.tx.resume_waiting(Lanes::Leg(leg.id))?;
    }
    Ok(())
}

/// A native conversation is that of one account; those of the app are the pair's, whoever of them
/// has an account there.
fn fits(leg: &LegRow, kind: LegKind, stand_in: Option<&Account>) -> bool {
    leg.kind == kind
        && (kind != LegKind::Native || leg.stand_in == stand_in.map(|account| account.id))
}

/// An earlier leg of the link that can be taken up again.
pub(super) fn reusable_leg(
    desk: &Desk<'_, '_>,
    link: &LinkRow,
    here: ConnectionId,
    kind: LegKind,
    stand_in: Option<&Account>,
) -> Result<Option<LegRow>, StoreError> {
    let legs = desk.tx.legs_of_side(link.id, here)?;
    Ok(legs.into_iter().rev().find(|leg| {
        leg.state == LegState::Old && leg.external.is_some() && fits(leg, kind, stand_in)
    }))
}

/// A new current leg, and the delivery that opens its conversation.
pub(super) fn make_leg(
    desk: &mut Desk<'_, '_>,
    link: &LinkRow,
    here: ConnectionId,
    kind: LegKind,
    stand_in: Option<&Account>,
) -> Result<LegRow, StoreError> {
    let speaker = match (kind, stand_in) {
        (LegKind::Native, Some(account)) => Speaker::Account(account.external.clone()),
        (LegKind::Native | LegKind::Group | LegKind::Private | LegKind::App, _) => Speaker::App,
    };
    let relay_id = desk.world.relay_id();
    let leg = desk.tx.add_leg(&NewLeg {
        link: Some(link.id),
        connection: here,
        person: Desk::sides(link, here).resident,
        kind,
        state: LegState::Current,
        external: None,
        speaker,
        stand_in: stand_in.map(|account| account.id),
        open_relay_id: Some(relay_id.clone()),
        created_at: desk.now,
    })?;
    queue_opening(desk, leg, relay_id)
}

/// The conversation of somebody with the app where they work, made when there is none.
pub(super) fn ensure_app_leg(
    desk: &mut Desk<'_, '_>,
    primary: &Account,
    person: PersonId,
) -> Result<LegRow, StoreError> {
    if let Some(leg) = desk.tx.app_leg(primary.connection, primary.id)? {
        return Ok(leg);
    }
    let relay_id = desk.world.relay_id();
    let leg = desk.tx.add_leg(&NewLeg {
        link: None,
        connection: primary.connection,
        person,
        kind: LegKind::App,
        state: LegState::Current,
        external: None,
        speaker: Speaker::App,
        stand_in: None,
        open_relay_id: Some(relay_id.clone()),
        created_at: desk.now,
    })?;
    queue_opening(desk, leg, relay_id)
}

fn queue_opening(
    desk: &mut Desk<'_, '_>,
    leg: LegId,
    relay_id: RelayId,
) -> Result<LegRow, StoreError> {
    desk.tx.add_delivery(&NewDelivery {
        leg,
        message: None,
        operation: Operation::Open,
        part: 0,
        relay_id,
        // Before everything that will ever be sent there.
        source_at: Timestamp(0),
        received_at: desk.now,
        due_at: desk.now,
        content: None,
        late: false,
    })?;
    desk.tx.leg(leg)?.ok_or(StoreError::NotFound("leg"))
}

fn kind_of_leg(desk: &Desk<'_, '_>, here: ConnectionId, stand_in: StandIn) -> Option<LegKind> {
    let live = desk.world.live(here)?;
    let facts = LegFacts { stand_in };
    Some(choose_leg(live.connector.capabilities(), facts))
}

pub(super) fn current_leg(
    desk: &Desk<'_, '_>,
    link: &LinkRow,
    here: ConnectionId,
) -> Result<Option<LegRow>, StoreError> {
    let legs = desk.tx.legs_of_side(link.id, here)?;
    Ok(legs.into_iter().find(|leg| leg.state == LegState::Current))
}

/// Takes a native conversation that somebody has begun as a leg: the current one where the hub
/// can also write there, else one that is only heard.
pub(super) fn adopt_native(
    desk: &mut Desk<'_, '_>,
    here: ConnectionId,
    conversation: &ExternalConversation,
    pair: &Pair,
) -> Result<LegRow, StoreError> {
    let link = ensure_link(
        desk,
        (pair.resident.person, here),
        (pair.represented.person, pair.home),
    )?;
    let (_, facts) = desk.stand_in(pair.represented.person, here)?;
    let stand_in = desk
        .tx
        .account_by_external(here, &pair.represented.account)?;
    let current = current_leg(desk, &link, here)?;
    if let Some(leg) = &current
        && leg.kind == LegKind::Native
        && leg.external.is_none()
    {
        // It is being opened at this moment: the platform has only one such conversation.
        desk.tx.set_leg_conversation(leg.id, conversation)?;
        desk.tx.resume_waiting(Lanes::Leg(leg.id))?;
        return desk.tx.leg(leg.id)?.ok_or(StoreError::NotFound("leg"));
    }
    let writable = kind_of_leg(desk, here, facts) == Some(LegKind::Native);
    let state = if writable {
        LegState::Current
    } else {
        LegState::Old
    };
    if let (Some(leg), true) = (&current, writable) {
        desk.tx.set_leg_state(leg.id, LegState::Old)?;
    }
    let adopted = desk.tx.add_leg(&NewLeg {
        link: Some(link.id),
        connection: here,
        person: pair.resident.person,
        kind: LegKind::Native,
        state,
        external: Some(conversation.clone()),
        speaker: Speaker::Account(pair.represented.account.clone()),
        stand_in: stand_in.map(|account| account.id),
        open_relay_id: None,
        created_at: desk.now,
    })?;
    if let (Some(leg), true) = (&current, writable) {
        desk.tx.move_unsent(leg.id, adopted)?;
    }
    desk.tx.leg(adopted)?.ok_or(StoreError::NotFound("leg"))
}

/// The conversation that a leg's opening delivery asks for.
pub(crate) fn wanted_conversation(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
) -> Result<Option<OpenConversation>, StoreError> {
    let Some(person) = desk.account_on(leg.person, leg.connection)? else {
        return Ok(None);
    };
    let Some(relay_id) = leg.open_relay_id.clone() else {
        return Ok(None);
    };
    let stand_in = match leg.stand_in {
        Some(account) => desk.tx.account(account)?.map(|account| account.external),
        None => None,
    };
    let stand_in_name = match desk.link_of(leg)? {
        Some(link) => desk.name_of(Desk::sides(&link, leg.connection).represented)?,
        None => String::new(),
    };
    Ok(Some(OpenConversation {
        kind: leg.kind,
        person: person.external,
        stand_in,
        stand_in_name,
        speaker: leg.speaker.clone(),
        relay_id,
    }))
}
