//! From the content tree to what a `rich_text` block can hold.

use causeway_model::{Block, Content};

use super::{
    piece::{self, Item, List, Piece, tidy},
    run::{self, Atom, Run, Styles},
};

/// The deepest indent of a `rich_text_list`.
const DEEPEST_INDENT: usize = 8;

pub(super) fn lower(content: &Content) -> Vec<Piece> {
    tidy(lower_blocks(&content.blocks))
}

fn lower_blocks(blocks: &[Block]) -> Vec<Piece> {
    blocks.iter().flat_map(lower_block).collect()
}

fn lower_block(block: &Block) -> Vec<Piece> {
    match block {
        Block::Paragraph(inlines) => run::paragraphs(run::flatten(inlines))
            .into_iter()
            .map(Piece::Text)
            .collect(),
        Block::Quote(inner) => vec![Piece::Quote(unquoted(lower_blocks(inner)))],
        Block::Code { text } => piece::code(text).into_iter().collect(),
        Block::List {
            ordered,
            start,
            items,
        } => vec![Piece::List(lower_list(*ordered, *start, items, 0))],
        Block::Unsupported { description, url } => lower_block(&Block::Paragraph(
            piece::unsupported(description, url.as_deref()),
        )),
    }
}

fn unquoted(pieces: Vec<Piece>) -> Vec<Piece> {
    let inner = pieces.into_iter().flat_map(|piece| match piece {
        Piece::Quote(inner) => inner,
        Piece::Text(_) | Piece::Code(_) | Piece::List(_) => vec![piece],
    });
    inner.collect()
}

fn lower_list(ordered: bool, start: u32, items: &[Vec<Block>], depth: usize) -> List {
    let items = items
        .iter()
        .flat_map(|blocks| hoisted(lower_item(blocks, depth), depth));
    List {
        ordered,
        start: if ordered { start.max(1) } else { 1 },
        items: items.collect(),
    }
}

fn lower_item(blocks: &[Block], depth: usize) -> Item {
    let mut item = Item::default();
    for block in blocks {
        match block {
            Block::List {
                ordered,
                start,
                items,
            } => item
                .lists
                .push(lower_list(*ordered, *start, items, depth + 1)),
            Block::Code { text } => {
                let code = run::code_lines(text, Styles::default(), None);
                item.paragraphs.extend(run::paragraphs(code));
            }
            Block::Quote(inner) => {
                let quoted = lower_item(inner, depth);
                item.paragraphs.extend(quoted.paragraphs);
                item.lists.extend(quoted.lists);
            }
            Block::Paragraph(_) | Block::Unsupported { .. } => {
                item.paragraphs
                    .extend(lower_block(block).into_iter().filter_map(text_of));
            }
        }
    }
    item
}

fn text_of(piece: Piece) -> Option<Vec<Run>> {
    match piece {
        Piece::Text(runs) => Some(runs),
        Piece::Quote(_) | Piece::Code(_) | Piece::List(_) => None,
    }
}

/// An item that says nothing itself gives way to the items under it, and so do lists that are too
/// deep: their items follow the item they were under.
fn hoisted(mut item: Item, depth: usize) -> Vec<Item> {
    if !item.paragraphs.is_empty() && depth < DEEPEST_INDENT {
        return vec![item];
    }
    let under = std::mem::take(&mut item.lists)
        .into_iter()
        .flat_map(|list| list.items);
    let own = (!item.paragraphs.is_empty()).then_some(item);
    own.into_iter().chain(under).collect()
}

/// The letters that a run takes up.
pub(super) fn run_length(run: &Run) -> usize {
    let own = match &run.atom {
        Atom::Text(text) | Atom::Code(text) => length(text),
        Atom::Mention { account, name } => length(account.as_str()).max(length(name)) + 1,
        Atom::Emoji {
            short_name,
            unicode,
        } => {
            let shown = short_name.as_deref().or(unicode.as_deref());
            shown.map_or(0, length) + 2
        }
        Atom::Break => 1,
    };
    own + run.link.as_deref().map_or(0, length)
}

/// UTF-16 units: never fewer than what Slack counts.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}
