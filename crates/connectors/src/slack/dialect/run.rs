//! Inline content as flat runs, the way Slack's elements hold it: every run has all of its styles
//! and its link, and none contains another.

use causeway_model::{ExternalAccount, Inline, Style};

use super::emoji;

/// Schemes that Slack takes in a link element; anything else is written as text.
const LINK_SCHEMES: [&str; 5] = ["http", "https", "mailto", "tel", "ftp"];

const NESTING: [Style; 3] = [Style::Bold, Style::Italic, Style::Strike];

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Styles {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) strike: bool,
}

impl Styles {
    pub(super) fn with(mut self, style: Style) -> Self {
        match style {
            Style::Bold => self.bold = true,
            Style::Italic => self.italic = true,
            Style::Strike => self.strike = true,
        }
        self
    }

    pub(super) fn has(self, style: Style) -> bool {
        match style {
            Style::Bold => self.bold,
            Style::Italic => self.italic,
            Style::Strike => self.strike,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Atom {
    /// Without line breaks; empty only in a link that shows its address.
    Text(String),
    Code(String),
    Mention {
        account: ExternalAccount,
        name: String,
    },
    Emoji {
        short_name: Option<String>,
        unicode: Option<String>,
    },
    Break,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) styles: Styles,
    pub(super) link: Option<String>,
    pub(super) atom: Atom,
}

impl Run {
    pub(super) fn new(styles: Styles, atom: Atom) -> Self {
        Self {
            styles,
            link: None,
            atom,
        }
    }

    pub(super) fn is_break(&self) -> bool {
        self.atom == Atom::Break
    }

    /// Whether a reader sees nothing of it.
    pub(super) fn is_blank(&self) -> bool {
        match &self.atom {
            Atom::Text(text) => self.link.is_none() && text.trim().is_empty(),
            Atom::Code(code) => code.trim().is_empty(),
            Atom::Break => true,
            Atom::Mention { .. } | Atom::Emoji { .. } => false,
        }
    }

    fn shows_address(&self) -> bool {
        self.atom == Atom::Text(String::new())
    }
}

/// Text as runs, a break for each line end.
pub(super) fn lines(text: &str, styles: Styles, link: Option<&str>) -> Vec<Run> {
    split_lines(text, styles, link, Atom::Text)
}

/// Inline code as runs, a break for each line end.
pub(super) fn code_lines(text: &str, styles: Styles, link: Option<&str>) -> Vec<Run> {
    split_lines(text, styles, link, Atom::Code)
}

fn split_lines(
    text: &str,
    styles: Styles,
    link: Option<&str>,
    atom: fn(String) -> Atom,
) -> Vec<Run> {
    let mut runs = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            runs.push(Run::new(styles, Atom::Break));
        }
        let line = line.replace('\r', "");
        if !line.is_empty() {
            runs.push(Run {
                styles,
                link: link.map(str::to_owned),
                atom: atom(line),
            });
        }
    }
    runs
}

/// The content tree's inlines as runs, with what Slack cannot hold written out.
pub(super) fn flatten(inlines: &[Inline]) -> Vec<Run> {
    let mut runs = Vec::new();
    flatten_into(inlines, Styles::default(), None, &mut runs);
    merge(runs)
}

fn flatten_into(inlines: &[Inline], styles: Styles, link: Option<&str>, runs: &mut Vec<Run>) {
    for inline in inlines {
        match inline {
            Inline::Text(text) => runs.extend(lines(text, styles, link)),
            Inline::Code(text) => runs.extend(code_lines(text, styles, link)),
            Inline::Styled { style, children } => {
                flatten_into(children, styles.with(*style), link, runs);
            }
            Inline::Link { url, children } => flatten_link(url, children, styles, link, runs),
            Inline::Mention { account, name } => {
                runs.extend(mention(account, name, styles, link));
            }
            Inline::Emoji {
                short_name,
                unicode,
            } => runs.extend(written_emoji(
                short_name.as_deref(),
                unicode.as_deref(),
                styles,
                link,
            )),
            Inline::LineBreak => runs.push(Run::new(styles, Atom::Break)),
        }
    }
}

fn flatten_link(
    url: &str,
    children: &[Inline],
    styles: Styles,
    outer: Option<&str>,
    runs: &mut Vec<Run>,
) {
    if outer.is_some() {
        return flatten_into(children, styles, outer, runs);
    }
    let linked = can_be_linked(url);
    let before = runs.len();
    flatten_into(children, styles, linked.then_some(url), runs);
    let shown = runs[before..].iter().any(|run| match &run.atom {
        // A link inside one that cannot be written stays one itself.
        Atom::Text(text) => !text.trim().is_empty() || !linked && run.link.is_some(),
        Atom::Code(text) => !text.trim().is_empty(),
        Atom::Mention { .. } | Atom::Emoji { .. } => true,
        Atom::Break => false,
    });
    if !shown {
        runs.truncate(before);
    } else if linked {
        unlink_blank_lines(&mut runs[before..]);
    }
    match (linked, shown) {
        (true, true) => {}
        (true, false) => runs.push(Run {
            styles,
            link: Some(url.to_owned()),
            atom: Atom::Text(String::new()),
        }),
        (false, true) if url.is_empty() => {}
        (false, true) => runs.extend(lines(&format!(" ({url})"), styles, None)),
        (false, false) => runs.extend(lines(url, styles, None)),
    }
}

