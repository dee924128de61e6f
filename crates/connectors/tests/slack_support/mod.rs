//! What the Slack tests share: a vault in memory, a fixed clock, a workspace on loopback.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use causeway_connectors::{
    Secret, TokenOwner, TokenSet, TokenVault, VaultError,
    slack::{Settings, SlackConnector},
};
use causeway_model::{Clock, Random, Timestamp};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

pub const NOW: i64 = 1_700_000_000_000;

pub struct FixedClock(pub AtomicI64);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub struct NoChance;

impl Random for NoChance {
    fn bits(&self) -> u128 {
        0
    }
}

/// Keeps tokens, and what was said about them in what order.
#[derive(Default)]
pub struct Vault {
    pub tokens: Mutex<HashMap<TokenOwner, TokenSet>>,
    pub renewed: Mutex<Vec<TokenOwner>>,
    pub revoked: Mutex<Vec<TokenOwner>>,
}

impl Vault {
    pub fn put(&self, owner: TokenOwner, access: &str) {
        self.put_set(owner, lasting(access));
    }

    pub fn put_set(&self, owner: TokenOwner, tokens: TokenSet) {
        self.tokens
            .lock()
            .expect("no test panicked")
            .insert(owner, tokens);
    }

    pub fn get(&self, owner: &TokenOwner) -> Option<TokenSet> {
        self.tokens
            .lock()
            .expect("no test panicked")
            .get(owner)
            .cloned()
    }

    pub fn revoked(&self) -> Vec<TokenOwner> {
        self.revoked.lock().expect("no test panicked").clone()
    }
}

pub fn lasting(access: &str) -> TokenSet {
    TokenSet {
        access: Some(Secret::new(access)),
        expires_at: None,
        refresh: None,
        refresh_ends_at: None,
        scopes: String::new(),
    }
}

#[async_trait]
impl TokenVault for Vault {
    async fn token(&self, owner: &TokenOwner) -> Result<Option<TokenSet>, VaultError> {
        Ok(self.get(owner))
    }

    async fn renewed(&self, owner: &TokenOwner, tokens: &TokenSet) -> Result<(), VaultError> {
        self.put_set(owner.clone(), tokens.clone());
        self.renewed
            .lock()
            .expect("no test panicked")
            .push(owner.clone());
        Ok(())
    }

    async fn revoked(&self, owner: &TokenOwner) -> Result<(), VaultError> {
        self.tokens.lock().expect("no test panicked").remove(owner);
        self.revoked
            .lock()
            .expect("no test panicked")
            .push(owner.clone());
        Ok(())
    }
}

/// A workspace that knows who asks, and a connector to it.
pub struct Workspace {
    pub server: MockServer,
    pub vault: Arc<Vault>,
    pub clock: Arc<FixedClock>,
    pub slack: Arc<SlackConnector>,
}

pub async fn workspace() -> Workspace {
    workspace_with(|_| {}, |slack| slack).await
}

/// The same, with other settings and in another dress.
pub async fn workspace_with(
    change: impl FnOnce(&mut Settings),
    dress: impl FnOnce(SlackConnector) -> SlackConnector,
) -> Workspace {
    let server = MockServer::start().await;
    let vault = Arc::new(Vault::default());
    vault.put(TokenOwner::App, "xoxb-1");
    vault.put(TokenOwner::AppLevel, "xapp-1");
    let clock = Arc::new(FixedClock(AtomicI64::new(NOW)));
    let mut settings = Settings {
        api_url: format!("{}/api", server.uri()).parse().expect("an address"),
        client_id: Some("C.1".to_owned()),
        client_secret: Some(Secret::new("shh")),
        ..Settings::default()
    };
    change(&mut settings);
    let http = causeway_connectors::http::client().expect("a client");
    let slack = SlackConnector::new(
        settings,
        http,
        vault.clone(),
        clock.clone(),
        Arc::new(NoChance),
    );
    let workspace = Workspace {
        server,
        vault,
        clock,
        slack: Arc::new(dress(slack)),
    };
    workspace
        .answers(
            "auth.test",
            json!({ "ok": true, "url": "https://acme.slack.com/", "team": "Acme",
                    "user_id": "UBOT", "bot_id": "B1", "team_id": "T1" }),
        )
        .await;
    let bot = json!({ "ok": true, "bot": { "id": "B1", "app_id": "A1", "user_id": "UBOT" } });
    workspace.answers("bots.info", bot).await;
    workspace
}

impl Workspace {
    /// Lets a method answer this from now on.
    pub async fn answers(&self, name: &str, body: Value) {
        self.responds(name, ResponseTemplate::new(200).set_body_json(body))
            .await;
    }

    pub async fn responds(&self, name: &str, response: ResponseTemplate) {
        on(name).respond_with(response).mount(&self.server).await;
    }

    /// The forms of all calls of a method so far.
    pub async fn calls(&self, name: &str) -> Vec<HashMap<String, String>> {
        self.requests(name).await.iter().map(form).collect()
    }

    pub async fn requests(&self, name: &str) -> Vec<Request> {
        let place = format!("/api/{name}");
        let all = self
            .server
            .received_requests()
            .await
            .expect("recording is on");
        all.into_iter()
            .filter(|request| request.url.path() == place)
            .collect()
    }
}

pub fn on(name: &str) -> wiremock::MockBuilder {
    Mock::given(method("POST")).and(path(format!("/api/{name}")))
}

pub fn form(request: &Request) -> HashMap<String, String> {
    let fields = url::form_urlencoded::parse(&request.body);
    fields
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

pub fn bearer(request: &Request) -> String {
    let header = request.headers.get("authorization").expect("a token");
    header
        .to_str()
        .expect("text")
        .trim_start_matches("Bearer ")
        .to_owned()
}
