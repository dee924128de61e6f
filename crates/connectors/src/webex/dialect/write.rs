//! The content tree into Markdown.
//!
//! What was written is read again before it leaves: markup that would not come out as markup (a
//! bold word with letters on both sides) is left out rather than shown as its signs.

use causeway_model::{Block, Content, ExternalAccount, Inline, Style};

use super::{
    escape::{Escaper, code, mention_name, target},
    read_markdown,
};
use crate::{
    html::{is_safe_url, one_line},
    webex::ids::is_id,
};

const HARD_BREAK: &str = "  \n";

/// Writes the content. Whatever it holds, the result has only the markup named here.
pub(in crate::webex) fn write(content: &Content) -> String {
    let blocks = content.blocks.iter().map(block);
    joined(blocks.filter(|block| !block.is_empty()))
}

fn joined(blocks: impl Iterator<Item = String>) -> String {
    let blocks: Vec<String> = blocks.collect();
    blocks.join("\n\n")
}

/// One block, with as much of its markup as survives.
fn block(block: &Block) -> String {
    for styles in [Styles::Shown, Styles::LeftOut] {
        let written = Written::of(block, styles);
        if written.survives() {
            return written.markdown;
        }
    }
    let plain = Written::of(block, Styles::LeftOut).shown;
    let lines = Content::plain(plain.trim_end());
    let lines = lines.blocks.first();
    lines.map_or_else(String::new, |lines| {
        Written::of(lines, Styles::LeftOut).markdown
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Styles {
    Shown,
    LeftOut,
}

struct Written {
    markdown: String,
    /// The letters that a reader must come to see.
    shown: String,
}

impl Written {
    fn of(block: &Block, styles: Styles) -> Self {
        let mut writer = Writer {
            shown: String::new(),
            styles,
        };
        Self {
            markdown: writer.block(block),
            shown: writer.shown,
        }
    }

    fn survives(&self) -> bool {
        let read = read_markdown(&self.markdown).fingerprint();
        read == Content::plain(&self.shown).fingerprint()
    }
}

struct Writer {
    shown: String,
    styles: Styles,
}

/// One line's Markdown in the making.
struct Line {
    out: String,
    escaper: Escaper,
    bold: bool,
    italic: bool,
    in_link: bool,
    /// Where the last style ended, and with which sign: the same again goes on with it.
    closed: Option<(usize, &'static str)>,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block]) -> String {
        let mut out = String::new();
        for block in blocks {
            let written = self.block(block);
            if written.is_empty() {
                continue;
            }
            if !out.is_empty() {
                out.push_str(if is_interrupting(block) { "\n" } else { "\n\n" });
            }
            out.push_str(&written);
        }
        out
    }

    fn block(&mut self, block: &Block) -> String {
        let written = match block {
            Block::Paragraph(inlines) => self.paragraph(inlines),
            Block::Quote(inner) => prefixed(&self.blocks(inner), "> ", "> "),
            Block::Code { text } => self.code_block(text),
            Block::List {
                ordered,
                start,
                items,
            } => self.list(*ordered, *start, items),
            Block::Unsupported { description, url } => {
                self.unsupported(description, url.as_deref())
            }
        };
        self.shown.push('\n');
        written
    }

    fn paragraph(&mut self, inlines: &[Inline]) -> String {
        let mut line = Line::new();
        self.inlines(inlines, &mut line);
        let is_mark = |c: char| c == '\n' || c == ' ';
        line.out.trim_matches(is_mark).to_owned()
    }

    fn code_block(&mut self, text: &str) -> String {
        let text: String = text
            .chars()
            .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
            .collect();
        let text = code(text.trim_end_matches('\n'));
        if text.trim().is_empty() {
            return String::new();
        }
        self.shown.push_str(&text);
        let fence = "`".repeat(longest_run(&text).max(2) + 1);
        format!("{fence}\n{text}\n{fence}")
    }

    fn list(&mut self, ordered: bool, start: u32, items: &[Vec<Block>]) -> String {
        let mut lines = Vec::new();
        let mut number = start;
        for item in items {
            let mark = match ordered {
                true => format!("{number}. "),
                false => "- ".to_owned(),
            };
            number = number.saturating_add(1);
            let within = self.blocks(item);
            let indent = " ".repeat(mark.len());
            lines.push(match within.is_empty() {
                true => mark.trim_end().to_owned(),
                false => prefixed(&within, &mark, &indent),
            });
        }
        lines.join("\n")
    }

    fn unsupported(&mut self, description: &str, url: Option<&str>) -> String {
        let mut inlines = vec![Inline::Styled {
            style: Style::Italic,
            children: vec![Inline::Text(one_line(description))],
        }];
        if let Some(url) = url.filter(|url| is_safe_url(url)) {
            inlines.push(Inline::Text(" ".to_owned()));
            inlines.push(Inline::Link {
                url: url.to_owned(),
                children: Vec::new(),
            });
        }
        self.paragraph(&inlines)
    }

    fn inlines(&mut self, inlines: &[Inline], line: &mut Line) {
        for inline in inlines {
            self.inline(inline, line);
        }
    }

    fn inline(&mut self, inline: &Inline, line: &mut Line) {
        match inline {
            Inline::Text(text) => self.text(text, line),
            Inline::Styled { style, children } => self.styled(*style, children, line),
            Inline::Code(text) => self.code_span(text, line),
            Inline::Link { url, children } => self.link(url, children, line),
            Inline::Mention { account, name } => self.mention(account, name, line),
            Inline::Emoji {
                short_name,
                unicode,
            } => self.emoji(short_name.as_deref(), unicode.as_deref(), line),
            Inline::LineBreak => self.text("\n", line),
        }
    }

    fn text(&mut self, text: &str, line: &mut Line) {
        for c in text.chars() {
            if c == '\n' {
                self.shown.push(c);
                line.line_break();
            } else if c == '\t' || !c.is_control() {
                self.shown.push(c);
                line.escaper.push(c, &mut line.out);
            }
        }
    }

    /// There is no way to strike anything through.
    fn styled(&mut self, style: Style, children: &[Inline], line: &mut Line) {
        let sign = match style {
            Style::Bold if !line.bold => "**",
            Style::Italic if !line.italic => "*",
            Style::Bold | Style::Italic | Style::Strike => "",
        };
        if sign.is_empty() || self.styles == Styles::LeftOut {
            return self.inlines(children, line);
        }
        let mut inner = line.within();
        inner.bold |= style == Style::Bold;
        inner.italic |= style == Style::Italic;
        self.inlines(children, &mut inner);
        line.wrap(inner, sign);
    }

    fn code_span(&mut self, text: &str, line: &mut Line) {
        let text = text.replace(['\n', '\t'], " ");
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let text = code(&text);
        if text.trim().is_empty() {
            return self.text(&text, line);
        }
        self.shown.push_str(&text);
        let fence = "`".repeat(longest_run(&text) + 1);
        let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
            " "
        } else {
            ""
        };
        line.other(&format!("{fence}{pad}{text}{pad}{fence}"));
    }

    fn link(&mut self, url: &str, children: &[Inline], line: &mut Line) {
        if line.in_link || !is_safe_url(url) {
            if children.is_empty() {
                self.text(url, line);
            }
            return self.inlines(children, line);
        }
        let mut inner = line.within();
        inner.in_link = true;
        self.inlines(children, &mut inner);
        if inner.out.trim().is_empty() {
            self.text(url, &mut inner);
        }
        line.other(&format!("[{}]({})", inner.out.trim(), target(url)));
    }

    fn mention(&mut self, account: &ExternalAccount, name: &str, line: &mut Line) {
        let name = mention_name(&one_line(name));
        if !is_id(account.as_str()) || name.is_empty() || line.in_link {
            return self.text(&format!("@{name}"), line);
        }
        self.shown.push('@');
        self.shown.push_str(&name);
        line.other(&format!("<@personId:{account}|{name}>"));
    }

    fn emoji(&mut self, short_name: Option<&str>, unicode: Option<&str>, line: &mut Line) {
        let known = || short_name.and_then(emojis::get_by_shortcode);
        match (unicode, known()) {
            (Some(unicode), _) => self.text(unicode, line),
            (None, Some(emoji)) => self.text(emoji.as_str(), line),
            (None, None) => self.text(&format!(":{}:", short_name.unwrap_or("emoji")), line),
        }
    }
}

impl Line {
    fn new() -> Self {
        Self {
            out: String::new(),
            escaper: Escaper::at_line_start(),
            bold: false,
            italic: false,
            in_link: false,
            closed: None,
        }
    }

    /// What goes on from here, between signs of its own.
    fn within(&self) -> Self {
        Self {
            out: String::new(),
            escaper: self.escaper.clone(),
            closed: None,
            ..*self
        }
    }

    fn line_break(&mut self) {
        if !self.out.is_empty() {
            self.out.push_str(HARD_BREAK);
        }
        self.escaper = Escaper::at_line_start();
    }

    fn other(&mut self, markdown: &str) {
        self.out.push_str(markdown);
        self.escaper.past_other();
    }

    /// Puts the signs directly around the words: beside white space they would not be markup.
    fn wrap(&mut self, inner: Self, sign: &'static str) {
        let words = inner.out.trim();
        let begins = inner.out.len() - inner.out.trim_start().len();
        let (before, after) = (&inner.out[..begins], &inner.out[begins + words.len()..]);
        self.escaper = inner.escaper;
        if words.is_empty() {
            self.out.push_str(&inner.out);
            return;
        }
        if before.is_empty() && self.closed == Some((self.out.len(), sign)) {
            self.out.truncate(self.out.len() - sign.len());
        } else {
            self.out.push_str(before);
            self.out.push_str(sign);
        }
        self.out.push_str(words);
        self.out.push_str(sign);
        self.closed = Some((self.out.len(), sign));
        self.out.push_str(after);
    }
}

/// Whether a block may follow a paragraph without an empty line, which would part the items of a
/// list.
fn is_interrupting(block: &Block) -> bool {
    match block {
        Block::List { ordered, start, .. } => !ordered || *start == 1,
        Block::Paragraph(_) | Block::Quote(_) | Block::Code { .. } | Block::Unsupported { .. } => {
            false
        }
    }
}

fn prefixed(text: &str, first: &str, others: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let lines = text.split('\n').enumerate().map(|(index, line)| {
        let prefix = if index == 0 { first } else { others };
        match line.is_empty() {
            true => prefix.trim_end().to_owned(),
            false => format!("{prefix}{line}"),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}
