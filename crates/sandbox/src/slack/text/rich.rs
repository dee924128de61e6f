//! mrkdwn as the `rich_text` block that comes with every message people type
//! (<https://docs.slack.dev/reference/block-kit/blocks/rich-text-block/>).

use serde_json::{Value, json};

use super::inline::{elements, unescaped};

/// The block of this mrkdwn, whose `& < >` are escaped.
pub fn rich_text(text: &str, block_id: &str) -> Value {
    let mut parts = Vec::new();
    for (index, part) in fenced(text).into_iter().enumerate() {
        if index % 2 == 1 {
            parts.push(preformatted(part));
        } else {
            lines_into(&mut parts, part);
        }
    }
    json!({ "type": "rich_text", "block_id": block_id, "elements": parts })
}

/// Splits at fences: every second part stands between two. A fence that is not closed is text.
fn fenced(text: &str) -> Vec<&str> {
    let parts: Vec<_> = text.split("```").collect();
    if parts.len() % 2 == 1 {
        return parts;
    }
    let last = parts[parts.len() - 1].len();
    let open = parts[parts.len() - 2].len();
    let mut kept = parts[..parts.len() - 2].to_vec();
    kept.push(&text[text.len() - last - open - 3..]);
    kept
}

fn preformatted(part: &str) -> Value {
    let text = unescaped(
        part.strip_prefix('\n')
            .unwrap_or(part)
            .trim_end_matches('\n'),
    );
    json!({
        "type": "rich_text_preformatted",
        "elements": [{ "type": "text", "text": text }],
        "border": 0,
    })
}

/// What one line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Plain,
    Quote,
    Item {
        ordered: bool,
        indent: usize,
        first: usize,
    },
}

impl Line {
    /// Whether both lines stand in one part of the block.
    fn joins(self, other: Self) -> bool {
        match (self, other) {
            (Self::Plain, Self::Plain) | (Self::Quote, Self::Quote) => true,
            (
                Self::Item {
                    ordered: a,
                    indent: i,
                    ..
                },
                Self::Item {
                    ordered: b,
                    indent: j,
                    ..
                },
            ) => a == b && i == j,
            (Self::Plain | Self::Quote | Self::Item { .. }, _) => false,
        }
    }
}

fn lines_into(parts: &mut Vec<Value>, text: &str) {
    // The line breaks around a fence belong to it.
    let inside = if parts.is_empty() {
        text
    } else {
        text.strip_prefix('\n').unwrap_or(text)
    };
    if inside.is_empty() {
        return;
    }
    let lines: Vec<_> = inside.split('\n').map(classify).collect();
    let mut from = 0;
    while from < lines.len() {
        let kind = lines[from].0;
        let same = lines[from..]
            .iter()
            .take_while(|(line, _)| line.joins(kind))
            .count();
        let contents: Vec<_> = lines[from..from + same]
            .iter()
            .map(|(_, content)| *content)
            .collect();
        from += same;
        let is_followed = from < lines.len();
        match kind {
            Line::Plain => section_into(parts, &contents, is_followed),
            Line::Quote => parts.push(json!({
                "type": "rich_text_quote",
                "elements": elements(&contents.join("\n")),
            })),
            Line::Item {
                ordered,
                indent,
                first,
            } => {
                parts.push(list(&contents, ordered, indent, first));
            }
        }
    }
}

fn section_into(parts: &mut Vec<Value>, lines: &[&str], is_followed: bool) {
    let mut text = lines.join("\n");
    if is_followed && !text.is_empty() {
        text.push('\n');
    }
    let elements = elements(&text);
    if !elements.is_empty() {
        parts.push(json!({ "type": "rich_text_section", "elements": elements }));
    }
}

fn list(items: &[&str], ordered: bool, indent: usize, first: usize) -> Value {
    let sections = items
        .iter()
        .map(|item| json!({ "type": "rich_text_section", "elements": elements(item) }));
    let mut list = json!({
        "type": "rich_text_list",
        "elements": sections.collect::<Vec<_>>(),
        "style": if ordered { "ordered" } else { "bullet" },
        "indent": indent,
        "border": 0,
    });
    if ordered && first > 1 {
        list["offset"] = (first - 1).into();
    }
    list
}

fn classify(line: &str) -> (Line, &str) {
    for sign in ["&gt; ", "&gt;", "> ", ">"] {
        if let Some(content) = line.strip_prefix(sign) {
            return (Line::Quote, content);
        }
    }
    let content = line.trim_start_matches(' ');
    let indent = (line.len() - content.len()).div_ceil(4).min(8);
    for sign in ["• ", "◦ ", "▪︎ ", "- "] {
        if let Some(item) = content.strip_prefix(sign) {
            return (
                Line::Item {
                    ordered: false,
                    indent,
                    first: 1,
                },
                item,
            );
        }
    }
    let digits = content.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits)
        && let Some(item) = content[digits..].strip_prefix(". ")
    {
        let first = content[..digits].parse().unwrap_or(1);
        return (
            Line::Item {
                ordered: true,
                indent,
                first,
            },
            item,
        );
    }
    (Line::Plain, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Value {
        rich_text(text, "b")["elements"].clone()
    }

    #[test]
    fn lists_quotes_and_code_are_parts_of_their_own() {
        assert_eq!(
            parts("Look:\n• one\n    ◦ deep\n2. two\n&gt; said\n```\nlet a = 1 &lt; 2;\n```\nend"),
            json!([
                { "type": "rich_text_section", "elements": [{ "type": "text", "text": "Look:\n" }] },
                { "type": "rich_text_list", "style": "bullet", "indent": 0, "border": 0, "elements": [
                    { "type": "rich_text_section", "elements": [{ "type": "text", "text": "one" }] }] },
                { "type": "rich_text_list", "style": "bullet", "indent": 1, "border": 0, "elements": [
                    { "type": "rich_text_section", "elements": [{ "type": "text", "text": "deep" }] }] },
                { "type": "rich_text_list", "style": "ordered", "indent": 0, "border": 0, "offset": 1, "elements": [
                    { "type": "rich_text_section", "elements": [{ "type": "text", "text": "two" }] }] },
                { "type": "rich_text_quote", "elements": [{ "type": "text", "text": "said" }] },
                { "type": "rich_text_preformatted", "border": 0, "elements": [
                    { "type": "text", "text": "let a = 1 < 2;" }] },
                { "type": "rich_text_section", "elements": [{ "type": "text", "text": "end" }] },
            ])
        );
    }

    #[test]
    fn a_fence_that_is_not_closed_is_plain_text() {
        assert_eq!(
            parts("a ```b"),
            json!([{ "type": "rich_text_section", "elements": [{ "type": "text", "text": "a ```b" }] }])
        );
    }
}
