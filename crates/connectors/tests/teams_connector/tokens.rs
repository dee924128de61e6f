use std::{sync::atomic::Ordering, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use causeway_connectors::{Connector, Secret, TokenOwner};
use causeway_model::{ExternalMessage, FailureKind, Speaker};
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_string_contains, header, method, path},
};

use crate::support::*;

const TOKEN: &str = "/login/7e7e7e7e-0000-4000-8000-00000000007e/oauth2/v2.0/token";

fn ann() -> Speaker {
    Speaker::Account(account(ANN))
}

fn anns() -> TokenOwner {
    TokenOwner::Account(account(ANN))
}

fn granted(access: &str) -> Value {
    json!({ "token_type": "Bearer", "scope": "Chat.ReadWrite", "expires_in": 3600, "access_token": access, "refresh_token": "next" })
}

fn refused(error: &str, code: u32) -> Value {
    json!({ "error": error, "error_description": format!("AADSTS{code}: ann@acme.example must sign in."), "error_codes": [code] })
}

async fn delete(tenant: &Tenant) -> Result<(), causeway_model::Failure> {
    let message = ExternalMessage::new("1");
    tenant.connector().delete(&chat(), &message, &ann()).await
}

async fn deletable(tenant: &Tenant, access: &str) {
    Mock::given(method("POST"))
        .and(path(format!(
            "/v1.0/users/{ANN}/chats/{CHAT}/messages/1/softDelete"
        )))
        .and(header("authorization", format!("Bearer {access}").as_str()))
        .respond_with(ResponseTemplate::new(204))
        .mount(&tenant.server)
        .await;
}

fn expire(tenant: &Tenant) {
    let soon = token_set("old", NOW + 60_000, Some("ann-refresh"));
    tenant.vault.put(anns(), soon);
}

