//! What a message is made of, checked as Slack checks it.

use serde_json::{Value, json};

use super::super::{arguments::Arguments, failure::Failure, state::Guise, text::rich_text};

const LONGEST_TEXT: usize = 40_000;
const LONGEST_MARKDOWN: usize = 12_000;
const LONGEST_SECTION: usize = 3_000;
const MOST_BLOCKS: usize = 50;
const LARGEST_METADATA: usize = 8 * 1024;

/// The body of a post or an edit.
#[derive(Debug)]
pub struct Body {
    pub text: String,
    pub blocks: Vec<Value>,
    pub attachments: Vec<Value>,
}

/// Reads `text`, `blocks`, `attachments` and `markdown_text`. Text alone gets the `rich_text`
/// block that Slack adds, under this id. `Ok(None)` when none of them is there.
pub fn body(args: &Arguments, block_id: &str) -> Result<Option<Body>, Failure> {
    let text = args.text("text");
    let blocks = blocks(args)?;
    let attachments = list(args, "attachments").map_err(|()| "invalid_attachments")?;
    if let Some(markdown) = args.text("markdown_text") {
        if text.is_some() || !blocks.is_empty() {
            return Err("markdown_text_conflict".into());
        }
        return markdown_body(markdown).map(Some);
    }
    let text = text.unwrap_or_default();
    if text.chars().count() > LONGEST_TEXT {
        return Err("msg_too_long".into());
    }
    if text.is_empty() && blocks.is_empty() && attachments.is_empty() {
        return Ok(None);
    }
    let is_plain = args.text("mrkdwn").is_some() && !args.flag("mrkdwn");
    let blocks = if blocks.is_empty() && attachments.is_empty() && !is_plain {
        vec![rich_text(&text, block_id)]
    } else {
        blocks
    };
    Ok(Some(Body {
        text,
        blocks,
        attachments,
    }))
}

fn markdown_body(markdown: String) -> Result<Body, Failure> {
    if markdown.chars().count() > LONGEST_MARKDOWN {
        return Err("msg_too_long".into());
    }
    let blocks = vec![json!({ "type": "markdown", "text": markdown })];
    Ok(Body {
        text: markdown,
        blocks,
        attachments: Vec::new(),
    })
}

fn list(args: &Arguments, name: &str) -> Result<Vec<Value>, ()> {
    match args.structure(name)? {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) if items.iter().all(Value::is_object) => Ok(items),
        Some(_) => Err(()),
    }
}

fn blocks(args: &Arguments) -> Result<Vec<Value>, Failure> {
    let mut blocks = list(args, "blocks").map_err(|()| Failure::Code("invalid_blocks_format"))?;
    let mut wrong: Vec<_> = blocks
        .iter()
        .enumerate()
        .filter_map(|(at, block)| fault(at, block))
        .collect();
    if blocks.len() > MOST_BLOCKS {
        wrong.push(format!(
            "no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"
        ));
    }
    if !wrong.is_empty() {
        return Err(Failure::Explained {
            code: "invalid_blocks",
            messages: wrong,
        });
    }
    for (at, block) in blocks.iter_mut().enumerate() {
        if block["block_id"].as_str().is_none_or(str::is_empty) {
            block["block_id"] = format!("b{at}").into();
        }
        name_buttons(block);
    }
    Ok(blocks)
}

/// Buttons without an `action_id` get one, as Slack gives them.
fn name_buttons(block: &mut Value) {
    let name = |at: usize, element: &mut Value| {
        let is_nameless = element["action_id"].as_str().is_none_or(str::is_empty);
        if element["type"] == "button" && is_nameless {
            element["action_id"] = format!("a{at}").into();
        }
    };
    if let Some(accessory) = block.get_mut("accessory") {
        name(0, accessory);
    }
    let elements = block.get_mut("elements").and_then(Value::as_array_mut);
    for (at, element) in elements.into_iter().flatten().enumerate() {
        name(at, element);
    }
}

/// What is wrong with a block, if anything.
fn fault(at: usize, block: &Value) -> Option<String> {
    let pointer = format!("[json-pointer:/blocks/{at}");
    match block["type"].as_str() {
        None => Some(format!("missing required field: type {pointer}]")),
        Some("section") => section_fault(block, &pointer),
        Some("header") => text_fault(&block["text"], 150, &format!("{pointer}/text]")),
        Some("context" | "actions" | "rich_text" | "context_actions") => {
            let is_list = block["elements"]
                .as_array()
                .is_some_and(|items| !items.is_empty());
            (!is_list).then(|| format!("missing required field: elements {pointer}]"))
        }
        Some("markdown") => {
            let fits = |text: &str| text.chars().count() <= LONGEST_MARKDOWN;
            let is_text = block["text"].as_str().is_some_and(fits);
            (!is_text).then(|| format!("invalid text {pointer}/text]"))
        }
        Some("image" | "video") => {
            let has_text = block["alt_text"].is_string();
            (!has_text).then(|| format!("missing required field: alt_text {pointer}]"))
        }
        Some("divider" | "file" | "input" | "table" | "call") => None,
        Some(other) => Some(format!("unsupported type: {other} {pointer}/type]")),
    }
}

fn section_fault(block: &Value, pointer: &str) -> Option<String> {
    let fields = block["fields"].as_array();
    if block["text"].is_null() && fields.is_none_or(Vec::is_empty) {
        return Some(format!("missing required field: text {pointer}]"));
    }
    if block["text"].is_null() {
        return None;
    }
    text_fault(&block["text"], LONGEST_SECTION, &format!("{pointer}/text]"))
}

fn text_fault(text: &Value, longest: usize, pointer: &str) -> Option<String> {
    if !matches!(text["type"].as_str(), Some("mrkdwn" | "plain_text")) {
        return Some(format!("unsupported type of text object {pointer}"));
    }
    let Some(content) = text["text"].as_str() else {
        return Some(format!("missing required field: text {pointer}"));
    };
    match content.chars().count() {
        0 => Some(format!("must be more than 0 characters {pointer}")),
        length if length > longest => Some(format!(
            "must be less than {} characters {pointer}",
            longest + 1
        )),
        _ => None,
    }
}

/// `metadata`: `{event_type, event_payload}`. The outer `None` says that it was not given, the
/// inner that it was given empty, which takes it away.
pub fn metadata(args: &Arguments) -> Result<Option<Option<Value>>, Failure> {
    let given = args
        .structure("metadata")
        .map_err(|()| Failure::Code("invalid_metadata_format"))?;
    let Some(given) = given else {
        return Ok(None);
    };
    if given.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(Some(None));
    }
    let kind = given["event_type"].as_str().filter(|kind| !kind.is_empty());
    let (Some(kind), Some(payload)) = (kind, given["event_payload"].as_object()) else {
        return Err("invalid_metadata_schema".into());
    };
    let metadata = json!({ "event_type": kind, "event_payload": payload });
    if metadata.to_string().len() > LARGEST_METADATA {
        return Err("metadata_too_large".into());
    }
    Ok(Some(Some(metadata)))
}

/// The name and icon for this one message, when any is asked for.
pub fn guise(args: &Arguments) -> Option<Guise> {
    let guise = Guise {
        username: args.text("username"),
        icon_url: args.text("icon_url"),
        icon_emoji: args.text("icon_emoji"),
    };
    (guise != Guise::default()).then_some(guise)
}
