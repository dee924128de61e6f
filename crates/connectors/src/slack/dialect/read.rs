//! Reads `blocks` into pieces. What a person types comes as `rich_text`; apps send all kinds.

use causeway_model::{ExternalAccount, Style};
use serde_json::Value;

use super::{
    AccountNames, emoji, other_blocks,
    piece::{self, Item, List, Piece, tidy},
    run::{self, Atom, Run, Styles},
};

pub(super) fn pieces(blocks: &[Value], names: &dyn AccountNames) -> Vec<Piece> {
    let mut pieces = Vec::new();
    // Elements of neighbouring blocks are read as one sequence: a long list is written as several.
    let mut elements: Vec<&Value> = Vec::new();
    for block in blocks {
        if text(block, "type") == "rich_text" {
            elements.extend(array(block, "elements"));
            continue;
        }
        pieces.extend(read_elements(&std::mem::take(&mut elements), names));
        pieces.extend(other_blocks::pieces(block, names));
    }
    pieces.extend(read_elements(&elements, names));
    tidy(pieces)
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The elements of `rich_text`: sections, lists, preformatted text, quotes. A border makes a list
/// or preformatted text part of a quote.
fn read_elements(elements: &[&Value], names: &dyn AccountNames) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for group in elements.chunk_by(|a, b| is_quoted(a) == is_quoted(b)) {
        let read = read_alike(group, names);
        if group.first().is_some_and(|element| is_quoted(element)) {
            pieces.push(Piece::Quote(read));
        } else {
            pieces.extend(read);
        }
    }
    pieces
}

fn is_quoted(element: &Value) -> bool {
    text(element, "type") == "rich_text_quote" || number(element, "border") > 0
}

fn read_alike(elements: &[&Value], names: &dyn AccountNames) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for group in elements.chunk_by(|a, b| is_list(a) && is_list(b)) {
        match group {
            [first, ..] if is_list(first) => pieces.extend(read_lists(group, names)),
            others => {
                for element in others {
                    pieces.extend(read_element(element, names));
                }
            }
        }
    }
    pieces
}

fn is_list(element: &Value) -> bool {
    text(element, "type") == "rich_text_list"
}

fn read_element(element: &Value, names: &dyn AccountNames) -> Vec<Piece> {
    if text(element, "type") == "rich_text_preformatted" {
        return piece::code(&preformatted(element, names))
            .into_iter()
            .collect();
    }
    read_paragraphs(element, names)
        .into_iter()
        .map(Piece::Text)
        .collect()
}

fn read_paragraphs(section: &Value, names: &dyn AccountNames) -> Vec<Vec<Run>> {
    let runs = array(section, "elements")
        .iter()
        .flat_map(|inline| read_inline(inline, names));
    run::paragraphs(runs.collect())
}

fn preformatted(element: &Value, names: &dyn AccountNames) -> String {
    let mut code = String::new();
    for inline in array(element, "elements") {
        for run in read_inline(inline, names) {
            match run.atom {
                Atom::Text(text) if text.is_empty() => {
                    code.push_str(run.link.as_deref().unwrap_or_default());
                }
                Atom::Text(text) | Atom::Code(text) => code.push_str(&text),
                Atom::Mention { name, .. } => {
                    code.push('@');
                    code.push_str(&name);
                }
                Atom::Emoji {
                    short_name,
                    unicode,
                } => match unicode {
                    Some(unicode) => code.push_str(&unicode),
                    None => code.push_str(&format!(":{}:", short_name.unwrap_or_default())),
                },
                Atom::Break => code.push('\n'),
            }
        }
    }
    code
}

/// Lists come flat, each with its indent; one that is indented deeper belongs to the last item
/// before it, and one that is not goes on where that depth was left.
fn read_lists(elements: &[&Value], names: &dyn AccountNames) -> Vec<Piece> {
    let flat = elements.iter().map(|element| {
        let ordered = text(element, "style") == "ordered";
        let offset = if ordered {
            number(element, "offset")
        } else {
            0
        };
        let items = array(element, "elements").iter().map(|section| Item {
            paragraphs: read_paragraphs(section, names),
            lists: Vec::new(),
        });
        let list = List {
            ordered,
            start: u32::try_from(offset).unwrap_or(0).saturating_add(1),
            items: items.collect(),
        };
        (number(element, "indent"), list)
    });
    nest(flat.collect()).into_iter().map(Piece::List).collect()
}

