//! Posting, editing, deleting, reading back, and conversations.

use causeway_connectors::{Connector, Edit, Post, SaidBy, ShownAs, TokenOwner};
use causeway_model::{
    AccountKind, AuthorKind, Block, Content, ConversationKind, ExternalMessage, Failure,
    FailureKind, Happening, Inline, LegKind, OpenConversation, RelayId, Speaker, Style, Timestamp,
};
use serde_json::{Value, json};
use wiremock::{
    Mock,
    matchers::{method, path, query_param},
};

use crate::support::{
    ANN, Account, BOB, CHANNEL, HUB, NOW, PAIR, ROBOT, account, answer, answer_once, conversation,
    dated, get, message, refusal, talked, user,
};

fn relay_id() -> RelayId {
    RelayId::from_bits(0xabcdef)
}

fn ann() -> Speaker {
    Speaker::Account(account(ANN))
}

fn bold_and_bob() -> Content {
    Content {
        blocks: vec![Block::Paragraph(vec![
            Inline::Styled {
                style: Style::Bold,
                children: vec![Inline::Text("hi".into())],
            },
            Inline::Text(" ".into()),
            Inline::Mention {
                account: account(BOB),
                name: "Bob".into(),
            },
        ])],
    }
}

async fn post(
    at: &Account,
    to: &str,
    speaker: &Speaker,
    shown_as: Option<&ShownAs>,
) -> Result<ExternalMessage, Failure> {
    let posted = at
        .connector()
        .post(&Post {
            conversation: &conversation(to),
            speaker,
            shown_as,
            content: &bold_and_bob(),
            buttons: &[],
            relay_id: &relay_id(),
        })
        .await;
    posted.map(|posted| posted.message)
}

#[tokio::test]
async fn a_member_writes_to_the_others_address_by_the_accounts_app() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{ANN}/messages");
    answer(&at.server, "POST", &path, 201, json!({ "id": "M1" })).await;
    let posted = post(&at, PAIR, &ann(), None).await;
    assert_eq!(posted, Ok(ExternalMessage::new("M1")));
    let sent = at.sent("POST", &path).await;
    assert_eq!(sent[0].token, "Bearer app-level");
    assert_eq!(
        sent[0].body,
        json!({
            "message": "hi @Bob",
            "to_contact": "bob@acme.example",
            "rich_text": [{ "start_position": 0, "end_position": 1, "format_type": "Bold" }],
            "at_items": [{ "at_contact": BOB, "at_type": 1, "start_position": 3, "end_position": 6 }],
        })
    );
}

#[tokio::test]
async fn the_app_without_a_chatbot_is_the_service_user_with_the_name_in_the_text() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{HUB}/messages");
    answer(&at.server, "POST", &path, 201, json!({ "id": "M1" })).await;
    let shown = ShownAs {
        name: "Ann".into(),
        photo: None,
    };
    let posted = post(&at, CHANNEL, &Speaker::App, Some(&shown)).await;
    assert_eq!(posted, Ok(ExternalMessage::new("M1")));
    let body = &at.sent("POST", &path).await[0].body;
    assert_eq!(
        (&body["message"], &body["to_channel"]),
        (&json!("Ann: hi @Bob"), &json!(CHANNEL))
    );
}

#[tokio::test]
async fn in_a_channel_the_chatbot_speaks_for_the_app_and_to_a_person_the_service_user() {
    let at = Account::with_chatbot().await;
    let made = json!({ "message_id": "B1", "sent_time": "2026-01-05T10:00:01Z" });
    answer(&at.server, "POST", "/v2/im/chat/messages", 200, made).await;
    let path = format!("/v2/chat/users/{HUB}/messages");
    answer(&at.server, "POST", &path, 201, json!({ "id": "M1" })).await;
    let shown = ShownAs {
        name: "Ann".into(),
        photo: None,
    };
    let posted = post(&at, CHANNEL, &Speaker::App, Some(&shown)).await;
    assert_eq!(posted, Ok(ExternalMessage::new("B1")));
    let sent = at.sent("POST", "/v2/im/chat/messages").await;
    assert_eq!(sent[0].token, "Bearer chatbot");
    assert_eq!(
        sent[0].body,
        json!({
            "robot_jid": ROBOT, "account_id": "acc",
            "to_jid": "825c@conference.xmpp.zoom.us",
            "is_markdown_support": true,
            "content": { "body": [{ "type": "message", "text": "*Ann*: *hi* @Bob" }] },
        })
    );
    let with_ann = format!("dm:{ANN}~{HUB}");
    let posted = post(&at, &with_ann, &Speaker::App, None).await;
    assert_eq!(posted, Ok(ExternalMessage::new("M1")));
    let own = at.connector().identify().await.expect("an identity");
    assert_eq!(own.own_accounts, [account(HUB), account(ROBOT)]);
    assert_eq!(own.name, "acme.example");
}

