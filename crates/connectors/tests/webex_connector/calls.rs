use causeway_connectors::{Connector, Edit, Post, Posted, ShownAs};
use causeway_model::{
    AccountKind, ConversationKind, Failure, FailureKind, RelayId, Speaker, Timestamp,
};
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_json, header, method, path, query_param, query_param_is_missing},
};

use crate::support::*;

const MESSAGES: &str = "/v1/messages";

async fn post(
    organisation: &Organisation,
    place: &str,
    speaker: Speaker,
) -> Result<Posted, Failure> {
    let shown_as = ShownAs {
        name: "Bob *Ray*".into(),
        photo: None,
    };
    let post = Post {
        conversation: &conversation(place),
        shown_as: (speaker == Speaker::App).then_some(&shown_as),
        speaker: &speaker,
        content: &hello(),
        buttons: &[],
        relay_id: &RelayId::from_bits(1),
    };
    organisation.connector().post(&post).await
}

async fn takes_post(organisation: &Organisation, token: &str, body: Value, room: &str) {
    let made = message("M1", room, "group", "2026-01-05T10:00:00.500Z", "");
    Mock::given(method("POST"))
        .and(path(MESSAGES))
        .and(header("authorization", format!("Bearer {token}")))
        .and(body_json(body))
        .respond_with(ResponseTemplate::new(200).set_body_json(made))
        .expect(1)
        .mount(&organisation.server)
        .await;
}

#[tokio::test]
async fn a_post_of_the_bot_names_whom_it_speaks_for() {
    let organisation = Organisation::start().await;
    let body = json!({ "roomId": ROOM, "markdown": "**Bob \\*Ray\\***: Hello" });
    takes_post(&organisation, "bot", body, ROOM).await;
    let posted = post(&organisation, ROOM, Speaker::App).await;
    let posted = posted.expect("posted");
    assert_eq!(posted.message, message_id("M1"));
    assert_eq!(posted.at, Timestamp(NOW + 500));
}

#[tokio::test]
async fn a_direct_post_goes_to_the_other_whether_or_not_there_is_a_room_yet() {
    let organisation = Organisation::start().await;
    let body = json!({ "toPersonId": BOB, "markdown": "Hello" });
    takes_post(&organisation, "ann", body, "DM").await;
    post(&organisation, ANN_AND_BOB, ann())
        .await
        .expect("posted");
}

#[tokio::test]
async fn nobody_posts_into_a_direct_conversation_of_others() {
    let organisation = Organisation::start().await;
    let failure = post(&organisation, "direct:BOB:EVE", ann()).await;
    let failure = failure.expect_err("not posted");
    assert_eq!(failure.code, "not_in_conversation");
    assert!(organisation.sent("POST", MESSAGES).await.is_empty());
}

#[tokio::test]
async fn a_post_that_may_have_been_made_is_of_unknown_outcome() {
    let after = |status: u16| ResponseTemplate::new(status).insert_header("Retry-After", "3");
    let waits = FailureKind::Throttled {
        after_ms: Some(3_000),
    };
    let table = [
        (ResponseTemplate::new(500), FailureKind::Unknown),
        (ResponseTemplate::new(504), FailureKind::Unknown),
        (
            ResponseTemplate::new(200).set_body_string("{"),
            FailureKind::Unknown,
        ),
        (after(429), waits),
        (after(423), waits),
        (after(503), waits),
        (ResponseTemplate::new(400), FailureKind::Rejected),
        (ResponseTemplate::new(403), FailureKind::Forbidden),
        (ResponseTemplate::new(404), FailureKind::Gone),
        (ResponseTemplate::new(409), FailureKind::Rejected),
    ];
    for (answer, kind) in table {
        let organisation = Organisation::start().await;
        Mock::given(method("POST"))
            .and(path(MESSAGES))
            .respond_with(answer)
            .expect(1)
            .mount(&organisation.server)
            .await;
        let failure = post(&organisation, ROOM, ann()).await;
        assert_eq!(failure.expect_err("not posted").kind, kind);
    }
}

