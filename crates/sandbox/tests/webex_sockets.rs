//! Webex: the socket of its own clients.

mod webex_support;

use std::time::Duration;

use causeway_sandbox::faults::{Fault, FaultKind};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};
use webex_support::{Answer, HUGO, Sandbox, WANDA, text};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a device's socket and shows a token.
    async fn open(device: &Answer, token: &str) -> Self {
        let (stream, _) = connect_async(device.text("webSocketUrl"))
            .await
            .expect("a socket");
        let mut socket = Self(stream);
        let shown = json!({ "token": format!("Bearer {token}") });
        socket
            .send(json!({ "id": "1", "type": "authorization", "data": shown }))
            .await;
        socket
    }

    /// The same, until it says that it is ready.
    async fn ready(device: &Answer, token: &str) -> Self {
        let mut socket = Self::open(device, token).await;
        let ready = socket.frame().await;
        assert_eq!(ready["data"]["eventType"], "mercury.buffer_state");
        socket
    }

    async fn send(&mut self, frame: Value) {
        let frame = Message::text(frame.to_string());
        self.0.send(frame).await.expect("an open socket");
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(Duration::from_secs(10), self.0.next())
            .await
            .expect("something in time")
    }

    /// The next frame, which is binary.
    async fn frame(&mut self) -> Value {
        match self.next().await {
            Some(Ok(Message::Binary(bytes))) => serde_json::from_slice(&bytes).expect("JSON"),
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The activity of the next frame, which is acknowledged.
    async fn activity(&mut self) -> Value {
        let frame = self.frame().await;
        assert_eq!(frame["data"]["eventType"], "conversation.activity");
        self.send(json!({ "type": "ack", "messageId": frame["id"] }))
            .await;
        frame["data"]["activity"].clone()
    }

    /// The code it is closed with; none where it breaks off.
    async fn end(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(close))) => return close.map(|close| close.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}

/// Registers a device where the catalogue says that devices are.
async fn device(sandbox: &Sandbox, token: &str) -> Answer {
    let origin = sandbox.base.trim_end_matches("/v1");
    let catalog = format!("{origin}/u2c/api/v1/catalog?format=hostmap");
    let catalog = sandbox.get(token, &catalog).await.ok();
    let devices = format!("{}/devices", text(&catalog.body["serviceLinks"]["wdm"]));
    let wish = json!({ "deviceName": "hub", "deviceType": "DESKTOP", "name": "hub" });
    let made = sandbox.post(token, &devices, wish).await.ok();
    let listed = sandbox.get(token, &devices).await.ok();
    let listed = listed.body["devices"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert!(listed.iter().any(|held| held["url"] == made.body["url"]));
    made
}

fn socket_fault(fault: FaultKind) -> Fault {
    Fault {
        on: "webex".to_owned(),
        method: Some("socket".to_owned()),
        fault,
        count: 1,
        ms: None,
    }
}

/// The message that an activity stands for, by the id that is built of it.
async fn message(sandbox: &Sandbox, token: &str, uuid: &Value) -> Answer {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let id = URL_SAFE_NO_PAD.encode(format!("ciscospark://us/MESSAGE/{}", text(uuid)));
    sandbox.get(token, &format!("/messages/{id}")).await
}

#[tokio::test]
async fn a_socket_tells_of_messages_whose_text_is_fetched() {
    let sandbox = Sandbox::start().await;
    let (wanda, hugo) = (sandbox.token(WANDA), sandbox.token(HUGO));
    let device = device(&sandbox, &wanda).await;
    let mut socket = Socket::ready(&device, &wanda).await;
    let said = sandbox.dm(&hugo, WANDA, "plain words").await.ok();
    let posted = socket.activity().await;
    assert_eq!(posted["verb"], "post");
    assert_eq!(posted["actor"]["emailAddress"], HUGO);
    assert_eq!(text(&posted["target"]["globalId"]), said.text("roomId"));
    assert!(!posted.to_string().contains("plain words"));
    let fetched = message(&sandbox, &wanda, &posted["id"]).await.ok();
    assert_eq!(fetched.text("text"), "plain words");

    let path = format!("/messages/{}", said.text("id"));
    let edit = json!({ "roomId": said.text("roomId"), "text": "other words" });
    sandbox.put(&hugo, &path, edit).await.ok();
    let edited = socket.activity().await;
    assert_eq!(
        (&edited["verb"], &edited["parent"]["type"]),
        (&json!("post"), &json!("edit"))
    );
    assert_eq!(edited["parent"]["id"], posted["id"]);
    sandbox.delete(&hugo, &path).await.ok();
    let deleted = socket.activity().await;
    assert_eq!(deleted["verb"], "delete");
    assert_eq!(deleted["object"]["id"], posted["id"]);
}

#[tokio::test]
async fn a_bot_hears_on_its_socket_only_what_it_is_called_with() {
    let sandbox = Sandbox::start().await;
    let (wanda, bot) = (sandbox.token(WANDA), sandbox.bot());
    let email = sandbox.credential("/bot_email");
    let device = device(&sandbox, &bot).await;
    let mut socket = Socket::ready(&device, &bot).await;
    let room = sandbox.room(&wanda, &[&email]).await;
    let added = socket.activity().await;
    assert_eq!(
        (&added["verb"], &added["object"]["emailAddress"]),
        (&json!("add"), &json!(email))
    );
    sandbox.say(&wanda, &room, "psst").await.ok();
    let meant = format!("<@personEmail:{email}> hi");
    sandbox.say(&wanda, &room, &meant).await.ok();
    let posted = socket.activity().await;
    let fetched = message(&sandbox, &bot, &posted["id"]).await.ok();
    assert_eq!(fetched.text("markdown"), meant);
}

#[tokio::test]
async fn a_ping_is_answered_and_frames_are_numbered() {
    let sandbox = Sandbox::start().await;
    let wanda = sandbox.token(WANDA);
    let device = device(&sandbox, &wanda).await;
    let mut socket = Socket::ready(&device, &wanda).await;
    socket.send(json!({ "id": "p1", "type": "ping" })).await;
    assert_eq!(socket.frame().await, json!({ "id": "p1", "type": "pong" }));
    sandbox.dm(&wanda, HUGO, "one").await.ok();
    sandbox.dm(&wanda, HUGO, "two").await.ok();
    assert_eq!(socket.frame().await["sequenceNumber"], 1);
    assert_eq!(socket.frame().await["sequenceNumber"], 2);
}

#[tokio::test]
async fn a_wrong_token_is_shown_out_and_one_without_socket_scopes_gets_no_device() {
    let sandbox = Sandbox::start().await;
    let wanda = sandbox.token(WANDA);
    let device = device(&sandbox, &wanda).await;
    assert_eq!(
        Socket::open(&device, "nonsense").await.end().await,
        Some(4401)
    );
    let other = sandbox.token(HUGO);
    assert_eq!(Socket::open(&device, &other).await.end().await, Some(4401));
    let person = sandbox.authorised(WANDA).await;
    let origin = sandbox.base.trim_end_matches("/v1");
    let catalog = format!("{origin}/u2c/api/v1/catalog?format=hostmap");
    assert_eq!(sandbox.get(&person, &catalog).await.status, 403);
}

#[tokio::test]
async fn another_socket_of_the_same_device_takes_its_place() {
    let sandbox = Sandbox::start().await;
    let wanda = sandbox.token(WANDA);
    let device = device(&sandbox, &wanda).await;
    let mut first = Socket::ready(&device, &wanda).await;
    let mut second = Socket::ready(&device, &wanda).await;
    assert_eq!(first.end().await, Some(4000));
    sandbox.dm(&wanda, HUGO, "one").await.ok();
    assert_eq!(second.activity().await["verb"], "post");
    assert_eq!(
        sandbox.delete(&wanda, &device.text("url")).await.status,
        204
    );
    assert_eq!(second.end().await, Some(1001));
    let gone = connect_async(device.text("webSocketUrl")).await;
    assert!(matches!(gone, Err(Error::Http(answer)) if answer.status() == 404));
}

#[tokio::test]
async fn faults_cut_a_socket_end_it_and_revoke_its_token() {
    let sandbox = Sandbox::start().await;
    let wanda = sandbox.token(WANDA);
    let device = device(&sandbox, &wanda).await;
    let mut socket = Socket::ready(&device, &wanda).await;
    sandbox.shared.faults.arm(socket_fault(FaultKind::Cut));
    assert_eq!(socket.end().await, None);
    let mut socket = Socket::ready(&device, &wanda).await;
    sandbox.shared.faults.arm(socket_fault(FaultKind::Expire));
    assert_eq!(socket.end().await, Some(1001));
    let mut socket = Socket::ready(&device, &wanda).await;
    sandbox.shared.faults.arm(socket_fault(FaultKind::Revoke));
    assert_eq!(socket.end().await, Some(4401));
    assert_eq!(sandbox.get(&wanda, "/people/me").await.status, 401);
}
