//! Where people are acted as by their own tokens: which token a call has, and how it is renewed.

use std::sync::atomic::Ordering;

use causeway_connectors::{Connector, Edit, Post, Posted, TokenOwner};
use causeway_model::{
    Check, CheckCode, Content, Depth, ExternalMessage, Failure, FailureKind, Outcome, RelayId,
    Speaker, SpeaksBy, Timestamp,
};
use serde_json::{Value, json};
use wiremock::{Mock, ResponseTemplate, matchers};

use crate::support::{
    ANN, Account, BOB, CHANNEL, HUB, NOW, PAIR, account, answer, answer_once, conversation, get,
    message, refusal, talked,
};

const TOKEN: &str = "/oauth/token";
const MINE: &str = "/v2/chat/users/me/messages";

fn owner() -> TokenOwner {
    TokenOwner::Account(account(ANN))
}

fn ann() -> Speaker {
    Speaker::Account(account(ANN))
}

fn given(access: &str, refresh: &str) -> Value {
    json!({ "access_token": access, "token_type": "bearer", "refresh_token": refresh,
        "expires_in": 3599, "scope": "team_chat:write:user_message" })
}

async fn say(at: &Account, to: &str, speaker: &Speaker) -> Result<Posted, Failure> {
    let posting = Post {
        conversation: &conversation(to),
        speaker,
        shown_as: None,
        content: &Content::plain("hi"),
        buttons: &[],
        relay_id: &RelayId::from_bits(7),
    };
    at.connector().post(&posting).await
}

async fn tokens_of(at: &Account, verb: &str, path: &str) -> Vec<String> {
    let sent = at.sent(verb, path).await;
    sent.into_iter().map(|call| call.token).collect()
}

#[tokio::test]
async fn a_person_speaks_with_their_own_token_and_the_hub_with_its_apps() {
    let at = Account::by_token().await;
    assert_eq!(
        at.connector().capabilities().speaks_by,
        SpeaksBy::Token,
        "people are asked"
    );
    answer(&at.server, "POST", MINE, 201, json!({ "id": "m1" })).await;
    say(&at, PAIR, &ann()).await.expect("it is said");
    let sent = at.sent("POST", MINE).await;
    assert_eq!(sent[0].token, "Bearer mine");
    assert_eq!(sent[0].body["to_contact"], "bob@acme.example");

    let hubs = format!("/v2/chat/users/{HUB}/messages");
    answer(&at.server, "POST", &hubs, 201, json!({ "id": "m2" })).await;
    say(&at, CHANNEL, &Speaker::App).await.expect("it is said");
    assert_eq!(
        tokens_of(&at, "POST", &hubs).await,
        ["Bearer app-level".to_owned()]
    );
}

#[tokio::test]
async fn what_a_person_said_is_edited_and_deleted_with_their_token() {
    let at = Account::by_token().await;
    let path = format!("{MINE}/m1");
    answer(&at.server, "PUT", &path, 204, json!({})).await;
    answer(&at.server, "DELETE", &path, 204, json!({})).await;
    let (here, it) = (conversation(PAIR), ExternalMessage::new("m1"));
    let edit = Edit {
        conversation: &here,
        message: &it,
        speaker: &ann(),
        shown_as: None,
        content: &Content::plain("ho"),
        relay_id: &RelayId::from_bits(7),
    };
    let zoom = at.connector();
    assert_eq!(zoom.edit(&edit).await, Ok(()));
    assert_eq!(zoom.delete(&here, &it, &ann()).await, Ok(()));
    for verb in ["PUT", "DELETE"] {
        assert_eq!(tokens_of(&at, verb, &path).await, ["Bearer mine"], "{verb}");
    }
}

#[tokio::test]
async fn nobody_is_spoken_as_without_their_token() {
    let at = Account::by_token().await;
    let bob = Speaker::Account(account(BOB));
    let failure = say(&at, PAIR, &bob).await.expect_err("no token");
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::NotAuthorised, "no_token")
    );
    assert!(at.sent("POST", MINE).await.is_empty());
}

