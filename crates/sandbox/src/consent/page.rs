//! A page as a browser reads it: its first form, and its links.

use html5ever::{ParseOpts, parse_document, tendril::TendrilSink};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// What a person can do next on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Form(Form),
    /// The target of a link, as it stands there.
    Link(String),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// As it stands there; empty means the page's own address.
    pub action: String,
    pub posts: bool,
    /// The names and values that are sent, with those of the first button.
    pub fields: Vec<(String, String)>,
}

/// The first form of a page, else its first link.
pub fn next(html: &str) -> Option<Next> {
    let dom: RcDom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    let form = find(&dom.document, "form").map(|form| Next::Form(read_form(&form)));
    form.or_else(|| {
        let link = find(&dom.document, "a")?;
        attribute(&link, "href").map(Next::Link)
    })
}

fn read_form(form: &Handle) -> Form {
    let mut read = Form {
        action: attribute(form, "action").unwrap_or_default(),
        posts: attribute(form, "method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
        fields: Vec::new(),
    };
    let mut pressed = false;
    collect(form, &mut read.fields, &mut pressed);
    read
}

/// Adds what the controls under `node` send. Of the buttons only the first is pressed.
fn collect(node: &Handle, fields: &mut Vec<(String, String)>, pressed: &mut bool) {
    let kind = attribute(node, "type").unwrap_or_default();
    let is_button = is(node, "button") || (is(node, "input") && kind == "submit");
    let sent = match attribute(node, "name") {
        Some(_) if is_button && *pressed => None,
        Some(name) if is_button || is(node, "input") => Some(name),
        _ => None,
    };
    *pressed |= is_button;
    if let Some(name) = sent {
        fields.push((name, attribute(node, "value").unwrap_or_default()));
    }
    for child in node.children.borrow().iter() {
        collect(child, fields, pressed);
    }
}

fn find(node: &Handle, element: &str) -> Option<Handle> {
    if is(node, element) {
        return Some(node.clone());
    }
    let children = node.children.borrow();
    children.iter().find_map(|child| find(child, element))
}

fn is(node: &Handle, element: &str) -> bool {
    matches!(&node.data, NodeData::Element { name, .. } if &*name.local == element)
}

fn attribute(node: &Handle, wanted: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return None;
    };
    let attrs = attrs.borrow();
    let found = attrs.iter().find(|attr| &*attr.name.local == wanted)?;
    Some(found.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Form, Next, next};

    #[test]
    fn a_form_is_read_with_its_fields_and_its_first_button() {
        let page = "<p><a href='/elsewhere'>x</a><form method=POST action='1/start'>\
                    <input type=hidden name=a value='1&amp;2'><button name=go value=yes>Go</button>\
                    <button name=stop value=yes>Stop</button></form>";
        let fields = [("a", "1&2"), ("go", "yes")];
        assert_eq!(
            next(page),
            Some(Next::Form(Form {
                action: "1/start".to_owned(),
                posts: true,
                fields: fields
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
            }))
        );
        let link = next("<p>Go <a href=\"on?x=1\">on</a>");
        assert_eq!(link, Some(Next::Link("on?x=1".to_owned())));
        assert_eq!(next("<p>All set"), None);
    }
}
