//! What Teams keeps of the HTML that it is sent.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/chatmessage>, and the elements that the
//! client renders. Scripts and styles go with their content, other elements leave their content
//! behind, and nearly all attributes are dropped.

use html5ever::{
    LocalName, ParseOpts, QualName, local_name, ns, parse_fragment, tendril::TendrilSink,
};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

const KEPT: &[&str] = &[
    "a",
    "at",
    "attachment",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "emoji",
    "h1",
    "h2",
    "h3",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strike",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];
const DROPPED_WHOLE: &[&str] = &[
    "head", "iframe", "noscript", "object", "script", "style", "template", "title",
];
const VOID: &[&str] = &["br", "hr", "img"];

/// Clean HTML: normalised by an HTML parser, with only what Teams keeps.
pub fn clean(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let dom = parse(html);
    for child in root(&dom).children.borrow().iter() {
        write(child, &mut out);
    }
    out
}

/// The values of attribute `id` of each element of this name, in document order.
pub fn ids_of(html: &str, element: &str) -> Vec<String> {
    let mut found = Vec::new();
    let dom = parse(html);
    collect_ids(&root(&dom), element, &mut found);
    found
}

/// Whether a reader would see anything at all.
pub fn is_blank(html: &str) -> bool {
    fn blank(node: &Handle) -> bool {
        let own = match &node.data {
            NodeData::Text { contents } => contents.borrow().trim().is_empty(),
            NodeData::Element { name, .. } => {
                !matches!(&*name.local, "img" | "attachment" | "emoji" | "hr")
            }
            NodeData::Document
            | NodeData::Doctype { .. }
            | NodeData::Comment { .. }
            | NodeData::ProcessingInstruction { .. } => true,
        };
        own && node.children.borrow().iter().all(blank)
    }
    let dom = parse(html);
    blank(&root(&dom))
}

/// Text as it stands between tags.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\u{a0}', "&nbsp;")
}

/// The fragment as a tree. Its nodes are emptied when the tree is dropped, whoever holds them.
fn parse(html: &str) -> RcDom {
    let context = QualName::new(None, ns!(html), local_name!("body"));
    parse_fragment(
        RcDom::default(),
        ParseOpts::default(),
        context,
        Vec::new(),
        false,
    )
    .one(html)
}

/// The element whose children are the fragment's nodes.
fn root(dom: &RcDom) -> Handle {
    let root = dom.document.children.borrow().first().cloned();
    root.unwrap_or_else(|| dom.document.clone())
}

fn write(node: &Handle, out: &mut String) {
    match &node.data {
        NodeData::Text { contents } => out.push_str(&escape(&contents.borrow())),
        NodeData::Element { name, attrs, .. } => {
            let tag = &*name.local;
            if DROPPED_WHOLE.contains(&tag) {
                return;
            }
            let kept = KEPT.contains(&tag);
            if kept {
                out.push('<');
                out.push_str(tag);
                for attribute in attrs.borrow().iter() {
                    write_attribute(tag, &attribute.name.local, &attribute.value, out);
                }
                out.push('>');
            }
            for child in node.children.borrow().iter() {
                write(child, out);
            }
            if kept && !VOID.contains(&tag) {
                out.push_str("</");
                out.push_str(tag);
                out.push('>');
            }
        }
        NodeData::Document
        | NodeData::Doctype { .. }
        | NodeData::Comment { .. }
        | NodeData::ProcessingInstruction { .. } => {}
    }
}

fn write_attribute(tag: &str, name: &LocalName, value: &str, out: &mut String) {
    let keep = match tag {
        "a" => matches!(&**name, "href" | "title") && is_safe_link(value),
        "at" | "attachment" => &**name == "id",
        "emoji" => matches!(&**name, "id" | "alt" | "title"),
        "img" => matches!(&**name, "src" | "alt" | "width" | "height" | "style"),
        "td" | "th" => matches!(&**name, "colspan" | "rowspan"),
        "ol" => &**name == "start",
        _ => false,
    };
    if keep {
        let value = escape(value).replace('"', "&quot;");
        out.push_str(&format!(" {}=\"{value}\"", &**name));
    }
}

fn is_safe_link(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    !["javascript:", "data:", "vbscript:"]
        .iter()
        .any(|scheme| value.starts_with(scheme))
}

fn collect_ids(node: &Handle, element: &str, found: &mut Vec<String>) {
    if let NodeData::Element { name, attrs, .. } = &node.data
        && &*name.local == element
    {
        let id = attrs
            .borrow()
            .iter()
            .find(|attribute| &*attribute.name.local == "id")
            .map(|attribute| attribute.value.to_string());
        found.push(id.unwrap_or_default());
    }
    for child in node.children.borrow().iter() {
        collect_ids(child, element, found);
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, ids_of, is_blank};

    #[test]
    fn scripts_styles_and_most_attributes_are_dropped_and_tags_are_closed() {
        let cleaned = clean(
            "<P class='x' onclick='y()'>Hi <B>bold<script>alert(1)</script><span data-r='7'>there</span>\
             <br/><a href='javascript:x'>bad</a><a href=\"https://a.example/?q=1&amp;r=2\" target=_blank>ok</a>\
             <style>p{}</style><!-- hidden -->",
        );
        assert_eq!(
            cleaned,
            "<p>Hi <b>bold".to_owned()
                + "there<br><a>bad</a><a href=\"https://a.example/?q=1&amp;r=2\">ok</a></b></p>"
        );
        assert_eq!(clean(&cleaned), cleaned);
    }

    #[test]
    fn mentions_keep_their_ids_and_an_empty_body_is_blank() {
        let html = "<div><at id=\"0\">Bob</at> and <at id='1'>Ann</at></div>";
        assert_eq!(ids_of(html, "at"), ["0", "1"]);
        assert!(is_blank("<p> <br></p>") && !is_blank(html) && !is_blank("<img src='x'>"));
    }
}
