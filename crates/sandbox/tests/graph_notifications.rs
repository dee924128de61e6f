//! Graph: subscriptions, the handshake, encrypted notifications and their lifecycle.

mod graph_support;

use aws_lc_rs::{
    cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    hmac,
    iv::FixedLength,
    rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use causeway_sandbox::faults::{Fault, FaultKind};
use graph_support::{Answer, Listener, Sandbox, answer, text};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use reqwest::Method;
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const RAJ: &str = "raj@acme.example";
const MINUTE: i64 = 60_000;

/// A subscriber's key and its certificate.
struct Key {
    certificate: String,
    private: OaepPrivateDecryptingKey,
}

impl Key {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
        let parameters = rcgen::CertificateParams::new(vec!["hub".to_owned()]).expect("a name");
        let certificate = parameters.self_signed(&pair).expect("a certificate");
        let private = PrivateDecryptingKey::from_pkcs8(pair.serialized_der()).expect("the key");
        Self {
            certificate: STANDARD.encode(certificate.der()),
            private: OaepPrivateDecryptingKey::new(private).expect("the key"),
        }
    }

    /// Checks the signature and decrypts, as the platform's page tells subscribers to.
    fn open(&self, content: &Value) -> Value {
        let bytes = |name: &str| STANDARD.decode(text(&content[name])).expect("base64");
        let mut room = vec![0; 256];
        let key = self
            .private
            .decrypt(&OAEP_SHA1_MGF1SHA1, &bytes("dataKey"), &mut room, None)
            .expect("a key for us")
            .to_vec();
        let mut data = bytes("data");
        hmac::verify(
            &hmac::Key::new(hmac::HMAC_SHA256, &key),
            &data,
            &bytes("dataSignature"),
        )
        .expect("an untouched content");
        let iv: [u8; 16] = key[..16].try_into().expect("sixteen bytes");
        let cipher = UnboundCipherKey::new(&AES_256, &key)
            .and_then(PaddedBlockDecryptingKey::cbc_pkcs7)
            .expect("an AES key");
        let plain = cipher
            .decrypt(&mut data, DecryptionContext::Iv128(FixedLength::from(iv)))
            .expect("good padding");
        serde_json::from_slice(plain).expect("JSON")
    }
}

fn end(sandbox: &Sandbox, minutes: i64) -> String {
    let at = sandbox.shared.clock.now() + minutes * MINUTE;
    jiff::Timestamp::from_millisecond(at)
        .expect("a time")
        .to_string()
}

fn wish(sandbox: &Sandbox, listener: &Listener, resource: &str) -> Value {
    json!({
        "changeType": "created,updated,deleted",
        "notificationUrl": listener.url,
        "resource": resource,
        "expirationDateTime": end(sandbox, 60),
        "clientState": "our secret",
    })
}

async fn subscribe(sandbox: &Sandbox, token: &str, wish: Value) -> Answer {
    sandbox.post(token, "/subscriptions", wish).await
}

