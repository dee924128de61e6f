//! From a message's text and ranges to what somebody reads.

use super::super::message::{Format, Span};

/// The text with signs for its looks, as they would be typed. Sizes, colours and indents have none.
pub fn shown(text: &str, spans: &[Span]) -> String {
    let mut spans: Vec<_> = spans.iter().collect();
    spans.sort_by_key(|span| (span.start_position, std::cmp::Reverse(span.end_position)));
    let mut out = String::new();
    let mut unit = 0;
    let mut at_line_start = true;
    for c in text.chars() {
        let last = unit + c.len_utf16() - 1;
        if at_line_start && c != '\n' {
            let around = spans.iter().filter(|span| holds(span, unit));
            out.extend(around.filter_map(|span| line_sign(span)));
        }
        for span in spans.iter().filter(|span| span.start_position == unit) {
            out.push_str(opening(span.format_type));
        }
        out.push(c);
        for span in spans.iter().rev().filter(|span| span.end_position == last) {
            out.push_str(&closing(span));
        }
        at_line_start = c == '\n';
        unit = last + 1;
    }
    out
}

fn holds(span: &Span, unit: usize) -> bool {
    (span.start_position..=span.end_position).contains(&unit)
}

fn line_sign(span: &Span) -> Option<&'static str> {
    match span.format_type {
        Format::BulletedList => Some("- "),
        Format::NumberedList => Some("1. "),
        Format::Quote => Some("> "),
        Format::Paragraph => Some("# "),
        Format::Bold
        | Format::Italic
        | Format::Strikethrough
        | Format::Underline
        | Format::FontSize
        | Format::FontColor
        | Format::BackgroundColor
        | Format::LeftIndent
        | Format::AddLink => None,
    }
}

fn opening(format: Format) -> &'static str {
    match format {
        Format::Bold => "*",
        Format::Italic => "_",
        Format::Strikethrough => "~",
        Format::Underline => "__",
        Format::AddLink => "[",
        Format::BulletedList
        | Format::NumberedList
        | Format::Quote
        | Format::Paragraph
        | Format::FontSize
        | Format::FontColor
        | Format::BackgroundColor
        | Format::LeftIndent => "",
    }
}

fn closing(span: &Span) -> String {
    match (span.format_type, &span.format_attr) {
        (Format::AddLink, Some(target)) => format!("]({target})"),
        (format, _) => opening(format).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::typed::{Mentionable, typed},
        *,
    };

    #[test]
    fn what_is_typed_is_shown_as_it_was_typed() {
        for text in [
            "\u{1F600} *hi* and _a *b*_ ~no~ __yes__",
            "- one\n- *two*\n\n> said\nplain",
            "see [the page](https://a.example/x) now",
            "2*3*4 and snake_case_name",
        ] {
            let body = typed(text, &Mentionable::default());
            assert_eq!(shown(&body.text, &body.rich_text), text);
        }
    }
}
