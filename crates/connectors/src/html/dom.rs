//! Looking into parsed HTML: names, attributes, text, and what is a block.

use markup5ever_rcdom::{Handle, NodeData};

/// Elements nested deeper than this are read as their text: nobody writes such a message by hand,
/// and our walk must not run out of stack.
pub(super) const MAX_DEPTH: usize = 48;

pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "center"
            | "blockquote"
            | "pre"
            | "codeblock"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "table"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "hr"
    )
}

/// Elements of which a reader sees nothing.
pub(super) fn is_unseen(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "iframe"
            | "object"
            | "head"
            | "title"
            | "svg"
            | "math"
            | "textarea"
            | "select"
            // Teams' own, beside what it says in other fields.
            | "systemeventmessage"
    )
}

/// Whether a block is anywhere within; `own` are the platform's own.
pub(super) fn holds_block(
    node: &Handle,
    own: &dyn Fn(&Handle, &str) -> bool,
    depth: usize,
) -> bool {
    depth <= MAX_DEPTH
        && node.children.borrow().iter().any(|child| {
            element_name(child).is_some_and(|name| {
                is_block(&name) || own(child, &name) || holds_block(child, own, depth + 1)
            })
        })
}

/// The elements of that name within, not looking into them.
pub(super) fn collect(node: &Handle, wanted: &str, depth: usize, out: &mut Vec<Handle>) {
    if depth > MAX_DEPTH {
        return;
    }
    for child in node.children.borrow().iter() {
        if element_name(child).as_deref() == Some(wanted) {
            out.push(child.clone());
        } else {
            collect(child, wanted, depth + 1, out);
        }
    }
}

pub(super) fn element_name(node: &Handle) -> Option<String> {
    match &node.data {
        NodeData::Element { name, .. } => Some(name.local.to_string()),
        NodeData::Document
        | NodeData::Doctype { .. }
        | NodeData::Text { .. }
        | NodeData::Comment { .. }
        | NodeData::ProcessingInstruction { .. } => None,
    }
}

pub(crate) fn attribute(node: &Handle, wanted: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return None;
    };
    attrs
        .borrow()
        .iter()
        .find(|attribute| &*attribute.name.local == wanted)
        .map(|attribute| attribute.value.to_string())
}

/// All text within, however deep, `br` as a line break.
pub(crate) fn text_of(node: &Handle) -> String {
    let mut out = String::new();
    let mut open: Vec<Handle> = vec![node.clone()];
    while let Some(next) = open.pop() {
        match &next.data {
            NodeData::Text { contents } => out.push_str(&contents.borrow()),
            NodeData::Element { name, .. } if &*name.local == "br" => out.push('\n'),
            NodeData::Element { .. }
            | NodeData::Document
            | NodeData::Doctype { .. }
            | NodeData::Comment { .. }
            | NodeData::ProcessingInstruction { .. } => {}
        }
        open.extend(next.children.borrow().iter().rev().cloned());
    }
    out
}

/// No-break spaces as plain ones.
pub(crate) fn spaced(text: &str) -> String {
    text.replace('\u{a0}', " ")
}
