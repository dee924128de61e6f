//! Socket Mode against a server that speaks it: what is acknowledged when, and how sockets follow
//! one another.

mod slack_support;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use causeway_connectors::{Connector, EventSink, Hearing, NotTaken, TokenOwner, Unreadable};
use causeway_model::{ExternalAccount, Failure, FailureKind, HealthState, Incoming, Timestamp};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use slack_support::{Workspace, workspace};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};
use tokio_util::sync::CancellationToken;
use wiremock::ResponseTemplate;

/// Far longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A batch that the hub wants to commit, and the way to say how that went.
type Taken = (Vec<Incoming>, oneshot::Sender<Result<(), NotTaken>>);

#[derive(Debug, PartialEq)]
enum Told {
    Health(HealthState, Option<String>),
    Listening,
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

    async fn health(&self, state: HealthState, detail: Option<String>) {
        let _ = self.told.send(Told::Health(state, detail));
    }

    async fn listening(&self) {
        let _ = self.told.send(Told::Listening);
    }

    async fn missed(&self, _since: Timestamp) {}

    async fn unreadable(&self, _span: Unreadable) {}
}

struct Hub {
    at: Workspace,
    sockets: TcpListener,
    taken: mpsc::UnboundedReceiver<Taken>,
    told: mpsc::UnboundedReceiver<Told>,
    stop: CancellationToken,
    listening: Option<JoinHandle<Result<(), Failure>>>,
}

type Line = WebSocketStream<TcpStream>;

async fn hub() -> Hub {
    let at = workspace().await;
    let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!(
        "ws://{}/link/?ticket=1",
        sockets.local_addr().expect("an address")
    );
    at.answers("apps.connections.open", json!({ "ok": true, "url": url }))
        .await;
    listen(at, sockets)
}

fn listen(at: Workspace, sockets: TcpListener) -> Hub {
    let (took, taken) = mpsc::unbounded_channel();
    let (tell, told) = mpsc::unbounded_channel();
    let sink = Arc::new(Sink {
        taken: took,
        told: tell,
    });
    let stop = CancellationToken::new();
    let (_hearing, hearing) = watch::channel(Hearing::default());
    let (slack, stopped) = (at.slack.clone(), stop.clone());
    let listening = tokio::spawn(async move { slack.listen(sink, hearing, stopped).await });
    Hub {
        at,
        sockets,
        taken,
        told,
        stop,
        listening: Some(listening),
    }
}

impl Hub {
    /// The next socket that the hub opens, greeted.
    async fn line(&mut self) -> Line {
        let line = self.greeted().await;
        self.until(&Told::Listening).await;
        line
    }

    /// The next socket; what came through an earlier one may still wait before its beginning.
    async fn greeted(&mut self) -> Line {
        let (stream, _) = patient(self.sockets.accept()).await.expect("a connection");
        let mut line = accept_async(stream).await.expect("a handshake");
        say(&mut line, json!({ "type": "hello", "num_connections": 1 })).await;
        line
    }

    async fn until(&mut self, wanted: &Told) {
        while patient(self.told.recv()).await.expect("the hub goes on") != *wanted {}
    }

    async fn until_state(&mut self, wanted: HealthState) -> String {
        loop {
            match patient(self.told.recv()).await.expect("the hub goes on") {
                Told::Health(state, detail) if state == wanted => {
                    return detail.unwrap_or_default();
                }
                Told::Health(..) | Told::Listening => {}
            }
        }
    }

    async fn taken(&mut self) -> Taken {
        patient(self.taken.recv()).await.expect("a batch")
    }

    async fn end(&mut self) -> Result<(), Failure> {
        let listening = self.listening.take().expect("ended once");
        patient(listening).await.expect("no panic")
    }
}

async fn patient<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it happens in time")
}

async fn say(line: &mut Line, frame: Value) {
    line.send(Message::Text(frame.to_string().into()))
        .await
        .expect("an open socket");
}

/// The id of the next envelope that is acknowledged; none when the socket is closed.
async fn acknowledged(line: &mut Line) -> Option<String> {
    loop {
        match patient(line.next()).await {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).expect("json");
                return Some(frame["envelope_id"].as_str().expect("an id").to_owned());
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(_) | Err(_)) | None => return None,
        }
    }
}

