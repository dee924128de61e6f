//! The database's key: 32 random bytes, at home in the system's keychain or in a key file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use data_encoding::HEXLOWER_PERMISSIVE;

use crate::StoreError;
use crate::files::write_durably;

/// Where to look for the key, and where to put a fresh one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The system's keychain, or nothing.
    Keychain,
    /// This file. It is made together with the database when neither exists.
    File(PathBuf),
    /// An existing file `key` in the data folder, else the keychain; where there is none, a fresh
    /// key goes into the file `key`.
    Automatic,
}

/// Where the key of an open store lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyHome {
    Keychain,
    File(PathBuf),
}

/// Name of the key file in the data folder.
const KEY_FILE: &str = "key";
/// How long a keychain may take while another home is still possible.
const KEYCHAIN_PROBE: Duration = Duration::from_secs(5);
/// How long it may take when the key can be nowhere else: a person may have to unlock it first.
const KEYCHAIN_UNLOCK: Duration = Duration::from_secs(60);

/// 32 bytes. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    pub(crate) fn fresh() -> Result<Self, StoreError> {
        Ok(Self(random_bytes()?))
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn from_hex(text: &str) -> Result<Self, StoreError> {
        HEXLOWER_PERMISSIVE
            .decode(text.trim().as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(StoreError::KeyUnreadable)
    }

    /// 64 hexadecimal digits.
    pub(crate) fn to_hex(&self) -> String {
        HEXLOWER_PERMISSIVE.encode(&self.0)
    }

    /// What the side file holds: tells whether a key is the right one, and nothing about it.
    pub(crate) fn check_value(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, b"causeway.db key check 1");
        HEXLOWER_PERMISSIVE.encode(tag.as_ref())
    }
}

/// 32 bytes from the system's random source.
pub(crate) fn random_bytes() -> Result<[u8; 32], StoreError> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| StoreError::FolderUnwritable(io::ErrorKind::Other))?;
    Ok(bytes)
}

/// Finds the key, or makes one when there is no database yet. A fresh key is durable before this
/// returns: a database whose key is lost is lost.
pub(crate) fn obtain(
    source: &KeySource,
    folder: &Path,
    database_exists: bool,
) -> Result<(Key, KeyHome), StoreError> {
    match source {
        KeySource::File(path) => from_file(path, database_exists),
        KeySource::Keychain => from_keychain(folder, database_exists),
        KeySource::Automatic => automatic(folder, database_exists),
    }
}

/// Puts the key of a restored database where a fresh one would go; the file that was made for it
/// is answered as well, where there was none. A key that is there already stays.
///
/// # Errors
/// [`StoreError::KeyTaken`] where another key lies there: it may be all that opens another database.
pub(crate) fn install(
    source: &KeySource,
    folder: &Path,
    key: &Key,
) -> Result<(KeyHome, Option<PathBuf>), StoreError> {
    match source {
        KeySource::File(path) => into_file(path, key),
        KeySource::Keychain => Ok((into_keychain(folder, key)?, None)),
        KeySource::Automatic => match into_keychain(folder, key) {
            Ok(home) => Ok((home, None)),
            Err(error) => {
                tracing::info!(
                    error.code = error.code(),
                    "not into the keychain: the key goes into a file"
                );
                into_file(&folder.join(KEY_FILE), key)
            }
        },
    }
}

fn into_file(path: &Path, key: &Key) -> Result<(KeyHome, Option<PathBuf>), StoreError> {
    let home = KeyHome::File(path.to_owned());
    match fs::read_to_string(path) {
        Ok(text) if Key::from_hex(&text).as_ref() == Ok(key) => Ok((home, None)),
        Ok(_) => Err(StoreError::KeyTaken),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            write_durably(path, format!("{}\n", key.to_hex()).as_bytes())?;
            Ok((home, Some(path.to_owned())))
        }
        Err(_) => Err(StoreError::KeyTaken),
    }
}

