//! Secrets of one authorization code grant: a state or a verifier, and the verifier's challenge.

use causeway_model::Random;
use data_encoding::BASE64URL_NOPAD;

/// 256 bits that nobody can guess, as text for a URL.
#[must_use]
pub fn secret_word(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&random.bits().to_be_bytes());
    bytes[16..].copy_from_slice(&random.bits().to_be_bytes());
    BASE64URL_NOPAD.encode(&bytes)
}

/// S256 of RFC 7636 section 4.2.
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    BASE64URL_NOPAD.encode(digest.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn a_challenge_is_that_of_the_standards_example() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(challenge_of(verifier), challenge);
    }
}
