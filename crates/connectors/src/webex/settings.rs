//! What a Webex connection is told by the administrator.

use std::time::Duration;

use causeway_model::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Secret;

/// The organisation's own Integration, and what makes its guests.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The API with its version, e.g. `https://webexapis.com/v1/`.
    pub api_url: Url,
    /// The Integration's client id.
    pub client_id: String,
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// The Service App's client id; absent where there are no guests.
    #[serde(default)]
    pub guest_issuer: Option<String>,
    #[serde(skip)]
    pub guest_issuer_secret: Option<Secret>,
    /// What webhooks are signed with; made anew each time we listen where absent.
    #[serde(skip)]
    pub signing_secret: Option<Secret>,
    /// How long a poll waits for the next one, in milliseconds.
    #[serde(default = "default_poll_every_ms")]
    pub poll_every_ms: u64,
    /// How many times faster the platform's clock runs than ours; 1 except for a sandbox.
    #[serde(default = "default_pace")]
    pub pace: f64,
}

fn default_poll_every_ms() -> u64 {
    3_000
}

fn default_pace() -> f64 {
    1.0
}

impl Settings {
    /// Settings that no call could be made with are refused at once.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let no_issuer = self.guest_issuer.as_deref();
        let wrong = [
            (self.api_url.cannot_be_a_base(), "api_url"),
            (self.client_id.trim().is_empty(), "client_id"),
            (
                no_issuer.is_some_and(|id| id.trim().is_empty()),
                "guest_issuer",
            ),
            (!(self.pace.is_finite() && self.pace > 0.0), "pace"),
        ];
        match wrong.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, name)) => Err(Failure::new(FailureKind::Rejected, "bad_settings", name)),
            None => Ok(()),
        }
    }

    /// An address below the API.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.api_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// How long a time that the platform's clock measures takes by ours, in milliseconds.
    pub(super) fn by_our_clock(&self, time: Duration) -> i64 {
        let ms = time.as_secs_f64() * 1_000.0 / self.pace;
        // What is too large for the type becomes the largest that it holds.
        ms.round() as i64
    }

    /// Whether an application named in an event (`ciscospark://us/APPLICATION/C0ffee`) is the
    /// Integration or what makes the guests: whatever it did, the hub did.
    pub(super) fn is_own_app(&self, name: &str) -> bool {
        let ours = [Some(self.client_id.as_str()), self.guest_issuer.as_deref()];
        ours.into_iter().flatten().any(|id| id == name)
    }
}