fn into_keychain(folder: &Path, key: &Key) -> Result<KeyHome, StoreError> {
    let user = folder.canonicalize()?.to_string_lossy().into_owned();
    let fresh = Some(key.clone());
    let found = within(KEYCHAIN_PROBE, move || keychain::find_or_put(&user, fresh))??;
    if found == *key {
        Ok(KeyHome::Keychain)
    } else {
        Err(StoreError::KeyTaken)
    }
}

fn automatic(folder: &Path, database_exists: bool) -> Result<(Key, KeyHome), StoreError> {
    let path = folder.join(KEY_FILE);
    if path.exists() {
        return from_file(&path, database_exists);
    }
    if database_exists {
        // An unreachable keychain is another matter than one that does not know the key.
        return from_keychain(folder, true);
    }
    from_keychain(folder, false).or_else(|error| {
        tracing::info!(
            error.code = error.code(),
            "no keychain: the key goes into a file"
        );
        from_file(&path, false)
    })
}

fn from_file(path: &Path, database_exists: bool) -> Result<(Key, KeyHome), StoreError> {
    let home = KeyHome::File(path.to_owned());
    match fs::read_to_string(path) {
        Ok(text) => Ok((Key::from_hex(&text)?, home)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(StoreError::KeyUnreadable),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        Err(_) if database_exists => Err(StoreError::KeyMissing),
        Err(_) => {
            let key = Key::fresh()?;
            write_durably(path, format!("{}\n", key.to_hex()).as_bytes())?;
            Ok((key, home))
        }
    }
}

fn from_keychain(folder: &Path, database_exists: bool) -> Result<(Key, KeyHome), StoreError> {
    let user = folder.canonicalize()?.to_string_lossy().into_owned();
    let fresh = (!database_exists).then(Key::fresh).transpose()?;
    let patience = if database_exists {
        KEYCHAIN_UNLOCK
    } else {
        KEYCHAIN_PROBE
    };
    let found = within(patience, move || keychain::find_or_put(&user, fresh))?;
    Ok((found?, KeyHome::Keychain))
}

/// Runs `work` on a thread of its own and stops waiting after `patience`: a keychain asks over a
/// bus, may wait for a person, and must not be called on a runtime's thread.
fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let (answer, answered) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("causeway-keychain".into())
        .spawn(move || drop(answer.send(work())))?;
    answered
        .recv_timeout(patience)
        .map_err(|_| StoreError::KeychainFailed)
}

#[cfg(target_os = "linux")]
mod keychain {
    use keyring_core::Error;
    use keyring_core::api::CredentialStoreApi;

    use super::Key;
    use crate::StoreError;

    const SERVICE: &str = "causeway";

    /// The key that is kept for this folder; where there is none, `fresh` is put there.
    pub(super) fn find_or_put(user: &str, fresh: Option<Key>) -> Result<Key, StoreError> {
        let store =
            zbus_secret_service_keyring_store::Store::new().map_err(|error| failed(&error))?;
        let entry = store
            .build(SERVICE, user, None)
            .map_err(|error| failed(&error))?;
        match entry.get_password() {
            Ok(text) => Key::from_hex(&text),
            Err(Error::NoEntry) => {
                let key = fresh.ok_or(StoreError::KeyMissing)?;
                entry
                    .set_password(&key.to_hex())
                    .map_err(|error| failed(&error))?;
                Ok(key)
            }
            Err(error) => Err(failed(&error)),
        }
    }

    fn failed(error: &Error) -> StoreError {
        tracing::debug!(error.kind = ?std::mem::discriminant(error), "the keychain failed");
        StoreError::KeychainFailed
    }
}

#[cfg(not(target_os = "linux"))]
mod keychain {
    use super::Key;
    use crate::StoreError;

    pub(super) fn find_or_put(_user: &str, _fresh: Option<Key>) -> Result<Key, StoreError> {
        Err(StoreError::KeychainFailed)
    }
}