fn nest(flat: Vec<(u64, List)>) -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    let mut rest = flat.into_iter().peekable();
    while let Some((indent, list)) = rest.next() {
        let mut under = Vec::new();
        while let Some(deeper) = rest.next_if(|(deeper, _)| *deeper > indent) {
            under.push(deeper);
        }
        lists.push(list);
        let last = lists.last_mut().and_then(|list| list.items.last_mut());
        match last {
            Some(item) => item.lists.extend(nest(under)),
            None => lists.extend(nest(under)),
        }
    }
    lists
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or(0)
}

/// One inline element as runs.
/// Source: <https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#element-types>.
fn read_inline(inline: &Value, names: &dyn AccountNames) -> Vec<Run> {
    let styles = styles(inline);
    let words = |words: String| run::lines(&words, styles, None);
    match text(inline, "type") {
        "text" if is_code(inline) => run::code_lines(text(inline, "text"), styles, None),
        "link" => read_link(inline, styles),
        "emoji" => vec![Run::new(styles, read_emoji(inline))],
        "user" => vec![Run::new(styles, mention(text(inline, "user_id"), names))],
        "channel" => words(format!("#{}", text(inline, "channel_id"))),
        "usergroup" => words(format!("@{}", text(inline, "usergroup_id"))),
        "team" => words(format!("@{}", text(inline, "team_id"))),
        "broadcast" => words(format!("@{}", text(inline, "range"))),
        "color" => words(text(inline, "value").to_owned()),
        "date" => words(read_date(inline)),
        _ => words(text(inline, "text").to_owned()),
    }
}

pub(super) fn mention(id: &str, names: &dyn AccountNames) -> Atom {
    Atom::Mention {
        account: ExternalAccount::new(id),
        name: names.name(id).unwrap_or_else(|| id.to_owned()),
    }
}

fn styles(inline: &Value) -> Styles {
    let styled = |styles: Styles, (style, key)| {
        if has_style(inline, key) {
            styles.with(style)
        } else {
            styles
        }
    };
    [
        (Style::Bold, "bold"),
        (Style::Italic, "italic"),
        (Style::Strike, "strike"),
    ]
    .into_iter()
    .fold(Styles::default(), styled)
}

fn is_code(inline: &Value) -> bool {
    has_style(inline, "code")
}

fn has_style(inline: &Value, key: &str) -> bool {
    let flag = inline.get("style").and_then(|style| style.get(key));
    flag.and_then(Value::as_bool).unwrap_or(false)
}

fn read_link(inline: &Value, styles: Styles) -> Vec<Run> {
    let (url, shown) = (text(inline, "url"), text(inline, "text"));
    if url.is_empty() {
        return run::lines(shown, styles, None);
    }
    if shown.is_empty() {
        return vec![Run {
            styles,
            link: Some(url.to_owned()),
            atom: Atom::Text(String::new()),
        }];
    }
    if is_code(inline) {
        return run::code_lines(shown, styles, Some(url));
    }
    run::lines(shown, styles, Some(url))
}

fn read_emoji(inline: &Value) -> Atom {
    let name = text(inline, "name");
    let tone = inline.get("skin_tone").and_then(Value::as_u64);
    let unicode = emoji::from_code_points(text(inline, "unicode"))
        .map(|plain| emoji::toned(&plain, tone).unwrap_or(plain))
        .or_else(|| emoji::with_tone(name, tone))
        .or_else(|| emoji::standard(name));
    Atom::Emoji {
        short_name: Some(name.to_owned()),
        unicode,
    }
}

/// A date as its author's fallback says it, else as a moment in UTC: whose time zone would be
/// right for the reader is not known here.
fn read_date(inline: &Value) -> String {
    let fallback = text(inline, "fallback");
    if !fallback.is_empty() {
        return fallback.to_owned();
    }
    let seconds = inline.get("timestamp").and_then(Value::as_i64).unwrap_or(0);
    match jiff::Timestamp::from_second(seconds) {
        Ok(moment) => moment.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => String::new(),
    }
}
