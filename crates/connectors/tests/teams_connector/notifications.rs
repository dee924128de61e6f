use std::sync::Arc;

use aws_lc_rs::{
    cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    hmac,
    iv::FixedLength,
    rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use causeway_connectors::{Connector, Hearing, http, listener::Listener};
use causeway_model::{Failure, HealthState};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, Request, ResponseTemplate,
    matchers::{header, method, path, path_regex},
};

use crate::support::*;

const CHANGE_TRACKING: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";
const SUBSCRIPTIONS: &str = "/v1.0/subscriptions";

/// Microsoft's side: the key that signs validation tokens, and what it knows of a subscription.
struct Microsoft {
    key: EncodingKey,
}

struct Reachable {
    tenant: Tenant,
    microsoft: Microsoft,
    sink: Arc<Sink>,
    base: String,
    stop: CancellationToken,
    task: JoinHandle<Result<(), Failure>>,
    _hearing: watch::Sender<Hearing>,
}

impl Microsoft {
    /// Signs, and publishes the key where the tenant's keys are.
    async fn of(tenant: &Tenant) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
        let key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).expect("a key");
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).expect("a JWK");
        jwk.common.key_id = Some("k1".into());
        let at = format!("/login/{TENANT}/discovery/v2.0/keys");
        get(&tenant.server, &at, json!({ "keys": [jwk] })).await;
        Self { key }
    }

    fn token(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({ "aud": CLIENT, "azp": CHANGE_TRACKING, "tid": TENANT, "exp": NOW / 1_000 + 600 });
        change(&mut claims);
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some("k1".into());
        jsonwebtoken::encode(&header, &claims, &self.key).expect("a token")
    }
}

/// Encrypts as Graph does, to the certificate given with the subscription.
fn encrypted(subscription: &Value, message: &Value) -> Value {
    let text = |name: &str| subscription[name].as_str().expect("text").to_owned();
    let der = STANDARD
        .decode(text("encryptionCertificate"))
        .expect("Base64");
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).expect("a certificate");
    let public = PublicEncryptingKey::from_der(certificate.public_key().raw).expect("a key");
    let public = OaepPublicEncryptingKey::new(public).expect("a key");
    let key = [7_u8; 32];
    let mut room = vec![0; public.ciphertext_size()];
    let data_key = public
        .encrypt(&OAEP_SHA1_MGF1SHA1, &key, &mut room, None)
        .expect("encrypted");
    let mut data = message.to_string().into_bytes();
    let iv = FixedLength::from(&[7_u8; 16]);
    PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &key).expect("a key"))
        .expect("a cipher")
        .less_safe_encrypt(&mut data, EncryptionContext::Iv128(iv))
        .expect("encrypted");
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &data);
    json!({
        "data": STANDARD.encode(&data),
        "dataKey": STANDARD.encode(data_key),
        "dataSignature": STANDARD.encode(signature.as_ref()),
        "encryptionCertificateId": text("encryptionCertificateId"),
        "encryptionCertificateThumbprint": "x"
    })
}

fn id_of(subscription: &Value) -> String {
    let resource = subscription["resource"].as_str().unwrap_or_default();
    let account = resource.split('/').nth(2).unwrap_or_default();
    format!("sub-{account}")
}

impl Reachable {
    /// A hub that Graph reaches, hearing Ann and the service account, both subscribed to.
    async fn start() -> Self {
        let tenant = Tenant::start().await;
        let microsoft = Microsoft::of(&tenant).await;
        let none = json!({ "value": [] });
        get(&tenant.server, "/v1.0/me/chats", none.clone()).await;
        get(
            &tenant.server,
            &format!("/v1.0/users/{ANN}/chats/getAllMessages"),
            none,
        )
        .await;
        get(&tenant.server, &format!("/v1.0/chats/{CHAT}"), group_chat()).await;
        Mock::given(method("POST"))
            .and(path(SUBSCRIPTIONS))
            .and(header("authorization", "Bearer app-level"))
            .and(header("prefer", "include-unknown-enum-members"))
            .respond_with(|request: &Request| {
                let wanted: Value = request.body_json().expect("JSON");
                ResponseTemplate::new(201).set_body_json(json!({
                    "id": id_of(&wanted), "expirationDateTime": wanted["expirationDateTime"]
                }))
            })
            .mount(&tenant.server)
            .await;
        for verb in ["PATCH", "DELETE", "POST"] {
            Mock::given(method(verb))
                .and(path_regex("^/v1.0/subscriptions/sub-"))
                .respond_with(ResponseTemplate::new(if verb == "PATCH" {
                    200
                } else {
                    204
                }))
                .mount(&tenant.server)
                .await;
        }
        Self::listen(tenant, microsoft).await
    }

