//! Certificates of the app registration, and the assertions that are signed with their keys.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use x509_parser::{pem::parse_x509_pem, public_key::PublicKey};

use super::refusal::TokenRefusal;
use crate::graph::Tenant;

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longer than this Entra takes no assertion for.
const LONGEST_S: i64 = 24 * 60 * 60;

/// The public half of a key that an administrator uploaded.
pub struct AppCertificate {
    sha1: String,
    sha256: String,
    key: DecodingKey,
}

/// What was uploaded is no X.509 certificate with an RSA key, in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no X.509 certificate with an RSA key")]
pub struct NoCertificate;

impl AppCertificate {
    pub fn read(pem: &str) -> Result<Self, NoCertificate> {
        let (_, pem) = parse_x509_pem(pem.as_bytes()).map_err(|_| NoCertificate)?;
        let certificate = pem.parse_x509().map_err(|_| NoCertificate)?;
        let PublicKey::RSA(key) = certificate
            .public_key()
            .parsed()
            .map_err(|_| NoCertificate)?
        else {
            return Err(NoCertificate);
        };
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(without_zeros(bytes));
        let key = DecodingKey::from_rsa_components(&encoded(key.modulus), &encoded(key.exponent));
        Ok(Self {
            sha1: URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &pem.contents)),
            sha256: URL_SAFE_NO_PAD.encode(digest(&SHA256, &pem.contents)),
            key: key.map_err(|_| NoCertificate)?,
        })
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// Checks a `client_assertion`. Its times are compared with the machine's clock, by which clients
/// sign, and not with the sandbox's.
pub fn check(tenant: &Tenant, kind: &str, assertion: &str) -> Result<(), TokenRefusal> {
    if kind != BEARER {
        return Err(TokenRefusal::new(
            "invalid_request",
            90_023,
            "The client_assertion_type is not supported.",
        ));
    }
    let invalid = || {
        TokenRefusal::new(
            "invalid_client",
            700_027,
            "The certificate with identifier used to sign the client assertion is not registered \
             on application, or the signature is not valid.",
        )
        .unauthorized()
    };
    let header = decode_header(assertion).map_err(|_| invalid())?;
    if !matches!(header.alg, Algorithm::PS256 | Algorithm::RS256) {
        return Err(invalid());
    }
    let claims = {
        let certificates = tenant.locked_certificates();
        let by_name = certificates.iter().find(|known| {
            header.x5t_s256.as_deref() == Some(&known.sha256)
                || header.x5t.as_deref() == Some(&known.sha1)
        });
        let certificate = by_name.ok_or_else(invalid)?;
        let mut validation = Validation::new(header.alg);
        validation.validate_aud = false;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        decode::<Value>(assertion, &certificate.key, &validation)
            .map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::ExpiredSignature
                | jsonwebtoken::errors::ErrorKind::ImmatureSignature => TokenRefusal::new(
                    "invalid_client",
                    700_024,
                    "Client assertion is not within its valid time range.",
                )
                .unauthorized(),
                _ => invalid(),
            })?
            .claims
    };
    let ours = |claim: &str| {
        claims[claim]
            .as_str()
            .is_some_and(|id| id.eq_ignore_ascii_case(&tenant.ids.client))
    };
    let audience = claims["aud"].as_str().unwrap_or_default();
    let endpoint = format!(
        "{}/{}/oauth2/v2.0/token",
        tenant.urls.entra, tenant.ids.tenant
    );
    let lasts =
        claims["exp"].as_i64().unwrap_or_default() - claims["nbf"].as_i64().unwrap_or_default();
    if !(ours("iss") && ours("sub")) || lasts > LONGEST_S {
        return Err(invalid());
    }
    if audience != endpoint {
        return Err(TokenRefusal::new(
            "invalid_client",
            700_023,
            "Client assertion audience claim does not match Realm issuer.",
        )
        .unauthorized());
    }
    Ok(())
}
