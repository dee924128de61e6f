//! Basic users made for people who have none.

use causeway_connectors::{Connector, GuestFailure};
use causeway_model::{FailureKind, GuestState};
use serde_json::{Value, json};

use crate::support::{Account, BOB, account, answer, answer_once, get, refusal, user};

const USERS: &str = "/v2/users";
const CY: &str = "cy@guests.acme.example";

fn cy(extra: &[(&str, Value)]) -> Value {
    let mut user = user("cy-id", CY);
    for (name, value) in extra {
        user[*name] = value.clone();
    }
    user
}

async fn invite(at: &Account) -> Result<causeway_connectors::Guest, GuestFailure> {
    let zoom = at.connector();
    let guests = zoom.guests().expect("guests");
    guests.invite(CY, "Cy van Dyke").await
}

#[tokio::test]
async fn a_guest_is_made_without_a_mail_and_can_be_used_once_it_is_active() {
    let at = Account::start().await;
    answer(&at.server, "POST", USERS, 201, cy(&[])).await;
    get(&at.server, "/v2/users/cy-id", cy(&[])).await;
    let guest = invite(&at).await.expect("a guest");
    assert_eq!(guest.account, account("cy-id"));
    assert_eq!(guest.state, GuestState::Redeemed);
    assert_eq!(
        at.sent("POST", USERS).await[0].body,
        json!({ "action": "ssoCreate", "user_info": { "email": CY, "first_name": "Cy",
            "last_name": "van Dyke", "display_name": "Cy van Dyke", "type": 1 } })
    );
}

#[tokio::test]
async fn a_guest_that_is_not_active_yet_is_looked_at_again() {
    let at = Account::start().await;
    answer(&at.server, "POST", USERS, 201, cy(&[])).await;
    let path = "/v2/users/cy-id";
    answer_once(
        &at.server,
        "GET",
        path,
        200,
        cy(&[("status", "pending".into())]),
    )
    .await;
    get(&at.server, path, cy(&[])).await;
    assert_eq!(
        invite(&at).await.map(|guest| guest.state),
        Ok(GuestState::Invited)
    );
    let zoom = at.connector();
    let guest = zoom
        .guests()
        .expect("guests")
        .guest(&account("cy-id"))
        .await;
    assert_eq!(guest.map(|guest| guest.state), Ok(GuestState::Redeemed));
}

#[tokio::test]
async fn without_single_sign_on_the_managed_domain_is_tried_and_never_a_mail() {
    let at = Account::start().await;
    answer_once(&at.server, "POST", USERS, 400, refusal(300)).await;
    answer(&at.server, "POST", USERS, 201, cy(&[])).await;
    get(&at.server, "/v2/users/cy-id", cy(&[])).await;
    assert!(invite(&at).await.is_ok());
    let sent = at.sent("POST", USERS).await;
    let actions: Vec<&Value> = sent.iter().map(|sent| &sent.body["action"]).collect();
    assert_eq!(actions, ["ssoCreate", "autoCreate"]);
}

#[tokio::test]
async fn an_account_that_lets_nobody_be_made_says_so() {
    for (status, code) in [(400, 300), (403, 200)] {
        let at = Account::start().await;
        answer(&at.server, "POST", USERS, status, refusal(code)).await;
        let refused = GuestFailure::Forbidden(code.to_string());
        assert_eq!(invite(&at).await, Err(refused));
        assert_eq!(at.sent("POST", USERS).await.len(), 2);
    }
}

#[tokio::test]
async fn a_limit_or_an_unknown_end_is_no_reason_to_try_the_other_way() {
    for (status, kind) in [
        (500, FailureKind::Unknown),
        (
            429,
            FailureKind::Throttled {
                after_ms: Some(1_000),
            },
        ),
    ] {
        let at = Account::start().await;
        answer(&at.server, "POST", USERS, status, refusal(0)).await;
        let Err(GuestFailure::Failed(failure)) = invite(&at).await else {
            panic!("it failed");
        };
        assert_eq!(failure.kind, kind);
        assert_eq!(at.sent("POST", USERS).await.len(), 1);
    }
}

