//! Writes pieces as `mrkdwn`: what notifications show.

use super::{
    mrkdwn::escape,
    piece::{Item, List, Piece},
    run::{Atom, Run},
};

/// Slack cuts longer text, and might cut it inside an entity.
const LONGEST: usize = 39_000;

pub(super) fn text(pieces: &[Piece]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut length = 0;
    for piece in pieces {
        let part = write_piece(piece);
        length += part.len();
        if length > LONGEST {
            parts.push("…".to_owned());
            break;
        }
        parts.push(part);
    }
    parts.join("\n")
}

fn write_piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(runs) => line(runs),
        Piece::Code(text) => format!("```\n{}\n```", escape(text)),
        Piece::Quote(inner) => {
            let inner = text(inner);
            let lines = inner.lines().map(|line| format!("> {line}"));
            lines.collect::<Vec<_>>().join("\n")
        }
        Piece::List(list) => {
            let mut lines = Vec::new();
            write_list(list, 0, &mut lines);
            lines.join("\n")
        }
    }
}

fn write_list(list: &List, indent: usize, lines: &mut Vec<String>) {
    for (index, item) in list.items.iter().enumerate() {
        let marker = match list.ordered {
            true => format!("{}.", u64::from(list.start) + index as u64),
            false => "•".to_owned(),
        };
        write_item(item, &marker, indent, lines);
    }
}

fn write_item(item: &Item, marker: &str, indent: usize, lines: &mut Vec<String>) {
    let words: Vec<String> = item.paragraphs.iter().map(|runs| line(runs)).collect();
    lines.push(format!(
        "{}{marker} {}",
        "    ".repeat(indent),
        words.join("\n")
    ));
    for list in &item.lists {
        write_list(list, indent + 1, lines);
    }
}

fn line(runs: &[Run]) -> String {
    runs.iter().map(write_run).collect()
}

fn write_run(run: &Run) -> String {
    let words = match (&run.atom, &run.link) {
        (Atom::Break, _) => return "\n".to_owned(),
        (Atom::Text(text), Some(url)) => return link(url, text),
        (Atom::Code(text), Some(url)) => return link(url, text),
        (Atom::Text(text), None) => escape(text),
        (Atom::Code(text), None) => format!("`{}`", escape(text)),
        (Atom::Mention { account, .. }, _) => format!("<@{account}>"),
        (
            Atom::Emoji {
                short_name,
                unicode,
            },
            _,
        ) => match (unicode, short_name) {
            (Some(unicode), _) => unicode.clone(),
            (None, Some(name)) => format!(":{name}:"),
            (None, None) => String::new(),
        },
    };
    marked(&words, run)
}

/// Marks stand directly at the words: around white space they would be shown as they are.
fn marked(words: &str, run: &Run) -> String {
    let core = words.trim();
    if core.is_empty() {
        return words.to_owned();
    }
    let lead = &words[..words.len() - words.trim_start().len()];
    let tail = &words[words.trim_end().len()..];
    let marks = [
        (run.styles.bold, '*'),
        (run.styles.italic, '_'),
        (run.styles.strike, '~'),
    ];
    let opening: String = marks
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, mark)| mark)
        .collect();
    let closing: String = opening.chars().rev().collect();
    format!("{lead}{opening}{core}{closing}{tail}")
}

fn link(url: &str, shown: &str) -> String {
    let url = escape(url).replace('|', "%7C");
    if shown.is_empty() {
        return format!("<{url}>");
    }
    format!("<{url}|{}>", escape(shown).replace('|', "¦"))
}
