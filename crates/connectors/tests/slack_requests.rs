//! Slack's requests to a hub with a public address: what is believed, and what is answered when.

mod slack_support;

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use aws_lc_rs::hmac;
use causeway_connectors::{
    Connector, EventSink, Hearing, NotTaken, Secret, TokenOwner,
    listener::Listener,
    slack::{Events, Settings},
};
use causeway_model::{Failure, Happening, HealthState, Incoming, Timestamp};
use data_encoding::HEXLOWER;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use slack_support::{NOW, Workspace, workspace_with};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Far longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

type Taken = (Vec<Incoming>, oneshot::Sender<Result<(), NotTaken>>);

#[derive(Debug, PartialEq)]
enum Told {
    Health(HealthState),
    Listening,
    Missed(Timestamp),
}

struct Sink {
    taken: mpsc::UnboundedSender<Taken>,
    told: mpsc::UnboundedSender<Told>,
}

#[async_trait]
impl EventSink for Sink {
    async fn take(
        &self,
        events: Vec<Incoming>,
        _cursor: Option<(String, String)>,
    ) -> Result<(), NotTaken> {
        let (answer, answered) = oneshot::channel();
        self.taken.send((events, answer)).expect("a test");
        answered.await.expect("an answer")
    }

    async fn cursor(&self, _name: &str) -> Option<String> {
        None
    }

    async fn health(&self, state: HealthState, _detail: Option<String>) {
        let _ = self.told.send(Told::Health(state));
    }

    async fn listening(&self) {
        let _ = self.told.send(Told::Listening);
    }

    async fn missed(&self, since: Timestamp) {
        let _ = self.told.send(Told::Missed(since));
    }

    async fn unreadable(&self, _span: causeway_connectors::Unreadable) {}
}

struct Hub {
    at: Workspace,
    base: String,
    http: reqwest::Client,
    taken: mpsc::UnboundedReceiver<Taken>,
    told: mpsc::UnboundedReceiver<Told>,
    stop: CancellationToken,
    listening: Option<JoinHandle<Result<(), Failure>>>,
}

/// A hub that hears by requests.
async fn hub() -> Hub {
    let mut hub = listening(|_| {}).await;
    hub.until(&Told::Listening).await;
    hub.until(&Told::Health(HealthState::Connected)).await;
    hub
}

async fn listening(change: impl FnOnce(&mut Settings)) -> Hub {
    let stop = CancellationToken::new();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(address, None, stop.clone()).await;
    let listener = listener.expect("a free port");
    let base = format!("http://{}/hooks/slack-1", listener.local_address());
    let http = |settings: &mut Settings| {
        settings.events = Events::Http;
        settings.signing_secret = Some(Secret::new(SECRET));
        change(settings);
    };
    let at = workspace_with(http, |slack| {
        slack.reached_at(listener, "slack-1".to_owned())
    })
    .await;
    let (took, taken) = mpsc::unbounded_channel();
    let (tell, told) = mpsc::unbounded_channel();
    let sink = Arc::new(Sink {
        taken: took,
        told: tell,
    });
    let (_hearing, hearing) = watch::channel(Hearing::default());
    let (slack, stopped) = (at.slack.clone(), stop.clone());
    let listening = tokio::spawn(async move { slack.listen(sink, hearing, stopped).await });
    Hub {
        at,
        base,
        http: reqwest::Client::new(),
        taken,
        told,
        stop,
        listening: Some(listening),
    }
}

impl Hub {
    async fn until(&mut self, wanted: &Told) {
        while patient(self.told.recv()).await.expect("the hub goes on") != *wanted {}
    }

    async fn taken(&mut self) -> Taken {
        patient(self.taken.recv()).await.expect("a batch")
    }

    async fn end(&mut self) -> Result<(), Failure> {
        let listening = self.listening.take().expect("ended once");
        patient(listening).await.expect("no panic")
    }

    /// A request as Slack makes it.
    fn request(&self, place: &str, kind: &str, body: &str) -> RequestBuilder {
        self.dated(place, kind, body, NOW / 1_000)
    }

    fn dated(&self, place: &str, kind: &str, body: &str, at: i64) -> RequestBuilder {
        self.http
            .post(format!("{}/{place}", self.base))
            .header("content-type", kind)
            .header("x-slack-request-timestamp", at)
            .header("x-slack-signature", signature(SECRET, at, body))
            .body(body.to_owned())
    }

    fn event(&self, event: &Value) -> RequestBuilder {
        self.request("events", JSON, &wrapped(event).to_string())
    }