#[tokio::test]
async fn nobody_writes_into_a_conversation_of_two_others() {
    let at = Account::start().await;
    let posted = post(&at, PAIR, &Speaker::App, None).await;
    assert_eq!(
        posted.map_err(|failure| (failure.kind, failure.code)),
        Err((FailureKind::Forbidden, "not_in_conversation".into()))
    );
}

#[tokio::test]
async fn each_way_a_post_fails_is_told_apart() {
    use FailureKind::{Forbidden, Gone, NotAuthorised, Rejected, Throttled, Unknown};
    let second = Throttled {
        after_ms: Some(1_000),
    };
    for (status, code, kind) in [
        (400, 300, Rejected),
        (403, 200, Forbidden),
        (404, 4130, Gone),
        (404, 1001, Gone),
        (400, 4711, NotAuthorised),
        (429, 429, second),
        (500, 0, Unknown),
        (504, 0, Unknown),
    ] {
        let at = Account::start().await;
        let token = json!({ "access_token": "again", "expires_in": 3600, "scope": "" });
        answer(&at.server, "POST", "/oauth/token", 200, token).await;
        let path = format!("/v2/chat/users/{ANN}/messages");
        answer(&at.server, "POST", &path, status, refusal(code)).await;
        let posted = post(&at, PAIR, &ann(), None).await;
        assert_eq!(
            posted.map_err(|failure| failure.kind),
            Err(kind),
            "{status} {code}"
        );
        let tries = if kind == NotAuthorised { 2 } else { 1 };
        assert_eq!(at.sent("POST", &path).await.len(), tries, "{status} {code}");
    }
}

#[tokio::test]
async fn an_answer_without_an_id_is_an_unknown_outcome() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{ANN}/messages");
    answer(&at.server, "POST", &path, 201, json!({})).await;
    let posted = post(&at, PAIR, &ann(), None).await;
    assert_eq!(posted.map_err(|f| f.kind), Err(FailureKind::Unknown));
}

#[tokio::test]
async fn an_edit_is_plain_text_at_the_place_of_the_message() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{ANN}/messages/M1");
    Mock::given(method("PUT"))
        .and(wiremock::matchers::path(path.as_str()))
        .respond_with(dated(204))
        .mount(&at.server)
        .await;
    let content = Content {
        blocks: vec![Block::Paragraph(vec![Inline::Link {
            url: "https://x.example/".into(),
            children: vec![Inline::Text("this".into())],
        }])],
    };
    let edited = at
        .connector()
        .edit(&Edit {
            conversation: &conversation(PAIR),
            message: &ExternalMessage::new("M1"),
            speaker: &ann(),
            shown_as: None,
            content: &content,
            relay_id: &relay_id(),
        })
        .await;
    assert_eq!(edited, Ok(()));
    assert_eq!(
        at.sent("PUT", &path).await[0].body,
        json!({ "message": "this (https://x.example/)", "to_contact": "bob@acme.example" })
    );
}

