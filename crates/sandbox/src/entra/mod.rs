//! A stand-in for Microsoft Entra: discovery, sign-in and the token endpoint.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/>

pub mod assertion;
mod authorize;
pub mod device;
mod discovery;
pub mod grants;
pub mod keys;
mod redeem;
mod redirects;
mod refusal;
pub mod scopes;
mod sign_in;
pub mod switches;
mod token;
pub mod tokens;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;

use self::{
    refusal::TokenRefusal,
    token::{Authority, Form},
};
use crate::{graph::Tenant, wire};

/// Entra's endpoints under `/{tenant}/…`, behind the wire.
pub fn router(tenant: Arc<Tenant>) -> Router {
    let shared = tenant.shared.clone();
    let dialect = Arc::new(Dialect(tenant.clone()));
    let routes = Router::new()
        .route("/common/discovery/instance", get(instance))
        .route(device::PAGE, get(device_page).post(device_submit))
        .route("/redeem", get(redeem_page).post(redeem_submit))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(configuration),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(configuration),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route("/{tenant}/discovery/keys", get(keys))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize))
        .route("/{tenant}/v2.0/adminconsent", get(admin_consent))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device_code))
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .with_state(tenant);
    wire::wire(routes, dialect, shared)
}

type Shared = State<Arc<Tenant>>;

async fn instance(State(tenant): Shared) -> Json<Value> {
    Json(discovery::instance(&tenant))
}

async fn configuration(State(tenant): Shared, Path(name): Path<String>) -> Response {
    answer(
        &tenant,
        authority(&tenant, &name).map(|_| discovery::configuration(&tenant)),
    )
}

async fn keys(State(tenant): Shared, Path(name): Path<String>) -> Response {
    answer(
        &tenant,
        authority(&tenant, &name).map(|_| tenant.keys.set(&tenant.issuer())),
    )
}

async fn authorize(
    State(tenant): Shared,
    Path(name): Path<String>,
    Query(query): Query<Form>,
) -> Response {
    authority(&tenant, &name)
        .and_then(|_| authorize::authorize(&tenant, &query))
        .unwrap_or_else(|refusal| refusal.response(&tenant))
}

async fn admin_consent(
    State(tenant): Shared,
    Path(name): Path<String>,
    Query(query): Query<Form>,
) -> Response {
    authority(&tenant, &name)
        .and_then(|_| authorize::admin_consent(&tenant, &query))
        .unwrap_or_else(|refusal| refusal.response(&tenant))
}

async fn device_page() -> Response {
    device::page("Enter the code that the app shows.").into_response()
}

async fn device_submit(State(tenant): Shared, body: String) -> Response {
    device::submit(&tenant, &form(&body)).into_response()
}

async fn redeem_page(State(tenant): Shared, Query(query): Query<Form>) -> Response {
    redeem::page(&tenant, &query)
}

async fn redeem_submit(State(tenant): Shared, Query(query): Query<Form>, body: String) -> Response {
    redeem::submit(&tenant, &query, &form(&body))
}

async fn device_code(State(tenant): Shared, Path(name): Path<String>, body: String) -> Response {
    answer(
        &tenant,
        authority(&tenant, &name).and_then(|_| device::begin(&tenant, &form(&body))),
    )
}

async fn token(
    State(tenant): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let body = authority(&tenant, &name)
        .and_then(|authority| token::answer(&tenant, authority, form(&body), basic));
    answer(&tenant, body)
}

fn answer(tenant: &Tenant, body: Result<Value, TokenRefusal>) -> Response {
    let mut response = match body {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refusal.response(tenant),
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store, no-cache"),
    );
    headers.insert(header::DATE, tenant.date_header());
    response
}

/// A tenant may be named by its id, its domain, or one of the shared names.
fn authority(tenant: &Tenant, name: &str) -> Result<Authority, TokenRefusal> {
    let name = name.to_ascii_lowercase();
    if name == tenant.ids.tenant || name == crate::graph::DOMAIN {
        return Ok(Authority::Tenant);
    }
    if name == "organizations" || name == "common" {
        return Ok(Authority::Shared);
    }
    Err(TokenRefusal::new(
        "invalid_tenant",
        90_002,
        format!("Tenant '{name}' not found. Check to make sure you have the correct tenant ID."),
    ))
}

fn form(body: &str) -> Form {
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

struct Dialect(Arc<Tenant>);

impl wire::Dialect for Dialect {
    fn platform(&self) -> &'static str {
        "entra"
    }

    /// The path with `{tenant}` for the tenant's name: `POST /{tenant}/oauth2/v2.0/token`.
    fn method(&self, method: &Method, path: &str) -> String {
        match path.trim_start_matches('/').split_once('/') {
            Some((_, rest)) => format!("{method} /{{tenant}}/{rest}"),
            None => format!("{method} {path}"),
        }
    }

    fn throttled(&self, retry_after_s: u64) -> Response {
        let refusal = TokenRefusal {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after_s: Some(retry_after_s),
            ..TokenRefusal::new(
                "temporarily_unavailable",
                90_033,
                "The service is throttling requests.",
            )
        };
        refusal.response(&self.0)
    }

    fn failed(&self) -> Response {
        let refusal = TokenRefusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..TokenRefusal::new(
                "temporarily_unavailable",
                90_033,
                "A transient error has occurred. Please try again.",
            )
        };
        refusal.response(&self.0)
    }

    fn revoke(&self, token: &str) {
        self.0.revoke_token(token);
    }

    fn expire(&self, token: &str) {
        self.0.expire_token(token);
    }
}
