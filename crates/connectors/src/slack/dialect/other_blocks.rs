//! Reads the blocks that apps send, as far as a person could read them.
//! Source: <https://docs.slack.dev/reference/block-kit/blocks>.

use causeway_model::Style;
use serde_json::Value;

use super::{
    super::buttons,
    AccountNames, mrkdwn,
    piece::{self, Piece},
    read::{array, text},
    run::{self, Run, Styles},
};

pub(super) fn pieces(block: &Value, names: &dyn AccountNames) -> Vec<Piece> {
    match text(block, "type") {
        "section" => section(block, names),
        "header" => {
            let bold = Styles::default().with(Style::Bold);
            paragraphs(run::lines(text(&block["text"], "text"), bold, None))
        }
        "context" => context(block, names),
        "markdown" => plain(text(block, "text")),
        "image" => told("image", image_words(block), block.get("image_url")),
        "video" => told(
            "video",
            text(&block["title"], "text"),
            block.get("video_url"),
        ),
        "file" => told("file", "", None),
        "actions" => actions(block),
        "table" => table(block, names),
        _ => Vec::new(),
    }
}

/// A text object: `mrkdwn` or `plain_text`.
fn text_object(object: &Value, names: &dyn AccountNames) -> Vec<Piece> {
    match text(object, "type") {
        "mrkdwn" => mrkdwn::pieces(text(object, "text"), names),
        _ => plain(text(object, "text")),
    }
}

fn plain(words: &str) -> Vec<Piece> {
    paragraphs(run::lines(words, Styles::default(), None))
}

fn paragraphs(runs: Vec<Run>) -> Vec<Piece> {
    run::paragraphs(runs).into_iter().map(Piece::Text).collect()
}

fn section(block: &Value, names: &dyn AccountNames) -> Vec<Piece> {
    let mut pieces = text_object(&block["text"], names);
    for field in array(block, "fields") {
        pieces.extend(text_object(field, names));
    }
    let accessory = &block["accessory"];
    if text(accessory, "type") == "image" {
        pieces.extend(told(
            "image",
            image_words(accessory),
            accessory.get("image_url"),
        ));
    }
    pieces
}

fn context(block: &Value, names: &dyn AccountNames) -> Vec<Piece> {
    let elements = array(block, "elements").iter();
    let words = elements.filter(|element| text(element, "type") != "image");
    words
        .flat_map(|element| text_object(element, names))
        .collect()
}

fn image_words(image: &Value) -> &str {
    let title = text(&image["title"], "text");
    if title.is_empty() {
        text(image, "alt_text")
    } else {
        title
    }
}

fn actions(block: &Value) -> Vec<Piece> {
    // Our own are no part of what was said.
    let labels = array(block, "elements")
        .iter()
        .filter(|element| !buttons::is_own(text(element, "action_id")))
        .map(|element| text(&element["text"], "text"));
    let labels: Vec<&str> = labels.filter(|label| !label.is_empty()).collect();
    if labels.is_empty() {
        return Vec::new();
    }
    told("buttons", &labels.join(", "), None)
}

fn table(block: &Value, names: &dyn AccountNames) -> Vec<Piece> {
    let rows = array(block, "rows").iter().filter_map(Value::as_array);
    let lines = rows.map(|cells| {
        let cells = cells.iter().map(|cell| cell_words(cell, names));
        cells.collect::<Vec<_>>().join(" | ")
    });
    piece::code(&lines.collect::<Vec<_>>().join("\n"))
        .into_iter()
        .collect()
}

fn cell_words(cell: &Value, names: &dyn AccountNames) -> String {
    match text(cell, "type") {
        "rich_text" => {
            let content = super::read_blocks(std::slice::from_ref(cell), names);
            content.to_plain().replace('\n', " ")
        }
        _ => text(cell, "text").to_owned(),
    }
}

/// Something that is not text, told in words, with where it is to be seen.
fn told(kind: &str, words: &str, url: Option<&Value>) -> Vec<Piece> {
    let words = words.trim();
    let description = if words.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}: {words}")
    };
    let url = url.and_then(Value::as_str);
    paragraphs(run::flatten(&piece::unsupported(&description, url)))
}
