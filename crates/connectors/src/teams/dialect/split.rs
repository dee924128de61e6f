//! Dividing content into parts that Graph takes.

use causeway_model::{Block, Content, ExternalAccount, Inline};

use super::write;

/// Graph refuses a message of about 28 KB in all, mentions and later reactions included. So many
/// bytes of HTML and mentions are for the body; what is left is for the rest and for the name
/// that the app may put before the text.
pub(super) const MAX_BODY_BYTES: usize = 24_000;
/// For the name before the text.
const LEAD_BYTES: usize = 1_000;
/// One mention in the request's JSON, beside its element.
const MENTION_BYTES: usize = 300;
/// Taken off at each level, for the elements around.
const WRAPPING_BYTES: usize = 64;
const LEAST_ROOM: usize = 512;

/// Parts in order, each of which fits into one message; mostly one.
pub(in crate::teams) fn split(content: Content) -> Vec<Content> {
    let room = MAX_BODY_BYTES - LEAD_BYTES;
    if cost(&content.blocks) <= room {
        return vec![content];
    }
    pack(content.blocks, room)
        .into_iter()
        .map(|blocks| Content { blocks })
        .collect()
}

/// What the blocks take in a request.
pub(super) fn cost(blocks: &[Block]) -> usize {
    let content = Content {
        blocks: blocks.to_vec(),
    };
    let written = write(&content);
    written.html.len() + written.mentions.len() * MENTION_BYTES
}

/// Blocks into groups that fit, those too large for one divided before.
fn pack(blocks: Vec<Block>, room: usize) -> Vec<Vec<Block>> {
    let pieces = blocks.into_iter().flat_map(|block| fit(block, room));
    grouped(pieces, room, |block| cost(std::slice::from_ref(block)))
}

fn grouped<T>(
    pieces: impl Iterator<Item = T>,
    room: usize,
    cost_of: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut used = 0;
    for piece in pieces {
        let cost = cost_of(&piece);
        match groups.last_mut() {
            Some(group) if used + cost <= room => {
                used += cost;
                group.push(piece);
            }
            Some(_) | None => {
                used = cost;
                groups.push(vec![piece]);
            }
        }
    }
    groups
}

fn fit(block: Block, room: usize) -> Vec<Block> {
    if cost(std::slice::from_ref(&block)) <= room {
        return vec![block];
    }
    let inner = room.saturating_sub(WRAPPING_BYTES).max(LEAST_ROOM);
    match block {
        Block::Paragraph(inlines) => pack_inlines(inlines, inner)
            .into_iter()
            .map(Block::Paragraph)
            .collect(),
        Block::Quote(blocks) => pack(blocks, inner).into_iter().map(Block::Quote).collect(),
        Block::Code { text } => fit_code(&text, inner),
        Block::List {
            ordered,
            start,
            items,
        } => fit_list(ordered, start, items, inner),
        Block::Unsupported { description, url } => {
            let url = url.filter(|url| url.len() * 6 < inner / 2);
            let description = take_text(&description, inner / 4).0.to_owned();
            vec![Block::Unsupported { description, url }]
        }
    }
}

fn fit_code(text: &str, room: usize) -> Vec<Block> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (head, tail) = take_with(rest, room, '\n');
        parts.push(Block::Code {
            text: head.trim_end_matches('\n').to_owned(),
        });
        rest = tail;
    }
    parts
}

fn fit_list(ordered: bool, start: u32, items: Vec<Vec<Block>>, room: usize) -> Vec<Block> {
    let inner = room.saturating_sub(WRAPPING_BYTES).max(LEAST_ROOM);
    let mut number = start;
    let numbered: Vec<(u32, Vec<Block>)> = items
        .into_iter()
        .flat_map(|item| {
            let this = number;
            number = number.saturating_add(1);
            let parts = if item.is_empty() {
                vec![item]
            } else {
                pack(item, inner)
            };
            parts.into_iter().map(move |part| (this, part))
        })
        .collect();
    grouped(numbered.into_iter(), inner, |(_, item)| {
        cost(item) + "<li></li>".len()
    })
    .into_iter()
    .map(|group| Block::List {
        ordered,
        start: group.first().map_or(start, |(number, _)| *number),
        items: group.into_iter().map(|(_, item)| item).collect(),
    })
    .collect()
}

