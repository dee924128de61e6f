//! Entra's own error bodies.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::graph::Tenant;

/// Why the token endpoint (or a sibling) refused: an OAuth error and its AADSTS number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRefusal {
    pub status: StatusCode,
    pub error: &'static str,
    pub number: u32,
    pub text: String,
    pub suberror: Option<&'static str>,
    /// What a new authorization request should ask for, as JSON.
    pub claims: Option<String>,
    pub retry_after_s: Option<u64>,
}

impl TokenRefusal {
    pub fn new(error: &'static str, number: u32, text: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            number,
            text: text.into(),
            suberror: None,
            claims: None,
            retry_after_s: None,
        }
    }

    pub fn unauthorized(self) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..self
        }
    }

    pub fn suberror(self, suberror: &'static str) -> Self {
        Self {
            suberror: Some(suberror),
            ..self
        }
    }

    /// A parameter is missing from the form.
    pub fn missing(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// The JSON body, with trace and correlation ids and the sandbox's time.
    pub fn body(&self, tenant: &Tenant) -> Value {
        let (trace, correlation) = (
            tenant.mint.guid(&tenant.mint.fresh("trace")),
            tenant.mint.guid(&tenant.mint.fresh("correlation")),
        );
        let stamp = tenant
            .timestamp()
            .strftime("%Y-%m-%d %H:%M:%SZ")
            .to_string();
        let mut body = json!({
            "error": self.error,
            "error_description": format!(
                "{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}",
                self.description()
            ),
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number),
        });
        if let Some(suberror) = self.suberror {
            body["suberror"] = json!(suberror);
        }
        if let Some(claims) = &self.claims {
            body["claims"] = json!(claims);
        }
        body
    }

    /// `AADSTS…: …`, as pages and redirects say it.
    pub fn description(&self) -> String {
        format!("AADSTS{}: {}", self.number, self.text)
    }

    pub fn response(&self, tenant: &Tenant) -> Response {
        let mut response = (self.status, Json(self.body(tenant))).into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
