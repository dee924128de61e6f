//! What keeps a backup from being made or restored, for a person. The relay goes on either way.

use causeway_store::{Passphrase, StoreError};

use crate::{
    api::{ErrorCode, HubError, Severity},
    error::{failed, from_store},
};

/// What was in the way of a backup.
pub(crate) fn from_backup(error: &StoreError) -> HubError {
    match error {
        StoreError::DiskFull => failed(
            ErrorCode::DiskFull,
            "The disk of the backup is full: no backup was made. The relay goes on.",
        )
        .hint("While it is made, a backup takes twice the room of the database.")
        .action("Free some space, or give a place on another disk.")
        .build(),
        other => HubError {
            severity: Severity::Failed,
            ..from_store(other)
        },
    }
}

/// What was in the way of a restore, which leaves the folder as it was.
pub(crate) fn from_restore(error: &StoreError) -> HubError {
    let (code, message, action) = match error {
        StoreError::KeyTaken => (
            ErrorCode::WrongKey,
            "Another key lies where the backup's would go; it was left there.".to_owned(),
            "Name a key file that does not exist yet with --key-file.",
        ),
        StoreError::FolderNotEmpty => (
            ErrorCode::FolderNotEmpty,
            "The folder holds something: a backup is restored into an empty folder only, so that \
             it replaces nothing."
                .to_owned(),
            "Give another folder with --home, or move what is in this one away.",
        ),
        StoreError::BackupExists => (
            ErrorCode::BackupExists,
            "There is something already where the backup was to go; it was left as it is."
                .to_owned(),
            "Give another name, or --force to replace that file.",
        ),
        StoreError::BackupUnwritable(kind) => (
            ErrorCode::BackupUnwritable,
            format!("The backup cannot be written there ({kind}); none was made."),
            "Check that the folder exists and belongs to you, or give another place.",
        ),
        StoreError::BackupUnreadable(kind) => (
            ErrorCode::BackupUnreadable,
            format!("The backup cannot be read ({kind}); nothing was restored."),
            "Check the file's name, and that you may read it.",
        ),
        StoreError::BackupDamaged => (
            ErrorCode::BackupDamaged,
            "The file is no backup of Causeway's, or not as it was made: nothing was restored."
                .to_owned(),
            "Copy it again from where it is kept, or take another backup.",
        ),
        StoreError::BackupNewer { found, known } => (
            ErrorCode::BackupNewer,
            format!(
                "A newer Causeway has made this backup (format {found}; this one knows {known})."
            ),
            "Restore it with the newer version.",
        ),
        StoreError::WrongPassphrase => (
            ErrorCode::WrongPassphrase,
            "The passphrase does not open this backup; nothing was restored.".to_owned(),
            "Try the passphrase that it was made with. Without it nobody can open the backup.",
        ),
        StoreError::NewerSchema { found, known } => (
            ErrorCode::NewerSchema,
            format!(
                "A newer Causeway has made this backup (database version {found}; this one knows \
                 {known})."
            ),
            "Restore it with the newer version.",
        ),
        StoreError::DiskFull => (
            ErrorCode::DiskFull,
            "The disk is full: nothing was restored.".to_owned(),
            "Free some space, or give a folder on another disk with --home.",
        ),
        other => {
            return HubError {
                severity: Severity::Failed,
                ..from_store(other)
            };
        }
    };
    failed(code, message).action(action).build()
}

/// # Errors
/// When it is too short; it is not repeated.
pub(crate) fn passphrase(text: &str) -> Result<Passphrase, HubError> {
    Passphrase::new(text).ok_or_else(|| {
        failed(
            ErrorCode::InvalidArgument,
            format!(
                "A passphrase has {} letters or more: whoever gets the backup can try as many as \
                 they like.",
                Passphrase::SHORTEST
            ),
        )
        .action("Give a longer one: four or five words that do not belong together.")
        .build()
    })
}