#[tokio::test]
async fn many_who_need_a_token_renew_it_once_and_use_it_only_when_it_is_kept() {
    let tenant = Tenant::start().await;
    tenant
        .vault
        .put(anns(), token_set("old", NOW, Some("ann-refresh")));
    deletable(&tenant, "new").await;
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .and(body_string_contains("grant_type=refresh_token"))
        .and(body_string_contains("refresh_token=ann-refresh"))
        .and(body_string_contains("client_secret=s3cret"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(granted("new"))
                .set_delay(Duration::from_millis(50)),
        )
        .expect(1)
        .mount(&tenant.server)
        .await;
    let connector = tenant.connector();
    let (chat, message, speaker) = (chat(), ExternalMessage::new("1"), ann());
    let calls = (0..8).map(|_| connector.delete(&chat, &message, &speaker));
    for outcome in futures_util::future::join_all(calls).await {
        outcome.expect("deleted with the new token");
    }
    assert_eq!(tenant.vault.log(), ["renewed"]);
    let kept = tenant.vault.get(&anns()).expect("tokens");
    assert_eq!(kept.refresh, Some(Secret::new("next")));
    assert_eq!(kept.expires_at.map(|at| at.0), Some(NOW + 3_600_000));
    let ninety_days = 90 * 24 * 3_600_000;
    assert_eq!(kept.refresh_ends_at.map(|at| at.0), Some(NOW + ninety_days));
}

#[tokio::test]
async fn a_renewed_token_that_was_not_kept_is_not_used() {
    let tenant = Tenant::start().await;
    tenant
        .vault
        .put(anns(), token_set("old", NOW, Some("ann-refresh")));
    tenant.vault.full.store(true, Ordering::SeqCst);
    answer(&tenant.server, "POST", TOKEN, 200, granted("new")).await;
    let failure = delete(&tenant).await.expect_err("not kept");
    assert_eq!(failure.kind, FailureKind::NotSent);
    let at = format!("/v1.0/users/{ANN}/chats/{CHAT}/messages/1/softDelete");
    assert!(tenant.sent("POST", &at).await.is_empty());
}

#[tokio::test]
async fn a_lost_sign_in_is_told_to_the_vault_under_entras_code() {
    for (error, code) in [("invalid_grant", 50173), ("interaction_required", 50076)] {
        let tenant = Tenant::start().await;
        expire(&tenant);
        answer(&tenant.server, "POST", TOKEN, 400, refused(error, code)).await;
        let failure = delete(&tenant).await.expect_err("signed out");
        assert_eq!(failure.kind, FailureKind::NotAuthorised);
        assert_eq!(failure.code, format!("AADSTS{code}"));
        assert_eq!(tenant.vault.log(), ["revoked"]);
        assert!(!format!("{failure:?}").contains("acme.example"));
    }
}

#[tokio::test]
async fn a_wrong_secret_costs_nobody_their_sign_in() {
    let tenant = Tenant::start().await;
    expire(&tenant);
    let body = refused("invalid_client", 7_000_215);
    answer(&tenant.server, "POST", TOKEN, 401, body).await;
    let failure = delete(&tenant).await.expect_err("no token");
    assert_eq!(failure.code, "AADSTS7000215");
    assert!(tenant.vault.log().is_empty());
}

#[tokio::test]
async fn a_token_near_its_end_is_used_while_entra_is_out_of_reach() {
    let tenant = Tenant::start().await;
    expire(&tenant);
    deletable(&tenant, "old").await;
    answer(&tenant.server, "POST", TOKEN, 503, json!({})).await;
    delete(&tenant).await.expect("the old token still works");
}

#[tokio::test]
async fn no_token_because_of_entra_means_that_nothing_was_sent() {
    let tenant = Tenant::start().await;
    tenant
        .vault
        .put(anns(), token_set("old", NOW, Some("ann-refresh")));
    answer(&tenant.server, "POST", TOKEN, 502, json!({})).await;
    let failure = delete(&tenant).await.expect_err("no token");
    assert_eq!(failure.kind, FailureKind::NotSent);
}

#[tokio::test]
async fn a_token_that_graph_refuses_is_renewed_once() {
    let tenant = Tenant::start().await;
    deletable(&tenant, "new").await;
    let refusal = json!({ "error": { "code": "InvalidAuthenticationToken", "message": "x" } });
    Mock::given(header("authorization", "Bearer ann"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refusal))
        .expect(1)
        .mount(&tenant.server)
        .await;
    answer(&tenant.server, "POST", TOKEN, 200, granted("new")).await;
    delete(&tenant).await.expect("deleted with the new token");
}

#[tokio::test]
async fn someone_elses_token_is_thrown_away() {
    let claims = |oid: &str, tid: &str| {
        let claims = json!({ "oid": oid, "tid": tid }).to_string();
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    };
    for wrong in [claims(BOB, TENANT), claims(ANN, BOB)] {
        let tenant = Tenant::start().await;
        expire(&tenant);
        answer(&tenant.server, "POST", TOKEN, 200, granted(&wrong)).await;
        let failure = delete(&tenant).await.expect_err("not Ann's");
        assert_eq!(failure.kind, FailureKind::Forbidden);
        assert_eq!(failure.code, "wrong_person");
        assert_eq!(tenant.vault.log(), ["revoked"]);
    }
    let tenant = Tenant::start().await;
    expire(&tenant);
    let right = claims(ANN, TENANT);
    deletable(&tenant, &right).await;
    answer(&tenant.server, "POST", TOKEN, 200, granted(&right)).await;
    delete(&tenant).await.expect("Ann's own");
}

#[tokio::test]
async fn the_application_token_is_had_by_the_secret_and_kept() {
    let tenant = Tenant::start().await;
    tenant.vault.remove(&TokenOwner::AppLevel);
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .and(body_string_contains("grant_type=client_credentials"))
        .and(body_string_contains(
            "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "application" }),
        ))
        .expect(1)
        .mount(&tenant.server)
        .await;
    let connector = tenant.connector();
    connector.identify().await.expect("who we are");
    connector.identify().await.expect("who we are");
    let kept = tenant.vault.get(&TokenOwner::AppLevel).expect("a token");
    assert_eq!(kept.access, Some(Secret::new("application")));
}

#[tokio::test]
async fn a_native_sign_in_is_renewed_without_the_secret() {
    let tenant = Tenant::start().await;
    expire(&tenant);
    deletable(&tenant, "new").await;
    Mock::given(body_string_contains("client_secret"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refused("invalid_client", 700_025)))
        .expect(1)
        .mount(&tenant.server)
        .await;
    answer(&tenant.server, "POST", TOKEN, 200, granted("new")).await;
    delete(&tenant).await.expect("deleted with the new token");
}
