//! What platforms are connected with.

use causeway_model::Timestamp;
use clap::{Args, Subcommand, ValueEnum};

use super::date;

#[derive(Debug, Subcommand)]
pub enum Connect {
    /// A Slack workspace, through your organisation's own app.
    Slack(ConnectSlack),
    /// A Slack workspace, by installing your organisation's own app in the browser; the relay runs
    /// and has a public address.
    SlackInstall(SlackInstall),
    /// A Microsoft 365 tenant, through your organisation's own app registration.
    Teams(ConnectTeams),
    /// A Webex organisation, through its own integration and bot.
    Webex(ConnectWebex),
    /// A Zoom account, through its own Server-to-Server OAuth app.
    Zoom(ConnectZoom),
}

#[derive(Args)]
pub struct ConnectSlack {
    /// The Web API's base URL.
    #[arg(long, env = "CAUSEWAY_SLACK_API_URL", value_name = "URL")]
    pub api_url: Option<String>,
    #[arg(long, env = "CAUSEWAY_SLACK_CLIENT_ID")]
    pub client_id: Option<String>,
    #[arg(
        long,
        env = "CAUSEWAY_SLACK_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub client_secret: Option<String>,
    /// xoxb-…
    #[arg(
        long,
        env = "CAUSEWAY_SLACK_BOT_TOKEN",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub bot_token: String,
    /// xapp-…; events come by Socket Mode. Not needed with a signing secret and a public address.
    #[arg(
        long,
        env = "CAUSEWAY_SLACK_APP_TOKEN",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub app_token: Option<String>,
    /// With which Slack signs what it sends to the hub's public address.
    #[arg(
        long,
        env = "CAUSEWAY_SLACK_SIGNING_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true,
        required_unless_present = "app_token"
    )]
    pub signing_secret: Option<String>,
    /// A token of someone who has authorised the hub, as ADDRESS=TOKEN; may be repeated.
    #[arg(
        long = "user-token",
        env = "CAUSEWAY_SLACK_USER_TOKENS",
        hide_env_values = true,
        allow_hyphen_values = true,
        value_delimiter = ',',
        value_name = "ADDRESS=TOKEN"
    )]
    pub user_tokens: Vec<String>,
    /// How many times faster than ours the platform's clock runs; for the sandbox.
    #[arg(long, hide = true, env = "CAUSEWAY_SLACK_PACE", value_name = "N")]
    pub pace: Option<u32>,
}

#[derive(Args)]
pub struct SlackInstall {
    /// The Web API's base URL.
    #[arg(long, env = "CAUSEWAY_SLACK_API_URL", value_name = "URL")]
    pub api_url: Option<String>,
    #[arg(long, env = "CAUSEWAY_SLACK_CLIENT_ID")]
    pub client_id: String,
    #[arg(
        long,
        env = "CAUSEWAY_SLACK_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub client_secret: String,
    #[arg(
        long,
        env = "CAUSEWAY_SLACK_SIGNING_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub signing_secret: String,
}

