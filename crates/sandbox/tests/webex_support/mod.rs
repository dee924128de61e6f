//! Webex on loopback, and a bare HTTP client for it.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use causeway_sandbox::{
    clock::Clock,
    faults::Faults,
    record::Recorder,
    webex::{self, Org},
    wire::{Connection, Loopback, Shared},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub const WANDA: &str = "wanda@acme.example";
pub const HUGO: &str = "hugo@acme.example";
pub const FINN: &str = "finn@acme.example";
pub const LENA: &str = "lena@lattice.example";
/// Switched off.
pub const RUTH: &str = "ruth@acme.example";

pub struct Sandbox {
    pub org: Arc<Org>,
    pub shared: Arc<Shared>,
    pub base: String,
    pub http: reqwest::Client,
    stop: CancellationToken,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub body: Value,
}

impl Answer {
    /// This answer, which must be a success.
    pub fn ok(self) -> Self {
        assert!(
            (200..300).contains(&self.status),
            "{} {}",
            self.status,
            self.body
        );
        self
    }

    pub fn text(&self, name: &str) -> String {
        text(&self.body[name])
    }

    pub fn items(&self) -> Vec<Value> {
        self.body["items"].as_array().cloned().unwrap_or_default()
    }

    /// One field of every item.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.items().iter().map(|item| text(&item[name])).collect()
    }

    /// The ids of a list's items.
    pub fn ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.body);
        self.all("id")
    }

    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name);
        let value = value.and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    /// The address of the next page.
    pub fn next(&self) -> Option<String> {
        let link = self.header("link");
        let url = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
        Some(url.to_owned())
    }

    /// What an error's body says, which has the shape of all of them.
    pub fn error(&self) -> String {
        let tracking = self.text("trackingId");
        assert!(tracking.starts_with("ROUTER_"), "{}", self.body);
        assert_eq!(self.header("trackingid"), tracking);
        assert!(!self.text("message").is_empty(), "{}", self.body);
        text(&self.body["errors"][0]["description"])
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
        let door = door().await;
        let host = format!("127.0.0.1:{}", door.port().expect("a port"));
        let stop = CancellationToken::new();
        let org = Org::new(shared.clone(), host, stop.clone());
        serve(door, webex::router(org.clone()));
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            base: org.base_url(),
            org,
            shared,
            http,
            stop,
        }
    }

    /// What stands at this path of the credentials: `/guest_issuer/client_id`.
    pub fn credential(&self, path: &str) -> String {
        let credentials = self.org.credentials();
        text(credentials.pointer(path).unwrap_or(&Value::Null))
    }

    /// A token of a person who acts by hand.
    pub fn token(&self, email: &str) -> String {
        self.credential(&format!("/access_tokens/{email}"))
    }

    pub fn bot(&self) -> String {
        self.credential("/bot_token")
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        answer(self.http.post(format!("{}{path}", self.base)).form(fields)).await
    }

    pub async fn refreshed(&self, client: &str, refresh_token: &str) -> Answer {
        let id = self.credential(&format!("{client}/client_id"));
        let secret = self.credential(&format!("{client}/client_secret"));
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &id),
            ("client_secret", &secret),
            ("refresh_token", refresh_token),
        ];
        self.form("/access_token", &fields).await
    }

    /// The Integration's token of the full administrator and compliance officer.
    pub async fn administrator(&self) -> String {
        let refresh = self.credential("/administrator_refresh_token");
        self.refreshed("", &refresh).await.ok().text("access_token")
    }

    /// The Integration's token of somebody who has authorised it.
    pub async fn authorised(&self, email: &str) -> String {
        let refresh = self.credential(&format!("/refresh_tokens/{email}"));
        self.refreshed("", &refresh).await.ok().text("access_token")
    }

    /// A guest of the Service App: what the call answers.
    pub async fn guest(&self, subject: &str, name: &str) -> Answer {
        let refresh = self.credential("/guest_issuer/refresh_token");
        let issuer = self.refreshed("/guest_issuer", &refresh).await.ok();
        let body = json!({ "subject": subject, "displayName": name });
        self.post(&issuer.text("access_token"), "/guests/token", body)
            .await
    }

    pub async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let url = match path.starts_with("http") {
            true => path.to_owned(),
            false => format!("{}{path}", self.base),
        };
        let request = self.http.request(method, url).bearer_auth(token);
        answer(match body {
            Value::Null => request,
            body => request.json(&body),
        })
        .await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(token, Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(token, Method::POST, path, body).await
    }

    pub async fn put(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(token, Method::PUT, path, body).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        self.call(token, Method::DELETE, path, Value::Null).await
    }

    /// The id of the account with this address.
    pub fn person(&self, email: &str) -> String {
        use causeway_sandbox::stand_in::StandIn;
        self.org.account(email).expect("an account").id
    }

    /// A room with these people; answers its id.
    pub async fn room(&self, token: &str, others: &[&str]) -> String {
        let room = self
            .post(token, "/rooms", json!({ "title": "Support" }))
            .await;
        let room = room.ok().text("id");
        for email in others {
            self.add(token, &room, email).await.ok();
        }
        room
    }

    pub async fn add(&self, token: &str, room: &str, email: &str) -> Answer {
        let body = json!({ "roomId": room, "personEmail": email });
        self.post(token, "/memberships", body).await
    }

    pub async fn say(&self, token: &str, room: &str, markdown: &str) -> Answer {
        let body = json!({ "roomId": room, "markdown": markdown });
        self.post(token, "/messages", body).await
    }

    pub async fn dm(&self, token: &str, email: &str, words: &str) -> Answer {
        let body = json!({ "toPersonEmail": email, "text": words });
        self.post(token, "/messages", body).await
    }

    pub fn advance(&self, ms: u64) {
        self.shared.clock.advance(ms);
    }
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.expect("a whole answer").to_vec();
    Answer {
        status,
        headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        bytes,
    }
}

