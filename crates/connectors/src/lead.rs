//! The name of whom the app speaks for, where it stands in the text.

use causeway_model::{Content, Inline, Style};

/// The content under the name of whom the app speaks for. Marks that turn the direction of writing
/// are taken out of the name: they could make it read as somebody else's.
pub(crate) fn led_by_name(content: Content, name: &str) -> Content {
    let name = without_direction_marks(name);
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    if name.trim().is_empty() {
        return content;
    }
    content.led_by(vec![
        Inline::Styled {
            style: Style::Bold,
            children: vec![Inline::Text(name.trim().to_owned())],
        },
        Inline::Text(": ".to_owned()),
    ])
}

pub(crate) fn without_direction_marks(name: &str) -> String {
    name.chars().filter(|c| !is_direction_mark(*c)).collect()
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