#[tokio::test]
async fn a_refresh_token_is_used_once_for_all_who_wait_and_kept_before_it_is_used() {
    let at = Account::by_token().await;
    at.put_person(ANN, NOW + 60_000);
    answer_once(&at.server, "POST", TOKEN, 200, given("new", "refresh-2")).await;
    answer(&at.server, "POST", MINE, 201, json!({ "id": "m" })).await;
    let zoom = at.connector();
    let (here, who, content) = (conversation(PAIR), ann(), Content::plain("hi"));
    let relay_id = RelayId::from_bits(7);
    let posting = Post {
        conversation: &here,
        speaker: &who,
        shown_as: None,
        content: &content,
        buttons: &[],
        relay_id: &relay_id,
    };
    let said = tokio::join!(
        zoom.post(&posting),
        zoom.post(&posting),
        zoom.post(&posting)
    );
    assert!(said.0.is_ok() && said.1.is_ok() && said.2.is_ok());
    let asked = at.sent("POST", TOKEN).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].text,
        "grant_type=refresh_token&refresh_token=refresh-1"
    );
    // base64 of `people:p30ple`.
    assert_eq!(asked[0].token, "Basic cGVvcGxlOnAzMHBsZQ==");
    assert_eq!(tokens_of(&at, "POST", MINE).await, ["Bearer new"; 3]);
    assert_eq!(at.vault.refresh(&owner()).as_deref(), Some("refresh-2"));
    let kept = at.vault.get(&owner()).expect("tokens");
    let ninety_days = 90 * 24 * 3_600_000;
    assert_eq!(
        kept.refresh_ends_at.map(|end| end.0),
        Some(NOW + ninety_days)
    );
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_used() {
    let at = Account::by_token().await;
    at.put_person(ANN, NOW - 1);
    at.vault.full.store(true, Ordering::SeqCst);
    answer(&at.server, "POST", TOKEN, 200, given("new", "refresh-2")).await;
    answer(&at.server, "POST", MINE, 201, json!({ "id": "m" })).await;
    let failure = say(&at, PAIR, &ann()).await.expect_err("nothing kept");
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::NotSent, "vault")
    );
    assert!(at.sent("POST", MINE).await.is_empty());
}

#[tokio::test]
async fn a_sign_in_that_has_ended_is_told_to_the_vault_and_another_refusal_is_not() {
    let ended = [
        json!({ "error": "invalid_grant", "reason": "Invalid Token!" }),
        json!({ "error": "invalid_request", "reason": "Invalid Token!" }),
        json!({ "code": 4735, "message": "Bad refresh token" }),
        json!({ "code": 4741, "message": "Revoked by a newer authorization" }),
    ];
    for refused in ended {
        let at = Account::by_token().await;
        answer(&at.server, "POST", MINE, 401, refusal(4741)).await;
        answer(&at.server, "POST", TOKEN, 400, refused.clone()).await;
        let failure = say(&at, PAIR, &ann()).await.expect_err("no token");
        assert_eq!(failure.kind, FailureKind::NotAuthorised, "{refused}");
        assert_eq!(at.vault.access(&owner()), None, "{refused}");
    }
    let still_good = [
        (401, json!({ "error": "invalid_client" })),
        (503, json!({})),
    ];
    for (status, refused) in still_good {
        let at = Account::by_token().await;
        at.put_person(ANN, NOW - 1);
        answer(&at.server, "POST", TOKEN, status, refused.clone()).await;
        say(&at, PAIR, &ann()).await.expect_err("no token");
        let kept = at.vault.refresh(&owner());
        assert_eq!(kept.as_deref(), Some("refresh-1"), "{refused}");
    }
}

#[tokio::test]
async fn a_token_near_its_end_is_used_while_zoom_gives_no_other() {
    let at = Account::by_token().await;
    at.put_person(ANN, NOW + 60_000);
    answer(&at.server, "POST", TOKEN, 502, json!({})).await;
    answer(&at.server, "POST", MINE, 201, json!({ "id": "m" })).await;
    assert!(say(&at, PAIR, &ann()).await.is_ok());
    assert_eq!(tokens_of(&at, "POST", MINE).await, ["Bearer mine"]);
}

#[tokio::test]
async fn a_scope_that_a_person_did_not_give_spends_no_refresh_token() {
    let at = Account::by_token().await;
    let lacks = json!({ "code": 4711,
        "message": "Invalid access token, does not contain scopes:[team_chat:write:user_message]." });
    answer(&at.server, "POST", MINE, 400, lacks).await;
    let failure = say(&at, PAIR, &ann()).await.expect_err("no scope");
    assert_eq!(failure.code, "missing_scope");
    assert!(at.sent("POST", TOKEN).await.is_empty());
}

