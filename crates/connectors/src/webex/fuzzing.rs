//! What Webex's side of [`crate::fuzzing`] reaches.

use super::{
    dialect::{self, Body},
    wire::{Event, Message},
};

/// A message's HTML, read, written and read back.
pub(crate) fn html(data: &[u8]) -> usize {
    let text = String::from_utf8_lossy(data);
    read_and_written(Body {
        html: Some(&text),
        ..Body::default()
    })
}

/// The same of its Markdown.
pub(crate) fn markdown(data: &[u8]) -> usize {
    let text = String::from_utf8_lossy(data);
    read_and_written(Body {
        markdown: Some(&text),
        ..Body::default()
    })
}

/// An event of the organisation's, and the message in it.
pub(crate) fn event(data: &[u8]) -> usize {
    let Ok(event) = serde_json::from_slice::<Event>(data) else {
        return 0;
    };
    let message = serde_json::from_value::<Message>(event.data);
    message.map_or(0, |message| {
        read_and_written(Body {
            html: message.html.as_deref(),
            markdown: message.markdown.as_deref(),
            text: message.text.as_deref(),
            files: message.files.len(),
            cards: message.attachments.len(),
        })
    })
}

fn read_and_written(body: Body<'_>) -> usize {
    let content = dialect::read(body);
    let markdown = dialect::write(&content).len();
    let back = dialect::as_read_back(&content).to_plain().len();
    let parts = dialect::split(content);
    let parts: usize = parts.iter().map(|part| part.to_plain().len()).sum();
    markdown + back + parts
}
