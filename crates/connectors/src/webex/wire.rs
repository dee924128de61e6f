//! Webex's JSON, as far as it is read here.
//!
//! Source: <https://github.com/webex/webex-openapi-specs>.

use causeway_model::Timestamp;
use serde::{Deserialize, Deserializer};

/// One page of a list; where it goes on is told by a header.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    #[serde(default = "Vec::new")]
    pub items: Vec<T>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person {
    pub id: String,
    #[serde(default)]
    pub emails: Vec<String>,
    pub display_name: Option<String>,
    pub avatar: Option<String>,
    pub org_id: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub invite_pending: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pub login_enabled: Option<bool>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

impl Person {
    pub(super) fn email(&self) -> Option<&str> {
        self.emails.first().map(String::as_str)
    }

    /// Neither locked out nor still to answer an invitation.
    pub(super) fn is_active(&self) -> bool {
        self.login_enabled != Some(false) && self.invite_pending != Some(true)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    pub display_name: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Room {
    pub id: String,
    pub title: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub creator_id: Option<String>,
    pub last_activity: Option<String>,
    pub created: Option<String>,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Membership {
    pub room_id: String,
    pub person_id: String,
    pub room_type: Option<String>,
}

/// A message, as it is listed and as an event holds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub id: String,
    pub room_id: String,
    pub room_type: Option<String>,
    pub person_id: Option<String>,
    pub person_email: Option<String>,
    pub text: Option<String>,
    pub markdown: Option<String>,
    pub html: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    pub files: Vec<String>,
    /// Cards.
    #[serde(default, deserialize_with = "or_empty")]
    pub attachments: Vec<serde_json::Value>,
    pub created: Option<String>,
    pub updated: Option<String>,
}

impl Message {
    /// One of which no more is known.
    pub(super) fn named(id: String, room_id: String) -> Self {
        Self {
            id,
            room_id,
            room_type: None,
            person_id: None,
            person_email: None,
            text: None,
            markdown: None,
            html: None,
            files: Vec::new(),
            attachments: Vec::new(),
            created: None,
            updated: None,
        }
    }
}

/// Something that happened in the organisation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub id: String,
    pub resource: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub app_id: Option<String>,
    pub actor_id: Option<String>,
    pub created: String,
    #[serde(default)]
    pub data: serde_json::Value,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Webhook {
    pub id: String,
    pub name: Option<String>,
    pub target_url: Option<String>,
    pub status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestToken {
    pub id: String,
    pub access_token: String,
    pub expires_in: Option<f64>,
}

/// Milliseconds of an ISO date and time.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(at.as_millisecond()))
}

/// The date and time as Webex takes it, to the millisecond, in UTC.
pub(super) fn written(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

/// Webex describes these as words and sends them as truth values.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| match value {
        serde_json::Value::Bool(flag) => Some(flag),
        serde_json::Value::String(word) => word.parse().ok(),
        serde_json::Value::Null
        | serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => None,
    }))
}

fn or_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_someone_is_active_is_read_as_a_word_and_as_a_truth_value() {
        let read = |json: &str| -> Person { serde_json::from_str(json).expect("a person") };
        assert!(read(r#"{"id":"a"}"#).is_active());
        assert!(!read(r#"{"id":"a","loginEnabled":"false"}"#).is_active());
        assert!(!read(r#"{"id":"a","loginEnabled":false}"#).is_active());
        assert!(!read(r#"{"id":"a","invitePending":"true"}"#).is_active());
        assert!(read(r#"{"id":"a","invitePending":null,"loginEnabled":true}"#).is_active());
    }
}
