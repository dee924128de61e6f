//! Zoom's OAuth, as the sandbox serves it.

mod zoom_support;

use causeway_sandbox::{control_client::ZoomSwitches, faults::FaultKind};
use serde_json::json;
use zoom_support::{Answer, OLOF, PETRA, YARA, ZARA, Zoom, answer, text};

const REDIRECT: &str = "http://127.0.0.1:50123/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Opens the page and decides on it; answers where the browser is sent.
async fn authorize(zoom: &Zoom, client: &str, more: &[(&str, &str)]) -> (u16, String) {
    let client = zoom.credential(client);
    let page = zoom.http.get(zoom.oauth("authorize")).query(&[
        ("response_type", "code"),
        ("client_id", &client),
        ("redirect_uri", REDIRECT),
        ("state", "s1"),
    ]);
    let answer = answer(page.query(more)).await;
    (answer.status, answer.header("location").to_owned())
}

fn code(location: &str) -> String {
    let url = reqwest::Url::parse(location).expect("an address");
    let code = url.query_pairs().find(|(name, _)| name == "code");
    code.expect("a code").1.into_owned()
}

async fn signed_in(zoom: &Zoom, email: &str) -> String {
    let decision = [("login_hint", email), ("accept", "1")];
    let (status, location) = authorize(zoom, "/user_app/client_id", &decision).await;
    assert_eq!(status, 303);
    assert!(
        location.starts_with(&format!("{REDIRECT}?code=")),
        "{location}"
    );
    assert!(location.ends_with("&state=s1"));
    code(&location)
}

async fn redeemed(zoom: &Zoom, code: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
    ];
    zoom.token_call("user_app", &fields).await
}

async fn works(zoom: &Zoom, token: &str) -> (u16, u64) {
    zoom.get(token, "/chat/users/me/channels").await.refusal()
}

#[tokio::test]
async fn an_app_of_the_account_gets_a_token_for_an_hour_that_says_where_the_api_is() {
    let zoom = Zoom::start().await;
    let account = zoom.credential("/account_id");
    let fields = [
        ("grant_type", "account_credentials"),
        ("account_id", account.as_str()),
    ];
    let granted = zoom.token_call("server_to_server", &fields).await;
    assert_eq!(granted.status, 200);
    assert_eq!(granted.body["token_type"], "bearer");
    assert_eq!(granted.body["expires_in"], 3599);
    assert_eq!(format!("{}/v2", text(&granted.body["api_url"])), zoom.base);
    let scope = text(&granted.body["scope"]);
    assert!(scope.contains("team_chat:write:user_message:admin"));
    assert!(scope.contains("marketplace:write:websocket_connection"));
    assert!(granted.body["refresh_token"].is_null());

    let token = text(&granted.body["access_token"]);
    assert_eq!(zoom.get(&token, "/users").await.status, 200);
    zoom.advance(3_600_000).await;
    assert_eq!(zoom.get(&token, "/users").await.refusal(), (401, 124));
}

#[tokio::test]
async fn grants_are_refused_to_apps_they_are_not_for_and_to_wrong_secrets() {
    let zoom = Zoom::start().await;
    let other = [
        ("grant_type", "account_credentials"),
        ("account_id", "someone else's"),
    ];
    let refused = zoom.token_call("server_to_server", &other).await;
    assert_eq!(
        (refused.status, text(&refused.body["error"])),
        (400, "invalid_request".into())
    );
    let refused = zoom.token_call("chatbot", &other).await;
    assert_eq!(refused.body["error"], "unauthorized_client");
    let refused = zoom
        .token_call("chatbot", &[("grant_type", "password")])
        .await;
    assert_eq!(refused.body["error"], "unsupported_grant_type");
    let wrong = zoom
        .http
        .post(zoom.oauth("token"))
        .basic_auth(zoom.credential("/chatbot/client_id"), Some("wrong"))
        .form(&[("grant_type", "client_credentials")]);
    let refused = answer(wrong).await;
    assert_eq!(
        (refused.status, text(&refused.body["error"])),
        (401, "invalid_client".into())
    );
}

#[tokio::test]
async fn the_chatbots_token_is_for_the_chatbot_alone() {
    let zoom = Zoom::start().await;
    let token = zoom.robot_token().await;
    let refused = zoom.get(&token, "/users").await;
    assert_eq!(refused.refusal(), (400, 4711));
    assert!(text(&refused.body["message"]).contains("user:read:list_users:admin"));
}

#[tokio::test]
async fn somebody_authorises_the_app_and_their_code_is_good_once() {
    let zoom = Zoom::start().await;
    let code = signed_in(&zoom, OLOF).await;
    let granted = redeemed(&zoom, &code).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    let token = text(&granted.body["access_token"]);
    assert_eq!(zoom.get(&token, "/users/me").await.body["email"], OLOF);
    let again = redeemed(&zoom, &code).await;
    assert_eq!(
        (again.status, text(&again.body["error"])),
        (400, "invalid_grant".into())
    );

    let late = signed_in(&zoom, OLOF).await;
    zoom.advance(5 * 60_000).await;
    assert_eq!(redeemed(&zoom, &late).await.status, 400);
}

