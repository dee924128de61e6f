//! What each check is about, what stops working where it fails, and where that is changed: in the
//! words of each platform's own console.

use causeway_connectors::webex::Hear;
use causeway_model::{Check, CheckCode, Platform};
use causeway_store::ConnectionRow;

use super::{
    super::certificate::SLACK_CONSOLE_APPS,
    expiry::{GUEST_ISSUER, OVER},
    hears_by_sockets,
};
use crate::api::FindingView;

mod webex;
mod webex_by_sockets;
mod zoom;

const ENTRA_APPS: &str =
    "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade";
const ENTRA_GUESTS: &str =
    "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/CompanyRelationshipsMenuBlade/~/Settings";
const ENTRA_CONSENT: &str =
    "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/ConsentPoliciesMenuBlade/~/UserSettings";
const M365_USERS: &str = "https://admin.cloud.microsoft/#/users";

/// Three sentences and a page.
struct Words {
    message: String,
    stops: String,
    action: String,
    link: Option<&'static str>,
}

pub(super) fn finding(row: &ConnectionRow, check: &Check) -> FindingView {
    let hear = match hears_by_sockets(row) {
        true => Hear::Sockets,
        false => Hear::Events,
    };
    told(row.connection.platform, hear, check)
}

fn told(platform: Platform, hear: Hear, check: &Check) -> FindingView {
    let words = words(platform, hear, check);
    FindingView {
        code: check.code,
        subject: check.subject.clone(),
        detail: check.detail.clone(),
        weight: match hear {
            Hear::Events => check.code.weight(),
            Hear::Sockets => webex_by_sockets::weight(check.code),
        },
        message: words.message,
        stops: words.stops,
        action: words.action,
        link: words.link.map(str::to_owned),
    }
}

/// What is as it should be.
pub(super) fn passed(platform: Platform, check: &Check) -> String {
    let (place, service) = (platform.name(), service(platform));
    match check.code {
        CheckCode::Reachable => format!("{place} answers."),
        CheckCode::ClockSkew => format!("This computer's clock agrees with {place}'s."),
        CheckCode::Credentials => "The app's credentials are accepted.".to_owned(),
        CheckCode::AppPermission => match &check.subject {
            Some(name) => format!("The app has {name}."),
            None => "The app has every permission that it needs.".to_owned(),
        },
        CheckCode::PersonPermission => match &check.subject {
            Some(name) => format!("The hub may act as people with {name}."),
            None => "What people have authorised is enough.".to_owned(),
        },
        CheckCode::ServicePermission => match &check.subject {
            Some(name) => format!("{service} has authorised {name}."),
            None => format!("What {} has authorised is enough.", lower(service)),
        },
        CheckCode::Socket => match platform {
            Platform::Slack => "Events come through Socket Mode.".to_owned(),
            Platform::Teams | Platform::Webex | Platform::Zoom => {
                "Events come through a WebSocket.".to_owned()
            }
        },
        CheckCode::Reading => "Reading works.".to_owned(),
        CheckCode::Writing => "Writing works.".to_owned(),
        CheckCode::ServiceSignIn => format!("{service} is signed in."),
        CheckCode::ServiceMember => {
            format!("{service} is an active member of the organisation.")
        }
        CheckCode::ServiceLicence => format!("{service} has a licence for {place}."),
        CheckCode::ProtectedReading => "The app may read everybody's chats.".to_owned(),
        CheckCode::GuestInvitations => "Guests can be invited.".to_owned(),
        CheckCode::PeopleConsent => "People can authorise their own account.".to_owned(),
        CheckCode::SignInCodes => "People can sign in with a code.".to_owned(),
        CheckCode::PublicAddress => "The hub reaches itself under its public address.".to_owned(),
        CheckCode::LiveEvents => format!("{place} tells the hub of messages at once."),
        CheckCode::Visibility => "The conversations that are relayed can be seen.".to_owned(),
        CheckCode::SignIns => "Nobody has to authorise their account again.".to_owned(),
        CheckCode::SecretExpiry => "The client secret is good for more than two weeks.".to_owned(),
        CheckCode::CertificateExpiry => {
            "The certificate is good for more than two weeks.".to_owned()
        }
        CheckCode::OwnSignInExpiry => format!(
            "The sign-in of {} is good for more than two weeks.",
            whose(platform, check)
        ),
        CheckCode::PeopleSignInExpiry => "No sign-in of people's ends within two weeks.".to_owned(),
    }
}

