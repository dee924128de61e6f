//! What an administrator of the tenant allows: switches that can be thrown while it runs.

use serde::{Deserialize, Serialize};

/// How the tenant is set up. The default is a permissive one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The hub's service account has a licence for Teams.
    pub service_licence: bool,
    /// The app's secret has not ended.
    pub secret_valid: bool,
    /// Permissions that the app was not granted after all, by their names.
    pub withheld: Vec<String>,
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
            service_licence: true,
            secret_valid: true,
            withheld: Vec::new(),
            public_client: true,
        }
    }
}

/// The switches to throw; those that are absent stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchChanges {
    guest_invitations: Option<bool>,
    guest_sign_in: Option<bool>,
    device_code: Option<bool>,
    user_consent: Option<bool>,
    mfa: Option<bool>,
    password_grant: Option<bool>,
    protected_api: Option<bool>,
    service_licence: Option<bool>,
    secret_valid: Option<bool>,
    withheld: Option<Vec<String>>,
    public_client: Option<bool>,
}

impl Switches {
    /// Those of the permissions that were granted.
    pub fn granted<'a>(&self, permissions: &[&'a str]) -> Vec<&'a str> {
        let withheld = |one: &&str| self.withheld.iter().any(|held| held == one);
        let all = permissions.iter().copied();
        all.filter(|one| !withheld(one)).collect()
    }

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
            service_licence: changes.service_licence.unwrap_or(self.service_licence),
            secret_valid: changes.secret_valid.unwrap_or(self.secret_valid),
            withheld: changes.withheld.unwrap_or(self.withheld),
            public_client: changes.public_client.unwrap_or(self.public_client),
        }
    }
}
