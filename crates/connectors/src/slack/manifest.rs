//! The app as an administrator makes it in Slack's console: pasted whole, and the source of which
//! scopes the hub needs.
//!
//! Source: <https://docs.slack.dev/reference/app-manifest>.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// The app that hears by Socket Mode; nothing of the organisation's own is in it.
pub const MANIFEST: &str = include_str!("manifest.json");

static READ: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(MANIFEST).expect("the manifest that we ship is JSON"));

/// Where Slack reaches a hub that has a public address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    pub events: String,
    pub commands: String,
    pub interactive: String,
    /// Where browsers come back to after somebody has agreed.
    pub redirects: Vec<String>,
}

/// The manifest of an app that calls the hub at its public address instead of keeping a socket.
#[must_use]
pub fn reached_at(addresses: &Addresses) -> Value {
    let mut manifest = READ.clone();
    let settings = &mut manifest["settings"];
    settings["socket_mode_enabled"] = json!(false);
    settings["event_subscriptions"]["request_url"] = json!(addresses.events);
    settings["interactivity"]["request_url"] = json!(addresses.interactive);
    manifest["features"]["slash_commands"][0]["url"] = json!(addresses.commands);
    manifest["oauth_config"]["redirect_urls"] = json!(addresses.redirects);
    manifest
}

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
    fn an_app_that_is_called_has_every_address_and_no_socket() {
        let addresses = Addresses {
            events: "https://hub.example/e".to_owned(),
            commands: "https://hub.example/c".to_owned(),
            interactive: "https://hub.example/i".to_owned(),
            redirects: vec!["https://hub.example/r".to_owned()],
        };
        let manifest = reached_at(&addresses);
        assert_eq!(manifest["settings"]["socket_mode_enabled"], false);
        let text = manifest.to_string();
        for address in ["/e", "/c", "/i", "/r"] {
            assert!(
                text.contains(&format!("https://hub.example{address}\"")),
                "{text}"
            );
        }
    }

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
