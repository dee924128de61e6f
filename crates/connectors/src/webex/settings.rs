//! What a Webex connection is told by the administrator.

use std::time::Duration;

use causeway_model::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Secret;

/// How what people say is heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hear {
    /// Through the organisation's events, which a compliance officer may read.
    #[default]
    Events,
    /// Through the sockets of the bot and of everybody whose token is held, without one.
    Sockets,
}

/// The organisation's own Integration, and what makes its guests.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The API with its version, e.g. `https://webexapis.com/v1/`.
    pub api_url: Url,
    /// Where the addresses of Webex's other services are asked for; as [`Settings::catalog`] says
    /// where absent.
    #[serde(default)]
    pub catalog_url: Option<Url>,
    /// The Integration's client id.
    pub client_id: String,
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// The Service App's client id; absent where there are no guests.
    #[serde(default)]
    pub guest_issuer: Option<String>,
    #[serde(skip)]
    pub guest_issuer_secret: Option<Secret>,
    #[serde(default)]
    pub hear: Hear,
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

/// Where Webex's own API is, and where its catalogue of services is.
const WEBEX_API: &str = "webexapis.com";
const WEBEX_CATALOG: &str = "https://u2c.wbx2.com/u2c/api/v1/catalog";
const CATALOG_PATH: &str = "/u2c/api/v1/catalog";
/// Below these are all of Webex's services.
const DOMAINS: [&str; 4] = ["wbx2.com", "webex.com", "webexapis.com", "ciscospark.com"];

fn default_poll_every_ms() -> u64 {
    3_000
}

fn default_pace() -> f64 {
    1.0
}

impl Settings {
    /// Settings that no call could be made with are refused at once.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let issuer = self.guest_issuer.as_deref();
        let wrong = [
            (self.api_url.cannot_be_a_base(), "api_url"),
            (self.client_id.trim().is_empty(), "client_id"),
            (
                issuer.is_some_and(|id| id.trim().is_empty()),
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

    /// The catalogue of services: the given one, Webex's own for its own API, else one beside the API.
    pub(super) fn catalog(&self) -> Url {
        let own = || match self.api_url.host_str() {
            Some(WEBEX_API) => Url::parse(WEBEX_CATALOG).ok(),
            Some(_) | None => self.api_url.join(CATALOG_PATH).ok(),
        };
        let given = self.catalog_url.clone().or_else(own);
        let mut url = given.unwrap_or_else(|| self.api_url.clone());
        url.query_pairs_mut().append_pair("format", "hostmap");
        url
    }

    /// Whether a token may go there: to Webex alone, whatever a catalogue says, and in the clear only
    /// where the API itself is asked in the clear.
    pub(super) fn may_have_token(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let beside = [Some(&self.api_url), self.catalog_url.as_ref()]
            .into_iter()
            .flatten()
            .any(|known| known.host_str() == Some(host));
        let below = |domain: &str| {
            let rest = host.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        match url.scheme() {
            "https" | "wss" => beside || DOMAINS.iter().any(|domain| below(domain)),
            "http" | "ws" => beside && self.api_url.scheme() == "http",
            _ => false,
        }
    }

    /// How long a time that the platform's clock measures takes by ours, in milliseconds.
    pub(super) fn by_our_clock(&self, time: Duration) -> i64 {
        let ms = time.as_secs_f64() * 1_000.0 / self.pace;
        // What is too large for the type becomes the largest that it holds.
        ms.round() as i64
    }

    /// Whether an application is the Integration or what makes the guests, by its client id:
    /// whatever it did, the hub did.
    pub(super) fn is_own_app(&self, name: &str) -> bool {
        let ours = [Some(self.client_id.as_str()), self.guest_issuer.as_deref()];
        ours.into_iter().flatten().any(|id| id == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(api: &str) -> Settings {
        let json = serde_json::json!({ "api_url": api, "client_id": "C" });
        serde_json::from_value(json).expect("settings")
    }

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[test]
    fn the_catalogue_is_webexs_own_or_beside_another_api() {
        let own = at("https://webexapis.com/v1/").catalog();
        assert_eq!(
            own.as_str(),
            "https://u2c.wbx2.com/u2c/api/v1/catalog?format=hostmap"
        );
        let other = at("http://127.0.0.1:7/v1/").catalog();
        assert_eq!(
            other.as_str(),
            "http://127.0.0.1:7/u2c/api/v1/catalog?format=hostmap"
        );
    }

    #[test]
    fn a_token_goes_to_webex_alone() {
        let webex = at("https://webexapis.com/v1/");
        for good in [
            "https://wdm-a.wbx2.com/wdm/api/v1",
            "wss://mercury-connection-a5.wbx2.com/v1/apps/wx2/x",
            "https://webexapis.com/v1/",
            "https://api-a.wbx2.com/v1/events?cursor=2",
            "https://api.ciscospark.com/v1/events?cursor=2",
        ] {
            assert!(webex.may_have_token(&url(good)), "{good}");
        }
        for bad in [
            "http://wdm-a.wbx2.com/wdm/api/v1",
            "ws://mercury.wbx2.com/",
            "https://evilwbx2.com/",
            "https://wbx2.com.example/",
            "file:///wbx2.com",
        ] {
            assert!(!webex.may_have_token(&url(bad)), "{bad}");
        }
        let sandbox = at("http://127.0.0.1:7/v1/");
        assert!(sandbox.may_have_token(&url("ws://127.0.0.1:8/mercury/1")));
        assert!(!sandbox.may_have_token(&url("ws://127.0.0.2:7/mercury/1")));
    }
}