#[derive(Args)]
pub struct ConnectTeams {
    /// Microsoft Graph's base URL with its version.
    #[arg(long, env = "CAUSEWAY_TEAMS_GRAPH_URL", value_name = "URL")]
    pub graph_url: Option<String>,
    /// Microsoft Entra's base URL.
    #[arg(long, env = "CAUSEWAY_TEAMS_LOGIN_URL", value_name = "URL")]
    pub login_url: Option<String>,
    /// The tenant's id or domain.
    #[arg(long, env = "CAUSEWAY_TEAMS_TENANT")]
    pub tenant: String,
    #[arg(long, env = "CAUSEWAY_TEAMS_CLIENT_ID")]
    pub client_id: String,
    /// The client secret's value. A certificate is better: it cannot be read off a screen.
    #[arg(
        long,
        env = "CAUSEWAY_TEAMS_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true,
        required_unless_present = "certificate"
    )]
    pub client_secret: Option<String>,
    /// When the client secret ends, as the console shows it, e.g. 2027-05-31: the hub warns in time.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub client_secret_ends: Option<Timestamp>,
    /// Prove the app by the certificate that `causeway certificate` has made.
    #[arg(long, conflicts_with = "client_secret")]
    pub certificate: bool,
    /// The licensed member that speaks where nobody else can: address or object id. Whoever signs
    /// in where absent.
    #[arg(long, env = "CAUSEWAY_TEAMS_SERVICE_ACCOUNT")]
    pub service_account: Option<String>,
    /// How the service account signs in: with a code, on any device, or in a browser on this
    /// machine. With a code where no refresh token is given.
    #[arg(
        long,
        value_enum,
        value_name = "WAY",
        conflicts_with = "service_account_refresh_token"
    )]
    pub sign_in: Option<SignInWay>,
    /// Instead of signing in.
    #[arg(
        long,
        env = "CAUSEWAY_TEAMS_SERVICE_ACCOUNT_REFRESH_TOKEN",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub service_account_refresh_token: Option<String>,
    /// A refresh token of someone who has authorised the hub, as ADDRESS=TOKEN; may be repeated.
    #[arg(
        long = "refresh-token",
        env = "CAUSEWAY_TEAMS_REFRESH_TOKENS",
        hide_env_values = true,
        allow_hyphen_values = true,
        value_delimiter = ',',
        value_name = "ADDRESS=TOKEN"
    )]
    pub refresh_tokens: Vec<String>,
    /// How often chats are polled where no notifications arrive, in milliseconds.
    #[arg(long, env = "CAUSEWAY_TEAMS_POLL_MS", value_name = "MS")]
    pub poll_ms: Option<u64>,
    /// How many times faster than ours the platform's clock runs; for the sandbox.
    #[arg(long, hide = true, env = "CAUSEWAY_TEAMS_PACE", value_name = "N")]
    pub pace: Option<u32>,
    /// How the token of a guest account that was taken up is had, in the order to be tried:
    /// `admin` (you sign it in once, `people sign-in`) or `password`. At first: admin.
    #[arg(
        long,
        env = "CAUSEWAY_TEAMS_GUEST_SIGN_IN",
        value_enum,
        value_delimiter = ',',
        value_name = "WAY,…"
    )]
    pub guest_sign_in: Vec<GuestSignIn>,
    /// The password that your organisation holds for a guest, as ADDRESS=PASSWORD; may be
    /// repeated.
    #[arg(long = "guest-password", value_name = "ADDRESS=PASSWORD")]
    pub guest_passwords: Vec<String>,
}

#[derive(Args)]
pub struct ConnectWebex {
    /// The API's base URL.
    #[arg(long, env = "CAUSEWAY_WEBEX_API_URL", value_name = "URL")]
    pub api_url: Option<String>,
    /// The integration's client id.
    #[arg(long, env = "CAUSEWAY_WEBEX_CLIENT_ID")]
    pub client_id: String,
    #[arg(
        long,
        env = "CAUSEWAY_WEBEX_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub client_secret: String,
    /// The bot's access token.
    #[arg(
        long,
        env = "CAUSEWAY_WEBEX_BOT_TOKEN",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub bot_token: String,
    /// By what people are heard. For sockets the administrator need not be compliance officer.
    #[arg(
        long,
        env = "CAUSEWAY_WEBEX_HEAR",
        value_enum,
        value_name = "SOURCE",
        default_value = "events"
    )]
    pub hear: WebexHear,
    /// Instead of signing in with a code, as an administrator who is compliance officer too.
    #[arg(
        long,
        env = "CAUSEWAY_WEBEX_ADMINISTRATOR_REFRESH_TOKEN",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub administrator_refresh_token: Option<String>,
    /// The client id of the Service App that makes guests; there are none without it.
    #[arg(
        long,
        env = "CAUSEWAY_WEBEX_GUEST_CLIENT_ID",
        requires_all = ["guest_client_secret", "guest_refresh_token"]
    )]
    pub guest_client_id: Option<String>,
    #[arg(
        long,
        env = "CAUSEWAY_WEBEX_GUEST_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub guest_client_secret: Option<String>,
    #[arg(
        long,
        env = "CAUSEWAY_WEBEX_GUEST_REFRESH_TOKEN",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub guest_refresh_token: Option<String>,
    /// A refresh token of someone who has authorised the hub, as ADDRESS=TOKEN; may be repeated.
    #[arg(
        long = "refresh-token",
        env = "CAUSEWAY_WEBEX_REFRESH_TOKENS",
        hide_env_values = true,
        allow_hyphen_values = true,
        value_delimiter = ',',
        value_name = "ADDRESS=TOKEN"
    )]
    pub refresh_tokens: Vec<String>,
    /// How often events are asked for, in milliseconds.
    #[arg(long, env = "CAUSEWAY_WEBEX_POLL_MS", value_name = "MS")]
    pub poll_ms: Option<u64>,
    /// How many times faster than ours the platform's clock runs; for the sandbox.
    #[arg(long, hide = true, env = "CAUSEWAY_WEBEX_PACE", value_name = "N")]
    pub pace: Option<u32>,
}

