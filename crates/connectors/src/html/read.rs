//! HTML into the content tree.

use causeway_model::{Block, Content, Inline, Style};
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment, tendril::TendrilSink};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use super::{
    dom::{
        MAX_DEPTH, attribute, collect, element_name, holds_block, is_block, is_unseen, spaced,
        text_of,
    },
    is_safe_url,
    line::{Line, merged},
};

/// What a platform's HTML has beside the elements that everybody's has.
pub(crate) trait Elements {
    /// Whether the element stands by itself, outside paragraphs.
    fn is_block(&self, node: &Handle, name: &str) -> bool;

    /// What such an element says.
    fn blocks(&self, node: &Handle, name: &str) -> Vec<Block>;

    /// What an element within a line says; none where it is not one of the platform's own.
    fn inlines(&self, node: &Handle, name: &str) -> Option<Vec<Inline>>;
}

/// Reads a message's HTML. Whatever it holds, nothing of it is more than the tree can say.
pub(crate) fn read(html: &str, own: &dyn Elements) -> Content {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let dom = parse_fragment(
        RcDom::default(),
        ParseOpts::default(),
        context,
        Vec::new(),
        false,
    )
    .one(html);
    Content {
        blocks: Reader { own }.blocks(&dom.document, 0),
    }
}

struct Reader<'a> {
    own: &'a dyn Elements,
}

impl Reader<'_> {
    fn blocks(&self, parent: &Handle, depth: usize) -> Vec<Block> {
        let mut out = Blocks::default();
        self.fill(parent, depth, &mut out);
        out.finish()
    }

    fn fill(&self, parent: &Handle, depth: usize, out: &mut Blocks) {
        for node in parent.children.borrow().iter() {
            if let NodeData::Text { contents } = &node.data {
                out.line.text(&contents.borrow());
            } else if let Some(name) = element_name(node) {
                self.element(node, &name, depth + 1, out);
            }
        }
    }

    fn element(&self, node: &Handle, name: &str, depth: usize, out: &mut Blocks) {
        if depth > MAX_DEPTH {
            out.line.text(&text_of(node));
            return;
        }
        if self.own.is_block(node, name) {
            for block in self.own.blocks(node, name) {
                out.block(block);
            }
            return;
        }
        match name {
            "blockquote" => out.block(Block::Quote(self.blocks(node, depth))),
            "pre" | "codeblock" => out.block(code_block(node)),
            "ul" | "ol" => out.block(self.list(node, name == "ol", depth)),
            "table" => self.table(node, depth, out),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let children = self.line(node, depth);
                out.block(Block::Paragraph(styled(Style::Bold, children)));
            }
            "hr" => out.block(text_paragraph("---")),
            // The fragment parser's own root.
            "html" => self.fill(node, depth, out),
            _ if is_block(name) => {
                out.flush();
                self.fill(node, depth, out);
                out.flush();
            }
            _ if is_unseen(name) => {}
            _ if holds_block(node, &|node, name| self.own.is_block(node, name), depth) => {
                self.fill(node, depth, out);
            }
            _ => self.inline(node, name, depth, &mut out.line),
        }
    }

    fn inline(&self, node: &Handle, name: &str, depth: usize, line: &mut Line) {
        if let Some(inlines) = self.own.inlines(node, name) {
            for inline in inlines {
                line.whole(Some(inline));
            }
            return;
        }
        match name {
            "br" => line.line_break(),
            "b" | "strong" => self.style(node, Style::Bold, depth, line),
            "i" | "em" => self.style(node, Style::Italic, depth, line),
            "s" | "strike" | "del" => self.style(node, Style::Strike, depth, line),
            "code" => line.whole(code_span(node)),
            "a" => self.link(node, depth, line),
            _ if is_unseen(name) => {}
            _ => self.inlines(node, depth, line),
        }
    }

    fn inlines(&self, parent: &Handle, depth: usize, line: &mut Line) {
        for node in parent.children.borrow().iter() {
            if let NodeData::Text { contents } = &node.data {
                line.text(&contents.borrow());
            } else if let Some(name) = element_name(node) {
                if depth >= MAX_DEPTH {
                    line.text(&text_of(node));
                } else if is_block(&name) {
                    line.apart();
                    self.inlines(node, depth + 1, line);
                    line.apart();
                } else {
                    self.inline(node, &name, depth + 1, line);
                }
            }
        }
    }

    /// Everything within as one line, blocks told apart by line breaks.
    fn line(&self, node: &Handle, depth: usize) -> Vec<Inline> {
        let mut line = Line::default();
        self.inlines(node, depth, &mut line);
        line.finish()
    }

    fn style(&self, node: &Handle, style: Style, depth: usize, line: &mut Line) {
        let children = line.within(|inner| self.inlines(node, depth, inner));
        line.inlines.extend(styled(style, children));
    }

    fn link(&self, node: &Handle, depth: usize, line: &mut Line) {
        let url = attribute(node, "href").unwrap_or_default();
        let children = line.within(|inner| self.inlines(node, depth, inner));
        if is_safe_url(&url) {
            line.whole(Some(Inline::Link { url, children }));
        } else {
            line.inlines.extend(children);
        }
    }

    fn list(&self, node: &Handle, ordered: bool, depth: usize) -> Block {
        let mut items: Vec<Vec<Block>> = Vec::new();
        for child in node.children.borrow().iter() {
            match element_name(child).as_deref() {
                Some("li") => items.push(self.blocks(child, depth + 1)),
                // Some write a nested list beside its item rather than in it.
                Some(name @ ("ul" | "ol")) if depth < MAX_DEPTH => {
                    let nested = self.list(child, name == "ol", depth + 1);
                    match items.last_mut() {
                        Some(item) => item.push(nested),
                        None => items.push(vec![nested]),
                    }
                }
                Some(_) | None => {
                    let text = spaced(&text_of(child)).trim().to_owned();
                    if !text.is_empty() {
                        items.push(vec![text_paragraph(text)]);
                    }
                }
            }
        }
        let start = attribute(node, "start").and_then(|start| start.parse().ok());
        Block::List {
            ordered,
            start: if ordered { start.unwrap_or(1) } else { 1 },
            items,
        }
    }

    fn table(&self, node: &Handle, depth: usize, out: &mut Blocks) {
        let mut rows = Vec::new();
        collect(node, "tr", depth, &mut rows);
        for row in rows {
            let mut cells = Vec::new();
            for cell in row.children.borrow().iter() {
                if matches!(element_name(cell).as_deref(), Some("td" | "th")) {
                    if !cells.is_empty() {
                        cells.push(Inline::Text(" | ".to_owned()));
                    }
                    cells.extend(self.line(cell, depth + 1));
                }
            }
            out.block(Block::Paragraph(merged(cells)));
        }
    }
}

