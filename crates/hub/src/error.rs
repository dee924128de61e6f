//! From what went wrong inside to what the faces are told.

use causeway_engine::{EngineError, SystemRandom};
use causeway_model::{Failure, FailureKind, Random};
use causeway_store::{Conflict, StoreError};

use crate::{
    api::{ErrorCode, HubError, Severity},
    backup_error::from_restore,
};

/// Begins an error of a use case that was not done.
pub(crate) fn failed(code: ErrorCode, message: impl Into<String>) -> Draft {
    Draft(HubError {
        code,
        message: message.into(),
        hint: None,
        action: None,
        severity: Severity::Failed,
        correlation_id: format!("{:032x}", SystemRandom::new().bits()),
    })
}

/// An error that is still being written.
pub(crate) struct Draft(HubError);

impl Draft {
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn action(mut self, action: impl Into<String>) -> Self {
        self.0.action = Some(action.into());
        self
    }

    pub(crate) fn blocking(mut self) -> Self {
        self.0.severity = Severity::Blocking;
        self
    }

    pub(crate) fn build(self) -> HubError {
        self.0
    }
}

impl From<Draft> for HubError {
    fn from(draft: Draft) -> Self {
        draft.build()
    }
}

/// A platform's refusal, for someone who was connecting `what`.
pub(crate) fn from_failure(failure: &Failure, what: &str) -> HubError {
    let code = &failure.code;
    let (error, message, action) = match failure.kind {
        FailureKind::Throttled { .. } => (
            ErrorCode::Throttled,
            format!("{what} asks for a pause ({code})."),
            "Try again in a minute.",
        ),
        FailureKind::NotSent | FailureKind::Unknown => (
            ErrorCode::Unreachable,
            format!("{what} could not be reached ({code})."),
            "Check the network and the base URL, and try again.",
        ),
        FailureKind::NotAuthorised => (
            ErrorCode::NotAuthorised,
            format!("{what} did not accept the credentials ({code})."),
            "Copy them again from the platform's console and connect once more.",
        ),
        FailureKind::Forbidden => (
            ErrorCode::Forbidden,
            format!("{what} does not allow this to the hub ({code})."),
            "Grant the missing permission in the platform's console.",
        ),
        FailureKind::Gone => (
            ErrorCode::NotFound,
            format!("{what} does not know what was asked for ({code})."),
            "Check the names and ids that were given.",
        ),
        FailureKind::NotSupported | FailureKind::Rejected => (
            ErrorCode::PlatformRejected,
            format!("{what} refused the request ({code})."),
            "Check what was given; if it is right, report this with the correlation id.",
        ),
    };
    failed(error, message)
        .hint(format!("While doing: {}.", failure.detail))
        .action(action)
        .build()
}

/// What the store says, for a person.
pub(crate) fn from_store(error: &StoreError) -> HubError {
    let (code, message, action) = match error {
        StoreError::WrongKey => (
            ErrorCode::WrongKey,
            "The key does not open this folder's database.".to_owned(),
            "Give the key file that belongs to it, or put the folder's own key back.",
        ),
        StoreError::NewerSchema { found, known } => (
            ErrorCode::NewerSchema,
            format!(
                "A newer Causeway has written this database (version {found}; this one knows {known})."
            ),
            "Start the newer version, or restore the backup from before it.",
        ),
        StoreError::Corrupt => (
            ErrorCode::CorruptDatabase,
            "The database file is damaged; it was left as it is.".to_owned(),
            "Restore a backup of the folder.",
        ),
        StoreError::DiskFull => (
            ErrorCode::DiskFull,
            "The disk is full: nothing more can be kept, so nothing more is acknowledged."
                .to_owned(),
            "Free some space; the relay then goes on by itself.",
        ),
        StoreError::FolderLocked => (
            ErrorCode::FolderLocked,
            "Another Causeway is using this folder and does not answer.".to_owned(),
            "Stop it, or give another folder with --home.",
        ),
        StoreError::FolderUnwritable(kind) => (
            ErrorCode::FolderUnwritable,
            format!("The data folder cannot be used ({kind})."),
            "Check that it belongs to you and can be written.",
        ),
        StoreError::KeyMissing => (
            ErrorCode::KeyMissing,
            "There is a database here, but its key was not found.".to_owned(),
            "Put the key file back, or name it with --key-file.",
        ),
        StoreError::KeyUnreadable => (
            ErrorCode::KeyMissing,
            "The key file does not hold a key of 64 hexadecimal digits.".to_owned(),
            "Put the right key file back.",
        ),
        StoreError::KeychainFailed => (
            ErrorCode::KeychainFailed,
            "The system's keychain is locked or does not answer.".to_owned(),
            "Unlock it and try again, or name a key file with --key-file.",
        ),
        StoreError::NotFound(what) => (
            ErrorCode::NotFound,
            format!("There is no such {what}."),
            "Look it up again: it may have changed meanwhile.",
        ),
        StoreError::Conflict(conflict) => return from_conflict(*conflict),
        StoreError::KeyTaken
        | StoreError::FolderNotEmpty
        | StoreError::BackupExists
        | StoreError::BackupUnwritable(_)
        | StoreError::BackupUnreadable(_)
        | StoreError::BackupDamaged
        | StoreError::BackupNewer { .. }
        | StoreError::WrongPassphrase => return from_restore(error),
        StoreError::Busy
        | StoreError::Closed
        | StoreError::Malformed
        | StoreError::Database { .. } => (
            ErrorCode::DatabaseFailed,
            format!(
                "The database did not do what it was asked ({}).",
                error.code()
            ),
            "Try again; if it stays, report this with the correlation id.",
        ),
    };
    let draft = failed(code, message).action(action);
    match error {
        StoreError::NotFound(_) => draft.build(),
        _ => draft.blocking().build(),
    }
}

fn from_conflict(conflict: Conflict) -> HubError {
    let (code, action) = match conflict {
        Conflict::AlreadyPaired | Conflict::OtherPrimary => (
            ErrorCode::AlreadyPaired,
            "Unpair them first to choose something else.",
        ),
        Conflict::AccountTaken | Conflict::NotTheirAccount => (
            ErrorCode::NotPairable,
            "Choose another account, or the app.",
        ),
        Conflict::WrongState | Conflict::ContentForgotten | Conflict::AlreadyAsked => (
            ErrorCode::InvalidArgument,
            "Look at the delivery again: it has moved on.",
        ),
        Conflict::ConversationTaken | Conflict::CopyTaken => {
            (ErrorCode::Internal, "Report this with the correlation id.")
        }
    };
    let words = conflict.to_string();
    let mut letters = words.chars();
    let sentence: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    failed(code, format!("{sentence}.")).action(action).build()
}

pub(crate) fn from_engine(error: &EngineError) -> HubError {
    match error {
        EngineError::Store(error) => from_store(error),
        EngineError::Platform(failure) => from_failure(failure, "The platform"),
    }
}
