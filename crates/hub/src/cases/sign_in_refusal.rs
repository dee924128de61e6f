//! Why the account that the hub speaks or reads as was not signed in, and what to do instead.

use causeway_connectors::{OwnAccount, SignInFailure};

use super::service_app::ServiceApp;
use crate::{
    api::{ErrorCode, HubError, ServiceSignInWay},
    error::{failed, from_failure},
};

const ENTRA: &str = "Microsoft Entra";
const WEBEX: &str = "Webex";
/// Entra's code for an account that is switched off.
const SWITCHED_OFF: &str = "AADSTS50057";
/// Its codes for people of other tenants whom it does not let in.
const KEPT_OUT: [&str; 3] = ["AADSTS50020", "AADSTS500212", "AADSTS500213"];

/// What Entra's answer means to an administrator.
pub(super) fn from_sign_in(
    failure: &SignInFailure,
    way: ServiceSignInWay,
    app: &ServiceApp,
) -> HubError {
    match app {
        ServiceApp::Teams(_) => from_entra(failure, way),
        ServiceApp::Webex(_) => from_webex(failure, way),
    }
}

fn from_webex(failure: &SignInFailure, way: ServiceSignInWay) -> HubError {
    let (code, message, action) = match failure {
        SignInFailure::Failed(failure) => return from_failure(failure, WEBEX),
        SignInFailure::Declined => return declined(),
        SignInFailure::Expired => {
            let draft = failed(ErrorCode::Expired, came_late(way));
            return draft.action("Begin the sign-in again.").build();
        }
        SignInFailure::WrongOrganisation => return wrong_organisation(),
        SignInFailure::AdministratorOnly(code) | SignInFailure::Forbidden(code) => (
            ErrorCode::Forbidden,
            format!("Webex does not let this account authorise the integration ({code})."),
            "Sign in with a full administrator who is compliance officer too, and look in Control \
             Hub under Apps > Integrations whether the integration is allowed.",
        ),
        SignInFailure::DeviceCodeBlocked(code)
        | SignInFailure::SecondFactorRequired(code)
        | SignInFailure::NotSupported(code) => (
            ErrorCode::PlatformRejected,
            format!("The integration is not registered for signing in this way ({code})."),
            "Give the integration the redirect URIs and scopes that the guide lists, and begin \
             again.",
        ),
    };
    failed(code, message).action(action).build()
}

fn from_entra(failure: &SignInFailure, way: ServiceSignInWay) -> HubError {
    let (code, message, action) = match failure {
        SignInFailure::Failed(failure) => return from_failure(failure, ENTRA),
        SignInFailure::Declined => return declined(),
        SignInFailure::Expired => return expired(way),
        SignInFailure::WrongOrganisation => return wrong_organisation(),
        SignInFailure::AdministratorOnly(code) => (
            ErrorCode::Forbidden,
            format!("In this tenant, only an administrator may allow what the hub needs ({code})."),
            "Grant admin consent to the application's permissions in Entra, and begin again.",
        ),
        SignInFailure::DeviceCodeBlocked(code) => (
            ErrorCode::Forbidden,
            format!("The tenant's policies block sign-ins with a code ({code})."),
            "Sign in in the browser instead.",
        ),
        SignInFailure::SecondFactorRequired(code) => (
            ErrorCode::Forbidden,
            format!("The tenant wants a second factor, which was not given ({code})."),
            "Sign in in the browser, where it can be asked for.",
        ),
        SignInFailure::Forbidden(code) if code == SWITCHED_OFF => return switched_off(),
        SignInFailure::Forbidden(code) if KEPT_OUT.contains(&code.as_str()) => return guest(),
        SignInFailure::Forbidden(code) => (
            ErrorCode::Forbidden,
            format!("The account may not sign in here ({code})."),
            "Look into the sign-in log in Entra for the policy that keeps it out.",
        ),
        SignInFailure::NotSupported(code) => (
            ErrorCode::PlatformRejected,
            format!("The application is not registered for signing in this way ({code})."),
            "In Entra, allow public client flows for it (Authentication, Advanced settings), or \
             give its client secret.",
        ),
    };
    failed(code, message).action(action).build()
}

fn declined() -> HubError {
    let message = "Whoever was to sign in said no. Nothing was kept.";
    failed(ErrorCode::Declined, message)
        .action("Begin the sign-in again, and agree to what is asked.")
        .build()
}

fn came_late(way: ServiceSignInWay) -> &'static str {
    match way {
        ServiceSignInWay::Device => "The code was not used in time.",
        ServiceSignInWay::Browser | ServiceSignInWay::Desktop => {
            "The browser did not come back in time."
        }
    }
}

/// Nobody came in time.
pub(super) fn expired(way: ServiceSignInWay) -> HubError {
    let draft = failed(ErrorCode::Expired, came_late(way)).action("Begin the sign-in again.");
    match redirect(way) {
        Some(redirect) => draft
            .hint(format!(
                "Where Entra says that the redirect does not match (AADSTS50011): register \
                 {redirect} for mobile and desktop applications."
            ))
            .build(),
        None => draft.build(),
    }
}

