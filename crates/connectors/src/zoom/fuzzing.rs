//! What Zoom's side of [`crate::fuzzing`] reaches.

use super::{dialect, line, wire::Body};

/// A frame of a socket, as far as its event.
pub(crate) fn frame(data: &[u8]) -> usize {
    let text = String::from_utf8_lossy(data);
    line::read_frame(&text).map_or(0, |event| format!("{event:?}").len())
}

/// A message and its marks, read, written in each of the ways and divided.
pub(crate) fn message(data: &[u8]) -> usize {
    let Ok(body) = serde_json::from_slice::<Body>(data) else {
        let text = String::from_utf8_lossy(data);
        return dialect::read_chatbots(&text).to_plain().len();
    };
    let content = dialect::read(&body);
    let typed = dialect::spelled(&content).len() + dialect::markdown(&content).len();
    let written = dialect::write(&content).message.len();
    let parts: usize = dialect::split(content)
        .iter()
        .map(|part| part.to_plain().len())
        .sum();
    typed + written + parts
}
