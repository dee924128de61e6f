//! Events that could not be routed when they came: what was kept is routed in its order.

use std::collections::HashMap;

use causeway_model::{ConnectionId, ExternalConversation, Incoming};
use causeway_store::{InboxWhy, StoreError};

use super::{Known, Routed, Taken, keep, remember, route_event};
use crate::desk::Desk;

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
/// time at which it happened. Of what happened in one millisecond the history knows the order,
/// also where what was kept was told in another.
pub(crate) fn take_read_back(
    desk: &mut Desk<'_, '_>,
    connection: ConnectionId,
    conversation: &ExternalConversation,
    read_back: &[Incoming],
    known: &Known,
    taken: &mut Taken,
) -> Result<(), StoreError> {
    let mut events = take_kept(desk, connection, conversation, Release::Everything)?;
    let mut place = HashMap::new();
    for (number, event) in read_back.iter().enumerate() {
        place.insert(&event.key, number);
        if !desk.tx.is_seen(connection, &event.key)? {
            events.push((event.clone(), InboxWhy::Held));
        }
    }
    events.sort_by_key(|(event, _)| {
        let place = place.get(&event.key).copied();
        (event.at, place.unwrap_or(usize::MAX))
    });
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
        // Once the gap is closed, what must still wait waits for something else.
        let why = match release {
            Release::UpToGap => row.why,
            Release::Everything => InboxWhy::Held,
        };
        kept.push((serde_json::from_str(&row.payload)?, why));
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
            Routed::Done => remember(desk, connection, &event)?,
            Routed::Forgotten => {}
        }
    }
    Ok(())
}
