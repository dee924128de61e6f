//! The database's key under a passphrase: PBKDF2-HMAC-SHA512 (RFC 8018) makes the wrapping key,
//! AES-256-GCM wraps.

use std::num::NonZeroU32;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::pbkdf2;

use super::Passphrase;
use super::header::Terms;
use crate::StoreError;
use crate::key::Key;

pub(super) const SALT: usize = 16;
pub(super) const NONCE: usize = 12;
/// The key, the copy's digest, and the tag.
pub(super) const SEALED: usize = KEY + DIGEST + TAG;
const KEY: usize = 32;
const DIGEST: usize = 32;
const TAG: usize = 16;
/// Three times what OWASP's Password Storage Cheat Sheet asks of PBKDF2-HMAC-SHA512 (210,000):
/// about a second, paid once a backup.
pub(super) const ROUNDS: u32 = 630_000;

/// What is sealed: it opens the copy, and says what the copy must be.
pub(super) struct Inside {
    pub(super) key: Key,
    pub(super) digest: [u8; DIGEST],
}

pub(super) fn seal(
    inside: &Inside,
    terms: &Terms,
    passphrase: &Passphrase,
) -> Result<[u8; SEALED], StoreError> {
    let mut bytes = Vec::with_capacity(SEALED);
    bytes.extend(inside.key.bytes());
    bytes.extend(inside.digest);
    let nonce = Nonce::assume_unique_for_key(terms.nonce);
    let along = Aad::from(terms.encode());
    wrapping_key(terms, passphrase)?
        .seal_in_place_append_tag(nonce, along, &mut bytes)
        .map_err(|_| StoreError::BackupDamaged)?;
    bytes.try_into().map_err(|_| StoreError::BackupDamaged)
}

/// # Errors
/// [`StoreError::WrongPassphrase`]: the header's checksum held, so it is not damage.
pub(super) fn unseal(
    sealed: [u8; SEALED],
    terms: &Terms,
    passphrase: &Passphrase,
) -> Result<Inside, StoreError> {
    let mut bytes = sealed;
    let nonce = Nonce::assume_unique_for_key(terms.nonce);
    let along = Aad::from(terms.encode());
    let opened = wrapping_key(terms, passphrase)?
        .open_in_place(nonce, along, &mut bytes)
        .map_err(|_| StoreError::WrongPassphrase)?;
    let halves = opened.split_first_chunk::<KEY>();
    let (key, digest) = halves.ok_or(StoreError::BackupDamaged)?;
    Ok(Inside {
        key: Key::from_bytes(*key),
        digest: digest.try_into().map_err(|_| StoreError::BackupDamaged)?,
    })
}

fn wrapping_key(terms: &Terms, passphrase: &Passphrase) -> Result<LessSafeKey, StoreError> {
    let rounds = NonZeroU32::new(terms.rounds).ok_or(StoreError::BackupDamaged)?;
    let mut key = [0; 32];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA512,
        rounds,
        &terms.salt,
        passphrase.bytes(),
        &mut key,
    );
    let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| StoreError::BackupDamaged)?;
    Ok(LessSafeKey::new(key))
}
