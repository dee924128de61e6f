//! Strangers at the hub's public address: whatever they send, nothing of it is believed, and
//! whoever writes meanwhile is carried.

mod cases;
mod knocking;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{
    requests::Called,
    support::{ANN, BOB, SLACK},
};
use cases::{Case, Target};
use knocking::{knock, now_s};

/// How many strangers knock at the same time.
const AT_ONCE: usize = 24;
/// In every text that a stranger would like to be carried.
const WORD: &str = "h0stile";

#[tokio::test]
async fn nothing_that_strangers_send_is_believed_and_the_relay_goes_on() {
    let called = Called::start().await;
    let stage = &called.stage;
    let to = stage.finds(ANN, BOB).await;
    stage.writes(ANN, to.clone(), "before the flood").await;
    stage.arrives(BOB, "before the flood").await;
    let (place, _) = stage.arrives(ANN, "before the flood").await;

    let urls = called.urls();
    let events = urls.request_url.expect("an address");
    let (address, path) = knocking::parts(&events);
    let teams = stage.status()["connections"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["platform"] == "teams"))
        .and_then(|one| one["id"].as_i64())
        .expect("Teams is connected");
    let token = stage.credentials["credentials"]["slack"]["bot_token"]
        .as_str()
        .expect("a token");
    let whoami = stage.slack_call(token, "auth.test", &json!({})).await;
    let bot = json!({ "bot": whoami["bot_id"] });
    let bot = stage.slack_call(token, "bots.info", &bot).await;
    let target = Target {
        slack: path.trim_end_matches("/events").to_owned(),
        teams: format!("/hooks/teams-{teams}"),
        secret: stage.credentials["credentials"]["slack"]["signing_secret"]
            .as_str()
            .expect("a secret")
            .to_owned(),
        team: whoami["team_id"].as_str().expect("a team").to_owned(),
        app: bot["bot"]["app_id"].as_str().expect("an app").to_owned(),
        conversation: place,
        account: stage.account_id(ANN, SLACK).await,
        now_s: now_s(&address).await,
    };
    let cases = cases::all(&target);
    assert!(cases.len() >= 200, "{} cases", cases.len());

    let flood = stream::iter(&cases)
        .map(|case| {
            let address = &address;
            async move { (case, knock(address, &case.bytes).await) }
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<(&Case, Option<u16>)>>();
    let meanwhile = async {
        stage.writes(ANN, to.clone(), "amid the flood").await;
        stage.arrives(BOB, "amid the flood").await;
    };
    let (answers, ()) = tokio::join!(flood, meanwhile);
    let believed: Vec<_> = answers
        .iter()
        .filter(|(_, status)| status.is_some_and(|status| !(400..500).contains(&status)))
        .map(|(case, status)| (&case.name, status))
        .collect();
    assert!(believed.is_empty(), "{believed:?}");

    stage.writes(ANN, to, "after the flood").await;
    stage.arrives(BOB, "after the flood").await;
    for person in [ANN, BOB] {
        assert!(stage.standing(person, WORD).await.is_empty());
    }
    let log = stage.log();
    assert!(!log.contains("panicked"));
    assert!(!log.contains(WORD));
    // Of Teams it is shown until its next poll that somebody knocked; nothing is lost by it.
    let status = stage.status();
    let connections = status["connections"].as_array().expect("a list");
    let slack = connections.iter().find(|view| view["platform"] == SLACK);
    assert_eq!(slack.expect("Slack")["health"]["state"], "connected");
}

/// How long a stranger waits for an answer: longer than the hub waits for a body.
const STRANGERS_PATIENCE: Duration = Duration::from_secs(30);
