//! What is said otherwise where Webex is heard by sockets: the bot speaks for nobody there, and what is
//! heard does not depend on the administrator.

use causeway_model::{Check, CheckCode, Platform, Weight};

use super::{
    GUEST_ISSUER, Words, own_sign_in, person_permission,
    webex::{APPS, CONTROL_HUB},
};

/// How much a failed check matters there.
pub(super) fn weight(code: CheckCode) -> Weight {
    match code == CheckCode::ServiceSignIn {
        true => Weight::Limits,
        false => code.weight(),
    }
}

pub(super) fn words(check: &Check) -> Option<Words> {
    let code = check.detail.as_deref().unwrap_or("no code");
    Some(match check.code {
        CheckCode::Reading => Words {
            message: format!("Webex does not let the bot have a socket ({code})."),
            stops:
                "Nobody is heard who writes to the bot: nobody can find anybody, or answer when \
                    they are asked for their account."
                    .to_owned(),
            action: "Open the bot under My Webex Apps, regenerate its access token, and connect \
                     Webex again with it. Where that does not help, connect it by the \
                     organisation's events, with an administrator who is compliance officer."
                .to_owned(),
            link: Some(APPS),
        },
        CheckCode::Writing => Words {
            message: format!("Webex does not let the bot write ({code})."),
            stops: "Nobody in Webex can be asked for their account, or answered.".to_owned(),
            action: "In Control Hub, under Apps > Bots, look whether this bot is allowed; then \
                     regenerate its access token and connect Webex again."
                .to_owned(),
            link: Some(CONTROL_HUB),
        },
        CheckCode::ServiceSignIn => Words {
            message: format!("The administrator is not signed in any more ({code})."),
            stops: "Nobody can be imported. What is written is carried as before.".to_owned(),
            action: "Connect Webex again, and sign in as a full administrator.".to_owned(),
            link: None,
        },
        CheckCode::GuestInvitations => Words {
            message: format!("The Service App may not make guests ({code})."),
            stops: "What is written to whoever has no account in Webex waits.".to_owned(),
            action: "In Control Hub, under Apps > Service Apps, authorise the Service App with \
                     guest-issuer:read and guest-issuer:write, and connect Webex again with its \
                     refresh token."
                .to_owned(),
            link: Some(CONTROL_HUB),
        },
        CheckCode::PeopleConsent => Words {
            message: "People may not authorise the integration by themselves.".to_owned(),
            stops: "Nobody else can be heard in Webex or written to from there.".to_owned(),
            action: "In Control Hub, under Apps > Integrations, allow this integration for the \
                     people who are to use it."
                .to_owned(),
            link: Some(CONTROL_HUB),
        },
        CheckCode::PersonPermission => Words {
            stops: "What needs it does not work for them: without spark:all and spark:kms nothing \
                    is heard that is written to them."
                .to_owned(),
            ..person_permission(Platform::Webex, check)
        },
        CheckCode::SignIns => Words {
            message: format!("Webex has withdrawn what people authorised: {code} of them."),
            stops: "They are not heard, and what is written to them waits, until they authorise \
                    their account again."
                .to_owned(),
            action: "Open People > Needs attention, and ask them again.".to_owned(),
            link: None,
        },
        CheckCode::OwnSignInExpiry if check.subject.as_deref() != Some(GUEST_ISSUER) => Words {
            stops: "From the day it ends nobody can be imported. What is written is carried as \
                    before."
                .to_owned(),
            ..own_sign_in(Platform::Webex, check, code)
        },
        CheckCode::Reachable
        | CheckCode::ClockSkew
        | CheckCode::Credentials
        | CheckCode::AppPermission
        | CheckCode::ServicePermission
        | CheckCode::Socket
        | CheckCode::ServiceMember
        | CheckCode::ServiceLicence
        | CheckCode::ProtectedReading
        | CheckCode::SignInCodes
        | CheckCode::PublicAddress
        | CheckCode::LiveEvents
        | CheckCode::Visibility
        | CheckCode::SecretExpiry
        | CheckCode::CertificateExpiry
        | CheckCode::OwnSignInExpiry
        | CheckCode::PeopleSignInExpiry => return None,
    })
}
