//! What is checked before anybody relies on the connection.

use causeway_connectors::Connector;
use causeway_model::{Check, CheckCode, Depth, Outcome};
use serde_json::{Value, json};

use crate::support::{Account, HUB, answer, answer_once, get, refusal};

const CLASSIC: &str = "user:write:admin chat_message:write:admin chat_channel:write:admin \
                       marketplace:write:websocket_connection";

async fn ready(scopes: &str) -> Account {
    let at = Account::start().await;
    let token = json!({ "access_token": "t", "expires_in": 3600, "scope": scopes });
    answer(&at.server, "POST", "/oauth/token", 200, token).await;
    let channels = json!({ "channels": [] });
    get(
        &at.server,
        &format!("/v2/chat/users/{HUB}/channels"),
        channels,
    )
    .await;
    let canary = format!("/v2/chat/users/{HUB}/messages/00000000-0000-0000-0000-000000000000");
    answer(&at.server, "PUT", &canary, 404, refusal(0)).await;
    at
}

fn outcome(checks: &[Check], code: CheckCode) -> Vec<Outcome> {
    let of = checks.iter().filter(|check| check.code == code);
    of.map(|check| check.outcome).collect()
}

#[tokio::test]
async fn an_account_that_is_ready_passes_and_nothing_is_written() {
    let at = ready(CLASSIC).await;
    let checks = at.connector().preflight(Depth::Whole, &[]).await;
    let failed: Vec<&Check> = checks
        .iter()
        .filter(|check| check.outcome == Outcome::Failed)
        .filter(|check| check.code != CheckCode::ClockSkew)
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    for code in [
        CheckCode::Reading,
        CheckCode::Writing,
        CheckCode::ServiceMember,
    ] {
        assert_eq!(outcome(&checks, code), [Outcome::Passed], "{code:?}");
    }
    assert_eq!(
        outcome(&checks, CheckCode::GuestInvitations),
        [Outcome::Unknown]
    );
    assert_eq!(outcome(&checks, CheckCode::Socket), []);
    assert!(
        at.sent("POST", &format!("/v2/chat/users/{HUB}/messages"))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_scope_that_is_missing_is_named() {
    let mut at = ready("user:read:list_users:admin user:read:user:admin").await;
    at.settings.subscription_id = Some("sub".to_owned());
    let checks = at.connector().preflight(Depth::Whole, &[]).await;
    let missing: Vec<&str> = checks
        .iter()
        .filter(|check| check.code == CheckCode::AppPermission)
        .filter(|check| check.outcome == Outcome::Failed)
        .filter_map(|check| check.subject.as_deref())
        .collect();
    assert!(missing.contains(&"team_chat:write:user_message:admin"));
    assert!(missing.contains(&"marketplace:write:websocket_connection"));
    assert!(!missing.contains(&"user:read:user:admin"));
    assert_eq!(
        outcome(&checks, CheckCode::GuestInvitations),
        [Outcome::Failed]
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_where_it_is() {
    let wrong = |status: &'static str| {
        let mut user: Value = crate::support::user(HUB, "hub@acme.example");
        user["status"] = status.into();
        user
    };
    let at = ready(CLASSIC).await;
    answer_once(
        &at.server,
        "GET",
        "/v2/users/hub@acme.example",
        200,
        wrong("pending"),
    )
    .await;
    let checks = at.connector().preflight(Depth::Whole, &[]).await;
    assert_eq!(
        outcome(&checks, CheckCode::ServiceMember),
        [Outcome::Failed]
    );

    let at = ready(CLASSIC).await;
    let canary = format!("/v2/chat/users/{HUB}/messages/00000000-0000-0000-0000-000000000000");
    answer_once(&at.server, "PUT", &canary, 403, refusal(200)).await;
    let checks = at.connector().preflight(Depth::Canary, &[]).await;
    assert_eq!(outcome(&checks, CheckCode::Writing), [Outcome::Failed]);
    assert_eq!(outcome(&checks, CheckCode::Reading), [Outcome::Passed]);
    assert_eq!(outcome(&checks, CheckCode::AppPermission), []);
}

#[tokio::test]
async fn a_wrong_secret_and_a_platform_that_is_away_are_told_apart() {
    let at = Account::start().await;
    let no = json!({ "error": "invalid_client" });
    answer_once(&at.server, "POST", "/oauth/token", 400, no).await;
    let checks = at.connector().preflight(Depth::Whole, &[]).await;
    assert_eq!(
        checks,
        [Check::failed(CheckCode::Credentials, "invalid_client")]
    );
    answer(&at.server, "POST", "/oauth/token", 502, json!({})).await;
    let checks = at.connector().preflight(Depth::Whole, &[]).await;
    assert_eq!(checks, [Check::failed(CheckCode::Reachable, "http_502")]);
}
