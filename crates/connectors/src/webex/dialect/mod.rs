//! Webex's dialect: the content tree into Markdown, and a message's HTML or Markdown back into it.
//!
//! Source: <https://developer.webex.com/docs/api/basics>, "Formatting Messages".

mod escape;
mod read;
mod render;
mod split;
mod write;

use causeway_model::Content;

pub(super) use read::{Body, read};
pub(super) use split::split;
pub(super) use write::write;

/// The message as Webex gives it back once it was written by [`write`].
pub(super) fn as_read_back(content: &Content) -> Content {
    read_markdown(&write(content))
}

fn read_markdown(markdown: &str) -> Content {
    read::read_html(&render::html(markdown))
}

#[cfg(test)]
mod tests;
