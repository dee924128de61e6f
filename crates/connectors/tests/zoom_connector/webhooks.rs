//! Webhooks: what is genuine, what is kept, and how it is answered.

use std::{net::SocketAddr, sync::Arc};

use aws_lc_rs::hmac;
use causeway_connectors::{Secret, http::Client, listener::Listener};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{ANN, Account, BOB, Listening, NOW, PAIR, Sink, dm_event, talked};

const SECRET: &str = "webhook-secret";

struct Reached {
    at: Account,
    on: Listening,
    url: String,
    _stop: tokio_util::sync::DropGuard,
}

async fn reached() -> Reached {
    let mut at = Account::start().await;
    at.settings.signing_secret = Some(Secret::new(SECRET));
    talked(&at, json!([])).await;
    let stop = CancellationToken::new();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(address, None, stop.clone()).await;
    let listener = listener.expect("a free port");
    let url = format!("http://{}/hooks/zoom-1/events", listener.local_address());
    let zoom = at.reachable(Some(listener));
    let on = Listening::begin(zoom, Arc::new(Sink::default()), &[ANN, BOB]);
    on.sink.until(|heard| heard.listening == 1).await;
    Reached {
        at,
        on,
        url,
        _stop: stop.drop_guard(),
    }
}

fn sealed(secret: &str, word: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    HEXLOWER.encode(hmac::sign(&key, word.as_bytes()).as_ref())
}

impl Reached {
    async fn say(&self, body: &Value, secret: &str, seconds: i64) -> (u16, Value) {
        let body = body.to_string();
        let signature = format!("v0={}", sealed(secret, &format!("v0:{seconds}:{body}")));
        let answer = Client::new()
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-zm-signature", signature)
            .header("x-zm-request-timestamp", seconds.to_string())
            .body(body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn a_genuine_event_is_kept_before_it_is_accepted() {
    let at = reached().await;
    let event = dm_event("posted", "M1", "hi", NOW);
    let (status, _) = at.say(&event, SECRET, NOW / 1_000).await;
    assert_eq!(status, 200);
    assert_eq!(at.on.sink.heard().keys(), [format!("m:{PAIR}:M1")]);
    at.on.sink.change(|heard| heard.refuse = true);
    let event = dm_event("posted", "M2", "hi", NOW);
    let (status, _) = at.say(&event, SECRET, NOW / 1_000).await;
    assert_eq!(status, 503);
    at.on.end().await;
}

#[tokio::test]
async fn whatever_is_not_signed_by_zoom_just_now_is_refused_unread() {
    let at = reached().await;
    let event = dm_event("posted", "M1", "hi", NOW);
    for (secret, seconds) in [
        ("other", NOW / 1_000),
        (SECRET, NOW / 1_000 - 301),
        (SECRET, NOW / 1_000 + 301),
    ] {
        assert_eq!(at.say(&event, secret, seconds).await.0, 401);
    }
    let bare = Client::new().post(&at.url).body("{}").send().await;
    assert_eq!(bare.expect("an answer").status().as_u16(), 401);
    assert!(at.on.sink.heard().keys().is_empty());
    assert_eq!(at.say(&json!([]), SECRET, NOW / 1_000).await.0, 400);
    at.on.end().await;
}

#[tokio::test]
async fn the_handshake_proves_that_the_secret_is_held() {
    let at = reached().await;
    let asked = json!({ "event": "endpoint.url_validation", "event_ts": NOW,
        "payload": { "plainToken": "qgg8vlvZRS6UYooatFL8Aw" } });
    let (status, answer) = at.say(&asked, SECRET, NOW / 1_000).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        json!({ "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
            "encryptedToken": sealed(SECRET, "qgg8vlvZRS6UYooatFL8Aw") })
    );
    assert_eq!(at.say(&asked, "other", NOW / 1_000).await.0, 401);
    at.on.end().await;
}

#[tokio::test]
async fn without_the_secret_token_nothing_is_mounted_and_it_is_said() {
    let at = reached().await;
    let mut without = at.at;
    without.settings.signing_secret = None;
    at.on.end().await;
    let stop = CancellationToken::new();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(address, None, stop.clone()).await;
    let listener = listener.expect("a free port");
    let url = format!("http://{}/hooks/zoom-1/events", listener.local_address());
    let zoom = without.reachable(Some(listener));
    let on = Listening::begin(zoom, Arc::new(Sink::default()), &[]);
    on.sink
        .until(|heard| heard.said("no webhooks without"))
        .await;
    let answer = Client::new().post(&url).body("{}").send().await;
    assert_eq!(answer.expect("an answer").status().as_u16(), 404);
    on.end().await;
    stop.cancel();
}
