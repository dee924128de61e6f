//! An account of canned answers, and a connector to it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use causeway_connectors::{
    Connector, Hearing, Secret, TokenOwner, TokenSet, http,
    listener::Listener,
    zoom::{ActsBy, Chatbot, Settings, UserApp, ZoomConnector},
};
use causeway_model::{ExternalAccount, ExternalConversation, Failure, Timestamp};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

pub use super::engine_side::{Counting, Heard, MemoryVault, PATIENCE, Sink, TestClock};

pub const HUB: &str = "hub-id";
pub const ANN: &str = "ann-id";
pub const BOB: &str = "bob-id";
pub const ROBOT: &str = "v1robot@xmpp.zoom.us";
pub const CHANNEL: &str = "825c9e31f1064c73b394c5e4557d3447";
/// Between Ann and Bob.
pub const PAIR: &str = "dm:ann-id~bob-id";
/// 2026-01-05T10:00:00Z.
pub const NOW: i64 = 1_767_607_200_000;

pub fn account(id: &str) -> ExternalAccount {
    ExternalAccount::new(id)
}

pub fn conversation(id: &str) -> ExternalConversation {
    ExternalConversation::new(id)
}

/// Everything the connector is given, and the server it talks to.
pub struct Account {
    pub server: MockServer,
    pub vault: Arc<MemoryVault>,
    pub clock: Arc<TestClock>,
    pub settings: Settings,
}

impl Account {
    /// An account of the service user, Ann and Bob, whose tokens are good for an hour.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        for (id, name) in [(HUB, "hub"), (ANN, "ann"), (BOB, "bob")] {
            let user = user(id, &format!("{name}@acme.example"));
            get(&server, &format!("/v2/users/{id}"), user.clone()).await;
            get(&server, &format!("/v2/users/{name}@acme.example"), user).await;
        }
        let vault = Arc::new(MemoryVault::default());
        let at = Self {
            settings: settings(&server.uri()),
            server,
            vault,
            clock: Arc::new(TestClock::at(NOW)),
        };
        at.put(TokenOwner::AppLevel, "app-level", NOW + 3_600_000);
        at.put(TokenOwner::App, "chatbot", NOW + 3_600_000);
        at
    }

    pub fn put(&self, owner: TokenOwner, access: &str, ends: i64) {
        let set = TokenSet {
            access: Some(Secret::new(access)),
            expires_at: Some(Timestamp(ends)),
            refresh: None,
            refresh_ends_at: None,
            scopes: String::new(),
        };
        self.vault.put(owner, set);
    }

    /// Somebody's own pair, `mine` and `refresh-1`.
    pub fn put_person(&self, id: &str, ends: i64) {
        let set = TokenSet {
            access: Some(Secret::new("mine")),
            expires_at: Some(Timestamp(ends)),
            refresh: Some(Secret::new("refresh-1")),
            refresh_ends_at: None,
            scopes: "team_chat:write:user_message".to_owned(),
        };
        self.vault.put(TokenOwner::Account(account(id)), set);
    }

    pub async fn with_chatbot() -> Self {
        let mut at = Self::start().await;
        at.settings.chatbot = Some(Chatbot {
            client_id: "bot-client".to_owned(),
            robot_jid: ROBOT.to_owned(),
        });
        at.settings.chatbot_secret = Some(Secret::new("bot-secret"));
        let channel = json!({ "id": CHANNEL, "jid": "825c@conference.xmpp.zoom.us", "type": 2 });
        let at_hub = format!("/v2/chat/users/{HUB}/channels/{CHANNEL}");
        get(&at.server, &at_hub, channel).await;
        at
    }

    /// Where people authorise their own accounts: Ann has, for an hour.
    pub async fn by_token() -> Self {
        let mut at = Self::start().await;
        at.settings.acts_by = ActsBy::Token;
        at.settings.user_app = Some(UserApp {
            client_id: "people".to_owned(),
            public: false,
        });
        at.settings.user_app_secret = Some(Secret::new("p30ple"));
        at.put_person(ANN, NOW + 3_600_000);
        at
    }

    pub fn connector(&self) -> ZoomConnector {
        self.reachable(None)
    }

    pub fn reachable(&self, listener: Option<Listener>) -> ZoomConnector {
        ZoomConnector::new(
            self.settings.clone(),
            http::client().expect("a client"),
            self.vault.clone(),
            self.clock.clone(),
            Arc::new(Counting::from_one()),
            listener.map(|listener| (listener, "zoom-1".to_owned())),
        )
        .expect("settings that are good")
    }

    /// The queries and bodies of the requests to a path.
    pub async fn sent(&self, verb: &str, at: &str) -> Vec<Sent> {
        let requests = self.server.received_requests().await.expect("recording");
        requests
            .iter()
            .filter(|request| request.method.as_str() == verb && request.url.path() == at)
            .map(|request| Sent {
                query: request.url.query_pairs().into_owned().collect(),
                token: request
                    .headers
                    .get("authorization")
                    .map(|value| value.to_str().expect("a header").to_owned())
                    .unwrap_or_default(),
                text: String::from_utf8_lossy(&request.body).into_owned(),
                body: serde_json::from_slice(&request.body).unwrap_or(Value::Null),
            })
            .collect()
    }

    /// Waits until there have been so many requests to a path.
    pub async fn until_sent(&self, verb: &str, at: &str, many: usize) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while self.sent(verb, at).await.len() < many {
                // Others than this test want the machine, the server that it waits for first.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        waited.await.expect("they are sent in time");
    }

    pub async fn calls(&self) -> usize {
        let requests = self.server.received_requests().await;
        requests.expect("recording").len()
    }
}