#[tokio::test]
async fn what_the_chatbot_said_is_edited_and_deleted_by_it() {
    let at = Account::with_chatbot().await;
    for verb in ["PUT", "DELETE"] {
        answer(&at.server, verb, "/v2/im/chat/messages/B1", 200, json!({})).await;
    }
    let (place, message) = (conversation(CHANNEL), ExternalMessage::new("B1"));
    let zoom = at.connector();
    let edited = zoom
        .edit(&Edit {
            conversation: &place,
            message: &message,
            speaker: &Speaker::App,
            shown_as: None,
            content: &Content::plain("new"),
            relay_id: &relay_id(),
        })
        .await;
    assert_eq!(edited, Ok(()));
    let body = &at.sent("PUT", "/v2/im/chat/messages/B1").await[0].body;
    assert_eq!(body["content"]["body"][0]["text"], "new");
    let deleted = zoom.delete(&place, &message, &Speaker::App).await;
    assert_eq!(deleted, Ok(()));
    let sent = at.sent("DELETE", "/v2/im/chat/messages/B1").await;
    assert_eq!(sent[0].query["robot_jid"], ROBOT);
    assert_eq!(sent[0].token, "Bearer chatbot");
}

#[tokio::test]
async fn what_is_deleted_already_is_deleted() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{ANN}/messages/M1");
    let (place, message) = (conversation(PAIR), ExternalMessage::new("M1"));
    answer_once(&at.server, "DELETE", &path, 404, refusal(0)).await;
    let deleted = at.connector().delete(&place, &message, &ann()).await;
    assert_eq!(deleted, Ok(()));
    assert_eq!(
        at.sent("DELETE", &path).await[0].query["to_contact"],
        "bob@acme.example"
    );
    answer(&at.server, "DELETE", &path, 403, refusal(200)).await;
    let deleted = at.connector().delete(&place, &message, &ann()).await;
    assert_eq!(deleted.map_err(|f| f.kind), Err(FailureKind::Forbidden));
}

#[tokio::test]
async fn what_was_posted_is_read_back_as_it_was_foretold() {
    let at = Account::start().await;
    let mut posted = message("M1", 10, "hi @Bob");
    posted["rich_text"] =
        json!([{ "start_position": 0, "end_position": 1, "format_type": "Bold" }]);
    posted["at_items"] = json!([{ "at_contact": "bob@acme.example", "at_type": 1,
        "start_position": 3, "end_position": 6 }]);
    talked(&at, json!([posted])).await;
    let zoom = at.connector();
    let since = Timestamp(NOW - 60_000);
    let read = zoom.history(&conversation(PAIR), &ann(), since).await;
    let read = read.expect("a history");
    let Happening::Posted { content, .. } = &read[0].happened else {
        panic!("{read:?}");
    };
    let (place, ann) = (conversation(PAIR), ann());
    let by = SaidBy {
        conversation: &place,
        speaker: &ann,
        shown_as: None,
    };
    assert_eq!(*content, zoom.as_read_back(&bold_and_bob(), &by));
    assert_eq!(read[0].key.0, format!("m:{PAIR}:M1"));
    let sent = at
        .sent("GET", &format!("/v2/chat/users/{ANN}/messages"))
        .await;
    assert_eq!(sent[0].query["from"], "2026-01-05T09:59:00Z");
    assert_eq!(sent[0].query["to"], "2026-01-05T10:00:02Z");
    assert_eq!(sent[0].query["include_deleted_and_edited_message"], "true");
}

#[tokio::test]
async fn what_the_chatbot_posted_is_read_back_as_it_was_foretold() {
    let at = Account::with_chatbot().await;
    let shown = ShownAs {
        name: "Ann".into(),
        photo: None,
    };
    let listed = |says: &str| json!({ "id": "B1", "message": says, "timestamp": NOW, "bot_message": { "robot_jid": ROBOT } });
    let messages = json!({ "messages": [listed("*Ann*: *hi* @Bob"), listed("Ann: hi @Bob")] });
    let path = format!("/v2/chat/users/{HUB}/messages");
    get(&at.server, &path, messages).await;
    let zoom = at.connector();
    let read = zoom
        .history(&conversation(CHANNEL), &Speaker::App, Timestamp(NOW - 1))
        .await
        .expect("a history");
    let place = conversation(CHANNEL);
    let by = SaidBy {
        conversation: &place,
        speaker: &Speaker::App,
        shown_as: Some(&shown),
    };
    let foretold = zoom.as_read_back(&bold_and_bob(), &by);
    assert_eq!(read.len(), 2);
    for event in read {
        let Happening::Posted { content, .. } = event.happened else {
            panic!("{event:?}");
        };
        assert_eq!(content.fingerprint(), foretold.fingerprint());
        assert_eq!(event.author.account, account(ROBOT));
        assert_eq!(event.author.kind, AuthorKind::OwnApp);
    }
}

