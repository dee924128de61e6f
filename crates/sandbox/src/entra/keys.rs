//! The key that Entra signs tokens with, and its public half as other programs fetch it.

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{AlgorithmParameters, Jwk},
};
use serde_json::{Value, json};

use crate::{clock::Millis, graph::mint::Mint};

/// An RS256 key, made at start. It signs the tenant's tokens and Graph's validation tokens.
pub struct SigningKey {
    kid: String,
    private: EncodingKey,
    public: DecodingKey,
    jwk: Value,
}

/// Why a bearer token was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    #[error("not a token of ours")]
    Unreadable,
    #[error("expired")]
    Expired,
}

impl SigningKey {
    /// Makes a fresh 2048-bit key; only its `kid` follows from the seed.
    pub fn generate(mint: &Mint) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256)
            .expect("the crypto library makes RSA keys");
        let private = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes())
            .expect("a PEM key that was just written");
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::RS256)
            .expect("an RSA key has a public half");
        let kid = mint.opaque("signing key", 27);
        jwk.common.key_id = Some(kid.clone());
        let public = DecodingKey::from_jwk(&jwk).expect("a key that was just written");
        let jwk = match jwk.algorithm {
            AlgorithmParameters::RSA(rsa) => {
                json!({"kty": "RSA", "use": "sig", "kid": kid, "x5t": kid, "n": rsa.n, "e": rsa.e})
            }
            _ => Value::Null,
        };
        Self {
            kid,
            private,
            public,
            jwk,
        }
    }

    /// A compact JWT of these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.private)
            .expect("JSON claims and an RSA key make a token")
    }

    /// The claims of a token that this key signed and that holds at `now`, in the sandbox's clock.
    pub fn open(&self, token: &str, now: Millis) -> Result<Value, BadToken> {
        let mut validation = Validation::new(Algorithm::RS256);
        // The library would compare with the machine's clock, which is not the sandbox's.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Value>(token, &self.public, &validation)
            .map_err(|_| BadToken::Unreadable)?
            .claims;
        let expires = claims["exp"].as_i64().ok_or(BadToken::Unreadable)?;
        if expires * 1000 <= now {
            Err(BadToken::Expired)
        } else {
            Ok(claims)
        }
    }

    /// The JSON Web Key Set.
    pub fn set(&self, issuer: &str) -> Value {
        let mut key = self.jwk.clone();
        key["issuer"] = json!(issuer);
        json!({"keys": [key]})
    }
}
