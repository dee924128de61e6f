//! The content tree into what Zoom's send takes.
//!
//! Source: <https://developers.zoom.us/docs/api/team-chat/#tag/chat-messages/post/chat/users/{userId}/messages>.

use causeway_model::{Block, Content, ExternalAccount, Inline, Style};
use url::Url;

use super::flat::{Flat, Mark, Span, units};
use crate::zoom::wire::{AtItem, ONE_CONTACT, RichText};

/// Longer names are cut in mentions and before the text.
pub(super) const LONGEST_NAME: usize = 64;

/// A message's text, and what is marked in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::zoom) struct Written {
    pub message: String,
    pub rich_text: Vec<RichText>,
    pub at_items: Vec<AtItem>,
}

pub(in crate::zoom) fn write(content: &Content) -> Written {
    let flat = flat(content);
    let mut written = Written {
        message: flat.text,
        rich_text: Vec::new(),
        at_items: Vec::new(),
    };
    let mut spans = flat.spans;
    spans.sort_by_key(|span| (span.start, span.end));
    for span in spans {
        note(span, &mut written);
    }
    written
}

pub(super) fn flat(content: &Content) -> Flat {
    blocks(&content.blocks).trimmed()
}

/// Only links that a person may safely open: `http`, `https` and `mailto`.
pub(super) fn is_safe_url(url: &str) -> bool {
    !url.chars().any(char::is_control)
        && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
}

/// A name without line breaks, control characters and space around it.
pub(super) fn one_line(name: &str) -> String {
    let shown = name
        .chars()
        .filter(|c| !c.is_control() || c.is_whitespace());
    let shown: String = shown
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .take(LONGEST_NAME)
        .collect();
    shown.trim().to_owned()
}

fn note(span: Span, written: &mut Written) {
    let start_position = i64::try_from(span.start).unwrap_or(i64::MAX);
    let end_position = i64::try_from(span.end).unwrap_or(i64::MAX) - 1;
    let (format_type, format_attr) = match span.mark {
        Mark::Bold => ("Bold", None),
        Mark::Italic => ("Italic", None),
        Mark::Strike => ("Strikethrough", None),
        Mark::Bullet => ("BulletedList", None),
        Mark::Number => ("NumberedList", None),
        Mark::Quote => ("Quote", None),
        Mark::Link(url) => ("AddLink", Some(url)),
        Mark::Mention(account) => {
            return written.at_items.push(AtItem {
                at_contact: Some(account.as_str().to_owned()),
                at_type: ONE_CONTACT,
                start_position,
                end_position,
            });
        }
    };
    written.rich_text.push(RichText {
        start_position,
        end_position,
        format_type: format_type.to_owned(),
        format_attr,
    });
}

/// What a reader tells neighbouring blocks apart by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Bullets,
    Numbers,
    Quote,
}

fn blocks(blocks: &[Block]) -> Flat {
    let mut all = Flat::default();
    let mut before = None;
    for each in blocks {
        let (kind, flat) = block(each);
        let flat = flat.trimmed();
        if flat.length == 0 {
            continue;
        }
        match before {
            Some(before) if before == kind => all.push("\n\n"),
            Some(_) => all.push("\n"),
            None => {}
        }
        all.append(flat);
        before = Some(kind);
    }
    all
}

fn block(block: &Block) -> (Kind, Flat) {
    match block {
        Block::Paragraph(children) => (Kind::Text, inlines(children)),
        Block::Quote(inner) => (Kind::Quote, blocks(inner).trimmed().under(Mark::Quote)),
        Block::Code { text } => (Kind::Text, fenced(text)),
        Block::List {
            ordered,
            start,
            items,
        } => list(*ordered, *start, items),
        Block::Unsupported { description, url } => {
            (Kind::Text, unsupported(description, url.as_deref()))
        }
    }
}

/// Zoom has no mark for code: it stays as people type it.
fn fenced(text: &str) -> Flat {
    let text = text.trim_matches('\n');
    match text.is_empty() {
        true => Flat::default(),
        false => Flat::text(&format!("```\n{text}\n```")),
    }
}

fn unsupported(description: &str, url: Option<&str>) -> Flat {
    let mut flat = Flat::text(description).under(Mark::Italic);
    if let Some(url) = url.filter(|url| is_safe_url(url)) {
        flat.push(" ");
        flat.append(link(url, &[]));
    }
    flat
}

