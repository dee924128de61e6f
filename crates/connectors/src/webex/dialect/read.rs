//! A message's HTML, Markdown or text into the content tree.

use causeway_model::{Block, Content, ExternalAccount, Inline};

use super::read_markdown;
use crate::{
    html::{self, Elements, Handle, attribute, spaced, text_of},
    webex::ids,
};

/// What a message says, in up to three ways, and what hangs on it.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::webex) struct Body<'a> {
    pub html: Option<&'a str>,
    pub markdown: Option<&'a str>,
    pub text: Option<&'a str>,
    pub files: usize,
    pub cards: usize,
}

/// Reads a message: its HTML says most, its text least.
pub(in crate::webex) fn read(body: Body<'_>) -> Content {
    let mut content = if let Some(html) = given(body.html) {
        read_html(html)
    } else if let Some(markdown) = given(body.markdown) {
        read_markdown(markdown)
    } else if let Some(text) = given(body.text) {
        Content::plain(text.trim_end())
    } else {
        Content::default()
    };
    content.blocks.extend(told("file", body.files));
    // What a card says stands in the text as well, if whoever sent it took the trouble.
    if content.blocks.is_empty() {
        content.blocks.extend(told("card", body.cards));
    }
    content
}

pub(super) fn read_html(text: &str) -> Content {
    html::read(text, &WebexElements)
}

/// A file's name is told only to whoever downloads it, and its address only to members: neither is
/// here.
fn told(what: &str, count: usize) -> impl Iterator<Item = Block> {
    (0..count).map(move |_| Block::Unsupported {
        description: what.to_owned(),
        url: None,
    })
}

struct WebexElements;

impl Elements for WebexElements {
    fn is_block(&self, _node: &Handle, _name: &str) -> bool {
        false
    }

    fn blocks(&self, _node: &Handle, _name: &str) -> Vec<Block> {
        Vec::new()
    }

    fn inlines(&self, node: &Handle, name: &str) -> Option<Vec<Inline>> {
        (name == "spark-mention").then(|| mention(node).into_iter().collect())
    }
}

fn mention(node: &Handle) -> Option<Inline> {
    let name = spaced(&text_of(node));
    let name = name.trim().trim_start_matches('@');
    let kind = attribute(node, "data-object-type").unwrap_or_default();
    let id = attribute(node, "data-object-id").unwrap_or_default();
    let is_person = kind.is_empty() || kind == "person";
    match account(&id).filter(|_| is_person) {
        Some(account) => Some(Inline::Mention {
            account,
            name: name.to_owned(),
        }),
        None => (!name.is_empty()).then(|| Inline::Text(format!("@{name}"))),
    }
}

fn account(id: &str) -> Option<ExternalAccount> {
    if uuid::Uuid::try_parse(id).is_ok() {
        return Some(ExternalAccount::new(ids::person(id)));
    }
    ids::is_id(id).then(|| ExternalAccount::new(id))
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}
