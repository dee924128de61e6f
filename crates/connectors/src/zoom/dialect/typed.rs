//! Content as people type it where Zoom takes no marks: for edits, whose text is all that Zoom
//! changes, and for a chatbot, whose text has a markdown of its own.
//!
//! Source: <https://developers.zoom.us/docs/chat/customizing-messages/>, and `markdown/` below it.

use causeway_model::{Block, Content, Inline, Style};

use super::{read, write};

/// An address longer than this is left out where the link has a text of its own.
const LONGEST_SPELLED: usize = 400;

/// Plain text, in which links are spelled out.
pub(in crate::zoom) fn spelled(content: &Content) -> String {
    typed(content, Ink::Plain)
}

/// A chatbot's markdown. It has no way to write one of its signs as itself.
pub(in crate::zoom) fn markdown(content: &Content) -> String {
    typed(content, Ink::Markdown)
}

/// A chatbot's text as far as it can be known again: Zoom may give its signs back as they were sent
/// or as they are shown, so that none of them counts.
pub(super) fn loosely(text: &str) -> Content {
    let lines: Vec<String> = text.lines().map(loose_line).collect();
    Content::plain(lines.join("\n").trim())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ink {
    Plain,
    Markdown,
}

fn typed(content: &Content, ink: Ink) -> String {
    // What is read back has only what Zoom has.
    let content = read::of_flat(write::flat(content));
    blocks(&content.blocks, ink)
}

fn blocks(blocks: &[Block], ink: Ink) -> String {
    let mut all = String::new();
    let mut after_paragraph = false;
    for each in blocks {
        let is_paragraph = matches!(each, Block::Paragraph(_));
        if !all.is_empty() {
            all.push_str(match is_paragraph && after_paragraph {
                true => "\n\n",
                false => "\n",
            });
        }
        all.push_str(&block(each, ink));
        after_paragraph = is_paragraph;
    }
    all
}

fn block(block: &Block, ink: Ink) -> String {
    match block {
        Block::Paragraph(children) => inlines(children, ink),
        Block::Quote(inner) => {
            let quoted = blocks(inner, ink);
            let lines: Vec<String> = quoted.split('\n').map(|line| format!("> {line}")).collect();
            lines.join("\n")
        }
        Block::Code { text } => text.clone(),
        Block::List { ordered, items, .. } => {
            let lines: Vec<String> = items
                .iter()
                .zip(1..)
                .map(|(item, number): (_, u32)| match ordered {
                    true => format!("{number}. {}", blocks(item, ink)),
                    false => format!("• {}", blocks(item, ink)),
                })
                .collect();
            lines.join("\n")
        }
        Block::Unsupported { description, .. } => description.clone(),
    }
}

fn inlines(children: &[Inline], ink: Ink) -> String {
    children.iter().map(|child| inline(child, ink)).collect()
}

fn inline(inline: &Inline, ink: Ink) -> String {
    match inline {
        Inline::Text(text) | Inline::Code(text) => text.clone(),
        Inline::Styled { style, children } => styled(*style, &inlines(children, ink), ink),
        Inline::Link { url, children } => link(url, &inlines(children, ink), ink),
        Inline::Mention { name, .. } => format!("@{name}"),
        Inline::Emoji {
            unicode,
            short_name,
        } => {
            let shown = unicode.as_deref().or(short_name.as_deref());
            shown.unwrap_or_default().to_owned()
        }
        Inline::LineBreak => "\n".to_owned(),
    }
}

/// Signs stand next to letters, or they are none.
fn styled(style: Style, text: &str, ink: Ink) -> String {
    let inner = text.trim();
    if ink == Ink::Plain || inner.is_empty() {
        return text.to_owned();
    }
    let sign = match style {
        Style::Bold => '*',
        Style::Italic => '_',
        Style::Strike => '~',
    };
    text.replacen(inner, &format!("{sign}{inner}{sign}"), 1)
}

fn link(url: &str, text: &str, ink: Ink) -> String {
    let alone = text == url;
    match ink {
        _ if url.len() > LONGEST_SPELLED => text.to_owned(),
        Ink::Plain | Ink::Markdown if alone => url.to_owned(),
        Ink::Plain => format!("{text} ({url})"),
        // Within the brackets both are read to the first sign that ends them.
        Ink::Markdown if url.contains(['|', '>']) || text.contains(['|', '<', '>']) => {
            format!("{text} ({url})")
        }
        Ink::Markdown => format!("<{url}|{text}>"),
    }
}

fn loose_line(line: &str) -> String {
    let line = line.trim_start_matches(['>', ' ']);
    let mut loose = String::new();
    let mut rest = line;
    while let Some((before, opened)) = rest.split_once('<') {
        loose.push_str(before);
        let Some((inside, after)) = opened.split_once('>') else {
            loose.push_str(opened);
            rest = "";
            break;
        };
        loose.push_str(inside.split_once('|').map_or(inside, |(_, shown)| shown));
        rest = after;
    }
    loose.push_str(rest);
    loose.retain(|c| !matches!(c, '*' | '_' | '~' | '`' | '<' | '>'));
    loose
}
