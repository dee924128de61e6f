//! What a person meets when they sign in: the tenant's policies, and consent.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

use super::{grants::Strength, refusal::TokenRefusal};
use crate::graph::{
    Tenant,
    directory::{User, UserKind},
};

/// The page on which somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// `/authorize`
    Browser,
    /// The page where a device code is typed.
    DevicePage,
}

impl Tenant {
    /// Signs somebody in at a page and lets them consent to these scopes. An invited guest redeems
    /// the invitation by it.
    ///
    /// Errors: what the tenant's policies forbid. Nothing has changed then.
    pub(crate) fn sign_in(
        &self,
        user: &User,
        scopes: &[&'static str],
        door: Door,
    ) -> Result<(), TokenRefusal> {
        let switches = self.switches();
        self.check_guest(user)?;
        if door == Door::DevicePage && !switches.device_code {
            return Err(blocked());
        }
        let mut grants = self.grants();
        if !switches.user_consent && !grants.covers(&user.id, scopes) {
            return Err(match door {
                Door::Browser => only_by_administrator(),
                Door::DevicePage => not_consented(self),
            });
        }
        grants.consent(&user.id, scopes);
        drop(grants);
        self.redeem(&user.id);
        Ok(())
    }

    /// Refuses a guest where the tenant lets none in.
    pub(super) fn check_guest(&self, user: &User) -> Result<(), TokenRefusal> {
        if !user.is_guest() || self.switches().guest_sign_in {
            return Ok(());
        }
        Err(TokenRefusal::new(
            "invalid_grant",
            500_213,
            "The resource tenant's cross-tenant access policy does not allow this user to access \
             this tenant.",
        ))
    }

    /// How strong a sign-in at a page is now: whoever is asked for a second factor gives it.
    pub(super) fn strength_at_a_page(&self) -> Strength {
        if self.switches().mfa {
            Strength::SecondFactor
        } else {
            Strength::Password
        }
    }

    /// Refuses a sign-in without a second factor where the tenant asks for one.
    pub(super) fn check_strength(&self, strength: Strength) -> Result<(), TokenRefusal> {
        match strength {
            Strength::Password if self.switches().mfa => Err(self.second_factor_needed()),
            Strength::Password | Strength::SecondFactor => Ok(()),
        }
    }

    /// A password that a program sends for somebody. It can neither consent nor redeem.
    pub(super) fn check_password(&self, user: &User, password: &str) -> Result<(), TokenRefusal> {
        let switches = self.switches();
        match user.kind {
            UserKind::Member => {}
            UserKind::PendingGuest => return Err(elsewhere(&user.mail)),
            // Their password is their home directory's affair, unless the organisation holds it.
            UserKind::Guest if !switches.password_grant => return Err(unknown_account()),
            UserKind::Guest => self.check_guest(user)?,
        }
        if password != self.password_of(&user.id) {
            return Err(TokenRefusal::new(
                "invalid_grant",
                50_126,
                "Error validating credentials due to invalid username or password.",
            ));
        }
        if !switches.password_grant {
            return Err(blocked());
        }
        self.check_strength(Strength::Password)
    }

    fn second_factor_needed(&self) -> TokenRefusal {
        let refusal = TokenRefusal::new(
            "invalid_grant",
            50_076,
            "Due to a configuration change made by your administrator, or because you moved to a \
             new location, you must use multi-factor authentication to access \
             '00000003-0000-0000-c000-000000000000'.",
        )
        .suberror("basic_action");
        let policy = self.mint.guid("second factor policy");
        TokenRefusal {
            claims: Some(format!(
                "{{\"access_token\":{{\"capolids\":{{\"essential\":true,\"values\":[\"{policy}\"]}}}}}}"
            )),
            ..refusal
        }
    }
}

/// The app's scopes were granted neither by the person nor by an administrator.
pub fn not_consented(tenant: &Tenant) -> TokenRefusal {
    TokenRefusal::new(
        "invalid_grant",
        65_001,
        format!(
            "The user or administrator has not consented to use the application with ID '{}' named \
             'Causeway'. Send an interactive authorization request for this user and resource.",
            tenant.ids.client
        ),
    )
    .suberror("consent_required")
}

/// No account of this tenant has the name.
pub fn unknown_account() -> TokenRefusal {
    TokenRefusal::new(
        "invalid_grant",
        50_034,
        "The user account does not exist in the directory. To sign into this application, the \
         account must be added to the directory.",
    )
}

fn only_by_administrator() -> TokenRefusal {
    TokenRefusal::new(
        "access_denied",
        90_094,
        "The grant requires administrator permission: Causeway needs admin consent to access \
         resources in your organization.",
    )
}

fn blocked() -> TokenRefusal {
    TokenRefusal::new(
        "invalid_grant",
        53_003,
        "Access has been blocked by Conditional Access policies. The access policy does not allow \
         token issuance.",
    )
    .suberror("message_only")
}

fn elsewhere(login: &str) -> TokenRefusal {
    TokenRefusal::new(
        "invalid_grant",
        50_020,
        format!(
            "User account '{login}' from an external identity provider does not exist in tenant \
             'Acme, Inc.' and cannot access the application. The invitation must be redeemed first."
        ),
    )
}
