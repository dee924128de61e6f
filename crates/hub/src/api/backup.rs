//! A copy of all that the hub knows, and what became of a hub that was made from one.

use causeway_model::{ConnectionId, PersonId, Platform, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConnectionView, KeyPlace};

/// Makes one file of the database as it is now and, wrapped under a passphrase, its key.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct Backup {
    /// Where it goes: a whole path, on the machine of the hub.
    pub file: String,
    /// Twelve letters at least.
    pub passphrase: String,
    /// Whether a file that is there may be replaced.
    #[serde(default)]
    pub overwrite: bool,
}

/// The passphrase is never shown.
impl std::fmt::Debug for Backup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backup(..)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupReport {
    pub file: String,
    #[ts(type = "number")]
    pub bytes: u64,
    pub made_at: Timestamp,
    /// Of the Causeway that made it.
    pub version: String,
}

/// What a folder holds that a backup was taken into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RestoreReport {
    /// The data folder.
    pub home: String,
    /// When the backup was made.
    pub made_at: Timestamp,
    pub key: KeyPlace,
    /// Deliveries that had not ended at the backup: each is looked for before it is sent.
    #[ts(type = "number")]
    pub unsettled: u64,
}

/// Whether this hub was made from a backup, and what that still asks for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct GetRestore {}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RestoreStatus {
    /// None where this hub never was a backup.
    pub restored: Option<RestoredView>,
    /// Those that must be connected again: their credentials were refused.
    pub connections: Vec<ConnectionView>,
    /// Those whose own account was refused since, by connection and name: they must sign in again.
    pub people: Vec<SignInAgain>,
}

/// The newest restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RestoredView {
    pub made_at: Timestamp,
    pub restored_at: Timestamp,
    /// None while it still waits to be allowed to send.
    pub resumed_at: Option<Timestamp>,
}

/// Somebody whose token in the backup is no good any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignInAgain {
    pub person: PersonId,
    pub name: String,
    pub connection: ConnectionId,
    pub platform: Platform,
}
