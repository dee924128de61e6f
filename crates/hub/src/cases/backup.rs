//! Making a backup, and what a hub that was made from one still asks for.

use std::path::PathBuf;

use causeway_model::HealthState;
use causeway_store::{BackupTo, Restored};

use super::status::list_connections;
use crate::{
    Hub,
    api::{
        Backup, BackupReport, ConnectionView, ErrorCode, HubError, RestoreStatus, RestoredView,
        SignInAgain,
    },
    backup_error::{from_backup, passphrase},
    error::failed,
};

pub(crate) async fn backup(hub: &Hub, args: Backup) -> Result<BackupReport, HubError> {
    let file = PathBuf::from(&args.file);
    if !file.is_absolute() {
        return Err(failed(
            ErrorCode::InvalidArgument,
            "A backup goes to a whole path: the hub may run in another folder than you.",
        )
        .action("Give the path from the root on.")
        .build());
    }
    let made_at = hub.engine.clock().now();
    let to = BackupTo {
        file,
        passphrase: passphrase(&args.passphrase)?,
        overwrite: args.overwrite,
        now: made_at,
    };
    let made = hub.store().back_up(to).await;
    let bytes = made.map_err(|error| from_backup(&error))?;
    tracing::info!(backup.bytes = bytes, "a backup was made");
    Ok(BackupReport {
        file: args.file,
        bytes,
        made_at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

pub(crate) async fn restore_status(hub: &Hub) -> Result<RestoreStatus, HubError> {
    let Some(restored) = hub.read(|reader| reader.restored()).await? else {
        return Ok(RestoreStatus::default());
    };
    let connections = list_connections(hub).await?;
    let since = restored.restored_at;
    let lost = hub
        .read(move |reader| reader.tokens_lost_since(since))
        .await?;
    let people = lost.into_iter().filter_map(|lost| {
        let place = connections.iter().find(|view| view.id == lost.connection)?;
        Some(SignInAgain {
            person: lost.person,
            name: lost.name,
            connection: lost.connection,
            platform: place.platform,
        })
    });
    Ok(RestoreStatus {
        restored: Some(view(restored)),
        people: people.collect(),
        connections: connections.into_iter().filter(is_refused).collect(),
    })
}

fn is_refused(view: &ConnectionView) -> bool {
    match view.health.state {
        HealthState::NeedsAuthorisation => true,
        HealthState::Connecting
        | HealthState::Connected
        | HealthState::Degraded
        | HealthState::Paused => false,
    }
}

fn view(restored: Restored) -> RestoredView {
    RestoredView {
        made_at: restored.made_at,
        restored_at: restored.restored_at,
        resumed_at: restored.resumed_at,
    }
}