    async fn listen(tenant: Tenant, microsoft: Microsoft) -> Self {
        let stop = CancellationToken::new();
        let local = "127.0.0.1:0".parse().expect("an address");
        let listener = Listener::bind(local, None, stop.clone())
            .await
            .expect("a port");
        let base = format!("http://{}/hooks/teams-1", listener.local_address());
        let left = json!({ "value": [
            { "id": "sub-left", "notificationUrl": format!("{base}/notifications") },
            { "id": "sub-others", "notificationUrl": "https://elsewhere.example/" }
        ] });
        get(&tenant.server, SUBSCRIPTIONS, left).await;
        let connector = tenant.reachable(Some(listener));
        let (hearing, heard) = watch::channel(Hearing {
            accounts: vec![account(ANN)],
        });
        let sink = Arc::new(Sink::default());
        let (to, stopping) = (sink.clone(), stop.clone());
        let task = tokio::spawn(async move { connector.listen(to, heard, stopping).await });
        let reachable = Self {
            tenant,
            microsoft,
            sink,
            base,
            stop,
            task,
            _hearing: hearing,
        };
        reachable.until_subscribed(2).await;
        reachable
    }

    async fn until_subscribed(&self, times: usize) {
        // Each subscription is followed by a poll that commits a first cursor, which wakes us.
        let enough = async {
            while self.tenant.sent("POST", SUBSCRIPTIONS).await.len() < times {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), enough)
            .await
            .expect("subscribed in time");
        self.sink.until(|heard| heard.listening == 1).await;
    }

    async fn anns(&self) -> Value {
        let all = self.tenant.sent("POST", SUBSCRIPTIONS).await;
        let mut anns = all
            .into_iter()
            .filter(|one| id_of(one) == format!("sub-{ANN}"));
        anns.next_back().expect("Ann's subscription")
    }

    async fn notification(&self, message: &Value) -> Value {
        let anns = self.anns().await;
        json!({
            "value": [{
                "subscriptionId": id_of(&anns), "changeType": "created", "tenantId": TENANT,
                "clientState": anns["clientState"],
                "resource": format!("chats('{CHAT}')/messages('{}')", message["id"].as_str().unwrap_or_default()),
                "encryptedContent": encrypted(&anns, message)
            }],
            "validationTokens": [self.microsoft.token(|_| {})]
        })
    }

    async fn knock(&self, place: &str, body: &Value) -> u16 {
        let url = format!("{}/{place}", self.base);
        let sent = http::client()
            .expect("a client")
            .post(url)
            .json(body)
            .send();
        sent.await.expect("an answer").status().as_u16()
    }

    async fn end(self) -> Tenant {
        self.stop.cancel();
        self.task.await.expect("no panic").expect("an end in peace");
        self.tenant
    }
}

fn one() -> Value {
    message("1", "2026-01-05T10:00:00Z", "<p>one</p>")
}

#[tokio::test]
async fn a_subscription_asks_for_content_and_is_taken_down_at_the_end() {
    let hub = Reachable::start().await;
    let anns = hub.anns().await;
    assert_eq!(
        anns["resource"],
        format!("/users/{ANN}/chats/getAllMessages")
    );
    assert_eq!(anns["expirationDateTime"], "2026-01-05T11:00:00.000Z");
    assert_eq!(anns["includeResourceData"], true);
    assert_eq!(
        anns["lifecycleNotificationUrl"],
        format!("{}/lifecycle", hub.base)
    );
    let url = format!("{}/notifications?validationToken=a%3Cb%3E%20c", hub.base);
    let shaken = http::client()
        .expect("a client")
        .post(url)
        .send()
        .await
        .expect("an answer");
    assert_eq!(shaken.status(), 200);
    assert_eq!(shaken.headers()["content-type"], "text/plain");
    assert_eq!(shaken.text().await.expect("text"), "a<b> c");
    let tenant = hub.end().await;
    let gone = |id: &str| format!("{SUBSCRIPTIONS}/{id}");
    for id in [
        format!("sub-{ANN}"),
        format!("sub-{SVC}"),
        "sub-left".into(),
    ] {
        assert_eq!(tenant.sent("DELETE", &gone(&id)).await.len(), 1, "{id}");
    }
    assert!(tenant.sent("DELETE", &gone("sub-others")).await.is_empty());
}

#[tokio::test]
async fn a_genuine_notification_is_kept_before_it_is_accepted() {
    let hub = Reachable::start().await;
    let body = hub.notification(&one()).await;
    hub.sink.heard().refuse = true;
    assert_eq!(hub.knock("notifications", &body).await, 503);
    assert!(hub.sink.heard().keys().is_empty());
    hub.sink.heard().refuse = false;
    assert_eq!(hub.knock("notifications", &body).await, 202);
    {
        let heard = hub.sink.heard();
        assert_eq!(heard.keys(), [format!("m:{CHAT}:1")]);
        let (events, cursor) = heard.batches.last().expect("a batch");
        assert_eq!(events[0].heard_by, Some(account(ANN)));
        assert_eq!(*cursor, None);
    }
    hub.end().await;
}