#[tokio::test]
async fn a_note_by_the_chatbot_is_known_again_whatever_signs_are_in_a_name() {
    let at = Account::with_chatbot().await;
    let note = Content::plain("Bo*b_y <~> can now be written to");
    for back in [
        "Bo*b_y <~> can now be written to",
        "Boby  can now be written to",
    ] {
        let listed = json!({ "id": "B1", "message": back, "timestamp": NOW,
            "bot_message": { "robot_jid": ROBOT } });
        let path = format!("/v2/chat/users/{HUB}/messages");
        answer_once(
            &at.server,
            "GET",
            &path,
            200,
            json!({ "messages": [listed] }),
        )
        .await;
        let zoom = at.connector();
        let place = conversation(CHANNEL);
        let since = Timestamp(NOW - 1);
        let read = zoom.history(&place, &Speaker::App, since).await;
        let read = read.expect("a history");
        let Happening::Posted { content, .. } = &read[0].happened else {
            panic!("{read:?}");
        };
        let by = SaidBy {
            conversation: &place,
            speaker: &Speaker::App,
            shown_as: None,
        };
        let foretold = zoom.as_read_back(&note, &by);
        assert_eq!(content.fingerprint(), foretold.fingerprint(), "{back}");
    }
}

#[tokio::test]
async fn what_the_service_user_says_to_a_person_is_read_back_with_its_signs() {
    let at = Account::with_chatbot().await;
    let (place, note) = (conversation("dm:ann-id~hub-id"), Content::plain("a_b * c"));
    let by = SaidBy {
        conversation: &place,
        speaker: &Speaker::App,
        shown_as: None,
    };
    let foretold = at.connector().as_read_back(&note, &by);
    assert_eq!(foretold.fingerprint(), note.fingerprint());
}

#[tokio::test]
async fn a_history_tells_all_pages_and_what_was_edited_and_deleted() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{ANN}/messages");
    let mut edited = message("M2", 20, "new");
    edited["status"] = "Edited".into();
    let mut deleted = message("M1", 30, "");
    deleted["status"] = "Deleted".into();
    Mock::given(method("GET"))
        .and(wiremock::matchers::path(path.as_str()))
        .and(query_param("next_page_token", "two"))
        .respond_with(dated(200).set_body_json(json!({ "messages": [deleted, { "odd": 1 }] })))
        .with_priority(1)
        .mount(&at.server)
        .await;
    let first =
        json!({ "messages": [message("M3", 10, "last"), edited], "next_page_token": "two" });
    get(&at.server, &path, first).await;
    let since = Timestamp(NOW - 60_000);
    let zoom = at.connector();
    let read = zoom.history(&conversation(PAIR), &ann(), since).await;
    let read = read.expect("a history");
    let keys: Vec<&str> = read.iter().map(|event| event.key.0.as_str()).collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
    assert_eq!(keys[0], format!("m:{PAIR}:M2"));
    assert_eq!(read[0].contains[0].0, keys[3]);
    assert_eq!(keys[1], format!("m:{PAIR}:M3"));
    assert_eq!(keys[2], format!("d:{PAIR}:M1"));
    assert!(keys[3].starts_with(&format!("e:{PAIR}:M2:")));
}

#[tokio::test]
async fn a_list_that_comes_round_to_itself_ends() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{ANN}/messages");
    get(
        &at.server,
        &path,
        json!({ "messages": [], "next_page_token": "again" }),
    )
    .await;
    let read = at
        .connector()
        .history(&conversation(PAIR), &ann(), Timestamp(NOW))
        .await;
    let code = read.map_err(|failure| failure.code);
    assert_eq!(code, Err("circular_pages".into()));
}

