//! One file that holds a consistent copy of the database and, wrapped under a passphrase, its key.
//!
//! The file is a [`header`] and behind it the copy as SQLCipher encrypts it: text and tokens stand
//! nowhere else. The copy is made by SQLite's online backup from a connection of its own, in one
//! read transaction, so that it is of one moment and nobody who writes waits for it.

mod header;
mod make;
mod passphrase;
mod restore;
mod scratch;
mod wrap;

use std::io;
use std::path::PathBuf;

use causeway_model::Timestamp;

pub(crate) use make::make;
pub use passphrase::Passphrase;
pub use restore::{RestoreFrom, Revived, restore};

use crate::StoreError;

/// Where a backup goes.
#[derive(Debug, Clone)]
pub struct BackupTo {
    pub file: PathBuf,
    pub passphrase: Passphrase,
    /// Whether a file that is there may be replaced.
    pub overwrite: bool,
    pub now: Timestamp,
}

fn unwritable(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
        other => StoreError::BackupUnwritable(other),
    }
}

fn unreadable(error: &io::Error) -> StoreError {
    match error.kind() {
        // It became shorter while it was read.
        io::ErrorKind::UnexpectedEof => StoreError::BackupDamaged,
        other => StoreError::BackupUnreadable(other),
    }
}
