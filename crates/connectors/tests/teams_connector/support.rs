//! A tenant of canned answers.

use std::sync::Arc;

use causeway_connectors::{
    Secret, TokenOwner, TokenSet, http,
    listener::Listener,
    teams::{Hear, Settings, TeamsConnector},
};
use causeway_model::{ExternalAccount, ExternalConversation, Random, Timestamp};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

pub use crate::engine_side::*;

pub const SVC: &str = "5e5e5e5e-0000-4000-8000-00000000005e";
pub const ANN: &str = "0a0a0a0a-0000-4000-8000-00000000000a";
pub const BOB: &str = "0b0b0b0b-0000-4000-8000-00000000000b";
pub const UPN: &str = "svc@acme.example";
pub const CLIENT: &str = "c1c1c1c1-0000-4000-8000-0000000000c1";
pub const TENANT: &str = "7e7e7e7e-0000-4000-8000-00000000007e";
pub const CHAT: &str = "19:x@thread.v2";
/// 2026-01-05T10:00:00Z.
pub const NOW: i64 = 1_767_607_200_000;

pub fn account(id: &str) -> ExternalAccount {
    ExternalAccount::new(id)
}

pub fn chat() -> ExternalConversation {
    ExternalConversation::new(CHAT)
}

pub fn token_set(access: &str, ends: i64, refresh: Option<&str>) -> TokenSet {
    TokenSet {
        access: Some(Secret::new(access)),
        expires_at: Some(Timestamp(ends)),
        refresh: refresh.map(Secret::new),
        refresh_ends_at: None,
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
            clock: Arc::new(TestClock::at(NOW)),
        }
    }

    pub fn connector(&self) -> TeamsConnector {
        self.reachable(None)
    }

    pub fn random(&self) -> Arc<dyn Random> {
        Arc::new(Counting::from_one())
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