#[tokio::test]
async fn a_notification_tells_who_came_under_the_key_that_polls_use() {
    let hub = Reachable::start().await;
    let system = joined("4", "2026-01-05T10:00:04Z");
    let body = hub.notification(&system).await;
    assert_eq!(hub.knock("notifications", &body).await, 202);
    assert_eq!(hub.sink.heard().keys(), [format!("j:{CHAT}:4")]);
    hub.end().await;
}

#[tokio::test]
async fn what_is_not_from_graph_is_refused_and_told() {
    let hub = Reachable::start().await;
    let good = hub.notification(&one()).await;
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut body = good.clone();
        change(&mut body);
        body
    };
    let token = |change: fn(&mut Value)| json!([hub.microsoft.token(change)]);
    let foreign = Microsoft::of(&Tenant::start().await).await;
    let forged = [
        changed(&|body| body["value"][0]["clientState"] = json!("guess")),
        changed(&|body| body["value"][0]["subscriptionId"] = json!("sub-x")),
        changed(&|body| body["validationTokens"] = json!([])),
        changed(&|body| body["validationTokens"] = token(|claims| claims["aud"] = json!("x"))),
        changed(&|body| body["validationTokens"] = token(|claims| claims["azp"] = json!("x"))),
        changed(&|body| body["validationTokens"] = token(|claims| claims["tid"] = json!("x"))),
        changed(&|body| body["validationTokens"] = token(|claims| claims["exp"] = json!(1))),
        changed(&|body| body["validationTokens"] = json!([foreign.token(|_| {})])),
    ];
    for (index, body) in forged.iter().enumerate() {
        assert_eq!(
            hub.knock("notifications", body).await,
            401,
            "forgery {index}"
        );
    }
    assert_eq!(
        hub.knock("notifications", &json!({ "value": 1 })).await,
        400
    );
    assert!(hub.sink.heard().keys().is_empty());
    hub.sink.until(|heard| heard.said("unknown_sender")).await;
    hub.sink
        .until(|heard| heard.said("bad_validation_token"))
        .await;
    hub.end().await;
}

#[tokio::test]
async fn content_that_cannot_be_opened_is_refused_and_read_by_a_poll() {
    let hub = Reachable::start().await;
    let good = hub.notification(&one()).await;
    let all = format!("/v1.0/users/{ANN}/chats/getAllMessages");
    for (field, value) in [
        ("dataSignature", STANDARD.encode([0; 32])),
        ("data", STANDARD.encode([0; 32])),
        ("dataKey", STANDARD.encode([0; 256])),
        ("encryptionCertificateId", "other".to_owned()),
    ] {
        let polled = hub.tenant.sent("GET", &all).await.len();
        let mut body = good.clone();
        body["value"][0]["encryptedContent"][field] = json!(value);
        assert_eq!(hub.knock("notifications", &body).await, 400, "{field}");
        let again = async {
            while hub.tenant.sent("GET", &all).await.len() <= polled {
                tokio::task::yield_now().await;
            }
        };
        let patience = std::time::Duration::from_secs(20);
        tokio::time::timeout(patience, again).await.expect("a poll");
    }
    assert!(hub.sink.heard().keys().is_empty());
    hub.sink
        .until(|heard| heard.said("content_not_opened"))
        .await;
    hub.sink
        .until(|heard| heard.health.last() == Some(&(HealthState::Connected, None)))
        .await;
    hub.end().await;
}

#[tokio::test]
async fn lifecycle_notices_renew_or_make_anew() {
    let hub = Reachable::start().await;
    let anns = hub.anns().await;
    let notice = |event: &str, state: &Value| json!({ "value": [{ "subscriptionId": id_of(&anns), "clientState": state, "tenantId": TENANT, "lifecycleEvent": event }] });
    let state = &anns["clientState"];
    let forged = notice("reauthorizationRequired", &json!("guess"));
    assert_eq!(hub.knock("lifecycle", &forged).await, 401);
    let again = notice("reauthorizationRequired", state);
    assert_eq!(hub.knock("lifecycle", &again).await, 202);
    let renewed = format!("{SUBSCRIPTIONS}/sub-{ANN}");
    let both = async {
        while hub.tenant.sent("PATCH", &renewed).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, both).await.expect("renewed");
    let reauthorized = format!("{renewed}/reauthorize");
    assert_eq!(hub.tenant.sent("POST", &reauthorized).await.len(), 1);
    let removed = notice("subscriptionRemoved", state);
    assert_eq!(hub.knock("lifecycle", &removed).await, 202);
    hub.until_subscribed(3).await;
    assert_ne!(hub.anns().await["clientState"], *state);
    hub.end().await;
}