/// What was not found out, and why.
pub(super) fn unknown(platform: Platform, check: &Check) -> String {
    let (place, service) = (platform.name(), lower(service(platform)));
    let what = match check.code {
        CheckCode::Reachable => format!("Whether {place} can be reached was not found out"),
        CheckCode::ClockSkew => format!("{place} did not tell what time it is there"),
        CheckCode::Credentials => "Whether the credentials are good was not found out".to_owned(),
        CheckCode::AppPermission => format!("{place} did not tell what the app is allowed"),
        CheckCode::PersonPermission => {
            format!("{place} did not tell what people have authorised")
        }
        CheckCode::ServicePermission => {
            format!("{place} did not tell what {service} has authorised")
        }
        CheckCode::Socket => "Whether the socket can be opened was not found out".to_owned(),
        CheckCode::Reading => "Whether reading works was not found out".to_owned(),
        CheckCode::Writing => "Whether writing works was not found out".to_owned(),
        CheckCode::ServiceSignIn => {
            format!("Whether {service} can sign in was not found out")
        }
        CheckCode::ServiceMember => format!("Whether {service} is there was not found out"),
        CheckCode::ServiceLicence => {
            format!("Whether {service} has a licence was not found out")
        }
        CheckCode::ProtectedReading => {
            "Whether the app may read everybody's chats was not found out".to_owned()
        }
        CheckCode::GuestInvitations => {
            "Whether the organisation lets guests be invited was not found out".to_owned()
        }
        CheckCode::PeopleConsent => {
            "Whether people can authorise their own account was not found out".to_owned()
        }
        CheckCode::SignInCodes => {
            "Whether people can sign in with a code was not found out".to_owned()
        }
        CheckCode::PublicAddress => "The public address was not called".to_owned(),
        CheckCode::LiveEvents => {
            "How messages are heard is not known, because nothing is relayed from here".to_owned()
        }
        CheckCode::Visibility => "The conversations were not looked at".to_owned(),
        CheckCode::SignIns => "Who has to sign in again was not found out".to_owned(),
        CheckCode::SecretExpiry => "When the client secret ends is not known".to_owned(),
        CheckCode::CertificateExpiry => "When the certificate ends is not known".to_owned(),
        CheckCode::OwnSignInExpiry => format!(
            "When the sign-in of {} ends is not known",
            whose(platform, check)
        ),
        CheckCode::PeopleSignInExpiry => "When people's sign-ins end is not known".to_owned(),
    };
    let why = match (check.code, check.detail.as_deref()) {
        (CheckCode::LiveEvents, _) | (_, None) => String::new(),
        (CheckCode::GuestInvitations | CheckCode::PeopleConsent, Some(role))
            if role.ends_with(".Read.All") =>
        {
            format!(": the app would need {role} to see it, and needs it for nothing else")
        }
        (_, Some(code)) => format!(" ({code})"),
    };
    format!("{what}{why}.")
}

/// The account that the hub itself speaks or reads as.
fn service(platform: Platform) -> &'static str {
    match platform {
        Platform::Slack | Platform::Teams => "The service account",
        Platform::Webex => "The administrator",
        Platform::Zoom => "The member who speaks for the hub",
    }
}

/// Whose sign-in a check is about, within a sentence.
fn whose(platform: Platform, check: &Check) -> String {
    match check.subject.as_deref() {
        Some(GUEST_ISSUER) => "the app that makes guests".to_owned(),
        Some(_) | None => lower(service(platform)),
    }
}

/// As it stands within a sentence.
fn lower(service: &str) -> String {
    service.replacen('T', "t", 1)
}

/// `hear` matters on Webex alone.
fn words(platform: Platform, hear: Hear, check: &Check) -> Words {
    let own = match (platform, hear) {
        (Platform::Slack | Platform::Teams, _) => None,
        (Platform::Webex, Hear::Events) => webex::words(check),
        (Platform::Webex, Hear::Sockets) => {
            webex_by_sockets::words(check).or_else(|| webex::words(check))
        }
        (Platform::Zoom, _) => zoom::words(check),
    };
    own.unwrap_or_else(|| of_any(platform, check))
}

