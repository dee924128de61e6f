//! Markdown as Webex renders it: into the HTML that it gives back beside it.
//!
//! Source: <https://spec.commonmark.org>; mentions as in
//! <https://developer.webex.com/docs/api/basics>, "Formatting Messages".

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

/// The message's HTML. Markup that is HTML already goes through as it is: whoever reads it takes
/// nothing from it but what the tree can say.
pub(super) fn html(markdown: &str) -> String {
    let markdown = with_mentions(markdown);
    let mut html = String::new();
    for event in Parser::new(&markdown) {
        push(&event, &mut html);
    }
    html
}

fn push(event: &Event<'_>, html: &mut String) {
    match event {
        Event::Start(tag) => start(tag, html),
        Event::End(tag) => end(*tag, html),
        Event::Text(text) => escaped(text, html),
        Event::Code(text) => {
            html.push_str("<code>");
            escaped(text, html);
            html.push_str("</code>");
        }
        Event::Html(raw) | Event::InlineHtml(raw) => html.push_str(raw),
        Event::SoftBreak => html.push('\n'),
        Event::HardBreak => html.push_str("<br>"),
        Event::Rule => html.push_str("<hr>"),
        // Of extensions that are not asked for.
        Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
            escaped(text, html);
        }
        Event::TaskListMarker(_) => {}
    }
}

fn start(tag: &Tag<'_>, html: &mut String) {
    match tag {
        Tag::List(Some(start)) => html.push_str(&format!("<ol start=\"{start}\">")),
        Tag::Link { dest_url, .. } => {
            html.push_str("<a href=\"");
            escaped(dest_url, html);
            html.push_str("\">");
        }
        Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
            // HTML drops a line break that comes first.
            html.push_str("<pre>\n");
        }
        _ => {
            if let Some(name) = element(tag.to_end()) {
                html.push_str(&format!("<{name}>"));
            }
        }
    }
}

fn end(tag: TagEnd, html: &mut String) {
    if let Some(name) = element(tag) {
        html.push_str(&format!("</{name}>"));
    }
}

fn element(tag: TagEnd) -> Option<&'static str> {
    Some(match tag {
        TagEnd::Paragraph => "p",
        TagEnd::Heading(HeadingLevel::H1) => "h1",
        TagEnd::Heading(HeadingLevel::H2) => "h2",
        TagEnd::Heading(_) => "h3",
        TagEnd::BlockQuote(_) => "blockquote",
        TagEnd::CodeBlock => "pre",
        TagEnd::List(true) => "ol",
        TagEnd::List(false) => "ul",
        TagEnd::Item => "li",
        TagEnd::Emphasis => "em",
        TagEnd::Strong => "strong",
        TagEnd::Link => "a",
        _ => return None,
    })
}

/// Every mention as the element that stands for it in HTML.
fn with_mentions(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some((before, after)) = rest.split_once("<@") {
        out.push_str(before);
        match after.split_once('>').and_then(|(inside, rest)| {
            let element = mention(inside)?;
            Some((element, rest))
        }) {
            Some((element, after)) => {
                out.push_str(&element);
                rest = after;
            }
            None => {
                out.push_str("&lt;@");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn mention(inside: &str) -> Option<String> {
    if inside.contains(['<', '\n']) {
        return None;
    }
    if inside == "all" {
        return Some(spark_mention("groupMention", "all", "All"));
    }
    let (kind, rest) = inside.split_once(':')?;
    let (whom, name) = rest.split_once('|').unwrap_or((rest, rest));
    match kind {
        "personId" => Some(spark_mention("person", whom, name)),
        "personEmail" => Some(spark_mention("person", "", name)),
        _ => None,
    }
}

fn spark_mention(kind: &str, id: &str, name: &str) -> String {
    let mut out = format!("<spark-mention data-object-type=\"{kind}\" data-object-id=\"");
    escaped(id, &mut out);
    out.push_str("\">");
    escaped(name, &mut out);
    out.push_str("</spark-mention>");
    out
}

fn escaped(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(c),
        }
    }
}