#[tokio::test]
async fn a_post_that_cannot_leave_was_not_sent() {
    let mut organisation = Organisation::start().await;
    organisation.settings.api_url = "http://127.0.0.1:1/v1".parse().expect("a URL");
    let failure = post(&organisation, ANN_AND_BOB, ann()).await;
    assert_eq!(failure.expect_err("not posted").kind, FailureKind::NotSent);
}

async fn edit(organisation: &Organisation, place: &str, speaker: &Speaker) -> Result<(), Failure> {
    let edit = Edit {
        conversation: &conversation(place),
        message: &message_id("M1"),
        speaker,
        shown_as: None,
        content: &hello(),
        relay_id: &RelayId::from_bits(1),
    };
    organisation.connector().edit(&edit).await
}

#[tokio::test]
async fn an_edit_of_a_direct_message_finds_its_room_first() {
    let organisation = Organisation::start().await;
    let found = message("M1", "DM", "direct", "2026-01-05T10:00:00Z", "");
    organisation
        .answers("GET", "/v1/messages/M1", 200, found.clone())
        .await;
    Mock::given(method("PUT"))
        .and(path("/v1/messages/M1"))
        .and(header("authorization", "Bearer ann"))
        .and(body_json(json!({ "roomId": "DM", "markdown": "Hello" })))
        .respond_with(ResponseTemplate::new(200).set_body_json(found))
        .expect(1)
        .mount(&organisation.server)
        .await;
    edit(&organisation, ANN_AND_BOB, &ann())
        .await
        .expect("edited");
}

#[tokio::test]
async fn a_message_that_was_edited_ten_times_is_edited_no_more() {
    let organisation = Organisation::start().await;
    let said = json!({ "message": "Edit limit reached", "errors": [], "trackingId": "x" });
    organisation
        .answers("PUT", "/v1/messages/M1", 400, said)
        .await;
    let failure = edit(&organisation, ROOM, &Speaker::App).await;
    let failure = failure.expect_err("not edited");
    assert_eq!(failure.kind, FailureKind::NotSupported);
    assert_eq!(failure.code, "edit_limit");
}

#[tokio::test]
async fn a_message_that_is_gone_already_is_deleted() {
    let organisation = Organisation::start().await;
    organisation
        .answers("DELETE", "/v1/messages/M1", 404, json!({}))
        .await;
    let connector = organisation.connector();
    let (place, message) = (conversation(ROOM), message_id("M1"));
    let deleted = connector.delete(&place, &message, &ann()).await;
    assert_eq!(deleted, Ok(()));
}

#[tokio::test]
async fn a_direct_conversation_tells_its_members_by_its_name() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    for (place, kind, other) in [
        (ANN_AND_BOB, ConversationKind::Direct, BOB),
        (ANN_AND_BOT, ConversationKind::WithApp, BOT),
    ] {
        let place = conversation(place);
        let facts = connector.conversation(&place, &Speaker::App).await;
        let facts = facts.expect("facts");
        assert_eq!(facts.kind, kind);
        assert_eq!(facts.members, [account(ANN), account(other)]);
    }
    assert!(organisation.sent("GET", "/v1/memberships").await.is_empty());
}

#[tokio::test]
async fn the_members_of_a_group_are_asked_for() {
    let organisation = Organisation::start().await;
    let listed = members(ROOM, "group", &[BOT, ANN, EVE]);
    Mock::given(method("GET"))
        .and(path("/v1/memberships"))
        .and(query_param("roomId", ROOM))
        .and(header("authorization", "Bearer bot"))
        .respond_with(ResponseTemplate::new(200).set_body_json(listed))
        .mount(&organisation.server)
        .await;
    let facts = organisation
        .connector()
        .conversation(&conversation(ROOM), &Speaker::App)
        .await
        .expect("facts");
    assert_eq!(facts.kind, ConversationKind::Group);
    assert_eq!(facts.members, [BOT, ANN, EVE].map(account));
}

