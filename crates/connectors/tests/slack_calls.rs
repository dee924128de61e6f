//! The Slack connector's calls against a recorded Web API.

mod slack_support;

use causeway_connectors::{Connector, Edit, Post, ShownAs, TokenOwner};
use causeway_model::{
    AccountKind, Content, ConversationKind, ExternalAccount, ExternalConversation, ExternalMessage,
    FailureKind, Happening, LegKind, OpenConversation, RelayId, Speaker, Timestamp,
};
use serde_json::{Value, json};
use slack_support::{NOW, Workspace, bearer, on, workspace};
use wiremock::{
    ResponseTemplate,
    matchers::{body_string_contains, header},
};

fn person(id: &str) -> ExternalAccount {
    ExternalAccount::new(id)
}

fn room(id: &str) -> ExternalConversation {
    ExternalConversation::new(id)
}

async fn post_as(
    at: &Workspace,
    speaker: &Speaker,
    shown_as: Option<&ShownAs>,
) -> Result<causeway_connectors::Posted, causeway_model::Failure> {
    let post = Post {
        conversation: &room("C1"),
        speaker,
        shown_as,
        content: &Content::plain("a < b"),
        buttons: &[],
        relay_id: &RelayId::from_bits(5),
    };
    at.slack.post(&post).await
}

#[tokio::test]
async fn the_hub_identifies_itself_and_links_to_messages() {
    let at = workspace().await;
    let message = ExternalMessage::new("1700000000.123456");
    assert_eq!(at.slack.permalink(&room("C1"), &message), None);
    let identity = at.slack.identify().await.expect("an identity");
    assert_eq!(identity.name, "Acme");
    assert_eq!(identity.own_accounts, [person("UBOT")]);
    let link = at.slack.permalink(&room("C1"), &message);
    assert_eq!(
        link.as_deref(),
        Some("https://acme.slack.com/archives/C1/p1700000000123456")
    );
}

#[tokio::test]
async fn the_directory_lists_everyone_as_what_they_are() {
    let at = workspace().await;
    let user = |id: &str, more: Value| {
        let mut user = json!({ "id": id, "name": id, "profile": {
            "email": format!("{id}@acme.example"), "display_name": "", "real_name": format!("{id} R"),
            "image_192": "https://i.example/1.png" }, "is_email_confirmed": true });
        for (key, value) in more.as_object().expect("fields") {
            user[key] = value.clone();
        }
        user
    };
    on("users.list")
        .and(body_string_contains("cursor=next"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "ok": true,
            "members": [user("U5", json!({ "is_ultra_restricted": true }))],
            "response_metadata": { "next_cursor": "" } })))
        .mount(&at.server)
        .await;
    let first = json!({ "ok": true, "response_metadata": { "next_cursor": "next" }, "members": [
        user("U1", json!({})),
        user("UBOT", json!({ "is_bot": true })),
        user("USLACKBOT", json!({})),
        user("U3", json!({ "deleted": true })),
        user("U4", json!({ "is_restricted": true, "is_email_confirmed": false })),
    ] });
    at.answers("users.list", first).await;
    let first = at.slack.directory(None).await.expect("a page");
    let kinds: Vec<AccountKind> = first.accounts.iter().map(|account| account.kind).collect();
    use AccountKind::{App, Bot, Full, Guest};
    assert_eq!(kinds, [Full, App, Bot, Full, Guest]);
    assert_eq!(first.accounts[0].name, "U1 R");
    assert!(first.accounts[0].email_verified && !first.accounts[4].email_verified);
    assert!(first.accounts[0].active && !first.accounts[3].active);
    let second = at.slack.directory(first.next).await.expect("a page");
    assert_eq!(second.accounts[0].kind, Guest);
    assert_eq!(second.next, None);
    assert_eq!(at.calls("users.list").await[0]["limit"], "200");
}