/// What has to be registered for a way.
fn redirect(way: ServiceSignInWay) -> Option<&'static str> {
    match way {
        ServiceSignInWay::Device => None,
        ServiceSignInWay::Browser => Some("http://localhost/callback"),
        ServiceSignInWay::Desktop => Some("causeway://callback"),
    }
}

/// Whether the hub may speak as whoever has signed in.
pub(super) fn judge(wanted: Option<&str>, own: &OwnAccount) -> Result<(), HubError> {
    if own.guest {
        return Err(guest());
    }
    if !own.active {
        return Err(switched_off());
    }
    match wanted {
        Some(wanted) if !own.is_called(wanted) => Err(wrong_account(&own.name)),
        Some(_) | None => Ok(()),
    }
}

fn wrong_organisation() -> HubError {
    let message = "Somebody of another organisation has signed in. Nothing was kept.";
    failed(ErrorCode::WrongOrganisation, message)
        .action("Sign in with an account of the organisation that is being connected.")
        .build()
}

/// `name` is shown to the administrator who has just signed in, and never logged.
fn wrong_account(name: &str) -> HubError {
    let message = format!(
        "{name} has signed in, who is not the service account that was named. Nothing was kept."
    );
    failed(ErrorCode::WrongAccount, message)
        .action("Sign in as the service account, or name this one instead.")
        .build()
}

fn guest() -> HubError {
    let message = "A guest has signed in: the service account has to be a member of the tenant.";
    failed(ErrorCode::Forbidden, message)
        .action("Sign in with a licensed member of the tenant.")
        .build()
}

fn switched_off() -> HubError {
    let message = "The account that was to sign in is switched off.";
    failed(ErrorCode::Forbidden, message)
        .action("Enable it there, or sign in with another member.")
        .build()
}

/// Entra gave a token that ends within the hour.
pub(super) fn not_renewable() -> HubError {
    let message = "Entra gave no token that can be renewed, so the hub would lose its way in soon.";
    failed(ErrorCode::PlatformRejected, message)
        .action("Grant the application offline_access in Entra, and begin again.")
        .build()
}

/// What the administrator should put right although it worked.
pub(super) fn secret_note(way: ServiceSignInWay) -> String {
    let place = match redirect(way) {
        Some(redirect) => {
            format!("Register {redirect} for mobile and desktop applications")
        }
        None => "Allow public client flows".to_owned(),
    };
    format!(
        "Entra wanted the client secret with this sign-in (AADSTS7000218), so it was sent. {place} in \
         the application's Authentication page, and it need not be."
    )
}

#[cfg(test)]
mod tests {
    use causeway_model::{ExternalAccount, Failure, FailureKind};

    use super::*;

    fn own() -> OwnAccount {
        OwnAccount {
            account: ExternalAccount::new("5e5e5e5e-0000-4000-8000-000000000001"),
            name: "Causeway".to_owned(),
            address: Some("chat@acme.example".to_owned()),
            sign_in_name: Some("causeway@acme.example".to_owned()),
            guest: false,
            active: true,
        }
    }

    #[test]
    fn the_service_account_is_meant_by_any_of_its_names() {
        for name in [
            "chat@acme.example",
            " Causeway@Acme.example ",
            "5E5E5E5E-0000-4000-8000-000000000001",
        ] {
            assert_eq!(judge(Some(name), &own()), Ok(()), "{name}");
        }
        assert_eq!(judge(None, &own()), Ok(()));
        let code = |outcome: Result<(), HubError>| outcome.map_err(|error| error.code);
        let other = judge(Some("ann@acme.example"), &own());
        assert_eq!(code(other), Err(ErrorCode::WrongAccount));
        let guest = OwnAccount {
            guest: true,
            ..own()
        };
        assert_eq!(code(judge(None, &guest)), Err(ErrorCode::Forbidden));
        let off = OwnAccount {
            active: false,
            ..own()
        };
        assert_eq!(code(judge(None, &off)), Err(ErrorCode::Forbidden));
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let entra = |number: u32| format!("AADSTS{number}");
        for failure in [
            SignInFailure::Declined,
            SignInFailure::Expired,
            SignInFailure::WrongOrganisation,
            SignInFailure::AdministratorOnly(entra(90_094)),
            SignInFailure::DeviceCodeBlocked(entra(53_003)),
            SignInFailure::SecondFactorRequired(entra(50_076)),
            SignInFailure::Forbidden(entra(50_057)),
            SignInFailure::Forbidden(entra(500_213)),
            SignInFailure::Forbidden(entra(50_105)),
            SignInFailure::NotSupported(entra(7_000_218)),
            Failure::new(FailureKind::NotSent, "no_connection", "sign_in").into(),
        ] {
            let ways = [ServiceSignInWay::Device, ServiceSignInWay::Browser];
            let told = ways.into_iter().flat_map(|way| {
                let at_entra = from_entra(&failure, way);
                [at_entra, from_webex(&failure, way)]
            });
            for error in told {
                assert!(error.action.is_some(), "{failure}");
                assert!(!error.message.is_empty(), "{failure}");
            }
        }
    }
}
