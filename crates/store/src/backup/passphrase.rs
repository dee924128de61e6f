//! What a person remembers, and a backup's key is wrapped under.

use icu_normalizer::ComposingNormalizerBorrowed;

/// A passphrase that is long enough. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(String);

impl Passphrase {
    /// Letters that one has at least.
    pub const SHORTEST: usize = 12;

    /// None where it is too short. Letters count as one however they are composed: the same keys
    /// give other bytes on another machine.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
        (composed.chars().count() >= Self::SHORTEST).then(|| Self(composed.into_owned()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
