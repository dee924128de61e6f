//! Dividing content into parts that Graph takes.

use causeway_model::{Block, Content};

use super::write;
use crate::divide::{Measure, divide};

/// Graph refuses a message of about 28 KB in all, mentions and later reactions included. So many
/// bytes of HTML and mentions are for the body; what is left is for the rest and for the name
/// that the app may put before the text.
pub(super) const MAX_BODY_BYTES: usize = 24_000;
/// For the name before the text.
const LEAD_BYTES: usize = 1_000;
/// One mention in the request's JSON, beside its element.
const MENTION_BYTES: usize = 300;

/// Parts in order, each of which fits into one message; mostly one.
pub(in crate::teams) fn split(content: Content) -> Vec<Content> {
    divide(content, MAX_BODY_BYTES - LEAD_BYTES, &InHtml)
}

/// What the blocks take in a request.
pub(super) fn cost(blocks: &[Block]) -> usize {
    let content = Content {
        blocks: blocks.to_vec(),
    };
    let written = write(&content);
    written.html.len() + written.mentions.len() * MENTION_BYTES
}

struct InHtml;

impl Measure for InHtml {
    fn blocks(&self, blocks: &[Block]) -> usize {
        cost(blocks)
    }

    fn character(&self, c: char) -> usize {
        match c {
            '&' | '\'' => 5,
            '<' | '>' | '\n' => 4,
            // Mostly one byte; a run of them, six each.
            ' ' | '\t' | '\u{a0}' | '"' => 6,
            _ => c.len_utf8(),
        }
    }
}
