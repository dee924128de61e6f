//! Messages' HTML as the content tree: what the platforms that write HTML have in common.

mod dom;
mod line;
mod read;

use url::Url;

pub(crate) use dom::{attribute, spaced, text_of};
pub(crate) use markup5ever_rcdom::Handle;
pub(crate) use read::{Elements, read};

/// Only links that a person may safely open: `http`, `https` and `mailto`.
pub(crate) fn is_safe_url(url: &str) -> bool {
    !url.chars().any(char::is_control)
        && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
}

/// A name without line breaks, control characters and space around it.
pub(crate) fn one_line(name: &str) -> String {
    let shown: String = name
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect();
    shown.trim().to_owned()
}