fn of_any(platform: Platform, check: &Check) -> Words {
    let place = platform.name();
    let code = check.detail.as_deref().unwrap_or("no code");
    let nothing = format!("Nothing is relayed to or from {place}.");
    match check.code {
        CheckCode::Reachable => Words {
            message: format!("{place} cannot be reached from this computer ({code})."),
            stops: format!("{nothing} What people write waits."),
            action: "Look at this computer's network, proxy and firewall; the relay goes on by \
                     itself."
                .to_owned(),
            link: None,
        },
        CheckCode::ClockSkew => Words {
            message: format!("This computer's clock is {code} compared with {place}'s."),
            stops: "Signatures and sign-ins are refused once the difference is too large, and \
                    messages appear under the wrong time."
                .to_owned(),
            action: "Switch on setting the time automatically on this computer.".to_owned(),
            link: None,
        },
        CheckCode::Credentials => credentials(platform, code, nothing),
        CheckCode::AppPermission => app_permission(platform, check.subject.as_deref()),
        CheckCode::PersonPermission => person_permission(platform, check),
        CheckCode::ServicePermission => service_permission(platform, check),
        CheckCode::Socket => Words {
            message: format!("Slack does not open a socket for the app ({code})."),
            stops: "The hub hears nothing that is written in Slack.".to_owned(),
            action:
                "In the app's settings switch Socket Mode on, and make an app-level token with \
                     connections:write under Basic Information; then connect Slack again with it."
                    .to_owned(),
            link: Some(SLACK_CONSOLE_APPS),
        },
        CheckCode::Reading => Words {
            message: format!("{place} does not let the app read ({code})."),
            stops: format!("What is written in {place} is not carried to the other side."),
            action: reading_again(platform).to_owned(),
            link: console(platform),
        },
        CheckCode::Writing => Words {
            message: format!("{place} does not let the app write ({code})."),
            stops: format!("Nothing that waits for {place} is delivered."),
            action: reading_again(platform).to_owned(),
            link: console(platform),
        },
        CheckCode::ServiceSignIn => Words {
            message: format!("The service account is not signed in any more ({code})."),
            stops: "The app cannot speak in Teams: people who have no account of their own there \
                    are not heard, and nobody can be asked anything."
                .to_owned(),
            action: "Sign the service account in again on the Platforms page.".to_owned(),
            link: None,
        },
        CheckCode::ServiceMember => service_member(code),
        CheckCode::ServiceLicence => Words {
            message: "The service account has no licence for Teams.".to_owned(),
            stops: "It cannot be in a chat, so the app cannot speak for anyone.".to_owned(),
            action: "In the Microsoft 365 admin centre, under Users > Active users, give it a \
                     licence that includes Microsoft Teams. It takes effect within a day."
                .to_owned(),
            link: Some(M365_USERS),
        },
        CheckCode::ProtectedReading => Words {
            message: "Microsoft has not approved this app for reading everybody's chats \
                      (protected APIs)."
                .to_owned(),
            stops: "Chats are heard only where somebody in them has authorised their own account."
                .to_owned(),
            action: "Ask for access to protected APIs with Microsoft's request form, naming the \
                     application (client) ID."
                .to_owned(),
            link: Some("https://learn.microsoft.com/graph/teams-protected-apis"),
        },
        CheckCode::GuestInvitations => Words {
            message: "The organisation lets nobody invite guests.".to_owned(),
            stops: "No guest accounts can be made: whoever was to have one is represented by the \
                    app."
                .to_owned(),
            action: "In Entra, under External Identities > External collaboration settings, allow \
                     guest invitations, or pair these people through the app."
                .to_owned(),
            link: Some(ENTRA_GUESTS),
        },
        CheckCode::PeopleConsent => Words {
            message: "People may not authorise this app by themselves.".to_owned(),
            stops: "Nobody can be represented by their own account; the app speaks for them."
                .to_owned(),
            action: "Grant admin consent for the whole organisation (app registration > API \
                     permissions > Grant admin consent). After that people only sign in."
                .to_owned(),
            link: Some(ENTRA_CONSENT),
        },
        CheckCode::SignInCodes => Words {
            message: format!("The organisation blocks signing in with a code ({code})."),
            stops: "People cannot follow the hub's request to authorise their account.".to_owned(),
            action: "In Entra, under Conditional Access, allow the device code flow for this app, \
                     or give the hub a public address: then people are sent a link."
                .to_owned(),
            link: None,
        },
        CheckCode::PublicAddress => Words {
            message: format!("The hub does not reach itself under its public address ({code})."),
            stops: format!(
                "{place} cannot tell the hub of messages, and links that people are \
                            sent lead nowhere."
            ),
            action: "Look whether the proxy or tunnel runs and forwards that address to the hub's \
                     listener (Settings > Public address)."
                .to_owned(),
            link: None,
        },
        CheckCode::LiveEvents => Words {
            message: "Teams is asked for messages every few seconds, which is for evaluation."
                .to_owned(),
            stops: "Messages arrive later than they could. Microsoft's terms for Teams allow \
                    looking for changes this way once a day, and it may throttle or cut off an app \
                    that does it all the time."
                .to_owned(),
            action: "Give the hub a public address before people rely on it (Settings > Public \
                     address)."
                .to_owned(),
            link: Some("https://learn.microsoft.com/graph/teams-licenses"),
        },
        CheckCode::Visibility => Words {
            message: format!("{code} conversations that were looked at cannot be seen any more."),
            stops: "What is written in them is not carried.".to_owned(),
            action: "Open People, and see under each person what the hub cannot hear and what \
                     would change it."
                .to_owned(),
            link: None,
        },
        CheckCode::SignIns => Words {
            message: format!("{place} has withdrawn what people authorised: {code} of them."),
            stops: "The app speaks for them until they authorise their account again.".to_owned(),
            action: "Open People > Needs attention, and ask them again.".to_owned(),
            link: None,
        },
        CheckCode::SecretExpiry => Words {
            message: format!("The app's client secret ends: {code} left."),
            stops: format!("{nothing} That is so from the day it ends."),
            action: "In the app registration, under Certificates & secrets, make a new client \
                     secret, and connect Teams again with it."
                .to_owned(),
            link: Some(ENTRA_APPS),
        },
        CheckCode::OwnSignInExpiry => own_sign_in(platform, check, code),
        CheckCode::PeopleSignInExpiry => Words {
            message: format!(
                "Sign-ins of people end within two weeks unless the hub uses them before: {code} \
                 of them."
            ),
            stops: "From the day that theirs ends, somebody is not spoken as until they authorise \
                    their account again."
                .to_owned(),
            action: "Let the relay run: it uses those first that were not used for the longest, \
                     some each day. Where that fails, other findings say why."
                .to_owned(),
            link: None,
        },
        CheckCode::CertificateExpiry => Words {
            message: format!("The app's certificate ends: {code} left."),
            stops: format!("{nothing} That is so from the day it ends."),
            action: "Make a new certificate on the Platforms page, upload it under Certificates & \
                     secrets, and connect Teams again with it."
                .to_owned(),
            link: Some(ENTRA_APPS),
        },
    }
}

