//! A stranger to the Zoom stand-in: knows only what the sandbox printed and what Zoom's documents say.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use causeway_sandbox::{
    ControlClient, Options, Running, Sandbox,
    control_client::{Conversation, To, ZoomSwitches},
    faults::{Fault, FaultKind},
    wire::{Connection, Loopback},
};
use data_encoding::HEXLOWER;
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, protocol::CloseFrame},
};

pub const ZARA: &str = "zara@acme.example";
pub const YARA: &str = "yara@acme.example";
pub const OLOF: &str = "olof@acme.example";
pub const EMI: &str = "emi@lattice.example";
pub const JONAS: &str = "jonas@acme.example";
pub const PETRA: &str = "petra@acme.example";

/// How long something that must come may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Zoom {
    pub sandbox: Running,
    pub control: ControlClient,
    pub http: reqwest::Client,
    pub base: String,
    pub credentials: Value,
}

pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> u64 {
        self.body["code"].as_u64().unwrap_or_default()
    }

    pub fn refusal(&self) -> (u16, u64) {
        (self.status, self.code())
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// This field of each item of a list.
    pub fn each(&self, list: &str, field: &str) -> Vec<String> {
        let items = self.body[list].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| text(&item[field])).collect()
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Zoom {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn set_up(switches: ZoomSwitches) -> Self {
        let zoom = Self::start().await;
        zoom.control.zoom(&switches).await.expect("switches");
        zoom
    }

    pub async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let description = sandbox.description();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            control: ControlClient::new(text(&description["control"])),
            base: text(&description["zoom"]),
            credentials: description["credentials"]["zoom"].clone(),
            http,
            sandbox,
        }
    }

    /// `/chatbot/robot_jid`
    pub fn credential(&self, pointer: &str) -> String {
        text(self.credentials.pointer(pointer).unwrap_or(&Value::Null))
    }

    pub fn oauth(&self, path: &str) -> String {
        format!("{}{path}", self.credential("/oauth"))
    }

    /// A token request of one of the apps, by its secret.
    pub async fn token_call(&self, app: &str, fields: &[(&str, &str)]) -> Answer {
        let id = self.credential(&format!("/{app}/client_id"));
        let secret = self.credential(&format!("/{app}/client_secret"));
        let request = self.http.post(self.oauth("token"));
        answer(request.basic_auth(id, Some(secret)).form(fields)).await
    }

    pub async fn account_token(&self) -> String {
        let account = self.credential("/account_id");
        let fields = [
            ("grant_type", "account_credentials"),
            ("account_id", account.as_str()),
        ];
        let granted = self.token_call("server_to_server", &fields).await;
        text(&granted.body["access_token"])
    }

    pub async fn robot_token(&self) -> String {
        let fields = [("grant_type", "client_credentials")];
        let granted = self.token_call("chatbot", &fields).await;
        text(&granted.body["access_token"])
    }

    pub async fn refreshed(&self, refresh_token: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.token_call("user_app", &fields).await
    }

    /// An access token of somebody who has authorised the user app.
    pub async fn token_of(&self, email: &str) -> String {
        let refresh = self.credential(&format!("/refresh_tokens/{email}"));
        text(&self.refreshed(&refresh).await.body["access_token"])
    }

    pub async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.base);
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

    /// Sends a message as somebody, and answers its id.
    pub async fn send(&self, token: &str, who: &str, body: Value) -> String {
        let path = format!("/chat/users/{who}/messages");
        let sent = self.post(token, &path, body).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        text(&sent.body["id"])
    }

    /// Makes a channel of Zara's, and answers its id.
    pub async fn channel(&self, token: &str, kind: u64, members: &[&str]) -> String {
        let members: Vec<_> = members
            .iter()
            .map(|email| json!({"email": email}))
            .collect();
        let body = json!({"name": "Depots", "type": kind, "members": members});
        let path = format!("/chat/users/{ZARA}/channels");
        let made = self.post(token, &path, body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        text(&made.body["id"])
    }

    pub async fn user(&self, token: &str, email: &str) -> Value {
        self.get(token, &format!("/users/{email}")).await.body
    }

    /// Writes to somebody in the person's own app.
    pub async fn types(&self, actor: &str, to: &str, words: &str) -> String {
        let to = To::Dm(to.to_owned());
        let sent = self.control.send(actor, "zoom", to, words).await;
        sent.expect("a message")
    }

    /// What somebody's app shows of their one conversation of this kind.
    pub async fn seen(&self, actor: &str, kind: &str) -> Conversation {
        let all = self.control.view(actor, "zoom").await.expect("a view");
        let mut all = all.into_iter().filter(|found| found.kind == kind);
        all.next().expect("such a conversation")
    }

    pub async fn fault(&self, method: &str, fault: FaultKind) {
        self.fault_for(method, fault, None).await;
    }

    pub async fn fault_for(&self, method: &str, fault: FaultKind, ms: Option<u64>) {
        let fault = Fault {
            on: "zoom".to_owned(),
            method: Some(method.to_owned()),
            fault,
            count: 1,
            ms,
        };
        self.control.fault(&fault).await.expect("an armed fault");
    }

    /// The sandbox's time in milliseconds.
    pub async fn now(&self) -> i64 {
        self.control.clock().await.expect("a time").now_ms
    }

    pub async fn advance(&self, ms: u64) {
        self.control.advance(ms).await.expect("a later time");
    }

    /// A socket that says that it is open.
    pub async fn socket(&self) -> Socket {
        let token = self.account_token().await;
        let mut socket = self.bare_socket(&token).await;
        let built = socket.frame().await;
        assert_eq!(built["module"], "build_connection");
        assert_eq!(built["success"], true, "{built}");
        socket
    }

    pub async fn bare_socket(&self, token: &str) -> Socket {
        let url = format!(
            "{}?subscriptionId={}&access_token={token}",
            self.credential("/socket"),
            self.credential("/subscription_id"),
        );
        let (stream, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("a socket");
        Socket(stream)
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

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// The next frame of JSON.
    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The event in the next frame.
    pub async fn event(&mut self) -> Value {
        let frame = self.frame().await;
        assert_eq!(frame["module"], "message", "{frame}");
        serde_json::from_str(&text(&frame["content"])).expect("JSON within JSON")
    }

    pub async fn send(&mut self, frame: Value) {
        let frame = Message::text(frame.to_string());
        self.0.send(frame).await.expect("an open socket");
    }

    /// How it was closed; nothing where the line was cut.
    pub async fn closed(&mut self) -> Option<CloseFrame> {
        match self.next().await {
            Some(Message::Close(frame)) => frame,
            None => None,
            Some(other) => panic!("still open: {other:?}"),
        }
    }

    async fn next(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
        next.expect("something in time").and_then(Result::ok)
    }
}

/// A webhook endpoint that checks what it is sent.
pub struct Listener {
    pub url: String,
    inbox: mpsc::UnboundedReceiver<Value>,
}

#[derive(Clone)]
struct Ear {
    outbox: mpsc::UnboundedSender<Value>,
    secret: Arc<str>,
    /// How many events are refused before one is taken.
    refusals: Arc<AtomicU32>,
}

impl Listener {
    /// Signs validations with this secret, and refuses the first events.
    pub async fn new(secret: &str, refusals: u32) -> Self {
        let (outbox, inbox) = mpsc::unbounded_channel();
        let ear = Ear {
            outbox,
            secret: secret.into(),
            refusals: Arc::new(refusals.into()),
        };
        let door = Loopback::bind(0).await.expect("a free port");
        let url = format!("http://127.0.0.1:{}/told", door.port().expect("a port"));
        let router = Router::new().route("/told", post(hear)).with_state(ear);
        let service = router.into_make_service_with_connect_info::<Connection>();
        tokio::spawn(async move { axum::serve(door, service).await });
        Self { url, inbox }
    }

    /// The next event posted here.
    pub async fn told(&mut self) -> Value {
        tokio::time::timeout(PATIENCE, self.inbox.recv())
            .await
            .expect("an event in time")
            .expect("an open listener")
    }
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().expect("text").to_owned();
    let body = String::from_utf8(body.to_vec()).expect("text");
    let signed = format!("v0:{}:{body}", header("x-zm-request-timestamp"));
    let event: Value = serde_json::from_str(&body).expect("JSON");
    if event["event"] == "endpoint.url_validation" {
        let token = text(&event["payload"]["plainToken"]);
        let answer = json!({"plainToken": token, "encryptedToken": hashed(&ear.secret, &token)});
        return axum::Json(answer).into_response();
    }
    assert_eq!(
        header("x-zm-signature"),
        format!("v0={}", hashed(&ear.secret, &signed))
    );
    let refuse = ear
        .refusals
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_ok();
    let _ = ear.outbox.send(event);
    if refuse {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

fn hashed(secret: &str, words: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    HEXLOWER.encode(hmac::sign(&key, words.as_bytes()).as_ref())
}

impl Listener {
    /// An event that has been posted already.
    pub fn heard(&mut self) -> Option<Value> {
        self.inbox.try_recv().ok()
    }
}
