//! The certificate with which the app proves itself to Entra: made here, its public half uploaded by
//! an administrator, its private key never shown.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use causeway_model::{Failure, FailureKind, Random, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Secret;

/// How long one is good: longer than an administrator's memory is no use, and the hub warns in time.
const LIFE_DAYS: i64 = 365;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How long an assertion is good, and how far back it reaches for clocks that run behind.
const ASSERTION_S: i64 = 10 * 60;
const BACK_S: i64 = 60;
const LINE: usize = 64;

/// A key pair and its certificate.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificate {
    /// PKCS #8 in PEM.
    key: String,
    /// X.509 in DER, in Base64.
    certificate: String,
    not_after: Timestamp,
}

impl std::fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientCertificate(..)")
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl ClientCertificate {
    /// A new one, good for a year from now.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn make(now: Timestamp) -> Result<Self, Failure> {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(|_| no_key())?;
        let not_after = now.plus_ms(LIFE_DAYS * DAY_MS);
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, "Causeway");
        let mut params = CertificateParams::default();
        params.distinguished_name = name;
        // A day back, for the same reason as an assertion's minute.
        let (year, month, day) = date(now.plus_ms(-DAY_MS))?;
        params.not_before = rcgen::date_time_ymd(year, month, day);
        let (year, month, day) = date(not_after)?;
        params.not_after = rcgen::date_time_ymd(year, month, day);
        let certificate = params.self_signed(&pair).map_err(|_| no_key())?;
        Ok(Self {
            key: pair.serialize_pem(),
            certificate: STANDARD.encode(certificate.der()),
            not_after,
        })
    }

    /// As [`ClientCertificate::kept`] gave it.
    ///
    /// # Errors
    /// When it is nothing of ours.
    pub fn read(kept: &Secret) -> Result<Self, Failure> {
        serde_json::from_str(kept.reveal()).map_err(|_| no_key())
    }

    /// All of it, the private key included, for the encrypted store and nothing else.
    #[must_use]
    pub fn kept(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// The public half in PEM: what is uploaded.
    #[must_use]
    pub fn public_pem(&self) -> String {
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for line in self.certificate.as_bytes().chunks(LINE) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem + "-----END CERTIFICATE-----\n"
    }

    /// SHA-1 in capitals, as the console shows it.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der());
        data_encoding::HEXUPPER.encode(hash.as_ref())
    }

    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// What proves the app to the token endpoint `audience`, once.
    pub(super) fn assertion(
        &self,
        audience: &Url,
        client_id: &str,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<String, Failure> {
        let mut header = Header::new(Algorithm::PS256);
        let hash = digest(&SHA256, &self.der());
        header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(hash));
        let now = now.0.div_euclid(1_000);
        let claims = Claims {
            aud: audience.as_str(),
            iss: client_id,
            sub: client_id,
            jti: format!("{:032x}", random.bits()),
            iat: now,
            nbf: now - BACK_S,
            exp: now + ASSERTION_S,
        };
        let key = EncodingKey::from_rsa_pem(self.key.as_bytes()).map_err(|_| no_key())?;
        jsonwebtoken::encode(&header, &claims, &key).map_err(|_| no_key())
    }

    fn der(&self) -> Vec<u8> {
        STANDARD.decode(&self.certificate).unwrap_or_default()
    }
}

/// Year, month and day in UTC.
fn date(at: Timestamp) -> Result<(i32, u8, u8), Failure> {
    let at = jiff::Timestamp::from_millisecond(at.0).map_err(|_| no_key())?;
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (month, date) = (day.month().unsigned_abs(), day.day().unsigned_abs());
    Ok((i32::from(day.year()), month, date))
}

fn no_key() -> Failure {
    Failure::new(FailureKind::Rejected, "no_key", "certificate")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_764_400_000_000);

    #[test]
    fn what_is_uploaded_holds_no_private_key_and_lasts_a_year() {
        let made = ClientCertificate::make(NOW).expect("a key");
        let public = made.public_pem();
        assert!(public.starts_with("-----BEGIN CERTIFICATE-----\n"));
        assert!(!public.contains("PRIVATE"));
        let (_, pem) = x509_parser::pem::parse_x509_pem(public.as_bytes()).expect("it is PEM");
        let parsed = pem.parse_x509().expect("it is X.509");
        let validity = parsed.validity();
        let now = NOW.0 / 1_000;
        assert!(validity.not_before.timestamp() < now);
        let days = (validity.not_after.timestamp() - now) / 86_400;
        assert!((364..=365).contains(&days), "{days}");
        assert_eq!(made.thumbprint().len(), 40);
    }

    #[test]
    fn it_comes_back_from_the_store_as_it_was_and_is_never_printed() {
        let made = ClientCertificate::make(NOW).expect("a key");
        let again = ClientCertificate::read(&made.kept()).expect("it is ours");
        assert_eq!(again.thumbprint(), made.thumbprint());
        assert_eq!(format!("{made:?}"), "ClientCertificate(..)");
        assert!(ClientCertificate::read(&Secret::new("else")).is_err());
    }
}