#[tokio::test]
async fn the_account_app_reads_for_everybody_and_a_persons_token_where_it_may_not() {
    let at = Account::by_token().await;
    talked(&at, json!([message("m1", 30, "hi")])).await;
    let anns = format!("/v2/chat/users/{ANN}/messages");
    let since = Timestamp(NOW - 60_000);
    let zoom = at.connector();
    let read = zoom.history(&conversation(PAIR), &ann(), since).await;
    assert_eq!(read.expect("it is read").len(), 1);
    assert_eq!(tokens_of(&at, "GET", &anns).await, ["Bearer app-level"]);
    assert!(at.sent("GET", MINE).await.is_empty());

    let at = Account::by_token().await;
    answer(&at.server, "GET", &anns, 403, refusal(200)).await;
    let listed = json!({ "messages": [message("m1", 30, "hi")] });
    get(&at.server, MINE, listed).await;
    let zoom = at.connector();
    let read = zoom.history(&conversation(PAIR), &ann(), since).await;
    assert_eq!(read.expect("it is read").len(), 1);
    assert_eq!(tokens_of(&at, "GET", MINE).await, ["Bearer mine"]);
}

#[tokio::test]
async fn whoever_has_not_authorised_it_is_not_read_where_the_app_may_not() {
    let at = Account::by_token().await;
    let bobs = format!("/v2/chat/users/{BOB}/messages");
    answer(&at.server, "GET", &bobs, 403, refusal(200)).await;
    let bob = Speaker::Account(account(BOB));
    let zoom = at.connector();
    let read = zoom
        .history(&conversation(PAIR), &bob, Timestamp(NOW))
        .await;
    assert_eq!(read.expect_err("refused").kind, FailureKind::Forbidden);
    assert!(at.sent("GET", MINE).await.is_empty());
}

#[tokio::test]
async fn by_role_a_persons_own_token_is_never_used() {
    let at = Account::start().await;
    at.put_person(ANN, NOW + 3_600_000);
    let zoom = at.connector();
    assert_eq!(zoom.capabilities().speaks_by, SpeaksBy::Role);
    assert!(zoom.sign_in().is_none() && zoom.guests().is_some());
    let anns = format!("/v2/chat/users/{ANN}/messages");
    answer(&at.server, "POST", &anns, 201, json!({ "id": "m1" })).await;
    say(&at, PAIR, &ann()).await.expect("it is said");
    assert_eq!(tokens_of(&at, "POST", &anns).await, ["Bearer app-level"]);
}

fn found(checks: &[Check], code: CheckCode, about: Option<&str>) -> Vec<Outcome> {
    let of = checks.iter().filter(|check| check.code == code);
    of.filter(|check| check.subject.as_deref() == about)
        .map(|check| check.outcome)
        .collect()
}

#[tokio::test]
async fn what_people_have_not_given_is_named_and_the_apps_secret_is_proved() {
    for (answered, outcome) in [
        (
            json!({ "error": "invalid_grant", "reason": "Invalid Token!" }),
            Outcome::Passed,
        ),
        (json!({ "error": "invalid_client" }), Outcome::Failed),
    ] {
        let at = Account::by_token().await;
        let token = json!({ "access_token": "t", "expires_in": 3600, "scope": "" });
        Mock::given(matchers::path(TOKEN))
            .and(matchers::body_string_contains("account_credentials"))
            .respond_with(ResponseTemplate::new(200).set_body_json(token))
            .mount(&at.server)
            .await;
        answer(&at.server, "POST", TOKEN, 400, answered).await;
        let asked = [account(ANN), account(BOB)];
        let checks = at.connector().preflight(Depth::Whole, &asked).await;
        let app = found(&checks, CheckCode::Credentials, Some("user_app"));
        assert_eq!(app, [outcome]);
        let code = CheckCode::PersonPermission;
        let edits = Some("team_chat:update:user_message");
        assert_eq!(found(&checks, code, edits), [Outcome::Failed]);
        let writes = Some("team_chat:write:user_message");
        assert_eq!(found(&checks, code, writes), []);
        let consent = found(&checks, CheckCode::PeopleConsent, None);
        assert_eq!(consent, [Outcome::Passed]);
        assert_eq!(found(&checks, CheckCode::GuestInvitations, None), []);

        let checks = at.connector().preflight(Depth::Whole, &[]).await;
        let consent = found(&checks, CheckCode::PeopleConsent, None);
        assert_eq!(consent, [Outcome::Unknown]);
    }
}