#[tokio::test]
async fn the_newest_conversations_are_listed_with_their_members() {
    let organisation = Organisation::start().await;
    let rooms = items(&[
        json!({ "id": "DM", "type": "direct", "title": "Bob" }),
        json!({ "id": ROOM, "type": "group", "title": "Plans" }),
    ]);
    organisation.answers("GET", "/v1/rooms", 200, rooms).await;
    for (room, kind, people) in [
        ("DM", "direct", vec![ANN, BOB]),
        (ROOM, "group", vec![ANN, EVE]),
    ] {
        Mock::given(method("GET"))
            .and(path("/v1/memberships"))
            .and(query_param("roomId", room))
            .respond_with(ResponseTemplate::new(200).set_body_json(members(room, kind, &people)))
            .mount(&organisation.server)
            .await;
    }
    let listed = organisation.connector().conversations(&ann()).await;
    let listed = listed.expect("a list");
    let seen: Vec<_> = listed
        .iter()
        .map(|facts| (facts.id.as_str(), facts.kind))
        .collect();
    assert_eq!(
        seen,
        [
            (ANN_AND_BOB, ConversationKind::Direct),
            (ROOM, ConversationKind::Group)
        ]
    );
}

#[tokio::test]
async fn the_directory_is_read_page_by_page_and_everyone_is_what_they_are() {
    let organisation = Organisation::start().await;
    let person = |id: &str, email: &str, extra: Value| {
        let mut person = json!({
            "id": id, "emails": [email], "displayName": id, "orgId": ORG, "type": "person",
            "loginEnabled": "true", "invitePending": "false", "avatar": "https://x.example/a",
        });
        let (Value::Object(all), Value::Object(extra)) = (&mut person, extra) else {
            panic!("objects");
        };
        all.extend(extra);
        person
    };
    let first = items(&[
        person(ANN, "ann@acme.example", json!({})),
        person(BOT, "causeway@webex.bot", json!({ "type": "bot" })),
        person("OTHER", "other@webex.bot", json!({ "type": "bot" })),
    ]);
    let second = items(&[
        person("GUEST", "1ad@appid.ciscospark.com", json!({})),
        person(EVE, "eve@other.example", json!({ "orgId": "OTHER" })),
        person(
            "LEFT",
            "left@acme.example",
            json!({ "loginEnabled": false }),
        ),
        person(
            "NEW",
            "new@acme.example",
            json!({ "invitePending": "true" }),
        ),
    ]);
    let uri = organisation.server.uri();
    let link = format!("<{uri}/v1/people?max=200&cursor=2>; rel=\"next\"");
    Mock::given(method("GET"))
        .and(path("/v1/people"))
        .and(header("authorization", "Bearer admin"))
        .and(query_param_is_missing("cursor"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(first)
                .insert_header("Link", link.as_str()),
        )
        .mount(&organisation.server)
        .await;
    Mock::given(method("GET"))
        .and(path("/v1/people"))
        .and(query_param("cursor", "2"))
        .respond_with(ResponseTemplate::new(200).set_body_json(second))
        .mount(&organisation.server)
        .await;
    let connector = organisation.connector();
    let first = connector.directory(None).await.expect("a page");
    let second = connector.directory(first.next.clone()).await;
    let second = second.expect("another page");
    assert_eq!(second.next, None);
    let accounts = first.accounts.iter().chain(&second.accounts);
    let seen: Vec<_> = accounts
        .map(|one| {
            let id = one.external.as_str();
            (id, one.kind, one.active, one.email_verified)
        })
        .collect();
    assert_eq!(
        seen,
        [
            (ANN, AccountKind::Full, true, true),
            (BOT, AccountKind::App, true, false),
            ("OTHER", AccountKind::Bot, true, false),
            ("GUEST", AccountKind::Guest, true, false),
            (EVE, AccountKind::Full, true, false),
            ("LEFT", AccountKind::Full, false, true),
            ("NEW", AccountKind::Full, false, true),
        ]
    );
}

#[tokio::test]
async fn a_token_goes_nowhere_but_to_webex_whatever_a_link_says() {
    let organisation = Organisation::start().await;
    for page in [
        "https://evil.example/v1/people?cursor=2",
        "https://webexapis.com.evil.example/v1/people?cursor=2",
        "wss://mercury.wbx2.com/v1/people?cursor=2",
        "http://api.ciscospark.com/v1/people?cursor=2",
    ] {
        let connector = organisation.connector();
        let failure = connector.directory(Some(page.to_owned())).await;
        let failure = failure.expect_err("refused");
        assert_eq!(failure.code, "foreign_link", "{page}");
    }
}

#[tokio::test]
async fn the_hub_is_the_bot_and_the_organisation_has_its_own_name_or_its_domain() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    let unnamed = connector.identify().await.expect("an identity");
    assert_eq!(unnamed.own_accounts, [account(BOT)]);
    assert_eq!(unnamed.name, "acme.example");
    let named = json!({ "id": ORG, "displayName": "Acme, Inc." });
    organisation
        .answers("GET", "/v1/organizations/ORG", 200, named)
        .await;
    let named = connector.identify().await.expect("an identity");
    assert_eq!(named.name, "Acme, Inc.");
    let own = connector.own_account().await.expect("it is told");
    assert!(own.expect("an account").is_called("root@acme.example"));
}

