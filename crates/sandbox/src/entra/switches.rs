//! What an administrator of the tenant allows: switches that can be thrown while it runs.

use serde::{Deserialize, Serialize};

/// How the tenant is set up. The default is a permissive one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Switches {
    /// External collaboration settings let the app invite guests.
    pub guest_invitations: bool,
    /// Cross-tenant access lets guests in.
    pub guest_sign_in: bool,
    /// Conditional Access lets device codes through.
    pub device_code: bool,
    /// People may consent to chat scopes themselves; else only an administrator may.
    pub user_consent: bool,
    /// Conditional Access asks for a second factor, which only a browser can give.
    pub mfa: bool,
    /// Conditional Access lets passwords through that a program sends.
    pub password_grant: bool,
    /// Microsoft has approved the app for reading everybody's messages app-only.
    pub protected_api: bool,
    /// The app may be used without its secret where it is native ("Allow public client flows").
    pub public_client: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            guest_invitations: true,
            guest_sign_in: true,
            device_code: true,
            user_consent: true,
            mfa: false,
            password_grant: false,
            protected_api: true,
            public_client: true,
        }
    }
}

/// The switches to throw; those that are absent stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchChanges {
    guest_invitations: Option<bool>,
    guest_sign_in: Option<bool>,
    device_code: Option<bool>,
    user_consent: Option<bool>,
    mfa: Option<bool>,
    password_grant: Option<bool>,
    protected_api: Option<bool>,
    public_client: Option<bool>,
}

impl Switches {
    #[must_use]
    pub fn with(self, changes: SwitchChanges) -> Self {
        Self {
            guest_invitations: changes.guest_invitations.unwrap_or(self.guest_invitations),
            guest_sign_in: changes.guest_sign_in.unwrap_or(self.guest_sign_in),
            device_code: changes.device_code.unwrap_or(self.device_code),
            user_consent: changes.user_consent.unwrap_or(self.user_consent),
            mfa: changes.mfa.unwrap_or(self.mfa),
            password_grant: changes.password_grant.unwrap_or(self.password_grant),
            protected_api: changes.protected_api.unwrap_or(self.protected_api),
            public_client: changes.public_client.unwrap_or(self.public_client),
        }
    }
}
