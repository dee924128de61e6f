//! Connecting platforms.

use std::collections::BTreeMap;

use causeway_model::{ConnectionId, Health, Platform, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ServiceSignInId;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
pub struct ListConnections {}

/// A connection as the Platforms page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectionView {
    pub id: ConnectionId,
    pub platform: Platform,
    pub name: String,
    pub health: Health,
    /// Since when nothing is sent there, because an administrator has paused it.
    pub paused_since: Option<Timestamp>,
    /// The one action that would help, in words; none while it is well.
    pub action: Option<String>,
    #[ts(type = "number")]
    pub accounts: u64,
    /// Accounts whose owners have authorised the hub.
    #[ts(type = "number")]
    pub authorised: u64,
}

/// Connects a Slack workspace, or renews the credentials of the one that is connected.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct ConnectSlack {
    /// The Web API's base URL; Slack's own where absent.
    pub api_url: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    /// `xoxb-…`
    pub bot_token: String,
    /// `xapp-…`, with `connections:write`: events come by Socket Mode.
    pub app_token: Option<String>,
    /// With it and a public address, an app token is not needed: Slack sends events to the hub.
    pub signing_secret: Option<String>,
    /// Tokens of people who have authorised the hub, by e-mail address or account id.
    #[serde(default)]
    pub user_tokens: BTreeMap<String, String>,
}

/// Connects a Microsoft 365 tenant, or renews the credentials of the one that is connected.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct ConnectTeams {
    /// Graph's base URL with its version; Microsoft's own where absent.
    pub graph_url: Option<String>,
    /// Entra's base URL; Microsoft's own where absent.
    pub login_url: Option<String>,
    /// The tenant's id or domain.
    pub tenant: String,
    pub client_id: String,
    /// The client secret's value; absent where the app proves itself by a certificate.
    #[serde(default)]
    pub client_secret: String,
    /// When the client secret ends, as the console shows it: the hub warns in time.
    #[serde(default)]
    pub client_secret_ends: Option<Timestamp>,
    /// Prove the app by the certificate that was made last, instead of a secret.
    #[serde(default)]
    pub certificate: bool,
    /// The licensed member that speaks where nobody else can: address or object id; whoever has
    /// signed in where absent.
    #[serde(default)]
    pub service_account: Option<String>,
    /// How the hub comes to speak as that member: a sign-in that has succeeded, or their refresh
    /// token. One of the two.
    #[serde(default)]
    pub service_sign_in: Option<ServiceSignInId>,
    #[serde(default)]
    pub service_account_refresh_token: Option<String>,
    /// Refresh tokens of people who have authorised the hub, by e-mail address or object id.
    #[serde(default)]
    pub refresh_tokens: BTreeMap<String, String>,
    /// How often chats are polled where no notifications arrive.
    #[ts(type = "number | null")]
    pub poll_every_ms: Option<u64>,
}

/// Connects a Webex organisation, or renews the credentials of the one that is connected.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct ConnectWebex {
    /// The API's base URL; Webex's own where absent.
    #[serde(default)]
    pub api_url: Option<String>,
    /// The organisation's own integration.
    pub client_id: String,
    pub client_secret: String,
    /// The access token of the organisation's own bot.
    pub bot_token: String,
    /// How the hub comes to read as an administrator who is compliance officer too: a sign-in that
    /// has succeeded, or their refresh token for the integration. One of the two.
    #[serde(default)]
    pub administrator_sign_in: Option<ServiceSignInId>,
    #[serde(default)]
    pub administrator_refresh_token: Option<String>,
    /// The Service App that makes guests; without it there are none.
    #[serde(default)]
    pub guest_issuer: Option<WebexGuestIssuer>,
    /// Refresh tokens of people who have authorised the integration, by e-mail address or id.
    #[serde(default)]
    pub refresh_tokens: BTreeMap<String, String>,
    /// How often events are asked for.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub poll_every_ms: Option<u64>,
    /// Hear by the sockets of the bot and of everybody whose token is held, instead of the
    /// organisation's events: the administrator need not be compliance officer then.
    #[serde(default)]
    pub hear_by_sockets: bool,
}

/// A Service App that an administrator has authorised for the organisation.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct WebexGuestIssuer {
    pub client_id: String,
    pub client_secret: String,
    /// As the app's page shows it once the organisation has authorised it.
    pub refresh_token: String,
}

/// Connects a Zoom account, or renews the credentials of the one that is connected.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct ConnectZoom {
    /// The API's base URL; Zoom's own where absent.
    #[serde(default)]
    pub api_url: Option<String>,
    /// The base URL of authorisation; Zoom's own where absent.
    #[serde(default)]
    pub oauth_url: Option<String>,
    /// Where the WebSocket is opened; as Zoom's page shows it, which depends on the region.
    #[serde(default)]
    pub socket_url: Option<String>,
    pub account_id: String,
    /// The account's own Server-to-Server OAuth app.
    pub client_id: String,
    pub client_secret: String,
    /// Of the event subscription by WebSocket.
    #[serde(default)]
    pub subscription_id: Option<String>,
    /// With it and a public address, a subscription by WebSocket is not needed.
    #[serde(default)]
    pub secret_token: Option<String>,
    /// The member through whom the hub itself speaks: address or id.
    pub service_user: String,
    /// The chatbot that speaks for people who have no account; the member does without it.
    #[serde(default)]
    pub chatbot: Option<ZoomChatbot>,
    /// The app that each person authorises for their own account, by a link to the public address.
    /// Without it the Server-to-Server app acts as members by its role, and nobody is asked.
    #[serde(default)]
    pub user_app: Option<ZoomUserApp>,
}

/// The account's own user-managed app.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct ZoomUserApp {
    pub client_id: String,
    /// Absent where the client id is the app's public one, which proves itself by PKCE alone.
    #[serde(default)]
    pub client_secret: Option<String>,
}

/// The account's own chatbot.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
pub struct ZoomChatbot {
    pub client_id: String,
    pub client_secret: String,
    /// `…@xmpp.zoom.us`
    pub robot_jid: String,
}

/// Settles how a connected platform is used. What is not given stays as it is, and renewed
/// credentials change none of it.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct TuneConnection {
    pub platform: Platform,
    /// How many times faster than ours the platform's clock runs: for stand-ins.
    #[serde(default)]
    pub pace: Option<u32>,
    /// How the token of a guest account that was taken up is had, in the order to be tried.
    #[serde(default)]
    pub guest_sign_in: Option<Vec<GuestSignIn>>,
    /// Passwords that the organisation holds, by the guest's e-mail address.
    #[serde(default)]
    pub guest_passwords: BTreeMap<String, String>,
}

/// How the hub comes by the token of a guest account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GuestSignIn {
    /// An administrator signs the guest in once.
    Administrator,
    /// With a password that the organisation holds.
    Password,
}

impl GuestSignIn {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Password => "password",
        }
    }
}

macro_rules! hidden_debug {
    ($($name:ident),*) => {$(
        /// Credentials are never shown.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
hidden_debug!(
    ConnectSlack,
    ConnectTeams,
    ConnectWebex,
    WebexGuestIssuer,
    ConnectZoom,
    ZoomChatbot,
    ZoomUserApp,
    TuneConnection
);