fn wanted(kind: LegKind, stand_in: Option<&str>) -> OpenConversation {
    OpenConversation {
        kind,
        person: account(ANN),
        stand_in: stand_in.map(account),
        stand_in_name: "Bob\nRay".to_owned(),
        speaker: Speaker::App,
        relay_id: relay_id(),
    }
}

#[tokio::test]
async fn two_people_and_the_app_have_their_conversations_without_anything_made() {
    let at = Account::start().await;
    let zoom = at.connector();
    let native = zoom.open(&wanted(LegKind::Native, Some(BOB))).await;
    assert_eq!(native, Ok(conversation(PAIR)));
    let app = wanted(LegKind::App, None);
    let with_app = zoom.open(&app).await.expect("a conversation");
    assert_eq!(with_app.as_str(), format!("dm:{ANN}~{HUB}"));
    let found = zoom.find_opened(&app, Timestamp(NOW)).await;
    assert_eq!(found, Ok(Some(with_app.clone())));
    let facts = zoom.conversation(&with_app, &Speaker::App).await;
    let facts = facts.expect("facts");
    assert_eq!(facts.kind, ConversationKind::WithApp);
    assert_eq!(facts.members, [account(ANN), account(HUB)]);
    let private = zoom.open(&wanted(LegKind::Private, None)).await;
    assert_eq!(private.map_err(|f| f.kind), Err(FailureKind::NotSupported));
}

#[tokio::test]
async fn somebody_who_is_not_there_any_more_gets_no_conversation() {
    let at = Account::start().await;
    answer(&at.server, "GET", "/v2/users/eve-id", 404, refusal(1001)).await;
    let opened = at
        .connector()
        .open(&wanted(LegKind::Native, Some("eve-id")))
        .await;
    assert_eq!(opened.map_err(|f| f.kind), Err(FailureKind::Gone));
}

#[tokio::test]
async fn a_channel_per_pair_is_made_once_and_found_again_by_its_name() {
    let at = Account::start().await;
    let path = format!("/v2/chat/users/{HUB}/channels");
    answer(&at.server, "POST", &path, 201, json!({ "id": CHANNEL })).await;
    let zoom = at.connector();
    let group = wanted(LegKind::Group, Some(BOB));
    assert_eq!(zoom.open(&group).await, Ok(conversation(CHANNEL)));
    let body = &at.sent("POST", &path).await[0].body;
    assert_eq!(
        *body,
        json!({ "name": "BobRay (abcdef)", "type": 2, "members": [
            { "email": "ann@acme.example" }, { "email": "bob@acme.example" }] })
    );
    let listed = json!({ "channels": [
        { "id": "other", "name": "BobRay (000000)", "type": 2 },
        { "id": CHANNEL, "name": "BobRay (abcdef)", "type": 2 }] });
    get(&at.server, &path, listed).await;
    let found = zoom.find_opened(&group, Timestamp(NOW)).await;
    assert_eq!(found, Ok(Some(conversation(CHANNEL))));
    let mut another = group;
    another.relay_id = RelayId::from_bits(1);
    let found = zoom.find_opened(&another, Timestamp(NOW)).await;
    assert_eq!(found, Ok(None));
}

#[tokio::test]
async fn a_channels_members_are_named_by_id_and_outsiders_by_address() {
    let at = Account::start().await;
    let channel = format!("/v2/chat/users/{HUB}/channels/{CHANNEL}");
    get(&at.server, &channel, json!({ "id": CHANNEL, "type": 2 })).await;
    let members = json!({ "members": [{ "id": HUB, "email": "hub@acme.example" },
        { "id": ANN, "email": "ann@acme.example", "is_external": false },
        { "id": "x", "email": "Eve@Other.example", "is_external": true }] });
    get(&at.server, &format!("{channel}/members"), members).await;
    let eve = "/v2/users/Eve@Other.example";
    answer(&at.server, "GET", eve, 404, refusal(1001)).await;
    let facts = at
        .connector()
        .conversation(&conversation(CHANNEL), &Speaker::App)
        .await
        .expect("facts");
    assert_eq!(facts.kind, ConversationKind::Group);
    let expected = [HUB, ANN, "eve@other.example"].map(account);
    assert_eq!(facts.members, expected);
}