    /// Sends an event that the hub keeps.
    async fn kept(&mut self, event: &Value) -> Vec<Incoming> {
        let request = self.event(event);
        let answer = tokio::spawn(async move { said(request).await });
        let (events, keep) = self.taken().await;
        keep.send(Ok(())).expect("somebody waits");
        assert_eq!(answer.await.expect("an answer").status(), StatusCode::OK);
        events
    }

    /// Nothing has reached the sink, and what comes next does.
    async fn nothing_was_taken(&mut self) {
        let events = self.kept(&message("last", "999.000001")).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].key.0, "m:D1:999.000001");
        assert!(self.taken.try_recv().is_err());
    }
}

fn signature(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("v0:{at}:{body}").as_bytes());
    format!("v0={}", HEXLOWER.encode(tag.as_ref()))
}

fn wrapped(event: &Value) -> Value {
    json!({
        "token": "x", "team_id": "T1", "api_app_id": "A1", "type": "event_callback",
        "event_id": "Ev1", "event_time": NOW / 1_000,
        "authorizations": [{ "team_id": "T1", "user_id": "U2", "is_bot": false }],
        "event": event,
    })
}

fn message(text: &str, ts: &str) -> Value {
    json!({ "type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": text,
            "ts": ts, "event_ts": ts })
}

fn command(trigger: &str) -> String {
    format!(
        "token=x&team_id=T1&api_app_id=A1&channel_id=C1&user_id=U1&command=%2Fcauseway&text=+Bob+\
         &response_url=https%3A%2F%2Fhooks.slack.example%2F1&trigger_id={trigger}"
    )
}

fn press(team: &str) -> String {
    let payload = json!({
        "type": "block_actions", "api_app_id": "A1", "team": { "id": team }, "user": { "id": "U1" },
        "container": { "type": "message", "message_ts": "5.000001", "channel_id": "D1" },
        "channel": { "id": "D1" },
        "actions": [{ "type": "button", "action_id": "causeway:start:7", "value": "start:7",
                      "action_ts": "6.000001" }],
    });
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string());
    form.finish()
}

async fn said(request: RequestBuilder) -> Response {
    patient(request.send()).await.expect("an answer")
}

async fn status(request: RequestBuilder) -> StatusCode {
    said(request).await.status()
}

async fn patient<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("in time")
}

#[tokio::test]
async fn a_signed_event_is_kept_before_it_is_accepted() {
    let mut hub = hub().await;
    let request = hub.event(&message("hi", "100.000200"));
    let mut answer = tokio::spawn(async move { said(request).await });
    let (events, keep) = hub.taken().await;
    assert_eq!(events[0].key.0, "m:D1:100.000200");
    assert!(!answer.is_finished());
    keep.send(Ok(())).expect("somebody waits");
    let answer = patient(&mut answer).await.expect("no panic");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_accepted_and_may_come_again() {
    let mut hub = hub().await;
    let again = || message("hi", "100.000200");
    let request = hub.event(&again());
    let answer = tokio::spawn(async move { said(request).await });
    let (_, keep) = hub.taken().await;
    keep.send(Err(NotTaken("full".to_owned())))
        .expect("somebody waits");
    let answer = patient(answer).await.expect("no panic");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.headers().contains_key("x-slack-no-retry"));
    hub.until(&Told::Health(HealthState::Degraded)).await;
    assert_eq!(hub.kept(&again()).await.len(), 1);
    hub.until(&Told::Health(HealthState::Connected)).await;
}

#[tokio::test]
async fn commands_and_presses_are_read_as_a_socket_would_bring_them() {
    let mut hub = hub().await;
    for (place, body, key) in [
        ("commands", command("t1"), "c:t1"),
        (
            "interactive",
            press("T1"),
            "b:D1:5.000001:U1:6.000001:causeway:start:7",
        ),
    ] {
        let request = hub.request(place, FORM, &body);
        let answer = tokio::spawn(async move { said(request).await });
        let (events, keep) = hub.taken().await;
        assert_eq!(events[0].key.0, key);
        match &events[0].happened {
            Happening::Asked { text, answer } => {
                assert_eq!(text, "Bob");
                assert_eq!(answer.as_deref(), Some("https://hooks.slack.example/1"));
            }
            Happening::Pressed { button, .. } => assert_eq!(button, "start:7"),
            other => panic!("{other:?}"),
        }
        keep.send(Ok(())).expect("somebody waits");
        let answer = patient(answer).await.expect("no panic");
        assert_eq!(answer.status(), StatusCode::OK);
        // Whoever gave the command sees what is said later, and nothing now.
        assert_eq!(answer.text().await.expect("a body"), "");
    }
}

