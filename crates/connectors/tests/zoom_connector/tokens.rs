//! How tokens are asked for, kept and replaced.

use causeway_connectors::{Connector, TokenOwner};
use causeway_model::{FailureKind, Speaker, Timestamp};
use serde_json::{Value, json};
use wiremock::{Mock, ResponseTemplate, matchers};

use crate::support::{
    ANN, Account, NOW, PAIR, account, answer, answer_once, conversation, refusal, talked,
};

const TOKEN: &str = "/oauth/token";

fn given(access: &str) -> Value {
    json!({ "access_token": access, "token_type": "bearer", "expires_in": 3599, "scope": "a b",
        "api_url": "https://api.zoom.us" })
}

#[tokio::test]
async fn the_accounts_token_is_asked_for_once_by_all_and_kept() {
    let at = Account::start().await;
    at.vault.empty();
    answer(&at.server, "POST", TOKEN, 200, given("new")).await;
    let zoom = at.connector();
    let (one, two) = tokio::join!(zoom.identify(), zoom.own_account());
    assert!(one.is_ok() && two.is_ok());
    let sent = at.sent("POST", TOKEN).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].text,
        "grant_type=account_credentials&account_id=acc"
    );
    // base64 of `client:s3cret`.
    assert_eq!(sent[0].token, "Basic Y2xpZW50OnMzY3JldA==");
    assert_eq!(
        at.vault.access(&TokenOwner::AppLevel).as_deref(),
        Some("new")
    );
}

#[tokio::test]
async fn a_token_near_its_end_is_replaced_before_it_is_used() {
    let at = Account::start().await;
    at.put(TokenOwner::AppLevel, "old", NOW + 60_000);
    answer(&at.server, "POST", TOKEN, 200, given("new")).await;
    assert!(at.connector().identify().await.is_ok());
    let calls = at.sent("GET", "/v2/users/hub@acme.example").await;
    assert!(calls.iter().all(|call| call.token == "Bearer new"));
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let at = Account::start().await;
    talked(&at, json!([])).await;
    answer(&at.server, "POST", TOKEN, 200, given("new")).await;
    let path = format!("/v2/chat/users/{ANN}/messages");
    answer_once(&at.server, "GET", &path, 401, refusal(124)).await;
    let ann = Speaker::Account(account(ANN));
    let read = at
        .connector()
        .history(&conversation(PAIR), &ann, Timestamp(NOW))
        .await;
    assert_eq!(read, Ok(Vec::new()));
    let tokens: Vec<String> = at
        .sent("GET", &path)
        .await
        .into_iter()
        .map(|call| call.token)
        .collect();
    assert_eq!(tokens, ["Bearer app-level", "Bearer new"]);
}

#[tokio::test]
async fn why_no_token_was_given_is_told_without_the_secret() {
    for (status, body, kind, code) in [
        (
            400,
            json!({ "error": "invalid_client", "reason": "Invalid client_id or client_secret" }),
            FailureKind::NotAuthorised,
            "invalid_client",
        ),
        (401, json!({}), FailureKind::NotAuthorised, "http_401"),
        (500, json!({}), FailureKind::NotSent, "http_500"),
        (
            200,
            json!({ "odd": 1 }),
            FailureKind::NotSent,
            "unreadable_answer",
        ),
    ] {
        let at = Account::start().await;
        at.vault.empty();
        answer(&at.server, "POST", TOKEN, status, body).await;
        let failure = at.connector().identify().await.expect_err("no token");
        assert_eq!((failure.kind, failure.code.as_str()), (kind, code));
        assert!(!format!("{failure:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn the_token_endpoints_limit_is_obeyed() {
    let at = Account::start().await;
    at.vault.empty();
    Mock::given(matchers::path(TOKEN))
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "7"))
        .mount(&at.server)
        .await;
    let failure = at.connector().identify().await.expect_err("no token");
    let seven = FailureKind::Throttled {
        after_ms: Some(7_000),
    };
    assert_eq!(failure.kind, seven);
}

#[tokio::test]
async fn without_a_secret_nothing_is_asked() {
    let mut at = Account::start().await;
    at.vault.empty();
    at.settings.client_secret = None;
    let failure = at.connector().identify().await.expect_err("no token");
    assert_eq!(failure.code, "no_client_secret");
    assert_eq!(at.calls().await, 0);
}
