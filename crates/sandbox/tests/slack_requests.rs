//! Request URLs of the Slack stand-in, as an app without Socket Mode meets them.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context, Result};
use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use causeway_sandbox::{
    control_client::{Deed, Do, SlackUrls},
    faults::{Fault, FaultKind},
};
use common::{PATIENCE, Stranger, eventually};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";

/// One request as it came.
struct Came {
    place: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Came {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn field(&self, wanted: &str) -> String {
        let mut fields = url::form_urlencoded::parse(&self.body);
        let field = fields.find(|(name, _)| name == wanted);
        field
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }
}

struct App {
    came: mpsc::UnboundedSender<Came>,
    /// How many of the next requests fail, and how.
    failing: AtomicUsize,
    failure: StatusCode,
    no_retry: bool,
    command_answer: &'static str,
}

/// An app with its own address.
struct Served {
    came: mpsc::UnboundedReceiver<Came>,
    app: Arc<App>,
    base: String,
}

async fn served(
    failure: StatusCode,
    no_retry: bool,
    command_answer: &'static str,
) -> Result<Served> {
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", socket.local_addr()?);
    let (came, coming) = mpsc::unbounded_channel();
    let app = Arc::new(App {
        came,
        failing: AtomicUsize::new(0),
        failure,
        no_retry,
        command_answer,
    });
    let router = Router::new()
        .route("/{place}", post(answer))
        .with_state(app.clone());
    tokio::spawn(async move { axum::serve(socket, router).await });
    Ok(Served {
        came: coming,
        app,
        base,
    })
}

async fn answer(
    State(app): State<Arc<App>>,
    Path(place): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let came = Came {
        place,
        headers,
        body,
    };
    let told = came.json();
    let is_command = came.place == "commands";
    let _ = app.came.send(came);
    if told["type"] == "url_verification" {
        let challenge = told["challenge"].as_str().unwrap_or_default();
        return challenge.to_owned().into_response();
    }
    let fails = |left: usize| left.checked_sub(1);
    let failing = app
        .failing
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails);
    match failing {
        Ok(_) if app.no_retry => (app.failure, [("x-slack-no-retry", "1")]).into_response(),
        Ok(_) => app.failure.into_response(),
        Err(_) if is_command => app.command_answer.into_response(),
        Err(_) => StatusCode::OK.into_response(),
    }
}

impl Served {
    fn urls(&self) -> SlackUrls {
        let url = |place: &str| Some(format!("{}/{place}", self.base));
        SlackUrls {
            request_url: url("events"),
            command_url: url("commands"),
            interactivity_url: url("interactive"),
        }
    }

    async fn next(&mut self) -> Result<Came> {
        let came = tokio::time::timeout(PATIENCE, self.came.recv()).await;
        came.context("silence")?.context("an app")
    }

    /// The app is told to Slack.
    async fn join(&mut self, slack: &Stranger) -> Result<()> {
        slack.control.set_slack(&self.urls()).await?;
        let handshake = self.next().await?;
        assert_eq!(handshake.json()["type"], "url_verification");
        assert!(is_signed(slack, &handshake));
        Ok(())
    }
}

fn is_signed(slack: &Stranger, came: &Came) -> bool {
    let at = came.header("x-slack-request-timestamp");
    let mut text = format!("v0:{at}:").into_bytes();
    text.extend_from_slice(&came.body);
    let secret = slack.credential("signing_secret");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, &text);
    came.header("x-slack-signature") == format!("v0={}", HEXLOWER.encode(tag.as_ref()))
}

async fn says(slack: &Stranger, what: Do, text: &str) -> Result<String> {
    let deed = Deed {
        actor: ANN,
        on: "slack",
        what,
        to: None,
        text,
    };
    Ok(slack.control.act(&deed).await?)
}

#[tokio::test]
async fn events_come_signed_and_once_and_sockets_are_off() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut app = served(StatusCode::OK, false, "").await?;
    app.join(&slack).await?;
    let ts = says(&slack, Do::AppMessage, "hello").await?;
    let came = app.next().await?;
    assert_eq!(came.place, "events");
    assert!(is_signed(&slack, &came));
    assert_eq!(came.header("content-type"), "application/json");
    assert_eq!(came.header("x-slack-retry-num"), "");
    let event = came.json();
    assert_eq!(event["type"], "event_callback");
    assert_eq!(event["event"]["ts"], ts);
    let refused = slack
        .error(&slack.app, "apps.connections.open", json!({}))
        .await?;
    assert_eq!(refused, "socket_mode_not_enabled");

    slack.control.set_slack(&SlackUrls::default()).await?;
    let mut socket = slack.socket().await?;
    let ts = says(&slack, Do::AppMessage, "by socket").await?;
    assert_eq!(socket.event().await?["event"]["ts"], ts);
    Ok(())
}

