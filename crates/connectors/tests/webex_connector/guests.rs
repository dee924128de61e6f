use causeway_connectors::{Connector, GuestFailure, Guests, Secret, webex::WebexConnector};
use causeway_model::{GuestState, Timestamp};
use serde_json::{Value, json};

use crate::support::*;

const GUESTS: &str = "/v1/guests/token";

fn guests(connector: &WebexConnector) -> &dyn Guests {
    connector.guests().expect("guests can be made")
}

fn made(name: &str, access: &str) -> Value {
    json!({
        "id": "GUEST", "subject": "x", "displayName": name, "email": "1ad@appid.ciscospark.com",
        "accessToken": access, "expiresIn": 64_799,
    })
}

#[tokio::test]
async fn a_guest_is_made_with_a_token_and_its_address_is_not_told() {
    let organisation = Organisation::start().await;
    organisation
        .answers("POST", GUESTS, 200, made("Bob", "g1"))
        .await;
    let connector = organisation.connector();
    let guest = guests(&connector).invite("Bob@Acme.example", "Bob").await;
    let guest = guest.expect("a guest");
    assert_eq!(guest.account, account("GUEST"));
    assert_eq!(guest.state, GuestState::Redeemed);
    assert_eq!(guest.redeem_url, None);
    let tokens = guest.tokens.expect("a token");
    assert_eq!(tokens.access, Some(Secret::new("g1")));
    assert_eq!(tokens.expires_at, Some(Timestamp(NOW + 64_799_000)));
    let refresh = tokens.refresh.expect("what renews it");
    guests(&connector)
        .invite("bob@acme.example", "Bob")
        .await
        .expect("the same guest");
    let sent = organisation.sent("POST", GUESTS).await;
    assert_eq!(sent[0], sent[1]);
    assert_eq!(sent[0]["displayName"], "Bob");
    let subject = sent[0]["subject"].as_str().expect("a subject");
    assert!(!subject.contains("acme"), "{subject}");
    assert_eq!(refresh.reveal(), format!("guest:{subject}:Bob"));
}

#[tokio::test]
async fn guests_that_are_forbidden_are_told_apart_from_those_that_fail_for_now() {
    for (status, forbidden) in [(403, true), (429, false), (500, false), (401, false)] {
        let organisation = Organisation::start().await;
        organisation
            .answers("POST", GUESTS, status, json!({}))
            .await;
        organisation
            .answers("POST", "/v1/access_token", 500, json!({}))
            .await;
        let connector = organisation.connector();
        let refused = guests(&connector).invite("bob@acme.example", "Bob").await;
        let refused = refused.expect_err("no guest");
        let is_forbidden = matches!(refused, GuestFailure::Forbidden(_));
        assert_eq!(is_forbidden, forbidden, "{status}");
    }
}

#[tokio::test]
async fn a_guest_is_renamed_by_the_name_it_is_asked_for_with_and_keeps_its_subject() {
    let organisation = Organisation::start().await;
    organisation
        .answers("POST", GUESTS, 200, made("Bobby", "g2"))
        .await;
    let known = token_set("g1", Some(NOW + HOUR), Some("guest:subject-1:Bob"));
    organisation.vault.put(owner("GUEST"), known);
    let connector = organisation.connector();
    let guest = account("GUEST");
    let same = guests(&connector).dress(&guest, "Bob", None).await;
    assert_eq!(same, Ok(()));
    assert!(organisation.sent("POST", GUESTS).await.is_empty());
    let renamed = guests(&connector).dress(&guest, "Bobby", None).await;
    assert_eq!(renamed, Ok(()));
    let sent = organisation.sent("POST", GUESTS).await;
    assert_eq!(
        sent,
        [json!({ "subject": "subject-1", "displayName": "Bobby" })]
    );
    let kept = organisation.vault.get(&owner("GUEST")).expect("a token");
    assert_eq!(kept.access, Some(Secret::new("g2")));
    assert_eq!(kept.refresh, Some(Secret::new("guest:subject-1:Bobby")));
}

#[tokio::test]
async fn whoever_has_no_guests_token_is_no_guest_and_removing_one_succeeds() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    let guest = guests(&connector).guest(&account(ANN)).await;
    assert_eq!(guest, Err(GuestFailure::Gone));
    let known = token_set("g1", Some(NOW + HOUR), Some("guest:subject-1:Bob"));
    organisation.vault.put(owner("GUEST"), known);
    let guest = guests(&connector).guest(&account("GUEST")).await;
    assert_eq!(guest.expect("a guest").state, GuestState::Redeemed);
    assert_eq!(guests(&connector).remove(&account("GUEST")).await, Ok(()));
}

#[tokio::test]
async fn without_a_service_app_there_are_no_guests() {
    let mut organisation = Organisation::start().await;
    organisation.settings.guest_issuer = None;
    assert!(organisation.connector().guests().is_none());
}
