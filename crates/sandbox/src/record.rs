//! What `--record` writes: one JSON line for each call to a stand-in, without its secrets.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

const SECRET: &str = "[secret]";

/// Fields whose value is a secret wherever they stand.
const SECRET_FIELDS: &[&str] = &[
    "access_token",
    "accessToken",
    "assertion",
    "client_assertion",
    "client_secret",
    "clientSecret",
    "clientState",
    "code_verifier",
    "device_code",
    "id_token",
    "password",
    "refresh_token",
    "secret",
    "signing_secret",
    "token",
    "user_code",
    "userCode",
    "verification_uri_complete",
    "validationTokens",
];

/// Secrets in a form or a query, where the same word means an error code elsewhere.
const SECRET_ARGUMENTS: &[&str] = &["code", "ticket"];

/// Headers that are never written down.
const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-slack-signature",
];

/// The file of `--record`, or nothing.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Option<File>>);

/// One call and its answer, as it went over the wire.
#[derive(Debug)]
pub struct Call<'a> {
    pub platform: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub status: StatusCode,
    pub response_headers: &'a HeaderMap,
    pub response: &'a [u8],
}

impl Recorder {
    /// Records nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Appends to the file at `path`, which is made if it is not there.
    pub fn to_file(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self(Mutex::new(Some(file))))
    }

    /// Writes the call as one line. A line that cannot be written is reported once, and recording
    /// ends there: the stand-ins go on.
    pub fn record(&self, call: &Call<'_>) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = file.as_mut() else { return };
        let line = format!("{}\n", call.line());
        if let Err(error) = open.write_all(line.as_bytes()) {
            tracing::warn!(error.kind = %error.kind(), "recording stopped: the file cannot be written");
            *file = None;
        }
    }
}

impl Call<'_> {
    fn line(&self) -> Value {
        json!({
            "platform": self.platform,
            "method": self.method,
            "path": without_tokens(self.path),
            "query": self.query.map(arguments).unwrap_or_default(),
            "headers": headers(self.headers),
            "body": content(self.headers, self.body),
            "status": self.status.as_u16(),
            "response": content(self.response_headers, self.response),
        })
    }
}

fn headers(headers: &HeaderMap) -> Map<String, Value> {
    headers
        .iter()
        .filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
        .collect()
}

/// A body as JSON: parsed where it is JSON or a form, else its text, else only its length.
fn content(headers: &HeaderMap, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return json!({ "bytes": body.len() });
    };
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Value::Object(arguments(text));
    }
    match serde_json::from_str(text) {
        Ok(value) => redacted(value),
        Err(_) => without_tokens(text).into(),
    }
}

fn arguments(text: &str) -> Map<String, Value> {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| {
            let secret = is_secret(&name) || SECRET_ARGUMENTS.contains(&name.as_ref());
            let value = if secret {
                SECRET.into()
            } else {
                without_tokens(&value)
            };
            (name.into_owned(), value.into())
        })
        .collect()
}

fn is_secret(field: &str) -> bool {
    SECRET_FIELDS.contains(&field)
}

fn redacted(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| {
                    let hide = is_secret(&name) && !value.is_null();
                    let value = if hide { SECRET.into() } else { redacted(value) };
                    (name, value)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        Value::String(text) => without_tokens(&text).into(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

/// Hides every word of `text` that has the shape of a token, and socket tickets in addresses.
fn without_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word_ends = rest.find(|c: char| !is_token_char(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_ends);
        let hide = looks_like_a_token(word) || (out.ends_with("ticket=") && !word.is_empty());
        out.push_str(if hide { SECRET } else { word });
        let mut chars = after.chars();
        out.extend(chars.next());
        rest = chars.as_str();
    }
    out
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn looks_like_a_token(word: &str) -> bool {
    let slack = ["xoxb-", "xoxp-", "xapp-", "xoxe-", "xoxe."];
    let jwt = word.starts_with("eyJ") && word.matches('.').count() == 2;
    jwt || slack.iter().any(|prefix| word.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &'static str, body: &[u8], response: &[u8]) -> Value {
        let mut sent = HeaderMap::new();
        sent.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
        sent.insert(
            header::AUTHORIZATION,
            header::HeaderValue::from_static("Bearer xoxb-1-2-abc"),
        );
        Call {
            platform: "slack",
            method: "chat.postMessage",
            path: "/api/chat.postMessage",
            query: Some("code=abc&limit=3"),
            headers: &sent,
            body,
            status: StatusCode::OK,
            response_headers: &HeaderMap::new(),
            response,
        }
        .line()
    }

    #[test]
    fn a_recorded_call_carries_no_token_secret_or_ticket() {
        let line = line(
            "application/x-www-form-urlencoded",
            b"token=xoxb-1-2-abc&client_secret=s3&text=my+xoxp-9-8+is+here&channel=C1",
            br#"{"ok":true,"url":"ws://127.0.0.1:1/link/?ticket=abc-def&app_id=1","access_token":"q"}"#,
        );
        let text = line.to_string();
        for secret in ["xoxb-1", "xoxp-9", "s3", "abc-def", "\"q\"", "code\":\"abc"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert_eq!(line["body"]["channel"], "C1");
        assert_eq!(line["query"]["limit"], "3");
        assert_eq!(
            line["response"]["url"],
            "ws://127.0.0.1:1/link/?ticket=[secret]&app_id=1"
        );
    }

    #[test]
    fn an_error_code_in_an_answer_is_not_taken_for_a_secret() {
        let line = line(
            "application/json",
            br#"{"text":"hi"}"#,
            br#"{"error":{"code":"Forbidden"}}"#,
        );
        assert_eq!(line["response"]["error"]["code"], "Forbidden");
        assert_eq!(line["body"]["text"], "hi");
    }
}
