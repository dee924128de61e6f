//! Slack by requests to the hub's public address, in place of a socket; and the installation that
//! needs such an address.

use std::time::Duration;

use causeway_sandbox::{
    control_client::{SlackUrls, To},
    faults::FaultKind,
};
use reqwest::redirect::Policy;
use serde_json::Value;

use super::support::{ANN, BOB, GUS, NIA, SLACK, Stage, free_address, until, words_of};

/// A relay with a public address, to which Slack sends what happens.
pub struct Called {
    pub stage: Stage,
    address: String,
}

impl Called {
    pub async fn start() -> Self {
        let mut called = Self {
            stage: Stage::set().await,
            address: free_address(),
        };
        called.run().await;
        let stage = &called.stage;
        let slack = &stage.credentials["credentials"]["slack"];
        let connected = stage
            .command(&["connect", "slack"])
            .env("CAUSEWAY_SLACK_API_URL", text(&stage.credentials["slack"]))
            .env("CAUSEWAY_SLACK_CLIENT_ID", text(&slack["client_id"]))
            .env(
                "CAUSEWAY_SLACK_CLIENT_SECRET",
                text(&slack["client_secret"]),
            )
            .env("CAUSEWAY_SLACK_BOT_TOKEN", text(&slack["bot_token"]))
            .env(
                "CAUSEWAY_SLACK_SIGNING_SECRET",
                text(&slack["signing_secret"]),
            )
            .output()
            .expect("it runs");
        assert!(connected.status.success(), "{}", words_of(&connected));
        let urls = called.urls();
        for url in [
            &urls.request_url,
            &urls.command_url,
            &urls.interactivity_url,
        ] {
            let url = url.as_deref().expect("a request URL");
            assert!(
                words_of(&connected).contains(url),
                "{}",
                words_of(&connected)
            );
        }
        stage.paste(&urls).await;
        called
    }

    /// Runs, at the same address as before.
    pub async fn run(&mut self) {
        let url = format!("http://{}", self.address);
        let arguments = ["--listen", &self.address, "--public-url", &url];
        self.stage.run_with(&arguments).await;
    }

    /// What the hub says has to be pasted.
    pub fn urls(&self) -> SlackUrls {
        let view = self.stage.asked(&["address"]);
        let pages = view["request_urls"].as_array().expect("a list");
        let of = |page: &str| {
            let found = pages.iter().find(|one| one["page"] == page);
            found.map(|one| text(&one["url"]).to_owned())
        };
        SlackUrls {
            request_url: of("Event Subscriptions"),
            command_url: of("Slash Commands"),
            interactivity_url: of("Interactivity & Shortcuts"),
        }
    }
}

