//! What a frame of a socket tells: that something happened to a message, or to who is in a room. The
//! text itself is sealed; whoever wants it asks the API.
//!
//! Source: <https://github.com/webex/webex-js-sdk>, `packages/@webex/internal-plugin-mercury` and
//! `packages/@webex/plugin-messages`.

use serde::Deserialize;
use serde_json::Value;

const ACTIVITY: &str = "conversation.activity";
/// What the SDK's own listeners for messages and memberships listen to.
const VERBS: [&str; 5] = ["post", "share", "delete", "add", "leave"];

/// One frame of the socket, as far as it is read here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Frame {
    pub id: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    sequence_number: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activity {
    pub id: String,
    pub verb: String,
}

impl Frame {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// What happened in a conversation; nothing for all that is no business of the hub's.
    pub(super) fn activity(&self) -> Option<Activity> {
        if self.data.get("eventType").and_then(Value::as_str) != Some(ACTIVITY) {
            return None;
        }
        let read = Activity::deserialize(self.data.get("activity")?);
        if read.is_err() {
            tracing::warn!("an activity of unknown shape was left out");
        }
        read.ok()
            .filter(|activity| VERBS.contains(&activity.verb.as_str()))
    }

    /// Whether it answers what we have said, and wants no answer itself.
    pub(super) fn is_answer(&self) -> bool {
        self.kind.as_deref() == Some("pong")
    }

    /// Its place among the frames of its socket, from one on; written as a number or as a word.
    pub(super) fn number(&self) -> Option<u64> {
        let number = &self.sequence_number;
        let word = || number.as_str()?.parse().ok();
        number.as_u64().or_else(word).filter(|number| *number > 0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn frame(frame: Value) -> Frame {
        Frame::read(frame.to_string().as_bytes()).expect("a frame")
    }

    #[test]
    fn only_what_happens_to_messages_and_members_is_told() {
        let verb = |event: &str, verb: &str| {
            let data = json!({ "eventType": event, "activity": { "id": "A", "verb": verb } });
            frame(json!({ "id": "F", "data": data }))
                .activity()
                .is_some()
        };
        for told in VERBS {
            assert!(verb("conversation.activity", told), "{told}");
        }
        assert!(!verb("conversation.activity", "acknowledge"));
        assert!(!verb("status.start_typing", "post"));
        assert!(
            frame(json!({ "id": "F", "type": "pong" }))
                .activity()
                .is_none()
        );
        assert!(Frame::read(b"[7]").is_none());
    }

    #[test]
    fn a_frames_place_is_a_number_or_a_word() {
        let number = |number: Value| frame(json!({ "sequenceNumber": number })).number();
        assert_eq!(number(json!(7)), Some(7));
        assert_eq!(number(json!("7")), Some(7));
        for none in [json!(0), json!("x"), Value::Null] {
            assert_eq!(number(none), None);
        }
    }
}