/// Blocks in the making, and the line that has not become a paragraph yet.
#[derive(Default)]
struct Blocks {
    done: Vec<Block>,
    line: Line,
}

impl Blocks {
    fn flush(&mut self) {
        let inlines = std::mem::take(&mut self.line).finish();
        if !inlines.is_empty() {
            self.done.push(Block::Paragraph(inlines));
        }
    }

    fn block(&mut self, block: Block) {
        self.flush();
        let empty = match &block {
            Block::Paragraph(inlines) => inlines.is_empty(),
            Block::Quote(inner) => inner.is_empty(),
            Block::Code { text } => text.is_empty(),
            Block::List { items, .. } => items.is_empty(),
            Block::Unsupported { .. } => false,
        };
        if !empty {
            self.done.push(block);
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.flush();
        self.done
    }
}

fn styled(style: Style, children: Vec<Inline>) -> Vec<Inline> {
    if children.is_empty() {
        Vec::new()
    } else {
        vec![Inline::Styled { style, children }]
    }
}

fn code_block(node: &Handle) -> Block {
    let text = spaced(&text_of(node));
    Block::Code {
        text: text.trim_end_matches('\n').to_owned(),
    }
}

fn code_span(node: &Handle) -> Option<Inline> {
    let text = spaced(&text_of(node)).replace('\n', " ");
    (!text.is_empty()).then_some(Inline::Code(text))
}

fn text_paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(vec![Inline::Text(text.into())])
}
