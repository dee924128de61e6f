//! Installing the hub's app through the browser.

use causeway_model::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Begins to install the organisation's own Slack app: the browser goes to Slack, comes back to the
/// hub's public address, and the workspace is connected. Events come to that address too.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct BeginSlackInstall {
    /// The Web API's base URL; Slack's own where absent.
    pub api_url: Option<String>,
    pub client_id: String,
    pub client_secret: String,
    pub signing_secret: String,
}

/// Credentials are never shown.
impl std::fmt::Debug for BeginSlackInstall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BeginSlackInstall(..)")
    }
}

/// An installation that waits for a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlackInstallView {
    /// Where an administrator of the workspace agrees. It works once.
    pub authorize_url: String,
    /// Where Slack sends them back to: one of the app's redirect URLs has to begin with it.
    pub callback_url: String,
    pub expires_at: Timestamp,
}
