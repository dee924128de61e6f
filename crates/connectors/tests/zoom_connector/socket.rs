//! The WebSocket against a server that speaks as Zoom's does.

use std::{collections::HashMap, sync::Arc, time::Duration};

use causeway_connectors::Connector;
use causeway_model::{CheckCode, Depth, Happening, HealthState, Outcome};
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
        handshake::server::{Request, Response},
    },
};
use url::form_urlencoded;

use crate::support::{
    ANN, Account, BOB, CHANNEL, HUB, Heard, Listening, NOW, PAIR, PATIENCE, Sink, account, answer,
    dm_event, get, message, refusal, talked,
};

struct Zoom {
    at: Account,
    sockets: TcpListener,
}

struct Line {
    socket: WebSocketStream<TcpStream>,
    query: HashMap<String, String>,
}

/// An account whose socket is served here; nobody polls but for catching up.
async fn zoom() -> Zoom {
    let mut at = Account::start().await;
    let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = sockets.local_addr().expect("an address");
    at.settings.socket_url = format!("ws://{address}/ws").parse().expect("a URL");
    at.settings.subscription_id = Some("sub-1".to_owned());
    at.settings.poll_every_ms = 3_600_000;
    Zoom { at, sockets }
}

impl Zoom {
    fn listen(&self) -> Listening {
        let sink = Arc::new(Sink::default());
        Listening::begin(self.at.connector(), sink, &[ANN, BOB])
    }

    async fn accept(&self) -> Line {
        let (stream, _) = patient(self.sockets.accept()).await.expect("a connection");
        let mut query = HashMap::new();
        // The error that tungstenite wants here is large, and never made.
        #[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
        let look = |request: &Request, response: Response| {
            let given = request.uri().query().unwrap_or_default();
            query = form_urlencoded::parse(given.as_bytes())
                .into_owned()
                .collect();
            Ok(response)
        };
        let socket = accept_hdr_async(stream, look).await.expect("a handshake");
        Line { socket, query }
    }

    async fn greeted(&self) -> Line {
        let mut line = self.accept().await;
        let hello = json!({ "module": "build_connection", "success": true, "content": "{}" });
        line.say(hello).await;
        line
    }
}

impl Line {
    async fn say(&mut self, frame: Value) {
        let text = Message::Text(frame.to_string().into());
        self.socket.send(text).await.expect("an open socket");
    }

    async fn tell(&mut self, event: &Value) {
        self.say(json!({ "module": "message", "content": event.to_string() }))
            .await;
    }

