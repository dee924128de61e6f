//! What ends a command early, and the exit code that says so.

use std::process::ExitCode;

use causeway_hub::api::{ErrorCode, HubError};

#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Hub(#[from] HubError),
    #[error("{0}")]
    Usage(String),
    /// Nobody reads what is printed any more, or the disk is full.
    #[error("What was asked for could not be written: {0}")]
    Output(#[from] std::io::Error),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl Failed {
    /// The codes that `causeway --help` documents.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Output(_) | Self::Other(_) => 1,
            Self::Hub(error) => match error.code {
                ErrorCode::InvalidArgument => 2,
                ErrorCode::FolderLocked
                | ErrorCode::FolderUnwritable
                | ErrorCode::WrongKey
                | ErrorCode::KeyMissing
                | ErrorCode::KeychainFailed
                | ErrorCode::NewerSchema
                | ErrorCode::CorruptDatabase
                | ErrorCode::DiskFull
                | ErrorCode::DatabaseFailed
                | ErrorCode::FolderNotEmpty => 3,
                ErrorCode::NotAuthorised
                | ErrorCode::Forbidden
                | ErrorCode::Throttled
                | ErrorCode::Unreachable
                | ErrorCode::PlatformRejected
                | ErrorCode::WrongOrganisation
                | ErrorCode::WrongAccount
                | ErrorCode::Declined
                | ErrorCode::Expired => 4,
                ErrorCode::BackupExists
                | ErrorCode::BackupUnwritable
                | ErrorCode::BackupUnreadable
                | ErrorCode::BackupDamaged
                | ErrorCode::BackupNewer
                | ErrorCode::WrongPassphrase
                | ErrorCode::NotFound
                | ErrorCode::Ambiguous
                | ErrorCode::AlreadyPaired
                | ErrorCode::NotPaired
                | ErrorCode::NotPairable
                | ErrorCode::ListenerFailed
                | ErrorCode::HubUnavailable
                | ErrorCode::Internal => 1,
            },
        })
    }
}
