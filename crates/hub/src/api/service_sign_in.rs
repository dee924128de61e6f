//! Signing in the account that the hub itself speaks or reads as (the Teams service account, Webex's
//! administrator), before its platform is connected: nobody handles a token.

use causeway_model::{ExternalAccount, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::HubError;

/// One sign-in. It is known to the process that began it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ServiceSignInId(pub String);

/// Begins a sign-in, for the app that will be connected.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct BeginServiceSignIn {
    pub app: SignInApp,
    /// Who is to sign in, by address or id; any member of the organisation where absent.
    #[serde(default)]
    pub service_account: Option<String>,
    pub way: ServiceSignInWay,
    /// How many times faster than ours the platform's clock runs: for stand-ins.
    #[serde(default)]
    pub pace: Option<u32>,
}

/// The app through which somebody signs in.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(tag = "platform", rename_all = "snake_case")]
pub enum SignInApp {
    /// An app registration in Microsoft Entra: the service account signs in.
    Teams {
        /// Graph's base URL with its version; Microsoft's own where absent.
        #[serde(default)]
        graph_url: Option<String>,
        /// Entra's base URL; Microsoft's own where absent.
        #[serde(default)]
        login_url: Option<String>,
        /// The tenant's id or domain.
        tenant: String,
        client_id: String,
        /// Sent only where Entra asks for it.
        #[serde(default)]
        client_secret: Option<String>,
        /// Prove the app by the certificate that was made last, where Entra asks for a proof.
        #[serde(default)]
        certificate: bool,
    },
    /// An integration at Webex: an administrator signs in.
    Webex {
        /// The API's base URL; Webex's own where absent.
        #[serde(default)]
        api_url: Option<String>,
        client_id: String,
        client_secret: String,
        /// As it will be heard: without the organisation's events less is asked of them.
        #[serde(default)]
        hear_by_sockets: bool,
    },
}

/// How somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ServiceSignInWay {
    /// With a code, on any device.
    Device,
    /// In a browser on this machine, which comes back to `http://localhost:PORT/callback`.
    Browser,
    /// In a browser on this machine, which comes back by the desktop's `causeway://callback`.
    Desktop,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GetServiceSignIn {
    pub id: ServiceSignInId,
}

/// Forgets a sign-in, and whoever has signed in with it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CancelServiceSignIn {
    pub id: ServiceSignInId,
}

/// What a browser brought back by `causeway://callback`.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct FinishServiceSignIn {
    pub state: String,
    pub answer: BroughtBack,
}

#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BroughtBack {
    Code(String),
    Error {
        error: String,
        description: Option<String>,
    },
}

macro_rules! hidden_debug {
    ($($name:ident),*) => {$(
        /// Secrets are never shown.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
hidden_debug!(
    BeginServiceSignIn,
    SignInApp,
    FinishServiceSignIn,
    BroughtBack
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceSignInView {
    pub id: ServiceSignInId,
    pub way: ServiceSignInWay,
    pub state: ServiceSignInState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServiceSignInState {
    Waiting {
        /// What is typed, where somebody signs in with a code.
        user_code: Option<String>,
        /// Where it is typed.
        verification_uri: Option<String>,
        /// The page that a browser on this machine is to open.
        authorize_url: Option<String>,
        expires_at: Timestamp,
    },
    SignedIn {
        account: ExternalAccount,
        name: String,
        address: Option<String>,
        /// What the administrator should put right in the app registration, although it worked.
        note: Option<String>,
        /// Until when it can be connected.
        expires_at: Timestamp,
    },
    Failed {
        error: HubError,
    },
    Cancelled,
}