#[tokio::test]
async fn the_app_posts_under_the_authors_name_with_a_marker() {
    let at = workspace().await;
    at.answers(
        "chat.postMessage",
        json!({ "ok": true, "ts": "1700000000.000100" }),
    )
    .await;
    let bob = ShownAs {
        name: "Bob".to_owned(),
        photo: Some("https://i.example/bob.png".to_owned()),
    };
    let posted = post_as(&at, &Speaker::App, Some(&bob))
        .await
        .expect("a post");
    assert_eq!(posted.message.as_str(), "1700000000.000100");
    assert_eq!(posted.at, Timestamp(NOW));
    let call = &at.calls("chat.postMessage").await[0];
    assert_eq!(call["channel"], "C1");
    assert_eq!(call["username"], "Bob");
    assert_eq!(call["icon_url"], "https://i.example/bob.png");
    assert_eq!(call["unfurl_links"], "false");
    assert_eq!(call["text"], "a &lt; b");
    let metadata: Value = serde_json::from_str(&call["metadata"]).expect("json");
    assert_eq!(metadata["event_type"], "causeway_relay");
    assert_eq!(
        metadata["event_payload"]["rid"],
        RelayId::from_bits(5).as_str()
    );
    let blocks: Value = serde_json::from_str(&call["blocks"]).expect("json");
    assert_eq!(blocks[0]["elements"][0]["elements"][0]["text"], "a < b");
}

#[tokio::test]
async fn a_person_posts_with_their_own_token_and_as_typed() {
    let at = workspace().await;
    at.vault.put(TokenOwner::Account(person("U2")), "xoxp-2");
    at.answers(
        "chat.postMessage",
        json!({ "ok": true, "ts": "1700000000.000100" }),
    )
    .await;
    post_as(&at, &Speaker::Account(person("U2")), None)
        .await
        .expect("a post");
    let request = &at.requests("chat.postMessage").await[0];
    assert_eq!(bearer(request), "xoxp-2");
    let call = slack_support::form(request);
    assert!(!call.contains_key("username") && !call.contains_key("unfurl_links"));
    assert!(call.contains_key("metadata"));
}

#[tokio::test]
async fn every_refusal_of_a_write_is_classified() {
    use FailureKind::{Forbidden, Gone, NotAuthorised, NotSent, NotSupported, Rejected, Unknown};
    let throttled = |after_ms| FailureKind::Throttled { after_ms };
    let ok = |error: &str| {
        ResponseTemplate::new(200).set_body_json(json!({ "ok": false, "error": error }))
    };
    let cases = [
        (ok("channel_not_found"), Gone),
        (ok("not_in_channel"), Forbidden),
        (ok("missing_scope"), Forbidden),
        (ok("msg_too_long"), Rejected),
        (ok("edit_window_closed"), NotSupported),
        (ok("not_authed"), NotAuthorised),
        (ok("ratelimited"), throttled(None)),
        (ok("fatal_error"), Unknown),
        (ok("service_unavailable"), NotSent),
        (ok("never_heard_of_it"), Rejected),
        (
            ResponseTemplate::new(429).insert_header("Retry-After", "7"),
            throttled(Some(7_000)),
        ),
        (
            ResponseTemplate::new(503).set_body_string("<html>"),
            Unknown,
        ),
        (
            ResponseTemplate::new(200).set_body_string("<html>"),
            Unknown,
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "ok": true })),
            Unknown,
        ),
    ];
    for (response, kind) in cases {
        let at = workspace().await;
        at.responds("chat.postMessage", response).await;
        let failure = post_as(&at, &Speaker::App, None)
            .await
            .expect_err("a refusal");
        assert_eq!(failure.kind, kind, "{failure}");
        assert_eq!(
            at.calls("chat.postMessage").await.len(),
            1,
            "a write is never repeated"
        );
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let at = workspace().await;
    let refused = json!({ "ok": false, "error": "missing_scope", "needed": "chat:write" });
    at.answers("chat.postMessage", refused).await;
    let failure = post_as(&at, &Speaker::App, None)
        .await
        .expect_err("a refusal");
    assert_eq!(failure.detail, "chat.postMessage needs chat:write");
}

