//! The content tree: what a message says, free of any platform's dialect.

use serde::{Deserialize, Serialize};

use crate::ExternalAccount;

/// A message's content. Empty when a platform shows nothing readable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content {
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    Paragraph(Vec<Inline>),
    Quote(Vec<Block>),
    /// Preformatted text, as typed, without its last line break.
    Code {
        text: String,
    },
    List {
        ordered: bool,
        start: u32,
        items: Vec<Vec<Block>>,
    },
    /// Something that cannot be carried yet, told in words: a file, a card, a poll.
    Unsupported {
        description: String,
        url: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    Text(String),
    Styled {
        style: Style,
        children: Vec<Inline>,
    },
    Code(String),
    Link {
        url: String,
        children: Vec<Inline>,
    },
    /// A mention of an account of the platform it was written on.
    Mention {
        account: ExternalAccount,
        name: String,
    },
    /// A standard emoji by its characters; a custom one by its short name alone.
    Emoji {
        short_name: Option<String>,
        unicode: Option<String>,
    },
    LineBreak,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Bold,
    Italic,
    Strike,
}

/// Something to press under what the hub itself says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub label: String,
    pub act: ButtonAct,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAct {
    /// Pressing it tells the hub this value.
    Tell(String),
    /// Pressing it opens this URL.
    Open(String),
}

impl Content {
    /// One paragraph of plain text; line breaks become [`Inline::LineBreak`].
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut inlines = Vec::new();
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                inlines.push(Inline::LineBreak);
            }
            if !line.is_empty() {
                inlines.push(Inline::Text(line.to_owned()));
            }
        }
        Self {
            blocks: vec![Block::Paragraph(inlines)],
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to_plain().trim().is_empty()
    }

    /// What a person would read aloud: no styling, a line per block.
    #[must_use]
    pub fn to_plain(&self) -> String {
        let mut out = String::new();
        blocks_to_plain(&self.blocks, &mut out);
        out
    }

    /// The visible letters alone: no styling, no white space. Equal for a message as it was sent
    /// and as the platform gives it back, whatever it did to the markup.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.to_plain()
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '\u{fe0f}')
            .collect()
    }

    /// The same content with every mention, of accounts that mean nothing elsewhere, replaced by
    /// what `name` makes of it.
    #[must_use]
    pub fn map_mentions(mut self, name: &dyn Fn(&ExternalAccount, &str) -> Inline) -> Self {
        map_blocks(&mut self.blocks, name);
        self
    }

    /// Puts `lead` before everything, in the first paragraph.
    #[must_use]
    pub fn led_by(mut self, mut lead: Vec<Inline>) -> Self {
        match self.blocks.first_mut() {
            Some(Block::Paragraph(inlines)) => {
                lead.append(inlines);
                *inlines = lead;
            }
            Some(
                Block::Quote(_)
                | Block::Code { .. }
                | Block::List { .. }
                | Block::Unsupported { .. },
            )
            | None => self.blocks.insert(0, Block::Paragraph(lead)),
        }
        self
    }
}

fn blocks_to_plain(blocks: &[Block], out: &mut String) {
    for block in blocks {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        match block {
            Block::Paragraph(inlines) => inlines_to_plain(inlines, out),
            Block::Quote(inner) => blocks_to_plain(inner, out),
            Block::Code { text } => out.push_str(text),
            Block::List { items, .. } => items.iter().for_each(|item| blocks_to_plain(item, out)),
            Block::Unsupported { description, .. } => out.push_str(description),
        }
    }
}

fn inlines_to_plain(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Styled { children, .. } => inlines_to_plain(children, out),
            Inline::Link { url, children } if children.is_empty() => out.push_str(url),
            Inline::Link { children, .. } => inlines_to_plain(children, out),
            Inline::Mention { name, .. } => {
                out.push('@');
                out.push_str(name);
            }
            Inline::Emoji {
                unicode: Some(unicode),
                ..
            } => out.push_str(unicode),
            Inline::Emoji {
                short_name,
                unicode: None,
            } => {
                out.push(':');
                out.push_str(short_name.as_deref().unwrap_or("emoji"));
                out.push(':');
            }
            Inline::LineBreak => out.push('\n'),
        }
    }
}

fn map_blocks(blocks: &mut [Block], name: &dyn Fn(&ExternalAccount, &str) -> Inline) {
    for block in blocks {
        match block {
            Block::Paragraph(inlines) => map_inlines(inlines, name),
            Block::Quote(inner) => map_blocks(inner, name),
            Block::List { items, .. } => items.iter_mut().for_each(|item| map_blocks(item, name)),
            Block::Code { .. } | Block::Unsupported { .. } => {}
        }
    }
}

fn map_inlines(inlines: &mut [Inline], name: &dyn Fn(&ExternalAccount, &str) -> Inline) {
    for inline in inlines {
        match inline {
            Inline::Mention {
                account,
                name: shown,
            } => *inline = name(account, shown),
            Inline::Styled { children, .. } | Inline::Link { children, .. } => {
                map_inlines(children, name);
            }
            Inline::Text(_) | Inline::Code(_) | Inline::Emoji { .. } | Inline::LineBreak => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_ignores_markup_and_white_space() {
        let sent = Content {
            blocks: vec![Block::Paragraph(vec![
                Inline::Styled {
                    style: Style::Bold,
                    children: vec![Inline::Text("See ".into())],
                },
                Inline::LineBreak,
                Inline::Text("you".into()),
            ])],
        };
        assert_eq!(sent.fingerprint(), Content::plain("See you").fingerprint());
    }

    #[test]
    fn a_lead_joins_the_first_paragraph_and_stands_before_a_list() {
        let lead = || vec![Inline::Text("Ann: ".into())];
        assert_eq!(Content::plain("hi").led_by(lead()).to_plain(), "Ann: hi");
        let list = Content {
            blocks: vec![Block::Code { text: "x".into() }],
        };
        assert_eq!(list.led_by(lead()).to_plain(), "Ann: \nx");
    }

    #[test]
    fn plain_text_keeps_its_line_breaks() {
        assert_eq!(Content::plain("a\n\nb").to_plain(), "a\n\nb");
    }
}