#[tokio::test]
async fn the_conversations_of_a_member_come_newest_first() {
    let at = Account::start().await;
    let sessions = json!({ "sessions": [
        { "type": "1:1", "peer_contact_user_id": "", "peer_contact_email": "bob@acme.example",
          "last_message_sent_time": "2026-01-04T10:00:00Z" },
        { "type": "groupchat", "channel_id": CHANNEL, "last_message_sent_time": "2026-01-05T10:00:00Z" },
        { "type": "groupchat", "channel_id": "left", "last_message_sent_time": "2026-01-03T10:00:00Z" }] });
    get(
        &at.server,
        &format!("/v2/chat/users/{ANN}/sessions"),
        sessions,
    )
    .await;
    let channel = format!("/v2/chat/users/{ANN}/channels/{CHANNEL}");
    get(&at.server, &channel, json!({ "id": CHANNEL, "type": 3 })).await;
    let members = json!({ "members": [{ "id": ANN, "email": "ann@acme.example" }] });
    get(&at.server, &format!("{channel}/members"), members).await;
    let left = format!("/v2/chat/users/{ANN}/channels/left");
    answer(&at.server, "GET", &left, 404, refusal(4130)).await;
    let listed = at.connector().conversations(&ann()).await.expect("a list");
    let ids: Vec<&str> = listed.iter().map(|facts| facts.id.as_str()).collect();
    assert_eq!(ids, [CHANNEL, PAIR]);
    assert_eq!(listed[0].kind, ConversationKind::Channel);
}

#[tokio::test]
async fn the_directory_lists_everyone_of_every_status_page_by_page() {
    let at = Account::start().await;
    let page = |status: &'static str, token: Option<&'static str>, body: Value| {
        let mock = Mock::given(method("GET"))
            .and(path("/v2/users"))
            .and(query_param("status", status));
        let mock = match token {
            Some(token) => mock.and(query_param("next_page_token", token)),
            None => mock.and(wiremock::matchers::query_param_is_missing(
                "next_page_token",
            )),
        };
        mock.respond_with(dated(200).set_body_json(body))
            .mount(&at.server)
    };
    let hub = user(HUB, "hub@acme.example");
    page(
        "active",
        None,
        json!({ "users": [hub], "next_page_token": "2" }),
    )
    .await;
    let ann =
        json!({ "id": ANN, "email": "ann@acme.example", "first_name": "Ann", "last_name": "Lee" });
    page(
        "active",
        Some("2"),
        json!({ "users": [ann], "next_page_token": "" }),
    )
    .await;
    page(
        "inactive",
        None,
        json!({ "users": [user(BOB, "bob@acme.example")] }),
    )
    .await;
    page("pending", None, json!({ "users": [] })).await;
    let zoom = at.connector();
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = zoom.directory(next).await.expect("a page");
        all.extend(page.accounts);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.name.as_str(), one.kind, one.active, one.email_verified))
        .collect();
    assert_eq!(
        told,
        [
            ("hub", AccountKind::App, true, true),
            ("Ann Lee", AccountKind::Full, true, true),
            ("bob", AccountKind::Full, false, true),
        ]
    );
}

#[tokio::test]
async fn a_limit_that_ends_at_a_moment_is_waited_for_by_zooms_clock_and_not_by_ours() {
    let at = Account::start().await;
    // Two hours ahead of Zoom's.
    at.clock.advance(7_200_000);
    at.put(TokenOwner::AppLevel, "app-level", NOW + 36_000_000);
    let limited = dated(429)
        .insert_header("retry-after", "2026-01-05T11:00:00Z")
        .set_body_json(refusal(429));
    Mock::given(method("DELETE"))
        .respond_with(limited)
        .mount(&at.server)
        .await;
    let (place, message) = (conversation(PAIR), ExternalMessage::new("M1"));
    let refused = at.connector().delete(&place, &message, &ann()).await;
    let an_hour = FailureKind::Throttled {
        after_ms: Some(3_600_000),
    };
    assert_eq!(refused.map_err(|failure| failure.kind), Err(an_hour));
}
