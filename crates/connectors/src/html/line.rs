//! One line in the making: text with its white space as a browser shows it.

use causeway_model::Inline;

/// Inlines in the making. White space is collapsed as a browser does; a no-break space is a space
/// that stays.
pub(super) struct Line {
    pub inlines: Vec<Inline>,
    after_space: bool,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            inlines: Vec::new(),
            after_space: true,
        }
    }
}

impl Line {
    pub(super) fn text(&mut self, text: &str) {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii_whitespace() {
                if !self.after_space {
                    out.push(' ');
                }
                self.after_space = true;
            } else {
                out.push(if c == '\u{a0}' { ' ' } else { c });
                self.after_space = false;
            }
        }
        push_text(&mut self.inlines, out);
    }

    pub(super) fn whole(&mut self, inline: Option<Inline>) {
        if let Some(inline) = inline {
            match inline {
                Inline::Text(text) => push_text(&mut self.inlines, text),
                other => self.inlines.push(other),
            }
            self.after_space = false;
        }
    }

    pub(super) fn line_break(&mut self) {
        self.inlines.push(Inline::LineBreak);
        self.after_space = true;
    }

    /// A line break where something stands before it already.
    pub(super) fn apart(&mut self) {
        if !matches!(self.inlines.last(), None | Some(Inline::LineBreak)) {
            self.line_break();
        }
    }

    pub(super) fn within(&mut self, fill: impl FnOnce(&mut Self)) -> Vec<Inline> {
        let mut inner = Self {
            inlines: Vec::new(),
            after_space: self.after_space,
        };
        fill(&mut inner);
        self.after_space = inner.after_space;
        inner.inlines
    }

    pub(super) fn finish(mut self) -> Vec<Inline> {
        trim_end(&mut self.inlines);
        trim_start(&mut self.inlines);
        self.inlines
    }
}

fn push_text(inlines: &mut Vec<Inline>, text: String) {
    if text.is_empty() {
        return;
    }
    match inlines.last_mut() {
        Some(Inline::Text(before)) => before.push_str(&text),
        Some(_) | None => inlines.push(Inline::Text(text)),
    }
}

/// The inlines with neighbouring texts made one, and no space around them.
pub(super) fn merged(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut line = Line::default();
    for inline in inlines {
        line.whole(Some(inline));
    }
    line.finish()
}

fn trim_end(inlines: &mut Vec<Inline>) {
    while let Some(last) = inlines.last_mut() {
        let empty = match last {
            Inline::LineBreak => true,
            Inline::Text(text) => {
                text.truncate(text.trim_end_matches(' ').len());
                text.is_empty()
            }
            Inline::Styled { children, .. } => {
                trim_end(children);
                children.is_empty()
            }
            Inline::Code(_)
            | Inline::Link { .. }
            | Inline::Mention { .. }
            | Inline::Emoji { .. } => false,
        };
        if !empty {
            return;
        }
        inlines.pop();
    }
}

fn trim_start(inlines: &mut Vec<Inline>) {
    while let Some(first) = inlines.first_mut() {
        let empty = match first {
            Inline::LineBreak => true,
            Inline::Text(text) => {
                *text = text.trim_start_matches(' ').to_owned();
                text.is_empty()
            }
            Inline::Styled { children, .. } => {
                trim_start(children);
                children.is_empty()
            }
            Inline::Code(_)
            | Inline::Link { .. }
            | Inline::Mention { .. }
            | Inline::Emoji { .. } => false,
        };
        if !empty {
            return;
        }
        inlines.remove(0);
    }
}
