//! Slack's `mrkdwn` text: what apps write, and what stands beside blocks as their fallback.
//!
//! A scanner, not a grammar: whatever does not form markup stays text, and any input is accepted.
//! Source: <https://docs.slack.dev/messaging/formatting-message-text>.

use causeway_model::Style;

use super::{
    AccountNames, emoji,
    piece::{self, Piece},
    read,
    run::{self, Atom, Run, Styles},
};

const FENCE: &str = "```";

pub(super) fn pieces(text: &str, names: &dyn AccountNames) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, fenced)) = rest.split_once(FENCE) {
        let Some((code, after)) = fenced.split_once(FENCE) else {
            break;
        };
        pieces.extend(unfenced(before, names));
        let code = literal(code, names);
        pieces.extend(piece::code(code.strip_prefix('\n').unwrap_or(&code)));
        rest = after;
    }
    pieces.extend(unfenced(rest, names));
    pieces
}

/// The three characters that mean something to Slack, written out.
pub(in crate::slack) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Text without fences: lines that begin with `>` are quotes, and after `>>>` everything is.
fn unfenced(text: &str, names: &dyn AccountNames) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (text, quoted_to_the_end) = split_long_quote(text);
    let lines: Vec<&str> = text.split('\n').collect();
    for group in lines.chunk_by(|a, b| quoted(a).is_some() == quoted(b).is_some()) {
        if group.first().is_some_and(|line| quoted(line).is_some()) {
            let inner: Vec<&str> = group.iter().filter_map(|line| quoted(line)).collect();
            pieces.push(Piece::Quote(paragraphs(&inner.join("\n"), names)));
        } else {
            pieces.extend(paragraphs(&group.join("\n"), names));
        }
    }
    if let Some(quoted) = quoted_to_the_end {
        let quoted = quoted.strip_prefix(' ').unwrap_or(quoted);
        pieces.push(Piece::Quote(paragraphs(quoted, names)));
    }
    pieces
}

fn split_long_quote(text: &str) -> (&str, Option<&str>) {
    const LONG: &str = "&gt;&gt;&gt;";
    if let Some(quoted) = text.strip_prefix(LONG) {
        return ("", Some(quoted));
    }
    match text.split_once("\n&gt;&gt;&gt;") {
        Some((before, quoted)) => (before, Some(quoted)),
        None => (text, None),
    }
}

fn quoted(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("&gt;")?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

fn paragraphs(text: &str, names: &dyn AccountNames) -> Vec<Piece> {
    let tokens = tokens(text, names);
    let mut runs = Vec::new();
    style(&tokens, Styles::default(), &mut runs);
    run::paragraphs(run::merge(runs))
        .into_iter()
        .map(Piece::Text)
        .collect()
}

/// What stands between fences: links and mentions as they are seen, nothing styled.
fn literal(code: &str, names: &dyn AccountNames) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some((before, token, after)) = next_angle(rest) {
        out.push_str(&unescape(before));
        match angle(token, names) {
            Angle::Link { url, shown } if shown.is_empty() => out.push_str(&url),
            Angle::Link { shown, .. } | Angle::Words(shown) => out.push_str(&shown),
            Angle::Mention(Atom::Mention { name, .. }) => out.push_str(&format!("@{name}")),
            Angle::Mention(_) => {}
        }
        rest = after;
    }
    out.push_str(&unescape(rest));
    out
}

enum Token {
    Character(char),
    Whole(Run),
}

impl Token {
    fn is_white(&self) -> bool {
        matches!(self, Self::Character(c) if c.is_whitespace())
    }

    fn is_word(&self) -> bool {
        matches!(self, Self::Character(c) if c.is_alphanumeric())
    }

    fn is(&self, wanted: char) -> bool {
        matches!(self, Self::Character(c) if *c == wanted)
    }
}

fn tokens(text: &str, names: &dyn AccountNames) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let special = match first {
            '<' => angle_token(rest, names),
            '`' => code_token(rest),
            ':' => emoji_token(rest, tokens.last()),
            '&' => entity_token(rest),
            _ => None,
        };
        let (token, after) = match special {
            Some((new, after)) => (new, after),
            None => (vec![Token::Character(first)], &rest[first.len_utf8()..]),
        };
        tokens.extend(token);
        rest = after;
    }
    tokens
}

type Scanned<'a> = Option<(Vec<Token>, &'a str)>;

fn entity_token(text: &str) -> Scanned<'_> {
    let entities = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
    entities.into_iter().find_map(|(written, meant)| {
        let after = text.strip_prefix(written)?;
        Some((vec![Token::Character(meant)], after))
    })
}

fn code_token(text: &str) -> Scanned<'_> {
    let inner = text.strip_prefix('`')?;
    let (code, after) = inner.split_once('`')?;
    if code.trim().is_empty() || code.contains('\n') {
        return None;
    }
    let run = Run::new(Styles::default(), Atom::Code(unescape(code)));
    Some((vec![Token::Whole(run)], after))
}

