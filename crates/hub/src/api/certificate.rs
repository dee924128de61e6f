//! What an administrator takes to the platforms' consoles.

use causeway_model::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Makes a key and a certificate with which the app will prove itself to Microsoft Entra. The
/// private key stays in the encrypted store; what was made before and not used is thrown away.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct MakeCertificate {}

/// The certificate to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CertificateView {
    /// X.509 in PEM, the public half alone.
    pub pem: String,
    /// SHA-1 in capitals, as the console shows it.
    pub thumbprint: String,
    pub not_after: Timestamp,
}

/// The manifest from which the organisation makes its own Slack app.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct GetSlackManifest {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlackManifestView {
    /// JSON, as the console takes it.
    pub manifest: String,
    /// Where it is pasted.
    pub console: String,
}