#[tokio::test]
async fn a_url_that_does_not_say_the_word_back_is_not_taken() -> Result<()> {
    let slack = Stranger::new().await?;
    let elsewhere = SlackUrls {
        request_url: Some(format!("{}nothing", slack.slack)),
        ..SlackUrls::default()
    };
    assert!(slack.control.set_slack(&elsewhere).await.is_err());
    // Socket Mode is as it was.
    let _socket = slack.socket().await?;
    Ok(())
}

#[tokio::test]
async fn what_fails_comes_again_at_once_then_after_one_and_five_minutes() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut app = served(StatusCode::SERVICE_UNAVAILABLE, false, "").await?;
    app.join(&slack).await?;
    app.app.failing.store(3, Ordering::SeqCst);
    let ts = says(&slack, Do::AppMessage, "hello").await?;
    let first = app.next().await?;
    assert_eq!(first.json()["event"]["ts"], ts);
    for (number, push) in [("1", 0), ("2", 60_000), ("3", 300_000)] {
        let again = eventually(async || {
            slack.control.advance(push / 4).await?;
            Ok(app.came.try_recv().ok())
        })
        .await?;
        assert_eq!(again.header("x-slack-retry-num"), number);
        assert_eq!(again.header("x-slack-retry-reason"), "http_error");
        assert_eq!(again.body, first.body);
        assert!(is_signed(&slack, &again));
    }
    Ok(())
}

#[tokio::test]
async fn whoever_asks_not_to_be_told_again_is_not() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut app = served(StatusCode::FORBIDDEN, true, "").await?;
    app.join(&slack).await?;
    app.app.failing.store(1, Ordering::SeqCst);
    let first = says(&slack, Do::AppMessage, "one").await?;
    assert_eq!(app.next().await?.json()["event"]["ts"], first);
    slack.control.advance(600_000).await?;
    let second = says(&slack, Do::AppMessage, "two").await?;
    assert_eq!(app.next().await?.json()["event"]["ts"], second);
    Ok(())
}

#[tokio::test]
async fn a_command_is_a_form_and_its_answer_is_seen_by_who_gave_it() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut app = served(StatusCode::OK, false, "Here you are").await?;
    app.join(&slack).await?;
    says(&slack, Do::Command, "/causeway Bob & co").await?;
    let came = app.next().await?;
    assert_eq!(came.place, "commands");
    assert!(is_signed(&slack, &came));
    assert_eq!(
        came.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(came.field("command"), "/causeway");
    assert_eq!(came.field("text"), "Bob & co");
    assert_eq!(came.field("user_id"), slack.id(ANN).await?);
    let shown = eventually(async || {
        let places = slack.control.view(ANN, "slack").await?;
        let mut messages = places.into_iter().flat_map(|place| place.messages);
        Ok(messages.find(|message| message.text == "Here you are"))
    })
    .await?;
    assert!(shown.ephemeral);
    Ok(())
}

#[tokio::test]
async fn a_press_is_a_form_with_json_in_it() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut app = served(StatusCode::OK, false, "").await?;
    app.join(&slack).await?;
    let channel = slack.dm(&slack.bot, ANN).await?;
    let block = json!([{ "type": "actions", "elements": [{ "type": "button", "action_id": "go",
        "value": "7", "text": { "type": "plain_text", "text": "Go" } }] }]);
    let posted = json!({ "channel": channel, "text": "Go?", "blocks": block.to_string() });
    let posted = slack.ok(&slack.bot, "chat.postMessage", posted).await?;
    let ts = posted["ts"].as_str().context("a ts")?.to_owned();
    let press = Deed {
        actor: ANN,
        on: "slack",
        what: Do::Press,
        to: Some(causeway_sandbox::control_client::To::Message(ts)),
        text: "go",
    };
    slack.control.act(&press).await?;
    let came = loop {
        // The app hears its own message too.
        let came = app.next().await?;
        if came.place == "interactive" {
            break came;
        }
    };
    assert!(is_signed(&slack, &came));
    let payload: Value = serde_json::from_str(&came.field("payload"))?;
    assert_eq!(payload["type"], "block_actions");
    assert_eq!(payload["actions"][0]["value"], "7");
    Ok(())
}

#[tokio::test]
async fn an_event_that_is_too_many_is_left_out_and_said_to_be() -> Result<()> {
    let slack = Stranger::new().await?;
    let mut app = served(StatusCode::OK, false, "").await?;
    app.join(&slack).await?;
    let fault = Fault {
        on: "slack".to_owned(),
        method: Some("event".to_owned()),
        fault: FaultKind::Throttle,
        count: 1,
        ms: None,
    };
    slack.control.fault(&fault).await?;
    slack.send(ANN, BOB, "left out").await?;
    let told = app.next().await?.json();
    assert_eq!(told["type"], "app_rate_limited");
    assert!(told["team_id"].is_string() && told["api_app_id"].is_string());
    let next = slack.send(ANN, BOB, "heard").await?;
    assert_eq!(app.next().await?.json()["event"]["ts"], next);
    Ok(())
}
