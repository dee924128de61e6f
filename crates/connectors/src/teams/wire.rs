//! Graph's JSON, as far as it is read or written here.
//!
//! Source: <https://learn.microsoft.com/graph/api/overview?view=graph-rest-1.0>.

use causeway_model::Timestamp;
use serde::{Deserialize, Serialize};

/// One page of a collection.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    #[serde(default = "Vec::new")]
    pub value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    pub next: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    pub delta: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub id: String,
    pub display_name: Option<String>,
    pub mail: Option<String>,
    pub user_principal_name: Option<String>,
    pub account_enabled: Option<bool>,
    pub user_type: Option<String>,
    #[serde(rename = "@removed")]
    pub removed: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chat {
    pub id: String,
    pub chat_type: String,
    pub topic: Option<String>,
    pub created_date_time: Option<String>,
    pub last_updated_date_time: Option<String>,
    #[serde(default)]
    pub members: Vec<Member>,
    pub last_message_preview: Option<Preview>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    pub user_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Preview {
    pub created_date_time: Option<String>,
}

/// `chatMessage`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChatMessage {
    pub id: String,
    pub chat_id: Option<String>,
    pub message_type: Option<String>,
    pub created_date_time: Option<String>,
    pub last_modified_date_time: Option<String>,
    pub last_edited_date_time: Option<String>,
    pub deleted_date_time: Option<String>,
    pub from: Option<From>,
    pub body: Option<Body>,
    #[serde(default, deserialize_with = "or_empty")]
    pub attachments: Vec<Attachment>,
    #[serde(default, deserialize_with = "or_empty")]
    pub mentions: Vec<Mention>,
    /// Of a system message: what happened. There are some thirty kinds of it.
    pub event_detail: Option<serde_json::Value>,
}

/// `membersAddedEventMessageDetail` and those like it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MembersDetail {
    #[serde(rename = "@odata.type")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub members: Vec<Identity>,
    /// Who did it.
    pub initiator: Option<From>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct From {
    pub user: Option<Identity>,
    pub application: Option<Identity>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    /// Empty for someone whom the tenant does not know.
    #[serde(default, deserialize_with = "or_none")]
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_type: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    pub content_type: Option<String>,
    pub content: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment {
    #[serde(default)]
    pub id: String,
    pub content_type: Option<String>,
    pub content_url: Option<String>,
    pub content: Option<String>,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mention {
    pub id: i64,
    pub mention_text: Option<String>,
    pub mentioned: Option<Mentioned>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Mentioned {
    pub user: Option<Identity>,
}

/// Milliseconds of an ISO date and time.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(at.as_millisecond()))
}

/// The date and time as Graph takes it, to the millisecond, in UTC.
pub(super) fn written(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

fn or_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

fn or_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}
