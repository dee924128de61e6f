//! What Entra's refusals mean to somebody who signs in.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use causeway_model::{Failure, FailureKind};
use oauth2::ErrorResponse;
use serde::{Deserialize, Serialize};

use super::token_endpoint::{aadsts, tidy};
use crate::SignInFailure;

/// By which way somebody signs in: one refusal means different things in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Device,
    Link,
    Password,
}

/// An error of the token endpoint, or one that a browser brought. Its description may hold
/// addresses: only its number is taken from it, and it is never shown.
#[derive(Serialize, Deserialize)]
pub(super) struct EntraRefusal {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    suberror: Option<String>,
    #[serde(default)]
    error_codes: Vec<u32>,
}

impl ErrorResponse for EntraRefusal {}

impl std::fmt::Debug for EntraRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("EntraRefusal").field(&self.code()).finish()
    }
}

impl std::fmt::Display for EntraRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code())
    }
}

impl EntraRefusal {
    pub(super) fn from_browser(error: &str, description: Option<&str>) -> Self {
        Self {
            error: error.to_owned(),
            error_description: description.map(str::to_owned),
            suberror: None,
            error_codes: Vec::new(),
        }
    }

    /// The code has not been used yet.
    pub(super) fn is_pending(&self) -> bool {
        self.error == "authorization_pending"
    }

    pub(super) fn is_slow_down(&self) -> bool {
        self.error == "slow_down"
    }

    /// The app is not allowed to do this without proving itself.
    pub(super) fn wants_secret(&self) -> bool {
        self.number() == Some(7_000_218)
    }

    /// The app is one that must not send a secret.
    pub(super) fn wants_no_secret(&self) -> bool {
        self.number() == Some(700_025)
    }

    pub(super) fn meaning(&self, flow: Flow) -> SignInFailure {
        let by_number = self.number().and_then(|number| meant(number, flow));
        match by_number.unwrap_or_else(|| self.meaning_by_word()) {
            Meant::Declined => SignInFailure::Declined,
            Meant::Expired => SignInFailure::Expired,
            Meant::AdministratorOnly => SignInFailure::AdministratorOnly(self.code()),
            Meant::DeviceCodeBlocked => SignInFailure::DeviceCodeBlocked(self.code()),
            Meant::SecondFactorRequired => SignInFailure::SecondFactorRequired(self.code()),
            Meant::Forbidden => SignInFailure::Forbidden(self.code()),
            Meant::NotSupported => SignInFailure::NotSupported(self.code()),
            Meant::Failed(kind) => Failure::new(kind, self.code(), "sign_in").into(),
        }
    }

    fn meaning_by_word(&self) -> Meant {
        if self.suberror.as_deref() == Some("consent_required") {
            return Meant::AdministratorOnly;
        }
        match self.error.as_str() {
            "authorization_declined" | "access_denied" => Meant::Declined,
            "expired_token" | "code_expired" | "bad_verification_code" => Meant::Expired,
            "consent_required" => Meant::AdministratorOnly,
            "interaction_required" => Meant::SecondFactorRequired,
            "unsupported_grant_type" | "unauthorized_client" => Meant::NotSupported,
            "temporarily_unavailable" | "server_error" => Meant::Failed(FailureKind::NotSent),
            "invalid_client" => Meant::Failed(FailureKind::NotAuthorised),
            _ => Meant::Failed(FailureKind::Rejected),
        }
    }

    fn number(&self) -> Option<u32> {
        let said = || {
            let code = aadsts(self.error_description.as_deref()?)?;
            code.strip_prefix("AADSTS")?.parse().ok()
        };
        self.error_codes.first().copied().or_else(said)
    }

    fn code(&self) -> String {
        match self.number() {
            Some(number) => format!("AADSTS{number}"),
            None => tidy(&self.error),
        }
    }
}

enum Meant {
    Declined,
    Expired,
    AdministratorOnly,
    DeviceCodeBlocked,
    SecondFactorRequired,
    Forbidden,
    NotSupported,
    Failed(FailureKind),
}

/// The numbers that say more than the word beside them.
fn meant(number: u32, flow: Flow) -> Option<Meant> {
    Some(match number {
        65_004 => Meant::Declined,
        // A code for the callback that was used too late, or twice.
        54_005 | 70_008 | 70_018 | 70_019 | 70_020 => Meant::Expired,
        65_001 | 90_093 | 90_094 | 90_095 | 900_941 => Meant::AdministratorOnly,
        // Conditional Access and the security defaults: a device code says nothing of the device,
        // which a browser may yet do.
        53_000..=53_003 | 50_199 | 530_003 | 530_034 | 530_035 => match flow {
            Flow::Device => Meant::DeviceCodeBlocked,
            Flow::Link | Flow::Password => Meant::Forbidden,
        },
        50_072 | 50_074 | 50_076 | 50_079 | 50_158 => Meant::SecondFactorRequired,
        50_020 | 50_053 | 50_055 | 50_057 | 50_105 | 50_144 | 90_072 | 500_021 | 500_212
        | 500_213 => Meant::Forbidden,
        // No such name, a wrong password, none at all, or an app that may not ask for it.
        50_034 | 50_056 | 50_126 | 7_000_218 => Meant::NotSupported,
        _ => return None,
    })
}
