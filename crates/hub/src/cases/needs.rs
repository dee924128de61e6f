//! What does not go on without a person.

use std::collections::HashMap;

use causeway_model::{ConnectionId, DeliveryState, HealthState, Platform, Reason};
use causeway_store::{Reader, StoreError};

use super::{notices::list_notices, status::list_connections};
use crate::{
    Hub,
    api::{AwaitedConsent, ConnectionView, HubError, NeedsReport, WantedPerson},
};

/// More than anyone reads at a glance; the pages have the rest.
const FEW: u32 = 10;

pub(crate) async fn needs(hub: &Hub) -> Result<NeedsReport, HubError> {
    let all = list_connections(hub).await?;
    let platforms: HashMap<_, _> = all.iter().map(|view| (view.id, view.platform)).collect();
    let notices = list_notices(hub).await?;
    let (uncertain, stuck, consents, wanted) = hub
        .read(move |reader| {
            Ok((
                reader.counts()?.uncertain,
                stuck(reader)?,
                consents(reader, &platforms)?,
                wanted(reader, &platforms)?,
            ))
        })
        .await?;
    Ok(NeedsReport {
        connections: all.into_iter().filter(needs_somebody).collect(),
        notices,
        uncertain,
        stuck,
        consents,
        wanted,
    })
}

fn needs_somebody(view: &ConnectionView) -> bool {
    match view.health.state {
        HealthState::NeedsAuthorisation | HealthState::Degraded => true,
        HealthState::Connecting | HealthState::Connected | HealthState::Paused => false,
    }
}

fn stuck(reader: &Reader<'_>) -> Result<u64, StoreError> {
    let waiting = reader.waiting_counts()?.into_iter().filter(|row| {
        row.state == DeliveryState::WaitingForPerson && row.reason != Some(Reason::AwaitingConsent)
    });
    Ok(waiting.map(|row| row.n).sum())
}

fn consents(
    reader: &Reader<'_>,
    platforms: &HashMap<ConnectionId, Platform>,
) -> Result<Vec<AwaitedConsent>, StoreError> {
    let awaited = reader.awaited_people(FEW)?.into_iter();
    let known = awaited.filter_map(|row| {
        Some(AwaitedConsent {
            person: row.person,
            name: row.name,
            platform: *platforms.get(&row.connection)?,
            connection: row.connection,
            deliveries: row.deliveries,
            until: row.until,
        })
    });
    Ok(known.collect())
}

fn wanted(
    reader: &Reader<'_>,
    platforms: &HashMap<ConnectionId, Platform>,
) -> Result<Vec<WantedPerson>, StoreError> {
    let mut found = Vec::new();
    for row in reader.wanted_people(FEW)? {
        if let (Some(person), Some(platform)) =
            (reader.person(row.person)?, platforms.get(&row.connection))
        {
            found.push(WantedPerson {
                person: row.person,
                name: person.name,
                platform: *platform,
                times: row.times,
            });
        }
    }
    Ok(found)
}
