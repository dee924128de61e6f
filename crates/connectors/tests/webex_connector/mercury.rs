//! A server that speaks as Mercury does, beside an organisation of canned answers.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        protocol::CloseFrame,
    },
};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::support::*;

pub const PATIENCE: Duration = Duration::from_secs(20);
pub const CATALOG: &str = "/u2c/api/v1/catalog";
pub const DEVICES: &str = "/wdm/api/v1/devices";

pub struct Mercury {
    sockets: TcpListener,
}

/// One socket, and whose it is.
pub struct Line {
    pub token: String,
    socket: WebSocketStream<TcpStream>,
}

impl Mercury {
    /// Where nobody has a device yet; each token gets one of its own.
    pub async fn start(at: &Organisation) -> Self {
        let mercury = Self::without_devices(at).await;
        at.answers("GET", DEVICES, 404, json!({})).await;
        for token in ["bot", "ann", "bob", "guest"] {
            mercury.registers(at, token).await;
        }
        mercury
    }

    pub async fn without_devices(at: &Organisation) -> Self {
        let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let links = json!({ "wdm": format!("{}/wdm/api/v1", at.server.uri()), "other": "x" });
        at.answers("GET", CATALOG, 200, json!({ "serviceLinks": links }))
            .await;
        Mock::given(method("DELETE"))
            .respond_with(ResponseTemplate::new(204))
            .mount(&at.server)
            .await;
        Self { sockets }
    }

    pub async fn registers(&self, at: &Organisation, token: &str) {
        Mock::given(method("POST"))
            .and(path(DEVICES))
            .and(header("authorization", format!("Bearer {token}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(self.device(at, token)))
            .mount(&at.server)
            .await;
    }

    pub fn device(&self, at: &Organisation, name: &str) -> Value {
        let address = self.sockets.local_addr().expect("an address");
        json!({
            "name": "Causeway",
            "url": format!("{}{DEVICES}/{name}", at.server.uri()),
            "webSocketUrl": format!("ws://{address}/mercury/{name}"),
        })
    }

    /// The next socket, authorized and ready.
    pub async fn line(&self) -> Line {
        let mut line = self.authorized().await;
        line.ready().await;
        line
    }

    /// The next socket, which has said whose it is and waits for an answer.
    pub async fn authorized(&self) -> Line {
        let (stream, _) = patient(self.sockets.accept()).await.expect("a connection");
        // The error that tungstenite wants here is large, and never made.
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let look = |request: &Request, response: Response| {
            assert_eq!(request.uri().query(), Some("bufferStates=true"));
            Ok(response)
        };
        let socket = accept_hdr_async(stream, look).await.expect("a handshake");
        let mut line = Line {
            token: String::new(),
            socket,
        };
        let said = line.next().await.expect("an authorization");
        assert_eq!(said["type"], "authorization");
        let token = said["data"]["token"].as_str().expect("a token");
        line.token = token.strip_prefix("Bearer ").expect("a bearer").to_owned();
        line
    }

    /// Refuses the next socket at the handshake.
    pub async fn refuse(&self, status: u16) {
        let (stream, _) = patient(self.sockets.accept()).await.expect("a connection");
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let refuse = |_: &Request, _: Response| {
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = status.try_into().expect("a status");
            Err(refusal)
        };
        accept_hdr_async(stream, refuse)
            .await
            .expect_err("a refusal");
    }

    /// The sockets of both, in this order.
    pub async fn both(&self, one: &str, other: &str) -> [Line; 2] {
        let lines = [self.line().await, self.line().await];
        let [first, second] = lines;
        match first.token == one {
            true => {
                assert_eq!(second.token, other);
                [first, second]
            }
            false => {
                assert_eq!((first.token.as_str(), second.token.as_str()), (other, one));
                [second, first]
            }
        }
    }
}

impl Line {
    /// As Mercury says it: JSON in bytes.
    pub async fn say(&mut self, frame: Value) {
        let bytes = Message::Binary(frame.to_string().into_bytes().into());
        self.socket.send(bytes).await.expect("an open socket");
    }

    pub async fn ready(&mut self) {
        let data = json!({ "eventType": "mercury.buffer_state" });
        self.say(json!({ "id": "ready", "data": data })).await;
    }

    pub async fn tell(&mut self, frame: &str, activity: Value) {
        self.say(told(frame, activity)).await;
    }

    /// What the hub says next, its pings left out; none when it closes the socket.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match patient(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    let said: Value = serde_json::from_str(&text).expect("json");
                    if said["type"] != "ping" {
                        return Some(said);
                    }
                    let pong = json!({ "id": said["id"], "type": "pong" });
                    let bytes = Message::Binary(pong.to_string().into_bytes().into());
                    let _ = self.socket.send(bytes).await;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    /// Waits until this frame is acknowledged; answers those that are before it.
    pub async fn acknowledged(&mut self, frame: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let said = self.next().await.expect("an open socket");
            assert_eq!(said["type"], "ack");
            match said["messageId"].as_str().expect("a frame") {
                id if id == frame => return before,
                id => before.push(id.to_owned()),
            }
        }
    }

    pub async fn close(mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        let _ = self.socket.close(Some(frame)).await;
        while let Some(Ok(_)) = patient(self.socket.next()).await {}
    }

    /// The connection ends without a word.
    pub fn cut(self) {}
}

pub fn told(frame: &str, activity: Value) -> Value {
    json!({
        "id": frame,
        "data": { "eventType": "conversation.activity", "activity": activity },
        "timestamp": NOW,
        "trackingId": "T",
    })
}

pub async fn patient<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it happens in time")
}

/// Waits until the organisation has been asked something.
pub async fn until<F: Future<Output = bool>>(so: impl Fn() -> F) {
    patient(async {
        while !so().await {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
