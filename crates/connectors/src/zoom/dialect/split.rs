//! Dividing content into parts that Zoom takes.

use causeway_model::Content;

use super::{
    flat::{Flat, Mark, units},
    read::of_flat,
    typed::{markdown, spelled},
    write::flat,
};

/// How long a message may be is told in two ways (`docs/verification.md`): this is below both.
pub(super) const MOST_UNITS: usize = 1_000;
/// For the name that the app may put before the text.
const LEAD_UNITS: usize = 140;

/// Parts in order, each of which fits into one message, as it is posted and as it may be edited;
/// mostly one.
pub(in crate::zoom) fn split(content: Content) -> Vec<Content> {
    let room = MOST_UNITS - LEAD_UNITS;
    if cost(&content) <= room {
        return vec![content];
    }
    let mut parts = Vec::new();
    let mut rest = flat(&content);
    while rest.length > 0 {
        let at = place_to_cut(&rest, room);
        let part = of_flat(rest.slice(0, at).trimmed());
        if !part.blocks.is_empty() {
            parts.push(part);
        }
        rest = rest.slice(at, rest.length).trimmed();
    }
    parts
}

/// What the content takes, however it comes to be written.
pub(super) fn cost(content: &Content) -> usize {
    let posted = flat(content).length;
    let typed = units(&spelled(content)).max(units(&markdown(content)));
    posted.max(typed)
}

/// The last place to cut at so that what is before it fits.
fn place_to_cut(rest: &Flat, room: usize) -> usize {
    let mut limit = rest.length.min(room);
    loop {
        let at = seam(rest, limit);
        if limit <= 2 || cost(&of_flat(rest.slice(0, at))) <= room {
            return at;
        }
        limit = limit * 3 / 4;
    }
}

/// Where the text up to the limit is best cut: after a line, else after a word, in its second half;
/// never within a mention or a character.
fn seam(rest: &Flat, limit: usize) -> usize {
    if limit >= rest.length {
        return rest.length;
    }
    let (mut at, mut line, mut word) = (0, None, None);
    for c in rest.text.chars() {
        if at + c.len_utf16() > limit {
            break;
        }
        at += c.len_utf16();
        match c {
            '\n' => line = Some(at),
            ' ' => word = Some(at),
            _ => {}
        }
    }
    let good = |seam: &usize| *seam > limit / 2;
    let at = line.filter(good).or(word.filter(good)).unwrap_or(at);
    let within = rest
        .spans
        .iter()
        .find(|span| matches!(span.mark, Mark::Mention(_)) && span.start < at && at < span.end);
    match within {
        Some(mention) if mention.start > 0 => mention.start,
        Some(mention) => mention.end,
        // A first character may be wider than the limit.
        None => at.max(rest.text.chars().next().map_or(0, char::len_utf16)),
    }
}
