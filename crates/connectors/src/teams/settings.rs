//! What a Teams connection is told by the administrator.

use std::time::Duration;

use causeway_model::{Failure, FailureKind, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::certificate::ClientCertificate;
use crate::Secret;

/// Of a refresh token that is not used.
const REFRESH_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The tenant, the app registered in it, and how it is heard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Microsoft Graph with its version, e.g. `https://graph.microsoft.com/v1.0`.
    pub graph_url: Url,
    /// Microsoft Entra, e.g. `https://login.microsoftonline.com`.
    pub login_url: Url,
    /// The tenant's id or one of its domains.
    pub tenant: String,
    /// The app registration's application id.
    pub client_id: String,
    /// Absent for a public client, which has no application token, and where there is a certificate.
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// What the app proves itself with instead of the secret, where it has one.
    #[serde(skip)]
    pub certificate: Option<ClientCertificate>,
    /// Object id or user principal name of the service account.
    pub service_account: String,
    /// How long a poll waits for the next one while nothing else hears, in milliseconds.
    #[serde(default = "default_poll_every_ms")]
    pub poll_every_ms: u64,
    #[serde(default)]
    pub hear: Hear,
    /// How many times faster the platform's clock runs than ours; 1 except for a sandbox.
    #[serde(default = "default_pace")]
    pub pace: f64,
    /// Where someone who takes up an invitation comes out; Teams on the web where absent.
    #[serde(default)]
    pub guest_landing: Option<Url>,
}

/// With whose permission chats are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hear {
    /// The app's own (`Chat.Read.All`), which Microsoft may have to approve; accounts that it may
    /// not read are heard by their own token.
    #[default]
    Application,
    /// Each account's own token.
    Delegated,
}

fn default_poll_every_ms() -> u64 {
    5_000
}

fn default_pace() -> f64 {
    1.0
}

impl Settings {
    /// Settings that no call could be made with are refused at once.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let wrong = [
            (self.graph_url.cannot_be_a_base(), "graph_url"),
            (self.login_url.cannot_be_a_base(), "login_url"),
            (self.tenant.trim().is_empty(), "tenant"),
            (self.client_id.trim().is_empty(), "client_id"),
            (self.service_account.trim().is_empty(), "service_account"),
            (!(self.pace.is_finite() && self.pace > 0.0), "pace"),
        ];
        match wrong.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, name)) => Err(Failure::new(FailureKind::Rejected, "bad_settings", name)),
            None => Ok(()),
        }
    }

    /// An address below the tenant at Microsoft Entra.
    pub(super) fn login(&self, path: &[&str]) -> Url {
        let mut url = self.login_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(&self.tenant).extend(path);
        }
        url
    }

    /// How long a time that the platform's clock measures takes by ours, in milliseconds.
    pub(super) fn by_our_clock(&self, time: Duration) -> u64 {
        let ms = time.as_secs_f64() * 1_000.0 / self.pace;
        // What is too large for the type becomes the largest that it holds.
        ms.round() as u64
    }

    /// When a refresh token that was used at `now` ends, unless it is used again: after ninety days,
    /// where no policy of the tenant ends it sooner, which nobody tells.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/refresh-tokens>, "Token lifetime".
    pub(super) fn refresh_ends(&self, now: Timestamp) -> Option<Timestamp> {
        let life = i64::try_from(self.by_our_clock(REFRESH_LIFE)).ok()?;
        Some(now.plus_ms(life))
    }

    /// What application tokens are asked for.
    pub(super) fn application_scope(&self) -> String {
        self.graph_scope(".default")
    }

    /// A permission of Graph of the cloud that `graph_url` is in. A stand-in of Graph passes for the
    /// worldwide one.
    /// Source: <https://learn.microsoft.com/graph/deployments>.
    pub(super) fn graph_scope(&self, permission: &str) -> String {
        let national = [
            "graph.microsoft.us",
            "dod-graph.microsoft.us",
            "microsoftgraph.chinacloudapi.cn",
        ];
        let host = self.graph_url.host_str().unwrap_or_default();
        let host = national
            .into_iter()
            .find(|known| *known == host)
            .unwrap_or("graph.microsoft.com");
        format!("https://{host}/{permission}")
    }
}
