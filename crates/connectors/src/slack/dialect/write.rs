//! Writes pieces as `rich_text` blocks, so that a message looks as if it had been typed.

use serde_json::{Value, json};

use super::{
    lower::run_length,
    piece::{Item, List, Piece},
    run::{self, Atom, Run, Styles},
};

/// The letters that one block holds.
pub(super) const BLOCK_LIMIT: usize = 3_000;

/// Between paragraphs of one section: a blank line, as a person would type it.
const PARAGRAPH_BREAKS: usize = 2;

/// An element of `rich_text` and the letters in it.
type Sized = (Value, usize);

pub(super) fn blocks(pieces: &[Piece]) -> Vec<Value> {
    let mut blocks: Vec<Vec<Value>> = Vec::new();
    let mut room = 0;
    for (element, size) in elements(pieces, Frame::Open) {
        if size > room || blocks.is_empty() {
            blocks.push(Vec::new());
            room = BLOCK_LIMIT;
        }
        room = room.saturating_sub(size);
        if let Some(block) = blocks.last_mut() {
            block.push(element);
        }
    }
    let block = |elements| json!({ "type": "rich_text", "elements": elements });
    blocks.into_iter().map(block).collect()
}

/// Whether elements stand in a quote, which Slack shows as a border beside them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Open,
    Quoted,
}

fn elements(pieces: &[Piece], frame: Frame) -> Vec<Sized> {
    let mut elements = Vec::new();
    let both_text = |a: &Piece, b: &Piece| matches!((a, b), (Piece::Text(_), Piece::Text(_)));
    for group in pieces.chunk_by(both_text) {
        match group {
            [Piece::Code(text)] => {
                let inner = vec![json!({ "type": "text", "text": text })];
                let element = framed("rich_text_preformatted", inner, frame);
                elements.push((element, super::lower::length(text)));
            }
            [Piece::Quote(inner)] => elements.extend(self::elements(inner, Frame::Quoted)),
            [Piece::List(list)] => write_list(list, 0, frame, &mut elements),
            paragraphs => elements.extend(sections(paragraphs, frame)),
        }
    }
    elements
}

/// Paragraphs, as many to a section as fit into a block.
fn sections(paragraphs: &[Piece], frame: Frame) -> Vec<Sized> {
    let kind = match frame {
        Frame::Open => "rich_text_section",
        Frame::Quoted => "rich_text_quote",
    };
    let mut sections: Vec<(Vec<Run>, usize)> = Vec::new();
    for piece in paragraphs {
        let Piece::Text(runs) = piece else { continue };
        let size = runs.iter().map(run_length).sum::<usize>();
        match sections.last_mut() {
            Some((section, used)) if *used + PARAGRAPH_BREAKS + size <= BLOCK_LIMIT => {
                section.extend(std::iter::repeat_n(plain_break(), PARAGRAPH_BREAKS));
                section.extend(runs.iter().cloned());
                *used += PARAGRAPH_BREAKS + size;
            }
            Some(_) | None => sections.push((runs.clone(), size)),
        }
    }
    let element = |(runs, size): (Vec<Run>, usize)| {
        (json!({ "type": kind, "elements": inlines(runs) }), size)
    };
    sections.into_iter().map(element).collect()
}

fn plain_break() -> Run {
    Run::new(Styles::default(), Atom::Break)
}

fn framed(kind: &str, elements: Vec<Value>, frame: Frame) -> Value {
    match frame {
        Frame::Open => json!({ "type": kind, "elements": elements }),
        Frame::Quoted => json!({ "type": kind, "elements": elements, "border": 1 }),
    }
}

/// One element for each stretch of items that no list under them, and no limit, breaks up.
fn write_list(list: &List, indent: usize, frame: Frame, elements: &mut Vec<Sized>) {
    let mut stretch = Stretch::starting(0);
    for (index, item) in list.items.iter().enumerate() {
        let section = item_section(item);
        if stretch.size + section.1 > BLOCK_LIMIT {
            stretch.end(list, indent, frame, elements);
            stretch = Stretch::starting(index);
        }
        stretch.size += section.1;
        stretch.sections.push(section.0);
        if !item.lists.is_empty() {
            stretch.end(list, indent, frame, elements);
            stretch = Stretch::starting(index + 1);
            for under in &item.lists {
                write_list(under, indent + 1, frame, elements);
            }
        }
    }
    stretch.end(list, indent, frame, elements);
}

struct Stretch {
    first: usize,
    sections: Vec<Value>,
    size: usize,
}

impl Stretch {
    fn starting(first: usize) -> Self {
        Self {
            first,
            sections: Vec::new(),
            size: 0,
        }
    }

    fn end(&mut self, list: &List, indent: usize, frame: Frame, elements: &mut Vec<Sized>) {
        if self.sections.is_empty() {
            return;
        }
        let sections = std::mem::take(&mut self.sections);
        let mut element = framed("rich_text_list", sections, frame);
        element["style"] = if list.ordered { "ordered" } else { "bullet" }.into();
        element["indent"] = indent.into();
        let offset = u64::from(list.start.saturating_sub(1)) + self.first as u64;
        if list.ordered && offset > 0 {
            element["offset"] = offset.into();
        }
        elements.push((element, self.size));
    }
}

fn item_section(item: &Item) -> Sized {
    let mut runs = Vec::new();
    for (index, paragraph) in item.paragraphs.iter().enumerate() {
        if index > 0 {
            runs.extend(std::iter::repeat_n(plain_break(), PARAGRAPH_BREAKS));
        }
        runs.extend(paragraph.iter().cloned());
    }
    let size = runs.iter().map(run_length).sum();
    (
        json!({ "type": "rich_text_section", "elements": inlines(runs) }),
        size,
    )
}

fn inlines(runs: Vec<Run>) -> Vec<Value> {
    let as_text = |run: Run| match run.atom {
        Atom::Break => Run::new(run.styles, Atom::Text("\n".to_owned())),
        Atom::Text(_) | Atom::Code(_) | Atom::Mention { .. } | Atom::Emoji { .. } => run,
    };
    let runs = run::merge(runs.into_iter().map(as_text).collect());
    runs.into_iter().map(inline).collect()
}

fn inline(run: Run) -> Value {
    let mut code = false;
    let mut element = match (run.atom, run.link) {
        (Atom::Text(text), None) => json!({ "type": "text", "text": text }),
        (Atom::Text(text), Some(url)) if text.is_empty() => json!({ "type": "link", "url": url }),
        (Atom::Text(text), Some(url)) => json!({ "type": "link", "url": url, "text": text }),
        (Atom::Code(text), None) => {
            code = true;
            json!({ "type": "text", "text": text })
        }
        (Atom::Code(text), Some(url)) => {
            code = true;
            json!({ "type": "link", "url": url, "text": text })
        }
        (Atom::Mention { account, .. }, _) => json!({ "type": "user", "user_id": account }),
        (Atom::Emoji { short_name, .. }, _) => json!({ "type": "emoji", "name": short_name }),
        (Atom::Break, _) => json!({ "type": "text", "text": "\n" }),
    };
    if let Some(style) = style(run.styles, code) {
        element["style"] = style;
    }
    element
}

fn style(styles: Styles, code: bool) -> Option<Value> {
    let flags = [
        ("bold", styles.bold),
        ("italic", styles.italic),
        ("strike", styles.strike),
        ("code", code),
    ];
    let set = flags.into_iter().filter(|(_, on)| *on);
    let style: serde_json::Map<_, _> = set.map(|(name, on)| (name.to_owned(), on.into())).collect();
    (!style.is_empty()).then_some(Value::Object(style))
}
