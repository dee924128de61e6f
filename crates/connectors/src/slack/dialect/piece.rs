//! The tidy tree between the content tree and Slack's blocks.

use causeway_model::{Block, Content, Inline};

use super::run::{self, Run};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// One paragraph.
    Text(Vec<Run>),
    /// Holds anything but another quote.
    Quote(Vec<Piece>),
    Code(String),
    List(List),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct List {
    pub(super) ordered: bool,
    /// The first item's number, from 1.
    pub(super) start: u32,
    pub(super) items: Vec<Item>,
}

/// Paragraphs, then the lists under them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Item {
    pub(super) paragraphs: Vec<Vec<Run>>,
    pub(super) lists: Vec<List>,
}

impl List {
    /// Whether `next` is the same list going on.
    fn goes_on_in(&self, next: &Self) -> bool {
        self.ordered == next.ordered && (!self.ordered || self.end() == u64::from(next.start))
    }

    fn end(&self) -> u64 {
        u64::from(self.start) + self.items.len() as u64
    }
}

/// Code without the line ends after it; none when nothing is left.
pub(super) fn code(text: &str) -> Option<Piece> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_end_matches(['\n', '\r']);
    (!text.is_empty()).then(|| Piece::Code(text.to_owned()))
}

/// Joins neighbouring quotes and lists that are one, and drops what is empty.
pub(super) fn tidy(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut tidied: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces.into_iter().filter_map(tidy_inside) {
        match (tidied.last_mut(), piece) {
            (Some(Piece::Quote(before)), Piece::Quote(inner)) => {
                let both = std::mem::take(before).into_iter().chain(inner).collect();
                *before = tidy(both);
            }
            (Some(Piece::List(before)), Piece::List(list)) if before.goes_on_in(&list) => {
                before.items.extend(list.items);
            }
            (_, piece) => tidied.push(piece),
        }
    }
    tidied
}

fn tidy_inside(piece: Piece) -> Option<Piece> {
    match piece {
        Piece::Text(runs) => (!runs.is_empty()).then_some(Piece::Text(runs)),
        Piece::Code(text) => (!text.is_empty()).then_some(Piece::Code(text)),
        Piece::Quote(inner) => {
            let inner = tidy(inner);
            (!inner.is_empty()).then_some(Piece::Quote(inner))
        }
        Piece::List(list) => tidy_list(list).map(Piece::List),
    }
}

fn tidy_list(mut list: List) -> Option<List> {
    for item in &mut list.items {
        item.lists = tidy_lists(std::mem::take(&mut item.lists));
    }
    list.items
        .retain(|item| !item.paragraphs.is_empty() || !item.lists.is_empty());
    (!list.items.is_empty()).then_some(list)
}

fn tidy_lists(lists: Vec<List>) -> Vec<List> {
    let mut tidied: Vec<List> = Vec::with_capacity(lists.len());
    for list in lists.into_iter().filter_map(tidy_list) {
        match tidied.last_mut() {
            Some(before) if before.goes_on_in(&list) => before.items.extend(list.items),
            Some(_) | None => tidied.push(list),
        }
    }
    tidied
}

pub(super) fn raise(pieces: Vec<Piece>) -> Content {
    Content {
        blocks: pieces.into_iter().map(raise_piece).collect(),
    }
}

fn raise_piece(piece: Piece) -> Block {
    match piece {
        Piece::Text(runs) => Block::Paragraph(run::nest(&runs)),
        Piece::Quote(inner) => Block::Quote(inner.into_iter().map(raise_piece).collect()),
        Piece::Code(text) => Block::Code { text },
        Piece::List(list) => raise_list(list),
    }
}

fn raise_list(list: List) -> Block {
    let items = list.items.into_iter().map(|item| {
        let paragraphs = item.paragraphs.iter().map(|runs| run::nest(runs));
        let lists = item.lists.into_iter().map(raise_list);
        paragraphs.map(Block::Paragraph).chain(lists).collect()
    });
    Block::List {
        ordered: list.ordered,
        start: list.start,
        items: items.collect(),
    }
}

/// A readable line for what cannot be carried, in italics so that it does not look typed.
pub(super) fn unsupported(description: &str, url: Option<&str>) -> Vec<Inline> {
    let words = vec![Inline::Text(description.to_owned())];
    let children = match url {
        Some(url) => vec![Inline::Link {
            url: url.to_owned(),
            children: words,
        }],
        None => words,
    };
    vec![Inline::Styled {
        style: causeway_model::Style::Italic,
        children,
    }]
}