/// Whether the other end answers a ping before it acknowledges anything.
async fn only_answers_pings(line: &mut Line) {
    line.send(Message::Ping("are you there".into()))
        .await
        .expect("an open socket");
    loop {
        match patient(line.next()).await {
            Some(Ok(Message::Pong(_))) => return,
            Some(Ok(Message::Ping(_))) => {}
            other => panic!("not what was expected: {other:?}"),
        }
    }
}

fn envelope(id: &str, event: Value) -> Value {
    json!({ "type": "events_api", "envelope_id": id, "accepts_response_payload": false,
        "payload": { "type": "event_callback", "api_app_id": "A1", "event": event,
            "authorizations": [{ "user_id": "U2", "is_bot": false }] } })
}

fn message(ts: &str) -> Value {
    json!({ "type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": "hi",
        "ts": ts, "event_ts": ts })
}

fn keys(events: &[Incoming]) -> Vec<&str> {
    events.iter().map(|event| event.key.0.as_str()).collect()
}

#[tokio::test]
async fn i1_nothing_is_acknowledged_before_it_is_committed() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    say(&mut line, envelope("e1", message("1.1"))).await;
    let (events, commit) = hub.taken().await;
    assert_eq!(keys(&events), ["m:D1:1.1"]);
    only_answers_pings(&mut line).await;
    commit.send(Ok(())).expect("the hub waits");
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e1"));
}

#[tokio::test]
async fn i1_a_pressed_button_is_committed_before_it_is_acknowledged() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    let press = |id: &str| {
        json!({ "type": "interactive", "envelope_id": id, "accepts_response_payload": true,
            "payload": { "type": "block_actions", "user": { "id": "U1" },
                "container": { "type": "message", "message_ts": "1.1", "channel_id": "D1" },
                "channel": { "id": "D1" }, "response_url": "https://hooks.example/1",
                "actions": [{ "action_id": "causeway:start", "type": "button", "value": "start",
                    "action_ts": "2.5" }] } })
    };
    say(&mut line, press("e1")).await;
    let (events, commit) = hub.taken().await;
    assert_eq!(keys(&events), ["b:D1:1.1:U1:2.5:causeway:start"]);
    only_answers_pings(&mut line).await;
    commit.send(Ok(())).expect("the hub waits");
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e1"));
    say(&mut line, press("e1-again")).await;
    let (again, commit) = hub.taken().await;
    assert_eq!(keys(&again), keys(&events));
    commit.send(Ok(())).expect("the hub waits");
}

#[tokio::test]
async fn i1_what_could_not_be_committed_is_not_acknowledged() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    say(&mut line, envelope("e1", message("1.1"))).await;
    hub.taken()
        .await
        .1
        .send(Err(NotTaken("full".into())))
        .expect("the hub waits");
    hub.until_state(HealthState::Degraded).await;
    only_answers_pings(&mut line).await;
    // Slack sends it again.
    say(&mut line, envelope("e1-again", message("1.1"))).await;
    hub.taken().await.1.send(Ok(())).expect("the hub waits");
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e1-again"));
    hub.until_state(HealthState::Connected).await;
}

#[tokio::test]
async fn what_waits_already_is_committed_together_and_in_order() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    say(&mut line, envelope("e0", message("1.0"))).await;
    let (_, first) = hub.taken().await;
    for n in 1..=3 {
        say(
            &mut line,
            envelope(&format!("e{n}"), message(&format!("1.{n}"))),
        )
        .await;
    }
    // Once the ping behind them is answered, all three have arrived.
    only_answers_pings(&mut line).await;
    first.send(Ok(())).expect("the hub waits");
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e0"));
    let (events, commit) = hub.taken().await;
    assert_eq!(keys(&events), ["m:D1:1.1", "m:D1:1.2", "m:D1:1.3"]);
    commit.send(Ok(())).expect("the hub waits");
    for n in 1..=3 {
        assert_eq!(acknowledged(&mut line).await, Some(format!("e{n}")));
    }
}

#[tokio::test]
async fn what_is_of_no_concern_is_acknowledged_without_the_store() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    say(
        &mut line,
        envelope("e1", json!({ "type": "channel_created" })),
    )
    .await;
    say(
        &mut line,
        json!({ "type": "interactive", "envelope_id": "e2", "payload": {
        "type": "block_actions", "user": { "id": "U1" }, "actions": [{ "action_id": "x" }] } }),
    )
    .await;
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e1"));
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e2"));
    assert!(hub.taken.try_recv().is_err());
}

