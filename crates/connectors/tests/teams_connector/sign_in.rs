use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use causeway_connectors::{
    AuthorizeLink, Connector, DevicePoll, Secret, SignIn, SignInFailure, SignedIn,
    teams::TeamsConnector,
};
use causeway_model::{FailureKind, SignInWay, Timestamp};
use serde_json::{Value, json};
use url::Url;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_string_contains, header, method, path, query_param},
};

use crate::support::*;

const ENTRA: &str = "/login/7e7e7e7e-0000-4000-8000-00000000007e/oauth2/v2.0";
const SCOPES: &str = "openid profile offline_access https://graph.microsoft.com/Chat.ReadWrite \
                      https://graph.microsoft.com/User.Read";

fn token() -> String {
    format!("{ENTRA}/token")
}

fn jwt(claims: Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    format!(
        "{header}.{}.c2ln",
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

fn granted(id_token: Option<Value>, access: &str) -> Value {
    let mut granted = json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": access,
        "scope": "Chat.ReadWrite User.Read openid profile", "refresh_token": "next" });
    if let Some(claims) = id_token {
        granted["id_token"] = jwt(claims).into();
    }
    granted
}

fn anns() -> Option<Value> {
    Some(json!({ "oid": ANN, "tid": TENANT, "aud": CLIENT }))
}

fn refused(error: &str, code: u32) -> Value {
    json!({ "error": error, "error_description": format!("AADSTS{code}: ann@acme.example is not served."), "error_codes": [code] })
}

fn of(connector: &TeamsConnector) -> &dyn SignIn {
    connector.sign_in().expect("Teams has sign-in")
}

async fn poll(tenant: &Tenant) -> Result<DevicePoll, SignInFailure> {
    let connector = tenant.connector();
    of(&connector).poll_device(&Secret::new("d3vice")).await
}

async fn signed_in(tenant: &Tenant) -> Result<SignedIn, SignInFailure> {
    match poll(tenant).await? {
        DevicePoll::SignedIn(signed_in) => Ok(signed_in),
        other => panic!("{other:?}"),
    }
}

async fn redeem(tenant: &Tenant) -> Result<SignedIn, SignInFailure> {
    let callback: Url = "https://hub.example/c/callback".parse().expect("a URL");
    let connector = tenant.connector();
    let verifier = Secret::new("v3rifier-v3rifier-v3rifier-v3rifier-v3rifier");
    of(&connector)
        .redeem_code("c0de", &callback, &verifier)
        .await
}

async fn with_password(tenant: &Tenant) -> Result<SignedIn, SignInFailure> {
    let connector = tenant.connector();
    let password = Secret::new("p4ss");
    of(&connector)
        .with_password("guest@acme.example", &password)
        .await
}

