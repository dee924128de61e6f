//! How the Slack connector keeps its tokens good.

mod slack_support;

use std::time::Duration;

use causeway_connectors::{Connector, Secret, TokenOwner, TokenSet};
use causeway_model::{
    ExternalAccount, ExternalConversation, ExternalMessage, Failure, FailureKind, Speaker,
    Timestamp,
};
use serde_json::json;
use slack_support::{NOW, Workspace, bearer, lasting, on, workspace};
use wiremock::{ResponseTemplate, matchers::header};

fn bob() -> TokenOwner {
    TokenOwner::Account(ExternalAccount::new("U2"))
}

fn rotating(access: &str, refresh: &str, ends_in_ms: i64) -> TokenSet {
    TokenSet {
        expires_at: Some(Timestamp(NOW + ends_in_ms)),
        refresh: Some(Secret::new(refresh)),
        refresh_ends_at: None,
        ..lasting(access)
    }
}

async fn delete_as_bob(at: &Workspace) -> Result<(), Failure> {
    let speaker = Speaker::Account(ExternalAccount::new("U2"));
    let conversation = ExternalConversation::new("C1");
    at.slack
        .delete(&conversation, &ExternalMessage::new("1.1"), &speaker)
        .await
}

async fn renews_to(at: &Workspace, access: &str) {
    let renewed = json!({ "ok": true, "access_token": access, "token_type": "user",
        "refresh_token": "xoxe-2", "expires_in": 43_200, "scope": "chat:write,im:read" });
    let response = ResponseTemplate::new(200)
        .set_body_json(renewed)
        .set_delay(Duration::from_millis(20));
    on("oauth.v2.access")
        .respond_with(response)
        .up_to_n_times(1)
        .mount(&at.server)
        .await;
    at.answers(
        "oauth.v2.access",
        json!({ "ok": false, "error": "invalid_refresh_token" }),
    )
    .await;
}

#[tokio::test]
async fn a_token_that_ends_soon_is_renewed_once_for_all_who_need_it() {
    let at = workspace().await;
    at.vault
        .put_set(bob(), rotating("xoxp-old", "xoxe-1", 60_000));
    renews_to(&at, "xoxp-new").await;
    at.answers("chat.delete", json!({ "ok": true })).await;
    let calls = (0..8).map(|_| delete_as_bob(&at));
    for done in futures_util::future::join_all(calls).await {
        done.expect("a deletion");
    }
    let renewals = at.calls("oauth.v2.access").await;
    assert_eq!(renewals.len(), 1);
    assert_eq!(renewals[0]["grant_type"], "refresh_token");
    assert_eq!(renewals[0]["refresh_token"], "xoxe-1");
    assert_eq!(renewals[0]["client_secret"], "shh");
    for request in at.requests("chat.delete").await {
        assert_eq!(bearer(&request), "xoxp-new");
    }
    let kept = at.vault.get(&bob()).expect("tokens");
    assert_eq!(kept.refresh, Some(Secret::new("xoxe-2")));
    assert_eq!(kept.expires_at, Some(Timestamp(NOW + 43_200_000)));
    assert_eq!(kept.scopes, "chat:write im:read");
}

#[tokio::test]
async fn a_token_found_expired_is_renewed_and_the_refused_call_made_again() {
    let at = workspace().await;
    at.vault
        .put_set(bob(), rotating("xoxp-old", "xoxe-1", 3_600_000));
    renews_to(&at, "xoxp-new").await;
    on("chat.delete")
        .and(header("authorization", "Bearer xoxp-old"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({ "ok": false, "error": "token_expired" })),
        )
        .mount(&at.server)
        .await;
    at.answers("chat.delete", json!({ "ok": true })).await;
    delete_as_bob(&at).await.expect("a deletion");
    assert_eq!(at.requests("chat.delete").await.len(), 2);
}

#[tokio::test]
async fn a_refused_renewal_revokes_the_token() {
    let at = workspace().await;
    at.vault.put_set(bob(), rotating("xoxp-old", "xoxe-1", -1));
    at.answers(
        "oauth.v2.access",
        json!({ "ok": false, "error": "invalid_refresh_token" }),
    )
    .await;
    let failure = delete_as_bob(&at).await.expect_err("a failure");
    assert_eq!(failure.kind, FailureKind::NotAuthorised);
    assert_eq!(at.vault.revoked(), [bob()]);
    assert!(at.calls("chat.delete").await.is_empty());
}

#[tokio::test]
async fn a_renewal_that_fails_on_the_way_leaves_a_lasting_token_in_use() {
    let at = workspace().await;
    at.vault
        .put_set(bob(), rotating("xoxp-old", "xoxe-1", 60_000));
    at.responds("oauth.v2.access", ResponseTemplate::new(503))
        .await;
    at.answers("chat.delete", json!({ "ok": true })).await;
    delete_as_bob(&at).await.expect("a deletion");

    at.vault.put_set(bob(), rotating("xoxp-old", "xoxe-1", -1));
    let failure = delete_as_bob(&at).await.expect_err("a failure");
    assert_eq!(
        failure.kind,
        FailureKind::NotSent,
        "the deletion itself never left"
    );
    assert!(at.vault.revoked().is_empty());
}

#[tokio::test]
async fn a_token_slack_no_longer_knows_is_revoked() {
    for code in [
        "invalid_auth",
        "token_revoked",
        "account_inactive",
        "token_expired",
    ] {
        let at = workspace().await;
        at.vault.put(bob(), "xoxp-2");
        at.answers("chat.delete", json!({ "ok": false, "error": code }))
            .await;
        let failure = delete_as_bob(&at).await.expect_err("a failure");
        assert_eq!(failure.kind, FailureKind::NotAuthorised, "{code}");
        assert_eq!(at.vault.revoked(), [bob()], "{code}");
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let at = workspace().await;
    let failure = delete_as_bob(&at).await.expect_err("a failure");
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::NotAuthorised, "no_token")
    );
    assert!(at.calls("chat.delete").await.is_empty());
}

#[tokio::test]
async fn a_renewal_that_nobody_waits_for_any_more_is_still_kept() {
    let at = workspace().await;
    at.vault
        .put_set(bob(), rotating("xoxp-old", "xoxe-1", 60_000));
    renews_to(&at, "xoxp-new").await;
    at.answers("chat.delete", json!({ "ok": true })).await;
    {
        let call = delete_as_bob(&at);
        tokio::pin!(call);
        // Until the renewal is on its way, then no further.
        while at.calls("oauth.v2.access").await.is_empty() {
            let _ = tokio::time::timeout(Duration::from_millis(1), &mut call).await;
        }
    }
    delete_as_bob(&at).await.expect("a deletion");
    assert_eq!(at.calls("oauth.v2.access").await.len(), 1);
    assert!(at.vault.revoked().is_empty());
}
