//! The schema, as the migrations that lead to it. A published migration is never edited: a change
//! is a new file at the end of the list.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::StoreError;

const STEPS: &[M<'static>] = &[
    M::up(include_str!("v1_core.sql")),
    M::up(include_str!("v2_ledger.sql")),
    M::up(include_str!("v3_consent.sql")),
    M::up(include_str!("v4_proof.sql")),
    M::up(include_str!("v5_lean.sql")),
    M::up(include_str!("v6_sign_in_ends.sql")),
];

/// The newest version this program knows.
pub(crate) const KNOWN: i64 = STEPS.len() as i64;

/// The version of an opened database; 0 for one without tables.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a database to the newest version, in one transaction.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    Migrations::from_slice(STEPS)
        .to_latest(connection)
        .map_err(from_migration)
}

/// Brings a fresh database to an earlier version, as an earlier program would have.
#[cfg(test)]
pub(crate) fn migrate_to(connection: &mut Connection, version: usize) -> Result<(), StoreError> {
    Migrations::from_slice(STEPS)
        .to_version(connection, version)
        .map_err(from_migration)
}

fn from_migration(error: rusqlite_migration::Error) -> StoreError {
    match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        // The version was checked before, and the list is ours: the file changed under us.
        _ => StoreError::Corrupt,
    }
}
