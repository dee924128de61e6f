//! The first bytes of a backup: what it is, how its key is wrapped, and what must follow.
//!
//! Numbers are big-endian. The checksum tells a damaged header from a wrong passphrase, and nothing
//! more: what counts is that everything before the sealed part is sealed along with it.
//!
//! | bytes | what |
//! |---|---|
//! | 16 | `causeway backup` and a line feed |
//! | 2 | version of this format |
//! | 4 | version of the database's schema |
//! | 8 | when it was made, in milliseconds since 1970 |
//! | 1 | how the passphrase becomes a key: 1, PBKDF2-HMAC-SHA512 |
//! | 4 | its rounds |
//! | 16, 12 | its salt; the nonce of AES-256-GCM |
//! | 8 | length of the copy that follows the header |
//! | 80 | sealed: the database's key, the copy's SHA-256, and the tag |
//! | 32 | SHA-256 of everything before |

use aws_lc_rs::digest::{SHA256, digest};
use causeway_model::Timestamp;

use super::wrap::{NONCE, SALT, SEALED};
use crate::StoreError;

const MAGIC: &[u8; 16] = b"causeway backup\n";
/// The newest format this program knows.
pub(super) const FORMAT: u16 = 1;
const PBKDF2_HMAC_SHA512: u8 = 1;
/// What is sealed along with the key.
const OPEN: usize = MAGIC.len() + 2 + 4 + 8 + 1 + 4 + SALT + NONCE + 8;
const CHECKSUM: usize = 32;
/// Of the whole header.
pub(super) const LENGTH: usize = OPEN + SEALED + CHECKSUM;
/// Far more than anyone would wait for: a file that asks for it was made to be waited for.
const MOST_ROUNDS: u32 = 100_000_000;

/// What can be read without the passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) schema: u32,
    pub(super) made_at: Timestamp,
    pub(super) rounds: u32,
    pub(super) salt: [u8; SALT],
    pub(super) nonce: [u8; NONCE],
    pub(super) length: u64,
}

impl Terms {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(OPEN);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_be_bytes());
        bytes.extend(self.schema.to_be_bytes());
        bytes.extend(self.made_at.0.to_be_bytes());
        bytes.push(PBKDF2_HMAC_SHA512);
        bytes.extend(self.rounds.to_be_bytes());
        bytes.extend(self.salt);
        bytes.extend(self.nonce);
        bytes.extend(self.length.to_be_bytes());
        bytes
    }
}

/// The whole header of a backup.
pub(super) fn write(terms: &Terms, sealed: &[u8; SEALED]) -> Vec<u8> {
    let mut bytes = terms.encode();
    bytes.extend(sealed);
    let checksum = digest(&SHA256, &bytes);
    bytes.extend(checksum.as_ref());
    bytes
}

/// Reads a header; `bytes` are the first of the file, as many as there are.
///
/// # Errors
/// [`StoreError::BackupNewer`], or [`StoreError::BackupDamaged`], also for what never was a backup.
pub(super) fn read(bytes: &[u8]) -> Result<(Terms, [u8; SEALED]), StoreError> {
    let mut rest = Rest(bytes);
    if rest.take::<16>()? != *MAGIC {
        return Err(StoreError::BackupDamaged);
    }
    match u16::from_be_bytes(rest.take()?) {
        FORMAT => {}
        0 => return Err(StoreError::BackupDamaged),
        found => {
            return Err(StoreError::BackupNewer {
                found,
                known: FORMAT,
            });
        }
    }
    let schema = u32::from_be_bytes(rest.take()?);
    let made_at = Timestamp(i64::from_be_bytes(rest.take()?));
    let [kdf] = rest.take()?;
    let rounds = u32::from_be_bytes(rest.take()?);
    let terms = Terms {
        schema,
        made_at,
        rounds,
        salt: rest.take()?,
        nonce: rest.take()?,
        length: u64::from_be_bytes(rest.take()?),
    };
    let sealed = rest.take()?;
    let checksum: [u8; CHECKSUM] = rest.take()?;
    let sound = digest(&SHA256, &bytes[..OPEN + SEALED]).as_ref() == checksum
        && kdf == PBKDF2_HMAC_SHA512
        && (1..=MOST_ROUNDS).contains(&rounds);
    if !sound {
        return Err(StoreError::BackupDamaged);
    }
    Ok((terms, sealed))
}

/// What is left to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (first, rest) = self
            .0
            .split_first_chunk()
            .ok_or(StoreError::BackupDamaged)?;
        self.0 = rest;
        Ok(*first)
    }
}
