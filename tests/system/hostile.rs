//! Strangers at the hub's public address: whatever they send, nothing of it is believed, and
//! whoever writes meanwhile is carried.

mod cases;
mod knocking;
mod webhooks;

use std::time::Duration;

use causeway_sandbox::control_client::ZoomWebhooks;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{
    requests::Called,
    story::Story,
    support::{ANN, BOB, SLACK, Stage, TEAMS, THEO, WANDA, WEBEX, YARA, ZARA, ZOOM, text, until},
};
use cases::{Case, Target};
use knocking::{knock, now_s};
use webhooks::ZoomTarget;

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
    let token = stage.credentials["credentials"]["slack"]["bot_token"]
        .as_str()
        .expect("a token");
    let whoami = stage.slack_call(token, "auth.test", &json!({})).await;
    let bot = json!({ "bot": whoami["bot_id"] });
    let bot = stage.slack_call(token, "bots.info", &bot).await;
    let target = Target {
        slack: path.trim_end_matches("/events").to_owned(),
        teams: format!("/hooks/teams-{}", connection(stage, TEAMS)),
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

    let meanwhile = async {
        stage.writes(ANN, to.clone(), "amid the flood").await;
        stage.arrives(BOB, "amid the flood").await;
    };
    let ((), ()) = tokio::join!(none_is_believed(&address, &cases), meanwhile);

    stage.writes(ANN, to, "after the flood").await;
    stage.arrives(BOB, "after the flood").await;
    for person in [ANN, BOB] {
        assert!(stage.standing(person, WORD).await.is_empty());
    }
    let log = stage.log();
    assert!(!log.contains("panicked"));
    assert!(!log.contains(WORD));
    // Of Teams it is shown until its next poll that somebody knocked; nothing is lost by it.
    assert_eq!(view(stage, SLACK)["health"]["state"], "connected");
}

/// Strangers knock all at once, and each is turned away.
async fn none_is_believed(address: &str, cases: &[Case]) {
    let answers = stream::iter(cases)
        .map(|case| async move { (case, knock(address, &case.bytes).await) })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<(&Case, Option<u16>)>>()
        .await;
    let believed: Vec<_> = answers
        .iter()
        .filter(|(_, status)| status.is_some_and(|status| !(400..500).contains(&status)))
        .map(|(case, status)| (&case.name, status))
        .collect();
    assert!(believed.is_empty(), "{believed:?}");
}

#[tokio::test]
async fn nothing_that_strangers_send_in_the_name_of_webex_or_zoom_is_believed() {
    let (stage, address) = told_by_all().await;
    let place = |on: &str| format!("/hooks/{on}-{}/events", connection(&stage, on));
    let now_s = now_s(&address).await;
    let target = zoom_target(&stage, place(ZOOM), now_s).await;
    let mut cases = webhooks::webex(&place(WEBEX), now_s);
    cases.extend(target.cases());
    assert!(cases.len() >= 100, "{} cases", cases.len());

    let pairs = [(THEO, ZARA), (WANDA, YARA)];
    let mut story = Story::begin(&stage, &pairs).await;
    let meanwhile = story.write_all(&stage, 1);
    let ((), ()) = tokio::join!(none_is_believed(&address, &cases), meanwhile);

    story.ends_well(&stage).await;
    for person in [THEO, ZARA, WANDA, YARA] {
        assert!(stage.standing(person, WORD).await.is_empty());
    }
    let log = stage.log();
    assert!(!log.contains("panicked"));
    assert!(!log.contains(WORD));
    for on in [WEBEX, ZOOM] {
        assert_eq!(view(&stage, on)["health"]["state"], "connected");
    }
}

#[tokio::test]
async fn what_zoom_signed_is_carried_once_however_often_it_is_replayed() {
    let (stage, address) = told_by_all().await;
    let path = format!("/hooks/zoom-{}/events", connection(&stage, ZOOM));
    let target = zoom_target(&stage, path, now_s(&address).await).await;
    let mut story = Story::begin(&stage, &[(THEO, ZARA)]).await;
    let event = target.event("0b6d8a4c-replayed", "said once alone");
    let genuine = target.genuine("genuine", &event);
    for _ in 0..3 {
        assert_eq!(knock(&address, &genuine.bytes).await, Some(200));
    }
    let mut of_others = event;
    of_others["payload"]["account_id"] = "of others".into();
    of_others["payload"]["object"]["message_id"] = "another".into();
    let of_others = target.genuine("of others", &of_others);
    // Nothing is to be sent again: it is heard, and concerns nobody here.
    assert_eq!(knock(&address, &of_others.bytes).await, Some(200));
    story.write(&stage, 0, 1).await;
    story.ends_well(&stage).await;
    assert_eq!(stage.standing(THEO, "said once alone").await.len(), 1);
}

/// A hub with a public address on all four platforms, of which Zoom sends requests to it.
async fn told_by_all() -> (Stage, String) {
    let mut stage = Stage::set_everywhere().await;
    let address = stage.run_in_public().await;
    connect_zoom_by_requests(&stage);
    let hook = ZoomWebhooks {
        url: Some(format!(
            "http://{address}/hooks/zoom-{}/events",
            connection(&stage, ZOOM)
        )),
        bot_url: None,
    };
    until("Zoom finds the hub", async || {
        stage.control.zoom_webhook(&hook).await.ok()
    })
    .await;
    until("Zoom is heard", async || {
        (view(&stage, ZOOM)["health"]["state"] == "connected").then_some(())
    })
    .await;
    (stage, address)
}

fn connect_zoom_by_requests(stage: &Stage) {
    let zoom = &stage.credentials["credentials"]["zoom"];
    let (app, chatbot) = (&zoom["server_to_server"], &zoom["chatbot"]);
    let settings = [
        ("API_URL", &stage.credentials["zoom"]),
        ("OAUTH_URL", &zoom["oauth"]),
        ("ACCOUNT_ID", &zoom["account_id"]),
        ("CLIENT_ID", &app["client_id"]),
        ("CLIENT_SECRET", &app["client_secret"]),
        ("SECRET_TOKEN", &zoom["secret_token"]),
        ("SERVICE_USER", &zoom["service_user"]),
        ("CHATBOT_CLIENT_ID", &chatbot["client_id"]),
        ("CHATBOT_CLIENT_SECRET", &chatbot["client_secret"]),
        ("CHATBOT_JID", &chatbot["robot_jid"]),
    ];
    stage.connects(ZOOM, &settings.map(|(name, value)| (name, text(value))));
}

async fn zoom_target(stage: &Stage, path: String, now_s: i64) -> ZoomTarget {
    let zoom = &stage.credentials["credentials"]["zoom"];
    ZoomTarget {
        path,
        secret: text(&zoom["secret_token"]),
        account_id: text(&zoom["account_id"]),
        author: webhooks::Person {
            id: stage.account_id(ZARA, ZOOM).await,
            email: ZARA.email,
        },
        reader: webhooks::Person {
            id: stage.account_id(THEO, ZOOM).await,
            email: THEO.email,
        },
        now_s,
    }
}

fn view(stage: &Stage, on: &str) -> Value {
    let status = stage.status();
    let connections = status["connections"].as_array().expect("a list");
    let found = connections.iter().find(|view| view["platform"] == on);
    found.expect("it is connected").clone()
}

fn connection(stage: &Stage, on: &str) -> i64 {
    view(stage, on)["id"].as_i64().expect("a number")
}

/// How long a stranger waits for an answer: longer than the hub waits for a body.
const STRANGERS_PATIENCE: Duration = Duration::from_secs(30);
