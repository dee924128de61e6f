use std::sync::atomic::Ordering;

use causeway_connectors::{Connector, Secret, TokenOwner};
use causeway_model::{ExternalAccount, Failure, FailureKind, Speaker, Timestamp};
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_json, body_string_contains, header, method, path},
};

use crate::support::*;

const TOKEN: &str = "/v1/access_token";

fn granted(access: &str) -> Value {
    json!({
        "access_token": access, "expires_in": 1_209_599, "refresh_token": "ann-refresh-2",
        "refresh_token_expires_in": 7_776_000, "token_type": "Bearer", "scope": "spark:people_read",
    })
}

/// Whoever deletes with this token is let through.
async fn lets_delete(organisation: &Organisation, token: &str) {
    Mock::given(method("DELETE"))
        .and(path("/v1/messages/M1"))
        .and(header("authorization", format!("Bearer {token}")))
        .respond_with(ResponseTemplate::new(204))
        .mount(&organisation.server)
        .await;
}

async fn delete(connector: &impl Connector, speaker: Speaker) -> Result<(), Failure> {
    let (place, message) = (conversation(ROOM), message_id("M1"));
    connector.delete(&place, &message, &speaker).await
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_once_for_all_who_wait_and_kept_before_it_is_used() {
    let organisation = Organisation::start().await;
    organisation.clock.advance(HOUR - 60_000);
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .and(body_string_contains("grant_type=refresh_token"))
        .and(body_string_contains("refresh_token=ann-refresh"))
        .and(body_string_contains("client_id=C1client"))
        .and(body_string_contains("client_secret=s3cret"))
        .respond_with(ResponseTemplate::new(200).set_body_json(granted("ann-2")))
        .expect(1)
        .mount(&organisation.server)
        .await;
    lets_delete(&organisation, "ann-2").await;
    let connector = organisation.connector();
    let (one, other) = tokio::join!(delete(&connector, ann()), delete(&connector, ann()));
    assert_eq!((one, other), (Ok(()), Ok(())));
    let kept = organisation.vault.get(&owner(ANN)).expect("a token");
    assert_eq!(kept.access, Some(Secret::new("ann-2")));
    assert_eq!(kept.refresh, Some(Secret::new("ann-refresh-2")));
    assert_eq!(kept.scopes, "spark:people_read");
    let ends = NOW + HOUR - 60_000 + 1_209_599_000;
    assert_eq!(kept.expires_at, Some(Timestamp(ends)));
    let refresh_ends = NOW + HOUR - 60_000 + 7_776_000_000;
    assert_eq!(kept.refresh_ends_at, Some(Timestamp(refresh_ends)));
    assert_eq!(organisation.vault.log(), ["renewed"]);
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_is_not_used() {
    let organisation = Organisation::start().await;
    organisation.clock.advance(2 * HOUR);
    organisation.vault.full.store(true, Ordering::SeqCst);
    organisation
        .answers("POST", TOKEN, 200, granted("ann-2"))
        .await;
    let failure = delete(&organisation.connector(), ann()).await;
    assert_eq!(failure.expect_err("not deleted").code, "vault");
    let tried = organisation.sent("DELETE", "/v1/messages/M1").await;
    assert!(tried.is_empty());
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_call_made_once_more() {
    let organisation = Organisation::start().await;
    lets_delete(&organisation, "ann-2").await;
    organisation
        .answers("DELETE", "/v1/messages/M1", 401, json!({}))
        .await;
    organisation
        .answers("POST", TOKEN, 200, granted("ann-2"))
        .await;
    let deleted = delete(&organisation.connector(), ann()).await;
    assert_eq!(deleted, Ok(()));
}

#[tokio::test]
async fn a_sign_in_is_lost_by_its_own_refusal_and_by_no_other() {
    let table = [
        (
            400,
            json!({ "message": "The refresh token provided is expired, revoked, malformed, or invalid." }),
            FailureKind::NotAuthorised,
            true,
        ),
        (
            400,
            json!({ "error": "invalid_grant" }),
            FailureKind::NotAuthorised,
            true,
        ),
        (
            401,
            json!({ "message": "client secret is wrong" }),
            FailureKind::NotAuthorised,
            false,
        ),
        (
            400,
            json!({ "error": "invalid_client" }),
            FailureKind::NotAuthorised,
            false,
        ),
        (500, json!({}), FailureKind::NotSent, false),
        (
            429,
            json!({}),
            FailureKind::Throttled { after_ms: None },
            false,
        ),
    ];
    for (status, said, kind, lost) in table {
        let organisation = Organisation::start().await;
        organisation.clock.advance(2 * HOUR);
        organisation.answers("POST", TOKEN, status, said).await;
        let failure = delete(&organisation.connector(), ann()).await;
        assert_eq!(failure.expect_err("not deleted").kind, kind, "{status}");
        let is_lost = organisation.vault.get(&owner(ANN)).is_none();
        assert_eq!(is_lost, lost, "{status}");
    }
}

#[tokio::test]
async fn a_token_near_its_end_is_used_while_none_other_can_be_had() {
    let organisation = Organisation::start().await;
    organisation.clock.advance(HOUR - 60_000);
    organisation.answers("POST", TOKEN, 503, json!({})).await;
    lets_delete(&organisation, "ann").await;
    assert_eq!(delete(&organisation.connector(), ann()).await, Ok(()));
}

#[tokio::test]
async fn the_bots_token_lasts_for_ever_and_is_not_renewed_when_it_is_refused() {
    let organisation = Organisation::start().await;
    organisation
        .answers("DELETE", "/v1/messages/M1", 401, json!({}))
        .await;
    let failure = delete(&organisation.connector(), Speaker::App).await;
    let failure = failure.expect_err("not deleted");
    assert_eq!(failure.kind, FailureKind::NotAuthorised);
    assert!(organisation.forms(TOKEN).await.is_empty());
    assert!(organisation.vault.get(&TokenOwner::App).is_some());
}

#[tokio::test]
async fn a_guests_token_is_asked_for_again_by_the_service_app() {
    let organisation = Organisation::start().await;
    let guest = TokenOwner::Account(account("GUEST"));
    let ended = token_set("guest-1", Some(NOW), Some("guest:subject-1:Bob: Ray"));
    organisation.vault.put(guest.clone(), ended);
    // The Service App's own token has ended as well.
    let issuer = token_set("issuer", Some(NOW), Some("issuer-refresh"));
    organisation.vault.put(TokenOwner::GuestIssuer, issuer);
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .and(body_string_contains("client_id=C2issuer"))
        .and(body_string_contains("client_secret=issuer-s3cret"))
        .and(body_string_contains("refresh_token=issuer-refresh"))
        .respond_with(ResponseTemplate::new(200).set_body_json(granted("issuer-2")))
        .expect(1)
        .mount(&organisation.server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/guests/token"))
        .and(header("authorization", "Bearer issuer-2"))
        .and(body_json(
            json!({ "subject": "subject-1", "displayName": "Bob: Ray" }),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "id": "GUEST", "subject": "subject-1", "displayName": "Bob: Ray",
            "email": "1ad@appid.ciscospark.com", "accessToken": "guest-2", "expiresIn": 64_799,
        })))
        .expect(1)
        .mount(&organisation.server)
        .await;
    lets_delete(&organisation, "guest-2").await;
    let speaker = Speaker::Account(ExternalAccount::new("GUEST"));
    assert_eq!(delete(&organisation.connector(), speaker).await, Ok(()));
    let kept = organisation.vault.get(&guest).expect("a token");
    assert_eq!(kept.access, Some(Secret::new("guest-2")));
    assert_eq!(kept.refresh, Some(Secret::new("guest:subject-1:Bob: Ray")));
    assert_eq!(kept.expires_at, Some(Timestamp(NOW + 64_799_000)));
}

#[tokio::test]
async fn a_guest_is_not_lost_because_the_service_app_is_refused() {
    let organisation = Organisation::start().await;
    let guest = TokenOwner::Account(account("GUEST"));
    let ended = token_set("guest-1", Some(NOW), Some("guest:subject-1:Bob"));
    organisation.vault.put(guest.clone(), ended);
    organisation
        .answers("POST", "/v1/guests/token", 403, json!({}))
        .await;
    let speaker = Speaker::Account(ExternalAccount::new("GUEST"));
    let failure = delete(&organisation.connector(), speaker).await;
    assert_eq!(
        failure.expect_err("not deleted").kind,
        FailureKind::Forbidden
    );
    assert!(organisation.vault.get(&guest).is_some());
}

#[tokio::test]
async fn ends_are_told_by_a_clock_that_may_run_faster_than_ours() {
    let mut organisation = Organisation::start().await;
    organisation.settings.pace = 10.0;
    organisation.clock.advance(2 * HOUR);
    organisation
        .answers("POST", TOKEN, 200, granted("ann-2"))
        .await;
    lets_delete(&organisation, "ann-2").await;
    let deleted = delete(&organisation.connector(), ann()).await;
    assert_eq!(deleted, Ok(()));
    let kept = organisation.vault.get(&owner(ANN)).expect("a token");
    let ends = NOW + 2 * HOUR + 120_959_900;
    assert_eq!(kept.expires_at, Some(Timestamp(ends)));
}