/// It ends only where the hub could not use it for months.
fn own_sign_in(platform: Platform, check: &Check, left: &str) -> Words {
    let place = platform.name();
    let whose = whose(platform, check);
    let stops = match check.subject.as_deref() {
        Some(GUEST_ISSUER) => "no guest account is made or spoken as".to_owned(),
        Some(_) | None => format!("nothing is relayed to or from {place}"),
    };
    let message = match left {
        OVER => format!("The sign-in of {whose} was not used for so long that it has ended."),
        left => format!("The sign-in of {whose} ends unless the hub uses it before: {left} left."),
    };
    Words {
        message,
        stops: format!("From the day it ends {stops}."),
        action: format!(
            "Let the relay run, and look at the other findings for why the sign-in cannot be used; \
             or connect {place} again, which begins it anew."
        ),
        link: None,
    }
}

fn console(platform: Platform) -> Option<&'static str> {
    match platform {
        Platform::Slack => Some(SLACK_CONSOLE_APPS),
        Platform::Teams => Some(ENTRA_APPS),
        Platform::Webex => Some(webex::APPS),
        Platform::Zoom => Some(zoom::APPS),
    }
}

fn reading_again(platform: Platform) -> &'static str {
    match platform {
        Platform::Slack => {
            "Under OAuth & Permissions look whether all bot token scopes of the manifest are there, \
             reinstall the app to the workspace, and connect Slack again."
        }
        Platform::Teams => {
            "Sign the service account in again, and look whether it may use Teams and whether a \
             Conditional Access policy keeps it out."
        }
        Platform::Webex | Platform::Zoom => "Connect it again.",
    }
}