fn pack_inlines(inlines: Vec<Inline>, room: usize) -> Vec<Vec<Inline>> {
    let pieces = inlines
        .into_iter()
        .flat_map(|inline| fit_inline(inline, room));
    grouped(pieces, room, inline_cost)
}

fn inline_cost(inline: &Inline) -> usize {
    // Alone in a paragraph a space at either end costs more than within: never too little.
    cost(&[Block::Paragraph(vec![inline.clone()])])
}

fn fit_inline(inline: Inline, room: usize) -> Vec<Inline> {
    if inline_cost(&inline) <= room {
        return vec![inline];
    }
    let inner = room.saturating_sub(WRAPPING_BYTES).max(LEAST_ROOM);
    match inline {
        Inline::Text(text) => texts(&text, inner).map(Inline::Text).collect(),
        Inline::Code(text) => texts(&text, inner).map(Inline::Code).collect(),
        Inline::Styled { style, children } => pack_inlines(children, inner)
            .into_iter()
            .map(|children| Inline::Styled { style, children })
            .collect(),
        Inline::Link { url, children } => fit_link(&url, children, inner),
        Inline::Mention { account, name } => vec![short_mention(account, &name)],
        Inline::Emoji {
            short_name,
            unicode,
        } => {
            let shown = unicode.or(short_name).unwrap_or_default();
            texts(&shown, inner).map(Inline::Text).collect()
        }
        Inline::LineBreak => vec![Inline::LineBreak],
    }
}

/// A link's address goes with each of its parts, unless the address itself is what is too long.
fn fit_link(url: &str, children: Vec<Inline>, room: usize) -> Vec<Inline> {
    let address = url.len() * 6;
    if address * 2 > room {
        return match children.is_empty() {
            true => texts(url, room).map(Inline::Text).collect(),
            false => children
                .into_iter()
                .flat_map(|child| fit_inline(child, room))
                .collect(),
        };
    }
    pack_inlines(children, room - address)
        .into_iter()
        .map(|children| Inline::Link {
            url: url.to_owned(),
            children,
        })
        .collect()
}

fn short_mention(account: ExternalAccount, name: &str) -> Inline {
    Inline::Mention {
        account,
        name: name.chars().take(64).collect(),
    }
}

fn texts(text: &str, room: usize) -> impl Iterator<Item = String> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (head, tail) = take_text(rest, room);
        rest = tail;
        Some(head.to_owned())
    })
}

fn take_text(text: &str, room: usize) -> (&str, &str) {
    take_with(text, room, ' ')
}

/// As much of the text as fits, up to and with the last `seam` where there is one in its second
/// half.
fn take_with(text: &str, room: usize, seam: char) -> (&str, &str) {
    let mut used = 0;
    let mut seam_at = None;
    for (at, c) in text.char_indices() {
        used += escaped_bytes(c);
        if used > room && at > 0 {
            let cut = seam_at.filter(|seam| *seam > at / 2).unwrap_or(at);
            return text.split_at(cut);
        }
        if c == seam {
            seam_at = Some(at + c.len_utf8());
        }
    }
    (text, "")
}

/// The most that a character may take in HTML.
fn escaped_bytes(c: char) -> usize {
    match c {
        '&' | '\'' => 5,
        '<' | '>' | '\n' => 4,
        // Mostly one byte; a run of them, six each.
        ' ' | '\t' | '\u{a0}' | '"' => 6,
        _ => c.len_utf8(),
    }
}
