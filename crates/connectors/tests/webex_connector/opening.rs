use causeway_connectors::Connector;
use causeway_model::{FailureKind, LegKind, Timestamp};
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_partial_json, header, method, path},
};

use crate::support::*;

const ROOMS: &str = "/v1/rooms";
const MEMBERSHIPS: &str = "/v1/memberships";

fn room(description: Option<&str>, created: &str) -> Value {
    json!({
        "id": ROOM, "title": "Bob Ray", "type": "group", "creatorId": BOT,
        "created": created, "description": description,
    })
}

fn described() -> String {
    format!(
        "Causeway {}",
        wanted(LegKind::Group, None).relay_id.as_str()
    )
}

/// No rooms yet, and a room to be made.
async fn makes_room(organisation: &Organisation) {
    organisation.answers("GET", ROOMS, 200, items(&[])).await;
    let made = room(None, "2026-01-05T10:00:00.000Z");
    organisation.answers("POST", ROOMS, 200, made).await;
}

async fn lets_in(organisation: &Organisation, person: &str, status: u16) {
    let body = json!({ "roomId": ROOM, "personId": person });
    Mock::given(method("POST"))
        .and(path(MEMBERSHIPS))
        .and(header("authorization", "Bearer bot"))
        .and(body_partial_json(body))
        .respond_with(ResponseTemplate::new(status).set_body_json(json!({})))
        .mount(&organisation.server)
        .await;
}

#[tokio::test]
async fn a_direct_conversation_is_opened_without_a_call_and_has_one_name() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    let native = wanted(LegKind::Native, Some(BOB));
    let opened = connector.open(&native).await.expect("opened");
    assert_eq!(opened, conversation(ANN_AND_BOB));
    let found = connector.find_opened(&native, Timestamp(NOW)).await;
    assert_eq!(found, Ok(Some(opened)));
    let app = connector.open(&wanted(LegKind::App, None)).await;
    assert_eq!(app, Ok(conversation(ANN_AND_BOT)));
    for verb in ["GET", "POST"] {
        assert!(organisation.sent(verb, ROOMS).await.is_empty());
    }
}

#[tokio::test]
async fn a_group_is_made_for_a_pair_by_the_bot() {
    let organisation = Organisation::start().await;
    makes_room(&organisation).await;
    lets_in(&organisation, ANN, 200).await;
    // In it already.
    lets_in(&organisation, BOB, 409).await;
    let opened = organisation
        .connector()
        .open(&wanted(LegKind::Group, Some(BOB)))
        .await;
    assert_eq!(opened, Ok(conversation(ROOM)));
    let made = organisation.sent("POST", ROOMS).await;
    assert_eq!(
        made,
        [json!({ "title": "Bob Ray", "description": described() })]
    );
    assert_eq!(organisation.sent("POST", MEMBERSHIPS).await.len(), 2);
}

#[tokio::test]
async fn a_group_does_without_a_stand_in_who_may_not_come_in() {
    let organisation = Organisation::start().await;
    makes_room(&organisation).await;
    lets_in(&organisation, ANN, 200).await;
    lets_in(&organisation, BOB, 403).await;
    let opened = organisation
        .connector()
        .open(&wanted(LegKind::Group, Some(BOB)))
        .await;
    assert_eq!(opened, Ok(conversation(ROOM)));
}

#[tokio::test]
async fn a_group_whose_person_may_not_come_in_is_taken_down_again() {
    let organisation = Organisation::start().await;
    makes_room(&organisation).await;
    lets_in(&organisation, ANN, 403).await;
    Mock::given(method("DELETE"))
        .and(path(format!("{ROOMS}/{ROOM}")))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&organisation.server)
        .await;
    let refused = organisation
        .connector()
        .open(&wanted(LegKind::Group, None))
        .await;
    let refused = refused.expect_err("not opened");
    assert_eq!(refused.kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn a_group_that_was_half_made_is_of_unknown_outcome() {
    let organisation = Organisation::start().await;
    makes_room(&organisation).await;
    lets_in(&organisation, ANN, 429).await;
    let half = organisation
        .connector()
        .open(&wanted(LegKind::Group, None))
        .await;
    assert_eq!(half.expect_err("not opened").kind, FailureKind::Unknown);
}

#[tokio::test]
async fn a_half_made_group_is_found_by_what_it_says_of_itself_and_made_whole() {
    let organisation = Organisation::start().await;
    let mut other = room(Some("Causeway 0"), "2026-01-05T10:00:02.000Z");
    other["id"] = "OTHER".into();
    let made = room(Some(&described()), "2026-01-05T10:00:01.000Z");
    let rooms = items(&[other, made]);
    organisation.answers("GET", ROOMS, 200, rooms).await;
    lets_in(&organisation, ANN, 200).await;
    let found = organisation
        .connector()
        .find_opened(&wanted(LegKind::Group, None), Timestamp(NOW))
        .await;
    assert_eq!(found, Ok(Some(conversation(ROOM))));
    assert_eq!(organisation.sent("POST", MEMBERSHIPS).await.len(), 1);
}

#[tokio::test]
async fn without_such_words_a_group_is_found_by_its_title_time_and_members() {
    let table = [
        ("2026-01-05T10:00:01.000Z", vec![BOT, ANN], true),
        ("2026-01-05T10:00:01.000Z", vec![BOT], true),
        ("2026-01-05T10:00:01.000Z", vec![BOT, ANN, EVE], false),
        ("2026-01-05T09:00:00.000Z", vec![BOT, ANN], false),
    ];
    for (created, people, is_found) in table {
        let organisation = Organisation::start().await;
        let rooms = items(&[room(None, created)]);
        organisation.answers("GET", ROOMS, 200, rooms).await;
        let listed = members(ROOM, "group", &people);
        organisation.answers("GET", MEMBERSHIPS, 200, listed).await;
        lets_in(&organisation, ANN, 409).await;
        let found = organisation
            .connector()
            .find_opened(&wanted(LegKind::Group, None), Timestamp(NOW))
            .await
            .expect("an answer");
        assert_eq!(found.is_some(), is_found, "{created} {people:?}");
    }
}