/// The address belongs to a user of whom this is known.
async fn known(at: &Account, extra: &[(&str, Value)]) {
    answer(&at.server, "POST", USERS, 409, refusal(1005)).await;
    get(&at.server, &format!("{USERS}/{CY}"), cy(extra)).await;
}

#[tokio::test]
async fn a_member_is_no_guest_and_one_just_made_by_a_lost_call_is() {
    let just_now = || ("created_at", json!("2026-01-05T09:58:00Z"));
    for (extra, mine) in [
        (vec![("created_at", json!("2020-01-01T00:00:00Z"))], false),
        (
            vec![
                just_now(),
                ("last_login_time", json!("2026-01-05T09:59:00Z")),
            ],
            false,
        ),
        (vec![just_now(), ("type", json!(2))], false),
        (vec![just_now()], true),
    ] {
        let at = Account::start().await;
        answer_once(&at.server, "POST", USERS, 502, json!({})).await;
        known(&at, &extra).await;
        let zoom = at.connector();
        let guests = zoom.guests().expect("guests");
        let lost = guests.invite(CY, "Cy van Dyke").await;
        assert!(matches!(lost, Err(GuestFailure::Failed(_))), "{lost:?}");
        let invited = guests.invite(CY, "Cy van Dyke").await;
        match mine {
            true => assert_eq!(invited.map(|guest| guest.account), Ok(account("cy-id"))),
            false => assert_eq!(invited, Err(GuestFailure::OwnAddress)),
        }
    }
}

#[tokio::test]
async fn whoever_an_administrator_has_just_made_is_no_guest_of_ours() {
    let at = Account::start().await;
    known(&at, &[("created_at", json!("2026-01-05T09:58:00Z"))]).await;
    assert_eq!(invite(&at).await, Err(GuestFailure::OwnAddress));
}

#[tokio::test]
async fn a_guest_that_was_made_is_kept_though_nothing_can_be_told_of_it_yet() {
    for (status, code) in [(404, 1001), (403, 200), (500, 0)] {
        let at = Account::start().await;
        answer(&at.server, "POST", USERS, 201, cy(&[])).await;
        let path = "/v2/users/cy-id";
        answer(&at.server, "GET", path, status, refusal(code)).await;
        let invited = invite(&at).await;
        assert_eq!(invited.map(|guest| guest.account), Ok(account("cy-id")));
    }
}

#[tokio::test]
async fn a_name_is_written_again_only_where_it_has_changed() {
    let at = Account::start().await;
    let path = format!("{USERS}/{BOB}");
    answer(&at.server, "PATCH", &path, 204, json!({})).await;
    let zoom = at.connector();
    let guests = zoom.guests().expect("guests");
    assert_eq!(guests.dress(&account(BOB), "bob", None).await, Ok(()));
    assert!(at.sent("PATCH", &path).await.is_empty());
    assert_eq!(guests.dress(&account(BOB), "Bob Ray", None).await, Ok(()));
    let body = &at.sent("PATCH", &path).await[0].body;
    assert_eq!(body["display_name"], "Bob Ray");
}

#[tokio::test]
async fn a_guest_is_deleted_and_whoever_has_a_licence_or_has_signed_in_is_not() {
    let at = Account::start().await;
    let path = format!("{USERS}/{BOB}");
    answer(&at.server, "DELETE", &path, 204, json!({})).await;
    get(&at.server, "/v2/users/licensed", cy(&[("type", json!(2))])).await;
    let signed_in = ("last_login_time", json!("2026-01-05T09:59:00Z"));
    get(&at.server, "/v2/users/taken-up", cy(&[signed_in])).await;
    answer(&at.server, "GET", "/v2/users/gone", 404, refusal(1001)).await;
    let zoom = at.connector();
    let guests = zoom.guests().expect("guests");
    assert_eq!(guests.remove(&account(BOB)).await, Ok(()));
    assert_eq!(at.sent("DELETE", &path).await[0].query["action"], "delete");
    assert_eq!(guests.remove(&account("gone")).await, Ok(()));
    for theirs in ["licensed", "taken-up"] {
        let kept = guests.remove(&account(theirs)).await;
        assert_eq!(kept, Err(GuestFailure::OwnAddress), "{theirs}");
    }
}
