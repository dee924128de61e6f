//! A tenant of canned answers, and what the engine would be to the connector.

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
    EventSink, NotTaken, Secret, TokenOwner, TokenSet, TokenVault, VaultError, http,
    listener::Listener,
    teams::{Hear, Settings, TeamsConnector},
};
use causeway_model::{
    Clock, ExternalAccount, ExternalConversation, HealthState, Incoming, Random, Timestamp,
};
use serde_json::{Value, json};
use tokio::sync::Notify;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

pub const SVC: &str = "5e5e5e5e-0000-4000-8000-00000000005e";
pub const ANN: &str = "0a0a0a0a-0000-4000-8000-00000000000a";
pub const BOB: &str = "0b0b0b0b-0000-4000-8000-00000000000b";
pub const UPN: &str = "svc@acme.example";
pub const CLIENT: &str = "c1c1c1c1-0000-4000-8000-0000000000c1";
pub const TENANT: &str = "7e7e7e7e-0000-4000-8000-00000000007e";
pub const CHAT: &str = "19:x@thread.v2";
/// 2026-01-05T10:00:00Z.
pub const NOW: i64 = 1_767_607_200_000;

const PATIENCE: Duration = Duration::from_secs(20);

pub fn account(id: &str) -> ExternalAccount {
    ExternalAccount::new(id)
}

pub fn chat() -> ExternalConversation {
    ExternalConversation::new(CHAT)
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

/// A vault in memory that remembers what was done to it.
#[derive(Default)]
pub struct MemoryVault {
    /// Whether it cannot keep anything now.
    pub full: AtomicBool,
    sets: Mutex<HashMap<TokenOwner, TokenSet>>,
    log: Mutex<Vec<String>>,
}

impl MemoryVault {
    pub fn put(&self, owner: TokenOwner, set: TokenSet) {
        self.sets.lock().expect("a lock").insert(owner, set);
    }

    pub fn remove(&self, owner: &TokenOwner) {
        self.sets.lock().expect("a lock").remove(owner);
    }

    pub fn get(&self, owner: &TokenOwner) -> Option<TokenSet> {
        self.sets.lock().expect("a lock").get(owner).cloned()
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("a lock").clone()
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn token(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, VaultError> {
        Ok(self.get(owner))
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(VaultError("full".to_owned()));
        }
        self.put(owner.clone(), tokens.clone());
        let mut log = self.log.lock().expect("a lock");
        log.push("renewed".to_owned());
        Ok(())
    }

    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError> {
        self.remove(owner);
        let mut log = self.log.lock().expect("a lock");
        log.push("revoked".to_owned());
        Ok(())
    }
}

pub fn token_set(access: &str, ends: i64, refresh: Option<&str>) -> TokenSet {
    TokenSet {
        access: Some(Secret::new(access)),
        expires_at: Some(Timestamp(ends)),
        refresh: refresh.map(Secret::new),
        scopes: "Chat.ReadWrite".to_owned(),
    }
}

/// Everything the connector is given, and the server it talks to.
pub struct Tenant {
    pub server: MockServer,
    pub vault: Arc<MemoryVault>,
    pub clock: Arc<TestClock>,
    pub settings: Settings,
}

impl Tenant {
    /// A tenant whose tokens are good for an hour: `app-level`, `svc`, `ann` and `bob`.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let own = json!({ "id": SVC, "displayName": "Causeway", "userPrincipalName": UPN, "userType": "Member" });
        get(&server, &format!("/v1.0/users/{UPN}"), own).await;
        let vault = Arc::new(MemoryVault::default());
        let hour = NOW + 3_600_000;
        vault.put(TokenOwner::AppLevel, token_set("app-level", hour, None));
        vault.put(TokenOwner::App, token_set("svc", hour, Some("svc-refresh")));
        for (id, name) in [(ANN, "ann"), (BOB, "bob")] {
            let refresh = format!("{name}-refresh");
            vault.put(
                TokenOwner::Account(account(id)),
                token_set(name, hour, Some(&refresh)),
            );
        }
        let url = |path: &str| format!("{}{path}", server.uri()).parse().expect("a URL");
        Self {
            settings: Settings {
                graph_url: url("/v1.0"),
                login_url: url("/login"),
                tenant: TENANT.to_owned(),
                client_id: CLIENT.to_owned(),
                client_secret: Some(Secret::new("s3cret")),
                certificate: None,
                service_account: UPN.to_owned(),
                poll_every_ms: 10,
                hear: Hear::Application,
                pace: 1.0,
                guest_landing: None,
            },
            server,
            vault,
            clock: Arc::new(TestClock(AtomicI64::new(NOW))),
        }
    }

    pub fn connector(&self) -> TeamsConnector {
        self.reachable(None)
    }

    pub fn random(&self) -> Arc<dyn Random> {
        Arc::new(Counting(AtomicU64::new(1)))
    }

    pub fn reachable(&self, listener: Option<Listener>) -> TeamsConnector {
        TeamsConnector::new(
            self.settings.clone(),
            http::client().expect("a client"),
            self.vault.clone(),
            self.clock.clone(),
            self.random(),
            listener.map(|listener| (listener, "teams-1".to_owned())),
        )
        .expect("settings that are good")
    }

    /// The bodies of the requests to a path, as JSON.
    pub async fn sent(&self, verb: &str, at: &str) -> Vec<Value> {
        let requests = self.server.received_requests().await.expect("recording");
        requests
            .iter()
            .filter(|request| request.method.as_str() == verb && request.url.path() == at)
            .map(|request| serde_json::from_slice(&request.body).unwrap_or(Value::Null))
            .collect()
    }
}

pub async fn get(server: &MockServer, at: &str, body: Value) {
    answer(server, "GET", at, 200, body).await;
}

pub async fn answer(server: &MockServer, verb: &str, at: &str, status: u16, body: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

/// A message by Ann.
pub fn message(id: &str, at: &str, html: &str) -> Value {
    json!({
        "id": id, "chatId": CHAT, "messageType": "message",
        "createdDateTime": at, "lastModifiedDateTime": at,
        "lastEditedDateTime": null, "deletedDateTime": null,
        "from": { "application": null, "user": { "id": ANN, "displayName": "Ann" } },
        "body": { "contentType": "html", "content": html },
        "attachments": [], "mentions": []
    })
}

/// A system message: Ann has added Bob.
pub fn joined(id: &str, at: &str) -> Value {
    let mut joined = message(id, at, "<systemEventMessage/>");
    joined["messageType"] = "systemEventMessage".into();
    joined["from"] = Value::Null;
    joined["eventDetail"] = json!({
        "@odata.type": "#microsoft.graph.membersAddedEventMessageDetail",
        "visibleHistoryStartDateTime": "0001-01-01T00:00:00Z",
        "members": [{ "id": BOB, "displayName": null, "userIdentityType": "aadUser" }],
        "initiator": { "application": null, "device": null, "user": { "id": ANN } },
    });
    joined
}

pub fn group_chat() -> Value {
    json!({ "id": CHAT, "chatType": "group", "topic": "Bob", "createdDateTime": "2026-01-01T00:00:00Z",
        "members": [{ "userId": SVC }, { "userId": ANN }] })
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
    pub fn keys(&self) -> Vec<String> {
        let events = self.batches.iter().flat_map(|(events, _)| events);
        events.map(|event| event.key.0.clone()).collect()
    }

    pub fn said(&self, text: &str) -> bool {
        let mut details = self
            .health
            .iter()
            .filter_map(|(_, detail)| detail.as_deref());
        details.any(|detail| detail.contains(text))
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

    fn change(&self, change: impl FnOnce(&mut Heard)) {
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
