//! Webhooks: what is genuine, what is kept, and how it is answered.

use std::{net::SocketAddr, sync::Arc};

use aws_lc_rs::hmac;
use causeway_connectors::{Secret, http::Client, listener::Listener};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use wiremock::{Mock, matchers};

use crate::support::{
    ANN, Account, BOB, HUB, Heard, Listening, NOW, PAIR, Sink, answer, dated, dm_event, message,
    talked,
};

const SECRET: &str = "webhook-secret";

struct Reached {
    at: Account,
    on: Listening,
    url: String,
    _stop: tokio_util::sync::DropGuard,
}

async fn reached() -> Reached {
    let at = Account::start().await;
    talked(&at, json!([])).await;
    let reached = reached_at(at).await;
    reached.on.sink.until(|heard| heard.listening == 1).await;
    reached
}

async fn reached_at(mut at: Account) -> Reached {
    at.settings.signing_secret = Some(Secret::new(SECRET));
    let stop = CancellationToken::new();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(address, None, stop.clone()).await;
    let listener = listener.expect("a free port");
    let url = format!("http://{}/hooks/zoom-1/events", listener.local_address());
    let zoom = at.reachable(Some(listener));
    let on = Listening::begin(zoom, Arc::new(Sink::default()), &[ANN, BOB]);
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

#[tokio::test]
async fn what_was_changed_while_no_webhook_could_come_is_found_by_looking_for_it() {
    let mut at = Account::start().await;
    // A quarter of an hour becomes 9 ms.
    at.settings.pace = 100_000.0;
    talked(&at, json!([])).await;
    let at = reached_at(at).await;
    at.on.sink.until(|heard| heard.listening == 1).await;
    let event = dm_event("posted", "M1", "hi", NOW);
    assert_eq!(at.say(&event, SECRET, NOW / 1_000).await.0, 200);
    // Zoom tells of neither, and nothing new is written.
    let mut edited = message("OLD", 3_600, "changed");
    edited["status"] = "Edited".into();
    let mut deleted = message("OLDER", 4_000, "");
    deleted["status"] = "Deleted".into();
    let path = format!("/v2/chat/users/{ANN}/messages");
    Mock::given(matchers::path(path))
        // A day further back than reading goes on from.
        .and(matchers::query_param("from", "2026-01-04T09:59:00Z"))
        .respond_with(dated(200).set_body_json(json!({ "messages": [edited, deleted] })))
        .with_priority(1)
        .mount(&at.at.server)
        .await;
    let is_told = |heard: &Heard, key: &str| heard.keys().iter().any(|told| told.starts_with(key));
    let (edit, deletion) = (format!("e:{PAIR}:OLD:"), format!("d:{PAIR}:OLDER"));
    at.on
        .sink
        .until(|heard| is_told(heard, &edit) && is_told(heard, &deletion))
        .await;
    at.on.end().await;
}

#[tokio::test]
async fn a_webhook_that_comes_before_anything_was_read_tells_that_something_is_heard() {
    let at = Account::start().await;
    for id in [ANN, BOB, HUB] {
        let path = format!("/v2/chat/users/{id}/sessions");
        answer(&at.server, "GET", &path, 500, json!({})).await;
    }
    let at = reached_at(at).await;
    at.on
        .sink
        .until(|heard| heard.said("3 accounts cannot be read"))
        .await;
    assert_eq!(at.on.sink.heard().listening, 0);
    let event = dm_event("posted", "M1", "hi", NOW);
    assert_eq!(at.say(&event, SECRET, NOW / 1_000).await.0, 200);
    assert_eq!(at.on.sink.heard().listening, 1);
    at.on.end().await;
}

#[tokio::test]
async fn after_an_hour_without_webhooks_it_is_as_if_they_had_just_begun() {
    let at = reached().await;
    let say = async |id: &str, minutes: i64| {
        let now = NOW + minutes * 60_000;
        let event = dm_event("posted", id, "hi", now);
        assert_eq!(at.say(&event, SECRET, now / 1_000).await.0, 200);
        at.on.sink.heard().listening
    };
    let begun = say("M1", 0).await;
    at.at.clock.advance(59 * 60_000);
    assert_eq!(say("M2", 59).await, begun);
    at.at.clock.advance(61 * 60_000);
    assert_eq!(say("M3", 120).await, begun + 1);
    at.on.end().await;
}
