//! Zoom's messages: the content tree out of text with marks on it, and back into such.

mod flat;
mod read;
mod split;
mod typed;
mod write;

use causeway_model::{Content, Inline, Style};

pub(super) use read::read;
pub(super) use split::split;
pub(super) use typed::{markdown, spelled};
pub(super) use write::write;

/// The message as Zoom gives it back once a member has posted it.
pub(super) fn as_read_back(content: &Content) -> Content {
    read::of_flat(write::flat(content))
}

/// The message as Zoom gives it back once the chatbot has posted it.
pub(super) fn as_chatbot_read_back(content: &Content) -> Content {
    read_chatbots(&typed::markdown(content))
}

/// What a chatbot has said.
pub(super) fn read_chatbots(text: &str) -> Content {
    typed::loosely(text)
}

/// The content under the name of whom the app speaks for. Marks that turn the direction of writing
/// are taken out of the name: they could make it read as somebody else's.
pub(super) fn led_by_name(content: Content, name: &str) -> Content {
    let name: String = name.chars().filter(|c| !is_direction_mark(*c)).collect();
    let name = write::one_line(&name);
    if name.is_empty() {
        return content;
    }
    content.led_by(vec![
        Inline::Styled {
            style: Style::Bold,
            children: vec![Inline::Text(name)],
        },
        Inline::Text(": ".to_owned()),
    ])
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
