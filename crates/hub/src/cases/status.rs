//! Whether messages flow.

use std::{collections::HashSet, time::Duration};

use causeway_model::{ConnectionId, HealthState, Platform};
use causeway_store::{
    ConnectionRow, Counts, KeyHome, PairedFilter, PeopleFilter, Reader, StoreError,
};

use crate::{
    Hub,
    api::{
        ConnectionView, DeliveryCounts, HubError, KeyPlace, RelayRole, StatusReport, WaitForChange,
    },
};

const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(crate) async fn status(hub: &Hub) -> Result<StatusReport, HubError> {
    let revision = *hub.store().changes().borrow();
    let (connections, counts, paired_people) = hub
        .read(|reader| {
            let people: HashSet<_> = reader
                .active_pairings()?
                .into_iter()
                .map(|pairing| pairing.person)
                .collect();
            Ok((views(reader)?, reader.counts()?, people.len()))
        })
        .await?;
    Ok(StatusReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: hub.home.display().to_string(),
        role: if hub.relays {
            RelayRole::Relaying
        } else {
            RelayRole::Idle
        },
        since: hub.since,
        key: match hub.store().key_home() {
            KeyHome::Keychain => KeyPlace::Keychain,
            KeyHome::File(_) => KeyPlace::KeyFile,
        },
        listener: hub
            .listener
            .as_ref()
            .map(|listener| listener.local_address().to_string()),
        connections,
        deliveries: delivery_counts(counts),
        paired_people: paired_people as u64,
        revision,
    })
}

pub(crate) async fn wait_for_change(hub: &Hub, wait: WaitForChange) -> Result<u64, HubError> {
    let mut changes = hub.store().changes();
    let timeout = Duration::from_millis(u64::from(wait.timeout_ms)).min(LONGEST_WAIT);
    let moved = changes.wait_for(|revision| *revision != wait.since);
    // No change, or no more changes: the caller learns the revision either way.
    drop(tokio::time::timeout(timeout, moved).await);
    let revision = *hub.store().changes().borrow();
    Ok(revision)
}

pub(crate) async fn list_connections(hub: &Hub) -> Result<Vec<ConnectionView>, HubError> {
    hub.read(views).await
}

/// One connection, as the faces show it.
pub(super) async fn connection_view(
    hub: &Hub,
    id: ConnectionId,
) -> Result<ConnectionView, HubError> {
    hub.read(move |reader| match reader.connection(id)? {
        Some(row) => view(reader, row),
        None => Err(StoreError::NotFound("connection")),
    })
    .await
}

fn views(reader: &Reader<'_>) -> Result<Vec<ConnectionView>, StoreError> {
    reader
        .connections()?
        .into_iter()
        .map(|row| view(reader, row))
        .collect()
}

fn view(reader: &Reader<'_>, row: ConnectionRow) -> Result<ConnectionView, StoreError> {
    let connection = row.connection;
    let owners = reader.token_owners(connection.id)?;
    let authorised = owners
        .iter()
        .filter(|owner| owner.starts_with("account:"))
        .count();
    let filter = PeopleFilter {
        platform: Some(connection.platform),
        paired: PairedFilter::Any,
        ..PeopleFilter::default()
    };
    let accounts = reader.people_page(&filter, None, 0)?.total;
    Ok(ConnectionView {
        id: connection.id,
        platform: connection.platform,
        name: connection.name,
        action: action(connection.platform, connection.health.state),
        health: connection.health,
        accounts: u64::from(accounts),
        authorised: authorised as u64,
    })
}

fn action(platform: Platform, state: HealthState) -> Option<String> {
    match state {
        HealthState::Connected | HealthState::Connecting => None,
        HealthState::Degraded => Some("Wait: it is tried again by itself.".to_owned()),
        HealthState::NeedsAuthorisation => Some(format!(
            "Connect {} again with new credentials.",
            platform.name()
        )),
        HealthState::Paused => Some("Resume it.".to_owned()),
    }
}

fn delivery_counts(counts: Counts) -> DeliveryCounts {
    DeliveryCounts {
        queued: counts.queued,
        sending: counts.sending,
        waiting_for_person: counts.waiting,
        uncertain: counts.uncertain,
        delivered: counts.delivered,
        cancelled: counts.cancelled,
        dead: counts.dead,
    }
}
