//! What the organisation allows: switches that can be thrown while it runs.

use serde::{Deserialize, Serialize};

/// How the organisation is set up. The default is a permissive one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switches {
    /// Guests of the Service App may be made, and may write to members.
    pub guests_allowed: bool,
    /// The administrator is a compliance officer as well.
    pub compliance: bool,
    /// Control Hub lets people authorise the Integration by themselves.
    pub people_may_authorise: bool,
    /// The three redirects that the device grant goes through are registered.
    pub device_redirects: bool,
    /// Scopes that no token has after all, whatever was granted.
    pub withheld: Vec<String>,
    /// Edits are told to webhooks. The documents do not say whether they really are, so that
    /// nobody may count on it.
    pub edit_webhooks: bool,
    /// Redirects to pages under this address are taken for registered.
    pub public_url: Option<String>,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            guests_allowed: true,
            compliance: true,
            people_may_authorise: true,
            device_redirects: true,
            withheld: Vec::new(),
            edit_webhooks: false,
            public_url: None,
        }
    }
}

/// The switches to throw; those that are absent stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchChanges {
    pub guests_allowed: Option<bool>,
    pub compliance: Option<bool>,
    pub people_may_authorise: Option<bool>,
    pub device_redirects: Option<bool>,
    pub withheld: Option<Vec<String>>,
    pub edit_webhooks: Option<bool>,
    pub public_url: Option<String>,
}

impl Switches {
    #[must_use]
    pub fn with(self, changes: SwitchChanges) -> Self {
        Self {
            guests_allowed: changes.guests_allowed.unwrap_or(self.guests_allowed),
            compliance: changes.compliance.unwrap_or(self.compliance),
            people_may_authorise: changes
                .people_may_authorise
                .unwrap_or(self.people_may_authorise),
            device_redirects: changes.device_redirects.unwrap_or(self.device_redirects),
            withheld: changes.withheld.unwrap_or(self.withheld),
            edit_webhooks: changes.edit_webhooks.unwrap_or(self.edit_webhooks),
            public_url: changes.public_url.or(self.public_url),
        }
    }
}
