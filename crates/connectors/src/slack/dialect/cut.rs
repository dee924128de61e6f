//! Divides long content: at a paragraph where one ends in time, else at a line, a word, or at last
//! a character.

use super::{
    lower::{length, run_length},
    piece::{Item, List, Piece, tidy},
    run::{self, Atom, Run},
    write::BLOCK_LIMIT,
};

/// The letters that one post should have at most.
/// Source: <https://docs.slack.dev/reference/methods/chat.postMessage#truncating>.
pub(super) const POST_LIMIT: usize = 4_000;

/// What a list adds to each of its items.
const ITEM_OVERHEAD: usize = 4;
const PARAGRAPH_OVERHEAD: usize = 2;

/// Whether everything fits into one post as it is.
pub(super) fn fits(pieces: &[Piece]) -> bool {
    let blocks_fit = pieces.iter().all(|piece| size(piece) <= BLOCK_LIMIT);
    blocks_fit && pieces.iter().map(size).sum::<usize>() <= POST_LIMIT
}

/// The pieces in posts, each as full as it can be without dividing what need not be.
pub(super) fn parts(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let small = pieces.into_iter().flat_map(|piece| cut(piece, BLOCK_LIMIT));
    let parts = grouped(small, size, POST_LIMIT);
    parts
        .into_iter()
        .map(tidy)
        .filter(|part| !part.is_empty())
        .collect()
}

pub(super) fn size(piece: &Piece) -> usize {
    match piece {
        Piece::Text(runs) => runs_size(runs) + PARAGRAPH_OVERHEAD,
        Piece::Code(text) => length(text) + PARAGRAPH_OVERHEAD,
        Piece::Quote(inner) => inner.iter().map(size).sum(),
        Piece::List(list) => list.items.iter().map(item_size).sum(),
    }
}

fn runs_size(runs: &[Run]) -> usize {
    runs.iter().map(run_length).sum()
}

fn item_size(item: &Item) -> usize {
    let own = item
        .paragraphs
        .iter()
        .map(|runs| runs_size(runs) + PARAGRAPH_OVERHEAD)
        .sum::<usize>();
    let under = item
        .lists
        .iter()
        .flat_map(|list| &list.items)
        .map(item_size)
        .sum::<usize>();
    own + under + ITEM_OVERHEAD
}

fn cut(piece: Piece, limit: usize) -> Vec<Piece> {
    if size(&piece) <= limit {
        return vec![piece];
    }
    match piece {
        Piece::Text(runs) => cut_runs(runs, limit - PARAGRAPH_OVERHEAD)
            .into_iter()
            .map(Piece::Text)
            .collect(),
        Piece::Code(text) => cut_text(&text, limit - PARAGRAPH_OVERHEAD)
            .into_iter()
            .map(Piece::Code)
            .collect(),
        Piece::Quote(inner) => {
            let small = inner.into_iter().flat_map(|piece| cut(piece, limit));
            grouped(small, size, limit)
                .into_iter()
                .map(Piece::Quote)
                .collect()
        }
        Piece::List(list) => cut_list(list, limit).into_iter().map(Piece::List).collect(),
    }
}

/// Neighbours together, as many as stay within the limit.
fn grouped<T>(all: impl Iterator<Item = T>, size: fn(&T) -> usize, limit: usize) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut used = 0;
    for one in all {
        let more = size(&one);
        match groups.last_mut() {
            Some(group) if used + more <= limit => {
                group.push(one);
                used += more;
            }
            Some(_) | None => {
                groups.push(vec![one]);
                used = more;
            }
        }
    }
    groups
}

/// Items stay whole where they fit; one that does not becomes several.
fn cut_list(list: List, limit: usize) -> Vec<List> {
    let ordered = list.ordered;
    let mut start = list.start;
    let items = list
        .items
        .into_iter()
        .flat_map(|item| cut_item(item, limit));
    let mut lists = Vec::new();
    for items in grouped(items, item_size, limit) {
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        lists.push(List {
            ordered,
            start,
            items,
        });
        if ordered {
            start = start.saturating_add(count);
        }
    }
    lists
}

