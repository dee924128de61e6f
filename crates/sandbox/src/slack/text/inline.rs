//! The inside of a line of mrkdwn as elements of a `rich_text_section`.

use serde_json::{Map, Value, json};

/// Which styles are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    bold: bool,
    italic: bool,
    strike: bool,
    code: bool,
}

/// Emoji that the workspace made itself.
pub const CUSTOM_EMOJI: &[&str] = &["acme", "shipit_squirrel"];

/// The elements of a piece of mrkdwn, whose `& < >` are escaped.
pub fn elements(text: &str) -> Vec<Value> {
    let mut reader = Reader::default();
    reader.read(text, Style::default());
    reader.flush();
    reader.out
}

/// The text of a piece of mrkdwn without its escapes.
pub fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Whether the workspace has an emoji of this name, skin tone included.
pub fn is_emoji(name: &str) -> bool {
    let base = match name.split_once("::") {
        None => name,
        Some((base, tone)) => {
            let tones = [
                "skin-tone-2",
                "skin-tone-3",
                "skin-tone-4",
                "skin-tone-5",
                "skin-tone-6",
            ];
            if !tones.contains(&tone) {
                return false;
            }
            base
        }
    };
    CUSTOM_EMOJI.contains(&base) || unicode(base).is_some()
}

fn unicode(name: &str) -> Option<String> {
    let emoji = emojis::get_by_shortcode(name)?;
    let points = emoji
        .as_str()
        .chars()
        .map(|c| format!("{:x}", u32::from(c)));
    Some(points.collect::<Vec<_>>().join("-"))
}

#[derive(Default)]
struct Reader {
    out: Vec<Value>,
    text: String,
    style: Style,
}

impl Reader {
    fn read(&mut self, text: &str, style: Style) {
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let before = text[..at].chars().next_back();
            let used = match c {
                '`' => self.code(rest, style),
                '*' | '_' | '~' => self.emphasis(c, rest, before, style),
                '<' => self.control(rest, style),
                ':' => self.emoji(rest, style),
                _ => None,
            };
            at += used.unwrap_or_else(|| {
                self.push(&rest[..c.len_utf8()], style);
                c.len_utf8()
            });
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        if style != self.style {
            self.flush();
            self.style = style;
        }
        self.text.push_str(text);
    }

    fn flush(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = unescaped(&std::mem::take(&mut self.text));
        self.out
            .push(styled(json!({ "type": "text", "text": text }), self.style));
    }

    fn element(&mut self, element: Value, style: Style) {
        self.flush();
        self.out.push(styled(element, style));
    }

    fn code(&mut self, rest: &str, style: Style) -> Option<usize> {
        let inner = rest.strip_prefix('`')?;
        let end = inner.find(['`', '\n'])?;
        if end == 0 || !inner[end..].starts_with('`') {
            return None;
        }
        self.push(
            &inner[..end],
            Style {
                code: true,
                ..style
            },
        );
        Some(end + 2)
    }

    fn emphasis(
        &mut self,
        sign: char,
        rest: &str,
        before: Option<char>,
        style: Style,
    ) -> Option<usize> {
        if before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        let inner = &rest[1..];
        let end = closing(sign, inner)?;
        let style = match sign {
            '*' => Style {
                bold: true,
                ..style
            },
            '_' => Style {
                italic: true,
                ..style
            },
            _ => Style {
                strike: true,
                ..style
            },
        };
        self.read(&inner[..end], style);
        Some(end + 2)
    }

    fn control(&mut self, rest: &str, style: Style) -> Option<usize> {
        let inner = rest.strip_prefix('<')?;
        let end = inner.find('>')?;
        let (target, label) = match inner[..end].split_once('|') {
            Some((target, label)) => (target, Some(label)),
            None => (&inner[..end], None),
        };
        self.element(control_element(target, label), style);
        Some(end + 2)
    }

