//! Access and id tokens: their claims, and what a caller with one may do.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>

use serde_json::{Value, json};

use super::{grants::Spoilt, keys::BadToken, scopes::APPLICATION};
use crate::graph::{GraphError, Tenant, directory::User};

/// An access token holds for one hour of the sandbox's time.
pub const ACCESS_LIFE_S: i64 = 3600;

/// Who calls Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A delegated token: the person's id, and the scopes in it.
    Person { user: String, scopes: Vec<String> },
    /// An application token and the roles in it.
    App { roles: Vec<String> },
}

impl Caller {
    /// The person's id, where there is one.
    pub fn user(&self) -> Option<&str> {
        match self {
            Caller::Person { user, .. } => Some(user),
            Caller::App { .. } => None,
        }
    }

    /// The scopes or roles in the token.
    pub fn permissions(&self) -> &[String] {
        match self {
            Caller::Person { scopes, .. } => scopes,
            Caller::App { roles } => roles,
        }
    }

    pub fn may(&self, any_of: &[&str]) -> bool {
        self.permissions()
            .iter()
            .any(|held| any_of.contains(&held.as_str()))
    }
}

impl Tenant {
    /// An access token for Graph with this person's consented scopes.
    pub(crate) fn access_token_of(&self, user: &User, scopes: &[&str]) -> String {
        let mut claims = self.common_claims();
        claims["idtyp"] = json!("user");
        claims["oid"] = json!(user.id);
        claims["sub"] = json!(self.mint.opaque(&format!("subject {}", user.id), 43));
        claims["name"] = json!(user.display_name);
        claims["upn"] = json!(user.upn);
        claims["unique_name"] = json!(user.upn);
        claims["scp"] = json!(scopes.join(" "));
        self.keys.sign(&claims)
    }

    /// An access token for Graph with the app's own roles.
    pub(crate) fn access_token_of_app(&self) -> String {
        let mut claims = self.common_claims();
        claims["idtyp"] = json!("app");
        claims["oid"] = json!(self.ids.service_principal);
        claims["sub"] = json!(self.ids.service_principal);
        claims["roles"] = json!(self.switches().granted(APPLICATION));
        self.keys.sign(&claims)
    }

    pub(crate) fn id_token_of(&self, user: &User, nonce: Option<&str>) -> String {
        let now = self.now() / 1000;
        let mut claims = json!({
            "aud": self.ids.client,
            "iss": self.issuer(),
            "iat": now,
            "nbf": now,
            "exp": now + ACCESS_LIFE_S,
            "oid": user.id,
            "tid": self.ids.tenant,
            "sub": self.mint.opaque(&format!("subject {}", user.id), 43),
            "name": user.display_name,
            "preferred_username": user.upn,
            "email": user.mail,
            "ver": "2.0",
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        self.keys.sign(&claims)
    }

    /// Who an `Authorization` header speaks for. Errors: 401 `InvalidAuthenticationToken`.
    pub(crate) fn caller(&self, authorization: Option<&str>) -> Result<Caller, GraphError> {
        let token = authorization
            .and_then(|value| {
                value
                    .strip_prefix("Bearer ")
                    .or_else(|| value.strip_prefix("bearer "))
            })
            .map(str::trim)
            .filter(|token| !token.is_empty())
            .ok_or_else(|| GraphError::invalid_token("Access token is empty."))?;
        let claims = self.keys.open(token, self.now()).map_err(|bad| match bad {
            BadToken::Expired => {
                GraphError::invalid_token("Lifetime validation failed, the token is expired.")
            }
            BadToken::Unreadable => GraphError::invalid_token(
                "IDX14100: JWT is not well formed, there are no dots (.).",
            ),
        })?;
        if claims["aud"] != json!(GRAPH_AUDIENCE) {
            return Err(GraphError::invalid_token(
                "Access token validation failure. Invalid audience.",
            ));
        }
        self.unspoilt(&claims)?;
        Ok(match claims["idtyp"].as_str() {
            Some("app") => Caller::App {
                roles: words(&claims["roles"]),
            },
            _ => self.person(&claims)?,
        })
    }

    /// The id inside a token of ours, expired or not.
    pub(crate) fn token_claims(&self, token: &str) -> Option<Value> {
        self.keys.open(token, 0).ok()
    }

    /// `{entra}/{tenant}/v2.0`
    pub(crate) fn issuer(&self) -> String {
        format!("{}/{}/v2.0", self.urls.entra, self.ids.tenant)
    }

    fn unspoilt(&self, claims: &Value) -> Result<(), GraphError> {
        match self
            .grants()
            .spoilt(claims["uti"].as_str().unwrap_or_default())
        {
            None => Ok(()),
            Some(Spoilt::Expired) => Err(GraphError::invalid_token(
                "Lifetime validation failed, the token is expired.",
            )),
            Some(Spoilt::Revoked) => Err(GraphError::invalid_token(
                "Continuous access evaluation resulted in challenge with result: \
                 InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
            )),
        }
    }

    fn person(&self, claims: &Value) -> Result<Caller, GraphError> {
        let user = claims["oid"].as_str().unwrap_or_default().to_owned();
        let enabled = self
            .state()
            .directory
            .find(&user)
            .is_some_and(|found| found.enabled);
        if !enabled {
            return Err(GraphError::invalid_token(
                "User account is disabled or deleted.",
            ));
        }
        let scopes = claims["scp"].as_str().unwrap_or_default();
        Ok(Caller::Person {
            user,
            scopes: scopes.split(' ').map(str::to_owned).collect(),
        })
    }

    fn common_claims(&self) -> Value {
        let now = self.now() / 1000;
        json!({
            "aud": GRAPH_AUDIENCE,
            "iss": format!("https://sts.windows.net/{}/", self.ids.tenant),
            "iat": now,
            "nbf": now,
            "exp": now + ACCESS_LIFE_S,
            "appid": self.ids.client,
            "app_displayname": "Causeway",
            "tid": self.ids.tenant,
            "uti": self.mint.opaque(&self.mint.fresh("access token"), 22),
            "ver": "1.0",
        })
    }
}

const GRAPH_AUDIENCE: &str = "https://graph.microsoft.com";

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map(|all| {
            all.iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default()
}
