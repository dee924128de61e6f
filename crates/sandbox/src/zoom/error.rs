//! How Zoom's API refuses.
//!
//! Source: <https://developers.zoom.us/docs/api/errors/>

use serde_json::{Value, json};

/// A refusal: `{"code","message"[,"errors":[{"field","message"}]]}` with its HTTP status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoomError {
    pub status: u16,
    pub code: u32,
    pub message: String,
    fields: Vec<(String, String)>,
    /// An ISO date, on the daily limit only.
    pub retry_after: Option<String>,
}

impl ZoomError {
    pub fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: Vec::new(),
            retry_after: None,
        }
    }

    /// `300 Validation Failed.` for one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self {
            fields: vec![(field.to_owned(), message.into())],
            ..Self::new(400, 300, "Validation Failed.")
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, 300, message)
    }

    /// Both spellings are met: the documents say 4700, servers send 4711.
    pub fn scopes(wanted: &[String]) -> Self {
        let wanted = wanted.join(", ");
        Self::new(
            400,
            4711,
            format!("Invalid access token, does not contain scopes:[{wanted}]."),
        )
    }

    pub fn no_permission() -> Self {
        Self::new(403, 200, "No permission.")
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, 200, message)
    }

    pub fn no_user(who: &str) -> Self {
        Self::new(404, 1001, format!("User does not exist: {who}."))
    }

    pub fn no_channel(channel: &str) -> Self {
        Self::new(404, 4130, format!("Channel does not exist: {channel}."))
    }

    /// The documents give no code for a message that is not there.
    pub fn no_message(message: &str) -> Self {
        Self::new(404, 5301, format!("Message does not exist: {message}."))
    }

    /// Of a chat that cannot be done as asked; the documents only name the number.
    pub fn chat(message: impl Into<String>) -> Self {
        Self::new(400, 5301, message)
    }

    pub fn throttled_for_a_second() -> Self {
        Self::new(
            429,
            429,
            "You have reached the maximum per-second rate limit for this API. Try again later.",
        )
    }

    pub fn throttled_for_today(until: String) -> Self {
        Self {
            retry_after: Some(until),
            ..Self::new(
                429,
                429,
                "You have reached the maximum daily rate limit for this API. Refer to the response \
                 header for details on when you can make another request.",
            )
        }
    }

    pub fn body(&self) -> Value {
        let mut body = json!({ "code": self.code, "message": self.message });
        if !self.fields.is_empty() {
            let fields = self.fields.iter();
            body["errors"] = fields
                .map(|(field, message)| json!({ "field": field, "message": message }))
                .collect();
        }
        body
    }
}
