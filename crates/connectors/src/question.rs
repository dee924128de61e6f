//! What somebody asks who writes to the app where there are no commands.

/// A word before a question that means nothing there, but people know it from elsewhere.
const COMMAND: &str = "/causeway";

/// The question alone.
pub(crate) fn read(text: &str) -> String {
    let text = text.trim();
    let led = text
        .get(..COMMAND.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(COMMAND));
    let rest = if led { &text[COMMAND.len()..] } else { text };
    let whole_word = rest.is_empty() || rest.starts_with(char::is_whitespace);
    if whole_word { rest.trim() } else { text }.to_owned()
}
