//! Making a backup.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use rusqlite::backup::{Backup, StepResult};

use super::header::{self, LENGTH, Terms};
use super::scratch::Scratch;
use super::wrap::{Inside, NONCE, ROUNDS, SALT, seal};
use super::{BackupTo, unreadable, unwritable};
use crate::key::random_bytes;
use crate::open::Files;
use crate::{StoreError, files, schema};

/// Makes the file, or leaves what was there as it was. Its length in bytes is answered. Blocks as
/// long as the disk takes.
pub(crate) fn make(database: &Files, to: &BackupTo) -> Result<u64, StoreError> {
    refuse_existing(to)?;
    let copy = Scratch::new(beside(&to.file, "copy")?);
    let schema = copy_database(database, copy.path())?;
    let whole = Scratch::new(beside(&to.file, "part")?);
    let bytes = put_together(database, to, schema, copy.path(), whole.path())?;
    publish(whole.path(), to)?;
    Ok(bytes)
}

fn refuse_existing(to: &BackupTo) -> Result<(), StoreError> {
    match fs::symlink_metadata(&to.file) {
        Ok(facts) if facts.is_dir() || !to.overwrite => Err(StoreError::BackupExists),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unwritable(&error)),
    }
}

/// A name in the same folder that nobody else uses: only there it can be renamed.
fn beside(file: &Path, what: &str) -> Result<PathBuf, StoreError> {
    let name = file.file_name();
    let name = name.ok_or(StoreError::BackupUnwritable(io::ErrorKind::InvalidInput))?;
    let chance = HEXLOWER.encode(&random_bytes()?[..6]);
    let mut unfinished = name.to_owned();
    unfinished.push(format!(".{chance}.{what}"));
    Ok(file.with_file_name(unfinished))
}

/// Copies the database as it is at one moment; its schema's version is answered. All pages are
/// copied in one step, which is one read transaction: further steps would begin anew after every
/// commit of the writer, and never end under traffic.
fn copy_database(database: &Files, to: &Path) -> Result<u32, StoreError> {
    drop(files::private_file(to).map_err(|error| unwritable(&error))?);
    let source = database.open_reader()?;
    let mut copy = database.open_copy(to)?;
    let backup = Backup::new(&source, &mut copy)?;
    match backup.step(-1)? {
        StepResult::Done => {}
        StepResult::More | StepResult::Busy | StepResult::Locked => return Err(StoreError::Busy),
        // The library may come to know others.
        _ => return Err(StoreError::Busy),
    }
    drop(backup);
    let version = schema::version(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    u32::try_from(version).map_err(|_| StoreError::Malformed)
}

/// The header, and the copy behind it, durably.
fn put_together(
    database: &Files,
    to: &BackupTo,
    schema: u32,
    copy: &Path,
    whole: &Path,
) -> Result<u64, StoreError> {
    let failed = |error: io::Error| unwritable(&error);
    let mut file = files::private_file(whole).map_err(failed)?;
    file.write_all(&[0; LENGTH]).map_err(failed)?;
    let (length, digest) = append(copy, &mut file)?;
    let terms = Terms {
        schema,
        made_at: to.now,
        rounds: ROUNDS,
        salt: chance::<SALT>()?,
        nonce: chance::<NONCE>()?,
        length,
    };
    let inside = Inside {
        key: database.key().clone(),
        digest,
    };
    let sealed = seal(&inside, &terms, &to.passphrase)?;
    file.rewind().map_err(failed)?;
    file.write_all(&header::write(&terms, &sealed))
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    Ok(length + LENGTH as u64)
}

fn append(copy: &Path, whole: &mut File) -> Result<(u64, [u8; 32]), StoreError> {
    let mut copy = BufReader::new(File::open(copy).map_err(|error| unreadable(&error))?);
    let (mut length, mut digest) = (0, Context::new(&SHA256));
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = copy.read(&mut buffer).map_err(|error| unreadable(&error))?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        let written = whole.write_all(&buffer[..read]);
        written.map_err(|error| unwritable(&error))?;
        length += read as u64;
    }
    let digest = digest.finish();
    let digest = digest.as_ref().try_into();
    Ok((length, digest.map_err(|_| StoreError::Malformed)?))
}

/// Gives the finished file its name. A link does not take a name that somebody else has taken
/// meanwhile, as a rename would; some file systems have none.
fn publish(whole: &Path, to: &BackupTo) -> Result<(), StoreError> {
    let named = match to.overwrite {
        true => fs::rename(whole, &to.file),
        false => match fs::hard_link(whole, &to.file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                refuse_existing(to)?;
                fs::rename(whole, &to.file)
            }
            linked => linked,
        },
    };
    match named {
        Ok(()) => files::sync_folder_of(&to.file).map_err(|error| unwritable(&error)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(StoreError::BackupExists),
        Err(error) => Err(unwritable(&error)),
    }
}

fn chance<const N: usize>() -> Result<[u8; N], StoreError> {
    let bytes = random_bytes()?;
    let first = bytes.first_chunk().copied();
    Ok(first.expect("salts and nonces are shorter than a key"))
}
