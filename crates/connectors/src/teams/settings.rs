//! What a Teams connection is told by the administrator.

use causeway_model::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Secret;

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
    /// Absent for a public client, which has no application token.
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// Object id or user principal name of the service account.
    pub service_account: String,
    /// How long a poll waits for the next one while nothing else hears, in milliseconds.
    #[serde(default = "default_poll_every_ms")]
    pub poll_every_ms: u64,
    #[serde(default)]
    pub hear: Hear,
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

impl Settings {
    /// Settings that no call could be made with are refused at once.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let wrong = [
            (self.graph_url.cannot_be_a_base(), "graph_url"),
            (self.login_url.cannot_be_a_base(), "login_url"),
            (self.tenant.trim().is_empty(), "tenant"),
            (self.client_id.trim().is_empty(), "client_id"),
            (self.service_account.trim().is_empty(), "service_account"),
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

    /// What application tokens are asked for: Graph of the cloud that `graph_url` is in. A stand-in
    /// of Graph passes for the worldwide one.
    /// Source: <https://learn.microsoft.com/graph/deployments>.
    pub(super) fn application_scope(&self) -> String {
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
        format!("https://{host}/.default")
    }
}