async fn forms(tenant: &Tenant, at: &str) -> Vec<Vec<(String, String)>> {
    let requests = tenant.server.received_requests().await.expect("recording");
    let requests = requests.iter().filter(|request| request.url.path() == at);
    requests
        .map(|request| {
            url::form_urlencoded::parse(&request.body)
                .into_owned()
                .collect()
        })
        .collect()
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let field = form.iter().find(|(field, _)| field == name);
    field.map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn a_device_code_is_asked_for_without_the_secret_and_for_all_scopes_at_once() {
    let tenant = Tenant::start().await;
    let begun = json!({ "device_code": "d3vice", "user_code": "ABCD-1234", "expires_in": 900,
        "verification_uri": "https://microsoft.com/devicelogin", "message": "x" });
    answer(
        &tenant.server,
        "POST",
        &format!("{ENTRA}/devicecode"),
        200,
        begun,
    )
    .await;
    let connector = tenant.connector();
    assert_eq!(
        of(&connector).ways(),
        [SignInWay::DeviceCode, SignInWay::Link]
    );
    let code = of(&connector).begin_device().await.expect("a code");
    assert_eq!(code.secret, Secret::new("d3vice"));
    assert_eq!(code.user_code, "ABCD-1234");
    assert_eq!(code.verification_uri, "https://microsoft.com/devicelogin");
    assert_eq!(code.interval_ms, 5_000);
    assert_eq!(code.expires_at, Timestamp(NOW + 900_000));
    let form = &forms(&tenant, &format!("{ENTRA}/devicecode")).await[0];
    assert_eq!(field(form, "client_id"), Some(CLIENT));
    assert_eq!(field(form, "client_secret"), None);
    assert_eq!(field(form, "scope"), Some(SCOPES));
}

#[tokio::test]
async fn the_times_of_a_fast_platform_are_told_by_our_clock() {
    let mut tenant = Tenant::start().await;
    tenant.settings.pace = 60.0;
    let begun = json!({ "device_code": "d3vice", "user_code": "A", "expires_in": 900, "interval": 3,
        "verification_uri": "https://microsoft.com/devicelogin" });
    answer(
        &tenant.server,
        "POST",
        &format!("{ENTRA}/devicecode"),
        200,
        begun,
    )
    .await;
    let connector = tenant.connector();
    let code = of(&connector).begin_device().await.expect("a code");
    assert_eq!(code.interval_ms, 50);
    assert_eq!(code.expires_at, Timestamp(NOW + 15_000));
}

#[tokio::test]
async fn a_code_that_was_used_tells_who_signed_in() {
    let tenant = Tenant::start().await;
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(anns(), "new"),
    )
    .await;
    let signed_in = signed_in(&tenant).await.expect("signed in");
    assert_eq!(signed_in.account, account(ANN));
    let tokens = signed_in.tokens;
    assert_eq!(tokens.access, Some(Secret::new("new")));
    assert_eq!(tokens.refresh, Some(Secret::new("next")));
    assert_eq!(tokens.expires_at, Some(Timestamp(NOW + 3_600_000)));
    assert_eq!(tokens.scopes, "Chat.ReadWrite User.Read openid profile");
    let form = &forms(&tenant, &token()).await[0];
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    assert_eq!(field(form, "grant_type"), Some(grant));
    assert_eq!(field(form, "device_code"), Some("d3vice"));
    assert_eq!(field(form, "client_secret"), None);
    // Nothing is kept by the connector itself.
    assert!(tenant.vault.log().is_empty());
}

#[tokio::test]
async fn a_code_that_was_not_used_yet_is_pending() {
    for (word, polled) in [
        ("authorization_pending", DevicePoll::Pending),
        ("slow_down", DevicePoll::SlowDown),
    ] {
        let tenant = Tenant::start().await;
        answer(&tenant.server, "POST", &token(), 400, refused(word, 70_016)).await;
        assert_eq!(poll(&tenant).await, Ok(polled));
    }
}

#[tokio::test]
async fn an_app_that_must_prove_itself_sends_its_secret_from_then_on() {
    let tenant = Tenant::start().await;
    Mock::given(body_string_contains("client_secret=s3cret"))
        .respond_with(
            ResponseTemplate::new(400).set_body_json(refused("authorization_pending", 70_016)),
        )
        .expect(2)
        .mount(&tenant.server)
        .await;
    let proof = refused("invalid_client", 7_000_218);
    answer(&tenant.server, "POST", &token(), 401, proof).await;
    let connector = tenant.connector();
    for _ in 0..2 {
        let polled = of(&connector).poll_device(&Secret::new("d3vice")).await;
        assert_eq!(polled, Ok(DevicePoll::Pending));
    }
    assert_eq!(forms(&tenant, &token()).await.len(), 3);
}

