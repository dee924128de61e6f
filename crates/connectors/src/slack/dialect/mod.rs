//! What Slack writes, and how it is read: `rich_text` blocks both ways, `mrkdwn` text as the
//! fallback both ways.
//!
//! Both directions meet in [`piece`]: a tidy tree that holds exactly what a `rich_text` block can
//! say. What the content tree can say beyond it (a table in a list, a quote in a quote) is brought
//! down to it before writing, so that what is written reads back the same.
//!
//! Source: <https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>,
//! <https://docs.slack.dev/messaging/formatting-message-text>.

mod cut;
mod emoji;
mod fallback;
mod lower;
mod mrkdwn;
mod other_blocks;
mod piece;
mod read;
mod run;
mod write;

use causeway_model::Content;
use serde_json::Value;

pub(super) use mrkdwn::escape;

/// Names of accounts by their ids, as far as they are known.
pub(super) trait AccountNames: Sync {
    fn name(&self, id: &str) -> Option<String>;
}

/// One post's body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    /// `rich_text` blocks; none for content without anything to show.
    pub(super) blocks: Vec<Value>,
    /// For notifications and for clients that show no blocks: escaped `mrkdwn`.
    pub(super) text: String,
}

/// Content as a post's body.
pub(super) fn write(content: &Content) -> Body {
    let pieces = lower::lower(content);
    Body {
        blocks: write::blocks(&pieces),
        text: fallback::text(&pieces),
    }
}

/// A message's content from its blocks.
pub(super) fn read_blocks(blocks: &[Value], names: &dyn AccountNames) -> Content {
    piece::raise(read::pieces(blocks, names))
}

/// A message's content from its `mrkdwn` text, for those without blocks.
pub(super) fn read_text(text: &str, names: &dyn AccountNames) -> Content {
    piece::raise(piece::tidy(mrkdwn::pieces(text, names)))
}

/// Content as Slack gives it back for a post of it.
pub(super) fn as_read_back(content: &Content, names: &dyn AccountNames) -> Content {
    read_blocks(&write(content).blocks, names)
}

/// Content in parts that each fit into one post.
pub(super) fn split(content: Content) -> Vec<Content> {
    let pieces = lower::lower(&content);
    if cut::fits(&pieces) {
        return vec![content];
    }
    cut::parts(pieces).into_iter().map(piece::raise).collect()
}

#[cfg(test)]
mod tests;