fn cut_item(item: Item, limit: usize) -> Vec<Item> {
    if item_size(&item) <= limit {
        return vec![item];
    }
    let room = limit - PARAGRAPH_OVERHEAD - ITEM_OVERHEAD;
    let paragraphs = item
        .paragraphs
        .into_iter()
        .flat_map(|runs| cut_runs(runs, room));
    let mut items: Vec<Item> = paragraphs
        .map(|runs| Item {
            paragraphs: vec![runs],
            lists: Vec::new(),
        })
        .collect();
    // Lists under an item of that size stand beside it instead.
    let under = item.lists.into_iter().flat_map(|list| list.items);
    items.extend(under.flat_map(|item| cut_item(item, limit)));
    items
}

fn cut_runs(runs: Vec<Run>, limit: usize) -> Vec<Vec<Run>> {
    let mut cuts = vec![Vec::new()];
    let mut used = 0;
    for unit in runs.into_iter().flat_map(|run| words(run, limit)) {
        let size = run_length(&unit);
        if used + size > limit {
            let carried = cuts.last_mut().map(after_last_break).unwrap_or_default();
            used = runs_size(&carried);
            if used + size > limit {
                cuts.push(carried);
                used = 0;
                cuts.push(Vec::new());
            } else {
                cuts.push(carried);
            }
        }
        used += size;
        if let Some(cut) = cuts.last_mut() {
            cut.push(unit);
        }
    }
    let whole = cuts
        .into_iter()
        .flat_map(|cut| run::paragraphs(run::merge(cut)));
    whole.collect()
}

/// Takes what follows the last line break, where one is; the words stay where they are otherwise.
fn after_last_break(runs: &mut Vec<Run>) -> Vec<Run> {
    match runs.iter().rposition(Run::is_break) {
        Some(at) if at > 0 => runs.split_off(at),
        Some(_) | None => Vec::new(),
    }
}

/// A run in words, each with the white space after it and no longer than the limit.
fn words(run: Run, limit: usize) -> Vec<Run> {
    let text = match &run.atom {
        Atom::Text(text) | Atom::Code(text) => text,
        Atom::Mention { .. } | Atom::Emoji { .. } | Atom::Break => return vec![run],
    };
    let link = run.link.as_deref().map_or(0, length);
    if run.link.is_some() && run_length(&run) <= limit || text.is_empty() {
        return vec![run];
    }
    if link >= limit {
        // An address that fills a post by itself cannot be a link; its words can be read.
        let unlinked = Run { link: None, ..run };
        return words(unlinked, limit);
    }
    let pieces = text.split_inclusive(char::is_whitespace);
    let pieces = pieces.flat_map(|word| cut_characters(word, limit - link));
    let piece = |text| Run {
        atom: match &run.atom {
            Atom::Code(_) => Atom::Code(text),
            Atom::Text(_) | Atom::Mention { .. } | Atom::Emoji { .. } | Atom::Break => {
                Atom::Text(text)
            }
        },
        ..run.clone()
    };
    pieces.map(piece).collect()
}

/// Preformatted text in parts: at line ends where possible.
fn cut_text(text: &str, limit: usize) -> Vec<String> {
    let lines = text
        .split_inclusive('\n')
        .flat_map(|line| cut_characters(line, limit));
    let parts = grouped(lines, |line| length(line), limit)
        .into_iter()
        .map(|lines| lines.concat());
    let trimmed = parts.map(|part| part.trim_end_matches('\n').to_owned());
    trimmed.filter(|part| !part.is_empty()).collect()
}

fn cut_characters(text: &str, limit: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        if used + character.len_utf16() > limit {
            parts.push(String::new());
            used = 0;
        }
        used += character.len_utf16();
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}
