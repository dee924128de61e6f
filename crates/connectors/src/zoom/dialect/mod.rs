//! Zoom's messages: the content tree out of text with marks on it, and back into such.

mod flat;
mod read;
mod split;
mod typed;
mod write;

use causeway_model::Content;

use crate::lead;

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

/// The content under the name of whom the app speaks for, which is in one line and not too long.
pub(super) fn led_by_name(content: Content, name: &str) -> Content {
    let name = write::one_line(&lead::without_direction_marks(name));
    lead::led_by_name(content, &name)
}

#[cfg(test)]
mod tests;