#[tokio::test]
async fn an_app_without_a_secret_cannot_prove_itself() {
    let mut tenant = Tenant::start().await;
    tenant.settings.client_secret = None;
    let proof = refused("invalid_client", 7_000_218);
    answer(&tenant.server, "POST", &token(), 401, proof).await;
    let failure = SignInFailure::NotSupported("AADSTS7000218".to_owned());
    assert_eq!(poll(&tenant).await, Err(failure));
    assert_eq!(forms(&tenant, &token()).await.len(), 1);
}

/// What an error means, by device code, by link, and by password.
type Row = (&'static str, u32, [fn(String) -> SignInFailure; 3]);

#[tokio::test]
async fn each_refusal_of_entra_means_one_thing_in_each_way() {
    use SignInFailure::{
        AdministratorOnly, Declined, DeviceCodeBlocked, Expired, Forbidden, NotSupported,
        SecondFactorRequired,
    };
    let declined: fn(String) -> SignInFailure = |_| Declined;
    let expired: fn(String) -> SignInFailure = |_| Expired;
    let table: [Row; 24] = [
        ("authorization_declined", 70_000, [declined; 3]),
        ("access_denied", 65_004, [declined; 3]),
        ("expired_token", 70_020, [expired; 3]),
        ("bad_verification_code", 70_019, [expired; 3]),
        ("bad_verification_code", 1, [expired; 3]),
        ("invalid_grant", 70_008, [expired; 3]),
        ("invalid_grant", 65_001, [AdministratorOnly; 3]),
        ("invalid_grant", 90_094, [AdministratorOnly; 3]),
        ("invalid_grant", 90_095, [AdministratorOnly; 3]),
        ("consent_required", 2, [AdministratorOnly; 3]),
        (
            "invalid_grant",
            53_003,
            [DeviceCodeBlocked, Forbidden, Forbidden],
        ),
        (
            "invalid_grant",
            50_199,
            [DeviceCodeBlocked, Forbidden, Forbidden],
        ),
        (
            "invalid_grant",
            530_034,
            [DeviceCodeBlocked, Forbidden, Forbidden],
        ),
        (
            "invalid_grant",
            530_035,
            [DeviceCodeBlocked, Forbidden, Forbidden],
        ),
        ("interaction_required", 50_076, [SecondFactorRequired; 3]),
        ("invalid_grant", 50_079, [SecondFactorRequired; 3]),
        ("invalid_grant", 50_158, [SecondFactorRequired; 3]),
        ("access_denied", 500_213, [Forbidden; 3]),
        ("invalid_grant", 50_020, [Forbidden; 3]),
        ("invalid_grant", 50_057, [Forbidden; 3]),
        ("invalid_request", 90_072, [Forbidden; 3]),
        ("invalid_grant", 50_034, [NotSupported; 3]),
        ("invalid_grant", 50_126, [NotSupported; 3]),
        ("unsupported_grant_type", 70_003, [NotSupported; 3]),
    ];
    for (error, code, [device, link, password]) in table {
        let tenant = Tenant::start().await;
        answer(&tenant.server, "POST", &token(), 400, refused(error, code)).await;
        let named = format!("AADSTS{code}");
        let told = [
            (poll(&tenant).await.map(drop), device),
            (redeem(&tenant).await.map(drop), link),
            (with_password(&tenant).await.map(drop), password),
        ];
        for (told, wanted) in told {
            let wanted = wanted(named.clone());
            assert_eq!(told, Err(wanted), "{error}, {code}");
            assert!(!format!("{told:?}").contains("acme.example"));
        }
    }
}

#[tokio::test]
async fn a_suberror_says_that_an_administrator_must_consent() {
    let tenant = Tenant::start().await;
    let mut body = refused("invalid_grant", 1);
    body["suberror"] = "consent_required".into();
    answer(&tenant.server, "POST", &token(), 400, body).await;
    let failure = SignInFailure::AdministratorOnly("AADSTS1".to_owned());
    assert_eq!(poll(&tenant).await, Err(failure));
}

#[tokio::test]
async fn trouble_at_entra_says_nothing_about_the_person() {
    let slow = ResponseTemplate::new(429).insert_header("Retry-After", "7");
    let after_ms = Some(7_000);
    let table = [
        (slow, FailureKind::Throttled { after_ms }),
        (ResponseTemplate::new(502), FailureKind::NotSent),
        (
            ResponseTemplate::new(200).set_body_string("<html>"),
            FailureKind::NotSent,
        ),
        (
            ResponseTemplate::new(400).set_body_string("<html>"),
            FailureKind::NotSent,
        ),
        (
            ResponseTemplate::new(401).set_body_json(refused("invalid_client", 7_000_215)),
            FailureKind::NotAuthorised,
        ),
        (
            ResponseTemplate::new(400).set_body_json(refused("invalid_request", 900_144)),
            FailureKind::Rejected,
        ),
    ];
    for (response, kind) in table {
        let tenant = Tenant::start().await;
        Mock::given(method("POST"))
            .respond_with(response)
            .mount(&tenant.server)
            .await;
        for outcome in [
            poll(&tenant).await.map(drop),
            redeem(&tenant).await.map(drop),
        ] {
            match outcome {
                Err(SignInFailure::Failed(failure)) => assert_eq!(failure.kind, kind),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn who_is_of_another_tenant_or_another_app_is_nobody_here() {
    let tenant = Tenant::start().await;
    let other = json!({ "oid": ANN, "tid": BOB, "aud": CLIENT });
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(Some(other), "new"),
    )
    .await;
    let outcome = signed_in(&tenant).await.map(drop);
    assert_eq!(outcome, Err(SignInFailure::WrongOrganisation));
    let tenant = Tenant::start().await;
    let other = json!({ "oid": ANN, "tid": TENANT, "aud": BOB });
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(Some(other), "new"),
    )
    .await;
    assert!(matches!(
        signed_in(&tenant).await,
        Err(SignInFailure::Failed(_))
    ));
}

#[tokio::test]
async fn a_tenant_known_by_its_domain_is_found_by_its_issuer() {
    for (tid, right) in [(TENANT, true), (BOB, false)] {
        let mut tenant = Tenant::start().await;
        tenant.settings.tenant = "acme.example".to_owned();
        let place = "/login/acme.example";
        let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let discovery = format!("{place}/v2.0/.well-known/openid-configuration");
        get(&tenant.server, &discovery, json!({ "issuer": issuer })).await;
        let claims = json!({ "oid": ANN, "tid": tid, "aud": CLIENT });
        let at = format!("{place}/oauth2/v2.0/token");
        answer(
            &tenant.server,
            "POST",
            &at,
            200,
            granted(Some(claims), "new"),
        )
        .await;
        let outcome = signed_in(&tenant).await;
        match right {
            true => assert_eq!(outcome.expect("signed in").account, account(ANN)),
            false => assert_eq!(outcome, Err(SignInFailure::WrongOrganisation)),
        }
    }
}

#[tokio::test]
async fn without_an_id_token_the_access_token_or_graph_tells_who_it_is() {
    let tenant = Tenant::start().await;
    let access = jwt(json!({ "oid": BOB, "tid": TENANT, "aud": "https://graph.microsoft.com" }));
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(None, &access),
    )
    .await;
    let bob = signed_in(&tenant).await.expect("signed in");
    assert_eq!(bob.account, account(BOB));
    let tenant = Tenant::start().await;
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(None, "opaque"),
    )
    .await;
    Mock::given(path("/v1.0/me"))
        .and(query_param("$select", "id"))
        .and(header("authorization", "Bearer opaque"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "id": ANN })))
        .expect(1)
        .mount(&tenant.server)
        .await;
    let ann = signed_in(&tenant).await.expect("signed in");
    assert_eq!(ann.account, account(ANN));
}

