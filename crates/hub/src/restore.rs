//! Making a hub from a backup, in a folder where there is none.

use std::path::PathBuf;

use causeway_engine::SystemClock;
use causeway_model::Clock;
use causeway_store::{KeyHome, RestoreFrom, StoreError};

use crate::{
    KeyChoice,
    api::{HubError, KeyPlace, RestoreReport},
    backup_error::{from_restore, passphrase},
};

/// Which backup becomes a hub, and where.
#[derive(Clone)]
pub struct Restore {
    pub file: PathBuf,
    pub passphrase: String,
    /// The data folder: missing, or empty.
    pub home: PathBuf,
    pub key: KeyChoice,
}

/// Restores a backup. The hub that is opened there next is paused, and looks for everything that may
/// have been sent since the backup before it sends it.
///
/// # Errors
/// With the code that says why not; the folder is left as it was.
pub async fn restore(restore: Restore) -> Result<RestoreReport, HubError> {
    let from = RestoreFrom {
        file: restore.file,
        passphrase: passphrase(&restore.passphrase)?,
        folder: restore.home.clone(),
        key: restore.key.source(),
        now: SystemClock.now(),
    };
    let restored = tokio::task::spawn_blocking(move || causeway_store::restore(&from)).await;
    let revived = restored
        .unwrap_or(Err(StoreError::Closed))
        .map_err(|error| from_restore(&error))?;
    Ok(RestoreReport {
        home: restore.home.display().to_string(),
        made_at: revived.made_at,
        key: match revived.key_home {
            KeyHome::Keychain => KeyPlace::Keychain,
            KeyHome::File(_) => KeyPlace::KeyFile,
        },
        unsettled: revived.unsettled,
    })
}