impl Stage {
    /// An administrator pastes addresses into Slack's console, as soon as Slack finds them good.
    async fn paste(&self, urls: &SlackUrls) {
        until("Slack finds the hub", async || {
            self.control.set_slack(urls).await.ok()
        })
        .await;
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[tokio::test]
async fn messages_and_commands_cross_where_slack_sends_requests() {
    let called = Called::start().await;
    let stage = &called.stage;
    let to = stage.finds(ANN, BOB).await;
    stage.writes(ANN, to, "called over").await;
    let (place, _) = stage.arrives(BOB, "called over").await;
    stage
        .writes(BOB, To::Conversation(place), "called back")
        .await;
    stage.arrives(ANN, "called back").await;

    // The command comes to another address, and its answer goes where Slack says.
    let to = stage.finds(GUS, NIA).await;
    stage.writes(GUS, to, "asked for").await;
    stage.arrives(NIA, "asked for").await;
}

#[tokio::test]
async fn what_slack_sends_while_the_hub_is_away_or_twice_arrives_once() {
    let mut called = Called::start().await;
    let to = called.stage.finds(ANN, BOB).await;
    called.stage.writes(ANN, to.clone(), "first of all").await;
    called.stage.arrives(BOB, "first of all").await;

    called.stage.kill();
    called.stage.writes(ANN, to.clone(), "while away").await;
    called.run().await;
    called.stage.arrives(BOB, "while away").await;

    let stage = &called.stage;
    stage
        .fault(
            SLACK,
            Some("event"),
            FaultKind::Duplicate,
            1,
            Duration::ZERO,
        )
        .await;
    stage.writes(ANN, to.clone(), "said twice").await;
    stage
        .fault(SLACK, Some("event"), FaultKind::Throttle, 1, Duration::ZERO)
        .await;
    stage.writes(ANN, to.clone(), "left out").await;
    stage.writes(ANN, to, "last of all").await;
    for word in ["said twice", "left out", "last of all"] {
        stage.arrives(BOB, word).await;
    }
    for word in ["first of all", "while away", "said twice", "left out"] {
        assert_eq!(stage.standing(BOB, word).await.len(), 1, "{word}");
    }
}

#[tokio::test]
async fn an_installation_in_the_browser_connects_the_workspace_once() {
    let mut stage = Stage::bare().await;
    let address = free_address();
    let url = format!("http://{address}");
    stage.start(&["--listen", &address, "--public-url", &url]);
    let slack = &stage.credentials["credentials"]["slack"];
    let begun = stage
        .command(&["--json", "connect", "slack-install"])
        .env("CAUSEWAY_SLACK_API_URL", text(&stage.credentials["slack"]))
        .env("CAUSEWAY_SLACK_CLIENT_ID", text(&slack["client_id"]))
        .env(
            "CAUSEWAY_SLACK_CLIENT_SECRET",
            text(&slack["client_secret"]),
        )
        .env(
            "CAUSEWAY_SLACK_SIGNING_SECRET",
            text(&slack["signing_secret"]),
        )
        .output()
        .expect("it runs");
    assert!(begun.status.success(), "{}", words_of(&begun));
    let begun: Value = serde_json::from_slice(&begun.stdout).expect("JSON");
    assert!(!text(&begun["authorize_url"]).contains("code_challenge"));

    let browser = reqwest::Client::builder().redirect(Policy::none());
    let browser = browser.build().expect("a client");
    let agreed = browser
        .post(text(&begun["authorize_url"]))
        .form(&[("person", ANN.email)])
        .send()
        .await
        .expect("Slack's page");
    let back = agreed.headers()["location"].to_str().expect("an address");
    assert!(back.starts_with(text(&begun["callback_url"])), "{back}");
    let forged = back.replacen("state=", "state=x", 1);
    for (address, status) in [(forged.as_str(), 410), (back, 200), (back, 410)] {
        let page = browser.get(address).send().await.expect("a page");
        assert_eq!(page.status().as_u16(), status);
        assert!(page.headers().contains_key("content-security-policy"));
    }
    let status = until("the workspace is heard", async || {
        let status = stage.status();
        let connection = &status["connections"][0];
        (connection["health"]["state"] == "connected").then_some(status)
    })
    .await;
    // The administrator who installed it may be spoken for.
    assert_eq!(status["connections"][0]["authorised"], 1);
    let urls = stage.asked(&["address"]);
    assert_eq!(urls["request_urls"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn without_a_public_address_a_signing_secret_alone_is_refused() {
    let stage = Stage::bare().await;
    let slack = &stage.credentials["credentials"]["slack"];
    let refused = stage
        .command(&["connect", "slack"])
        .env("CAUSEWAY_SLACK_API_URL", text(&stage.credentials["slack"]))
        .env("CAUSEWAY_SLACK_BOT_TOKEN", text(&slack["bot_token"]))
        .env(
            "CAUSEWAY_SLACK_SIGNING_SECRET",
            text(&slack["signing_secret"]),
        )
        .output()
        .expect("it runs");
    assert!(!refused.status.success());
    assert!(
        words_of(&refused).contains("it has no public address"),
        "{}",
        words_of(&refused)
    );
}