#[tokio::test]
async fn a_message_is_opened_by_a_link_where_its_room_is_known() {
    let organisation = Organisation::start().await;
    let connector = organisation.connector();
    let room = "Y2lzY29zcGFyazovL3VzL1JPT00vYmJjZWIxYWQtNDNmMS0zYjU4LTkxNDctZjE0YmIwYzRkMTU0";
    let message =
        "Y2lzY29zcGFyazovL3VzL01FU1NBR0UvOTJkYjNiZTAtNDNiZC0xMWU2LThhZTktZGQ1YjNkZmM1NjVk";
    let link = connector.permalink(&conversation(room), &message_id(message));
    assert_eq!(
        link.as_deref(),
        Some(
            "webexteams://im?space=bbceb1ad-43f1-3b58-9147-f14bb0c4d154\
             &message=92db3be0-43bd-11e6-8ae9-dd5b3dfc565d"
        )
    );
    let unknown = connector.permalink(&conversation(ANN_AND_BOB), &message_id(message));
    assert_eq!(unknown, None);
}

#[tokio::test]
async fn settings_that_no_call_could_be_made_with_are_refused() {
    let organisation = Organisation::start().await;
    let mut settings = organisation.settings.clone();
    settings.client_id = " ".to_owned();
    let refused = causeway_connectors::webex::WebexConnector::new(
        settings,
        causeway_connectors::http::client().expect("a client"),
        organisation.vault.clone(),
        organisation.clock.clone(),
        std::sync::Arc::new(Counting::from_one()),
        None,
    );
    let refused = refused.err().expect("refused");
    assert_eq!(
        (refused.code.as_str(), refused.detail.as_str()),
        ("bad_settings", "client_id")
    );
}

#[test]
fn secrets_are_not_written_with_the_settings() {
    let settings: causeway_connectors::webex::Settings = serde_json::from_value(json!({
        "api_url": "https://webexapis.com/v1", "client_id": "C1", "client_secret": "no",
    }))
    .expect("settings");
    assert_eq!(settings.client_secret, None);
    assert_eq!(settings.poll_every_ms, 3_000);
    let written = serde_json::to_string(&settings).expect("JSON");
    assert!(!written.contains("secret"), "{written}");
}
