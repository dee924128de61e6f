//! Teams' HTML: the content tree out of a chat message and back into one.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/chatmessage>.

mod attachments;
mod dom;
mod line;
mod read;
mod split;
mod write;

use causeway_model::{Block, Content, Inline, Style};

pub(super) use read::read;
pub(super) use split::split;
pub(super) use write::write;

/// The message as Teams gives it back once it was written by [`write`].
pub(super) fn as_read_back(content: &Content) -> Content {
    let written = write(content);
    read("html", &written.html, &written.mentions, &[])
}

/// The content under the name of whom the app speaks for. Marks that turn the direction of writing
/// are taken out of the name: they could make it read as somebody else's.
pub(super) fn led_by_name(content: Content, name: &str) -> Content {
    let name: String = name
        .chars()
        .filter(|c| !c.is_control() && !is_direction_mark(*c))
        .collect();
    if name.trim().is_empty() {
        return content;
    }
    content.led_by(vec![
        Inline::Styled {
            style: Style::Bold,
            children: vec![Inline::Text(name.trim().to_owned())],
        },
        Inline::Text(": ".to_owned()),
    ])
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn text_paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(vec![Inline::Text(text.into())])
}

#[cfg(test)]
mod tests;
