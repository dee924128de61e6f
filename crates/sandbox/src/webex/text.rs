//! Markdown as Webex reads it: rendered HTML, the plain text that stands for it, and who is
//! mentioned.
//!
//! Source: <https://developer.webex.com/docs/basics>, "Formatting Messages".

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::{
    directory::{Directory, Person},
    ids::PersonId,
    rooms::Content,
};

/// Elements that may stand in Markdown as they are.
const ELEMENTS: &[&str] = &[
    "b",
    "blockquote",
    "br",
    "code",
    "em",
    "h1",
    "h2",
    "h3",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "ul",
];

/// Stand around the number of a mention while the Markdown is read. They are of the private use
/// area: nobody types them.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// A message that was given as Markdown.
pub fn of_markdown(markdown: &str, directory: &Directory) -> Content {
    let (source, mentions) = take_mentions(markdown, directory);
    let mut writer = Writer {
        mentions: &mentions,
        html: String::new(),
        text: String::new(),
        lists: Vec::new(),
    };
    for event in Parser::new(&source) {
        writer.take(event);
    }
    let mentioned = mentions.iter().filter_map(|mention| match &mention.whom {
        Whom::Person(id) => Some(id.clone()),
        Whom::All | Whom::Nobody => None,
    });
    Content {
        text: writer.text.trim_end().to_owned(),
        markdown: Some(markdown.to_owned()),
        html: Some(writer.html.trim_end().to_owned()),
        mentioned: mentioned.collect(),
        mentions_all: mentions.iter().any(|mention| mention.whom == Whom::All),
    }
}

/// A message as somebody types it into the app: it is kept as plain text unless it is formatted.
pub fn typed(input: &str, directory: &Directory) -> Content {
    let read = of_markdown(input, directory);
    let plain = format!("<p>{}</p>", escape(&read.text));
    if read.html.as_deref() == Some(plain.as_str()) {
        return Content {
            text: input.trim().to_owned(),
            ..Content::default()
        };
    }
    Content {
        markdown: None,
        ..read
    }
}

/// Text as it may stand between tags or in a quoted attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[derive(Debug, PartialEq, Eq)]
enum Whom {
    Person(PersonId),
    All,
    /// A mention of somebody who is not there is only a name.
    Nobody,
}

struct Mention {
    whom: Whom,
    shown: String,
    /// As it was written.
    source: String,
}

impl Mention {
    /// Reads what stands between `<@` and `>`.
    fn read(inner: &str, directory: &Directory) -> Option<Self> {
        let (target, shown) = match inner.split_once('|') {
            Some((target, shown)) => (target, Some(shown)),
            None => (inner, None),
        };
        let (whom, name) = match target.split_once(':') {
            None if target == "all" => (Whom::All, "All".to_owned()),
            Some(("personEmail", email)) => person(directory.by_email(email), email),
            Some(("personId", id)) => person(directory.find(&PersonId::from(id)), id),
            Some(_) | None => return None,
        };
        Some(Self {
            whom,
            shown: shown.map_or(name, str::to_owned),
            source: format!("<@{inner}>"),
        })
    }

    fn html(&self) -> String {
        let shown = escape(&self.shown);
        match &self.whom {
            Whom::Person(id) => format!(
                "<spark-mention data-object-type=\"person\" data-object-id=\"{id}\">{shown}\
                 </spark-mention>"
            ),
            Whom::All => format!(
                "<spark-mention data-object-type=\"groupMention\" data-group-type=\"all\">{shown}\
                 </spark-mention>"
            ),
            Whom::Nobody => shown,
        }
    }
}

fn person(found: Option<&Person>, wanted: &str) -> (Whom, String) {
    match found {
        Some(person) => (Whom::Person(person.id.clone()), person.name.clone()),
        None => (Whom::Nobody, wanted.to_owned()),
    }
}

