//! An organisation of canned answers.

use std::sync::Arc;

use causeway_connectors::{
    Secret, TokenOwner, TokenSet, http,
    listener::Listener,
    webex::{Hear, Settings, WebexConnector},
};
use causeway_model::{
    Content, ExternalAccount, ExternalConversation, ExternalMessage, LegKind, OpenConversation,
    RelayId, Speaker, Timestamp,
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

pub use crate::engine_side::*;

pub const BOT: &str = "BOT";
pub const ANN: &str = "ANN";
pub const BOB: &str = "BOB";
pub const EVE: &str = "EVE";
pub const ORG: &str = "ORG";
pub const ROOM: &str = "ROOM";
/// What a direct conversation of Ann and Bob is called, and of Ann and the bot.
pub const ANN_AND_BOB: &str = "direct:ANN:BOB";
pub const ANN_AND_BOT: &str = "direct:ANN:BOT";
pub const CLIENT: &str = "C1client";
pub const ISSUER: &str = "C2issuer";
/// 2026-01-05T10:00:00Z.
pub const NOW: i64 = 1_767_607_200_000;
pub const HOUR: i64 = 3_600_000;

pub fn account(id: &str) -> ExternalAccount {
    ExternalAccount::new(id)
}

pub fn conversation(id: &str) -> ExternalConversation {
    ExternalConversation::new(id)
}

pub fn message_id(id: &str) -> ExternalMessage {
    ExternalMessage::new(id)
}

pub fn ann() -> Speaker {
    Speaker::Account(account(ANN))
}

pub fn owner(id: &str) -> TokenOwner {
    TokenOwner::Account(account(id))
}

pub fn token_set(access: &str, ends: Option<i64>, refresh: Option<&str>) -> TokenSet {
    TokenSet {
        access: Some(Secret::new(access)),
        expires_at: ends.map(Timestamp),
        refresh: refresh.map(Secret::new),
        refresh_ends_at: None,
        scopes: String::new(),
    }
}

/// Everything the connector is given, and the server it talks to.
pub struct Organisation {
    pub server: MockServer,
    pub vault: Arc<MemoryVault>,
    pub clock: Arc<TestClock>,
    pub settings: Settings,
}

impl Organisation {
    /// An organisation whose tokens are good for an hour: `bot`, `admin`, `issuer`, `ann` and `bob`.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let vault = Arc::new(MemoryVault::default());
        let hour = Some(NOW + HOUR);
        vault.put(TokenOwner::App, token_set("bot", None, None));
        let admin = token_set("admin", hour, Some("admin-refresh"));
        vault.put(TokenOwner::AppLevel, admin);
        let issuer = token_set("issuer", hour, Some("issuer-refresh"));
        vault.put(TokenOwner::GuestIssuer, issuer);
        vault.put(owner(ANN), token_set("ann", hour, Some("ann-refresh")));
        vault.put(owner(BOB), token_set("bob", hour, Some("bob-refresh")));
        for (token, id, email) in [
            ("bot", BOT, "causeway@webex.bot"),
            ("admin", "ADMIN", "root@acme.example"),
            ("ann", ANN, "ann@acme.example"),
        ] {
            let me = json!({
                "id": id, "emails": [email], "displayName": id, "orgId": ORG, "type": "person",
            });
            Mock::given(method("GET"))
                .and(path("/v1/people/me"))
                .and(header("authorization", format!("Bearer {token}")))
                .respond_with(ResponseTemplate::new(200).set_body_json(me))
                .mount(&server)
                .await;
        }
        Self {
            settings: Settings {
                api_url: format!("{}/v1/", server.uri()).parse().expect("a URL"),
                client_id: CLIENT.to_owned(),
                client_secret: Some(Secret::new("s3cret")),
                guest_issuer: Some(ISSUER.to_owned()),
                guest_issuer_secret: Some(Secret::new("issuer-s3cret")),
                hear: Hear::Events,
                catalog_url: None,
                signing_secret: None,
                poll_every_ms: 10,
                pace: 1.0,
            },
            server,
            vault,
            clock: Arc::new(TestClock::at(NOW)),
        }
    }

    pub fn connector(&self) -> WebexConnector {
        self.reachable(None)
    }

    pub fn reachable(&self, listener: Option<Listener>) -> WebexConnector {
        WebexConnector::new(
            self.settings.clone(),
            http::client().expect("a client"),
            self.vault.clone(),
            self.clock.clone(),
            Arc::new(Counting::from_one()),
            listener.map(|listener| (listener, "webex-1".to_owned())),
        )
        .expect("settings that are good")
    }

    pub async fn answers(&self, verb: &str, at: &str, status: u16, body: Value) {
        answer(&self.server, verb, at, status, body).await;
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

    /// The bodies of the requests to a path, as text.
    pub async fn forms(&self, at: &str) -> Vec<String> {
        let requests = self.server.received_requests().await.expect("recording");
        requests
            .iter()
            .filter(|request| request.url.path() == at)
            .map(|request| String::from_utf8_lossy(&request.body).into_owned())
            .collect()
    }
}

pub async fn answer(server: &MockServer, verb: &str, at: &str, status: u16, body: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

pub fn items(items: &[Value]) -> Value {
    json!({ "items": items })
}

/// A message by Ann in a room of that type.
pub fn message(id: &str, room: &str, kind: &str, at: &str, html: &str) -> Value {
    json!({
        "id": id, "roomId": room, "roomType": kind, "html": html,
        "personId": ANN, "personEmail": "ann@acme.example", "created": at,
    })
}

pub fn members(room: &str, kind: &str, people: &[&str]) -> Value {
    let members = people.iter().map(|person| {
        json!({
            "id": format!("{room}:{person}"), "roomId": room, "personId": person,
            "roomType": kind, "created": "2026-01-01T00:00:00.000Z",
        })
    });
    items(&members.collect::<Vec<_>>())
}

pub fn wanted(kind: LegKind, stand_in: Option<&str>) -> OpenConversation {
    OpenConversation {
        kind,
        person: account(ANN),
        stand_in: stand_in.map(account),
        stand_in_name: "Bob Ray\n".into(),
        speaker: match stand_in {
            Some(stand_in) => Speaker::Account(account(stand_in)),
            None => Speaker::App,
        },
        relay_id: RelayId::from_bits(7),
    }
}

pub fn hello() -> Content {
    Content::plain("Hello")
}
