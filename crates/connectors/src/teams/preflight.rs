//! Whether a tenant, the app registered in it and the service account are as the hub needs them.

use causeway_model::{Check, CheckCode, Depth, ExternalAccount, Failure, FailureKind, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{graph::Graph, refusal::PROTECTED_API, settings::Hear, sign_in::PERMISSIONS};
use crate::{
    TokenOwner,
    preflight::{Granted, came_to, not_let_in, skew},
};

/// What the app's own token has to allow: everybody found, chats heard, chats made for two people of
/// whom neither is the app.
const ROLES: [&str; 3] = ["User.Read.All", "Chat.Read.All", "Chat.Create"];
/// The same for guests: they are invited, and given the name and photo of whom they stand for.
const GUEST_ROLES: [&str; 2] = ["User.Invite.All", "User.ReadWrite.All"];
/// Lets this be looked at, and is needed for nothing else.
const SEE_POLICY: &str = "Policy.Read.All";
/// The narrowest of those that let it be seen who has consented, and the others.
const SEE_GRANTS: &str = "Directory.Read.All";
const ALSO_SEE_GRANTS: [&str; 2] = [
    "Directory.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
];

/// The service of which a licence for Teams consists.
/// Source: <https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>.
const TEAMS_SERVICE: &str = "TeamspaceAPI";
/// The policies under which people consent to whatever no administrator is needed for.
/// Source: <https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent>.
const OPEN_POLICIES: [&str; 1] = ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"];
const NOBODY_INVITES: &str = "none";

/// A chat and a message that never were.
const NO_CHAT: &str = "19:causeway-canary@thread.v2";
const NO_MESSAGE: &str = "1";

pub(super) async fn run(graph: &Graph, depth: Depth, people: &[ExternalAccount]) -> Vec<Check> {
    let mut checks = Vec::new();
    let reader = graph.reader();
    let roles = match graph.permissions(&reader).await {
        Ok(roles) => roles,
        Err(failure) => return vec![not_let_in(&failure)],
    };
    // A token may be older than the network's breaking down.
    let service = service_account(graph).await;
    match &service {
        Err(failure) if is_away(failure) => return vec![not_let_in(failure)],
        Ok(_) | Err(_) => {}
    }
    checks.push(Check::passed(CheckCode::Reachable));
    checks.push(Check::passed(CheckCode::Credentials));
    let scopes = graph.permissions(&TokenOwner::App).await;
    let signed_in = scopes.is_ok();
    checks.push(came_to(
        CheckCode::ServiceSignIn,
        scopes.as_ref().map(|_| ()).map_err(Clone::clone),
    ));
    if depth != Depth::Canary {
        let by_app = reader == TokenOwner::AppLevel;
        if by_app {
            let guests = GUEST_ROLES.iter();
            let needed = ROLES.iter().chain(guests).copied();
            checks.extend(permissions(CheckCode::AppPermission, needed, &roles));
        }
        if let Ok(scopes) = &scopes {
            let needed = PERMISSIONS.into_iter();
            checks.extend(permissions(CheckCode::ServicePermission, needed, scopes));
        }
        checks.extend(people_permissions(graph, people).await);
        checks.extend(standing(graph, service));
        if by_app {
            checks.push(protected_reading(graph).await);
            checks.extend(policies(graph, &roles).await);
        }
    }
    if signed_in {
        checks.extend(canaries(graph).await);
    }
    checks
}

fn is_away(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::NotSent | FailureKind::Unknown)
}