#[tokio::test]
async fn a_socket_that_is_to_be_refreshed_is_heard_until_its_end() {
    let mut hub = hub().await;
    let mut old = hub.line().await;
    say(
        &mut old,
        json!({ "type": "disconnect", "reason": "warning" }),
    )
    .await;
    say(&mut old, envelope("old", message("1.1"))).await;
    let mut new = hub.greeted().await;
    hub.taken().await.1.send(Ok(())).expect("the hub waits");
    hub.until(&Told::Listening).await;
    assert_eq!(acknowledged(&mut old).await.as_deref(), Some("old"));
    say(&mut new, envelope("new", message("1.2"))).await;
    hub.taken().await.1.send(Ok(())).expect("the hub waits");
    assert_eq!(acknowledged(&mut new).await.as_deref(), Some("new"));
    old.close(None).await.expect("an open socket");
    only_answers_pings(&mut new).await;
}

#[tokio::test]
async fn a_lost_socket_is_followed_by_another() {
    let mut hub = hub().await;
    drop(hub.line().await);
    hub.until_state(HealthState::Degraded).await;
    let mut line = hub.line().await;
    say(&mut line, envelope("e1", message("1.1"))).await;
    hub.taken().await.1.send(Ok(())).expect("the hub waits");
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e1"));
}

#[tokio::test]
async fn one_socket_too_many_is_closed_and_tried_again_later() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    say(
        &mut line,
        json!({ "type": "disconnect", "reason": "too_many_websockets" }),
    )
    .await;
    let detail = hub.until_state(HealthState::Degraded).await;
    assert!(detail.contains("too many"), "{detail}");
    assert_eq!(acknowledged(&mut line).await, None);
    hub.line().await;
}

#[tokio::test]
async fn when_socket_mode_is_switched_off_the_source_stops_and_says_so() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    say(
        &mut line,
        json!({ "type": "disconnect", "reason": "link_disabled" }),
    )
    .await;
    let detail = hub.until_state(HealthState::NeedsAuthorisation).await;
    assert!(detail.contains("Socket Mode"), "{detail}");
    let failure = hub.end().await.expect_err("a failure");
    assert_eq!(failure.code, "link_disabled");
    assert_eq!(acknowledged(&mut line).await, None);
}

#[tokio::test]
async fn a_limit_on_opening_sockets_is_waited_for() {
    let at = workspace().await;
    let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ws://{}/", sockets.local_addr().expect("an address"));
    slack_support::on("apps.connections.open")
        .respond_with(ResponseTemplate::new(429).insert_header("Retry-After", "1"))
        .up_to_n_times(1)
        .mount(&at.server)
        .await;
    at.answers("apps.connections.open", json!({ "ok": true, "url": url }))
        .await;
    let begun = tokio::time::Instant::now();
    let mut hub = listen(at, sockets);
    hub.line().await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_revoked_app_level_token_needs_a_person() {
    let at = workspace().await;
    at.answers(
        "apps.connections.open",
        json!({ "ok": false, "error": "invalid_auth" }),
    )
    .await;
    let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut hub = listen(at, sockets);
    hub.until_state(HealthState::NeedsAuthorisation).await;
    assert_eq!(
        hub.end().await.expect_err("a failure").kind,
        FailureKind::NotAuthorised
    );
    assert_eq!(hub.at.vault.revoked(), [TokenOwner::AppLevel]);
}

#[tokio::test]
async fn a_persons_revoked_token_is_forgotten_before_the_event_is_acknowledged() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    let event = json!({ "type": "tokens_revoked", "tokens": { "oauth": ["U2"], "bot": [] } });
    say(&mut line, envelope("e1", event)).await;
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e1"));
    let person = TokenOwner::Account(ExternalAccount::new("U2"));
    assert_eq!(hub.at.vault.revoked(), [person]);
}

#[tokio::test]
async fn when_the_app_is_uninstalled_the_source_stops_after_acknowledging_it() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    say(
        &mut line,
        envelope("e1", json!({ "type": "app_uninstalled" })),
    )
    .await;
    assert_eq!(acknowledged(&mut line).await.as_deref(), Some("e1"));
    assert_eq!(
        hub.end().await.expect_err("a failure").kind,
        FailureKind::NotAuthorised
    );
    assert_eq!(hub.at.vault.revoked(), [TokenOwner::App]);
}

#[tokio::test]
async fn stopping_closes_the_socket() {
    let mut hub = hub().await;
    let mut line = hub.line().await;
    hub.stop.cancel();
    assert_eq!(acknowledged(&mut line).await, None);
    assert_eq!(hub.end().await, Ok(()));
}
