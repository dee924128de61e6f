//! Ids and secrets that follow from the sandbox's seed.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Makes ids. A label always gives the same one; `fresh` labels never repeat.
pub struct Mint {
    seed: u64,
    made: AtomicU64,
}

impl Mint {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            made: AtomicU64::new(0),
        }
    }

    /// A lower-case GUID.
    pub fn guid(&self, label: &str) -> String {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.bytes(label)[..16]);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }

    /// 32 lower-case hexadecimal digits.
    pub fn hex(&self, label: &str) -> String {
        data_encoding::HEXLOWER.encode(&self.bytes(label)[..16])
    }

    /// `length` letters of the URL-safe base64 alphabet.
    pub fn opaque(&self, label: &str, length: usize) -> String {
        let mut text = String::new();
        for part in 0.. {
            if text.len() >= length {
                break;
            }
            text.push_str(&URL_SAFE_NO_PAD.encode(self.bytes(&format!("{label}/{part}"))));
        }
        text.truncate(length);
        text
    }

    /// `length` decimal digits or capital letters that are not easily confused.
    pub fn typed_code(&self, label: &str, length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        self.bytes(label)
            .iter()
            .take(length)
            .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
            .collect()
    }

    /// A label that was not used before.
    pub fn fresh(&self, label: &str) -> String {
        format!("{label}#{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    fn bytes(&self, label: &str) -> Vec<u8> {
        digest(
            &SHA256,
            format!("causeway sandbox {} {label}", self.seed).as_bytes(),
        )
        .as_ref()
        .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::Mint;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_seed_others() {
        let (one, same, other) = (Mint::new(1), Mint::new(1), Mint::new(2));
        assert_eq!(one.guid("ann"), same.guid("ann"));
        assert_ne!(one.guid("ann"), other.guid("ann"));
        assert_ne!(one.fresh("chat"), one.fresh("chat"));
        assert_eq!(one.opaque("secret", 100).len(), 100);
    }
}
