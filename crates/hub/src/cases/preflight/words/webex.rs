//! The words of Webex's developer portal and of Control Hub.

use causeway_model::{Check, CheckCode};

use super::Words;

/// Where integrations, bots and Service Apps are kept.
pub(super) const APPS: &str = "https://developer.webex.com/my-apps";
pub(super) const CONTROL_HUB: &str = "https://admin.webex.com/";

/// What is said otherwise on Webex than elsewhere.
pub(super) fn words(check: &Check) -> Option<Words> {
    let code = check.detail.as_deref().unwrap_or("no code");
    let subject = check.subject.as_deref().unwrap_or_default();
    Some(match check.code {
        CheckCode::Credentials => Words {
            message: format!("Webex does not accept the bot's access token ({code})."),
            stops: "Nothing is relayed to or from Webex.".to_owned(),
            action: "Open the bot under My Webex Apps, regenerate its access token, and connect \
                     Webex again with it."
                .to_owned(),
            link: Some(APPS),
        },
        CheckCode::AppPermission => Words {
            message: format!("What the administrator has authorised lacks {subject}."),
            stops: lacks(subject).to_owned(),
            action: format!(
                "Open the integration under My Webex Apps, tick {subject} under Scopes, save, and \
                 sign the administrator in again (Platforms > Connect again)."
            ),
            link: Some(APPS),
        },
        CheckCode::Reading => Words {
            message: format!("Webex does not show the organisation's events ({code})."),
            stops: "What is written in Webex is not carried to the other side.".to_owned(),
            action:
                "In Control Hub, under Users > the administrator > Administrator roles, switch \
                     Compliance Officer on, and sign them in again."
                    .to_owned(),
            link: Some(CONTROL_HUB),
        },
        CheckCode::Writing => Words {
            message: format!("Webex does not let the bot write ({code})."),
            stops: "The bot cannot speak for anyone, and nobody can be asked anything.".to_owned(),
            action: "In Control Hub, under Apps > Bots, look whether this bot is allowed; then \
                     regenerate its access token and connect Webex again."
                .to_owned(),
            link: Some(CONTROL_HUB),
        },
        CheckCode::ServiceSignIn => Words {
            message: format!("The administrator is not signed in any more ({code})."),
            stops: "The hub hears nothing that is written in Webex, and nobody can be imported."
                .to_owned(),
            action: "Connect Webex again, and sign in as a full administrator who is compliance \
                     officer too."
                .to_owned(),
            link: None,
        },
        CheckCode::GuestInvitations => Words {
            message: format!("The Service App may not make guests ({code})."),
            stops: "Whoever was to have a guest account is represented by the bot.".to_owned(),
            action: "In Control Hub, under Apps > Service Apps, authorise the Service App with \
                     guest-issuer:read and guest-issuer:write, and connect Webex again with its \
                     refresh token."
                .to_owned(),
            link: Some(CONTROL_HUB),
        },
        CheckCode::PeopleConsent => Words {
            message: "People may not authorise the integration by themselves.".to_owned(),
            stops: "Nobody can be represented by their own account; the bot speaks for them."
                .to_owned(),
            action: "In Control Hub, under Apps > Integrations, allow this integration for the \
                     people who are to use it."
                .to_owned(),
            link: Some(CONTROL_HUB),
        },
        CheckCode::SignInCodes => Words {
            message: format!("The integration is not registered for codes ({code})."),
            stops: "People cannot follow the hub's request to authorise their account.".to_owned(),
            action: "Open the integration under My Webex Apps, and add the three redirect URIs of \
                     the guide that end in /device/callback."
                .to_owned(),
            link: Some(APPS),
        },
        CheckCode::LiveEvents => Words {
            message: "Webex is asked for messages every few seconds.".to_owned(),
            stops: "Messages arrive a few seconds later than they could.".to_owned(),
            action: "Give the hub a public address (Settings > Public address): then Webex tells \
                     it when to look."
                .to_owned(),
            link: None,
        },
        CheckCode::Reachable
        | CheckCode::ClockSkew
        | CheckCode::PersonPermission
        | CheckCode::ServicePermission
        | CheckCode::Socket
        | CheckCode::ServiceMember
        | CheckCode::ServiceLicence
        | CheckCode::ProtectedReading
        | CheckCode::PublicAddress
        | CheckCode::Visibility
        | CheckCode::SignIns
        | CheckCode::SecretExpiry
        | CheckCode::CertificateExpiry
        | CheckCode::OwnSignInExpiry
        | CheckCode::PeopleSignInExpiry => return None,
    })
}

fn lacks(scope: &str) -> &'static str {
    match scope {
        "spark-admin:people_read" => "Nobody in Webex can be imported.",
        "spark:people_read" => "Whether the administrator is still signed in cannot be told.",
        "spark-admin:organizations_read" => {
            "The organisation is shown by the administrator's domain, and not by its name."
        }
        "spark-compliance:events_read" => "What is written in Webex is not heard.",
        "spark-compliance:messages_read" => {
            "What was written while the hub did not listen is not read in rooms of the bot."
        }
        "spark-compliance:memberships_read" => {
            "Between whom a direct conversation is cannot be seen: what is said in it, to the bot \
             too, is not carried and listed as a gap, but where the hub has written itself since \
             it started."
        }
        _ => "What needs it does not work.",
    }
}