/// Puts numbers in the place of mentions, which Markdown would not let through.
fn take_mentions(markdown: &str, directory: &Directory) -> (String, Vec<Mention>) {
    let mut mentions = Vec::new();
    let mut source = String::new();
    let mut rest = markdown;
    while let Some(at) = rest.find("<@") {
        let after = &rest[at + 2..];
        let read = after
            .find('>')
            .and_then(|end| Some((end, Mention::read(&after[..end], directory)?)));
        let Some((end, mention)) = read else {
            source.push_str(&rest[..at + 2]);
            rest = after;
            continue;
        };
        source.push_str(&rest[..at]);
        source.push_str(&format!("{OPEN}{}{CLOSE}", mentions.len()));
        mentions.push(mention);
        rest = &after[end + 1..];
    }
    source.push_str(rest);
    (source, mentions)
}

struct Writer<'a> {
    mentions: &'a [Mention],
    html: String,
    text: String,
    /// The next number of each open list; none for one of bullets.
    lists: Vec<Option<u64>>,
}

impl Writer<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.words(&text),
            Event::Code(code) => {
                let code = self.written(&code);
                self.html
                    .push_str(&format!("<code>{}</code>", escape(&code)));
                self.text.push_str(&code);
            }
            Event::Html(raw) | Event::InlineHtml(raw) => self.html.push_str(&harmless(&raw)),
            Event::SoftBreak => self.both("\n", "\n"),
            Event::HardBreak => self.both("<br>", "\n"),
            Event::Rule => self.both("<hr>", "\n"),
            // Extensions that are not switched on.
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn both(&mut self, html: &str, text: &str) {
        self.html.push_str(html);
        self.text.push_str(text);
    }

    fn words(&mut self, words: &str) {
        for (index, part) in words.split(OPEN).enumerate() {
            let numbered = part.split_once(CLOSE).filter(|_| index > 0);
            let mention = numbered.and_then(|(number, rest)| {
                let number: usize = number.parse().ok()?;
                Some((self.mentions.get(number)?, rest))
            });
            let plain = match mention {
                Some((mention, rest)) => {
                    self.both(&mention.html(), &mention.shown);
                    rest
                }
                None => part,
            };
            self.both(&escape(plain), plain);
        }
    }

    /// Code with its mentions as they were written.
    fn written(&self, code: &str) -> String {
        let numbered = self.mentions.iter().enumerate();
        numbered.fold(code.to_owned(), |code, (number, mention)| {
            code.replace(&format!("{OPEN}{number}{CLOSE}"), &mention.source)
        })
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => self.html.push_str(&format!("<{}>", heading(level))),
            Tag::List(first) => {
                self.break_line();
                self.lists.push(first);
                self.html
                    .push_str(if first.is_some() { "<ol>" } else { "<ul>" });
            }
            Tag::Item => {
                self.html.push_str("<li>");
                let bullet = self.bullet();
                self.text.push_str(&bullet);
            }
            Tag::CodeBlock(_) => self.html.push_str("<pre><code>"),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let link = format!("<a href=\"{}\" rel=\"nofollow\">", escape(&dest_url));
                self.html.push_str(&link);
            }
            other => {
                if let Some(element) = element(&other.to_end()) {
                    self.html.push_str(&format!("<{element}>"));
                }
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.both(&format!("</{}>", heading(level)), "\n"),
            TagEnd::List(is_ordered) => {
                self.lists.pop();
                self.html
                    .push_str(if is_ordered { "</ol>" } else { "</ul>" });
            }
            TagEnd::Item => {
                self.html.push_str("</li>");
                self.break_line();
            }
            TagEnd::Link | TagEnd::Image => self.html.push_str("</a>"),
            TagEnd::CodeBlock => {
                self.html.push_str("</code></pre>");
                self.break_line();
            }
            other => {
                if let Some(element) = element(&other) {
                    self.html.push_str(&format!("</{element}>"));
                }
                if other == TagEnd::Paragraph {
                    self.break_line();
                }
            }
        }
    }

    fn bullet(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            Some(None) | None => "- ".to_owned(),
        }
    }

    fn break_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// The element of a tag that needs nothing but its name.
