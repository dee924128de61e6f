//! What a Zoom connection is told by the administrator.

use std::time::Duration;

use causeway_model::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Secret;

/// How long a poll waits for the next one where nothing else hears, at most.
const ALONE_MS: u64 = 3_000;
const LEAST_MS: u64 = 10;

/// The account, the Server-to-Server app in it, and how it is heard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The API with its version, `https://api.zoom.us/v2/`.
    #[serde(default = "default_api_url")]
    pub api_url: Url,
    /// Where tokens are given, `https://zoom.us/oauth/`.
    #[serde(default = "default_oauth_url")]
    pub oauth_url: Url,
    /// Where events are heard, `wss://ws.zoom.us/ws`; the Marketplace shows another for some regions.
    #[serde(default = "default_socket_url")]
    pub socket_url: Url,
    /// The account's id, as the app's page shows it.
    pub account_id: String,
    /// Of the Server-to-Server app.
    pub client_id: String,
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// The event subscription whose method is WebSocket.
    #[serde(default)]
    pub subscription_id: Option<String>,
    /// Address or id of the member as whom the hub itself speaks.
    pub service_user: String,
    /// What speaks for the hub in channels, where there is one.
    #[serde(default)]
    pub chatbot: Option<Chatbot>,
    #[serde(skip)]
    pub chatbot_secret: Option<Secret>,
    /// By what the hub acts as people.
    #[serde(default)]
    pub acts_by: ActsBy,
    /// What people authorise, where the hub acts by their tokens.
    #[serde(default)]
    pub user_app: Option<UserApp>,
    #[serde(skip)]
    pub user_app_secret: Option<Secret>,
    /// The secret token that webhooks are signed with.
    #[serde(skip)]
    pub signing_secret: Option<Secret>,
    /// How many times faster the platform's clock runs than ours; 1 except for a sandbox.
    #[serde(default = "default_pace")]
    pub pace: f64,
    /// How long a poll waits for the next one beside a socket or webhooks, in milliseconds.
    #[serde(default = "default_poll_every_ms")]
    pub poll_every_ms: u64,
}

/// An app that posts under its own name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chatbot {
    pub client_id: String,
    pub robot_jid: String,
}

/// What lets the hub act as a member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActsBy {
    /// The role behind the Server-to-Server app: nobody is asked.
    #[default]
    Role,
    /// That member's own token.
    Token,
}

/// The user-managed app that people authorise for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserApp {
    pub client_id: String,
    /// Whether it is used under its public client id, which goes with no secret.
    #[serde(default)]
    pub public: bool,
}

fn default_api_url() -> Url {
    Url::parse("https://api.zoom.us/v2/").expect("a URL that is written here")
}

fn default_oauth_url() -> Url {
    Url::parse("https://zoom.us/oauth/").expect("a URL that is written here")
}

fn default_socket_url() -> Url {
    Url::parse("wss://ws.zoom.us/ws").expect("a URL that is written here")
}

fn default_pace() -> f64 {
    1.0
}

fn default_poll_every_ms() -> u64 {
    60_000
}

