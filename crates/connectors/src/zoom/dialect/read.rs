//! A message's text and marks into the content tree.

use std::ops::Range;

use causeway_model::{Block, Content, ExternalAccount, Inline, Style};

use super::{
    flat::{Flat, Mark, Span},
    write::is_safe_url,
};
use crate::zoom::wire::{AtItem, Body, ONE_CONTACT, RichText};

/// No message that people write has so many marks; more are left out.
const MOST_MARKS: usize = 1_000;

/// Reads a message whose mentions name accounts.
pub(in crate::zoom) fn read(body: &Body) -> Content {
    let text = body.message.as_deref().unwrap_or_default();
    let spans = body.rich_text.iter().filter_map(format);
    let spans = spans.chain(body.at_items.iter().filter_map(mention));
    let mut content = tree(text, spans.take(MOST_MARKS).collect());
    content.blocks.extend(body.files.iter().map(|file| {
        let name = file.file_name.trim();
        told(match name.is_empty() {
            true => "file".to_owned(),
            false => format!("file: {name}"),
        })
    }));
    let cards = body.interactive_cards.iter();
    content
        .blocks
        .extend(cards.map(|_| told("card".to_owned())));
    content
}

pub(super) fn of_flat(flat: Flat) -> Content {
    tree(&flat.text, flat.spans)
}

fn told(description: String) -> Block {
    Block::Unsupported {
        description,
        url: None,
    }
}

fn format(rich: &RichText) -> Option<Span> {
    let mark = match rich.format_type.as_str() {
        "Bold" => Mark::Bold,
        "Italic" => Mark::Italic,
        "Strikethrough" => Mark::Strike,
        "BulletedList" => Mark::Bullet,
        "NumberedList" => Mark::Number,
        "Quote" => Mark::Quote,
        "AddLink" => Mark::Link(rich.format_attr.clone().filter(|url| is_safe_url(url))?),
        // Sizes, colours and the like have no place in the tree.
        _ => return None,
    };
    span(rich.start_position, rich.end_position, mark)
}

fn mention(item: &AtItem) -> Option<Span> {
    let account = item.at_contact.as_deref().filter(|who| !who.is_empty())?;
    let mark = Mark::Mention(ExternalAccount::new(account));
    (item.at_type == ONE_CONTACT)
        .then(|| span(item.start_position, item.end_position, mark))
        .flatten()
}

fn span(start: i64, last: i64, mark: Mark) -> Option<Span> {
    let start = usize::try_from(start).ok()?;
    let end = usize::try_from(last).ok()?.saturating_add(1);
    Some(Span { start, end, mark })
}

fn tree(text: &str, spans: Vec<Span>) -> Content {
    let units: Vec<u16> = text.encode_utf16().collect();
    let spans = spans.into_iter().filter_map(|span| whole(span, &units));
    let reader = Reader {
        spans: spans.collect(),
        units: &units,
    };
    Content {
        blocks: reader.blocks(&lines(&units), Around::Nothing),
    }
}

/// Within the text, and around whole characters.
fn whole(span: Span, units: &[u16]) -> Option<Span> {
    let is_second = |at: usize| {
        units
            .get(at)
            .is_some_and(|unit| (0xdc00..0xe000).contains(unit))
    };
    let start = span.start - usize::from(span.start > 0 && is_second(span.start));
    let end = span.end.min(units.len());
    let end = end + usize::from(is_second(end));
    (start < end).then_some(Span {
        start,
        end,
        mark: span.mark,
    })
}

fn lines(units: &[u16]) -> Vec<Range<usize>> {
    let mut from = 0;
    let lines = units.split(|unit| *unit == u16::from(b'\n')).map(|line| {
        let range = from..from + line.len();
        from = range.end + 1;
        range
    });
    lines.collect()
}

/// In what the lines stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    Quote,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Text,
    Blank,
    Quoted,
    Listed { ordered: bool },
}

