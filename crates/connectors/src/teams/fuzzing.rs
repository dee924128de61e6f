//! What Teams' side of [`crate::fuzzing`] reaches.

use super::{dialect, notifications};

/// A message's HTML, read, written and read back.
pub(crate) fn html(data: &[u8]) -> usize {
    let text = String::from_utf8_lossy(data);
    let content = dialect::read("html", &text, &[], &[]);
    let back = dialect::as_read_back(&content);
    let html = dialect::write(&content).html.len();
    let parts: usize = dialect::split(content)
        .iter()
        .map(|part| part.to_plain().len())
        .sum();
    html + back.to_plain().len() + parts
}

/// A delivery of notifications, as far as it is read before anything is opened, and a message as it
/// is read when it was.
pub(crate) fn notification(data: &[u8]) -> usize {
    notifications::read_all(data)
}