#[tokio::test]
async fn the_word_is_said_back_to_slack_alone() {
    let hub = hub().await;
    let body = json!({ "type": "url_verification", "token": "x", "challenge": "<b>w0rd</b>" });
    let body = body.to_string();
    let answer = said(hub.request("events", JSON, &body)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.text().await.expect("a body"), "<b>w0rd</b>");
    let unsigned = hub
        .http
        .post(format!("{}/events", hub.base))
        .header("content-type", JSON)
        .body(body);
    let answer = said(unsigned).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.text().await.expect("a body"), "");
    let long = json!({ "type": "url_verification", "challenge": "w".repeat(513) });
    let long = hub.request("events", JSON, &long.to_string());
    assert_eq!(status(long).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_request_that_comes_twice_has_one_effect_wherever_it_comes() {
    let mut hub = hub().await;
    let event = message("hi", "100.000200");
    hub.kept(&event).await;
    assert_eq!(status(hub.event(&event)).await, StatusCode::OK);
    let elsewhere = wrapped(&event).to_string();
    for place in ["commands", "interactive"] {
        let astray = hub.request(place, FORM, &elsewhere);
        assert!(!status(astray).await.is_success());
    }
    let revoked = json!({ "type": "tokens_revoked", "tokens": { "oauth": ["U2"] } });
    for _ in 0..2 {
        assert_eq!(status(hub.event(&revoked)).await, StatusCode::OK);
    }
    assert_eq!(hub.at.vault.revoked().len(), 1);
    hub.nothing_was_taken().await;
}

#[tokio::test]
async fn a_request_that_is_not_of_now_is_refused() {
    let mut hub = hub().await;
    let body = wrapped(&message("hi", "100.000200")).to_string();
    for seconds in [-301, 301, -86_400, i64::from(u32::MAX)] {
        let stale = hub.dated("events", JSON, &body, NOW / 1_000 + seconds);
        assert_eq!(status(stale).await, StatusCode::UNAUTHORIZED, "{seconds}");
    }
    hub.kept(&message("hi", "100.000200")).await;
    hub.at.clock.0.fetch_add(301_000, Ordering::SeqCst);
    let replayed = hub.request("events", JSON, &body);
    assert_eq!(status(replayed).await, StatusCode::UNAUTHORIZED);
    hub.at.clock.0.store(NOW, Ordering::SeqCst);
    hub.nothing_was_taken().await;
}

#[tokio::test]
async fn what_is_another_apps_or_workspaces_is_refused_for_good() {
    let mut hub = hub().await;
    let mut requests = Vec::new();
    for (name, other) in [("team_id", "T9"), ("api_app_id", "A9")] {
        let mut event = wrapped(&message("hi", "100.000200"));
        event[name] = other.into();
        event["authorizations"] = json!([]);
        requests.push(hub.request("events", JSON, &event.to_string()));
        let command = command("t1").replace(
            &format!("{name}={}1", &other[..1]),
            &format!("{name}={other}"),
        );
        requests.push(hub.request("commands", FORM, &command));
        let limited = json!({ "type": "app_rate_limited", "team_id": "T1", "api_app_id": "A1" });
        let mut limited = limited;
        limited[name] = other.into();
        requests.push(hub.request("events", JSON, &limited.to_string()));
    }
    requests.push(hub.request("interactive", FORM, &press("T9")));
    for request in requests {
        let answer = said(request).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert_eq!(answer.headers()["x-slack-no-retry"], "1");
    }
    assert!(hub.told.try_recv().is_err());
    hub.nothing_was_taken().await;
}

#[tokio::test]
async fn a_shared_channels_event_is_ours_by_whoever_authorised_it() {
    let mut hub = hub().await;
    let mut event = wrapped(&message("hi", "100.000200"));
    event["team_id"] = "T9".into();
    event["context_team_id"] = "T1".into();
    let request = hub.request("events", JSON, &event.to_string());
    let answer = tokio::spawn(async move { said(request).await });
    let (_, keep) = hub.taken().await;
    keep.send(Ok(())).expect("somebody waits");
    assert_eq!(answer.await.expect("no panic").status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_too_large_or_of_another_type_or_method_is_refused() {
    let mut hub = hub().await;
    let event = wrapped(&message("hi", "100.000200")).to_string();
    for kind in ["text/plain", FORM, "application/jsonp", ""] {
        let request = hub.request("events", kind, &event);
        let refused = status(request).await;
        assert_eq!(refused, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let packed = hub
        .request("events", JSON, &event)
        .header("content-encoding", "gzip");
    assert_eq!(status(packed).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = wrapped(&message(&"x".repeat(1024 * 1024), "100.000200")).to_string();
    let large = hub.request("events", JSON, &large);
    assert_eq!(status(large).await, StatusCode::PAYLOAD_TOO_LARGE);
    for place in ["events", "commands", "interactive"] {
        let got = hub.http.get(format!("{}/{place}", hub.base));
        assert!(status(got).await.is_client_error());
    }
    let unread = hub.request("events", JSON, "{");
    assert_eq!(status(unread).await, StatusCode::BAD_REQUEST);
    hub.nothing_was_taken().await;
}

#[tokio::test]
async fn where_slack_leaves_events_out_the_hub_reads_them_back() {
    let mut hub = hub().await;
    let limited = json!({ "type": "app_rate_limited", "token": "x", "team_id": "T1",
        "api_app_id": "A1", "minute_rate_limited": NOW / 1_000 });
    let limited = limited.to_string();
    for _ in 0..2 {
        let request = hub.request("events", JSON, &limited);
        assert_eq!(status(request).await, StatusCode::OK);
    }
    hub.until(&Told::Health(HealthState::Degraded)).await;
    // From the minute on, whatever was heard since.
    hub.until(&Told::Missed(Timestamp(NOW / 1_000 * 1_000)))
        .await;
    hub.nothing_was_taken().await;
    assert!(hub.told.try_recv().is_err());
}

#[tokio::test]
async fn when_the_app_is_uninstalled_the_source_ends_and_its_places_with_it() {
    let mut hub = hub().await;
    let gone = hub.event(&json!({ "type": "app_uninstalled" }));
    assert_eq!(status(gone).await, StatusCode::OK);
    let failure = hub.end().await.expect_err("a person must act");
    assert_eq!(failure.code, "token_revoked");
    assert_eq!(hub.at.vault.revoked(), [TokenOwner::App]);
    let after = hub.event(&message("hi", "100.000200"));
    assert_eq!(status(after).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_hub_that_is_stopped_takes_its_places_away() {
    let mut hub = hub().await;
    hub.stop.cancel();
    assert_eq!(hub.end().await, Ok(()));
}

#[tokio::test]
async fn without_a_signing_secret_nothing_is_served() {
    let mut hub = listening(|settings| settings.signing_secret = None).await;
    let failure = hub.end().await.expect_err("a person must act");
    assert_eq!(failure.code, "no_signing_secret");
    hub.until(&Told::Health(HealthState::NeedsAuthorisation))
        .await;
    let knock = hub.event(&message("hi", "100.000200"));
    assert_eq!(status(knock).await, StatusCode::NOT_FOUND);
}

#[test]
fn settings_from_before_there_was_a_choice_mean_the_socket() {
    let stored = json!({ "api_url": "https://slack.com/api/", "socket_mode": true });
    let settings: Settings = serde_json::from_value(stored).expect("settings");
    assert_eq!(settings.events, Events::Socket);
    let stored = json!({ "events": "http" });
    let settings: Settings = serde_json::from_value(stored).expect("settings");
    assert_eq!(settings.events, Events::Http);
    let written = serde_json::to_value(&Settings {
        signing_secret: Some(Secret::new("s3cret")),
        ..settings
    });
    let written = written.expect("it can be written").to_string();
    assert!(!written.contains("s3cret"), "{written}");
}

#[tokio::test]
async fn whoever_opens_the_apps_home_is_told_how_somebody_is_found() {
    let mut hub = hub().await;
    let opened = json!({ "type": "app_home_opened", "user": "U7", "tab": "home" });
    assert_eq!(status(hub.event(&opened)).await, StatusCode::OK);
    let asked = patient(async {
        loop {
            let received = hub.at.server.received_requests().await.unwrap_or_default();
            let ours = |request: &wiremock::Request| request.url.path().ends_with("views.publish");
            if let Some(found) = received.into_iter().find(ours) {
                break String::from_utf8_lossy(&found.body).into_owned();
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(asked.contains("user_id=U7"), "{asked}");
    assert!(asked.contains("causeway"), "{asked}");
    hub.nothing_was_taken().await;
}
