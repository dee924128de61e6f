//! Opening a data folder: lock, key, check, backup, migration. Whatever fails, fails before the
//! database file is written to.

use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::key::{self, Key, KeyHome, KeySource, random_bytes};
use crate::{StoreError, files, schema};

/// How to open a store.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The data folder; made when missing.
    pub folder: PathBuf,
    pub key: KeySource,
    pub writer: Writer,
}

/// Where the store's work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// Writes on a thread of their own, several to a commit; reads on a few read-only connections.
    Thread,
    /// Everything in the caller's place, in the caller's order: for simulations.
    Inline,
}

pub(crate) const DATABASE: &str = "causeway.db";
pub(crate) const CHECK: &str = "causeway.db.check";
pub(crate) const LOCK: &str = "lock";

/// What opening yields.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) files: Files,
    pub(crate) key_home: KeyHome,
    /// Held as long as anything may write.
    pub(crate) lock: Arc<File>,
}

/// An opened folder's database and key: enough for further connections.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    folder: PathBuf,
    /// The database's name in it.
    name: &'static str,
    key: Key,
}

pub(crate) fn open(options: &OpenOptions) -> Result<Opened, StoreError> {
    let folder = &options.folder;
    files::private_folder(folder)?;
    let lock = Arc::new(lock(folder)?);
    let existing = file_length(&folder.join(DATABASE))?;
    let (key, key_home) = key::obtain(&options.key, folder, existing.unwrap_or(0) > 0)?;
    let files = Files::new(folder.clone(), DATABASE, key);
    files.refuse_wrong_key(existing)?;
    if existing.unwrap_or(0) > 0 {
        files.prepare_existing()?;
    } else {
        drop(files::private_file(&files.database())?);
    }
    let connection = files.open_migrated()?;
    if !files.has_check() {
        checkpoint(&connection)?;
        files.write_check()?;
    }
    Ok(Opened {
        connection,
        files,
        key_home,
        lock,
    })
}

pub(crate) fn lock(folder: &Path) -> Result<File, StoreError> {
    let file = files::private_file(&folder.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::FolderLocked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn file_length(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(path) {
        Ok(facts) => Ok(Some(facts.len())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Files {
    pub(crate) fn new(folder: PathBuf, name: &'static str, key: Key) -> Self {
        Self { folder, name, key }
    }

    /// A further connection that can only read.
    pub(crate) fn open_reader(&self) -> Result<Connection, StoreError> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        tune(&connection)?;
        Ok(connection)
    }

    /// An empty database elsewhere, under the same key, to be copied into. Whoever copies makes it
    /// durable.
    pub(crate) fn open_copy(&self, path: &Path) -> Result<Connection, StoreError> {
        let connection = self.connect_to(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch("PRAGMA synchronous = OFF;")?;
        Ok(connection)
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    fn database(&self) -> PathBuf {
        self.folder.join(self.name)
    }

    /// The side file tells a wrong key from a damaged file, which to SQLCipher look the same.
    fn refuse_wrong_key(&self, existing: Option<u64>) -> Result<(), StoreError> {
        let Some(length) = existing else {
            return Ok(());
        };
        let Ok(expected) = fs::read_to_string(self.folder.join(CHECK)) else {
            return Ok(());
        };
        if expected.trim() != self.key.check_value() {
            return Err(StoreError::WrongKey);
        }
        // The side file is written once the database holds something.
        if length == 0 {
            return Err(StoreError::Corrupt);
        }
        Ok(())
    }

    /// Reads the version without writing; keeps a copy when the database is about to be migrated.
    fn prepare_existing(&self) -> Result<(), StoreError> {
        let found = self.refuse_newer()?;
        if (1..schema::KNOWN).contains(&found) {
            self.back_up(found)?;
        }
        Ok(())
    }

    /// The database's version, read without writing, where this program knows it.
    pub(crate) fn refuse_newer(&self) -> Result<i64, StoreError> {
        let found = self.read_version()?;
        if found > schema::KNOWN {
            return Err(StoreError::NewerSchema {
                found,
                known: schema::KNOWN,
            });
        }
        Ok(found)
    }

    fn read_version(&self) -> Result<i64, StoreError> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let readable = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        match readable {
            Ok(()) => Ok(schema::version(&connection)?),
            Err(error) => Err(self.unreadable(error)),
        }
    }

    /// What an unreadable first page means. With the side file the key is known to be right;
    /// without it, whatever still has the shape of an encrypted file is taken to have another key.
    fn unreadable(&self, error: rusqlite::Error) -> StoreError {
        match StoreError::from(error) {
            StoreError::Corrupt if !self.folder.join(CHECK).exists() && self.looks_encrypted() => {
                StoreError::WrongKey
            }
            other => other,
        }
    }

    fn looks_encrypted(&self) -> bool {
        const PAGE: u64 = 4096;
        let mut head = [0; 16];
        let read = File::open(self.database()).and_then(|mut file| {
            file.read_exact(&mut head)?;
            file.metadata()
        });
        read.is_ok_and(|facts| {
            facts.len() % PAGE == 0 && &head != b"SQLite format 3\0" && head != [0; 16]
        })
    }

    fn back_up(&self, version: i64) -> Result<(), StoreError> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        checkpoint(&connection)?;
        // Closed first: closing any other handle to the file would drop this connection's locks.
        connection.close().map_err(|(_, error)| error)?;
        let copy = self.folder.join(format!("{DATABASE}.v{version}.bak"));
        files::copy_durably(&self.database(), &copy)?;
        tracing::info!(
            schema.version = version,
            "kept a copy of the database before migrating it"
        );
        Ok(())
    }

    pub(crate) fn open_migrated(&self) -> Result<Connection, StoreError> {
        let mut connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        tune(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", "ON")?;
        schema::migrate(&mut connection)?;
        make_digest_key(&connection)?;
        Ok(connection)
    }

    fn has_check(&self) -> bool {
        self.folder.join(CHECK).exists()
    }

    pub(crate) fn write_check(&self) -> Result<(), StoreError> {
        let value = format!("{}\n", self.key.check_value());
        files::write_durably(&self.folder.join(CHECK), value.as_bytes())?;
        Ok(())
    }

    fn connect(&self, mode: OpenFlags) -> Result<Connection, StoreError> {
        self.connect_to(&self.database(), mode)
    }

    fn connect_to(&self, path: &Path, mode: OpenFlags) -> Result<Connection, StoreError> {
        let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        // SQLCipher would print what it thinks of a wrong key or a damaged page to stderr.
        connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
        let key = format!("PRAGMA key = \"x'{}'\";", self.key.to_hex());
        connection.execute_batch(&key)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        Ok(connection)
    }
}

/// What every connection needs. `cipher_memory_security` stays off: SQLCipher wipes its keys in
/// any case, and wiping all of SQLite's memory besides costs more than it keeps from someone who
/// can already read this process.
fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;
         PRAGMA trusted_schema = OFF;",
    )?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// Moves everything from the write-ahead log into the database and empties the log.
pub(crate) fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    let blocked: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if blocked == 0 {
        Ok(())
    } else {
        Err(StoreError::Busy)
    }
}

fn make_digest_key(connection: &Connection) -> Result<(), StoreError> {
    let key = data_encoding::HEXLOWER.encode(&random_bytes()?);
    connection.execute(
        "INSERT INTO meta (name, value) VALUES ('digest_key', ?1) ON CONFLICT (name) DO NOTHING",
        [key],
    )?;
    Ok(())
}
