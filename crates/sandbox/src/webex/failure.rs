//! Why a call failed, as Webex says it.
//!
//! Source: <https://developer.webex.com/docs/basics>, "API Errors".

use axum::http::StatusCode;
use serde_json::{Value, json};

/// `{"message","errors":[{"description"}],"trackingId"}` with its status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {message}")]
pub struct Failure {
    pub status: StatusCode,
    pub message: String,
    /// The error's name where OAuth has one: `authorization_pending`.
    pub code: Option<&'static str>,
    /// Seconds that the caller really waits.
    pub retry_after_s: Option<u64>,
}

impl Failure {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: None,
            retry_after_s: None,
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "The request requires a valid access token set in the Authorization request header.",
        )
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// What OAuth's endpoints answer.
    pub fn oauth(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            ..Self::new(status, message)
        }
    }

    pub fn throttled(retry_after_s: u64) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests have been sent in a given amount of time.",
            )
        }
    }

    pub fn body(&self, tracking_id: &str) -> Value {
        json!({
            "message": self.message,
            "errors": [{ "description": self.code.unwrap_or(&self.message) }],
            "trackingId": tracking_id,
        })
    }
}
