//! Dividing content into parts that Webex takes.

use causeway_model::{Block, Content};

use super::write;
use crate::divide::{Measure, divide};

/// In UTF-8, of the Markdown, which is never shorter than the text it stands for.
/// Source: <https://developer.webex.com/docs/api/v1/messages/create-a-message>.
pub(super) const MAX_BYTES: usize = 7_439;
/// For the name before the text.
const LEAD_BYTES: usize = 400;
const LEAST_ROOM: usize = 1_024;

/// Parts in order, each of which fits into one message; mostly one.
pub(in crate::webex) fn split(content: Content) -> Vec<Content> {
    let most = MAX_BYTES - LEAD_BYTES;
    let mut room = most;
    loop {
        let parts = divide(content.clone(), room, &InMarkdown);
        let all_fit = parts.iter().all(|part| cost(&part.blocks) <= most);
        if all_fit || room <= LEAST_ROOM {
            return parts;
        }
        // Signs before each line of a quote or list add up: what is divided has more lines.
        room = room * 3 / 4;
    }
}

/// What the blocks take in a message.
pub(super) fn cost(blocks: &[Block]) -> usize {
    let content = Content {
        blocks: blocks.to_vec(),
    };
    write(&content).len()
}

struct InMarkdown;

impl Measure for InMarkdown {
    fn blocks(&self, blocks: &[Block]) -> usize {
        // The empty line before the next.
        cost(blocks) + 2
    }

    fn character(&self, c: char) -> usize {
        match c {
            '&' => 5,
            '<' | '>' => 4,
            '\n' => 3,
            _ if c.is_ascii_punctuation() || c == ' ' || c == '\t' => 2,
            _ => c.len_utf8(),
        }
    }
}
