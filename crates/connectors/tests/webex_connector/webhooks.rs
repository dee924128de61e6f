use std::{net::SocketAddr, sync::Arc};

use aws_lc_rs::hmac;
use causeway_connectors::{Hearing, Secret, listener::Listener};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::{
    poll::{Listening, feed},
    support::*,
};

const HOOKS: &str = "/v1/webhooks";

/// An organisation that reaches the hub, and what the hub listens on.
async fn reached(organisation: &mut Organisation) -> (Listening, String, CancellationToken) {
    organisation.settings.signing_secret = Some(Secret::new("signed"));
    // Only a bell makes another poll come in time.
    organisation.settings.poll_every_ms = 600_000;
    feed(organisation, &[], &[]).await;
    let stop = CancellationToken::new();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(address, None, stop.clone()).await;
    let listener = listener.expect("a free port");
    let url = format!("http://{}/hooks/webex-1/events", listener.local_address());
    let connector = organisation.reachable(Some(listener));
    let listening = Listening::begin(connector, Arc::default(), &[ANN]);
    listening.sink.until(|heard| heard.listening == 1).await;
    (listening, url, stop)
}

async fn takes_hooks(organisation: &Organisation) {
    organisation.answers("GET", HOOKS, 200, items(&[])).await;
    organisation
        .answers("POST", HOOKS, 200, json!({ "id": "H", "status": "active" }))
        .await;
}

fn signature(body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"signed");
    let tag = hmac::sign(&key, body.as_bytes());
    tag.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn knock(url: &str, body: &str, signature: Option<&str>) -> u16 {
    let client = causeway_connectors::http::client().expect("a client");
    let mut request = client.post(url).body(body.to_owned());
    if let Some(signature) = signature {
        request = request.header("X-Spark-Signature", signature);
    }
    request.send().await.expect("an answer").status().as_u16()
}

async fn polls(organisation: &Organisation) -> usize {
    organisation.sent("GET", "/v1/events").await.len()
}

async fn until<F: Future<Output = bool>>(so: impl Fn() -> F) {
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while !so().await {
            tokio::task::yield_now().await;
        }
    });
    waited.await.expect("it came to be so in time");
}

#[tokio::test]
async fn only_what_webex_has_signed_rings_and_nothing_of_it_is_believed() {
    let mut organisation = Organisation::start().await;
    takes_hooks(&organisation).await;
    let (listening, url, stop) = reached(&mut organisation).await;
    let before = polls(&organisation).await;
    let body = r#"{"resource":"messages","event":"created","data":{"id":"M9","roomId":"ROOM"}}"#;
    for forged in [None, Some(""), Some("zz"), Some(signature("{}").as_str())] {
        assert_eq!(knock(&url, body, forged).await, 401, "{forged:?}");
    }
    assert_eq!(knock(&url, body, Some(&signature(body))).await, 200);
    until(|| async { polls(&organisation).await > before }).await;
    assert!(listening.sink.heard().keys().is_empty());
    listening.end().await;
    stop.cancel();
}

#[tokio::test]
async fn the_bot_and_everyone_who_has_signed_in_have_webhooks_of_this_life() {
    let mut organisation = Organisation::start().await;
    let leftover = json!({ "id": "OLD", "name": "Causeway webex-1", "targetUrl": "https://old.example", "status": "active" });
    let foreign = json!({ "id": "FOREIGN", "name": "Other", "targetUrl": "https://other.example" });
    Mock::given(method("GET"))
        .and(path(HOOKS))
        .and(header("authorization", "Bearer bot"))
        .respond_with(ResponseTemplate::new(200).set_body_json(items(&[leftover, foreign])))
        .mount(&organisation.server)
        .await;
    Mock::given(method("DELETE"))
        .and(path(format!("{HOOKS}/OLD")))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&organisation.server)
        .await;
    takes_hooks(&organisation).await;
    let (listening, url, stop) = reached(&mut organisation).await;
    until(|| async { organisation.sent("POST", HOOKS).await.len() == 8 }).await;
    let set = organisation.sent("POST", HOOKS).await;
    let of = |hook: &Value, field: &str| hook[field].as_str().unwrap_or_default().to_owned();
    let wanted = [
        ("messages", "created"),
        ("messages", "deleted"),
        ("memberships", "created"),
        ("memberships", "deleted"),
    ];
    for (resource, event) in wanted {
        let of_this = set
            .iter()
            .filter(|hook| of(hook, "resource") == resource && of(hook, "event") == event);
        assert_eq!(of_this.count(), 2, "{resource} {event}");
    }
    for hook in &set {
        assert_eq!(of(hook, "targetUrl"), url);
        assert_eq!(of(hook, "secret"), "signed");
    }
    // Bob has no webhooks until he is somebody to be heard.
    let accounts = vec![account(ANN), account(BOB)];
    listening.hearing.send_replace(Hearing { accounts });
    until(|| async { organisation.sent("POST", HOOKS).await.len() >= 12 }).await;
    listening.end().await;
    stop.cancel();
}

#[tokio::test]
async fn webhooks_that_cannot_be_set_are_told_and_nobody_is_unheard_for_it() {
    let mut organisation = Organisation::start().await;
    organisation.answers("GET", HOOKS, 403, json!({})).await;
    organisation.vault.remove(&owner(ANN));
    let (listening, _, stop) = reached(&mut organisation).await;
    let sink = listening.sink.clone();
    sink.until(|heard| heard.said("1 account without webhooks, and polled as before (http_403)"))
        .await;
    listening.end().await;
    stop.cancel();
}