impl Settings {
    /// Settings that no call could be made with are refused at once.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let socket = matches!(self.socket_url.scheme(), "ws" | "wss");
        let no_bot = self
            .chatbot
            .as_ref()
            .is_some_and(|bot| bot.client_id.trim().is_empty() || bot.robot_jid.trim().is_empty());
        let user_app = self.user_app.as_ref();
        let no_user_app = match self.acts_by {
            ActsBy::Role => false,
            ActsBy::Token => user_app.is_none_or(|app| app.client_id.trim().is_empty()),
        };
        let wrong = [
            (self.api_url.cannot_be_a_base(), "api_url"),
            (self.oauth_url.cannot_be_a_base(), "oauth_url"),
            (!socket, "socket_url"),
            (self.account_id.trim().is_empty(), "account_id"),
            (self.client_id.trim().is_empty(), "client_id"),
            (self.service_user.trim().is_empty(), "service_user"),
            (no_bot, "chatbot"),
            (no_user_app, "user_app"),
            (!(self.pace.is_finite() && self.pace > 0.0), "pace"),
        ];
        match wrong.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, name)) => Err(Failure::new(FailureKind::Rejected, "bad_settings", name)),
            None => Ok(()),
        }
    }

    /// An address of the API.
    pub(super) fn api(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = below(&self.api_url, path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub(super) fn token_url(&self) -> Url {
        below(&self.oauth_url, &["token"])
    }

    /// Where people authorise the app.
    pub(super) fn authorize_url(&self) -> Url {
        below(&self.oauth_url, &["authorize"])
    }

    /// The subscription's name, where there is one.
    pub(super) fn subscription(&self) -> Option<&str> {
        let id = self.subscription_id.as_deref()?.trim();
        (!id.is_empty()).then_some(id)
    }

    /// A time that the platform's clock measures, by ours.
    pub(super) fn by_our_clock(&self, time: Duration) -> Duration {
        Duration::try_from_secs_f64(time.as_secs_f64() / self.pace).unwrap_or(time)
    }

    /// The same in milliseconds, and never less than a few: nothing is to be asked at once again.
    pub(super) fn ms_by_our_clock(&self, ms: u64) -> u64 {
        let ours = self.by_our_clock(Duration::from_millis(ms)).as_millis();
        u64::try_from(ours).unwrap_or(ms).max(LEAST_MS.min(ms))
    }

    /// How long polls rest, while something else hears too or while nothing does.
    pub(super) fn poll_every(&self, heard_otherwise: bool) -> Duration {
        Duration::from_millis(match heard_otherwise {
            true => self.poll_every_ms,
            false => self.poll_every_ms.min(ALONE_MS),
        })
    }
}

fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn least() -> Settings {
        serde_json::from_value(json!({
            "account_id": "A", "client_id": "C", "service_user": "hub@acme.example"
        }))
        .expect("settings")
    }

    #[test]
    fn what_is_not_said_is_zooms_own() {
        let settings = least();
        assert_eq!(
            settings.api(&["users", "a/b"], &[("x", "1 2")]).as_str(),
            "https://api.zoom.us/v2/users/a%2Fb?x=1+2"
        );
        assert_eq!(settings.token_url().as_str(), "https://zoom.us/oauth/token");
        assert_eq!(settings.check(), Ok(()));
    }

    #[test]
    fn secrets_are_not_written_with_the_settings() {
        let mut settings = least();
        settings.client_secret = Some(Secret::new("one"));
        settings.chatbot_secret = Some(Secret::new("two"));
        settings.signing_secret = Some(Secret::new("three"));
        settings.user_app_secret = Some(Secret::new("four"));
        let written = serde_json::to_string(&settings).expect("json");
        let told = ["one", "two", "three", "four"].map(|secret| written.contains(secret));
        assert_eq!(told, [false; 4]);
    }

    #[test]
    fn settings_that_no_call_could_be_made_with_are_named() {
        let mut settings = least();
        settings.pace = 0.0;
        assert_eq!(settings.check().map_err(|f| f.detail), Err("pace".into()));
        settings.socket_url = "https://ws.zoom.us/ws".parse().expect("a URL");
        assert_eq!(
            settings.check().map_err(|f| f.detail),
            Err("socket_url".into())
        );
    }

    #[test]
    fn people_are_acted_as_by_role_unless_an_app_of_theirs_is_named() {
        let mut settings = least();
        assert_eq!(settings.acts_by, ActsBy::Role);
        settings.acts_by = ActsBy::Token;
        let named = settings.check().map_err(|failure| failure.detail);
        assert_eq!(named, Err("user_app".into()));
        settings.user_app = Some(UserApp {
            client_id: "U".to_owned(),
            public: true,
        });
        assert_eq!(settings.check(), Ok(()));
    }

    #[test]
    fn polls_come_often_while_nothing_else_hears() {
        let settings = least();
        assert_eq!(settings.poll_every(true).as_secs(), 60);
        assert_eq!(settings.poll_every(false).as_secs(), 3);
    }
}