fn element(tag: &TagEnd) -> Option<&'static str> {
    match tag {
        TagEnd::Paragraph => Some("p"),
        TagEnd::BlockQuote(_) => Some("blockquote"),
        TagEnd::Emphasis => Some("em"),
        TagEnd::Strong => Some("strong"),
        _ => None,
    }
}

/// Webex knows three levels.
fn heading(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h1",
        HeadingLevel::H2 => "h2",
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => "h3",
    }
}

/// HTML without what Webex does not let through, which is shown as it was written instead.
fn harmless(raw: &str) -> String {
    let mut out = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let tag = after.find('>').map(|end| &after[..end]);
        match tag.filter(|tag| is_allowed(tag)) {
            Some(tag) => {
                out.push_str(&format!("<{tag}>"));
                rest = &after[tag.len() + 1..];
            }
            None => {
                out.push_str("&lt;");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// An element that may stand there, without attributes.
fn is_allowed(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').trim_end_matches('/').trim_end();
    ELEMENTS.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::mint::Mint;

    fn directory() -> Directory {
        Directory::acme(&Mint::new(1), 0)
    }

    fn html(markdown: &str) -> String {
        let content = of_markdown(markdown, &directory());
        content.html.unwrap_or_default()
    }

    #[test]
    fn markdown_is_rendered_and_its_plain_text_stands_beside_it() {
        let read = of_markdown("Hi **Wanda** & `a<b`\n\n- one\n- two", &directory());
        assert_eq!(
            read.html.as_deref(),
            Some(
                "<p>Hi <strong>Wanda</strong> &amp; <code>a&lt;b</code></p>\
                 <ul><li>one</li><li>two</li></ul>"
            )
        );
        assert_eq!(read.text, "Hi Wanda & a<b\n- one\n- two");
        assert_eq!(
            html("[x](https://a.example/?b&c)\n\n> q\n\n```\nf(x)\n```"),
            "<p><a href=\"https://a.example/?b&amp;c\" rel=\"nofollow\">x</a></p>\
             <blockquote><p>q</p></blockquote><pre><code>f(x)\n</code></pre>"
        );
    }

    #[test]
    fn a_mention_names_the_person_in_html_and_is_left_alone_in_code() {
        let directory = directory();
        let wanda = directory.by_email("wanda@acme.example").expect("Wanda");
        let written = format!(
            "<@personEmail:wanda@acme.example|W> <@personId:{}> <@all> `<@all>` <@personEmail:x@y>",
            wanda.id
        );
        let read = of_markdown(&written, &directory);
        assert_eq!(read.text, "W Wanda Fisk All <@all> x@y");
        assert_eq!(read.mentioned, [wanda.id.clone(), wanda.id.clone()]);
        assert!(read.mentions_all);
        let html = read.html.expect("HTML");
        let tag = format!(
            "data-object-type=\"person\" data-object-id=\"{}\"",
            wanda.id
        );
        assert_eq!(html.matches(&tag).count(), 2, "{html}");
        assert!(html.contains("<code>&lt;@all&gt;</code>"), "{html}");
    }

    #[test]
    fn only_harmless_html_is_let_through() {
        assert_eq!(html("a <b>c</b>"), "<p>a <b>c</b></p>");
        let shown = html("a <script>x</script> <img src=x>");
        assert!(
            !shown.contains("<script") && !shown.contains("<img"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_typed_without_formatting_has_no_html() {
        let plain = typed("see you at 5 < 6 & 7", &directory());
        assert_eq!(
            (plain.html, plain.text.as_str()),
            (None, "see you at 5 < 6 & 7")
        );
        assert!(typed("**now**", &directory()).html.is_some());
    }
}