fn credentials(platform: Platform, code: &str, stops: String) -> Words {
    let message = format!(
        "{} does not accept the app's credentials ({code}).",
        platform.name()
    );
    let (action, link) = match (platform, code) {
        (Platform::Slack, "account_inactive" | "token_revoked" | "invalid_auth") => (
            "The app was uninstalled or its token revoked: under Install App install it again, \
             copy the Bot User OAuth Token, and connect Slack again with it.",
            Some(SLACK_CONSOLE_APPS),
        ),
        (Platform::Slack, _) => (
            "Copy the Bot User OAuth Token (xoxb-…) again from OAuth & Permissions, and connect \
             Slack again.",
            Some(SLACK_CONSOLE_APPS),
        ),
        (Platform::Teams, "AADSTS7000222") => (
            "The client secret has ended: under Certificates & secrets make a new one, or better a \
             certificate, and connect Teams again.",
            Some(ENTRA_APPS),
        ),
        (Platform::Teams, "AADSTS7000215") => (
            "The client secret is wrong: copy its Value, not its Secret ID, right after making it, \
             and connect Teams again.",
            Some(ENTRA_APPS),
        ),
        (Platform::Teams, "AADSTS700027") => (
            "The certificate is not known to the app registration: upload the one that the hub \
             made under Certificates & secrets > Certificates.",
            Some(ENTRA_APPS),
        ),
        (Platform::Teams, "AADSTS700016" | "AADSTS90002") => (
            "The application (client) ID or the directory (tenant) ID is wrong: copy both from the \
             app registration's Overview, and connect Teams again.",
            Some(ENTRA_APPS),
        ),
        (Platform::Teams, _) => (
            "Look at the app registration's Certificates & secrets, and connect Teams again.",
            Some(ENTRA_APPS),
        ),
        (Platform::Webex | Platform::Zoom, _) => ("Connect it again.", None),
    };
    Words {
        message,
        stops,
        action: action.to_owned(),
        link,
    }
}

fn app_permission(platform: Platform, subject: Option<&str>) -> Words {
    let name = subject.unwrap_or_default();
    let stops = match (platform, name) {
        (Platform::Slack, "chat:write") => "The app can post nothing in Slack.",
        (Platform::Slack, "chat:write.customize") => {
            "What the app posts for people bears the app's name instead of theirs."
        }
        (Platform::Slack, "commands") => {
            "/causeway does not work: people find nobody who has no account in Slack."
        }
        (Platform::Slack, "metadata.message:read") => {
            "The hub does not know its own posts again after a crash, and leaves some uncertain."
        }
        (Platform::Slack, "users:read") => "Nobody in Slack can be imported.",
        (Platform::Slack, "users:read.email") => {
            "People's addresses are not seen, so nobody is matched by them."
        }
        (Platform::Slack, name) if name.starts_with("im:") => {
            "Direct messages to the app are not heard or opened: people cannot be asked for their \
             consent."
        }
        (Platform::Slack, name) if name.starts_with("mpim:") => {
            "The group messages of the app, a person and whoever stands for another are not heard \
             or opened."
        }
        (Platform::Slack, name) if name.starts_with("groups:") => {
            "The private channels in which the app speaks for people who have no account in Slack \
             are not heard or made."
        }
        (Platform::Teams, "User.Read.All") => "Nobody in Microsoft 365 can be imported.",
        (Platform::Teams, "Chat.Read.All") => {
            "Chats are heard only where somebody in them has authorised their own account."
        }
        (Platform::Teams, "Chat.Create") => {
            "A chat between two people can be made only once one of them has authorised their \
             account."
        }
        (Platform::Teams, "User.Invite.All") => "No guest accounts can be made.",
        (Platform::Teams, "User.ReadWrite.All") => {
            "Guest accounts do not get the name and photo of whom they stand for, and cannot be \
             deleted."
        }
        (Platform::Slack | Platform::Teams | Platform::Webex | Platform::Zoom, _) => {
            "What needs it does not work."
        }
    };
    let action = match platform {
        Platform::Slack => format!(
            "Under OAuth & Permissions > Bot Token Scopes add {name}, reinstall the app to the \
             workspace, and connect Slack again if the token has changed."
        ),
        Platform::Teams => format!(
            "In the app registration, under API permissions > Add a permission > Microsoft Graph > \
             Application permissions, add {name}, then Grant admin consent."
        ),
        Platform::Webex | Platform::Zoom => format!("Add {name} to the app."),
    };
    Words {
        message: format!("The app lacks the permission {name}."),
        stops: stops.to_owned(),
        action,
        link: console(platform),
    }
}