pub struct Sent {
    pub query: HashMap<String, String>,
    pub token: String,
    pub text: String,
    pub body: Value,
}

fn settings(base: &str) -> Settings {
    let mut settings: Settings = serde_json::from_value(json!({
        "api_url": format!("{base}/v2/"),
        "oauth_url": format!("{base}/oauth/"),
        "socket_url": "ws://127.0.0.1:9/ws",
        "account_id": "acc",
        "client_id": "client",
        "service_user": "hub@acme.example",
        "poll_every_ms": 10,
    }))
    .expect("settings");
    settings.client_secret = Some(Secret::new("s3cret"));
    settings
}

pub fn user(id: &str, email: &str) -> Value {
    let name = email.split('@').next().expect("a name");
    json!({ "id": id, "email": email, "display_name": name, "type": 1, "status": "active" })
}

pub async fn get(server: &MockServer, at: &str, body: Value) {
    answer(server, "GET", at, 200, body).await;
}

pub async fn answer(server: &MockServer, verb: &str, at: &str, status: u16, body: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(dated(status).set_body_json(body))
        .mount(server)
        .await;
}

/// An answer that tells the tests' time, where a server of its own tells that of now.
pub fn dated(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).insert_header("date", "Mon, 05 Jan 2026 10:00:00 GMT")
}

/// The same once only, before any other answer.
pub async fn answer_once(server: &MockServer, verb: &str, at: &str, status: u16, body: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(dated(status).set_body_json(body))
        .up_to_n_times(1)
        .with_priority(1)
        .mount(server)
        .await;
}

pub fn refusal(code: i64) -> Value {
    json!({ "code": code, "message": "No." })
}

/// One conversation between Ann and Bob, as each of them lists it, with these messages.
pub async fn talked(at: &Account, messages: Value) {
    for (id, peer, address) in [
        (ANN, BOB, "bob@acme.example"),
        (BOB, ANN, "ann@acme.example"),
    ] {
        let session = json!({ "type": "1:1", "peer_contact_user_id": peer,
            "peer_contact_email": address, "last_message_sent_time": "2026-01-05T09:59:30Z" });
        let sessions = json!({ "sessions": [session], "next_page_token": "" });
        get(
            &at.server,
            &format!("/v2/chat/users/{id}/sessions"),
            sessions,
        )
        .await;
        let listed = json!({ "messages": messages, "next_page_token": "" });
        get(&at.server, &format!("/v2/chat/users/{id}/messages"), listed).await;
    }
    nothing_with_the_hub(at).await;
}

pub async fn nothing_with_the_hub(at: &Account) {
    let none = json!({ "sessions": [] });
    get(&at.server, &format!("/v2/chat/users/{HUB}/sessions"), none).await;
}

/// A message by Ann, some seconds before [`NOW`].
pub fn message(id: &str, seconds_ago: i64, says: &str) -> Value {
    json!({ "id": id, "message": says, "sender": "ann@acme.example", "send_member_id": "m",
        "timestamp": NOW - seconds_ago * 1_000, "status": "Normal" })
}

/// An event of Ann's writing to Bob.
pub fn dm_event(what: &str, id: &str, says: &str, ts: i64) -> Value {
    json!({ "event": format!("team_chat.dm_message_{what}"), "event_ts": ts, "payload": {
        "account_id": "acc", "operator": "ann@acme.example", "operator_id": ANN,
        "by_external_user": false,
        "object": { "message_id": id, "session_id": "s", "timestamp": ts, "message": says,
            "contact_id": BOB, "contact_email": "bob@acme.example", "contact_member_id": "m" } } })
}

/// A connector that listens until it is dropped.
pub struct Listening {
    pub sink: Arc<Sink>,
    pub hearing: watch::Sender<Hearing>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), Failure>>,
}

impl Listening {
    pub fn begin(zoom: ZoomConnector, sink: Arc<Sink>, accounts: &[&str]) -> Self {
        let accounts = accounts.iter().map(|id| account(id)).collect();
        let (hearing, heard) = watch::channel(Hearing { accounts });
        let stop = CancellationToken::new();
        let (into, stopped) = (sink.clone(), stop.clone());
        let task = tokio::spawn(async move { zoom.listen(into, heard, stopped).await });
        Self {
            sink,
            hearing,
            stop,
            task,
        }
    }

    pub async fn end(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.task).await;
        assert_eq!(ended.expect("in time").expect("no panic"), Ok(()));
    }
}
