//! How the app proves itself to the token endpoint: by its certificate, or else by its secret.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.

use causeway_model::{Random, Timestamp};

use super::settings::Settings;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Settings {
    /// Whether the app can prove itself at all.
    pub(super) fn proves_itself(&self) -> bool {
        self.client_secret.is_some() || self.certificate.is_some()
    }

    /// The fields that prove it, good for one request soon; none for a public client.
    pub(super) fn proof(&self, now: Timestamp, random: &dyn Random) -> Vec<(&'static str, String)> {
        if let Some(certificate) = &self.certificate {
            let audience = self.login(&["oauth2", "v2.0", "token"]);
            let signed = certificate.assertion(&audience, &self.client_id, now, random);
            // Without it Entra says what is missing.
            return signed.map_or_else(
                |_| {
                    tracing::error!("the certificate's key cannot sign");
                    Vec::new()
                },
                |assertion| {
                    vec![
                        ("client_assertion_type", ASSERTION.to_owned()),
                        ("client_assertion", assertion),
                    ]
                },
            );
        }
        let secret = self.client_secret.iter();
        secret
            .map(|secret| ("client_secret", secret.reveal().to_owned()))
            .collect()
    }
}
