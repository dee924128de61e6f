//! The words of Zoom's App Marketplace and of its admin portal.

use causeway_model::{Check, CheckCode};

use super::{super::hub_checks::NO_SECRET_TOKEN, Words};

/// Where an account's apps are kept.
pub(super) const APPS: &str = "https://marketplace.zoom.us/user/build";
const USERS: &str = "https://zoom.us/account/user";
const ROLES: &str = "https://zoom.us/role";

/// What is said otherwise on Zoom than elsewhere.
pub(super) fn words(check: &Check) -> Option<Words> {
    let code = check.detail.as_deref().unwrap_or("no code");
    let subject = check.subject.as_deref().unwrap_or_default();
    Some(match check.code {
        CheckCode::Credentials => credentials(subject, code),
        CheckCode::AppPermission => Words {
            message: format!("The Server-to-Server OAuth app lacks the scope {subject}."),
            stops: lacks(subject).to_owned(),
            action: format!(
                "Open the app under Manage in the App Marketplace, add {subject} under Scopes, and \
                 run the checks again."
            ),
            link: Some(APPS),
        },
        CheckCode::Socket => Words {
            message: format!("Zoom does not open the subscription's WebSocket ({code})."),
            stops: "The hub hears what is written in Zoom a minute late.".to_owned(),
            action: "Open the app under Manage, and look under Feature > Event Subscriptions \
                     whether the subscription is enabled, uses WebSocket, and has the ID that was \
                     given here. One hub alone may use it."
                .to_owned(),
            link: Some(APPS),
        },
        CheckCode::Reading | CheckCode::Writing => {
            let (does, stops) = match check.code {
                CheckCode::Reading => (
                    "read",
                    "What is written in Zoom is not carried to the other side.",
                ),
                _ => ("write", "Nothing that waits for Zoom is delivered."),
            };
            Words {
                message: format!("Zoom does not let the app {does} members' chats ({code})."),
                stops: stops.to_owned(),
                action: "In the admin portal, under User Management > Roles, give the role of \
                         whoever activated the app View and Edit for Chat Messages."
                    .to_owned(),
                link: Some(ROLES),
            }
        }
        CheckCode::ServiceMember => Words {
            message: format!("The member who speaks for the hub cannot be used ({code})."),
            stops: "Nobody can be asked anything, and nobody without an account is spoken for."
                .to_owned(),
            action: "In the admin portal, under User Management > Users, activate that member, or \
                     connect Zoom again with another one."
                .to_owned(),
            link: Some(USERS),
        },
        CheckCode::GuestInvitations => Words {
            message: format!("The app may not make accounts ({code})."),
            stops: "Whoever was to have a Basic account is represented by the app.".to_owned(),
            action: format!(
                "Open the app under Manage in the App Marketplace, and add {} under Scopes.",
                if subject.is_empty() {
                    "user:write:user:admin"
                } else {
                    subject
                }
            ),
            link: Some(APPS),
        },
        CheckCode::PeopleConsent => Words {
            message: format!("People may not authorise the app by themselves ({code})."),
            stops: "Nobody can be represented by their own account; the app speaks for them."
                .to_owned(),
            action: "In the App Marketplace, approve the user-managed app for the account."
                .to_owned(),
            link: Some(APPS),
        },
        CheckCode::LiveEvents if code == NO_SECRET_TOKEN => Words {
            message: "Zoom can reach the hub, which has no secret token to know Zoom by.".to_owned(),
            stops: "Messages arrive later than they could, and the account's limits are used up \
                    sooner."
                .to_owned(),
            action: "Open the app under Manage, copy the Secret Token under Feature, and connect Zoom again \
                     with it, or with the ID of an event subscription by WebSocket."
                .to_owned(),
            link: Some(APPS),
        },
        CheckCode::LiveEvents => Words {
            message: "Zoom is asked for messages every few seconds.".to_owned(),
            stops: "Messages arrive later than they could, and the account's limits are used up \
                    sooner."
                .to_owned(),
            action: "Add an event subscription by WebSocket to the app, and connect Zoom again \
                     with its subscription ID."
                .to_owned(),
            link: Some(APPS),
        },
        CheckCode::Reachable
        | CheckCode::ClockSkew
        | CheckCode::PersonPermission
        | CheckCode::ServicePermission
        | CheckCode::ServiceSignIn
        | CheckCode::ServiceLicence
        | CheckCode::ProtectedReading
        | CheckCode::SignInCodes
        | CheckCode::PublicAddress
        | CheckCode::Visibility
        | CheckCode::SignIns
        | CheckCode::SecretExpiry
        | CheckCode::CertificateExpiry
        | CheckCode::OwnSignInExpiry
        | CheckCode::PeopleSignInExpiry => return None,
    })
}

fn credentials(subject: &str, code: &str) -> Words {
    if subject == "chatbot" {
        return Words {
            message: format!("Zoom does not accept the chatbot's credentials ({code})."),
            stops: "Whoever has no account in Zoom is not spoken for.".to_owned(),
            action: "Open the chatbot under Manage, copy its client ID and secret and its bot \
                     JID, and connect Zoom again."
                .to_owned(),
            link: Some(APPS),
        };
    }
    if subject == "user_app" {
        return Words {
            message: format!(
                "Zoom does not accept the credentials of the app that people authorise ({code})."
            ),
            stops: "Nobody can authorise their own account, and those who have are no longer \
                    spoken as."
                .to_owned(),
            action: "Open the user-managed app under Manage, copy its client ID and secret again, \
                     and connect Zoom again."
                .to_owned(),
            link: Some(APPS),
        };
    }
    Words {
        message: format!("Zoom does not accept the app's credentials ({code})."),
        stops: "Nothing is relayed to or from Zoom.".to_owned(),
        action: "Open the Server-to-Server OAuth app under Manage, look whether it is activated, \
                 copy Account ID, Client ID and Client Secret again, and connect Zoom again."
            .to_owned(),
        link: Some(APPS),
    }
}

fn lacks(scope: &str) -> &'static str {
    match scope {
        "user:read:list_users:admin" | "user:read:user:admin" => {
            "Nobody in Zoom can be imported, and nobody is found by their address."
        }
        "team_chat:write:user_message:admin" => "Nothing is delivered to Zoom.",
        "team_chat:update:user_message:admin" => "Edits are not carried to Zoom.",
        "team_chat:delete:user_message:admin" => "Deletions are not carried to Zoom.",
        "team_chat:read:user_message:admin"
        | "team_chat:read:list_user_messages:admin"
        | "team_chat:read:list_user_sessions:admin" => {
            "What was written in Zoom while the hub did not listen is not carried."
        }
        "team_chat:write:user_channel:admin" => {
            "No channels are made in which the app speaks for people who have no account in Zoom."
        }
        "team_chat:read:list_user_channels:admin"
        | "team_chat:read:user_channel:admin"
        | "team_chat:read:list_members:admin" => {
            "Who comes into the app's channels is not noticed, so that nothing more is said in them."
        }
        "marketplace:write:websocket_connection" => {
            "The hub hears what is written in Zoom a minute late."
        }
        _ => "What needs it does not work.",
    }
}
