//! From what somebody types to a message's text and ranges.

use super::super::{
    ids::UserId,
    message::{Body, Format, Mention, Mentioned, Span},
};

/// Signs around a stretch, the longer before those that they begin with.
const SIGNS: &[(&str, Format)] = &[
    ("__", Format::Underline),
    ("*", Format::Bold),
    ("_", Format::Italic),
    ("~", Format::Strikethrough),
];

/// What can be mentioned: names, the longest first.
#[derive(Debug, Default)]
pub struct Mentionable {
    names: Vec<(String, Mentioned)>,
}

impl Mentionable {
    /// These people, and in a channel everyone by `@all`.
    pub fn new(people: impl Iterator<Item = (String, UserId)>, in_channel: bool) -> Self {
        let people = people.map(|(name, id)| (name, Mentioned::User(id)));
        let mut names: Vec<_> = people.collect();
        if in_channel {
            names.push(("all".to_owned(), Mentioned::Everyone));
        }
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { names }
    }

    fn at(&self, text: &str) -> Option<&(String, Mentioned)> {
        self.names.iter().find(|(name, _)| text.starts_with(name))
    }
}

/// Makes a message of what was typed.
pub fn typed(input: &str, mentionable: &Mentionable) -> Body {
    let mut writer = Writer {
        mentionable,
        body: Body::default(),
        units: 0,
    };
    for (index, line) in input.split('\n').enumerate() {
        if index > 0 {
            writer.push("\n");
        }
        writer.line(line);
    }
    writer.body
}

struct Writer<'a> {
    mentionable: &'a Mentionable,
    body: Body,
    /// The text's length in UTF-16.
    units: usize,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        let (format, rest) = block(line);
        let start = self.units;
        self.inline(rest);
        if let Some(format) = format {
            self.span(start, format, None);
        }
    }

    fn inline(&mut self, text: &str) {
        let mut rest = text;
        let mut before = None;
        while let Some(next) = rest.chars().next() {
            if let Some(after) = self.formatted(rest, before) {
                before = Some(' ');
                rest = after;
                continue;
            }
            let (one, after) = rest.split_at(next.len_utf8());
            self.push(one);
            before = Some(next);
            rest = after;
        }
    }

    /// Writes what starts here with a sign, and answers what comes after it.
    fn formatted<'t>(&mut self, text: &'t str, before: Option<char>) -> Option<&'t str> {
        if before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        self.mention(text)
            .or_else(|| self.link(text))
            .or_else(|| self.signed(text))
    }

    fn mention<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let named = text.strip_prefix('@')?;
        let (name, whom) = self.mentionable.at(named)?.clone();
        let start = self.units;
        self.push("@");
        self.push(&name);
        self.body.at_items.push(Mention {
            start,
            end: self.units - 1,
            whom,
        });
        named.strip_prefix(name.as_str())
    }

    fn link<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
        let (target, rest) = rest.split_once(')')?;
        let is_link = target.starts_with("https://") || target.starts_with("http://");
        if label.is_empty() || label.contains('\n') || !is_link {
            return None;
        }
        let start = self.units;
        self.push(label);
        self.span(start, Format::AddLink, Some(target.to_owned()));
        Some(rest)
    }

    fn signed<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (sign, format) = SIGNS.iter().find(|(sign, _)| text.starts_with(sign))?;
        let inner = &text[sign.len()..];
        let end = closing(inner, sign)?;
        let start = self.units;
        self.inline(&inner[..end]);
        self.span(start, *format, None);
        Some(&inner[end + sign.len()..])
    }

    fn span(&mut self, start: usize, format: Format, attribute: Option<String>) {
        if self.units > start {
            self.body.rich_text.push(Span {
                start_position: start,
                end_position: self.units - 1,
                format_type: format,
                format_attr: attribute,
            });
        }
    }

    fn push(&mut self, text: &str) {
        self.body.text.push_str(text);
        self.units += text.encode_utf16().count();
    }
}

fn block(line: &str) -> (Option<Format>, &str) {
    if let Some(rest) = line.strip_prefix("> ") {
        return (Some(Format::Quote), rest);
    }
    if let Some(rest) = line.strip_prefix("- ") {
        return (Some(Format::BulletedList), rest);
    }
    match line.split_once(". ") {
        Some((number, rest))
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            (Some(Format::NumberedList), rest)
        }
        Some(_) | None => (None, line),
    }
}

/// Where the sign stands that closes a stretch: after a letter, and not within a word.
fn closing(inner: &str, sign: &str) -> Option<usize> {
    let opens = inner.chars().next().is_some_and(|c| !c.is_whitespace());
    let mut places = inner.match_indices(sign).map(|(place, _)| place);
    places.find(|place| {
        let before = inner[..*place].chars().next_back();
        let after = inner[place + sign.len()..].chars().next();
        opens
            && before.is_some_and(|c| !c.is_whitespace())
            && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize, format: Format) -> Span {
        Span {
            start_position: start,
            end_position: end,
            format_type: format,
            format_attr: None,
        }
    }

    #[test]
    fn signs_become_ranges_with_inclusive_ends_in_utf16() {
        let body = typed("\u{1F600} *hi* 2*3*4 _a *b*_", &Mentionable::default());
        assert_eq!(body.text, "\u{1F600} hi 2*3*4 a b");
        assert_eq!(
            body.rich_text,
            [
                span(3, 4, Format::Bold),
                span(14, 14, Format::Bold),
                span(12, 14, Format::Italic),
            ]
        );
    }

    #[test]
    fn names_links_and_lines_are_recognised() {
        let people = [("Zara Quill".to_owned(), UserId::from("z"))];
        let mentionable = Mentionable::new(people.into_iter(), true);
        let body = typed(
            "- @Zara Quill\nmail@all [a](https://a.example)",
            &mentionable,
        );
        assert_eq!(body.text, "@Zara Quill\nmail@all a");
        assert_eq!((body.at_items[0].start, body.at_items[0].end), (0, 10));
        assert_eq!(body.at_items.len(), 1);
        assert_eq!(body.rich_text[0], span(0, 10, Format::BulletedList));
        assert_eq!(
            body.rich_text[1].format_attr.as_deref(),
            Some("https://a.example")
        );
    }
}
