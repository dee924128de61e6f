//! What the owner of the account allows: switches that can be thrown while it runs.

use serde::{Deserialize, Serialize};

use super::{limits::Label, oauth::tokens::App};

/// What the account pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    Free,
    Pro,
    Business,
}

/// How the account is set up. The default is a permissive one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switches {
    pub plan: Plan,
    /// The role behind the server-to-server app may edit Chat Messages: write as anybody.
    pub role_chat_edit: bool,
    /// It may view them: read as anybody.
    pub role_chat_view: bool,
    /// Single sign-on is set up, so that users can be made with `ssoCreate`.
    pub sso: bool,
    /// The domain that the account manages, if any.
    pub managed_domain: Option<String>,
    /// Zoom lets the account make users that never confirm: `autoCreate` and `custCreate`.
    pub provisioning: bool,
    /// People may authorise the app without an administrator's approval.
    pub user_apps: bool,
    /// Scopes that the apps were not given after all, by their names.
    pub withheld: Vec<String>,
    /// Apps whose secret was regenerated, so that the one that was given out is no longer good.
    pub rotated: Vec<App>,
    /// The event subscription is switched on.
    pub subscription: bool,
    /// Addresses outside the account whose owners accepted to be contacts of its people.
    pub connected: Vec<String>,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            plan: Plan::Business,
            role_chat_edit: true,
            role_chat_view: true,
            sso: true,
            managed_domain: Some("acme.example".to_owned()),
            provisioning: true,
            user_apps: true,
            withheld: Vec::new(),
            rotated: Vec::new(),
            subscription: true,
            connected: Vec::new(),
        }
    }
}

/// The switches to throw; those that are absent stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchChanges {
    plan: Option<Plan>,
    role_chat_edit: Option<bool>,
    role_chat_view: Option<bool>,
    sso: Option<bool>,
    /// Empty for none.
    managed_domain: Option<String>,
    provisioning: Option<bool>,
    user_apps: Option<bool>,
    withheld: Option<Vec<String>>,
    rotated: Option<Vec<App>>,
    subscription: Option<bool>,
    connected: Option<Vec<String>>,
    /// Done once, as are the two below it: kinds of calls of which other apps of the account make
    /// all that are left of this day.
    pub(super) spent: Vec<Label>,
    /// Addresses of members who have not followed the link in their invitation yet.
    pub(super) pending: Vec<String>,
    /// Addresses of members whom an administrator deletes.
    pub(super) gone: Vec<String>,
}

impl Switches {
    #[must_use]
    pub fn with(self, changes: SwitchChanges) -> Self {
        let domain = changes
            .managed_domain
            .map(|domain| Some(domain).filter(|domain| !domain.is_empty()));
        Self {
            plan: changes.plan.unwrap_or(self.plan),
            role_chat_edit: changes.role_chat_edit.unwrap_or(self.role_chat_edit),
            role_chat_view: changes.role_chat_view.unwrap_or(self.role_chat_view),
            sso: changes.sso.unwrap_or(self.sso),
            managed_domain: domain.unwrap_or(self.managed_domain),
            provisioning: changes.provisioning.unwrap_or(self.provisioning),
            user_apps: changes.user_apps.unwrap_or(self.user_apps),
            withheld: changes.withheld.unwrap_or(self.withheld),
            rotated: changes.rotated.unwrap_or(self.rotated),
            subscription: changes.subscription.unwrap_or(self.subscription),
            connected: changes.connected.unwrap_or(self.connected),
        }
    }

    /// Those of the scopes that the apps were given.
    pub fn granted(&self, scopes: impl Iterator<Item = String>) -> Vec<String> {
        scopes
            .filter(|scope| !self.withheld.contains(scope))
            .collect()
    }

    pub fn manages(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain);
        match (&self.managed_domain, domain) {
            (Some(managed), Some(domain)) => managed.eq_ignore_ascii_case(domain),
            (None, _) | (_, None) => false,
        }
    }
}