#[tokio::test]
async fn the_link_asks_for_a_code_with_pkce_and_lets_the_account_be_chosen() {
    let tenant = Tenant::start().await;
    let connector = tenant.connector();
    let callback: Url = "https://hub.example/c/callback".parse().expect("a URL");
    let link = AuthorizeLink {
        callback: &callback,
        state: "st&te",
        challenge: "ch4llenge",
    };
    let url = of(&connector).authorize_url(&link).expect("a link");
    assert_eq!(url.path(), format!("{ENTRA}/authorize"));
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://hub.example/c/callback"),
        ("scope", SCOPES),
        ("state", "st&te"),
        ("code_challenge", "ch4llenge"),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
    ] {
        assert_eq!(field(&query, name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_code_from_the_browser_is_redeemed_with_verifier_and_secret() {
    let tenant = Tenant::start().await;
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(anns(), "new"),
    )
    .await;
    let ann = redeem(&tenant).await.expect("signed in");
    assert_eq!(ann.account, account(ANN));
    let form = &forms(&tenant, &token()).await[0];
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c0de"),
        ("redirect_uri", "https://hub.example/c/callback"),
        (
            "code_verifier",
            "v3rifier-v3rifier-v3rifier-v3rifier-v3rifier",
        ),
        ("client_id", CLIENT),
        ("client_secret", "s3cret"),
    ] {
        assert_eq!(field(form, name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_native_app_redeems_without_the_secret_that_it_must_not_send() {
    let tenant = Tenant::start().await;
    Mock::given(body_string_contains("client_secret"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refused("invalid_client", 700_025)))
        .expect(1)
        .mount(&tenant.server)
        .await;
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(anns(), "new"),
    )
    .await;
    redeem(&tenant).await.expect("signed in");
}

async fn redeem_here(tenant: &Tenant, callback: &str) -> (Result<SignedIn, SignInFailure>, bool) {
    let callback: Url = callback.parse().expect("a URL");
    let connector = tenant.connector();
    let verifier = Secret::new("v3rifier-v3rifier-v3rifier-v3rifier-v3rifier");
    let redeemed = of(&connector).redeem_code("c0de", &callback, &verifier);
    let redeemed = redeemed.await;
    (redeemed, of(&connector).wanted_secret())
}

#[tokio::test]
async fn who_comes_back_to_this_machine_is_redeemed_without_the_secret() {
    for (callback, secret) in [
        ("http://localhost:50123/callback", None),
        ("causeway://callback", None),
        (
            "http://127.0.0.1:50123/hooks/consent/callback",
            Some("s3cret"),
        ),
        ("https://localhost/callback", Some("s3cret")),
    ] {
        let tenant = Tenant::start().await;
        let answered = granted(anns(), "new");
        answer(&tenant.server, "POST", &token(), 200, answered).await;
        let (signed_in, wanted) = redeem_here(&tenant, callback).await;
        assert_eq!(signed_in.expect("signed in").account, account(ANN));
        assert!(!wanted);
        let forms = forms(&tenant, &token()).await;
        assert_eq!(field(&forms[0], "client_secret"), secret, "{callback}");
        assert_eq!(field(&forms[0], "redirect_uri"), Some(callback));
    }
}

#[tokio::test]
async fn the_secret_is_sent_after_all_where_entra_asks_for_it_and_that_is_told() {
    let tenant = Tenant::start().await;
    Mock::given(body_string_contains("client_secret"))
        .respond_with(ResponseTemplate::new(200).set_body_json(granted(anns(), "new")))
        .expect(1)
        .mount(&tenant.server)
        .await;
    let refusal = refused("invalid_client", 7_000_218);
    answer(&tenant.server, "POST", &token(), 401, refusal).await;
    let (signed_in, wanted) = redeem_here(&tenant, "http://localhost:50123/callback").await;
    assert_eq!(signed_in.expect("signed in").account, account(ANN));
    assert!(wanted);
}

#[tokio::test]
async fn the_service_account_is_described_by_its_own_token() {
    let tenant = Tenant::start().await;
    let me = json!({ "id": "5e", "displayName": "Causeway", "mail": "chat@acme.example",
        "userPrincipalName": "causeway@acme.example", "accountEnabled": false, "userType": "Guest" });
    answer(&tenant.server, "GET", "/v1.0/me", 200, me).await;
    let own = tenant.connector().own_account().await.expect("an answer");
    let own = own.expect("it has one");
    assert_eq!((own.guest, own.active), (true, false));
    for name in ["5E", "chat@acme.example", "Causeway@acme.example"] {
        assert!(own.is_called(name), "{name}");
    }
    assert!(!own.is_called("ann@acme.example"));
}

#[tokio::test]
async fn a_password_is_given_to_the_tenant_alone() {
    let tenant = Tenant::start().await;
    answer(
        &tenant.server,
        "POST",
        &token(),
        200,
        granted(anns(), "new"),
    )
    .await;
    let ann = with_password(&tenant).await.expect("signed in");
    assert_eq!(ann.account, account(ANN));
    let form = &forms(&tenant, &token()).await[0];
    for (name, value) in [
        ("grant_type", "password"),
        ("username", "guest@acme.example"),
        ("password", "p4ss"),
        ("scope", SCOPES),
    ] {
        assert_eq!(field(form, name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn what_a_browser_brings_instead_of_a_code_is_read() {
    let tenant = Tenant::start().await;
    let connector = tenant.connector();
    let read = |error, description| of(&connector).read_error(error, description);
    let no = read(
        "access_denied",
        Some("AADSTS65004: User declined to consent."),
    );
    assert_eq!(no, SignInFailure::Declined);
    assert_eq!(read("access_denied", None), SignInFailure::Declined);
    let admin = read("access_denied", Some("AADSTS90094: An admin must consent."));
    assert_eq!(
        admin,
        SignInFailure::AdministratorOnly("AADSTS90094".to_owned())
    );
    let consent = read("consent_required", None);
    let wanted = SignInFailure::AdministratorOnly("consent_required".to_owned());
    assert_eq!(consent, wanted);
    let blocked = read("access_denied", Some("AADSTS53003: Blocked."));
    assert_eq!(blocked, SignInFailure::Forbidden("AADSTS53003".to_owned()));
    match read("server_error", Some("ann@acme.example")) {
        SignInFailure::Failed(failure) => {
            assert_eq!(failure.kind, FailureKind::NotSent);
            assert_eq!(failure.code, "server_error");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_administrator_consents_for_everyone_on_a_page_of_entra() {
    let tenant = Tenant::start().await;
    let connector = tenant.connector();
    let url = of(&connector).tenant_consent_url(None, "st4te");
    let url = url.expect("a page");
    assert_eq!(url.path(), format!("/login/{TENANT}/v2.0/adminconsent"));
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert_eq!(field(&query, "client_id"), Some(CLIENT));
    assert_eq!(field(&query, "scope"), Some(SCOPES));
    assert_eq!(field(&query, "state"), Some("st4te"));
    assert_eq!(field(&query, "redirect_uri"), None);
    let callback: Url = "https://hub.example/c".parse().expect("a URL");
    let url = of(&connector).tenant_consent_url(Some(&callback), "s");
    let url = url.expect("a page");
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert_eq!(field(&query, "redirect_uri"), Some("https://hub.example/c"));
}

#[tokio::test]
async fn an_impossible_pace_is_refused_at_once() {
    for pace in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut tenant = Tenant::start().await;
        tenant.settings.pace = pace;
        let built = TeamsConnector::new(
            tenant.settings.clone(),
            causeway_connectors::http::client().expect("a client"),
            tenant.vault.clone(),
            tenant.clock.clone(),
            tenant.random(),
            None,
        );
        assert_eq!(
            built.err().map(|failure| failure.detail),
            Some("pace".to_owned())
        );
    }
}
