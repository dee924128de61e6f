//! Entra: tokens, sign-in and their errors.

mod graph_support;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use causeway_sandbox::stand_in::StandIn;
use graph_support::{Sandbox, answer, text};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};

#[tokio::test]
async fn an_app_token_is_signed_by_the_published_key_and_carries_the_roles() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.app_token().await;
    let tenant = sandbox.credential("tenant");
    let configuration = answer(sandbox.http.get(format!(
        "{}/acme.example/v2.0/.well-known/openid-configuration",
        sandbox.entra
    )))
    .await
    .body;
    let keys = answer(sandbox.http.get(text(&configuration["jwks_uri"])))
        .await
        .body;
    let keys: JwkSet = serde_json::from_value(keys).expect("a key set");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["https://graph.microsoft.com"]);
    let claims = jsonwebtoken::decode::<Value>(
        &token,
        &DecodingKey::from_jwk(&keys.keys[0]).expect("an RSA key"),
        &validation,
    )
    .expect("a good signature")
    .claims;
    assert_eq!(claims["tid"], json!(tenant));
    assert_eq!(claims["idtyp"], "app");
    assert!(
        claims["roles"]
            .as_array()
            .expect("roles")
            .contains(&json!("Chat.Read.All"))
    );
    assert_eq!(
        claims["exp"].as_i64(),
        claims["iat"].as_i64().map(|at| at + 3600)
    );
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_client_and_a_wrong_scope_have_entras_own_errors() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.credential("client_id");
    let secret = sandbox.credential("client_secret");
    let ask = async |client: &str, secret: &str, scope: &str| {
        sandbox
            .token_call(&[
                ("grant_type", "client_credentials"),
                ("client_id", client),
                ("client_secret", secret),
                ("scope", scope),
            ])
            .await
    };
    let default = "https://graph.microsoft.com/.default";
    let refused = ask(&client, "nope", default).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (401, &json!("invalid_client"))
    );
    assert_eq!(refused.body["error_codes"], json!([7_000_215]));
    assert!(text(&refused.body["error_description"]).starts_with("AADSTS7000215: "));
    let refused = ask("somebody-else", &secret, default).await;
    assert_eq!(refused.body["error_codes"], json!([700_016]));
    let refused = ask(&client, &secret, "User.Read").await;
    assert_eq!(refused.body["error"], "invalid_scope");
}

#[tokio::test]
async fn a_client_may_name_itself_by_basic_authentication() {
    let sandbox = Sandbox::start().await;
    let url = format!("{}/acme.example/oauth2/v2.0/token", sandbox.entra);
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let request = sandbox.http.post(url).form(&fields);
    let granted = answer(request.basic_auth(
        sandbox.credential("client_id"),
        Some(sandbox.credential("client_secret")),
    ))
    .await;
    assert_eq!(granted.status, 200, "{}", granted.body);
}

#[tokio::test]
async fn refreshing_gives_a_new_refresh_token_and_the_old_one_stays_good() {
    let sandbox = Sandbox::start().await;
    let first = sandbox.refresh_token("ann@acme.example");
    let granted = sandbox.refreshed(&first).await;
    let second = text(&granted.body["refresh_token"]);
    assert_ne!(first, second);
    assert!(text(&granted.body["scope"]).contains("Chat.ReadWrite"));
    assert_eq!(sandbox.refreshed(&first).await.status, 200);
    assert_eq!(sandbox.refreshed(&second).await.status, 200);
    sandbox.shared.clock.advance(91 * 24 * 3600 * 1000);
    let late = sandbox.refreshed(&second).await;
    assert_eq!(late.body["error_codes"], json!([700_082]));
}

#[tokio::test]
async fn an_access_token_expires_after_an_hour_of_the_sandboxes_time() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token_of("ann@acme.example").await;
    assert_eq!(sandbox.get(&token, "/me").await.status, 200);
    sandbox.shared.clock.advance(3_600_000);
    let late = sandbox.get(&token, "/me").await;
    assert_eq!(
        (late.status, late.code()),
        (401, "InvalidAuthenticationToken")
    );
    assert!(late.headers.contains_key("www-authenticate"));
    let again = sandbox.token_of("ann@acme.example").await;
    assert_eq!(sandbox.get(&again, "/me").await.status, 200);
}