#[tokio::test]
async fn a_notification_with_data_is_signed_encrypted_and_tells_what_happened() {
    let sandbox = Sandbox::start().await;
    let (key, mut listener) = (Key::new(), Listener::start().await);
    let app = sandbox.app_token().await;
    let mut wanted = wish(&sandbox, &listener, "/chats/getAllMessages");
    wanted["includeResourceData"] = json!(true);
    wanted["encryptionCertificate"] = json!(key.certificate);
    wanted["encryptionCertificateId"] = json!("k1");
    wanted["lifecycleNotificationUrl"] = json!(listener.url);
    wanted["expirationDateTime"] = json!(end(&sandbox, 4320));
    let made = subscribe(&sandbox, &app, wanted).await;
    assert_eq!(made.status, 201, "{}", made.body);

    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let id = text(&sandbox.send(&ann, &chat, "hello").await.body["id"]);
    let told = listener.told().await;
    let item = &told["value"][0];
    assert_eq!(
        (&item["changeType"], &item["clientState"]),
        (&json!("created"), &json!("our secret"))
    );
    assert_eq!(
        text(&item["resource"]),
        format!("chats('{chat}')/messages('{id}')")
    );
    assert_eq!(item["tenantId"], json!(sandbox.credential("tenant")));
    let message = key.open(&item["encryptedContent"]);
    assert_eq!(message["body"]["content"], "hello");
    assert_eq!(message["from"]["user"]["id"], json!(sandbox.user(ANN)));
    check_validation_token(&sandbox, &text(&told["validationTokens"][0])).await;

    let path = format!("/chats/{chat}/messages/{id}");
    let patch = json!({"body": {"content": "hello!"}});
    sandbox.call(&ann, Method::PATCH, &path, patch).await;
    let told = listener.told().await;
    assert_eq!(told["value"][0]["changeType"], "updated");
    let message = key.open(&told["value"][0]["encryptedContent"]);
    assert_eq!(message["body"]["content"], "hello!");
    sandbox
        .post(&ann, &format!("/me{path}/softDelete"), Value::Null)
        .await;
    let told = listener.told().await;
    assert_eq!(told["value"][0]["changeType"], "deleted");
    let message = key.open(&told["value"][0]["encryptedContent"]);
    assert_eq!(message["body"]["content"], "");
}

async fn check_validation_token(sandbox: &Sandbox, token: &str) {
    let url = format!("{}/common/discovery/v2.0/keys", sandbox.entra);
    let keys: JwkSet =
        serde_json::from_value(answer(sandbox.http.get(url)).await.body).expect("a key set");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[sandbox.credential("client_id")]);
    let key = DecodingKey::from_jwk(&keys.keys[0]).expect("an RSA key");
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation)
        .expect("a good token")
        .claims;
    assert_eq!(claims["azp"], "0bf30f3b-4a52-48df-9a82-234910c4a086");
    assert_eq!(claims["tid"], json!(sandbox.credential("tenant")));
}

#[tokio::test]
async fn an_address_that_does_not_echo_the_token_is_refused() {
    let sandbox = Sandbox::start().await;
    let deaf = Listener::with(0, false).await;
    let app = sandbox.app_token().await;
    let refused = subscribe(
        &sandbox,
        &app,
        wish(&sandbox, &deaf, "/chats/getAllMessages"),
    )
    .await;
    assert_eq!((refused.status, refused.code()), (400, "ValidationError"));
    let mut elsewhere = wish(&sandbox, &deaf, "/chats/getAllMessages");
    elsewhere["notificationUrl"] = json!("http://hub.example/told");
    assert_eq!(subscribe(&sandbox, &app, elsewhere).await.status, 400);
    assert!(
        sandbox
            .get(&app, "/subscriptions")
            .await
            .values()
            .is_empty()
    );
}

#[tokio::test]
async fn a_subscription_that_breaks_the_rules_is_refused() {
    let sandbox = Sandbox::start().await;
    let (key, listener) = (Key::new(), Listener::start().await);
    let app = sandbox.app_token().await;
    let change = |changes: Value| {
        let mut wanted = wish(&sandbox, &listener, "/chats/getAllMessages");
        for (name, value) in changes.as_object().expect("changes") {
            wanted[name] = value.clone();
        }
        wanted
    };
    let small = rcgen::generate_simple_self_signed(vec!["hub".to_owned()]).expect("a certificate");
    let encrypted = json!({
        "includeResourceData": true,
        "encryptionCertificate": key.certificate,
        "encryptionCertificateId": "k1",
    });
    let mut long_without_lifecycle = encrypted.clone();
    long_without_lifecycle["expirationDateTime"] = json!(end(&sandbox, 90));
    let mut wrong_key = encrypted.clone();
    wrong_key["encryptionCertificate"] = json!(STANDARD.encode(small.cert.der()));
    let mut no_certificate = encrypted;
    no_certificate["encryptionCertificate"] = json!("bm90IGEgY2VydGlmaWNhdGU=");
    for changes in [
        json!({"expirationDateTime": end(&sandbox, 4330)}),
        json!({"expirationDateTime": end(&sandbox, -1)}),
        json!({"clientState": "x".repeat(129)}),
        json!({"changeType": "created,read"}),
        json!({"resource": "/me/kittens"}),
        long_without_lifecycle,
        wrong_key,
        no_certificate,
    ] {
        let refused = subscribe(&sandbox, &app, change(changes.clone())).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "InvalidRequest"),
            "{changes}"
        );
    }
    assert_eq!(
        subscribe(&sandbox, &app, change(json!({}))).await.status,
        201
    );
    let second = subscribe(&sandbox, &app, change(json!({}))).await;
    assert_eq!((second.status, second.code()), (403, "ExtensionError"));
}

