//! Text in Markdown that stays text.

/// Escapes characters one after another, as their place in the line asks for.
#[derive(Debug, Clone)]
pub(super) struct Escaper {
    /// Nothing but digits since the line began, and how many.
    digits: Option<usize>,
    /// A space here would be lost, or make something of the line.
    after_space: bool,
}

impl Escaper {
    pub(super) fn at_line_start() -> Self {
        Self {
            digits: Some(0),
            after_space: true,
        }
    }

    /// Something that is no text was written.
    pub(super) fn past_other(&mut self) {
        self.digits = None;
        self.after_space = false;
    }

    pub(super) fn push(&mut self, c: char, out: &mut String) {
        if is_space(c) {
            // Runs of spaces and those at the start of a line stay as no-break spaces.
            out.push(if self.after_space { '\u{a0}' } else { ' ' });
            self.after_space = true;
            self.digits = None;
            return;
        }
        let digits = self.digits.take();
        self.after_space = false;
        match c {
            // Entities: a backslash before the sign would still leave something that looks like a
            // mention or a tag to whoever looks for those first.
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' => push_escaped(c, out),
            '#' | '+' | '-' | '=' if digits == Some(0) => push_escaped(c, out),
            '.' | ')' if digits.is_some_and(|digits| digits > 0) => push_escaped(c, out),
            _ => {
                if c.is_ascii_digit() {
                    self.digits = digits.map(|digits| digits + 1);
                }
                out.push(c);
            }
        }
    }
}

fn push_escaped(c: char, out: &mut String) {
    out.push('\\');
    out.push(c);
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{a0}')
}

/// An address as the target of a link: what could end it, or mean something else there, is
/// percent-encoded.
pub(super) fn target(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut after_ampersand = false;
    for c in url.chars() {
        match c {
            '(' | ')' | '<' | '>' | '"' | '\\' | '`' | ' ' | '|' => percent(c, &mut out),
            // Would end what looks like an entity.
            ';' if after_ampersand => percent(c, &mut out),
            _ => out.push(c),
        }
        after_ampersand |= c == '&';
    }
    out
}

fn percent(c: char, out: &mut String) {
    let mut bytes = [0; 4];
    for byte in c.encode_utf8(&mut bytes).bytes() {
        out.push_str(&format!("%{byte:02X}"));
    }
}

/// A name as it may stand in a mention: nothing in it ends the mention or is markup.
pub(super) fn mention_name(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| match c {
            '<' | '>' | '|' | '&' | '*' | '_' | '[' | ']' | '`' | '~' | '\\' => ' ',
            _ => c,
        })
        .collect();
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ")
}

/// Code has no escapes: what looks for mentions before it looks for code would find one there.
pub(super) fn code(text: &str) -> String {
    text.replace("<@", "<\u{200b}@")
}