#[tokio::test]
async fn revoking_a_token_voids_the_persons_refresh_tokens_and_nobody_elses() {
    use causeway_sandbox::faults::{Fault, FaultKind};
    let sandbox = Sandbox::start().await;
    let token = sandbox.token_of("ann@acme.example").await;
    sandbox.shared.faults.arm(Fault {
        on: "teams".to_owned(),
        method: Some("GET /me".to_owned()),
        fault: FaultKind::Revoke,
        count: 1,
        ms: None,
    });
    assert_eq!(sandbox.get(&token, "/me").await.status, 401);
    let refused = sandbox
        .refreshed(&sandbox.refresh_token("ann@acme.example"))
        .await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("invalid_grant"))
    );
    assert_eq!(refused.body["error_codes"], json!([50_173]));
    assert!(
        !sandbox
            .tenant
            .account("ann@acme.example")
            .expect("Ann")
            .authorised
    );
    assert_eq!(
        sandbox
            .refreshed(&sandbox.refresh_token("bob@acme.example"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_deactivated_account_can_neither_refresh_nor_use_a_token_it_holds() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token_of("bob@acme.example").await;
    assert!(
        sandbox
            .tenant
            .set_account_enabled("bob@acme.example", false)
    );
    assert_eq!(sandbox.get(&token, "/me").await.status, 401);
    let refused = sandbox
        .refreshed(&sandbox.refresh_token("bob@acme.example"))
        .await;
    assert_eq!(refused.body["error_codes"], json!([50_057]));
}

#[tokio::test]
async fn a_device_code_waits_is_answered_once_and_names_who_signed_in() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.credential("client_id");
    let url = format!("{}/organizations/oauth2/v2.0/devicecode", sandbox.entra);
    let begun = answer(sandbox.http.post(url).form(&[
        ("client_id", client.as_str()),
        ("scope", "openid offline_access User.Read Chat.ReadWrite"),
    ]))
    .await
    .body;
    assert_eq!(
        (begun["expires_in"].as_i64(), begun["interval"].as_i64()),
        (Some(900), Some(5))
    );
    let device_code = text(&begun["device_code"]);
    let poll = async || {
        sandbox
            .token_call(&[
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("client_id", &client),
                ("device_code", &device_code),
            ])
            .await
    };
    assert_eq!(poll().await.body["error"], "authorization_pending");
    assert_eq!(poll().await.body["error"], "slow_down");
    sandbox.shared.clock.advance(6_000);
    assert_eq!(poll().await.body["error"], "authorization_pending");
    let code = text(&begun["user_code"]);
    assert!(
        sandbox
            .tenant
            .answer_device_code(&code, "pia@acme.example", true)
    );
    assert!(
        !sandbox
            .tenant
            .answer_device_code(&code, "bob@acme.example", true)
    );
    let granted = poll().await.body;
    assert_eq!(
        granted["scope"],
        "Chat.ReadWrite User.Read openid profile email"
    );
    let me = sandbox.get(&text(&granted["access_token"]), "/me").await;
    assert_eq!(text(&me.body["id"]), sandbox.user("pia@acme.example"));
    assert!(granted["refresh_token"].is_string() && granted["id_token"].is_string());
    assert_eq!(poll().await.body["error"], "bad_verification_code");
}

#[tokio::test]
async fn a_device_code_can_be_declined_and_runs_out() {
    let sandbox = Sandbox::start().await;
    let client = sandbox.credential("client_id");
    let begin = async || {
        let url = format!("{}/common/oauth2/v2.0/devicecode", sandbox.entra);
        let fields = [("client_id", client.as_str()), ("scope", "User.Read")];
        answer(sandbox.http.post(url).form(&fields)).await.body
    };
    let poll = async |begun: &Value| {
        let code = text(&begun["device_code"]);
        let fields = [
            ("grant_type", "device_code"),
            ("client_id", &client),
            ("device_code", &code),
        ];
        sandbox.token_call(&fields).await.body
    };
    let declined = begin().await;
    let code = text(&declined["user_code"]);
    assert!(
        sandbox
            .tenant
            .answer_device_code(&code, "pia@acme.example", false)
    );
    assert_eq!(poll(&declined).await["error"], "authorization_declined");
    let late = begin().await;
    sandbox.shared.clock.advance(901_000);
    assert_eq!(poll(&late).await["error"], "expired_token");
    let code = text(&late["user_code"]);
    assert!(
        !sandbox
            .tenant
            .answer_device_code(&code, "pia@acme.example", true)
    );
}

#[tokio::test]
async fn an_authorization_code_needs_its_verifier_and_its_redirect_and_works_once() {
    let sandbox = Sandbox::start().await;
    let verifier = "a-verifier-of-at-least-forty-three-characters-0123";
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let redirect = "http://localhost:5000/callback";
    let client = sandbox.credential("client_id");
    let authorize = async |extra: &[(&str, &str)]| {
        let url = format!("{}/organizations/oauth2/v2.0/authorize", sandbox.entra);
        let query = [
            ("client_id", client.as_str()),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", "offline_access Chat.ReadWrite"),
            ("state", "s 1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        answer(sandbox.http.get(url).query(&query).query(extra)).await
    };
    let location = |answer: &graph_support::Answer| {
        let text = answer.headers["location"]
            .to_str()
            .expect("a location")
            .to_owned();
        url::Url::parse(&text).expect("an address")
    };
    let parameter = |url: &url::Url, wanted: &str| {
        url.query_pairs()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let sent_back = authorize(&[("login_hint", "ann@acme.example")]).await;
    let back = location(&sent_back);
    assert!(back.as_str().starts_with(redirect));
    assert_eq!(parameter(&back, "state").as_deref(), Some("s 1"));
    let code = parameter(&back, "code").expect("a code");
    let redeem = async |code: &str, verifier: &str| {
        sandbox
            .token_call(&[
                ("grant_type", "authorization_code"),
                ("client_id", &client),
                ("code", code),
                ("redirect_uri", redirect),
                ("code_verifier", verifier),
            ])
            .await
    };
    assert_eq!(redeem(&code, verifier).await.status, 200);
    assert_eq!(
        redeem(&code, verifier).await.body["error_codes"],
        json!([70_008])
    );
    let other = location(&authorize(&[("login_hint", "ann@acme.example")]).await);
    let other = parameter(&other, "code").expect("a code");
    assert_eq!(redeem(&other, "wrong").await.body["error"], "invalid_grant");

    // Eli has an account and never authorised the app: a page, then his own decision.
    assert_eq!(
        authorize(&[("login_hint", "eli@acme.example")])
            .await
            .status,
        200
    );
    let declined = location(&authorize(&[("deny", "1")]).await);
    assert_eq!(
        parameter(&declined, "error").as_deref(),
        Some("access_denied")
    );
    let accepted =
        location(&authorize(&[("login_hint", "eli@acme.example"), ("accept", "1")]).await);
    assert!(parameter(&accepted, "code").is_some());
}

/// The code that Ann's browser brings back to an address.
async fn code_for(sandbox: &Sandbox, redirect: &str, scope: &str) -> Result<String, u16> {
    let client = sandbox.credential("client_id");
    let url = format!("{}/organizations/oauth2/v2.0/authorize", sandbox.entra);
    let query = [
        ("client_id", client.as_str()),
        ("response_type", "code"),
        ("redirect_uri", redirect),
        ("scope", scope),
        ("login_hint", "ann@acme.example"),
        ("accept", "1"),
    ];
    let sent_back = answer(sandbox.http.get(url).query(&query)).await;
    let Some(location) = sent_back.headers.get("location") else {
        return Err(sent_back.status);
    };
    let location = location.to_str().expect("a location");
    let location = url::Url::parse(location).expect("an address");
    let mut pairs = location.query_pairs().into_owned();
    let code = pairs.find(|(name, _)| name == "code");
    Ok(code.expect("a code").1)
}

async fn redeemed(
    sandbox: &Sandbox,
    redirect: &str,
    code: &str,
    secret: Option<&str>,
) -> graph_support::Answer {
    let client = sandbox.credential("client_id");
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", client.as_str()),
        ("code", code),
        ("redirect_uri", redirect),
    ];
    fields.extend(secret.map(|secret| ("client_secret", secret)));
    sandbox.token_call(&fields).await
}

const OFFLINE: &str = "openid offline_access User.Read";

#[tokio::test]
async fn a_native_app_sends_no_secret_and_a_web_app_does() {
    let sandbox = Sandbox::start().await;
    let secret = sandbox.credential("client_secret");
    for native in ["http://localhost:4711/callback", "causeway://callback"] {
        let code = code_for(&sandbox, native, OFFLINE).await.expect("a code");
        let refused = redeemed(&sandbox, native, &code, Some(&secret)).await;
        assert_eq!(refused.body["error_codes"], json!([700_025]));
        // Who it is was refused, not what it brought.
        let granted = redeemed(&sandbox, native, &code, None).await;
        assert_eq!(granted.status, 200, "{}", granted.body);
        let client = sandbox.credential("client_id");
        let refresh = text(&granted.body["refresh_token"]);
        let renewed = async |extra: &[(&str, &str)]| {
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", client.as_str()),
                ("refresh_token", refresh.as_str()),
            ];
            sandbox.token_call(&[&fields, extra].concat()).await
        };
        assert_eq!(renewed(&[]).await.status, 200);
        let refused = renewed(&[("client_secret", secret.as_str())]).await;
        assert_eq!(refused.body["error_codes"], json!([700_025]));
    }
    let web = "https://hub.example/hooks/consent/callback";
    let code = code_for(&sandbox, web, OFFLINE).await.expect("a code");
    let refused = redeemed(&sandbox, web, &code, None).await;
    assert_eq!(refused.body["error_codes"], json!([7_000_218]));
    let granted = redeemed(&sandbox, web, &code, Some(&secret)).await;
    assert_eq!(granted.status, 200);
}

#[tokio::test]
async fn sign_ins_come_back_only_to_what_is_registered_and_to_the_very_address_they_began_with() {
    let sandbox = Sandbox::start().await;
    for stranger in [
        "http://127.0.0.1:4711/callback",
        "http://localhost:4711/elsewhere",
        "other://callback",
    ] {
        let refused = code_for(&sandbox, stranger, OFFLINE).await;
        assert_eq!(refused, Err(400), "{stranger}");
    }
    let began = "http://localhost:4711/callback";
    let code = code_for(&sandbox, began, OFFLINE).await.expect("a code");
    let other = "http://localhost:4712/callback";
    let refused = redeemed(&sandbox, other, &code, None).await;
    assert_eq!(refused.body["error_codes"], json!([50_011]));
}

#[tokio::test]
async fn who_did_not_ask_for_offline_access_gets_no_refresh_token() {
    let sandbox = Sandbox::start().await;
    let native = "http://localhost:4711/callback";
    for (scope, renewable) in [(OFFLINE, true), ("openid User.Read", false)] {
        let code = code_for(&sandbox, native, scope).await.expect("a code");
        let granted = redeemed(&sandbox, native, &code, None).await;
        assert_eq!(granted.status, 200);
        assert_eq!(granted.body["refresh_token"].is_string(), renewable);
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_refused_and_its_own_names_are_taken() {
    let sandbox = Sandbox::start().await;
    let get = async |name: &str| {
        let url = format!(
            "{}/{name}/v2.0/.well-known/openid-configuration",
            sandbox.entra
        );
        answer(sandbox.http.get(url)).await.status
    };
    let tenant = sandbox.credential("tenant");
    for name in [tenant.as_str(), "acme.example", "organizations", "common"] {
        assert_eq!(get(name).await, 200, "{name}");
    }
    assert_eq!(get("elsewhere.example").await, 400);
}