/// A line of a link on which nothing is to be seen is no link: there would be nothing to follow.
fn unlink_blank_lines(runs: &mut [Run]) {
    for line in runs.split_mut(Run::is_break) {
        let blank = line.iter().all(|run| match &run.atom {
            Atom::Text(text) | Atom::Code(text) => text.trim().is_empty(),
            Atom::Mention { .. } | Atom::Emoji { .. } | Atom::Break => false,
        });
        if blank {
            line.iter_mut().for_each(|run| run.link = None);
        }
    }
}

fn can_be_linked(url: &str) -> bool {
    !url.contains(char::is_whitespace)
        && url::Url::parse(url).is_ok_and(|url| LINK_SCHEMES.contains(&url.scheme()))
}

fn mention(account: &ExternalAccount, name: &str, styles: Styles, link: Option<&str>) -> Vec<Run> {
    if link.is_some() || !is_account_id(account.as_str()) {
        return lines(&format!("@{name}"), styles, link);
    }
    let atom = Atom::Mention {
        account: account.clone(),
        name: name.to_owned(),
    };
    vec![Run::new(styles, atom)]
}

/// Whether Slack would take it in a mention: `U…` or `W…`.
pub(super) fn is_account_id(id: &str) -> bool {
    let well_formed = id
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    well_formed && id.len() > 1 && id.starts_with(['U', 'W'])
}

/// Standard emoji go as their characters: Slack's names for them differ from everyone else's, and
/// a name it does not know would be shown between colons.
fn written_emoji(
    short_name: Option<&str>,
    unicode: Option<&str>,
    styles: Styles,
    link: Option<&str>,
) -> Vec<Run> {
    if let Some(unicode) = unicode.filter(|unicode| !unicode.is_empty()) {
        return lines(unicode, styles, link);
    }
    let name = short_name.unwrap_or("emoji");
    if let Some(unicode) = emoji::standard(name) {
        return lines(&unicode, styles, link);
    }
    if link.is_some() || !emoji::is_name(name) {
        return lines(&format!(":{name}:"), styles, link);
    }
    let atom = Atom::Emoji {
        short_name: Some(name.to_owned()),
        unicode: None,
    };
    vec![Run::new(Styles::default(), atom)]
}

/// Joins neighbours that differ in nothing but their text.
pub(super) fn merge(runs: Vec<Run>) -> Vec<Run> {
    let mut merged: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        if let Some(last) = merged.last_mut()
            && last.styles == run.styles
            && last.link == run.link
            && !last.shows_address()
            && !run.shows_address()
            && let (Atom::Text(before), Atom::Text(text)) | (Atom::Code(before), Atom::Code(text)) =
                (&mut last.atom, &run.atom)
        {
            before.push_str(text);
            continue;
        }
        merged.push(run);
    }
    merged
}

/// Divides at blank lines; what is left has no break at its ends and none beside another.
pub(super) fn paragraphs(runs: Vec<Run>) -> Vec<Vec<Run>> {
    let mut paragraphs = vec![Vec::new()];
    let mut breaks: Vec<Run> = Vec::new();
    for run in runs {
        if run.is_break() {
            breaks.push(run);
            continue;
        }
        let single = if breaks.len() == 1 {
            breaks.pop()
        } else {
            None
        };
        if !breaks.is_empty() {
            paragraphs.push(Vec::new());
            breaks.clear();
        }
        if let Some(paragraph) = paragraphs.last_mut() {
            if !paragraph.is_empty() {
                paragraph.extend(single);
            }
            paragraph.push(run);
        }
    }
    paragraphs.retain(|paragraph| !paragraph.iter().all(Run::is_blank));
    paragraphs.into_iter().map(merge).collect()
}

/// Runs as the content tree nests them: a link outside, then bold, italic, strike.
pub(super) fn nest(runs: &[Run]) -> Vec<Inline> {
    let mut inlines = Vec::new();
    let same_link = |a: &Run, b: &Run| {
        a.link == b.link && (a.link.is_none() || !(a.shows_address() || b.shows_address()))
    };
    for group in runs.chunk_by(same_link) {
        match group.first().and_then(|run| run.link.as_ref()) {
            None => inlines.extend(styled(group, &NESTING)),
            Some(url) => inlines.push(Inline::Link {
                url: url.clone(),
                children: styled(group, &NESTING),
            }),
        }
    }
    inlines
}

fn styled(runs: &[Run], styles: &[Style]) -> Vec<Inline> {
    let Some((style, inner)) = styles.split_first() else {
        return runs.iter().filter_map(leaf).collect();
    };
    let mut inlines = Vec::new();
    for group in runs.chunk_by(|a, b| a.styles.has(*style) == b.styles.has(*style)) {
        let children = styled(group, inner);
        if group.first().is_some_and(|run| run.styles.has(*style)) && !children.is_empty() {
            inlines.push(Inline::Styled {
                style: *style,
                children,
            });
        } else {
            inlines.extend(children);
        }
    }
    inlines
}

fn leaf(run: &Run) -> Option<Inline> {
    Some(match &run.atom {
        Atom::Text(text) if text.is_empty() => return None,
        Atom::Text(text) => Inline::Text(text.clone()),
        Atom::Code(text) => Inline::Code(text.clone()),
        Atom::Mention { account, name } => Inline::Mention {
            account: account.clone(),
            name: name.clone(),
        },
        Atom::Emoji {
            short_name,
            unicode,
        } => Inline::Emoji {
            short_name: short_name.clone(),
            unicode: unicode.clone(),
        },
        Atom::Break => Inline::LineBreak,
    })
}
