//! Entra and Graph on loopback, and a bare HTTP client for them.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use causeway_sandbox::{
    acme,
    clock::Clock,
    entra,
    faults::Faults,
    graph::{self, Tenant, Urls},
    record::Recorder,
    wire::{Connection, Loopback, Shared},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

pub struct Sandbox {
    pub tenant: Arc<Tenant>,
    pub shared: Arc<Shared>,
    pub graph: String,
    pub entra: String,
    pub http: reqwest::Client,
}

pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The ids of the listed objects.
    pub fn ids(&self) -> Vec<String> {
        self.values()
            .iter()
            .map(|value| text(&value["id"]))
            .collect()
    }

    pub fn values(&self) -> Vec<Value> {
        self.body["value"].as_array().cloned().unwrap_or_default()
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Sandbox {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared {
            clock: Clock::new(1),
            faults: Faults::default(),
            recorder: Recorder::none(),
            seed: 7,
        });
        let (graph_door, entra_door) = (door().await, door().await);
        let graph = format!(
            "http://127.0.0.1:{}/v1.0",
            graph_door.port().expect("a port")
        );
        let entra = format!("http://127.0.0.1:{}", entra_door.port().expect("a port"));
        let urls = Urls {
            graph: graph.clone(),
            entra: entra.clone(),
        };
        let tenant = Tenant::new(shared.clone(), urls);
        serve(graph_door, graph::router(tenant.clone()));
        serve(entra_door, entra::router(tenant.clone()));
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            tenant,
            shared,
            graph,
            entra,
            http,
        }
    }

    pub fn credential(&self, name: &str) -> String {
        text(&self.tenant.credentials()[name])
    }

    pub fn refresh_token(&self, email: &str) -> String {
        text(&self.tenant.credentials()["refresh_tokens"][email])
    }

    pub async fn token_call(&self, fields: &[(&str, &str)]) -> Answer {
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.entra,
            self.credential("tenant")
        );
        answer(self.http.post(url).form(fields)).await
    }

    pub async fn app_token(&self) -> String {
        let granted = self
            .token_call(&[
                ("grant_type", "client_credentials"),
                ("client_id", &self.credential("client_id")),
                ("client_secret", &self.credential("client_secret")),
                ("scope", "https://graph.microsoft.com/.default"),
            ])
            .await;
        text(&granted.body["access_token"])
    }

    pub async fn refreshed(&self, refresh_token: &str) -> Answer {
        self.token_call(&[
            ("grant_type", "refresh_token"),
            ("client_id", &self.credential("client_id")),
            ("refresh_token", refresh_token),
        ])
        .await
    }

    /// A delegated access token of someone who has authorised the app.
    pub async fn token_of(&self, email: &str) -> String {
        text(&self.refreshed(&self.refresh_token(email)).await.body["access_token"])
    }

    pub async fn service_token(&self) -> String {
        self.token_of(acme::SERVICE_ACCOUNT).await
    }

    pub async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.graph)
        };
        let request = self.http.request(method, url).bearer_auth(token);
        answer(if body.is_null() {
            request
        } else {
            request.json(&body)
        })
        .await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(token, Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(token, Method::POST, path, body).await
    }

    /// The object id of the account with this address.
    pub fn user(&self, email: &str) -> String {
        use causeway_sandbox::stand_in::StandIn;
        self.tenant.account(email).expect("an account").id
    }

    pub fn member(&self, email: &str) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.aadUserConversationMember",
            "roles": ["owner"],
            "user@odata.bind": format!("{}/users('{}')", self.graph, self.user(email)),
        })
    }

    pub async fn chat(&self, token: &str, kind: &str, emails: &[&str]) -> String {
        let members: Vec<_> = emails.iter().map(|email| self.member(email)).collect();
        let made = self
            .post(
                token,
                "/chats",
                json!({"chatType": kind, "members": members}),
            )
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
        text(&made.body["id"])
    }

    pub async fn send(&self, token: &str, chat: &str, words: &str) -> Answer {
        self.post(
            token,
            &format!("/chats/{chat}/messages"),
            json!({"body": {"content": words}}),
        )
        .await
    }
}

pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.expect("a whole answer");
    Answer {
        status,
        headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    }
}

async fn door() -> Loopback {
    Loopback::bind(0).await.expect("a free port")
}

fn serve(door: Loopback, router: Router) {
    let service = router.into_make_service_with_connect_info::<Connection>();
    tokio::spawn(async move { axum::serve(door, service).await });
}

/// What a subscriber is told, as it comes.
pub struct Listener {
    pub url: String,
    inbox: mpsc::UnboundedReceiver<Value>,
}

#[derive(Clone)]
struct Ear {
    outbox: mpsc::UnboundedSender<Value>,
    /// How many posts are refused before one is taken.
    refusals: Arc<std::sync::atomic::AtomicU32>,
    echoes: bool,
}

impl Listener {
    pub async fn start() -> Self {
        Self::with(0, true).await
    }

    /// A listener that refuses the first posts, or does not pass the handshake.
    pub async fn with(refusals: u32, echoes: bool) -> Self {
        let (outbox, inbox) = mpsc::unbounded_channel();
        let ear = Ear {
            outbox,
            refusals: Arc::new(refusals.into()),
            echoes,
        };
        let door = door().await;
        let url = format!("http://127.0.0.1:{}/told", door.port().expect("a port"));
        serve(
            door,
            Router::new().route("/told", post(hear)).with_state(ear),
        );
        Self { url, inbox }
    }

    /// The next body posted here.
    pub async fn told(&mut self) -> Value {
        tokio::time::timeout(Duration::from_secs(20), self.inbox.recv())
            .await
            .expect("a notification in time")
            .expect("an open listener")
    }

    pub fn told_nothing_more(&mut self) -> bool {
        self.inbox.try_recv().is_err()
    }
}

async fn hear(
    State(ear): State<Ear>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    use std::sync::atomic::Ordering;
    if let Some(token) = query.get("validationToken") {
        return if ear.echoes {
            token.clone().into_response()
        } else {
            StatusCode::NOT_FOUND.into_response()
        };
    }
    let refuse = ear
        .refusals
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_ok();
    if refuse {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let _ = ear
        .outbox
        .send(serde_json::from_slice(&body).unwrap_or_default());
    StatusCode::ACCEPTED.into_response()
}