#[tokio::test]
async fn a_person_hears_the_chats_they_are_in_and_no_others() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start().await;
    let (ann, raj) = (sandbox.token_of(ANN).await, sandbox.token_of(RAJ).await);
    let own = format!("/users/{}/chats/getAllMessages", sandbox.user(ANN));
    let refused = subscribe(&sandbox, &raj, wish(&sandbox, &listener, &own)).await;
    assert_eq!(refused.status, 403);
    let all = subscribe(
        &sandbox,
        &ann,
        wish(&sandbox, &listener, "/chats/getAllMessages"),
    )
    .await;
    assert_eq!(all.status, 403);
    let foreign = sandbox.chat(&raj, "oneOnOne", &[RAJ, BOB]).await;
    let one = format!("/chats/{foreign}/messages");
    assert_eq!(
        subscribe(&sandbox, &ann, wish(&sandbox, &listener, &one))
            .await
            .status,
        403
    );

    assert_eq!(
        subscribe(&sandbox, &ann, wish(&sandbox, &listener, &own))
            .await
            .status,
        201
    );
    sandbox.send(&raj, &foreign, "not for Ann").await;
    let shared = sandbox.chat(&raj, "oneOnOne", &[RAJ, ANN]).await;
    sandbox.send(&raj, &shared, "for Ann").await;
    let told = listener.told().await;
    assert!(text(&told["value"][0]["resource"]).starts_with(&format!("chats('{shared}')")));
    assert!(told["value"][0]["encryptedContent"].is_null() && told["validationTokens"].is_null());
    assert!(listener.told_nothing_more());
}

#[tokio::test]
async fn a_notification_that_is_refused_comes_again_once_it_is_taken_no_more() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::with(1, true).await;
    let app = sandbox.app_token().await;
    subscribe(
        &sandbox,
        &app,
        wish(&sandbox, &listener, "/chats/getAllMessages"),
    )
    .await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let first = text(&sandbox.send(&ann, &chat, "one").await.body["id"]);
    sandbox.shared.clock.advance(2_000);
    let told = listener.told().await;
    assert_eq!(text(&told["value"][0]["resourceData"]["id"]), first);
    assert!(listener.told_nothing_more());
}

#[tokio::test]
async fn events_are_doubled_delayed_and_reordered_on_demand() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start().await;
    let app = sandbox.app_token().await;
    subscribe(
        &sandbox,
        &app,
        wish(&sandbox, &listener, "/chats/getAllMessages"),
    )
    .await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let arm = |fault: FaultKind, ms: Option<u64>| {
        let (on, method) = ("teams".to_owned(), Some("event".to_owned()));
        sandbox.shared.faults.arm(Fault {
            on,
            method,
            fault,
            count: 1,
            ms,
        });
    };
    let mut heard: Vec<String> = Vec::new();
    let mut hear = async |count: usize| {
        while heard.len() < count {
            let told = listener.told().await;
            let items = told["value"].as_array().cloned().unwrap_or_default();
            heard.extend(items.iter().map(|item| text(&item["resourceData"]["id"])));
        }
        std::mem::take(&mut heard)
    };
    arm(FaultKind::Duplicate, None);
    let id = text(&sandbox.send(&ann, &chat, "twice").await.body["id"]);
    assert_eq!(hear(2).await, [id.clone(), id]);
    arm(FaultKind::Reorder, None);
    let first = text(&sandbox.send(&ann, &chat, "first").await.body["id"]);
    let second = text(&sandbox.send(&ann, &chat, "second").await.body["id"]);
    assert_eq!(hear(2).await, [second, first]);
    arm(FaultKind::Delay, Some(3_600_000));
    let late = text(&sandbox.send(&ann, &chat, "late").await.body["id"]);
    let prompt = text(&sandbox.send(&ann, &chat, "prompt").await.body["id"]);
    assert_eq!(hear(1).await, [prompt]);
    sandbox.shared.clock.advance(3_600_000);
    assert_eq!(hear(1).await, [late]);
}

