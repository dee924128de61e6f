//! The arguments of a Web API call, however they were sent: in the query, as a form or as JSON
//! (<https://docs.slack.dev/apis/web-api/#posting-json>).

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::failure::Failure;

/// What a call was given, by name.
#[derive(Debug, Default)]
pub struct Arguments {
    given: Map<String, Value>,
    /// The token, which counts in the query, in a form and in the header, but not in JSON.
    pub token: Option<String>,
    /// Set when JSON came without saying how its letters are encoded.
    pub warning: Option<&'static str>,
}

impl Arguments {
    pub fn parse(headers: &HeaderMap, query: Option<&str>, body: &[u8]) -> Result<Self, Failure> {
        let mut arguments = Self::default();
        arguments.take_form(query.unwrap_or_default().as_bytes());
        let kind = header_text(headers, header::CONTENT_TYPE).to_ascii_lowercase();
        if kind.starts_with("application/json") {
            arguments.take_json(body)?;
            if !kind.contains("charset") {
                arguments.warning = Some("missing_charset");
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            arguments.take_form(body);
        } else if !body.is_empty() {
            return Err("invalid_post_type".into());
        }
        if let Some(token) = bearer(headers) {
            arguments.token = Some(token);
        }
        Ok(arguments)
    }

    /// The fields of a JSON object, as an answer to a command has them.
    pub fn of(fields: Value) -> Self {
        let given = match fields {
            Value::Object(fields) => fields,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        Self {
            given,
            ..Self::default()
        }
    }

    fn take_form(&mut self, form: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(form) {
            if name == "token" {
                self.token = Some(value.into_owned());
            } else {
                self.given
                    .insert(name.into_owned(), value.into_owned().into());
            }
        }
    }

    fn take_json(&mut self, body: &[u8]) -> Result<(), Failure> {
        if body.is_empty() {
            return Ok(());
        }
        let fields: Value =
            serde_json::from_slice(body).map_err(|_| Failure::from("invalid_json"))?;
        let Value::Object(fields) = fields else {
            return Err("json_not_object".into());
        };
        self.given.extend(
            fields
                .into_iter()
                .filter(|(name, value)| name != "token" && !value.is_null()),
        );
        Ok(())
    }

    /// The argument as text; absent when it is empty.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = match self.given.get(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    pub fn required(&self, name: &str) -> Result<String, Failure> {
        self.text(name).ok_or_else(|| Failure::Explained {
            code: "invalid_arguments",
            messages: vec![format!("missing required field: {name}")],
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "True" | "1"))
    }

    /// Several values: separated by commas, or an array in JSON.
    pub fn list(&self, name: &str) -> Vec<String> {
        if let Some(Value::Array(items)) = self.given.get(name) {
            return items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
        }
        let text = self.text(name).unwrap_or_default();
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    }

    /// A structured argument, which a form carries as a string of JSON. `Err` when it is not JSON.
    pub fn structure(&self, name: &str) -> Result<Option<Value>, ()> {
        match self.given.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| ()),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    /// A page's length. Slack refuses what is not a number or too large.
    pub fn limit(&self, default: usize, most: usize) -> Result<usize, Failure> {
        let Some(text) = self.text("limit") else {
            return Ok(default);
        };
        match text.parse::<usize>() {
            Ok(0) => Ok(default),
            Ok(limit) if limit <= most => Ok(limit),
            Ok(_) | Err(_) => Err("invalid_limit".into()),
        }
    }

    /// All arguments, as `api.test` gives them back.
    pub fn all(&self) -> &Map<String, Value> {
        &self.given
    }
}

/// The token of an `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = header_text(headers, header::AUTHORIZATION).split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// A client's id and secret of an `Authorization: Basic` header.
pub fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, credentials) = header_text(headers, header::AUTHORIZATION).split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = data_encoding::BASE64
        .decode(credentials.trim().as_bytes())
        .ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
