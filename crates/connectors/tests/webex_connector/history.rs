use causeway_connectors::{Connector, SaidBy, TokenOwner};
use causeway_model::{
    AuthorKind, Block, Content, Happening, Incoming, Inline, Speaker, Style, Timestamp,
};
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header, method, path, query_param, query_param_is_missing},
};

use crate::support::*;

const BEGUN: Timestamp = Timestamp(NOW - HOUR);

fn keys(events: &[Incoming]) -> Vec<&str> {
    events.iter().map(|event| event.key.0.as_str()).collect()
}

async fn direct(organisation: &Organisation, messages: &[Value]) {
    Mock::given(method("GET"))
        .and(path("/v1/messages/direct"))
        .and(query_param("personId", BOB))
        .and(header("authorization", "Bearer ann"))
        .respond_with(ResponseTemplate::new(200).set_body_json(items(messages)))
        .mount(&organisation.server)
        .await;
}

async fn history(organisation: &Organisation, place: &str, speaker: Speaker) -> Vec<Incoming> {
    let connector = organisation.connector();
    let place = conversation(place);
    let read = connector.history(&place, &speaker, BEGUN).await;
    read.expect("a history")
}

#[tokio::test]
async fn a_direct_conversation_is_read_back_oldest_first_from_then_on() {
    let organisation = Organisation::start().await;
    let at = |id: &str, at: &str| message(id, "DM", "direct", at, "<p>Hi</p>");
    let messages = [
        at("M3", "2026-01-05T09:59:00.000Z"),
        at("M2", "2026-01-05T09:30:00.000Z"),
        at("M1", "2026-01-05T08:00:00.000Z"),
    ];
    direct(&organisation, &messages).await;
    let read = history(&organisation, ANN_AND_BOB, ann()).await;
    assert_eq!(keys(&read), ["m:M2", "m:M3"]);
    assert_eq!(read[0].conversation, conversation(ANN_AND_BOB));
    assert_eq!(read[0].author.kind, AuthorKind::Person);
}

#[tokio::test]
async fn what_was_said_at_the_same_moment_is_read_in_order_though_the_newest_is_listed_first() {
    let organisation = Organisation::start().await;
    let at = "2026-01-05T09:30:00.000Z";
    let before = "2026-01-05T08:00:00.000Z";
    let messages = [("M3", at), ("M2", at), ("M1", at), ("M0", before)]
        .map(|(id, at)| message(id, "DM", "direct", at, "<p>Hi</p>"));
    direct(&organisation, &messages).await;
    let read = history(&organisation, ANN_AND_BOB, ann()).await;
    assert_eq!(keys(&read), ["m:M1", "m:M2", "m:M3"]);
}

