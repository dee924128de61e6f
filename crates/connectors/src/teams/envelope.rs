//! Notifications' encrypted content: our certificate, and opening what was encrypted to it.
//!
//! Source: <https://learn.microsoft.com/graph/change-notifications-with-resource-data>.

use aws_lc_rs::{
    cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    hmac,
    iv::FixedLength,
    rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use causeway_model::{Failure, FailureKind, Random};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde::Deserialize;

const IV_BYTES: usize = 16;

/// A key pair made anew each time we listen; nothing encrypted to it outlives that.
pub(super) struct Envelope {
    key: OaepPrivateDecryptingKey,
    certificate_id: String,
    /// X.509 in DER, in Base64.
    certificate: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EncryptedContent {
    data: String,
    data_signature: String,
    data_key: String,
    encryption_certificate_id: String,
}

/// The content was not encrypted to our certificate, or was changed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the content cannot be opened")]
pub(super) struct Unopened;

impl Envelope {
    /// # Errors
    /// When no key can be made, which no retry will change.
    pub(super) fn make(random: &dyn Random) -> Result<Self, Failure> {
        let failed = || Failure::new(FailureKind::Rejected, "no_key", "subscriptions");
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(|_| failed())?;
        let key = PrivateDecryptingKey::from_pkcs8(pair.serialized_der()).map_err(|_| failed())?;
        let certificate = CertificateParams::new(vec!["causeway.invalid".to_owned()])
            .and_then(|params| params.self_signed(&pair))
            .map_err(|_| failed())?;
        Ok(Self {
            key: OaepPrivateDecryptingKey::new(key).map_err(|_| failed())?,
            certificate_id: format!("{:032x}", random.bits()),
            certificate: STANDARD.encode(certificate.der()),
        })
    }

    pub(super) fn certificate(&self) -> &str {
        &self.certificate
    }

    pub(super) fn certificate_id(&self) -> &str {
        &self.certificate_id
    }

    /// The content in clear, its signature checked before anything is decrypted.
    pub(super) fn open(&self, content: &EncryptedContent) -> Result<Vec<u8>, Unopened> {
        if content.encryption_certificate_id != self.certificate_id {
            return Err(Unopened);
        }
        let key = self.data_key(&content.data_key)?;
        let mut data = decoded(&content.data)?;
        let signature = decoded(&content.data_signature)?;
        let signing = hmac::Key::new(hmac::HMAC_SHA256, &key);
        hmac::verify(&signing, &data, &signature).map_err(|_| Unopened)?;
        decrypt(&key, &mut data)
    }

    fn data_key(&self, encrypted: &str) -> Result<Vec<u8>, Unopened> {
        let encrypted = decoded(encrypted)?;
        let mut room = vec![0; self.key.min_output_size()];
        let key = self
            .key
            .decrypt(&OAEP_SHA1_MGF1SHA1, &encrypted, &mut room, None)
            .map_err(|_| Unopened)?;
        Ok(key.to_vec())
    }
}

/// The first bytes of the key are the initialisation vector as well.
fn decrypt(key: &[u8], data: &mut [u8]) -> Result<Vec<u8>, Unopened> {
    let iv = key.get(..IV_BYTES).ok_or(Unopened)?;
    let iv = FixedLength::<IV_BYTES>::try_from(iv).map_err(|_| Unopened)?;
    let key = UnboundCipherKey::new(&AES_256, key).map_err(|_| Unopened)?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(|_| Unopened)?;
    let clear = key
        .decrypt(data, DecryptionContext::Iv128(iv))
        .map_err(|_| Unopened)?;
    Ok(clear.to_vec())
}

fn decoded(text: &str) -> Result<Vec<u8>, Unopened> {
    STANDARD.decode(text).map_err(|_| Unopened)
}
