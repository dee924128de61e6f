//! What a person types becomes a message's `text`: `& < >` escaped, links and mentions kept,
//! bare addresses made links, list signs made bullets.

/// The `text` that Slack's client sends for what was typed.
pub fn typed(input: &str) -> String {
    let mut out = String::with_capacity(input.len() + 16);
    for (index, part) in input.split("```").enumerate() {
        if index > 0 {
            out.push_str("```");
        }
        if index % 2 == 1 {
            escape_into(&mut out, part);
        } else {
            let lines: Vec<_> = part.split('\n').map(line).collect();
            out.push_str(&lines.join("\n"));
        }
    }
    out
}

fn line(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (space, rest) = line.split_at(indent);
    let mut out = space.to_owned();
    let rest = match rest.strip_prefix("- ") {
        Some(item) => {
            out.push_str("• ");
            item
        }
        None => rest,
    };
    for (index, part) in rest.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        if index % 2 == 1 {
            escape_into(&mut out, part);
        } else {
            prose_into(&mut out, part);
        }
    }
    out
}

fn prose_into(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(control) = control(rest) {
            out.push_str(control);
            rest = &rest[control.len()..];
        } else if let Some(address) = bare_address(out, rest) {
            out.push('<');
            escape_into(out, address);
            out.push('>');
            rest = &rest[address.len()..];
        } else {
            escape_char_into(out, c);
            rest = &rest[c.len_utf8()..];
        }
    }
}

/// A mention or link in angle brackets at the start of `text`.
fn control(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('<')?;
    let end = inner.find(['>', '<', '\n'])?;
    if !inner[end..].starts_with('>') {
        return None;
    }
    let body = &inner[..end];
    let signs = [
        "@U", "@W", "@B", "#C", "!", "http://", "https://", "mailto:",
    ];
    let is_control = signs.iter().any(|sign| body.starts_with(sign));
    is_control.then(|| &text[..end + 2])
}

fn bare_address<'a>(before: &str, text: &'a str) -> Option<&'a str> {
    let starts = text.starts_with("https://") || text.starts_with("http://");
    if !starts
        || before
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric)
    {
        return None;
    }
    let end = text
        .find(|c: char| c.is_whitespace() || "<>|*`\"".contains(c))
        .unwrap_or(text.len());
    let address = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '_', '~']);
    (address.len() > "https://".len()).then_some(address)
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        escape_char_into(out, c);
    }
}

fn escape_char_into(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_escaped_and_mentions_and_links_are_kept() {
        assert_eq!(typed("a < b && c > d"), "a &lt; b &amp;&amp; c &gt; d");
        assert_eq!(typed("hi <@U123> <!here>"), "hi <@U123> <!here>");
        assert_eq!(typed("<https://a.example|A>"), "<https://a.example|A>");
        assert_eq!(typed("<script>"), "&lt;script&gt;");
    }

    #[test]
    fn a_bare_address_becomes_a_link_but_not_in_code() {
        assert_eq!(
            typed("see https://a.example/?x=1&y=2, ok"),
            "see <https://a.example/?x=1&amp;y=2>, ok"
        );
        assert_eq!(typed("`https://a.example`"), "`https://a.example`");
        assert_eq!(
            typed("```\nhttps://a.example\n```"),
            "```\nhttps://a.example\n```"
        );
    }

    #[test]
    fn a_list_sign_becomes_a_bullet_outside_of_code() {
        assert_eq!(typed("- one\n- two"), "• one\n• two");
        assert_eq!(typed("```\n- one\n```"), "```\n- one\n```");
    }
}