#[tokio::test]
async fn a_read_that_fails_on_the_way_was_not_done() {
    let at = workspace().await;
    at.responds("conversations.history", ResponseTemplate::new(502))
        .await;
    let read = at
        .slack
        .history(&room("C1"), &Speaker::App, Timestamp(NOW))
        .await;
    assert_eq!(read.expect_err("a failure").kind, FailureKind::NotSent);
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_listens() {
    let at = workspace().await;
    let settings = causeway_connectors::slack::Settings {
        // A port from which nothing answers: the discard service of this machine.
        api_url: "http://127.0.0.1:9/api/".parse().expect("an address"),
        ..Default::default()
    };
    let http = causeway_connectors::http::client().expect("a client");
    let chance = std::sync::Arc::new(slack_support::NoChance);
    let slack = causeway_connectors::slack::SlackConnector::new(
        settings,
        http,
        at.vault.clone(),
        at.clock.clone(),
        chance,
    );
    let deleted = slack
        .delete(&room("C1"), &ExternalMessage::new("1.1"), &Speaker::App)
        .await;
    assert_eq!(deleted.expect_err("a failure").kind, FailureKind::NotSent);
}

#[tokio::test]
async fn an_edit_names_the_message_and_a_deletion_may_come_late() {
    let at = workspace().await;
    at.answers("chat.update", json!({ "ok": true })).await;
    at.answers(
        "chat.delete",
        json!({ "ok": false, "error": "message_not_found" }),
    )
    .await;
    let message = ExternalMessage::new("1700000000.000100");
    let edit = Edit {
        conversation: &room("C1"),
        message: &message,
        speaker: &Speaker::App,
        shown_as: None,
        content: &Content::plain("b"),
        relay_id: &RelayId::from_bits(5),
    };
    at.slack.edit(&edit).await.expect("an edit");
    let call = &at.calls("chat.update").await[0];
    assert_eq!(
        (call["ts"].as_str(), call["text"].as_str()),
        ("1700000000.000100", "b")
    );
    assert!(call["metadata"].contains(RelayId::from_bits(5).as_str()));
    at.slack
        .delete(&room("C1"), &message, &Speaker::App)
        .await
        .expect("already gone");
}

fn wanted(kind: LegKind) -> OpenConversation {
    OpenConversation {
        kind,
        person: person("U1"),
        stand_in: Some(person("U2")),
        stand_in_name: "Bob Teams".to_owned(),
        speaker: match kind {
            LegKind::Native => Speaker::Account(person("U2")),
            LegKind::Group | LegKind::Private | LegKind::App => Speaker::App,
        },
        relay_id: RelayId::from_bits(0xabcd << 112),
    }
}

#[tokio::test]
async fn direct_legs_are_opened_by_whom_they_need() {
    let at = workspace().await;
    at.vault.put(TokenOwner::Account(person("U2")), "xoxp-2");
    at.answers(
        "conversations.open",
        json!({ "ok": true, "channel": { "id": "D1" } }),
    )
    .await;
    for kind in [LegKind::Native, LegKind::Group, LegKind::App] {
        assert_eq!(at.slack.open(&wanted(kind)).await, Ok(room("D1")));
    }
    let requests = at.requests("conversations.open").await;
    let asked: Vec<(String, String)> = requests
        .iter()
        .map(|request| {
            (
                bearer(request),
                slack_support::form(request)["users"].clone(),
            )
        })
        .collect();
    let expected = [("xoxp-2", "U1"), ("xoxb-1", "U1,U2"), ("xoxb-1", "U1")];
    assert_eq!(
        asked,
        expected.map(|(token, users)| (token.to_owned(), users.to_owned()))
    );
}

#[tokio::test]
async fn a_private_channel_is_made_once_and_found_again() {
    let at = workspace().await;
    on("conversations.create")
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "ok": true, "channel": { "id": "C7", "name": "bob-teams-abcd00000000" } }),
        ))
        .up_to_n_times(1)
        .mount(&at.server)
        .await;
    at.answers(
        "conversations.create",
        json!({ "ok": false, "error": "name_taken" }),
    )
    .await;
    at.answers("conversations.invite", json!({ "ok": true }))
        .await;
    at.answers(
        "conversations.setTopic",
        json!({ "ok": false, "error": "fatal_error" }),
    )
    .await;
    at.answers(
        "users.conversations",
        json!({ "ok": true, "channels": [
            { "id": "C6", "name": "bob-teams-000000000000" },
            { "id": "C7", "name": "bob-teams-abcd00000000" },
        ] }),
    )
    .await;
    let wanted = wanted(LegKind::Private);
    assert_eq!(at.slack.open(&wanted).await, Ok(room("C7")));
    assert_eq!(at.slack.open(&wanted).await, Ok(room("C7")));
    assert_eq!(
        at.slack.find_opened(&wanted, Timestamp(0)).await,
        Ok(Some(room("C7")))
    );
    let create = &at.calls("conversations.create").await[0];
    assert_eq!(create["name"], "bob-teams-abcd00000000");
    assert_eq!(create["is_private"], "true");
    assert_eq!(at.calls("conversations.invite").await[0]["users"], "U1");
}

