//! Errors as the faces get them: a code from a closed list, and words.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong, who is affected, and the one thing to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, TS)]
#[error("{message}")]
pub struct HubError {
    pub code: ErrorCode,
    /// What happened, and to whom.
    pub message: String,
    /// Why it may have happened.
    pub hint: Option<String>,
    /// The one thing to do.
    pub action: Option<String>,
    pub severity: Severity,
    /// Finds the same event in the logs.
    pub correlation_id: String,
}

impl HubError {
    /// An error of a face's own, which no log of the hub speaks of.
    #[must_use]
    pub fn told(code: ErrorCode, message: impl Into<String>, action: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
            action: Some(action.into()),
            severity: Severity::Failed,
            correlation_id: String::new(),
        }
    }

    /// The same where messages do not flow until someone acts.
    #[must_use]
    pub fn blocking(self) -> Self {
        Self {
            severity: Severity::Blocking,
            ..self
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// What was asked for was not done; everything else goes on.
    Failed,
    /// Messages do not flow until someone acts.
    Blocking,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The data folder is in use by another relay that does not answer.
    FolderLocked,
    FolderUnwritable,
    WrongKey,
    KeyMissing,
    KeychainFailed,
    NewerSchema,
    CorruptDatabase,
    DiskFull,
    DatabaseFailed,
    /// A backup is restored into an empty folder only.
    FolderNotEmpty,
    /// There is a file already where the backup was to go.
    BackupExists,
    BackupUnwritable,
    BackupUnreadable,
    /// The file is no backup, or not as it was made.
    BackupDamaged,
    /// A newer Causeway has made this backup.
    BackupNewer,
    WrongPassphrase,
    /// An argument is missing or makes no sense.
    InvalidArgument,
    NotFound,
    /// More than one thing fits.
    Ambiguous,
    AlreadyPaired,
    NotPaired,
    /// The account belongs to nobody who can be paired: a bot, the hub itself, or deactivated.
    NotPairable,
    /// The platform refused the hub's credentials.
    NotAuthorised,
    Forbidden,
    Throttled,
    Unreachable,
    PlatformRejected,
    /// Whoever signed in belongs to another organisation.
    WrongOrganisation,
    /// Whoever signed in is not the account that was asked for.
    WrongAccount,
    /// The person said no.
    Declined,
    /// It was not done in time.
    Expired,
    /// The address for the listener cannot be bound.
    ListenerFailed,
    /// The relay that holds the folder went away or speaks another version.
    HubUnavailable,
    Internal,
}

impl ErrorCode {
    pub const ALL: [Self; 34] = [
        Self::FolderLocked,
        Self::FolderUnwritable,
        Self::WrongKey,
        Self::KeyMissing,
        Self::KeychainFailed,
        Self::NewerSchema,
        Self::CorruptDatabase,
        Self::DiskFull,
        Self::DatabaseFailed,
        Self::FolderNotEmpty,
        Self::BackupExists,
        Self::BackupUnwritable,
        Self::BackupUnreadable,
        Self::BackupDamaged,
        Self::BackupNewer,
        Self::WrongPassphrase,
        Self::InvalidArgument,
        Self::NotFound,
        Self::Ambiguous,
        Self::AlreadyPaired,
        Self::NotPaired,
        Self::NotPairable,
        Self::NotAuthorised,
        Self::Forbidden,
        Self::Throttled,
        Self::Unreachable,
        Self::PlatformRejected,
        Self::WrongOrganisation,
        Self::WrongAccount,
        Self::Declined,
        Self::Expired,
        Self::ListenerFailed,
        Self::HubUnavailable,
        Self::Internal,
    ];

    /// The word the command line prints and documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FolderLocked => "folder_locked",
            Self::FolderUnwritable => "folder_unwritable",
            Self::WrongKey => "wrong_key",
            Self::KeyMissing => "key_missing",
            Self::KeychainFailed => "keychain_failed",
            Self::NewerSchema => "newer_schema",
            Self::CorruptDatabase => "corrupt_database",
            Self::DiskFull => "disk_full",
            Self::DatabaseFailed => "database_failed",
            Self::FolderNotEmpty => "folder_not_empty",
            Self::BackupExists => "backup_exists",
            Self::BackupUnwritable => "backup_unwritable",
            Self::BackupUnreadable => "backup_unreadable",
            Self::BackupDamaged => "backup_damaged",
            Self::BackupNewer => "backup_newer",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::InvalidArgument => "invalid_argument",
            Self::NotFound => "not_found",
            Self::Ambiguous => "ambiguous",
            Self::AlreadyPaired => "already_paired",
            Self::NotPaired => "not_paired",
            Self::NotPairable => "not_pairable",
            Self::NotAuthorised => "not_authorised",
            Self::Forbidden => "forbidden",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::PlatformRejected => "platform_rejected",
            Self::WrongOrganisation => "wrong_organisation",
            Self::WrongAccount => "wrong_account",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::ListenerFailed => "listener_failed",
            Self::HubUnavailable => "hub_unavailable",
            Self::Internal => "internal",
        }
    }
}
