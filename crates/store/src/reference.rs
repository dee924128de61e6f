//! A yardstick beside the schema: what this machine's disk and SQLCipher give a commit of plain
//! rows, so that the relay's figures can be told as shares of it.

use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;
use crate::key::Key;

/// Bytes in a row.
const ROW: usize = 200;

/// A database of its own with one plain table, under a fresh key that nobody keeps.
pub struct Reference {
    connection: Connection,
    row: [u8; ROW],
}

impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reference").finish_non_exhaustive()
    }
}

impl Reference {
    /// Makes the file, encrypted, with a write-ahead log and `synchronous=FULL`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(file: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(file)?;
        let key = Key::fresh()?.to_hex();
        connection.execute_batch(&format!("PRAGMA key = \"x'{key}'\";"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE reference (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;",
        )?;
        Ok(Self {
            connection,
            row: [0x5a; ROW],
        })
    }

    /// Commits so many rows of 200 bytes together; they are on the disk when this returns.
    ///
    /// # Errors
    /// As every write.
    pub fn commit(&mut self, rows: u32) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO reference (body) VALUES (?1)")?;
            for _ in 0..rows {
                insert.execute([&self.row[..]])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}