#[tokio::test]
async fn the_page_asks_and_whoever_declines_is_sent_back() {
    let zoom = Zoom::start().await;
    assert_eq!(authorize(&zoom, "/user_app/client_id", &[]).await.0, 200);
    let (status, location) = authorize(&zoom, "/user_app/client_id", &[("deny", "1")]).await;
    assert_eq!(status, 303);
    assert_eq!(location, format!("{REDIRECT}?error=access_denied&state=s1"));
    for stranger in ["nobody@acme.example", PETRA] {
        let decision = [("login_hint", stranger), ("accept", "1")];
        let (status, _) = authorize(&zoom, "/user_app/client_id", &decision).await;
        assert_eq!(status, 400, "{stranger}");
    }
    let switches = ZoomSwitches {
        user_apps: Some(false),
        ..ZoomSwitches::default()
    };
    zoom.control.zoom(&switches).await.expect("switches");
    let decision = [("login_hint", OLOF), ("accept", "1")];
    let (status, location) = authorize(&zoom, "/user_app/client_id", &decision).await;
    assert_eq!(status, 303);
    assert!(location.starts_with(&format!("{REDIRECT}?error=access_denied")));
    assert!(location.contains("administrator"), "{location}");
}

#[tokio::test]
async fn the_public_client_proves_itself_by_the_verifier_alone() {
    let zoom = Zoom::start().await;
    let decision = [("login_hint", OLOF), ("accept", "1")];
    let bare = authorize(&zoom, "/user_app/public_client_id", &decision).await;
    assert_eq!(bare.0, 400);
    let asked = [
        ("login_hint", OLOF),
        ("accept", "1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let client = zoom.credential("/user_app/public_client_id");
    let redeem = async |verifier: &str| {
        let (_, location) = authorize(&zoom, "/user_app/public_client_id", &asked).await;
        let request = zoom.http.post(zoom.oauth("token")).form(&[
            ("grant_type", "authorization_code"),
            ("client_id", &client),
            ("code", &code(&location)),
            ("redirect_uri", REDIRECT),
            ("code_verifier", verifier),
        ]);
        answer(request).await
    };
    assert_eq!(redeem("not it").await.body["error"], "invalid_grant");
    let granted = redeem(VERIFIER).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    // Its refresh token is not the confidential app's.
    let refresh = text(&granted.body["refresh_token"]);
    assert_eq!(zoom.refreshed(&refresh).await.status, 400);
    let own = zoom.http.post(zoom.oauth("token")).form(&[
        ("grant_type", "refresh_token"),
        ("client_id", &client),
        ("refresh_token", &refresh),
    ]);
    assert_eq!(answer(own).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_replaced_and_good_once() {
    let zoom = Zoom::start().await;
    let first = zoom.credential(&format!("/refresh_tokens/{ZARA}"));
    let granted = zoom.refreshed(&first).await;
    assert_eq!(granted.status, 200);
    let second = text(&granted.body["refresh_token"]);
    assert_ne!(first, second);
    let again = zoom.refreshed(&first).await;
    assert_eq!(
        (again.status, text(&again.body["error"])),
        (400, "invalid_grant".into())
    );
    assert_eq!(zoom.refreshed(&second).await.status, 200);
}

#[tokio::test]
async fn a_new_authorization_revokes_what_the_person_had_authorised() {
    let zoom = Zoom::start().await;
    let granted = zoom
        .refreshed(&zoom.credential(&format!("/refresh_tokens/{ZARA}")))
        .await;
    let (old, refresh) = (
        text(&granted.body["access_token"]),
        text(&granted.body["refresh_token"]),
    );
    let other = zoom.token_of(YARA).await;
    redeemed(&zoom, &signed_in(&zoom, ZARA).await).await;
    assert_eq!(works(&zoom, &old).await, (401, 4741));
    let refused = zoom.refreshed(&refresh).await;
    assert!(text(&refused.body["reason"]).contains("newer authorization"));
    assert_eq!(works(&zoom, &other).await, (200, 0));
}

#[tokio::test]
async fn whoever_revokes_a_token_ends_what_it_came_with_and_the_account_is_told() {
    let zoom = Zoom::start().await;
    let mut socket = zoom.socket().await;
    let granted = zoom
        .refreshed(&zoom.credential(&format!("/refresh_tokens/{ZARA}")))
        .await;
    let token = text(&granted.body["access_token"]);
    let request = zoom.http.post(zoom.oauth("revoke")).basic_auth(
        zoom.credential("/user_app/client_id"),
        Some(zoom.credential("/user_app/client_secret")),
    );
    let revoked = answer(request.form(&[("token", &token)])).await;
    assert_eq!(revoked.body, json!({"status": "success"}));
    assert_eq!(works(&zoom, &token).await, (401, 124));
    let refresh = text(&granted.body["refresh_token"]);
    assert_eq!(zoom.refreshed(&refresh).await.status, 400);
    let told = socket.event().await;
    assert_eq!(told["event"], "app_deauthorized");
    assert_eq!(
        told["payload"]["client_id"],
        zoom.credential("/user_app/client_id").as_str()
    );
}

#[tokio::test]
async fn scopes_that_were_withheld_are_missing_in_new_tokens() {
    let zoom = Zoom::set_up(ZoomSwitches {
        withheld: Some(vec!["user:read:list_users:admin".to_owned()]),
        ..ZoomSwitches::default()
    })
    .await;
    let token = zoom.account_token().await;
    assert_eq!(zoom.get(&token, "/users").await.refusal(), (400, 4711));
    assert_eq!(
        zoom.get(&token, &format!("/users/{ZARA}")).await.status,
        200
    );
}

#[tokio::test]
async fn armed_faults_revoke_and_expire_the_token_that_is_used() {
    let zoom = Zoom::start().await;
    let token = zoom.token_of(ZARA).await;
    zoom.fault("GET /chat/users/{userId}/channels", FaultKind::Expire)
        .await;
    assert_eq!(works(&zoom, &token).await, (401, 124));
    let account = zoom.account_token().await;
    zoom.fault("GET /users", FaultKind::Revoke).await;
    assert_eq!(zoom.get(&account, "/users").await.refusal(), (401, 124));
    assert_eq!(
        zoom.get(&zoom.account_token().await, "/users").await.status,
        200
    );
}
