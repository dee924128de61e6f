//! Teams' HTML: the content tree out of a chat message and back into one.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/chatmessage>.

mod attachments;
mod read;
mod split;
mod write;

use causeway_model::{Block, Content, Inline};

pub(super) use read::read;
pub(super) use split::split;
pub(super) use write::write;

/// The message as Teams gives it back once it was written by [`write`].
pub(super) fn as_read_back(content: &Content) -> Content {
    let written = write(content);
    read("html", &written.html, &written.mentions, &[])
}

fn text_paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(vec![Inline::Text(text.into())])
}

#[cfg(test)]
mod tests;