    async fn heard(&mut self) -> Option<Value> {
        loop {
            match patient(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).ok(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    async fn close(mut self) {
        let _ = self.socket.close(None).await;
        while let Some(Ok(_)) = patient(self.socket.next()).await {}
    }
}

async fn patient<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it happens in time")
}

#[tokio::test]
async fn what_was_missed_comes_before_what_is_live_and_nothing_twice() {
    let zoom = zoom().await;
    talked(&zoom.at, json!([message("M1", 20, "missed")])).await;
    let on = zoom.listen();
    let mut line = zoom.greeted().await;
    assert_eq!(line.query["subscriptionId"], "sub-1");
    assert_eq!(line.query["access_token"], "app-level");
    line.tell(&dm_event("posted", "M2", "live", NOW)).await;
    line.tell(&dm_event("posted", "M2", "live", NOW)).await;
    on.sink.until(|heard| heard.keys().len() >= 4).await;
    {
        let heard = on.sink.heard();
        assert!(heard.listening >= 1);
        assert!(heard.is_connected());
        // Both Ann and Bob list it, and both have the same key for it.
        let missed = format!("m:{PAIR}:M1");
        let live = format!("m:{PAIR}:M2");
        assert_eq!(heard.keys(), [missed.clone(), missed, live.clone(), live]);
        let event = *heard.events().last().expect("an event");
        assert_eq!(event.author.account, account(ANN));
        assert_eq!(event.heard_by, Some(account(BOB)));
    }
    on.end().await;
}

#[tokio::test]
async fn an_edit_has_one_key_by_event_and_by_list() {
    let zoom = zoom().await;
    let mut edited = message("M1", 20, "second");
    edited["status"] = "Edited".into();
    talked(&zoom.at, json!([edited])).await;
    let on = zoom.listen();
    let mut line = zoom.greeted().await;
    line.tell(&dm_event("updated", "M1", "second", NOW)).await;
    line.tell(&dm_event("updated", "M1", "third", NOW + 1))
        .await;
    line.tell(&dm_event("deleted", "M1", "", NOW + 2)).await;
    on.sink
        .until(|heard| heard.keys().iter().any(|key| key.starts_with("d:")))
        .await;
    {
        let heard = on.sink.heard();
        let mut keys: Vec<String> = heard.keys();
        assert_eq!(keys.pop(), Some(format!("d:{PAIR}:M1")));
        let third = keys.pop().expect("the third");
        let edits: Vec<&String> = keys.iter().filter(|key| key.starts_with("e:")).collect();
        assert_eq!(edits.len(), 3, "{keys:?}");
        assert!(edits.iter().all(|key| *key == edits[0] && **key != third));
    }
    on.end().await;
}

#[tokio::test]
async fn a_closed_socket_is_opened_again_and_what_happened_meanwhile_is_read() {
    let zoom = zoom().await;
    talked(&zoom.at, json!([message("M1", 20, "hi")])).await;
    let on = zoom.listen();
    let line = zoom.greeted().await;
    on.sink.until(Heard::is_connected).await;
    line.close().await;
    on.sink
        .until(|heard| heard.said("the socket was closed"))
        .await;
    let (sessions, told) = (
        format!("/v2/chat/users/{ANN}/sessions"),
        on.sink.heard().listening,
    );
    let before = zoom.at.sent("GET", &sessions).await.len();
    let _line = zoom.greeted().await;
    on.sink.until(|heard| heard.listening > told).await;
    assert!(zoom.at.sent("GET", &sessions).await.len() > before);
    on.end().await;
}

#[tokio::test]
async fn a_token_that_the_socket_refuses_is_replaced() {
    let zoom = zoom().await;
    talked(&zoom.at, json!([])).await;
    let token = json!({ "access_token": "fresh", "expires_in": 3600, "scope": "" });
    answer(&zoom.at.server, "POST", "/oauth/token", 200, token).await;
    let on = zoom.listen();
    let mut line = zoom.accept().await;
    let refused =
        json!({ "module": "build_connection", "success": false, "content": "Invalid Token" });
    line.say(refused).await;
    let line = zoom.greeted().await;
    assert_eq!(line.query["access_token"], "fresh");
    // Where the socket is long in coming, conversations are read before, and that is told too.
    on.sink.until(|heard| heard.listening >= 1).await;
    on.sink.until(Heard::is_connected).await;
    on.end().await;
}

#[tokio::test]
async fn a_socket_that_another_hub_takes_again_and_again_is_left_to_it_and_conversations_are_polled()
 {
    let mut zoom = zoom().await;
    zoom.at.settings.poll_every_ms = 50;
    talked(&zoom.at, json!([])).await;
    let on = zoom.listen();
    let mut taken = 0;
    tokio::select! {
        () = on.sink.until(|heard| heard.said("another hub")) => {}
        // One that took too long to be opened counts for none of them.
        () = async {
            loop {
                zoom.greeted().await.close().await;
                taken += 1;
            }
        } => {}
    }
    assert!(taken >= 3, "{taken} may be an accident");
    assert_eq!(
        on.sink.heard().health.last().map(|(state, _)| *state),
        Some(HealthState::Degraded)
    );
    let sessions = format!("/v2/chat/users/{ANN}/sessions");
    let before = zoom.at.sent("GET", &sessions).await.len();
    zoom.at.until_sent("GET", &sessions, before + 3).await;
    let again = timeout(Duration::from_millis(1), zoom.sockets.accept()).await;
    assert!(again.is_err(), "the socket is not taken back at once");
    on.end().await;
}

#[tokio::test]
async fn the_hub_says_that_it_is_there_and_notices_when_nobody_is() {
    let mut zoom = zoom().await;
    // Half a minute becomes 30 ms.
    zoom.at.settings.pace = 1_000.0;
    talked(&zoom.at, json!([])).await;
    let on = zoom.listen();
    let mut line = zoom.greeted().await;
    let beat = line.heard().await;
    assert_eq!(beat, Some(json!({ "module": "heartbeat" })));
    // Nothing is answered.
    on.sink.until(|heard| heard.said("fell silent")).await;
    let _line = zoom.greeted().await;
    on.end().await;
}

#[tokio::test]
async fn what_an_event_leaves_out_is_asked_for() {
    let zoom = zoom().await;
    talked(&zoom.at, json!([])).await;
    let path = format!("/v2/chat/users/{ANN}/messages/M1");
    get(&zoom.at.server, &path, message("M1", 1, "the words")).await;
    let gone = format!("/v2/chat/users/{ANN}/messages/M0");
    answer(&zoom.at.server, "GET", &gone, 404, refusal(0)).await;
    let on = zoom.listen();
    let mut line = zoom.greeted().await;
    for id in ["M0", "M1"] {
        let mut event = dm_event("posted", id, "", NOW);
        let object = event["payload"]["object"].as_object_mut();
        object.expect("an object").remove("message");
        line.tell(&event).await;
    }
    on.sink.until(|heard| !heard.events().is_empty()).await;
    {
        let heard = on.sink.heard();
        let Happening::Posted { content, .. } = &heard.events()[0].happened else {
            panic!("a post");
        };
        assert_eq!(content.to_plain(), "the words");
        assert_eq!(heard.keys(), [format!("m:{PAIR}:M1")]);
    }
    assert_eq!(
        zoom.at.sent("GET", &path).await[0].query["to_contact"],
        "bob@acme.example"
    );
    on.end().await;
}

fn channel_event(event: &str, object: Value) -> Value {
    json!({ "event": event, "event_ts": NOW, "payload": { "account_id": "acc",
        "operator": "ann@acme.example", "operator_id": ANN, "object": object } })
}

#[tokio::test]
async fn who_came_into_a_channel_and_who_left_it_is_told() {
    let zoom = zoom().await;
    talked(&zoom.at, json!([])).await;
    let eve = "/v2/users/eve@other.example";
    answer(&zoom.at.server, "GET", eve, 404, refusal(1001)).await;
    let on = zoom.listen();
    let mut line = zoom.greeted().await;
    let members = json!([{ "id": BOB }, { "email": "eve@other.example" }]);
    let invited = json!({ "id": CHANNEL, "members": members });
    line.tell(&channel_event("chat_channel.member_invited", invited))
        .await;
    let left = json!({ "id": CHANNEL, "name": "x", "type": 1 });
    line.tell(&channel_event("chat_channel.member_left", left))
        .await;
    line.tell(&channel_event(
        "chat_channel.created",
        json!({ "id": CHANNEL }),
    ))
    .await;
    on.sink.until(|heard| heard.events().len() == 2).await;
    {
        let heard = on.sink.heard();
        let accounts = vec![account(BOB), account("eve@other.example")];
        assert_eq!(heard.events()[0].happened, Happening::Joined { accounts });
        let accounts = vec![account(ANN)];
        assert_eq!(heard.events()[1].happened, Happening::Left { accounts });
    }
    on.end().await;
}

#[tokio::test]
async fn two_who_come_into_a_channel_at_the_same_moment_are_two() {
    let zoom = zoom().await;
    talked(&zoom.at, json!([])).await;
    let on = zoom.listen();
    let mut line = zoom.greeted().await;
    for id in [BOB, HUB, BOB] {
        let invited = json!({ "id": CHANNEL, "members": [{ "id": id }] });
        line.tell(&channel_event("chat_channel.member_invited", invited))
            .await;
    }
    on.sink.until(|heard| heard.events().len() == 3).await;
    let keys = on.sink.heard().keys();
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[0], keys[2], "told again, it is the same");
    on.end().await;
}

#[tokio::test]
async fn outsiders_go_by_address_however_they_are_named_and_strangers_talk_is_not_told() {
    let zoom = zoom().await;
    talked(&zoom.at, json!([])).await;
    let eve = "/v2/users/Eve@Other.example";
    answer(&zoom.at.server, "GET", eve, 404, refusal(1001)).await;
    let on = zoom.listen();
    let mut line = zoom.greeted().await;
    let mut from_eve = dm_event("posted", "M1", "hello", NOW);
    from_eve["payload"]["operator"] = "Eve@Other.example".into();
    from_eve["payload"]["operator_id"] = "foreign".into();
    from_eve["payload"]["by_external_user"] = true.into();
    let mut strangers = dm_event("posted", "M2", "psst", NOW);
    strangers["payload"]["operator_id"] = "x-id".into();
    strangers["payload"]["object"]["contact_id"] = "y-id".into();
    let mut elsewhere = dm_event("posted", "M3", "psst", NOW);
    elsewhere["payload"]["account_id"] = "other".into();
    let mut own = dm_event("posted", "M4", "from the hub", NOW);
    own["payload"]["operator"] = "hub@acme.example".into();
    own["payload"]["operator_id"] = HUB.into();
    for event in [&strangers, &elsewhere, &json!([]), &from_eve, &own] {
        line.tell(event).await;
    }
    on.sink.until(|heard| heard.events().len() >= 2).await;
    let keys = on.sink.heard().keys();
    assert_eq!(
        keys,
        [
            format!("m:dm:{BOB}~eve@other.example:M1"),
            format!("m:dm:{BOB}~{HUB}:M4"),
        ]
    );
    on.end().await;
}

#[tokio::test]
async fn a_preflight_opens_the_socket_only_where_nothing_listens() {
    let zoom = zoom().await;
    let token = json!({ "access_token": "t", "expires_in": 3600, "scope": "" });
    answer(&zoom.at.server, "POST", "/oauth/token", 200, token).await;
    let connector = zoom.at.connector();
    let (checks, _line) = tokio::join!(connector.preflight(Depth::WithSource, &[]), zoom.greeted());
    let socket = checks.iter().find(|check| check.code == CheckCode::Socket);
    assert_eq!(socket.map(|check| check.outcome), Some(Outcome::Passed));
    let checks = connector.preflight(Depth::Whole, &[]).await;
    assert!(checks.iter().all(|check| check.code != CheckCode::Socket));
}
