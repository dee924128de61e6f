//! Webex: how tokens are had, what they may do, and how they end.

mod webex_support;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use causeway_sandbox::{
    faults::{Fault, FaultKind},
    stand_in::{Entered, StandIn},
    webex::SwitchChanges,
};
use reqwest::Url;
use serde_json::json;
use webex_support::{Answer, HUGO, RUTH, Sandbox, WANDA, answer};

const REDIRECT: &str = "http://127.0.0.1:4711/callback";
const SCOPES: &str = "spark:messages_read spark:messages_write spark:people_read";
const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-really";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn challenge() -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref())
}

/// Asks at the page; `more` says who signs in and what they decide.
async fn authorize(sandbox: &Sandbox, scopes: &str, more: &[(&str, &str)]) -> Answer {
    let client = sandbox.credential("/client_id");
    let challenge = challenge();
    let query = [
        ("client_id", client.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", scopes),
        ("state", "s1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let query = query.iter().chain(more).copied();
    let url = Url::parse_with_params(&format!("{}/authorize", sandbox.base), query);
    answer(sandbox.http.get(url.expect("an address"))).await
}

/// A parameter of the address that the browser is sent to.
fn sent_back(answer: &Answer, wanted: &str) -> Option<String> {
    let url = Url::parse(&answer.header("location")).ok()?;
    assert!(url.as_str().starts_with(REDIRECT), "{url}");
    let mut pairs = url.query_pairs().filter(|(name, _)| name == wanted);
    pairs.next().map(|(_, value)| value.into_owned())
}

async fn redeem(sandbox: &Sandbox, code: &str, verifier: &str) -> Answer {
    let (id, secret) = (
        sandbox.credential("/client_id"),
        sandbox.credential("/client_secret"),
    );
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", &id),
        ("client_secret", &secret),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", verifier),
    ];
    sandbox.form("/access_token", &fields).await
}

#[tokio::test]
async fn a_person_who_accepts_is_acted_for_until_the_tokens_end() {
    let sandbox = Sandbox::start().await;
    let page = authorize(&sandbox, SCOPES, &[("login_hint", HUGO)]).await;
    assert!(String::from_utf8_lossy(&page.bytes).contains("<form>"));
    assert!(!sandbox.org.account(HUGO).expect("Hugo").authorised);

    let accept = [("login_hint", HUGO), ("accept", "1")];
    let back = authorize(&sandbox, SCOPES, &accept).await;
    assert_eq!(sent_back(&back, "state").as_deref(), Some("s1"));
    let code = sent_back(&back, "code").expect("a code");
    let tokens = redeem(&sandbox, &code, VERIFIER).await.ok();
    assert_eq!(tokens.body["expires_in"], 1_209_599);
    assert_eq!(tokens.body["refresh_token_expires_in"], 7_776_000);
    assert_eq!(tokens.text("scope"), SCOPES);
    assert_eq!(redeem(&sandbox, &code, VERIFIER).await.status, 400);
    let token = tokens.text("access_token");
    let me = sandbox.get(&token, "/people/me").await.ok();
    assert_eq!(me.body["emails"], json!([HUGO]));
    assert!(sandbox.org.account(HUGO).expect("Hugo").authorised);

    sandbox.advance(14 * DAY_MS);
    let late = sandbox.get(&token, "/people/me").await;
    assert_eq!(late.status, 401);
    assert!(late.error().contains("valid access token"));
    let refresh = tokens.text("refresh_token");
    let again = sandbox.refreshed("", &refresh).await.ok();
    assert_eq!(again.text("refresh_token"), refresh);
    sandbox
        .get(&again.text("access_token"), "/people/me")
        .await
        .ok();
    // A refresh begins the ninety days anew.
    sandbox.advance(89 * DAY_MS);
    sandbox.refreshed("", &refresh).await.ok();
    sandbox.advance(90 * DAY_MS);
    let over = sandbox.refreshed("", &refresh).await;
    assert_eq!((over.status, over.error().as_str()), (400, "invalid_grant"));
    assert!(!sandbox.org.account(HUGO).expect("Hugo").authorised);
}

#[tokio::test]
async fn a_code_is_good_only_with_its_verifier() {
    let sandbox = Sandbox::start().await;
    let accept = [("login_hint", HUGO), ("accept", "1")];
    let back = authorize(&sandbox, SCOPES, &accept).await;
    let code = sent_back(&back, "code").expect("a code");
    assert_eq!(redeem(&sandbox, &code, "another").await.status, 400);
}

#[tokio::test]
async fn who_declines_or_may_not_grant_it_brings_no_code_back() {
    let sandbox = Sandbox::start().await;
    let declined = authorize(&sandbox, SCOPES, &[("deny", "1")]).await;
    assert_eq!(
        sent_back(&declined, "error").as_deref(),
        Some("access_denied")
    );
    let accept = [("login_hint", HUGO), ("accept", "1")];
    for scope in ["spark-admin:people_read", "spark-compliance:events_read"] {
        let back = authorize(&sandbox, scope, &accept).await;
        assert_eq!(sent_back(&back, "code"), None, "{scope}");
    }
    let unknown = authorize(&sandbox, "spark:everything", &accept).await;
    assert_eq!(
        sent_back(&unknown, "error").as_deref(),
        Some("invalid_scope")
    );
    let inactive = [("login_hint", RUTH), ("accept", "1")];
    let page = authorize(&sandbox, SCOPES, &inactive).await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn a_redirect_that_is_not_registered_is_refused_on_the_spot() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.credential("/client_id");
    let ask = async |redirect: &str| {
        let query = [
            ("client_id", client.as_str()),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", SCOPES),
            ("login_hint", HUGO),
            ("accept", "1"),
        ];
        let url = Url::parse_with_params(&format!("{}/authorize", sandbox.base), query);
        answer(sandbox.http.get(url.expect("an address")))
            .await
            .status
    };
    assert_eq!(ask("https://hub.example/hooks/consent/callback").await, 400);
    sandbox.org.set_switches(SwitchChanges {
        public_url: Some("https://hub.example".to_owned()),
        ..SwitchChanges::default()
    });
    assert_eq!(ask("https://hub.example/hooks/consent/callback").await, 303);
}

struct Device {
    code: String,
    user_code: String,
}

async fn device(sandbox: &Sandbox) -> Device {
    let client = sandbox.credential("/client_id");
    let fields = [("client_id", client.as_str()), ("scope", SCOPES)];
    let begun = sandbox.form("/device/authorize", &fields).await.ok();
    let page = sandbox.org.device_page().expect("a page");
    assert_eq!(begun.text("verification_uri"), page);
    let user_code = begun.text("user_code");
    assert!(
        begun
            .text("verification_uri_complete")
            .ends_with(&user_code)
    );
    Device {
        code: begun.text("device_code"),
        user_code,
    }
}

async fn poll(sandbox: &Sandbox, device: &Device) -> Answer {
    let (id, secret) = (
        sandbox.credential("/client_id"),
        sandbox.credential("/client_secret"),
    );
    let fields = [
        ("client_id", id.as_str()),
        ("device_code", &device.code),
        ("grant_type", DEVICE_GRANT),
    ];
    let request = sandbox.http.post(format!("{}/device/token", sandbox.base));
    answer(request.basic_auth(&id, Some(&secret)).form(&fields)).await
}

#[tokio::test]
async fn a_typed_code_ends_the_waiting_of_the_device() {
    let sandbox = Sandbox::start().await;
    let begun = device(&sandbox).await;
    let pending = poll(&sandbox, &begun).await;
    assert_eq!(pending.status, 428);
    assert_eq!(pending.error(), "authorization_pending");
    let hasty = poll(&sandbox, &begun).await;
    assert_eq!((hasty.status, hasty.error().as_str()), (400, "slow_down"));

    assert_eq!(
        sandbox.org.open_codes(),
        std::slice::from_ref(&begun.user_code)
    );
    let page = sandbox.org.device_page().expect("a page");
    let fields = [
        ("user_code", begun.user_code.as_str()),
        ("login", HUGO),
        ("answer", "accept"),
    ];
    let typed = answer(sandbox.http.post(page).form(&fields)).await.ok();
    assert!(String::from_utf8_lossy(&typed.bytes).contains("You have signed in"));
    let tokens = poll(&sandbox, &begun).await.ok();
    let token = tokens.text("access_token");
    assert_eq!(
        sandbox.get(&token, "/people/me").await.text("displayName"),
        "Hugo Stern"
    );
    assert_eq!(poll(&sandbox, &begun).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_device_code_is_declined_or_runs_out() {
    let sandbox = Sandbox::start().await;
    let begun = device(&sandbox).await;
    assert_eq!(
        sandbox.org.enter_code("wrong", HUGO, true),
        Entered::NotOpen
    );
    let declined = sandbox.org.enter_code(&begun.user_code, HUGO, false);
    assert!(matches!(declined, Entered::Declined(_)));
    assert_eq!(poll(&sandbox, &begun).await.error(), "access_denied");
    let begun = device(&sandbox).await;
    sandbox.advance(5 * 60 * 1000);
    assert_eq!(poll(&sandbox, &begun).await.error(), "expired_token");
    assert!(sandbox.org.open_codes().is_empty());
}

#[tokio::test]
async fn the_polling_client_must_prove_itself() {
    let sandbox = Sandbox::start().await;
    let begun = device(&sandbox).await;
    let id = sandbox.credential("/client_id");
    let fields = [
        ("client_id", id.as_str()),
        ("device_code", &begun.code),
        ("grant_type", DEVICE_GRANT),
    ];
    let request = sandbox.http.post(format!("{}/device/token", sandbox.base));
    let refused = answer(request.basic_auth(&id, Some("guess")).form(&fields)).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (401, "invalid_client")
    );
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    let sandbox = Sandbox::start().await;
    let accept = [("login_hint", WANDA), ("accept", "1")];
    let back = authorize(&sandbox, "spark:people_read", &accept).await;
    let code = sent_back(&back, "code").expect("a code");
    let token = redeem(&sandbox, &code, VERIFIER)
        .await
        .ok()
        .text("access_token");
    let refused = sandbox.dm(&token, HUGO, "hi").await;
    assert_eq!(refused.status, 403);
    assert!(refused.error().contains("spark:messages_write"));

    let full = sandbox.authorised(WANDA).await;
    sandbox.dm(&full, HUGO, "hi").await.ok();
    sandbox
        .org
        .withhold(vec!["spark:messages_write".to_owned()]);
    assert_eq!(sandbox.dm(&full, HUGO, "hi").await.status, 403);
}

#[tokio::test]
async fn revoked_and_switched_off_accounts_are_not_let_in() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.authorised(WANDA).await;
    let fault = |kind| Fault {
        on: "webex".to_owned(),
        method: Some("GET /people/me".to_owned()),
        fault: kind,
        count: 1,
        ms: None,
    };
    sandbox.shared.faults.arm(fault(FaultKind::Expire));
    assert_eq!(sandbox.get(&token, "/people/me").await.status, 401);
    let token = sandbox.authorised(WANDA).await;
    sandbox.shared.faults.arm(fault(FaultKind::Revoke));
    assert_eq!(sandbox.get(&token, "/people/me").await.status, 401);
    let refresh = sandbox.credential(&format!("/refresh_tokens/{WANDA}"));
    assert_eq!(sandbox.refreshed("", &refresh).await.status, 400);
    assert!(!sandbox.org.account(WANDA).expect("Wanda").authorised);

    let hugo = sandbox.token(HUGO);
    assert!(sandbox.org.set_active(HUGO, false));
    assert_eq!(sandbox.get(&hugo, "/people/me").await.status, 401);
}

#[tokio::test]
async fn a_throttled_call_says_when_to_come_again() {
    let sandbox = Sandbox::start().await;
    sandbox.shared.faults.arm(Fault {
        on: "webex".to_owned(),
        method: Some("POST /messages".to_owned()),
        fault: FaultKind::Throttle,
        count: 1,
        ms: Some(7000),
    });
    let limited = sandbox.dm(&sandbox.token(WANDA), HUGO, "hi").await;
    assert_eq!(
        (limited.status, limited.header("retry-after").as_str()),
        (429, "7")
    );
    assert!(!limited.error().is_empty());
    sandbox.dm(&sandbox.token(WANDA), HUGO, "hi").await.ok();
}

#[tokio::test]
async fn the_service_app_is_given_tokens_by_who_knows_its_secret() {
    let sandbox = Sandbox::start().await;
    let administrator = sandbox.administrator().await;
    let path = format!(
        "/applications/{}/token",
        sandbox.credential("/guest_issuer/app_id")
    );
    let body = json!({
        "clientId": sandbox.credential("/guest_issuer/client_id"),
        "clientSecret": sandbox.credential("/guest_issuer/client_secret"),
        "targetOrgId": sandbox.credential("/org_id"),
    });
    let tokens = sandbox.post(&administrator, &path, body.clone()).await.ok();
    let guest = json!({ "subject": "a", "displayName": "A" });
    let token = tokens.text("access_token");
    sandbox.post(&token, "/guests/token", guest).await.ok();
    let mut wrong = body.clone();
    wrong["clientSecret"] = json!("guess");
    assert_eq!(sandbox.post(&administrator, &path, wrong).await.status, 401);
    let person = sandbox.authorised(WANDA).await;
    assert_eq!(sandbox.post(&person, &path, body).await.status, 403);
}