fn person_permission(platform: Platform, check: &Check) -> Words {
    let name = check.subject.as_deref().unwrap_or_default();
    let count = check.detail.as_deref().unwrap_or_default();
    let stands = match platform {
        Platform::Slack => "OAuth & Permissions > User Token Scopes",
        Platform::Teams => "API permissions > Delegated permissions",
        Platform::Webex | Platform::Zoom => "Scopes",
    };
    Words {
        message: format!("{count} people who were looked at did not authorise {name}."),
        stops: "As them the hub cannot do what needs it; the app does it instead where it can."
            .to_owned(),
        action: format!(
            "Look whether {name} stands in the app's settings under {stands}, and ask these people \
             again (People)."
        ),
        link: console(platform),
    }
}

fn service_permission(platform: Platform, check: &Check) -> Words {
    let name = check.subject.as_deref().unwrap_or_default();
    Words {
        message: format!("What the service account has authorised lacks {name}."),
        stops: "The app cannot speak where nobody else can.".to_owned(),
        action: format!(
            "In the app registration, under API permissions > Delegated permissions, add {name}, \
             grant admin consent, and sign the service account in again."
        ),
        link: console(platform),
    }
}

fn service_member(code: &str) -> Words {
    let (message, action) = match code {
        "disabled" => (
            "The service account is blocked from signing in.".to_owned(),
            "In the Microsoft 365 admin centre, under Users > Active users, unblock its sign-in.",
        ),
        "guest" => (
            "The service account is a guest of the organisation.".to_owned(),
            "Connect Teams again with a member of the organisation as the service account.",
        ),
        code => (
            format!("The service account was not found ({code})."),
            "Connect Teams again with the address of an account that exists.",
        ),
    };
    Words {
        message,
        stops: "The app cannot speak in Teams.".to_owned(),
        action: action.to_owned(),
        link: Some(M365_USERS),
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::CheckCode;

    use super::*;

    fn every_finding() -> Vec<FindingView> {
        let mut findings = Vec::new();
        for platform in Platform::ALL {
            for hear in [Hear::Events, Hear::Sockets] {
                for code in CheckCode::ALL {
                    let check = Check::failed(code, "the_code").about("the:subject");
                    findings.push(told(platform, hear, &check));
                }
            }
        }
        findings
    }

    #[test]
    fn every_finding_says_in_whole_sentences_what_stops_and_what_to_do() {
        for found in every_finding() {
            for sentence in [&found.message, &found.stops, &found.action] {
                assert!(sentence.ends_with('.'), "{sentence}");
                assert!(sentence.starts_with(|c: char| c.is_uppercase() || c == '/' || c == 't'));
                assert!(!sentence.contains("  "), "{sentence}");
            }
        }
    }

    #[test]
    fn what_passed_and_what_is_unknown_are_sentences_too() {
        for platform in Platform::ALL {
            for code in CheckCode::ALL {
                assert!(passed(platform, &Check::passed(code)).ends_with('.'));
                let check = Check::unknown(code, "why");
                assert!(unknown(platform, &check).ends_with('.'));
            }
        }
    }

    #[test]
    fn what_would_have_to_be_granted_to_see_it_is_named() {
        let check = Check::unknown(CheckCode::GuestInvitations, "Policy.Read.All");
        assert_eq!(
            unknown(Platform::Teams, &check),
            "Whether the organisation lets guests be invited was not found out: the app would need \
             Policy.Read.All to see it, and needs it for nothing else."
        );
    }
}