#[derive(Args)]
pub struct ConnectZoom {
    /// The API's base URL.
    #[arg(long, env = "CAUSEWAY_ZOOM_API_URL", value_name = "URL")]
    pub api_url: Option<String>,
    /// The base URL of authorisation.
    #[arg(long, env = "CAUSEWAY_ZOOM_OAUTH_URL", value_name = "URL")]
    pub oauth_url: Option<String>,
    /// Where the WebSocket is opened, as the subscription's page shows it.
    #[arg(long, env = "CAUSEWAY_ZOOM_SOCKET_URL", value_name = "URL")]
    pub socket_url: Option<String>,
    #[arg(long, env = "CAUSEWAY_ZOOM_ACCOUNT_ID")]
    pub account_id: String,
    /// Of the Server-to-Server OAuth app.
    #[arg(long, env = "CAUSEWAY_ZOOM_CLIENT_ID")]
    pub client_id: String,
    #[arg(
        long,
        env = "CAUSEWAY_ZOOM_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub client_secret: String,
    /// Of the event subscription by WebSocket. One hub alone may use it.
    #[arg(long, env = "CAUSEWAY_ZOOM_SUBSCRIPTION_ID")]
    pub subscription_id: Option<String>,
    /// With which Zoom signs what it sends to the hub's public address, where there is no
    /// subscription by WebSocket.
    #[arg(
        long,
        env = "CAUSEWAY_ZOOM_SECRET_TOKEN",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub secret_token: Option<String>,
    /// The member through whom the hub itself speaks: address or id.
    #[arg(long, env = "CAUSEWAY_ZOOM_SERVICE_USER")]
    pub service_user: String,
    /// The client id of the chatbot that speaks for people who have no account.
    #[arg(
        long,
        env = "CAUSEWAY_ZOOM_CHATBOT_CLIENT_ID",
        requires_all = ["chatbot_client_secret", "chatbot_jid"]
    )]
    pub chatbot_client_id: Option<String>,
    #[arg(
        long,
        env = "CAUSEWAY_ZOOM_CHATBOT_CLIENT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub chatbot_client_secret: Option<String>,
    /// …@xmpp.zoom.us
    #[arg(long, env = "CAUSEWAY_ZOOM_CHATBOT_JID")]
    pub chatbot_jid: Option<String>,
    /// The client id of the app that each person authorises, by a link to the public address. Without
    /// it the Server-to-Server app acts as members by its role, and nobody is asked.
    #[arg(long, env = "CAUSEWAY_ZOOM_USER_APP_CLIENT_ID")]
    pub user_app_client_id: Option<String>,
    /// Left out where the client id is the app's public one.
    #[arg(
        long,
        env = "CAUSEWAY_ZOOM_USER_APP_CLIENT_SECRET",
        hide_env_values = true,
        requires = "user_app_client_id"
    )]
    pub user_app_client_secret: Option<String>,
    /// How many times faster than ours the platform's clock runs; for the sandbox.
    #[arg(long, hide = true, env = "CAUSEWAY_ZOOM_PACE", value_name = "N")]
    pub pace: Option<u32>,
}

/// By what an organisation of Webex is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WebexHear {
    /// The organisation's events, which a compliance officer may read.
    Events,
    /// The sockets of the bot and of everybody who has authorised the hub. People who have no account
    /// of theirs in Webex, or have not authorised it, cannot be written to from there.
    Sockets,
}

/// How the service account signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SignInWay {
    Device,
    Browser,
}

/// How the hub comes by the token of a guest account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GuestSignIn {
    Admin,
    Password,
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
    ConnectZoom,
    SlackInstall
);