async fn door() -> Loopback {
    Loopback::bind(0).await.expect("a free port")
}

fn serve(door: Loopback, router: Router) {
    let service = router.into_make_service_with_connect_info::<Connection>();
    tokio::spawn(async move { axum::serve(door, service).await });
}

/// One post to a webhook.
#[derive(Debug)]
pub struct Told {
    pub signature: Option<String>,
    pub raw: Vec<u8>,
    pub body: Value,
}

/// Where a webhook's posts come.
pub struct Listener {
    pub url: String,
    pub refusals: Arc<AtomicU32>,
    inbox: mpsc::UnboundedReceiver<Told>,
}

#[derive(Clone)]
struct Ear {
    outbox: mpsc::UnboundedSender<Told>,
    refusals: Arc<AtomicU32>,
}

impl Listener {
    /// Refuses the first posts.
    pub async fn start(refusals: u32) -> Self {
        let (outbox, inbox) = mpsc::unbounded_channel();
        let refusals = Arc::new(AtomicU32::new(refusals));
        let ear = Ear {
            outbox,
            refusals: refusals.clone(),
        };
        let door = door().await;
        let url = format!("http://127.0.0.1:{}/told", door.port().expect("a port"));
        serve(
            door,
            Router::new().route("/told", post(hear)).with_state(ear),
        );
        Self {
            url,
            refusals,
            inbox,
        }
    }

    /// The next post.
    pub async fn told(&mut self) -> Told {
        tokio::time::timeout(Duration::from_secs(10), self.inbox.recv())
            .await
            .expect("a post in time")
            .expect("an open listener")
    }
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let refuse = ear
        .refusals
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_ok();
    if refuse {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let signature = headers.get("x-spark-signature");
    let signature = signature.and_then(|value| value.to_str().ok());
    let _ = ear.outbox.send(Told {
        signature: signature.map(str::to_owned),
        raw: body.to_vec(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    StatusCode::OK
}
