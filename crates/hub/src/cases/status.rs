//! Whether messages flow.

use std::time::Duration;

use causeway_model::{ConnectionId, Health, HealthState, Platform, Timestamp};
use causeway_store::{ConnectionRow, Counts, KeyHome, Reader, StoreError};

use crate::{
    Hub,
    api::{
        ConnectionView, DeliveryCounts, HubError, KeyPlace, RelayRole, StatusReport, WaitForChange,
    },
};

const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(crate) async fn status(hub: &Hub) -> Result<StatusReport, HubError> {
    let revision = hub.revision();
    let (connections, counts, paired_people, paused_since) = hub
        .read(|reader| {
            let paired_people = reader.count_paired_people()?;
            let paused_since = reader.pauses()?.relay;
            Ok((
                views(reader)?,
                reader.counts()?,
                paired_people,
                paused_since,
            ))
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
        process: std::process::id(),
        since: hub.since,
        paused_since,
        key: match hub.store().key_home() {
            KeyHome::Keychain => KeyPlace::Keychain,
            KeyHome::File(_) => KeyPlace::KeyFile,
        },
        listener: hub
            .reached
            .listener
            .as_ref()
            .map(|listener| listener.local_address().to_string()),
        connections,
        deliveries: delivery_counts(counts),
        paired_people: u64::from(paired_people),
        revision,
    })
}

pub(crate) async fn wait_for_change(hub: &Hub, wait: WaitForChange) -> Result<u64, HubError> {
    let (mut stored, mut jobs) = (hub.store().changes(), hub.jobs.changes());
    let mut sign_ins = hub.sign_ins.changes();
    let timeout = Duration::from_millis(u64::from(wait.timeout_ms)).min(LONGEST_WAIT);
    let moved = async {
        while hub.revision() == wait.since {
            let changed = tokio::select! {
                changed = stored.changed() => changed,
                changed = jobs.changed() => changed,
                changed = sign_ins.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    };
    // No change, or no more changes: the caller learns the revision either way.
    let waited = tokio::time::timeout(timeout, moved);
    tokio::select! {
        _ = waited => Ok(hub.revision()),
        // Whoever follows this hub looks for the one that takes over.
        stopping = hub.stopping() => Err(stopping),
    }
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
    let accounts = reader.count_people_on(connection.id)?;
    let health = shown_health(connection.health, row.paused_since);
    Ok(ConnectionView {
        id: connection.id,
        platform: connection.platform,
        name: connection.name,
        action: action(connection.platform, health.state),
        health,
        paused_since: row.paused_since,
        accounts: u64::from(accounts),
        authorised: authorised as u64,
    })
}

/// A pause hides how the connection fares, except where somebody has to act meanwhile: resuming
/// alone would not help.
fn shown_health(health: Health, paused_since: Option<Timestamp>) -> Health {
    match (paused_since, health.state) {
        (None, _) | (Some(_), HealthState::NeedsAuthorisation) => health,
        (
            Some(since),
            HealthState::Connecting
            | HealthState::Connected
            | HealthState::Degraded
            | HealthState::Paused,
        ) => Health {
            state: HealthState::Paused,
            since,
            detail: None,
            ..health
        },
    }
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
