//! The app as an administrator makes it in Slack's console: pasted whole, and the source of which
//! scopes the hub needs.
//!
//! Source: <https://docs.slack.dev/reference/app-manifest>.

use std::sync::LazyLock;

use serde_json::Value;

/// The app that hears by Socket Mode; nothing of the organisation's own is in it.
pub const MANIFEST: &str = include_str!("manifest.json");

static READ: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(MANIFEST).expect("the manifest that we ship is JSON"));

/// What the app itself has to be allowed.
pub(super) fn bot_scopes() -> Vec<&'static str> {
    scopes("bot")
}

/// What people are asked to allow, so that the hub may act as them: conversations opened, found and
/// read, messages written, edited and deleted.
pub(super) fn user_scopes() -> Vec<&'static str> {
    scopes("user")
}

fn scopes(whose: &str) -> Vec<&'static str> {
    let list = READ["oauth_config"]["scopes"][whose].as_array();
    let list = list.expect("the manifest that we ship lists scopes");
    list.iter().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_short_as_slack_wants_them() {
        let shown = &READ["display_information"];
        let longest = |name: &str, most: usize| {
            let text = shown[name].as_str().expect("it is text");
            assert!(text.chars().count() <= most, "{text}");
        };
        longest("name", 35);
        longest("description", 140);
    }
}