struct Reader<'a> {
    units: &'a [u16],
    spans: Vec<Span>,
}

/// A run of text under the same marks.
struct Piece<'a> {
    range: Range<usize>,
    marks: Vec<&'a Mark>,
}

impl Reader<'_> {
    fn blocks(&self, lines: &[Range<usize>], around: Around) -> Vec<Block> {
        let kinds: Vec<Line> = lines.iter().map(|line| self.kind(line, around)).collect();
        let mut blocks = Vec::new();
        let mut from = 0;
        while let Some(kind) = kinds.get(from).copied() {
            let run = kinds[from..].iter().take_while(|each| **each == kind);
            let to = from + run.count();
            blocks.extend(self.block(kind, &lines[from..to]));
            from = to;
        }
        blocks
    }

    fn kind(&self, line: &Range<usize>, around: Around) -> Line {
        let over = |wanted: &Mark| {
            let reach = line.end.max(line.start + 1);
            self.spans
                .iter()
                .any(|span| span.mark == *wanted && span.start < reach && span.end > line.start)
        };
        if around == Around::Nothing && over(&Mark::Quote) {
            return Line::Quoted;
        }
        if self.text(line).trim().is_empty() {
            return Line::Blank;
        }
        match (over(&Mark::Number), over(&Mark::Bullet)) {
            (true, _) => Line::Listed { ordered: true },
            (false, true) => Line::Listed { ordered: false },
            (false, false) => Line::Text,
        }
    }

    fn block(&self, kind: Line, lines: &[Range<usize>]) -> Option<Block> {
        match kind {
            Line::Blank => None,
            Line::Quoted => {
                let inner = self.blocks(lines, Around::Quote);
                (!inner.is_empty()).then_some(Block::Quote(inner))
            }
            Line::Listed { ordered } => Some(Block::List {
                ordered,
                start: 1,
                items: lines
                    .iter()
                    .map(|line| vec![Block::Paragraph(self.paragraph(std::slice::from_ref(line)))])
                    .collect(),
            }),
            Line::Text => Some(Block::Paragraph(self.paragraph(lines))),
        }
    }

    fn paragraph(&self, lines: &[Range<usize>]) -> Vec<Inline> {
        let mut inlines = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                inlines.push(Inline::LineBreak);
            }
            let (first, last) = (index == 0, index + 1 == lines.len());
            inlines.extend(self.inlines(&self.without_ends(line, first, last)));
        }
        inlines
    }

    /// White space around a paragraph is none of it.
    fn without_ends(&self, line: &Range<usize>, first: bool, last: bool) -> Range<usize> {
        let units = &self.units[line.clone()];
        let spaces =
            |unit: &&u16| char::from_u32(u32::from(**unit)).is_some_and(char::is_whitespace);
        let before = units.iter().take_while(spaces).count();
        let after = units.iter().rev().take_while(spaces).count();
        let start = line.start + if first { before } else { 0 };
        let end = line.end - if last { after } else { 0 };
        start.min(end)..end
    }

    fn inlines(&self, line: &Range<usize>) -> Vec<Inline> {
        self.nest(&self.pieces(line), 0)
    }

    /// The line cut where marks begin and end; a mention is one piece.
    fn pieces(&self, line: &Range<usize>) -> Vec<Piece<'_>> {
        let mut cuts: Vec<usize> = self
            .spans
            .iter()
            .flat_map(|span| [span.start, span.end])
            .filter(|cut| line.contains(cut) && !self.is_inside_mention(*cut))
            .chain([line.start, line.end])
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let ranges = cuts.windows(2).map(|pair| pair[0]..pair[1]);
        ranges
            .map(|range| Piece {
                marks: self.marks_at(range.start, line),
                range,
            })
            .collect()
    }

    fn is_inside_mention(&self, cut: usize) -> bool {
        self.spans
            .iter()
            .any(|span| matches!(span.mark, Mark::Mention(_)) && span.start < cut && cut < span.end)
    }

    fn marks_at(&self, at: usize, line: &Range<usize>) -> Vec<&Mark> {
        let over = self.spans.iter();
        over.filter(|span| span.start <= at && at < span.end && self.shows(span, line))
            .map(|span| &span.mark)
            .collect()
    }

    /// A link over nothing but space can be pressed by nobody.
    fn shows(&self, span: &Span, line: &Range<usize>) -> bool {
        let here = span.start.max(line.start)..span.end.min(line.end);
        !matches!(span.mark, Mark::Link(_)) || !self.text(&here).trim().is_empty()
    }

    /// Links outside of bold, bold outside of italics, those outside of strikes: one order, so that
    /// the same message is always the same tree.
    fn nest(&self, pieces: &[Piece<'_>], depth: usize) -> Vec<Inline> {
        let mut inlines = Vec::new();
        let mut rest = pieces;
        while let Some(first) = rest.first() {
            let Some(wrap) = (depth..LEVELS.len()).find_map(|at| Some((at, LEVELS[at](first)?)))
            else {
                self.leaf(first, &mut inlines);
                rest = &rest[1..];
                continue;
            };
            let (level, mark) = wrap;
            let same = |piece: &&Piece<'_>| {
                let outer = (depth..level).any(|at| LEVELS[at](piece).is_some());
                !outer && LEVELS[level](piece) == Some(mark)
            };
            let run = rest.iter().take_while(same).count();
            let children = self.nest(&rest[..run], level + 1);
            inlines.push(wrapped(mark, children));
            rest = &rest[run..];
        }
        inlines
    }

    fn leaf(&self, piece: &Piece<'_>, inlines: &mut Vec<Inline>) {
        let text = self.text(&piece.range);
        let who = piece.marks.iter().find_map(|mark| match mark {
            Mark::Mention(account) => Some(account),
            Mark::Bold
            | Mark::Italic
            | Mark::Strike
            | Mark::Bullet
            | Mark::Number
            | Mark::Quote
            | Mark::Link(_) => None,
        });
        let name = text.strip_prefix('@').unwrap_or(&text).trim();
        if let Some(account) = who.filter(|_| !name.is_empty()) {
            inlines.push(Inline::Mention {
                account: account.clone(),
                name: name.to_owned(),
            });
            return;
        }
        match inlines.last_mut() {
            Some(Inline::Text(before)) => before.push_str(&text),
            Some(_) | None if text.is_empty() => {}
            Some(_) | None => inlines.push(Inline::Text(text)),
        }
    }

    fn text(&self, range: &Range<usize>) -> String {
        let text = String::from_utf16_lossy(&self.units[range.clone()]);
        text.chars().filter(|c| !c.is_control()).collect()
    }
}

type Level = for<'a> fn(&Piece<'a>) -> Option<&'a Mark>;

const LEVELS: [Level; 4] = [
    |piece| {
        let mut marks = piece.marks.iter().copied();
        marks.find(|mark| matches!(mark, Mark::Link(_)))
    },
    |piece| has(piece, &Mark::Bold),
    |piece| has(piece, &Mark::Italic),
    |piece| has(piece, &Mark::Strike),
];

fn has<'a>(piece: &Piece<'a>, wanted: &Mark) -> Option<&'a Mark> {
    piece.marks.iter().copied().find(|mark| *mark == wanted)
}

fn wrapped(mark: &Mark, children: Vec<Inline>) -> Inline {
    let style = match mark {
        Mark::Link(url) => {
            return Inline::Link {
                url: url.clone(),
                children,
            };
        }
        Mark::Italic => Style::Italic,
        Mark::Strike => Style::Strike,
        Mark::Bold | Mark::Bullet | Mark::Number | Mark::Quote | Mark::Mention(_) => Style::Bold,
    };
    Inline::Styled { style, children }
}
