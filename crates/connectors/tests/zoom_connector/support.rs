//! An account of canned answers, and what the engine would be to the connector.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use causeway_connectors::{
    Connector, EventSink, Hearing, NotTaken, Secret, TokenOwner, TokenSet, TokenVault, VaultError,
    http,
    listener::Listener,
    zoom::{ActsBy, Chatbot, Settings, UserApp, ZoomConnector},
};
use causeway_model::{
    Clock, ExternalAccount, ExternalConversation, Failure, HealthState, Incoming, Random, Timestamp,
};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

pub const HUB: &str = "hub-id";
pub const ANN: &str = "ann-id";
pub const BOB: &str = "bob-id";
pub const ROBOT: &str = "v1robot@xmpp.zoom.us";
pub const CHANNEL: &str = "825c9e31f1064c73b394c5e4557d3447";
/// Between Ann and Bob.
pub const PAIR: &str = "dm:ann-id~bob-id";
/// 2026-01-05T10:00:00Z.
pub const NOW: i64 = 1_767_607_200_000;

pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn account(id: &str) -> ExternalAccount {
    ExternalAccount::new(id)
}

pub fn conversation(id: &str) -> ExternalConversation {
    ExternalConversation::new(id)
}

pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

struct Counting(AtomicU64);

impl Random for Counting {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// A vault in memory.
#[derive(Default)]
pub struct MemoryVault {
    sets: Mutex<HashMap<TokenOwner, TokenSet>>,
    /// Whether it keeps nothing more.
    pub full: AtomicBool,
}

impl MemoryVault {
    pub fn put(&self, owner: TokenOwner, access: &str, ends: i64) {
        let set = TokenSet {
            access: Some(Secret::new(access)),
            expires_at: Some(Timestamp(ends)),
            refresh: None,
            scopes: String::new(),
        };
        self.sets.lock().expect("a lock").insert(owner, set);
    }

    /// Somebody's own pair, `mine` and `refresh-1`.
    pub fn put_person(&self, id: &str, ends: i64) {
        let set = TokenSet {
            access: Some(Secret::new("mine")),
            expires_at: Some(Timestamp(ends)),
            refresh: Some(Secret::new("refresh-1")),
            scopes: "team_chat:write:user_message".to_owned(),
        };
        let mut sets = self.sets.lock().expect("a lock");
        sets.insert(TokenOwner::Account(account(id)), set);
    }

    pub fn refresh(&self, owner: &TokenOwner) -> Option<String> {
        let sets = self.sets.lock().expect("a lock");
        let refresh = sets.get(owner)?.refresh.clone()?;
        Some(refresh.reveal().to_owned())
    }

    pub fn access(&self, owner: &TokenOwner) -> Option<String> {
        let sets = self.sets.lock().expect("a lock");
        let access = sets.get(owner)?.access.clone()?;
        Some(access.reveal().to_owned())
    }

    pub fn empty(&self) {
        self.sets.lock().expect("a lock").clear();
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn token(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, VaultError> {
        Ok(self.sets.lock().expect("a lock").get(owner).cloned())
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(VaultError("full".to_owned()));
        }
        let mut sets = self.sets.lock().expect("a lock");
        sets.insert(owner.clone(), tokens.clone());
        Ok(())
    }

    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError> {
        self.sets.lock().expect("a lock").remove(owner);
        Ok(())
    }
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
        vault.put(TokenOwner::AppLevel, "app-level", NOW + 3_600_000);
        vault.put(TokenOwner::App, "chatbot", NOW + 3_600_000);
        Self {
            settings: settings(&server.uri()),
            server,
            vault,
            clock: Arc::new(TestClock(AtomicI64::new(NOW))),
        }
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
        at.vault.put_person(ANN, NOW + 3_600_000);
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
            Arc::new(Counting(AtomicU64::new(1))),
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

/// What was taken at once, and the cursor with it.
type Batch = (Vec<Incoming>, Option<(String, String)>);

#[derive(Default)]
pub struct Heard {
    pub batches: Vec<Batch>,
    pub cursors: HashMap<String, String>,
    pub health: Vec<(HealthState, Option<String>)>,
    pub listening: usize,
    pub refuse: bool,
}

impl Heard {
    pub fn events(&self) -> Vec<&Incoming> {
        self.batches.iter().flat_map(|(events, _)| events).collect()
    }

    pub fn keys(&self) -> Vec<String> {
        let events = self.events().into_iter();
        events.map(|event| event.key.0.clone()).collect()
    }

    pub fn said(&self, text: &str) -> bool {
        let mut details = self
            .health
            .iter()
            .filter_map(|(_, detail)| detail.as_deref());
        details.any(|detail| detail.contains(text))
    }

    pub fn is_connected(&self) -> bool {
        let last = self.health.last().map(|(state, _)| *state);
        last == Some(HealthState::Connected)
    }
}

/// What the engine commits, and a way to wait for it.
#[derive(Default)]
pub struct Sink {
    heard: Mutex<Heard>,
    changed: Notify,
}

impl Sink {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("a lock")
    }

    /// Waits until it is so.
    pub async fn until(&self, so: impl Fn(&Heard) -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let changed = self.changed.notified();
                if so(&self.heard()) {
                    return;
                }
                changed.await;
            }
        });
        waited.await.expect("it came to be so in time");
    }

    pub fn change(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut self.heard());
        self.changed.notify_waiters();
    }
}

#[async_trait]
impl EventSink for Sink {
    async fn take(
        &self,
        events: Vec<Incoming>,
        cursor: Option<(String, String)>,
    ) -> Result<(), NotTaken> {
        if self.heard().refuse {
            return Err(NotTaken("full".to_owned()));
        }
        self.change(|heard| {
            heard.cursors.extend(cursor.clone());
            heard.batches.push((events, cursor));
        });
        Ok(())
    }

    async fn cursor(&self, name: &str) -> Option<String> {
        self.heard().cursors.get(name).cloned()
    }

    async fn health(&self, state: HealthState, detail: Option<String>) {
        self.change(|heard| heard.health.push((state, detail)));
    }

    async fn listening(&self) {
        self.change(|heard| heard.listening += 1);
    }

    async fn missed(&self, _since: Timestamp) {}
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
