//! Calls on what the tenant's administrators have decided.
//!
//! Source: <https://learn.microsoft.com/graph/api/authorizationpolicy-get>,
//! `oauth2permissiongrant-list`

use serde_json::json;

use super::{
    error::GraphError,
    query::{Filter, Literal},
    server::{Call, Reply, collection, entity},
    tenant::Tenant,
};

/// `GET /policies/authorizationPolicy`
pub fn authorization(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query.only(&["select"])?;
    let switches = tenant.switches();
    let invites = match switches.guest_invitations {
        true => "everyone",
        false => "none",
    };
    let consent = match switches.user_consent {
        true => "ManagePermissionGrantsForSelf.microsoft-user-default-legacy",
        false => "ManagePermissionGrantsForSelf.microsoft-user-default-recommended",
    };
    let policy = json!({
        "id": "authorizationPolicy",
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "allowInvitesFrom": invites,
        "allowedToSignUpEmailBasedSubscriptions": true,
        "allowedToUseSSPR": true,
        "allowEmailVerifiedUsersToJoinOrganization": false,
        "allowUserConsentForRiskyApps": null,
        "blockMsolPowerShell": false,
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": true,
            "allowedToCreateSecurityGroups": true,
            "allowedToReadOtherUsers": true,
            "permissionGrantPoliciesAssigned": [consent],
        },
    });
    let context = "policies/authorizationPolicy/$entity";
    Ok(Reply::Ok(entity(tenant, context, policy)))
}

/// `GET /oauth2PermissionGrants`: what an administrator consented to for everybody. Grants of single
/// people are left out, since nobody asks for them.
pub fn grants(tenant: &Tenant, call: &Call) -> Result<Reply, GraphError> {
    call.query.only(&["filter", "top", "select"])?;
    let filter = call.query.get("filter").map(Filter::parse).transpose()?;
    let ours = tenant.ids.service_principal.as_str();
    let field = |name: &str| match name {
        "clientId" => Some(Literal::Text(ours.to_owned())),
        "consentType" => Some(Literal::Text("AllPrincipals".to_owned())),
        _ => None,
    };
    let wanted = filter.map_or(Ok(true), |filter| filter.fits(&field))?;
    let granted = tenant.grants().for_all();
    let rows = granted.filter(|_| wanted).into_iter().map(|scope| {
        json!({
            "id": tenant.mint.opaque("permission grant", 43),
            "clientId": ours,
            "consentType": "AllPrincipals",
            "principalId": null,
            "resourceId": tenant.mint.guid("graph service principal"),
            "scope": scope,
        })
    });
    let page = rows.collect();
    Ok(Reply::Ok(collection(
        tenant,
        "oauth2PermissionGrants",
        page,
        None,
    )))
}