#[tokio::test]
async fn someone_who_is_in_the_channel_already_need_not_be_invited() {
    let at = workspace().await;
    let made = json!({ "ok": true, "channel": { "id": "C7" } });
    at.answers("conversations.create", made).await;
    at.answers(
        "conversations.invite",
        json!({ "ok": false, "error": "already_in_channel" }),
    )
    .await;
    assert_eq!(
        at.slack.open(&wanted(LegKind::Private)).await,
        Ok(room("C7"))
    );
}

#[tokio::test]
async fn a_channel_that_was_never_made_is_not_found() {
    let at = workspace().await;
    at.answers("users.conversations", json!({ "ok": true, "channels": [] }))
        .await;
    let found = at
        .slack
        .find_opened(&wanted(LegKind::Private), Timestamp(0))
        .await;
    assert_eq!(found, Ok(None));
}

#[tokio::test]
async fn members_are_read_page_by_page() {
    let at = workspace().await;
    let info =
        json!({ "ok": true, "channel": { "id": "G1", "is_mpim": true, "is_private": true } });
    at.answers("conversations.info", info).await;
    on("conversations.members")
        .and(body_string_contains("cursor=more"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "members": ["UBOT"] })),
        )
        .mount(&at.server)
        .await;
    let first = json!({ "ok": true, "members": ["U1", "U2"],
        "response_metadata": { "next_cursor": "more" } });
    at.answers("conversations.members", first).await;
    let facts = at
        .slack
        .conversation(&room("G1"), &Speaker::App)
        .await
        .expect("facts");
    assert_eq!(facts.kind, ConversationKind::Group);
    assert_eq!(facts.members, [person("U1"), person("U2"), person("UBOT")]);
}

#[tokio::test]
async fn conversations_are_listed_newest_first_and_direct_ones_without_asking_for_members() {
    let at = workspace().await;
    at.vault.put(TokenOwner::Account(person("U2")), "xoxp-2");
    at.answers(
        "users.conversations",
        json!({ "ok": true, "channels": [
            { "id": "D1", "is_im": true, "user": "U1", "created": 10, "updated": 20_000 },
            { "id": "D2", "is_im": true, "user": "UBOT", "created": 30 },
            { "id": "D3", "is_im": true, "user": "U2", "created": 5 },
        ] }),
    )
    .await;
    let speaker = Speaker::Account(person("U2"));
    let all = at
        .slack
        .conversations(&speaker)
        .await
        .expect("conversations");
    let seen: Vec<(&str, ConversationKind, usize)> = all
        .iter()
        .map(|facts| (facts.id.as_str(), facts.kind, facts.members.len()))
        .collect();
    let expected = [
        ("D2", ConversationKind::WithApp, 2),
        ("D1", ConversationKind::Direct, 2),
        ("D3", ConversationKind::Direct, 1),
    ];
    assert_eq!(seen, expected);
    assert!(at.calls("conversations.members").await.is_empty());
}

#[tokio::test]
async fn history_tells_the_same_as_events_oldest_first_with_threads() {
    let at = workspace().await;
    let message =
        |ts: &str, text: &str| json!({ "type": "message", "user": "U1", "text": text, "ts": ts });
    let mut edited = message("1700000002.000000", "two");
    edited["edited"] = json!({ "user": "U1", "ts": "1700000009.000000" });
    let mut root = message("1700000003.000000", "three");
    root["latest_reply"] = "1700000005.000000".into();
    let mut join = message("1700000004.000000", "joined");
    join["subtype"] = "channel_join".into();
    on("conversations.history")
        .and(body_string_contains("cursor=older"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "ok": true,
            "messages": [message("1700000001.000000", "one")] })))
        .mount(&at.server)
        .await;
    let newest = json!({ "ok": true, "messages": [join, root.clone(), edited],
        "has_more": true, "response_metadata": { "next_cursor": "older" } });
    at.answers("conversations.history", newest).await;
    let replies = json!({ "ok": true, "messages": [root, message("1700000005.000000", "reply")] });
    at.answers("conversations.replies", replies).await;

    let since = Timestamp(NOW + 500);
    let happened = at
        .slack
        .history(&room("C1"), &Speaker::App, since)
        .await
        .expect("history");
    let keys: Vec<&str> = happened
        .iter()
        .map(|incoming| incoming.key.0.as_str())
        .collect();
    let expected = [
        "m:C1:1700000001.000000",
        "m:C1:1700000002.000000",
        "m:C1:1700000003.000000",
        "m:C1:1700000005.000000",
        "e:C1:1700000002.000000:1700000009.000000",
    ];
    assert_eq!(keys, expected);
    assert_eq!(happened[1].contains, [happened[4].key.clone()]);
    let call = &at.calls("conversations.history").await[0];
    assert_eq!(call["oldest"], "1700000000.500000");
    assert_eq!(call["include_all_metadata"], "true");
}

