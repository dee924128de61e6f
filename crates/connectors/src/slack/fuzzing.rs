//! What Slack's side of [`crate::fuzzing`] reaches.

use causeway_model::{Clock, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::{
    dialect,
    directory::Names,
    events::Reader,
    own::Own,
    requests::form,
    wire::{Frame, Outer, Sender},
};

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000)
    }
}

/// An event as a request brings it.
pub(crate) fn event(data: &[u8]) -> usize {
    let Ok(payload) = serde_json::from_slice::<Value>(data) else {
        return 0;
    };
    let outer = Outer::deserialize(&payload);
    let ours = outer.is_ok_and(|outer| outer.sender.is(Some("A1"), Some("T1")));
    usize::from(ours) + heard(&Frame::of_request("events_api", payload))
}

/// A command's form, and a press's.
pub(crate) fn form(data: &[u8]) -> usize {
    let Some(fields) = form::fields(data) else {
        return 0;
    };
    let payload = fields["payload"].as_str().unwrap_or_default();
    let payload = serde_json::from_str::<Value>(payload).unwrap_or_default();
    let _ = Sender::of_interaction(&payload);
    heard(&Frame::of_request("slash_commands", fields))
        + heard(&Frame::of_request("interactive", payload))
}

/// A frame of a socket.
pub(crate) fn frame(data: &[u8]) -> usize {
    serde_json::from_slice::<Frame>(data).map_or(0, |frame| heard(&frame))
}

fn heard(frame: &Frame) -> usize {
    let own = Own {
        bot_user: "UBOT".to_owned(),
        bot_id: "B1".to_owned(),
        app_id: Some("A1".to_owned()),
        team: "Acme".to_owned(),
        team_id: Some("T1".to_owned()),
        url: None,
    };
    let reader = Reader {
        own: &own,
        names: &Names::default(),
        clock: &Standing,
    };
    format!("{:?}", reader.read(frame, "e1")).len()
}

/// Blocks, read, written and read back.
pub(crate) fn blocks(data: &[u8]) -> usize {
    let Ok(blocks) = serde_json::from_slice::<Vec<Value>>(data) else {
        return 0;
    };
    written(dialect::read_blocks(&blocks, &Names::default()))
}

/// The same with text.
pub(crate) fn mrkdwn(data: &[u8]) -> usize {
    let text = String::from_utf8_lossy(data);
    written(dialect::read_text(&text, &Names::default()))
}

fn written(content: causeway_model::Content) -> usize {
    let body = dialect::write(&content);
    let back = dialect::as_read_back(&content, &Names::default());
    let blocks: usize = body
        .blocks
        .iter()
        .map(|block| block.to_string().len())
        .sum();
    let parts: usize = dialect::split(content)
        .iter()
        .map(|part| part.to_plain().len())
        .sum();
    body.text.len() + blocks + back.to_plain().len() + parts
}