    fn emoji(&mut self, rest: &str, style: Style) -> Option<usize> {
        let inner = rest.strip_prefix(':')?;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+':".contains(c);
        let run = inner.find(|c| !allowed(c)).unwrap_or(inner.len());
        // The longest name that fits, for a skin tone has colons of its own.
        let (end, name) = inner[..run]
            .rmatch_indices(':')
            .map(|(end, _)| (end, &inner[..end]))
            .find(|(_, name)| is_emoji(name))?;
        self.element(emoji_element(name), style);
        Some(end + 2)
    }
}

/// Where an emphasis ends: at a sign that follows no space and is followed by no letter.
fn closing(sign: char, inner: &str) -> Option<usize> {
    if inner.starts_with(|c: char| c.is_whitespace() || c == sign) {
        return None;
    }
    let line = inner.split('\n').next().unwrap_or_default();
    line.match_indices(sign).map(|(at, _)| at).find(|at| {
        let before = line[..*at].chars().next_back();
        let after = line[at + 1..].chars().next();
        before.is_some_and(|c| !c.is_whitespace()) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn control_element(target: &str, label: Option<&str>) -> Value {
    if let Some(user) = target.strip_prefix('@') {
        return json!({ "type": "user", "user_id": user });
    }
    if let Some(channel) = target.strip_prefix('#') {
        return json!({ "type": "channel", "channel_id": channel });
    }
    if let Some(group) = target.strip_prefix("!subteam^") {
        return json!({ "type": "usergroup", "usergroup_id": group });
    }
    if let Some(range) = target.strip_prefix('!') {
        return json!({ "type": "broadcast", "range": range });
    }
    let url = unescaped(target);
    match label {
        Some(label) => json!({ "type": "link", "url": url, "text": unescaped(label) }),
        None => json!({ "type": "link", "url": url }),
    }
}

fn emoji_element(name: &str) -> Value {
    let (base, tone) = name.split_once("::skin-tone-").unwrap_or((name, ""));
    let mut element = json!({ "type": "emoji", "name": base });
    if let Some(unicode) = unicode(base) {
        element["unicode"] = unicode.into();
    }
    if let Ok(tone) = tone.parse::<u8>() {
        element["skin_tone"] = tone.into();
    }
    element
}

fn styled(mut element: Value, style: Style) -> Value {
    let flags = [
        ("bold", style.bold),
        ("italic", style.italic),
        ("strike", style.strike),
        ("code", style.code),
    ];
    let on: Map<String, Value> = flags
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(name, on)| (name.to_owned(), on.into()))
        .collect();
    if !on.is_empty() {
        element["style"] = Value::Object(on);
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_nest_and_stop_where_slack_stops_them() {
        assert_eq!(
            json!(elements("a *b _c_* `x*y*`")),
            json!([
                { "type": "text", "text": "a " },
                { "type": "text", "text": "b ", "style": { "bold": true } },
                { "type": "text", "text": "c", "style": { "bold": true, "italic": true } },
                { "type": "text", "text": " " },
                { "type": "text", "text": "x*y*", "style": { "code": true } },
            ])
        );
        assert_eq!(
            json!(elements("snake_case_name 2*3*4 * no *")),
            json!([{ "type": "text", "text": "snake_case_name 2*3*4 * no *" }])
        );
    }

    #[test]
    fn links_mentions_and_emoji_are_elements_of_their_own() {
        assert_eq!(
            json!(elements(
                "<@U1> <https://a.example/?a=1&amp;b|A &lt;> :+1::skin-tone-2: :nope: 10:30:15"
            )),
            json!([
                { "type": "user", "user_id": "U1" },
                { "type": "text", "text": " " },
                { "type": "link", "url": "https://a.example/?a=1&b", "text": "A <" },
                { "type": "text", "text": " " },
                { "type": "emoji", "name": "+1", "unicode": "1f44d", "skin_tone": 2 },
                { "type": "text", "text": " :nope: 10:30:15" },
            ])
        );
    }
}
