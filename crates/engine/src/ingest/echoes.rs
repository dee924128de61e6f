//! Telling the hub's own posts from what people write, and what an echo proves.

use causeway_model::{
    AuthorKind, DeliveryState, ExternalMessage, Happening, Incoming, Marker, Speaker,
};
use causeway_relay::echo::EchoFacts;
use causeway_store::{LegRow, StoreError};

use super::{Taken, record_arrival};
use crate::{desk::Desk, prepare::digest, unknown::CLOCK_SKEW_MS};

pub(super) fn echo_facts(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
) -> Result<EchoFacts, StoreError> {
    let (message, marker) = match &event.happened {
        Happening::Posted {
            message, marker, ..
        } => (message, marker.as_ref()),
        Happening::Edited { message, .. } | Happening::Deleted { message } => (message, None),
        Happening::Asked { .. }
        | Happening::Pressed { .. }
        | Happening::Joined { .. }
        | Happening::Left { .. } => {
            return Ok(EchoFacts {
                known_copy: false,
                known_marker: false,
                open_post_as_author: false,
            });
        }
    };
    let known_marker = match marker {
        Some(marker) if marker.by_own_app => marks_own_post(desk, leg, event, message, marker)?,
        Some(_) | None => false,
    };
    Ok(EchoFacts {
        known_copy: desk.tx.copy_by_external(leg.id, message)?.is_some(),
        known_marker,
        open_post_as_author: is_open_post(desk, leg, event)?,
    })
}

/// Whether a marker stands where it must: on this leg, under whoever the hub spoke as, and not
/// under a second message once the first is known. Relay ids can be read by everyone's tools, and
/// people may have tools that use the token which they gave the hub.
fn marks_own_post(
    desk: &Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
    message: &ExternalMessage,
    marker: &Marker,
) -> Result<bool, StoreError> {
    let delivery = desk.tx.delivery_by_relay_id(&marker.relay_id)?;
    let Some(delivery) = delivery.filter(|delivery| delivery.leg == leg.id) else {
        return Ok(false);
    };
    let attempt = desk.tx.attempt_info(delivery.id)?;
    let as_its_speaker = match attempt.and_then(|attempt| attempt.speaker) {
        Some(Speaker::App) => event.author.kind == AuthorKind::OwnApp,
        Some(Speaker::Account(account)) => event.author.account == account,
        None => false,
    };
    if !as_its_speaker {
        return Ok(false);
    }
    let copies = match delivery.message {
        Some(message) => desk.tx.copies(message)?,
        None => Vec::new(),
    };
    let known = copies
        .iter()
        .find(|copy| copy.leg == leg.id && copy.part == delivery.part);
    Ok(known.is_none_or(|copy| copy.external == *message))
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
pub(super) fn settle_by_echo(
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
        // Also when an earlier attempt was taken to have failed and it waits to be tried again.
        DeliveryState::Sending
        | DeliveryState::Uncertain
        | DeliveryState::Queued
        | DeliveryState::WaitingForPerson => {
            record_arrival(desk, leg, &delivery, message, event.at)?;
            taken.lane(leg.id);
        }
        DeliveryState::Delivered | DeliveryState::Cancelled | DeliveryState::Dead => {}
    }
    Ok(())
}

/// Where there are no markers, the same words by the same author prove an uncertain post as well
/// when they are heard only after the platform could not be asked. True when they did.
pub(super) fn settle_uncertain(
    desk: &mut Desk<'_, '_>,
    leg: &LegRow,
    event: &Incoming,
    taken: &mut Taken,
) -> Result<bool, StoreError> {
    let Happening::Posted {
        message, content, ..
    } = &event.happened
    else {
        return Ok(false);
    };
    if has_markers(desk, leg) {
        return Ok(false);
    }
    // An uncertain post is the head of its lane.
    let Some((head, _)) = desk.tx.lane_head(leg.id)? else {
        return Ok(false);
    };
    if head.state != DeliveryState::Uncertain
        || desk.tx.copy_by_external(leg.id, message)?.is_some()
    {
        return Ok(false);
    }
    let Some(attempt) = desk.tx.attempt_info(head.id)? else {
        return Ok(false);
    };
    let since = head.intent_at.unwrap_or_default().plus_ms(-CLOCK_SKEW_MS);
    let proven = event.at >= since
        && attempt
            .speaker
            .is_some_and(|speaker| speaks_as(desk, leg, &speaker, event))
        && attempt.digest == Some(digest(desk, &content.fingerprint())?);
    if proven {
        record_arrival(desk, leg, &head, message, event.at)?;
        taken.lane(leg.id);
    }
    Ok(proven)
}

fn has_markers(desk: &Desk<'_, '_>, leg: &LegRow) -> bool {
    let live = desk.world.live(leg.connection);
    live.is_some_and(|live| live.connector.capabilities().marker)
}

fn speaks_as(desk: &Desk<'_, '_>, leg: &LegRow, speaker: &Speaker, event: &Incoming) -> bool {
    let author = &event.author.account;
    match speaker {
        Speaker::Account(account) => account == author,
        Speaker::App => desk
            .world
            .live(leg.connection)
            .is_some_and(|live| live.own_accounts.contains(author)),
    }
}
