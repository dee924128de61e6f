//! Why a Web API call failed, in Slack's own codes.

use serde_json::{Value, json};

use crate::clock::Millis;

/// A failed call. All but [`Failure::Limited`] are answered with HTTP 200 and `"ok":false`
/// (<https://docs.slack.dev/apis/web-api/#responses>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    Code(&'static str),
    /// `missing_scope`, with the scopes of which one would do.
    Scope {
        needed: String,
        provided: String,
    },
    /// A code with what is wrong, argument by argument.
    Explained {
        code: &'static str,
        messages: Vec<String>,
    },
    UnknownMethod(String),
    /// HTTP 429: so long until the next call would pass, in the sandbox's time.
    Limited(Millis),
}

impl Failure {
    /// The answer's body.
    pub fn body(&self) -> Value {
        match self {
            Self::Code(code) => json!({ "ok": false, "error": code }),
            Self::Scope { needed, provided } => json!({
                "ok": false,
                "error": "missing_scope",
                "needed": needed,
                "provided": provided,
            }),
            Self::Explained { code, messages } => json!({
                "ok": false,
                "error": code,
                "errors": messages,
                "response_metadata": { "messages": messages.iter().map(|text| format!("[ERROR] {text}")).collect::<Vec<_>>() },
            }),
            Self::UnknownMethod(name) => {
                json!({ "ok": false, "error": "unknown_method", "req_method": name })
            }
            Self::Limited(_) => json!({ "ok": false, "error": "ratelimited" }),
        }
    }
}

impl From<&'static str> for Failure {
    fn from(code: &'static str) -> Self {
        Self::Code(code)
    }
}
