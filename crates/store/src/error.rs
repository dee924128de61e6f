//! What can go wrong with the store, as a closed list.

use std::io;

use rusqlite::ErrorCode;

/// A failed operation. It never carries SQL, values, names or addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The key at hand is not the one the database was made with.
    #[error("the key does not open this database")]
    WrongKey,
    /// A newer Causeway has written this database.
    #[error("the database has schema version {found}; this Causeway knows versions up to {known}")]
    NewerSchema { found: i64, known: i64 },
    /// The file, or a page of it, is not what was written.
    #[error("the database file is damaged")]
    Corrupt,
    /// No room is left; nothing of what was to be committed was kept.
    #[error("the disk is full")]
    DiskFull,
    /// Another process works with this folder.
    #[error("another Causeway is using this folder")]
    FolderLocked,
    /// The folder, or a file in it, cannot be made, read or written.
    #[error("the data folder cannot be used: {0}")]
    FolderUnwritable(io::ErrorKind),
    /// There is a database, and its key is not where it was looked for.
    #[error("the database's key was not found")]
    KeyMissing,
    /// A key file does not hold 64 hexadecimal digits.
    #[error("the key file does not hold a key")]
    KeyUnreadable,
    /// The system's keychain was wanted and did not answer, or refused.
    #[error("the keychain cannot be used")]
    KeychainFailed,
    /// Another key lies where a restored one would go.
    #[error("another key lies where this one would go")]
    KeyTaken,
    /// A backup is taken into an empty folder only.
    #[error("the folder is not empty")]
    FolderNotEmpty,
    /// There is a file where the backup is to be.
    #[error("the backup's file exists already")]
    BackupExists,
    #[error("the backup cannot be written: {0}")]
    BackupUnwritable(io::ErrorKind),
    #[error("the backup cannot be read: {0}")]
    BackupUnreadable(io::ErrorKind),
    /// The file is not, or no longer, what was written as a backup.
    #[error("the backup is damaged")]
    BackupDamaged,
    /// A newer Causeway has written this backup.
    #[error("the backup has format {found}; this Causeway knows formats up to {known}")]
    BackupNewer { found: u16, known: u16 },
    #[error("the passphrase does not open this backup")]
    WrongPassphrase,
    /// The database was held by someone else for too long.
    #[error("the database is busy")]
    Busy,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// The row that was named does not exist.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The rows as they are do not allow it.
    #[error("{0}")]
    Conflict(#[from] Conflict),
    /// A stored value is not one that this version writes.
    #[error("a stored value cannot be read")]
    Malformed,
    /// Anything else that SQLite reports, by its extended result code.
    #[error("the database failed with code {code}")]
    Database { code: i32 },
}

/// Why the rows as they are do not allow an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    #[error("the person is already paired on this connection")]
    AlreadyPaired,
    #[error("the account already stands for someone in an active pairing")]
    AccountTaken,
    #[error("the account cannot belong to this person")]
    NotTheirAccount,
    #[error("the person's other pairings have another primary account")]
    OtherPrimary,
    #[error("the conversation already is a leg")]
    ConversationTaken,
    #[error("the message on this leg is already known as a copy of another")]
    CopyTaken,
    #[error("the delivery's content is forgotten, so it cannot be sent again")]
    ContentForgotten,
    #[error("the delivery is not in a state that allows this")]
    WrongState,
    #[error("the hub has asked for this account before")]
    AlreadyAsked,
}

impl StoreError {
    /// The code that interfaces show and translate.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKey => "store_wrong_key",
            Self::NewerSchema { .. } => "store_newer_schema",
            Self::Corrupt => "store_corrupt",
            Self::DiskFull => "store_disk_full",
            Self::FolderLocked => "store_folder_locked",
            Self::FolderUnwritable(_) => "store_folder_unwritable",
            Self::KeyMissing => "store_key_missing",
            Self::KeyUnreadable => "store_key_unreadable",
            Self::KeychainFailed => "store_keychain_failed",
            Self::KeyTaken => "store_key_taken",
            Self::FolderNotEmpty => "store_folder_not_empty",
            Self::BackupExists => "store_backup_exists",
            Self::BackupUnwritable(_) => "store_backup_unwritable",
            Self::BackupUnreadable(_) => "store_backup_unreadable",
            Self::BackupDamaged => "store_backup_damaged",
            Self::BackupNewer { .. } => "store_backup_newer",
            Self::WrongPassphrase => "store_wrong_passphrase",
            Self::Busy => "store_busy",
            Self::Closed => "store_closed",
            Self::NotFound(_) => "store_not_found",
            Self::Conflict(conflict) => conflict.code(),
            Self::Malformed => "store_malformed",
            Self::Database { .. } => "store_database",
        }
    }
}

impl Conflict {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AlreadyPaired => "store_already_paired",
            Self::AccountTaken => "store_account_taken",
            Self::NotTheirAccount => "store_not_their_account",
            Self::OtherPrimary => "store_other_primary",
            Self::ConversationTaken => "store_conversation_taken",
            Self::CopyTaken => "store_copy_taken",
            Self::ContentForgotten => "store_content_forgotten",
            Self::WrongState => "store_wrong_state",
            Self::AlreadyAsked => "store_already_asked",
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            other => Self::FolderUnwritable(other),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, _)
            | rusqlite::Error::SqlInputError { error: failure, .. } => from_sqlite(failure),
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..) => Self::Malformed,
            other => {
                tracing::error!(
                    error.kind = ?std::mem::discriminant(&other),
                    "a statement of the store is wrong"
                );
                Self::Database { code: -1 }
            }
        }
    }
}

fn from_sqlite(failure: rusqlite::ffi::Error) -> StoreError {
    match failure.code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt,
        ErrorCode::DiskFull => StoreError::DiskFull,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            StoreError::FolderUnwritable(io::ErrorKind::PermissionDenied)
        }
        _ => StoreError::Database {
            code: failure.extended_code,
        },
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(_: serde_json::Error) -> Self {
        Self::Malformed
    }
}