#[tokio::test]
async fn more_than_the_newest_is_read_from_the_room_page_by_page() {
    let organisation = Organisation::start().await;
    let at = |id: &str, at: &str| message(id, "DM", "direct", at, "<p>Hi</p>");
    let newest = at("M3", "2026-01-05T09:59:00.000Z");
    direct(&organisation, std::slice::from_ref(&newest)).await;
    let link = format!(
        "<{}/v1/messages?roomId=DM&before=M3>; rel=\"next\"",
        organisation.server.uri()
    );
    Mock::given(method("GET"))
        .and(path("/v1/messages"))
        .and(query_param("roomId", "DM"))
        .and(query_param_is_missing("before"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(items(&[newest]))
                .insert_header("Link", link.as_str()),
        )
        .mount(&organisation.server)
        .await;
    let older = items(&[at("M2", "2026-01-05T09:30:00.000Z")]);
    Mock::given(method("GET"))
        .and(path("/v1/messages"))
        .and(query_param("before", "M3"))
        .respond_with(ResponseTemplate::new(200).set_body_json(older))
        .mount(&organisation.server)
        .await;
    let read = history(&organisation, ANN_AND_BOB, ann()).await;
    assert_eq!(keys(&read), ["m:M2", "m:M3"]);
}

#[tokio::test]
async fn two_who_have_not_written_to_each_other_have_no_history() {
    let organisation = Organisation::start().await;
    organisation
        .answers("GET", "/v1/messages/direct", 404, json!({}))
        .await;
    assert!(history(&organisation, ANN_AND_BOB, ann()).await.is_empty());
}

#[tokio::test]
async fn an_edited_message_is_a_post_that_holds_the_edit_and_then_the_edit() {
    let organisation = Organisation::start().await;
    let mut edited = message("M1", "DM", "direct", "2026-01-05T09:30:00.000Z", "New");
    edited["updated"] = "2026-01-05T09:31:00.000Z".into();
    let older = message("M0", "DM", "direct", "2026-01-05T08:00:00.000Z", "Old");
    direct(&organisation, &[edited, older]).await;
    let read = history(&organisation, ANN_AND_BOB, ann()).await;
    let edit = format!("e:M1:{}", NOW - 29 * 60_000);
    assert_eq!(keys(&read), ["m:M1", edit.as_str()]);
    assert_eq!(read[0].contains, [read[1].key.clone()]);
}

#[tokio::test]
async fn what_the_bot_is_not_shown_in_a_group_the_administrator_reads() {
    let organisation = Organisation::start().await;
    let mut by_bot = message("M1", ROOM, "group", "2026-01-05T09:30:00.000Z", "Hi");
    by_bot["personId"] = BOT.into();
    Mock::given(method("GET"))
        .and(path("/v1/messages"))
        .and(query_param("roomId", ROOM))
        .and(header("authorization", "Bearer admin"))
        .respond_with(ResponseTemplate::new(200).set_body_json(items(&[by_bot])))
        .mount(&organisation.server)
        .await;
    let read = history(&organisation, ROOM, Speaker::App).await;
    assert_eq!(keys(&read), ["m:M1"]);
    assert_eq!(read[0].author.kind, AuthorKind::OwnApp);
}

/// Events of the organisation: one message in the room of the pair, one elsewhere.
async fn events(organisation: &Organisation) {
    let event = |id: &str, kind: &str, data: Value| {
        json!({
            "id": id, "resource": "messages", "type": kind, "actorId": ANN,
            "created": "2026-01-05T09:30:00.000Z", "data": data,
        })
    };
    let here = message("M1", ROOM, "group", "2026-01-05T09:30:00.000Z", "Hi");
    let elsewhere = message("M2", "OTHER", "group", "2026-01-05T09:30:00.000Z", "No");
    let told = items(&[
        event("E1", "created", here.clone()),
        event("E2", "deleted", here),
        event("E3", "created", elsewhere),
    ]);
    Mock::given(method("GET"))
        .and(path("/v1/events"))
        .and(query_param("resource", "messages"))
        .and(query_param("from", "2026-01-05T09:00:00.000Z"))
        .and(header("authorization", "Bearer admin"))
        .respond_with(ResponseTemplate::new(200).set_body_json(told))
        .mount(&organisation.server)
        .await;
    let rooms = items(&[json!({ "id": ROOM, "type": "group" })]);
    organisation.answers("GET", "/v1/rooms", 200, rooms).await;
}

#[tokio::test]
async fn what_may_not_be_listed_is_read_from_the_organisations_events_under_the_same_keys() {
    let organisation = Organisation::start().await;
    organisation
        .answers("GET", "/v1/messages", 404, json!({}))
        .await;
    events(&organisation).await;
    let read = history(&organisation, ROOM, Speaker::App).await;
    assert_eq!(keys(&read), ["m:M1", "d:M1"]);
}

#[tokio::test]
async fn whoever_has_not_signed_in_is_read_for_by_the_administrator() {
    let organisation = Organisation::start().await;
    organisation.vault.remove(&owner(ANN));
    events(&organisation).await;
    let read = history(&organisation, ROOM, ann()).await;
    assert_eq!(keys(&read), ["m:M1", "d:M1"]);
    organisation.vault.remove(&TokenOwner::AppLevel);
    let connector = organisation.connector();
    let place = conversation(ROOM);
    let failed = connector.history(&place, &ann(), BEGUN).await;
    assert_eq!(failed.expect_err("nobody can").code, "no_token");
}

#[tokio::test]
async fn what_may_stand_where_nobody_shows_who_is_in_it_is_not_taken_for_absent() {
    for (author, outcome) in [(ANN, Err("http_403")), (EVE, Ok(0))] {
        let organisation = Organisation::start().await;
        for refused in ["/v1/messages/direct", "/v1/memberships"] {
            organisation.answers("GET", refused, 403, json!({})).await;
        }
        let at = "2026-01-05T09:30:00.000Z";
        let mut said = message("M1", "DM", "direct", at, "Hi");
        said["personId"] = author.into();
        let told = json!({
            "id": "E1", "resource": "messages", "type": "created", "created": at, "data": said,
        });
        organisation
            .answers("GET", "/v1/events", 200, items(&[told]))
            .await;
        organisation
            .answers("GET", "/v1/rooms", 200, items(&[]))
            .await;
        let (connector, place) = (organisation.connector(), conversation(ANN_AND_BOB));
        let read = connector.history(&place, &ann(), BEGUN).await;
        let read = read.map(|events| events.len());
        let read = read.as_ref().map_err(|failure| failure.code.as_str());
        assert_eq!(read.copied(), outcome, "{author}");
    }
}

#[tokio::test]
async fn what_is_compared_with_a_read_back_is_what_is_read_back() {
    let organisation = Organisation::start().await;
    let content = Content {
        blocks: vec![
            Block::Paragraph(vec![
                Inline::Text("1. Hi *there* ".into()),
                Inline::Styled {
                    style: Style::Bold,
                    children: vec![Inline::Text("bold".into())],
                },
                Inline::Text(" ".into()),
                Inline::Mention {
                    account: account(BOB),
                    name: "Bob Ray".into(),
                },
                Inline::LineBreak,
                Inline::Text("x < y".into()),
            ]),
            Block::Code {
                text: "let x;".into(),
            },
        ],
    };
    let html = "<p>1. Hi *there* <strong>bold</strong> \
        <spark-mention data-object-type=\"person\" data-object-id=\"BOB\">Bob Ray</spark-mention>\
        <br/>x &lt; y</p><pre><code>let x;\n</code></pre>";
    let stands = message("M1", "DM", "direct", "2026-01-05T09:30:00.000Z", html);
    let older = message("M0", "DM", "direct", "2026-01-05T08:00:00.000Z", "Old");
    direct(&organisation, &[stands, older]).await;
    let read = history(&organisation, ANN_AND_BOB, ann()).await;
    let Happening::Posted { content: back, .. } = &read[0].happened else {
        panic!("a post");
    };
    let by = SaidBy {
        conversation: &conversation(ANN_AND_BOB),
        speaker: &ann(),
        shown_as: None,
    };
    let expected = organisation.connector().as_read_back(&content, &by);
    assert_eq!(back.fingerprint(), expected.fingerprint());
}
