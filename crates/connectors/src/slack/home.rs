//! The app's home tab: how somebody is found who works elsewhere.
//!
//! Source: <https://docs.slack.dev/surfaces/app-home>, <https://docs.slack.dev/reference/methods/views.publish>.

use causeway_model::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Api, VIEWS_PUBLISH};
use crate::vault::TokenOwner;

const HEADING: &str = "People who work in another chat app";
const WORDS: [&str; 3] = [
    "Write to somebody who works in another chat app as you would to anybody here. What you write \
     turns up in their app, and their answer here.",
    "*If they are in this workspace's people list*, write to them directly.\n*If they are not*, type \
     `/causeway` and their name, or write their name to this app under *Messages*.",
    "You are asked at most once whether Causeway may act as you in the other app, and only if you \
     write to somebody there or somebody writes to you.",
];

/// Event `app_home_opened`.
#[derive(Deserialize)]
pub(super) struct HomeOpened {
    user: Option<String>,
    tab: Option<String>,
}

/// Who looks at the tab that has something to be shown.
pub(super) fn visitor(event: &HomeOpened) -> Option<String> {
    let at_home = event.tab.as_deref() == Some("home");
    event.user.clone().filter(|_| at_home)
}

/// Shows everyone the tab. Where that fails nothing is lost but a page of words.
pub(super) async fn furnish(api: &Api, visitors: Vec<String>) {
    for user in visitors {
        if let Err(failure) = publish(api, user).await {
            tracing::warn!(failure.code = %failure.code, "the home tab is not shown");
        }
    }
}

async fn publish(api: &Api, user: String) -> Result<(), Failure> {
    let fields = [("user_id", user), ("view", view().to_string())];
    let done: Result<Value, Failure> = api.call(VIEWS_PUBLISH, &TokenOwner::App, &fields).await;
    done.map(drop)
}

fn view() -> Value {
    let heading = json!({
        "type": "header", "text": { "type": "plain_text", "text": HEADING },
    });
    let words =
        WORDS.map(|text| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } }));
    let blocks: Vec<Value> = [heading].into_iter().chain(words).collect();
    json!({ "type": "home", "blocks": blocks })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(tab: &str) -> HomeOpened {
        HomeOpened {
            user: Some("U1".to_owned()),
            tab: Some(tab.to_owned()),
        }
    }

    #[test]
    fn only_the_home_tab_is_furnished() {
        assert_eq!(visitor(&opened("home")).as_deref(), Some("U1"));
        assert_eq!(visitor(&opened("messages")), None);
    }

    #[test]
    fn each_part_is_as_short_as_slack_wants_it() {
        assert!(HEADING.len() <= 150);
        assert!(WORDS.iter().all(|words| words.len() <= 3_000));
    }
}
