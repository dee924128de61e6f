//! The content tree into HTML that Graph keeps.

use crate::{
    html::{is_safe_url, one_line},
    teams::wire::{Identity, Mention, Mentioned},
};
use causeway_model::{Block, Content, ExternalAccount, Inline, Style};

/// A message's body, and the mentions that its `at` elements refer to.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::teams) struct Written {
    pub html: String,
    pub mentions: Vec<Mention>,
}

/// Writes the content. Whatever it holds, the result has only the elements named here, with all
/// text and every attribute escaped.
pub(in crate::teams) fn write(content: &Content) -> Written {
    let mut writer = Writer {
        html: String::new(),
        mentions: Vec::new(),
        after_space: true,
        in_link: false,
    };
    writer.blocks(&content.blocks);
    Written {
        html: writer.html,
        mentions: writer.mentions,
    }
}

/// Graph refuses the whole message for a mention of something that is no user: 36 letters of a
/// GUID are one.
fn is_user_id(account: &ExternalAccount) -> bool {
    uuid::Uuid::try_parse(account.as_str()).is_ok() && account.as_str().len() == 36
}

struct Writer {
    html: String,
    mentions: Vec<Mention>,
    /// The next space would be swallowed.
    after_space: bool,
    in_link: bool,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(inlines) => self.wrapped("p", |writer| writer.line(inlines)),
            Block::Quote(inner) => self.wrapped("blockquote", |writer| writer.blocks(inner)),
            Block::Code { text } => self.code_block(text),
            Block::List {
                ordered,
                start,
                items,
            } => self.list(*ordered, *start, items),
            Block::Unsupported { description, url } => {
                self.unsupported(description, url.as_deref())
            }
        }
    }

    /// An element, left out again when nothing came into it.
    fn wrapped(&mut self, element: &str, fill: impl FnOnce(&mut Self)) {
        let before = self.html.len();
        self.html.push_str(&format!("<{element}>"));
        let inside = self.html.len();
        fill(self);
        if self.html.len() == inside {
            self.html.truncate(before);
        } else {
            self.html.push_str(&format!("</{element}>"));
        }
    }

    fn line(&mut self, inlines: &[Inline]) {
        self.after_space = true;
        self.inlines(inlines);
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text(text) => self.text(text),
            Inline::Styled { style, children } => {
                let element = match style {
                    Style::Bold => "strong",
                    Style::Italic => "em",
                    Style::Strike => "s",
                };
                self.wrapped(element, |writer| writer.inlines(children));
            }
            Inline::Code(text) => self.wrapped("code", |writer| {
                writer.verbatim(&text.replace('\n', " "));
                writer.after_space = false;
            }),
            Inline::Link { url, children } => self.link(url, children),
            Inline::Mention { account, name } => self.mention(account, name),
            Inline::Emoji {
                short_name,
                unicode,
            } => self.emoji(short_name.as_deref(), unicode.as_deref()),
            Inline::LineBreak => self.line_break(),
        }
    }

    fn line_break(&mut self) {
        self.html.push_str("<br>");
        self.after_space = true;
    }

    /// Text whose runs of spaces stay, as no-break spaces where HTML would swallow them.
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.line_break(),
                ' ' | '\t' | '\u{a0}' => {
                    self.html
                        .push_str(if self.after_space { "&nbsp;" } else { " " });
                    self.after_space = true;
                }
                _ => {
                    let before = self.html.len();
                    escape(c, &mut self.html);
                    self.after_space &= self.html.len() == before;
                }
            }
        }
    }

    /// Text whose white space is kept by the element it stands in.
    fn verbatim(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' | '\t' => self.html.push(c),
                '\u{a0}' => self.html.push(' '),
                _ => escape(c, &mut self.html),
            }
        }
    }

    fn code_block(&mut self, text: &str) {
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            return;
        }
        self.wrapped("pre", |writer| {
            // HTML drops a line break that comes first.
            if text.starts_with('\n') {
                writer.html.push('\n');
            }
            writer.verbatim(text);
        });
    }

    fn list(&mut self, ordered: bool, start: u32, items: &[Vec<Block>]) {
        if items.is_empty() {
            return;
        }
        let (open, close) = match (ordered, start) {
            (false, _) => ("<ul>".to_owned(), "</ul>"),
            (true, 1) => ("<ol>".to_owned(), "</ol>"),
            (true, start) => (format!("<ol start=\"{start}\">"), "</ol>"),
        };
        self.html.push_str(&open);
        for item in items {
            self.html.push_str("<li>");
            match item.as_slice() {
                [Block::Paragraph(inlines)] => self.line(inlines),
                blocks => self.blocks(blocks),
            }
            self.html.push_str("</li>");
        }
        self.html.push_str(close);
    }

    fn unsupported(&mut self, description: &str, url: Option<&str>) {
        self.wrapped("p", |writer| {
            writer.after_space = true;
            writer.wrapped("em", |writer| writer.text(description));
            if let Some(url) = url.filter(|url| is_safe_url(url)) {
                writer.text(" ");
                writer.link(url, &[]);
            }
        });
    }

    fn link(&mut self, url: &str, children: &[Inline]) {
        let nested = self.in_link;
        if nested || !is_safe_url(url) {
            if children.is_empty() {
                self.text(url);
            }
            self.inlines(children);
            return;
        }
        self.html.push_str("<a href=\"");
        url.chars().for_each(|c| escape(c, &mut self.html));
        self.html.push_str("\">");
        self.in_link = true;
        let inside = self.html.len();
        self.inlines(children);
        if self.html.len() == inside {
            self.text(url);
        }
        self.in_link = false;
        self.html.push_str("</a>");
        self.after_space = false;
    }

    fn mention(&mut self, account: &ExternalAccount, name: &str) {
        let name = one_line(name);
        if !is_user_id(account) || name.is_empty() {
            self.text(&format!("@{name}"));
            return;
        }
        let id = i64::try_from(self.mentions.len()).unwrap_or(i64::MAX);
        self.html.push_str(&format!("<at id=\"{id}\">"));
        self.verbatim(&name);
        self.html.push_str("</at>");
        self.after_space = false;
        self.mentions.push(Mention {
            id,
            mention_text: Some(name.clone()),
            mentioned: Some(Mentioned {
                user: Some(Identity {
                    id: account.as_str().to_owned(),
                    display_name: Some(name),
                    user_identity_type: Some("aadUser".to_owned()),
                }),
            }),
        });
    }

    fn emoji(&mut self, short_name: Option<&str>, unicode: Option<&str>) {
        let known = || short_name.and_then(emojis::get_by_shortcode);
        match (unicode, known()) {
            (Some(unicode), _) => self.text(unicode),
            (None, Some(emoji)) => self.text(emoji.as_str()),
            (None, None) => self.text(&format!(":{}:", short_name.unwrap_or("emoji"))),
        }
    }
}

/// Control characters mean nothing in HTML, and some end a parse; they are left out.
fn escape(c: char, html: &mut String) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\'' => html.push_str("&#39;"),
        _ if c.is_control() => {}
        _ => html.push(c),
    }
}
