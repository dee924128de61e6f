//! What clients read before they sign anybody in.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>

use serde_json::{Value, json};

use crate::graph::Tenant;

/// `/{tenant}/v2.0/.well-known/openid-configuration`
pub fn configuration(tenant: &Tenant) -> Value {
    let base = format!("{}/{}", tenant.urls.entra, tenant.ids.tenant);
    json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": tenant.issuer(),
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username",
            "name", "tid", "ver", "email", "oid"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
    })
}

/// `/common/discovery/instance`: every authority that is asked about is this one.
pub fn instance(tenant: &Tenant) -> Value {
    let host = tenant
        .urls
        .entra
        .split_once("://")
        .map_or(tenant.urls.entra.as_str(), |(_, host)| host)
        .to_owned();
    json!({
        "tenant_discovery_endpoint": format!(
            "{}/{}/v2.0/.well-known/openid-configuration", tenant.urls.entra, tenant.ids.tenant
        ),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    })
}
