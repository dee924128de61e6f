//! How the token endpoint refuses.
//!
//! Source: <https://developers.zoom.us/docs/integrations/oauth-error-messages/>

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// `{"reason","error"}` with its HTTP status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRefusal {
    pub status: u16,
    pub error: &'static str,
    pub reason: String,
}

impl TokenRefusal {
    pub fn new(error: &'static str, reason: impl Into<String>) -> Self {
        Self {
            status: 400,
            error,
            reason: reason.into(),
        }
    }

    pub fn grant(reason: &str) -> Self {
        Self::new("invalid_grant", reason)
    }

    pub fn request(reason: &str) -> Self {
        Self::new("invalid_request", reason)
    }

    pub fn client() -> Self {
        Self {
            status: 401,
            ..Self::new("invalid_client", "Invalid client_id or client_secret")
        }
    }
}

impl IntoResponse for TokenRefusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = json!({ "reason": self.reason, "error": self.error });
        (status, Json(body)).into_response()
    }
}
