//! Encrypted resource data.
//!
//! Source: <https://learn.microsoft.com/graph/change-notifications-with-resource-data>

use aws_lc_rs::{
    cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    hmac,
    iv::FixedLength,
    rand,
    rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The certificate that a subscriber wants its data encrypted for.
pub struct Certificate {
    /// As the subscriber named it.
    pub id: String,
    thumbprint: String,
    key: OaepPublicEncryptingKey,
}

/// Why a certificate cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    #[error("Certificate is not base64-encoded.")]
    NotBase64,
    #[error("Certificate is not a valid X.509 certificate.")]
    NotX509,
    #[error("Certificate must hold an RSA key of 2048 to 4096 bits.")]
    WrongKey,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads `encryptionCertificate`: base64 of DER or of PEM, or PEM itself.
    pub fn read(text: &str, id: &str) -> Result<Self, BadCertificate> {
        let der = der(text)?;
        let (_, parsed) =
            x509_parser::parse_x509_certificate(&der).map_err(|_| BadCertificate::NotX509)?;
        let key = PublicEncryptingKey::from_der(parsed.public_key().raw)
            .map_err(|_| BadCertificate::WrongKey)?;
        if !(2048..=4096).contains(&key.key_size_bits()) {
            return Err(BadCertificate::WrongKey);
        }
        Ok(Self {
            id: id.to_owned(),
            thumbprint: data_encoding::HEXUPPER
                .encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der).as_ref()),
            key: OaepPublicEncryptingKey::new(key).map_err(|_| BadCertificate::WrongKey)?,
        })
    }

    /// `encryptedContent`: the data under a fresh AES-256 key (CBC, PKCS#7, IV = the key's first
    /// 16 bytes), its HMAC-SHA256 under the same key, and the key under RSA-OAEP with SHA-1.
    pub fn seal(&self, content: &[u8]) -> Value {
        let mut key = [0; 32];
        rand::fill(&mut key).expect("the machine gives random bytes");
        let data = encrypt(&key, content);
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &data);
        let mut wrapped = vec![0; self.key.ciphertext_size()];
        let wrapped = self
            .key
            .encrypt(&OAEP_SHA1_MGF1SHA1, &key, &mut wrapped, None)
            .expect("32 bytes fit under a 2048-bit key");
        json!({
            "data": STANDARD.encode(&data),
            "dataSignature": STANDARD.encode(signature.as_ref()),
            "dataKey": STANDARD.encode(wrapped),
            "encryptionCertificateId": self.id,
            "encryptionCertificateThumbprint": self.thumbprint,
        })
    }
}

fn encrypt(key: &[u8; 32], content: &[u8]) -> Vec<u8> {
    let mut iv = [0; 16];
    iv.copy_from_slice(&key[..16]);
    let cipher = UnboundCipherKey::new(&AES_256, key)
        .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
        .expect("32 bytes are an AES-256 key");
    let mut data = content.to_vec();
    cipher
        .less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(iv)))
        .expect("CBC encrypts any length");
    data
}

fn der(text: &str) -> Result<Vec<u8>, BadCertificate> {
    let bytes = if text.contains("-----BEGIN") {
        text.as_bytes().to_vec()
    } else {
        let compact: String = text.split_whitespace().collect();
        STANDARD
            .decode(compact)
            .map_err(|_| BadCertificate::NotBase64)?
    };
    if !bytes.starts_with(b"-----BEGIN") {
        return Ok(bytes);
    }
    let (_, pem) = x509_parser::pem::parse_x509_pem(&bytes).map_err(|_| BadCertificate::NotX509)?;
    Ok(pem.contents)
}