/// A wider permission holds the narrower one.
fn holds(held: &[String], wanted: &str) -> bool {
    let wider: &[&str] = match wanted {
        "User.Read.All" => &[
            "User.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        "Chat.Read.All" => &["Chat.ReadWrite.All"],
        "User.Invite.All" => &["User.ReadWrite.All", "Directory.ReadWrite.All"],
        "User.ReadWrite.All" => &["Directory.ReadWrite.All"],
        "User.Read" => &["User.ReadWrite"],
        _ => &[],
    };
    held.iter()
        .any(|held| held == wanted || wider.contains(&held.as_str()))
}

fn permissions(
    code: CheckCode,
    needed: impl Iterator<Item = &'static str>,
    held: &Option<Vec<String>>,
) -> Vec<Check> {
    let Some(held) = held else {
        return vec![Check::unknown(code, "unreadable_token")];
    };
    needed
        .map(|wanted| {
            let check = match holds(held, wanted) {
                true => Check::passed(code),
                false => Check::failed(code, "not_granted"),
            };
            check.about(wanted)
        })
        .collect()
}

/// A token that has ended is renewed for this, which keeps the sign-in: Entra ends one that nobody
/// uses for ninety days. Whose is no longer good is told elsewhere.
/// Source: <https://learn.microsoft.com/entra/identity-platform/refresh-tokens>.
async fn people_permissions(graph: &Graph, people: &[ExternalAccount]) -> Vec<Check> {
    let mut granted = Granted::of(PERMISSIONS.to_vec());
    for account in people {
        let owner = TokenOwner::Account(account.clone());
        if let Ok(Some(held)) = graph.permissions(&owner).await {
            granted.note(|permission| holds(&held, permission));
        }
    }
    granted.checks()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    account_enabled: Option<bool>,
    user_type: Option<String>,
    #[serde(default)]
    assigned_plans: Vec<Plan>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    service: Option<String>,
    capability_status: Option<String>,
}

/// The service account as the directory has it, and what time it is there.
async fn service_account(graph: &Graph) -> Result<(Service, Option<Timestamp>), Failure> {
    let select = "id,accountEnabled,userType,assignedPlans";
    let path = ["users", &graph.settings().service_account];
    let url = graph.url(&path, &[("$select", select)]);
    graph.timed(&graph.reader(), url, "users.get").await
}

fn standing(graph: &Graph, service: Result<(Service, Option<Timestamp>), Failure>) -> Vec<Check> {
    let (service, server_time) = match service {
        Ok(answer) => answer,
        Err(failure) => {
            let code = failure.code.clone();
            return vec![
                came_to(CheckCode::ServiceMember, Err(failure)),
                Check::unknown(CheckCode::ServiceLicence, code),
            ];
        }
    };
    let member = if service.account_enabled == Some(false) {
        Check::failed(CheckCode::ServiceMember, "disabled")
    } else if service.user_type.as_deref() == Some("Guest") {
        Check::failed(CheckCode::ServiceMember, "guest")
    } else {
        Check::passed(CheckCode::ServiceMember)
    };
    let licensed = service.assigned_plans.iter().any(|plan| {
        plan.service.as_deref() == Some(TEAMS_SERVICE)
            && plan.capability_status.as_deref() == Some("Enabled")
    });
    let licence = match licensed {
        true => Check::passed(CheckCode::ServiceLicence),
        false => Check::failed(CheckCode::ServiceLicence, "no_teams_plan"),
    };
    vec![member, licence, skew(server_time, graph.clock().now())]
}

/// Whether everybody's chats may be read with the app's own token; asked of the service account's.
async fn protected_reading(graph: &Graph) -> Check {
    let code = CheckCode::ProtectedReading;
    let settings = graph.settings();
    if settings.hear == Hear::Delegated {
        return Check::unknown(code, "not_wanted");
    }
    let path = [
        "users",
        &settings.service_account,
        "chats",
        "getAllMessages",
    ];
    let url = graph.url(&path, &[("$top", "1")]);
    let read: Result<Value, Failure> = graph
        .get(&TokenOwner::AppLevel, url, "chats.getAllMessages")
        .await;
    match read {
        Err(failure) if failure.code == PROTECTED_API => Check::failed(code, PROTECTED_API),
        // Without the role it is not known, and the role has a check of its own.
        Err(failure) => Check::unknown(code, failure.code),
        Ok(_) => Check::passed(code),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationPolicy {
    allow_invites_from: Option<String>,
    #[serde(default)]
    default_user_role_permissions: RolePermissions,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RolePermissions {
    #[serde(default)]
    permission_grant_policies_assigned: Vec<String>,
}

/// Who may invite guests, and who may consent.
/// Source: <https://learn.microsoft.com/graph/api/authorizationpolicy-get>.
async fn policies(graph: &Graph, roles: &Option<Vec<String>>) -> Vec<Check> {
    let may_see = |role: &str| roles.as_ref().is_none_or(|held| holds(held, role));
    let unseen = |code| Check::unknown(code, SEE_POLICY);
    if !may_see(SEE_POLICY) {
        return vec![
            unseen(CheckCode::GuestInvitations),
            unseen(CheckCode::PeopleConsent),
        ];
    }
    let url = graph.url(&["policies", "authorizationPolicy"], &[]);
    let doing = "authorizationPolicy.get";
    let policy: Result<AuthorizationPolicy, Failure> =
        graph.get(&TokenOwner::AppLevel, url, doing).await;
    let policy = match policy {
        Ok(policy) => policy,
        Err(failure) => {
            return vec![
                Check::unknown(CheckCode::GuestInvitations, &failure.code),
                Check::unknown(CheckCode::PeopleConsent, failure.code),
            ];
        }
    };
    let invites = match policy.allow_invites_from.as_deref() {
        Some(NOBODY_INVITES) => Check::failed(CheckCode::GuestInvitations, "allowInvitesFrom none"),
        Some(_) => Check::passed(CheckCode::GuestInvitations),
        None => Check::unknown(CheckCode::GuestInvitations, "not_told"),
    };
    let assigned = &policy
        .default_user_role_permissions
        .permission_grant_policies_assigned;
    let people_may = assigned
        .iter()
        .any(|policy| OPEN_POLICIES.contains(&policy.as_str()));
    let consent = match people_may {
        true => Check::passed(CheckCode::PeopleConsent),
        false if may_see(SEE_GRANTS) || ALSO_SEE_GRANTS.into_iter().any(may_see) => {
            consented_for_all(graph).await
        }
        false => Check::unknown(CheckCode::PeopleConsent, SEE_GRANTS),
    };
    vec![invites, consent]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grants {
    value: Vec<Grant>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    consent_type: Option<String>,
    #[serde(default)]
    scope: String,
}

/// Whether an administrator has consented for everybody.
/// Source: <https://learn.microsoft.com/graph/api/oauth2permissiongrant-list>.
async fn consented_for_all(graph: &Graph) -> Check {
    let code = CheckCode::PeopleConsent;
    let ours = match graph.service_principal().await {
        Ok(Some(ours)) => ours,
        Ok(None) => return Check::unknown(code, "unreadable_token"),
        Err(failure) => return Check::unknown(code, failure.code),
    };
    let filter = format!("clientId eq '{ours}'");
    let url = graph.url(&["oauth2PermissionGrants"], &[("$filter", &filter)]);
    let grants: Result<Grants, Failure> = graph
        .get(&TokenOwner::AppLevel, url, "oauth2PermissionGrants.list")
        .await;
    let grants = match grants {
        Ok(grants) => grants.value,
        Err(failure) => return Check::unknown(code, failure.code),
    };
    let for_all: Vec<String> = grants
        .iter()
        .filter(|grant| grant.consent_type.as_deref() == Some("AllPrincipals"))
        .flat_map(|grant| grant.scope.split_whitespace().map(str::to_owned))
        .collect();
    match PERMISSIONS.iter().all(|wanted| holds(&for_all, wanted)) {
        true => Check::passed(code),
        false => Check::failed(code, "no_consent_for_all"),
    }
}

/// As the service account: its newest chat is listed, and a message that never was is deleted, which
/// fails for what is missing there once the token has been let through.
async fn canaries(graph: &Graph) -> Vec<Check> {
    let owner = TokenOwner::App;
    let url = graph.url(&["me", "chats"], &[("$top", "1")]);
    let listed: Result<Value, Failure> = graph.get(&owner, url, "chats.list").await;
    let service = &graph.settings().service_account;
    let path = [
        "users",
        service,
        "chats",
        NO_CHAT,
        "messages",
        NO_MESSAGE,
        "softDelete",
    ];
    let url = graph.url(&path, &[]);
    let doing = "messages.softDelete";
    let deleted = graph.write(&owner, Method::POST, url, None, doing).await;
    let deleted = match deleted {
        Err(failure) if failure.kind == FailureKind::Gone || is_missed(&failure) => Ok(()),
        other => other.map(drop),
    };
    vec![
        came_to(CheckCode::Reading, listed.map(drop)),
        came_to(CheckCode::Writing, deleted),
    ]
}

/// Graph finds fault with the message before it misses the chat.
fn is_missed(failure: &Failure) -> bool {
    failure.kind == FailureKind::Rejected
}
