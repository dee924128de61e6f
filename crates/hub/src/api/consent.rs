//! Whether people let the hub act as their accounts, and what an administrator can do about it.

use causeway_model::{Platform, SignInWay, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PersonRef;

/// Where the consent of an account's owner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConsentView {
    pub state: ConsentState,
    /// Since when; none where nothing was recorded.
    pub at: Option<Timestamp>,
    /// While they are asked: until when their messages wait for the answer.
    pub until: Option<Timestamp>,
    /// They were asked, and the wait was over before they answered.
    pub lapsed: bool,
    /// How they were asked, or would be.
    pub how: Option<SignInWay>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// There is nothing to ask, or no way to ask it.
    NotNeeded,
    NotAsked,
    Asked,
    Granted,
    Declined,
    /// It was granted, and is not valid any more.
    Revoked,
}

impl ConsentState {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::NotAsked => "not_asked",
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }
}

/// Asks someone once more to let the hub act as their account there.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AskAgain {
    pub person: PersonRef,
    /// Where; needed only where they are represented on several platforms.
    #[serde(default)]
    pub secondary: Option<Platform>,
}

/// Gives up what someone has granted: the hub forgets the token of their account there.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RevokeConsent {
    pub person: PersonRef,
    /// Where; needed only where they are represented on several platforms.
    #[serde(default)]
    pub secondary: Option<Platform>,
}

/// Begins to sign someone's guest account in, which an administrator finishes in a browser.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SignInGuest {
    pub person: PersonRef,
    /// Where; needed only where they are represented on several platforms.
    #[serde(default)]
    pub secondary: Option<Platform>,
}

/// A code to be typed on the platform's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeviceSignInView {
    pub user_code: String,
    pub verification_uri: String,
    pub expires_at: Timestamp,
}
