//! Zoom's JSON, as far as it is read or written here.
//!
//! Source: <https://developers.zoom.us/docs/api/team-chat/>, `users/`, and for events
//! <https://developers.zoom.us/docs/api/team-chat/events/>.

use causeway_model::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One page of a list, and where the next begins.
pub(super) trait Page {
    type Item;

    fn parts(self) -> (Vec<Self::Item>, Option<String>);
}

macro_rules! page {
    ($name:ident, $list:ident, $item:ty) => {
        #[derive(Debug, Deserialize)]
        pub(super) struct $name {
            #[serde(default = "Vec::new", deserialize_with = "or_default")]
            pub $list: Vec<$item>,
            #[serde(default, deserialize_with = "or_default")]
            pub next_page_token: String,
        }

        impl Page for $name {
            type Item = $item;

            fn parts(self) -> (Vec<Self::Item>, Option<String>) {
                let next = Some(self.next_page_token).filter(|token| !token.is_empty());
                (self.$list, next)
            }
        }
    };
}

page!(Users, users, User);
page!(Sessions, sessions, Session);
page!(Channels, channels, Channel);
page!(Members, members, Member);
page!(Messages, messages, Value);

#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub id: String,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub display_name: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<i64>,
    pub status: Option<String>,
    pub jid: Option<String>,
    pub created_at: Option<String>,
    pub last_login_time: Option<String>,
    pub account_id: Option<String>,
}

impl User {
    pub(super) fn name(&self) -> String {
        let shown = self.display_name.as_deref().map(str::trim);
        if let Some(shown) = shown.filter(|shown| !shown.is_empty()) {
            return shown.to_owned();
        }
        let parts = [&self.first_name, &self.last_name];
        let parts: Vec<&str> = parts
            .into_iter()
            .flatten()
            .map(|part| part.trim())
            .collect();
        parts.join(" ").trim().to_owned()
    }
}

/// A conversation in one user's list.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Session {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub channel_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub peer_contact_user_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub peer_contact_email: String,
    pub last_message_sent_time: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Channel {
    pub id: String,
    pub jid: Option<String>,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Member {
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub email: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_external: bool,
}

/// What a message says, in a list and in an event alike.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Body {
    pub message: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub rich_text: Vec<RichText>,
    #[serde(default, deserialize_with = "or_default")]
    pub at_items: Vec<AtItem>,
    #[serde(default, deserialize_with = "or_default")]
    pub files: Vec<File>,
    #[serde(default, deserialize_with = "or_default")]
    pub interactive_cards: Vec<Value>,
}

impl Body {
    /// Whether it says nothing at all, as where an event leaves out what was said.
    pub(super) fn is_left_out(&self) -> bool {
        self.message.is_none() && self.files.is_empty() && self.interactive_cards.is_empty()
    }
}

/// A message as lists give it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Message {
    pub id: String,
    #[serde(flatten)]
    pub body: Body,
    /// An address.
    #[serde(default, deserialize_with = "or_default")]
    pub sender: String,
    pub timestamp: Option<i64>,
    pub date_time: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    pub bot_message: Option<Value>,
}

impl Message {
    pub(super) fn at(&self) -> Option<Timestamp> {
        let told = self.timestamp.map(Timestamp);
        told.or_else(|| moment(self.date_time.as_deref()?))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RichText {
    pub start_position: i64,
    /// The last one that it covers.
    pub end_position: i64,
    pub format_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format_attr: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AtItem {
    /// An address or an id, with [`ONE_CONTACT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_contact: Option<String>,
    pub at_type: i64,
    pub start_position: i64,
    pub end_position: i64,
}

/// A mention of one contact; 2 is of everyone.
pub(super) const ONE_CONTACT: i64 = 1;

#[derive(Debug, Clone, Deserialize)]
pub(super) struct File {
    #[serde(default, deserialize_with = "or_default")]
    pub file_name: String,
}

/// An event as sockets and webhooks bring it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Event {
    pub event: String,
    /// A number, and for one kind of event digits.
    #[serde(default, deserialize_with = "number_or_digits")]
    pub event_ts: Option<i64>,
    #[serde(default)]
    pub payload: Value,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Payload {
    #[serde(default, deserialize_with = "or_default")]
    pub account_id: String,
    /// An address.
    #[serde(default, deserialize_with = "or_default")]
    pub operator: String,
    #[serde(default, deserialize_with = "or_default")]
    pub operator_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub by_external_user: bool,
    pub object: Value,
}

/// What a message event is about.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Spoken {
    pub message_id: String,
    #[serde(flatten)]
    pub body: Body,
    pub timestamp: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub channel_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub contact_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub contact_email: String,
}

/// A channel that somebody came into or left.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Changed {
    pub id: String,
    pub timestamp: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub members: Vec<Member>,
}

/// Milliseconds of an ISO date and time.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(at.as_millisecond()))
}

/// The date and time as Zoom takes it, to the second, in UTC.
pub(super) fn written(at: Timestamp) -> String {
    let at =
        jiff::Timestamp::from_second(at.0.div_euclid(1_000)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_string()
}

fn number_or_digits<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let told = Value::deserialize(from)?;
    Ok(told
        .as_i64()
        .or_else(|| told.as_str().and_then(|digits| digits.parse().ok())))
}

fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_to_the_second_and_read_to_the_millisecond() {
        assert_eq!(
            written(Timestamp(1_767_607_200_999)),
            "2026-01-05T10:00:00Z"
        );
        assert_eq!(
            moment("2026-01-05T10:00:00.5Z"),
            Some(Timestamp(1_767_607_200_500))
        );
    }
}
