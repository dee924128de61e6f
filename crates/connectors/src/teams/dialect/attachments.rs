//! What hangs on a message beside its text: quotes, files, cards.

use causeway_model::{Block, Content, Inline, Style};
use serde_json::Value;

use super::text_paragraph;
use crate::{html::is_safe_url, teams::wire::Attachment};

/// A card's words are cut here: it is told, not carried.
const MAX_CARD_CHARS: usize = 400;

/// The attachment in readable blocks.
pub(super) fn attachment_blocks(attachment: &Attachment) -> Vec<Block> {
    let kind = attachment.content_type.as_deref().unwrap_or_default();
    let content = attachment
        .content
        .as_deref()
        .and_then(|content| serde_json::from_str::<Value>(content).ok());
    match kind {
        "messageReference" => vec![quote(content.as_ref())],
        "forwardedMessageReference" => vec![forwarded(content.as_ref())],
        "reference" => vec![told("file", attachment)],
        // Its text stands in the body as well.
        "application/vnd.microsoft.card.codesnippet" => Vec::new(),
        _ if kind.starts_with("application/vnd.microsoft.card.") => {
            vec![card(attachment, content.as_ref())]
        }
        _ => vec![told("attachment", attachment)],
    }
}

/// The attachments that the body itself puts somewhere.
pub(super) fn referenced<'a>(content_type: &str, body: &'a str) -> Vec<&'a str> {
    if content_type == "text" {
        return Vec::new();
    }
    // Good enough to tell placed from unplaced: the ids are GUIDs and numbers, never escaped.
    body.split("<attachment")
        .skip(1)
        .filter_map(|rest| rest.split_once("id=\"")?.1.split('"').next())
        .collect()
}

fn quote(content: Option<&Value>) -> Block {
    let text = |pointer: &str| {
        content
            .and_then(|content| content.pointer(pointer))
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    };
    let sender = text("/messageSender/user/displayName")
        .or_else(|| text("/messageSender/application/displayName"));
    let preview = Content::plain(text("/messagePreview").unwrap_or("a message").trim());
    let quoted = match sender {
        Some(sender) => preview.led_by(vec![
            Inline::Styled {
                style: Style::Bold,
                children: vec![Inline::Text(sender.trim().to_owned())],
            },
            Inline::Text(": ".to_owned()),
        ]),
        None => preview,
    };
    Block::Quote(quoted.blocks)
}

fn forwarded(content: Option<&Value>) -> Block {
    let html = content
        .and_then(|content| content.get("originalMessageContent"))
        .and_then(Value::as_str)
        .unwrap_or("a forwarded message");
    Block::Quote(super::read("html", html, &[], &[]).blocks)
}

fn told(kind: &str, attachment: &Attachment) -> Block {
    let name = attachment
        .name
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    Block::Unsupported {
        description: if name.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}: {name}")
        },
        url: attachment
            .content_url
            .clone()
            .filter(|url| is_safe_url(url)),
    }
}

fn card(attachment: &Attachment, content: Option<&Value>) -> Block {
    let mut words = Vec::new();
    if let Some(content) = content {
        card_words(content, 0, &mut words);
    }
    let text: String = words.join(" · ").chars().take(MAX_CARD_CHARS).collect();
    if text.is_empty() {
        return told("card", attachment);
    }
    Block::Quote(vec![text_paragraph(text)])
}

/// The texts a person would see on a card, in the order of its JSON.
fn card_words(value: &Value, depth: usize, words: &mut Vec<String>) {
    if depth > 32 {
        return;
    }
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| card_words(item, depth + 1, words)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), field) {
                    ("text" | "title" | "subtitle" | "value", Value::String(text)) => {
                        let text = text.trim();
                        if !text.is_empty() {
                            words.push(text.to_owned());
                        }
                    }
                    (_, Value::Array(_) | Value::Object(_)) => card_words(field, depth + 1, words),
                    (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {}
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