#[tokio::test]
async fn a_message_stands_while_its_thread_shows_it_as_more_than_a_tombstone() {
    let at = workspace().await;
    let stands = async |ts: &str| {
        let message = ExternalMessage::new(ts);
        at.slack.stands(&room("D1"), &message, &Speaker::App).await
    };
    let answers = [
        (
            "1.000000",
            json!({ "ok": true, "messages": [{ "ts": "1.000000", "text": "root" }] }),
        ),
        (
            "2.000000",
            json!({ "ok": true, "messages": [{ "ts": "1.000000", "text": "root" }] }),
        ),
        (
            "3.000000",
            json!({ "ok": true, "messages": [{ "ts": "3.000000", "subtype": "tombstone" }] }),
        ),
        (
            "4.000000",
            json!({ "ok": false, "error": "thread_not_found" }),
        ),
        (
            "5.000000",
            json!({ "ok": false, "error": "channel_not_found" }),
        ),
    ];
    for (ts, answer) in answers {
        on("conversations.replies")
            .and(body_string_contains(format!("ts={ts}&")))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&at.server)
            .await;
    }
    assert_eq!(stands("1.000000").await, Ok(true));
    for gone in ["2.000000", "3.000000", "4.000000"] {
        assert_eq!(stands(gone).await, Ok(false), "{gone}");
    }
    // The conversation is out of reach, which says nothing about the message.
    assert!(stands("5.000000").await.is_err());
}

#[tokio::test]
async fn our_own_posts_are_found_again_by_their_marker() {
    let at = workspace().await;
    let relay_id = RelayId::from_bits(5);
    at.answers(
        "conversations.history",
        json!({ "ok": true, "messages": [{ "type": "message", "user": "U2", "app_id": "A1",
            "bot_id": "B1", "text": "x", "ts": "1700000001.000000", "metadata": {
                "event_type": "causeway_relay", "event_payload": { "rid": relay_id } } }] }),
    )
    .await;
    let history = at
        .slack
        .history(&room("D1"), &Speaker::App, Timestamp(NOW))
        .await;
    let happened = history.expect("history");
    let Happening::Posted {
        marker: Some(marker),
        ..
    } = &happened[0].happened
    else {
        panic!("no marker: {happened:?}");
    };
    assert!(marker.by_own_app);
    assert_eq!(marker.relay_id, relay_id);
}

#[tokio::test]
async fn an_answer_goes_only_to_who_asked_and_carries_no_token() {
    let at = workspace().await;
    on("answer")
        .respond_with(ResponseTemplate::new(200).set_body_string("ok"))
        .mount(&at.server)
        .await;
    let url = format!("{}/api/answer", at.server.uri());
    at.slack
        .answer(&url, &Content::plain("not yet"))
        .await
        .expect("an answer");
    let request = &at.requests("answer").await[0];
    assert!(request.headers.get("authorization").is_none());
    let body: Value = request.body_json().expect("json");
    assert_eq!(body["response_type"], "ephemeral");
    assert_eq!(body["text"], "not yet");

    let used = format!("{}/api/used", at.server.uri());
    at.responds("used", ResponseTemplate::new(404)).await;
    let late = at
        .slack
        .answer(&used, &Content::plain("x"))
        .await
        .expect_err("a failure");
    assert_eq!(late.kind, FailureKind::Gone);
    let wrong = at
        .slack
        .answer("file:///x", &Content::plain("x"))
        .await
        .expect_err("a failure");
    assert_eq!(wrong.kind, FailureKind::Rejected);
}

#[tokio::test]
async fn a_bot_token_is_what_the_app_needs() {
    let at = workspace().await;
    at.vault.put(TokenOwner::App, "xoxp-3");
    at.server.reset().await;
    on("auth.test")
        .and(header("authorization", "Bearer xoxp-3"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({ "ok": true, "user_id": "U3", "team": "Acme" })),
        )
        .mount(&at.server)
        .await;
    let failure = at.slack.identify().await.expect_err("a failure");
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::NotAuthorised, "not_a_bot_token")
    );
}