/// `:name:` or `:name::skin-tone-2:`; never inside a word, so that times stay times.
fn emoji_token<'a>(text: &'a str, before: Option<&Token>) -> Scanned<'a> {
    if before.is_some_and(Token::is_word) {
        return None;
    }
    let (name, mut after) = text.strip_prefix(':')?.split_once(':')?;
    if !emoji::is_name(name) {
        return None;
    }
    let mut full = name.to_owned();
    if let Some((tone, rest)) = after
        .strip_prefix(":skin-tone-")
        .and_then(|t| t.split_once(':'))
        && matches!(tone, "2" | "3" | "4" | "5" | "6")
    {
        full = format!("{name}::skin-tone-{tone}");
        after = rest;
    }
    let unicode = emoji::standard(&full);
    if unicode.is_none() && !name.bytes().any(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let run = Run::new(
        Styles::default(),
        Atom::Emoji {
            short_name: Some(full),
            unicode,
        },
    );
    Some((vec![Token::Whole(run)], after))
}

fn angle_token<'a>(text: &'a str, names: &dyn AccountNames) -> Scanned<'a> {
    let (before, token, after) = next_angle(text)?;
    if !before.is_empty() {
        return None;
    }
    let tokens = match angle(token, names) {
        Angle::Mention(atom) => vec![Token::Whole(Run::new(Styles::default(), atom))],
        Angle::Words(words) => words.chars().map(Token::Character).collect(),
        Angle::Link { url, shown } => vec![Token::Whole(Run {
            styles: Styles::default(),
            link: Some(url),
            atom: Atom::Text(shown),
        })],
    };
    Some((tokens, after))
}

/// Text before the next `<…>`, what is in it, and what follows.
fn next_angle(text: &str) -> Option<(&str, &str, &str)> {
    let (before, opened) = text.split_once('<')?;
    let (token, after) = opened.split_once('>')?;
    let sound = !token.is_empty() && !token.contains(['<', '\n']);
    sound.then_some((before, token, after))
}

enum Angle {
    Mention(Atom),
    Words(String),
    /// `shown` is empty where the address itself is shown.
    Link {
        url: String,
        shown: String,
    },
}

fn angle(token: &str, names: &dyn AccountNames) -> Angle {
    let (target, label) = match token.split_once('|') {
        Some((target, label)) => (target, unescape(label)),
        None => (token, String::new()),
    };
    let label_or = |words: &str| {
        if label.is_empty() {
            words.to_owned()
        } else {
            label.clone()
        }
    };
    if let Some(id) = target.strip_prefix('@') {
        return Angle::Mention(read::mention(id, names));
    }
    if let Some(id) = target.strip_prefix('#') {
        return Angle::Words(format!("#{}", label_or(id)));
    }
    if let Some(command) = target.strip_prefix('!') {
        return Angle::Words(special(command, &label));
    }
    Angle::Link {
        url: unescape(target),
        shown: label,
    }
}

/// `here`, `subteam^S1`, `date^1392734382^{date}`: readable words for what Slack fills in.
fn special(command: &str, label: &str) -> String {
    let name = command.split('^').next().unwrap_or_default();
    match name {
        "date" | "subteam" if !label.is_empty() => label.to_owned(),
        "subteam" => format!("@{}", command.split('^').nth(1).unwrap_or_default()),
        "date" => String::new(),
        _ => format!("@{name}"),
    }
}

const MARKS: [(char, Style); 3] = [
    ('*', Style::Bold),
    ('_', Style::Italic),
    ('~', Style::Strike),
];

/// Turns tokens into runs. Each style is looked for once per level, so that the work stays
/// linear in the length for each of at most three levels.
fn style(tokens: &[Token], styles: Styles, runs: &mut Vec<Run>) {
    // Where no closing mark stands after an opening one, none stands after a later one either, up
    // to the end of that line.
    let mut unclosed_before = [0_usize; MARKS.len()];
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let mark = MARKS
            .iter()
            .position(|(mark, style)| token.is(*mark) && !styles.has(*style));
        if let Some(mark) = mark
            && at >= unclosed_before[mark]
            && opens(tokens, at)
        {
            match closing(tokens, at, MARKS[mark].0) {
                Ok(end) => {
                    style(&tokens[at + 1..end], styles.with(MARKS[mark].1), runs);
                    at = end + 1;
                    continue;
                }
                Err(line_end) => unclosed_before[mark] = line_end,
            }
        }
        push(token, styles, runs);
        at += 1;
    }
}

fn push(token: &Token, styles: Styles, runs: &mut Vec<Run>) {
    match token {
        Token::Character('\n') => runs.push(Run::new(styles, Atom::Break)),
        Token::Character('\r') => {}
        Token::Character(c) => match runs.last_mut() {
            Some(Run {
                styles: before,
                link: None,
                atom: Atom::Text(text),
            }) if *before == styles => text.push(*c),
            _ => runs.push(Run::new(styles, Atom::Text(c.to_string()))),
        },
        Token::Whole(run) => runs.push(Run {
            styles,
            ..run.clone()
        }),
    }
}

fn opens(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let after = tokens.get(at + 1);
    !before.is_some_and(Token::is_word) && after.is_some_and(|token| !token.is_white())
}

/// The place of the mark that closes the one at `open`, or the end of its line.
fn closing(tokens: &[Token], open: usize, mark: char) -> Result<usize, usize> {
    let mut at = open + 1;
    while let Some(token) = tokens.get(at) {
        if token.is('\n') {
            return Err(at);
        }
        let closes = token.is(mark)
            && at > open + 1
            && !tokens[at - 1].is_white()
            && !tokens.get(at + 1).is_some_and(Token::is_word);
        if closes {
            return Ok(at);
        }
        at += 1;
    }
    Err(at)
}
