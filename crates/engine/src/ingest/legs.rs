//! Making and finding the legs of a link.

use causeway_model::{
    ConnectionId, ExternalConversation, LegKind, LegState, OpenConversation, Operation, PersonId,
    Speaker, Timestamp,
};
use causeway_relay::{
    legs::{LegFacts, StandIn, choose_leg},
    route::Pair,
};
use causeway_store::{Lanes, LegRow, LinkRow, NewDelivery, NewLeg, StoreError};

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

/// The leg where new messages for the resident of `here` go; made, with the delivery that opens
/// its conversation, when there is none.
pub(super) fn ensure_leg(
    desk: &mut Desk<'_, '_>,
    link: &LinkRow,
    here: ConnectionId,
) -> Result<Option<LegRow>, StoreError> {
    if let Some(leg) = current_leg(desk, link, here)? {
        return Ok(Some(leg));
    }
    let sides = Desk::sides(link, here);
    let (stand_in, facts) = desk.stand_in(sides.represented, here)?;
    let Some(kind) = kind_of_leg(desk, here, facts) else {
        return Ok(None);
    };
    let speaker = match (kind, &stand_in) {
        (LegKind::Native, Some(account)) => Speaker::Account(account.external.clone()),
        (LegKind::Native | LegKind::Group | LegKind::Private | LegKind::App, _) => Speaker::App,
    };
    let relay_id = desk.world.relay_id();
    let leg = desk.tx.add_leg(&NewLeg {
        link: Some(link.id),
        connection: here,
        person: sides.resident,
        kind,
        state: LegState::Current,
        external: None,
        speaker,
        stand_in: stand_in.map(|account| account.id),
        open_relay_id: Some(relay_id.clone()),
        created_at: desk.now,
    })?;
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
    desk.tx.leg(leg)
}

fn kind_of_leg(desk: &Desk<'_, '_>, here: ConnectionId, stand_in: StandIn) -> Option<LegKind> {
    let live = desk.world.live(here)?;
    choose_leg(live.connector.capabilities(), LegFacts { stand_in })
}

fn current_leg(
    desk: &Desk<'_, '_>,
    link: &LinkRow,
    here: ConnectionId,
) -> Result<Option<LegRow>, StoreError> {
    let legs = desk.tx.legs_of_link(link.id)?;
    Ok(legs
        .into_iter()
        .find(|leg| leg.connection == here && leg.state == LegState::Current))
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
    let (stand_in, facts) = desk.stand_in(pair.represented.person, here)?;
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
    let leg = desk.tx.add_leg(&NewLeg {
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
    desk.tx.leg(leg)?.ok_or(StoreError::NotFound("leg"))
}

/// The conversation that a leg's opening delivery asks for.
pub(crate) fn wanted_conversation(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
    link: &LinkRow,
) -> Result<Option<OpenConversation>, StoreError> {
    let sides = Desk::sides(link, leg.connection);
    let Some(person) = desk.account_on(sides.resident, leg.connection)? else {
        return Ok(None);
    };
    let stand_in = match leg.stand_in {
        Some(account) => desk.tx.account(account)?.map(|account| account.external),
        None => None,
    };
    let Some(relay_id) = leg.open_relay_id.clone() else {
        return Ok(None);
    };
    Ok(Some(OpenConversation {
        kind: leg.kind,
        person: person.external,
        stand_in,
        stand_in_name: desk.name_of(sides.represented)?,
        speaker: leg.speaker.clone(),
        relay_id,
    }))
}