#[tokio::test]
async fn a_term_that_nears_its_end_is_announced_and_can_be_renewed_or_runs_out() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start().await;
    let app = sandbox.app_token().await;
    let mut wanted = wish(&sandbox, &listener, "/chats/getAllMessages");
    wanted["lifecycleNotificationUrl"] = json!(listener.url);
    let made = subscribe(&sandbox, &app, wanted).await;
    let path = format!("/subscriptions/{}", text(&made.body["id"]));
    assert_eq!(made.body["clientState"], "our secret");
    assert_eq!(
        sandbox.get(&app, &path).await.body["clientState"],
        Value::Null
    );
    sandbox.shared.clock.advance(50 * 60_000);
    let told = listener.told().await;
    assert_eq!(
        told["value"][0]["lifecycleEvent"],
        "reauthorizationRequired"
    );
    let reauthorized = sandbox
        .post(&app, &format!("{path}/reauthorize"), Value::Null)
        .await;
    assert_eq!(reauthorized.status, 200);
    let longer = json!({"expirationDateTime": end(&sandbox, 60)});
    assert_eq!(
        sandbox
            .call(&app, Method::PATCH, &path, longer)
            .await
            .status,
        200
    );
    sandbox.shared.clock.advance(61 * 60_000);
    let app = sandbox.app_token().await;
    assert_eq!(sandbox.get(&app, &path).await.status, 404);
    assert!(
        sandbox
            .get(&app, "/subscriptions")
            .await
            .values()
            .is_empty()
    );
}

#[tokio::test]
async fn a_persons_subscription_is_removed_with_notice_when_their_sessions_are_revoked() {
    let sandbox = Sandbox::start().await;
    let mut listener = Listener::start().await;
    let ann = sandbox.token_of(ANN).await;
    let mut wanted = wish(&sandbox, &listener, "/me/chats/getAllMessages");
    wanted["lifecycleNotificationUrl"] = json!(listener.url);
    assert_eq!(subscribe(&sandbox, &ann, wanted).await.status, 201);
    sandbox.shared.faults.arm(Fault {
        on: "teams".to_owned(),
        method: Some("GET /me".to_owned()),
        fault: FaultKind::Revoke,
        count: 1,
        ms: None,
    });
    sandbox.get(&ann, "/me").await;
    let told = listener.told().await;
    assert_eq!(told["value"][0]["lifecycleEvent"], "subscriptionRemoved");
    assert_eq!(told["value"][0]["clientState"], "our secret");
}

#[tokio::test]
async fn an_app_that_is_not_approved_cannot_subscribe_to_everybodys_messages() {
    let sandbox = Sandbox::start().await;
    let listener = Listener::start().await;
    sandbox.tenant.set_protected_api(false);
    let app = sandbox.app_token().await;
    let refused = subscribe(
        &sandbox,
        &app,
        wish(&sandbox, &listener, "/chats/getAllMessages"),
    )
    .await;
    assert_eq!((refused.status, refused.code()), (403, "Forbidden"));
    assert!(text(&refused.body["error"]["message"]).contains("Protected API access"));
}
