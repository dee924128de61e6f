//! What a call brings along, read strictly: a field of the wrong kind is named in the refusal.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{error::ZoomError, pages::Asked};

/// The body of a call. Fields that nobody asks for are passed over, as Zoom does.
pub struct Fields<'a>(pub &'a Value);

impl Fields<'_> {
    pub fn text(&self, name: &str) -> Result<Option<&str>, ZoomError> {
        match &self.0[name] {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(invalid(name)),
        }
    }

    pub fn need_text(&self, name: &str) -> Result<&str, ZoomError> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| ZoomError::field(name, "This field is required."))
    }

    pub fn number(&self, name: &str) -> Result<Option<u64>, ZoomError> {
        match &self.0[name] {
            Value::Null => Ok(None),
            value => value.as_u64().map(Some).ok_or_else(|| invalid(name)),
        }
    }

    pub fn flag(&self, name: &str) -> Result<bool, ZoomError> {
        match &self.0[name] {
            Value::Null => Ok(false),
            Value::Bool(flag) => Ok(*flag),
            _ => Err(invalid(name)),
        }
    }

    /// A list, or nothing; each item of this shape.
    pub fn list<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, ZoomError> {
        match &self.0[name] {
            Value::Null => Ok(Vec::new()),
            value => serde_json::from_value(value.clone()).map_err(|_| invalid(name)),
        }
    }

    pub fn object(&self, name: &str) -> Result<Option<Fields<'_>>, ZoomError> {
        match &self.0[name] {
            Value::Null => Ok(None),
            value @ Value::Object(_) => Ok(Some(Fields(value))),
            _ => Err(invalid(name)),
        }
    }
}

/// The query of a call.
#[derive(Debug, Default)]
pub struct Query(HashMap<String, String>);

impl Query {
    pub fn parse(text: &str) -> Self {
        Self(
            url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    pub fn need(&self, name: &str) -> Result<&str, ZoomError> {
        let value = self.text(name);
        value.ok_or_else(|| ZoomError::field(name, "This field is required."))
    }

    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// Which page of a listing is asked for. A token leads on only where all else of the query is
    /// as before.
    pub fn page(&self, path: &str, default: usize, most: usize) -> Result<Asked<'_>, ZoomError> {
        let size = match self.text("page_size") {
            None => default,
            Some(text) => text
                .parse()
                .ok()
                .filter(|size| (1..=most).contains(size))
                .ok_or_else(|| {
                    ZoomError::field("page_size", format!("It must be between 1 and {most}."))
                })?,
        };
        let mut filters: Vec<_> = self.0.iter().collect();
        filters.retain(|(name, _)| !matches!(name.as_str(), "next_page_token" | "page_size"));
        filters.sort();
        Ok(Asked {
            listing: format!("{path} {filters:?}"),
            size,
            token: self.text("next_page_token"),
        })
    }
}

fn invalid(name: &str) -> ZoomError {
    ZoomError::field(name, "Invalid field.")
}
