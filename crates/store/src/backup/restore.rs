//! Taking a backup into a folder of its own.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use causeway_model::Timestamp;
use tokio::sync::watch;

use super::header::{self, LENGTH, Terms};
use super::scratch::Scratch;
use super::wrap::{Inside, unseal};
use super::{Passphrase, unreadable};
use crate::key::{self, KeyHome, KeySource};
use crate::open::{self, Files};
use crate::writer::{self, Job, Writing};
use crate::{StoreError, files, schema};

/// What to restore, and where.
#[derive(Debug, Clone)]
pub struct RestoreFrom {
    pub file: PathBuf,
    pub passphrase: Passphrase,
    /// Missing, or empty.
    pub folder: PathBuf,
    pub key: KeySource,
    pub now: Timestamp,
}

/// What a restored folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revived {
    pub made_at: Timestamp,
    pub key_home: KeyHome,
    /// Deliveries that the backup knows and nobody had settled.
    pub unsettled: u64,
}

/// The name under which the database is made ready: a folder that a crash leaves behind holds no
/// database that could be relayed from.
const UNFINISHED: &str = "causeway.db.restoring";

/// Checks the whole file, then puts its database and key into the folder, migrated, paused, and
/// marked as restored. Blocks.
///
/// # Errors
/// Whatever fails leaves the folder as empty as it was.
pub fn restore(from: &RestoreFrom) -> Result<Revived, StoreError> {
    refuse_used(&from.folder)?;
    let (terms, inside) = check(from)?;
    let existed = from.folder.exists();
    let restored = install(from, &terms, inside);
    if restored.is_err() && !existed {
        // Only where nothing is left in it.
        drop(fs::remove_dir(&from.folder));
    }
    restored
}

fn refuse_used(folder: &Path) -> Result<(), StoreError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(StoreError::FolderNotEmpty),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(StoreError::FolderNotEmpty)
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads all of the file and writes nothing.
fn check(from: &RestoreFrom) -> Result<(Terms, Inside), StoreError> {
    let failed = |error: io::Error| unreadable(&error);
    let mut file = File::open(&from.file).map_err(failed)?;
    let mut head = Vec::with_capacity(LENGTH);
    let mut first = (&mut file).take(LENGTH as u64);
    first.read_to_end(&mut head).map_err(failed)?;
    let (terms, sealed) = header::read(&head)?;
    let length = file.metadata().map_err(failed)?.len();
    if terms.length.checked_add(LENGTH as u64) != Some(length) {
        return Err(StoreError::BackupDamaged);
    }
    let inside = unseal(sealed, &terms, &from.passphrase)?;
    if digest_of(BufReader::new(file)).map_err(failed)? != inside.digest {
        return Err(StoreError::BackupDamaged);
    }
    let found = i64::from(terms.schema);
    if found > schema::KNOWN {
        return Err(StoreError::NewerSchema {
            found,
            known: schema::KNOWN,
        });
    }
    Ok((terms, inside))
}

fn digest_of(mut copy: impl Read) -> io::Result<[u8; 32]> {
    let mut digest = Context::new(&SHA256);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match copy.read(&mut buffer)? {
            0 => break,
            read => digest.update(&buffer[..read]),
        }
    }
    let digest = digest.finish();
    let bytes = digest.as_ref().first_chunk().copied();
    Ok(bytes.expect("SHA-256 has 32 bytes"))
}

fn install(from: &RestoreFrom, terms: &Terms, inside: Inside) -> Result<Revived, StoreError> {
    let folder = &from.folder;
    files::private_folder(folder)?;
    let lock_file = Scratch::new(folder.join(open::LOCK));
    let lock = open::lock(folder)?;
    let database = Scratch::new(folder.join(UNFINISHED));
    copy_body(&from.file, database.path(), &inside.digest)?;
    let files = Files::new(folder.clone(), UNFINISHED, inside.key.clone());
    let unsettled = make_ready(&files, terms.made_at, from.now)?;
    // Last of all that can fail with reason: a key that lies somewhere belongs to a database.
    let (key_home, made_key) = key::install(&from.key, folder, &inside.key)?;
    let named = files.write_check().and_then(|()| {
        fs::rename(database.path(), folder.join(open::DATABASE))?;
        files::sync_folder_of(database.path())?;
        Ok(())
    });
    if let Err(error) = named {
        drop(fs::remove_file(folder.join(open::CHECK)));
        made_key.iter().for_each(|path| drop(fs::remove_file(path)));
        return Err(error);
    }
    drop(lock);
    drop(lock_file);
    Ok(Revived {
        made_at: terms.made_at,
        key_home,
        unsettled,
    })
}

/// What was checked is what is written, also when somebody changes the file meanwhile.
fn copy_body(from: &Path, to: &Path, digest: &[u8; 32]) -> Result<(), StoreError> {
    let failed = |error: io::Error| unreadable(&error);
    let mut file = File::open(from).map_err(failed)?;
    io::copy(&mut (&mut file).take(LENGTH as u64), &mut io::sink()).map_err(failed)?;
    let mut copy = files::private_file(to)?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        context.update(&buffer[..read]);
        copy.write_all(&buffer[..read])?;
    }
    if context.finish().as_ref() != digest {
        return Err(StoreError::BackupDamaged);
    }
    copy.sync_all()?;
    Ok(())
}

/// Migrates the database and begins its other life in it, durably; how much is unsettled is
/// answered.
fn make_ready(files: &Files, made_at: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
    files.refuse_newer()?;
    let writing = Writing::new(files.open_migrated()?);
    let (job, mut answered) = Job::queued(move |tx| {
        tx.begin_restored_life(made_at, now)?;
        let counts = tx.counts()?;
        Ok(counts.queued + counts.sending + counts.waiting + counts.uncertain)
    });
    writer::commit(&writing, vec![job], &watch::Sender::new(0));
    let unsettled = match answered.try_recv() {
        Ok(Ok(answer)) => answer?,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(_) => return Err(StoreError::Closed),
    };
    open::checkpoint(writing.connection())?;
    writer::finish(writing);
    Ok(unsettled)
}