/// A list of lines is marked; one that has more in it, or that begins elsewhere than at one, is
/// typed, since marks can say neither.
fn list(ordered: bool, start: u32, items: &[Vec<Block>]) -> (Kind, Flat) {
    let written: Vec<Flat> = items.iter().map(|item| blocks(item).trimmed()).collect();
    let lines = items.iter().zip(&written).all(|(item, flat)| {
        matches!(item.as_slice(), [Block::Paragraph(_)])
            && flat.length > 0
            && !flat.text.contains('\n')
    });
    let (kind, mark) = match ordered {
        true => (Kind::Numbers, Mark::Number),
        false => (Kind::Bullets, Mark::Bullet),
    };
    if !lines || (ordered && start != 1) {
        return (Kind::Text, typed(ordered, start, written));
    }
    let mut all = Flat::default();
    for flat in written {
        if all.length > 0 {
            all.push("\n");
        }
        all.append(flat.under(mark.clone()));
    }
    (kind, all)
}

fn typed(ordered: bool, start: u32, items: Vec<Flat>) -> Flat {
    let mut all = Flat::default();
    let mut number = start;
    for item in items {
        if all.length > 0 {
            all.push("\n");
        }
        let sign = match ordered {
            true => format!("{number}. "),
            false => "• ".to_owned(),
        };
        all.push(&sign);
        all.append(unmarked_lines(item, units(&sign)));
        number = number.saturating_add(1);
    }
    all
}

/// What belongs to an item is set in below it. Lists and quotes in it lose their marks: a reader
/// would take their lines out of the item again.
fn unmarked_lines(item: Flat, indent: usize) -> Flat {
    let mut all = Flat::default();
    let mut from = 0;
    for line in item.text.split('\n') {
        let to = from + units(line);
        if from > 0 {
            all.push("\n");
            all.push(&" ".repeat(indent));
        }
        let part = item.slice(from, to);
        let listed = part.spans.iter().find_map(|span| sign(&span.mark));
        all.push(listed.unwrap_or_default());
        all.append(without_block_marks(part));
        from = to + 1;
    }
    all
}

fn sign(mark: &Mark) -> Option<&'static str> {
    match mark {
        Mark::Bullet | Mark::Number => Some("• "),
        Mark::Quote => Some("> "),
        Mark::Bold | Mark::Italic | Mark::Strike | Mark::Link(_) | Mark::Mention(_) => None,
    }
}

fn without_block_marks(mut flat: Flat) -> Flat {
    flat.spans.retain(|span| sign(&span.mark).is_none());
    flat
}

fn inlines(children: &[Inline]) -> Flat {
    let mut all = Flat::default();
    for child in children {
        all.append(inline(child));
    }
    all
}

fn inline(inline: &Inline) -> Flat {
    match inline {
        Inline::Text(text) => Flat::text(text),
        Inline::Styled { style, children } => inlines(children).under(match style {
            Style::Bold => Mark::Bold,
            Style::Italic => Mark::Italic,
            Style::Strike => Mark::Strike,
        }),
        Inline::Code(text) => match text.trim().is_empty() {
            true => Flat::text(text),
            false => Flat::text(&format!("`{}`", text.replace('\n', " "))),
        },
        Inline::Link { url, children } => link(url, children),
        Inline::Mention { account, name } => mention(account, name),
        Inline::Emoji {
            short_name,
            unicode,
        } => Flat::text(&emoji(short_name.as_deref(), unicode.as_deref())),
        Inline::LineBreak => Flat::text("\n"),
    }
}

fn link(url: &str, children: &[Inline]) -> Flat {
    let shown = inlines(children);
    let shown = match shown.text.trim().is_empty() {
        true => Flat::text(url),
        false => shown,
    };
    match is_safe_url(url) {
        true => shown.under(Mark::Link(url.to_owned())),
        false => shown,
    }
}

fn mention(account: &ExternalAccount, name: &str) -> Flat {
    let name = one_line(name);
    let shown = Flat::text(&format!("@{name}"));
    match name.is_empty() || account.as_str().is_empty() {
        true => shown,
        false => shown.under(Mark::Mention(account.clone())),
    }
}

fn emoji(short_name: Option<&str>, unicode: Option<&str>) -> String {
    let known = || short_name.and_then(emojis::get_by_shortcode);
    match (unicode, known()) {
        (Some(unicode), _) => unicode.to_owned(),
        (None, Some(emoji)) => emoji.as_str().to_owned(),
        (None, None) => format!(":{}:", short_name.unwrap_or("emoji")),
    }
}
