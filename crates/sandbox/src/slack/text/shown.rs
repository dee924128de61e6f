//! What a person reads in a message: its blocks where it has any, as mrkdwn.

use serde_json::Value;

use crate::stand_in::ButtonView;

/// The text of a message as a person reads it.
pub fn shown_text(text: &str, blocks: &[Value], attachments: &[Value]) -> String {
    let mut parts: Vec<String> = blocks.iter().filter_map(block).collect();
    if parts.is_empty() && !text.is_empty() {
        parts.push(text.to_owned());
    }
    parts.extend(attachments.iter().filter_map(attachment));
    parts.join("\n")
}

/// The buttons that can be pressed.
pub fn buttons(blocks: &[Value]) -> Vec<ButtonView> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    actions(blocks)
        .filter_map(|action| {
            Some(ButtonView {
                action_id: text(&action["action_id"])?,
                value: text(&action["value"]).unwrap_or_default(),
                label: text(&action["text"]["text"]).unwrap_or_default(),
                url: text(&action["url"]),
            })
        })
        .collect()
}

/// The interactive elements of a message.
pub fn actions(blocks: &[Value]) -> impl Iterator<Item = &Value> {
    let in_rows = blocks
        .iter()
        .filter_map(|block| block["elements"].as_array())
        .flatten();
    let beside = blocks.iter().map(|block| &block["accessory"]);
    in_rows
        .chain(beside)
        .filter(|element| element["type"] == "button")
}

fn attachment(attachment: &Value) -> Option<String> {
    let blocks = attachment["blocks"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = attachment["text"]
        .as_str()
        .or_else(|| attachment["fallback"].as_str());
    let shown = shown_text(text.unwrap_or_default(), blocks, &[]);
    (!shown.is_empty()).then_some(shown)
}

fn block(block: &Value) -> Option<String> {
    match block["type"].as_str()? {
        "section" => {
            let fields = block["fields"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            let texts = std::iter::once(&block["text"]).chain(fields);
            Some(texts.filter_map(text_object).collect::<Vec<_>>().join("\n"))
        }
        "header" => text_object(&block["text"]),
        "context" => {
            let elements = block["elements"].as_array()?.iter();
            Some(
                elements
                    .filter_map(text_object)
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        }
        "markdown" => block["text"].as_str().map(str::to_owned),
        "image" | "video" => block["alt_text"].as_str().map(str::to_owned),
        "divider" => Some("---".to_owned()),
        "rich_text" => {
            let parts = block["elements"].as_array()?.iter().map(rich_part);
            Some(parts.collect::<String>().trim_end_matches('\n').to_owned())
        }
        _ => None,
    }
}

fn text_object(object: &Value) -> Option<String> {
    let text = object["text"].as_str()?;
    Some(if object["type"] == "plain_text" {
        escaped(text)
    } else {
        text.to_owned()
    })
}

fn rich_part(part: &Value) -> String {
    let elements = part["elements"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let inside = || elements.iter().map(element).collect::<String>();
    match part["type"].as_str().unwrap_or_default() {
        "rich_text_list" => rich_list(part, elements),
        "rich_text_quote" => inside()
            .split('\n')
            .map(|line| format!("&gt; {line}\n"))
            .collect(),
        "rich_text_preformatted" => format!("```{}```\n", inside()),
        _ => {
            let text = inside();
            if text.ends_with('\n') {
                text
            } else {
                format!("{text}\n")
            }
        }
    }
}

fn rich_list(list: &Value, items: &[Value]) -> String {
    let indent = " ".repeat(4 * usize::try_from(list["indent"].as_u64().unwrap_or(0)).unwrap_or(0));
    let first = 1 + list["offset"].as_u64().unwrap_or(0);
    let lines = (first..).zip(items).map(|(number, item)| {
        let text = rich_part(item);
        let sign = if list["style"] == "ordered" {
            format!("{number}.")
        } else {
            "•".to_owned()
        };
        format!("{indent}{sign} {text}")
    });
    lines.collect()
}

fn element(element: &Value) -> String {
    let field = |name: &str| element[name].as_str().unwrap_or_default();
    let text = match field("type") {
        "text" => escaped(field("text")),
        "link" if element["text"].is_string() => {
            format!("<{}|{}>", escaped(field("url")), escaped(field("text")))
        }
        "link" => format!("<{}>", escaped(field("url"))),
        "emoji" => match element["skin_tone"].as_u64() {
            Some(tone) => format!(":{}::skin-tone-{tone}:", field("name")),
            None => format!(":{}:", field("name")),
        },
        "user" => format!("<@{}>", field("user_id")),
        "channel" => format!("<#{}>", field("channel_id")),
        "usergroup" => format!("<!subteam^{}>", field("usergroup_id")),
        "broadcast" => format!("<!{}>", field("range")),
        "date" => field("fallback").to_owned(),
        _ => String::new(),
    };
    signed(text, &element["style"])
}

/// Puts the formatting signs around a text, leaving its outer spaces outside.
fn signed(text: String, style: &Value) -> String {
    let core = text.trim();
    if core.is_empty() || !style.is_object() {
        return text;
    }
    let mut out = core.to_owned();
    for (name, sign) in [
        ("code", '`'),
        ("strike", '~'),
        ("italic", '_'),
        ("bold", '*'),
    ] {
        if style[name] == true {
            out = format!("{sign}{out}{sign}");
        }
    }
    text.replacen(core, &out, 1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::rich_text, *};

    #[test]
    fn a_person_reads_back_what_was_typed() {
        for text in [
            "plain",
            "*bold* and _slanted_ ~gone~ `code`",
            "see <https://a.example|A>, <@U1> :tada:",
            "Look:\n• one\n• two\n1. first\n2. second",
            "&gt; said\n```let a = 1 &lt; 2;```\nend",
        ] {
            assert_eq!(shown_text("fallback", &[rich_text(text, "b")], &[]), text);
        }
    }

    #[test]
    fn the_blocks_of_an_app_are_read_in_order_and_the_text_only_without_them() {
        let blocks = [
            json!({ "type": "header", "text": { "type": "plain_text", "text": "A & B" } }),
            json!({ "type": "section", "text": { "type": "mrkdwn", "text": "*x*" } }),
            json!({ "type": "actions", "elements": [{ "type": "button", "action_id": "go" }] }),
        ];
        assert_eq!(shown_text("fallback", &blocks, &[]), "A &amp; B\n*x*");
        let found = buttons(&blocks);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].action_id, "go");
        assert_eq!(shown_text("fallback", &blocks[2..], &[]), "fallback");
    }
}
