//! Text with marks on ranges of it: what Zoom's messages are made of.
//!
//! Positions count UTF-16 code units, and ends are exclusive here.

use causeway_model::ExternalAccount;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    Bold,
    Italic,
    Strike,
    Bullet,
    Number,
    Quote,
    Link(String),
    Mention(ExternalAccount),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    pub mark: Mark,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Flat {
    pub text: String,
    /// Of the text, in UTF-16 code units.
    pub length: usize,
    pub spans: Vec<Span>,
}

impl Flat {
    /// The text without what no message can hold.
    pub(super) fn text(text: &str) -> Self {
        let mut flat = Self::default();
        flat.push(text);
        flat
    }

    pub(super) fn push(&mut self, text: &str) {
        for c in text.chars() {
            let c = if c == '\t' { ' ' } else { c };
            if c == '\n' || !c.is_control() {
                self.text.push(c);
                self.length += c.len_utf16();
            }
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        let by = self.length;
        self.text.push_str(&other.text);
        self.length += other.length;
        self.spans.extend(other.spans.into_iter().map(|span| Span {
            start: span.start + by,
            end: span.end + by,
            mark: span.mark,
        }));
    }

    /// All of it marked; nothing where there is nothing.
    pub(super) fn under(mut self, mark: Mark) -> Self {
        if self.length > 0 {
            let (start, end) = (0, self.length);
            self.spans.push(Span { start, end, mark });
        }
        self
    }

    /// Without white space at its ends.
    pub(super) fn trimmed(self) -> Self {
        let before = units(&self.text) - units(self.text.trim_start());
        let inner = units(self.text.trim());
        match inner == self.length {
            true => self,
            false => self.slice(before, before + inner),
        }
    }

    /// A part, with what is marked in it.
    pub(super) fn slice(&self, from: usize, to: usize) -> Self {
        let text = &self.text[byte_at(&self.text, from)..byte_at(&self.text, to)];
        let spans = self.spans.iter().filter_map(|span| {
            let start = span.start.max(from);
            let end = span.end.min(to);
            (start < end).then(|| Span {
                start: start - from,
                end: end - from,
                mark: span.mark.clone(),
            })
        });
        Self {
            length: units(text),
            spans: spans.collect(),
            text: text.to_owned(),
        }
    }
}

pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The byte where this unit stands, or that after a character of which it is the second half.
fn byte_at(text: &str, unit: usize) -> usize {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units >= unit {
            return at;
        }
        units += c.len_utf16();
    }
    text.len()
}
