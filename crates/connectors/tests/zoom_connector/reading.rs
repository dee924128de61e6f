//! Reading back: what is told, and how the cursor moves.

use std::sync::Arc;

use causeway_connectors::Unreadable;
use causeway_model::{AuthorKind, ConversationKind, Happening, HealthState, Timestamp};
use serde_json::json;
use wiremock::{Mock, ResponseTemplate, matchers};

use crate::support::{
    ANN, Account, BOB, CHANNEL, HUB, Listening, NOW, PAIR, Sink, account, answer, answer_once,
    conversation, dated, get, message, nothing_with_the_hub, refusal, talked,
};

#[tokio::test]
async fn what_was_said_is_told_once_and_the_cursor_moves_with_it() {
    let at = Account::start().await;
    talked(&at, json!([message("M1", 20, "hi")])).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[ANN]);
    on.sink.until(|heard| heard.listening == 1).await;
    let rounds = format!("/v2/chat/users/{ANN}/sessions");
    at.until_sent("GET", &rounds, 3).await;
    {
        let heard = on.sink.heard();
        assert_eq!(heard.keys(), [format!("m:{PAIR}:M1")]);
        assert!(heard.is_connected());
        let event = heard.events()[0];
        assert_eq!(event.author.account, account(ANN));
        assert_eq!(event.author.kind, AuthorKind::Person);
        assert_eq!(event.heard_by, Some(account(BOB)));
        assert_eq!(event.conversation_kind, Some(ConversationKind::Direct));
        // Where it began: the message is younger than the cursor's distance.
        assert_eq!(
            heard.cursors[&format!("poll:{ANN}")],
            "2026-01-05T09:59:00Z"
        );
    }
    on.end().await;
}

#[tokio::test]
async fn what_was_said_at_the_same_moment_is_told_in_order_though_the_newest_is_listed_first() {
    let at = Account::start().await;
    let listed = ["M3", "M2", "M1"].map(|id| message(id, 20, "hi"));
    talked(&at, json!(listed)).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[ANN]);
    on.sink.until(|heard| heard.listening == 1).await;
    let told = ["M1", "M2", "M3"].map(|id| format!("m:{PAIR}:{id}"));
    assert_eq!(on.sink.heard().keys(), told);
    on.end().await;
}

#[tokio::test]
async fn after_a_gap_reading_goes_on_where_it_was_and_old_messages_tell_only_their_changes() {
    let at = Account::start().await;
    let mut edited = message("OLD", 3_600, "changed");
    edited["status"] = "Edited".into();
    let old = message("OLDER", 4_000, "as it was");
    talked(&at, json!([message("NEW", 600, "new"), edited, old])).await;
    let sink = Arc::new(Sink::default());
    let begin = "2026-01-05T09:30:00Z".to_owned();
    sink.change(|heard| {
        heard.cursors.insert(format!("poll:{ANN}"), begin);
    });
    let on = Listening::begin(at.connector(), sink, &[ANN]);
    on.sink.until(|heard| heard.listening == 1).await;
    let keys = on.sink.heard().keys();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_eq!(keys[0], format!("m:{PAIR}:NEW"));
    assert!(keys[1].starts_with(&format!("e:{PAIR}:OLD:")));
    let sent = at
        .sent("GET", &format!("/v2/chat/users/{ANN}/sessions"))
        .await;
    assert_eq!(sent[0].query["from"], "2026-01-04T09:30:00Z");
    let moved = on.sink.heard().cursors[&format!("poll:{ANN}")].clone();
    assert_eq!(moved, "2026-01-05T09:49:00Z");
    on.end().await;
}

#[tokio::test]
async fn what_was_not_kept_is_read_again() {
    let at = Account::start().await;
    talked(&at, json!([message("M1", 20, "hi")])).await;
    let sink = Arc::new(Sink::default());
    sink.change(|heard| heard.refuse = true);
    let on = Listening::begin(at.connector(), sink, &[ANN]);
    on.sink.until(|heard| heard.said("not_kept")).await;
    assert!(on.sink.heard().cursors.is_empty());
    on.sink.change(|heard| heard.refuse = false);
    on.sink
        .until(|heard| heard.keys() == [format!("m:{PAIR}:M1")])
        .await;
    on.end().await;
}

#[tokio::test]
async fn what_a_person_writes_to_the_service_user_is_a_question() {
    let at = Account::start().await;
    let session = json!({ "type": "1:1", "peer_contact_user_id": ANN,
        "peer_contact_email": "ann@acme.example" });
    let sessions = json!({ "sessions": [session] });
    get(
        &at.server,
        &format!("/v2/chat/users/{HUB}/sessions"),
        sessions,
    )
    .await;
    let mut own = message("M2", 10, "Who?");
    own["sender"] = "hub@acme.example".into();
    let messages = json!({ "messages": [message("M1", 20, "Bob"), own] });
    get(
        &at.server,
        &format!("/v2/chat/users/{HUB}/messages"),
        messages,
    )
    .await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[]);
    on.sink.until(|heard| heard.events().len() == 2).await;
    {
        let heard = on.sink.heard();
        let asked = Happening::Asked {
            text: "Bob".to_owned(),
            answer: None,
        };
        assert_eq!(heard.events()[0].happened, asked);
        assert_eq!(heard.events()[1].author.kind, AuthorKind::OwnApp);
    }
    on.end().await;
}

#[tokio::test]
async fn a_conversation_that_cannot_be_read_any_more_does_not_hide_the_others() {
    let at = Account::start().await;
    nothing_with_the_hub(&at).await;
    let sessions = json!({ "sessions": [
        { "type": "groupchat", "channel_id": CHANNEL },
        { "type": "1:1", "peer_contact_user_id": BOB, "peer_contact_email": "bob@acme.example" }] });
    get(
        &at.server,
        &format!("/v2/chat/users/{ANN}/sessions"),
        sessions,
    )
    .await;
    let messages = format!("/v2/chat/users/{ANN}/messages");
    answer_once(&at.server, "GET", &messages, 404, refusal(4130)).await;
    get(
        &at.server,
        &messages,
        json!({ "messages": [message("M1", 20, "hi")] }),
    )
    .await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[ANN]);
    on.sink
        .until(|heard| heard.keys().contains(&format!("m:{PAIR}:M1")))
        .await;
    on.end().await;
}

#[tokio::test]
async fn an_account_that_cannot_be_read_is_told_and_hides_no_other() {
    let at = Account::start().await;
    talked(&at, json!([message("M1", 20, "hi")])).await;
    let eve = "/v2/chat/users/eve-id/sessions";
    answer(&at.server, "GET", eve, 403, refusal(200)).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &["eve-id", ANN]);
    on.sink
        .until(|heard| heard.said("1 account cannot be read (200)"))
        .await;
    assert_eq!(on.sink.heard().keys(), [format!("m:{PAIR}:M1")]);
    on.end().await;
}

#[tokio::test]
async fn whoever_comes_to_be_heard_is_read_at_once() {
    let mut at = Account::start().await;
    at.settings.poll_every_ms = 3_600_000;
    talked(&at, json!([message("M1", 20, "hi")])).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[]);
    on.sink.until(|heard| heard.listening == 1).await;
    assert!(on.sink.heard().keys().is_empty());
    on.hearing
        .send_modify(|hearing| hearing.accounts.push(account(ANN)));
    on.sink.until(|heard| !heard.keys().is_empty()).await;
    on.end().await;
}

#[tokio::test]
async fn an_app_that_is_refused_needs_an_administrator() {
    let at = Account::start().await;
    at.vault.empty();
    let no = json!({ "error": "invalid_client" });
    answer(&at.server, "POST", "/oauth/token", 400, no).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[]);
    on.sink
        .until(|heard| {
            let last = heard.health.last().map(|(state, _)| *state);
            last == Some(HealthState::NeedsAuthorisation) && heard.said("invalid_client")
        })
        .await;
    on.end().await;
}

/// Ann has one conversation with Bob and one in a channel, of which this is all that is told.
async fn in_a_channel_too(at: &Account, channel: ResponseTemplate) {
    nothing_with_the_hub(at).await;
    let sessions = json!({ "sessions": [
        { "type": "groupchat", "channel_id": CHANNEL },
        { "type": "1:1", "peer_contact_user_id": BOB, "peer_contact_email": "bob@acme.example" }] });
    let path = format!("/v2/chat/users/{ANN}/sessions");
    get(&at.server, &path, sessions).await;
    let path = format!("/v2/chat/users/{ANN}/messages");
    Mock::given(matchers::method("GET"))
        .and(matchers::path(path.as_str()))
        .and(matchers::query_param("to_channel", CHANNEL))
        .respond_with(channel)
        .with_priority(1)
        .mount(&at.server)
        .await;
    let hi = json!({ "messages": [message("M1", 20, "hi")] });
    get(&at.server, &path, hi).await;
}

#[tokio::test]
async fn what_a_conversation_that_cannot_be_read_holds_is_a_gap_and_is_said() {
    for (status, code) in [(404, 4130), (403, 200)] {
        let at = Account::start().await;
        in_a_channel_too(&at, dated(status).set_body_json(refusal(code))).await;
        let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[ANN]);
        let said = format!("1 conversation cannot be read ({code})");
        on.sink.until(|heard| heard.said(&said)).await;
        let rounds = format!("/v2/chat/users/{ANN}/sessions");
        at.until_sent("GET", &rounds, 4).await;
        {
            let heard = on.sink.heard();
            assert_eq!(heard.keys(), [format!("m:{PAIR}:M1")]);
            // It goes on, and is told once all the same.
            let gap = Unreadable {
                conversation: Some(conversation(CHANNEL)),
                since: Timestamp(NOW - 60_000),
                code: code.to_string(),
            };
            assert_eq!(heard.unreadable, [gap]);
        }
        on.end().await;
    }
}

#[tokio::test]
async fn whom_the_app_may_not_look_up_costs_no_more_than_their_name() {
    let at = Account::start().await;
    for hidden in ["cy@acme.example", "Dee@acme.example"] {
        let path = format!("/v2/users/{hidden}");
        answer(&at.server, "GET", &path, 403, refusal(200)).await;
    }
    let by = |id: &str, sender: &str| {
        let mut message = message(id, 20, "hi @Dee");
        message["sender"] = sender.into();
        message["at_items"] = json!([{ "at_contact": "Dee@acme.example", "at_type": 1,
            "start_position": 3, "end_position": 6 }]);
        message
    };
    let listed = json!({ "messages": [by("C2", "Dee@acme.example"), by("C1", "cy@acme.example")] });
    in_a_channel_too(&at, dated(200).set_body_json(listed)).await;
    let members = json!({ "members": [{ "id": "cy-id", "email": "cy@acme.example" }] });
    let path = format!("/v2/chat/users/{ANN}/channels/{CHANNEL}/members");
    get(&at.server, &path, members).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[ANN]);
    on.sink.until(|heard| heard.keys().len() == 3).await;
    {
        let heard = on.sink.heard();
        let in_channel = heard.events().into_iter();
        let in_channel = in_channel.filter(|event| event.conversation == conversation(CHANNEL));
        let authors: Vec<_> = in_channel
            .clone()
            .map(|event| &event.author.account)
            .collect();
        assert_eq!(authors, [&account("cy-id"), &account("dee@acme.example")]);
        for event in in_channel {
            let Happening::Posted { content, .. } = &event.happened else {
                panic!("{event:?}");
            };
            assert_eq!(content.to_plain(), "hi @Dee");
        }
        assert_eq!(heard.unreadable, []);
    }
    on.end().await;
}

#[tokio::test]
async fn a_peer_who_may_not_be_looked_up_is_known_by_the_id_that_the_list_has() {
    let at = Account::start().await;
    nothing_with_the_hub(&at).await;
    answer(
        &at.server,
        "GET",
        "/v2/users/cy@acme.example",
        403,
        refusal(200),
    )
    .await;
    answer(&at.server, "GET", "/v2/users/cy-id", 403, refusal(200)).await;
    let session = json!({ "type": "1:1", "peer_contact_user_id": "cy-id",
        "peer_contact_email": "cy@acme.example" });
    let path = format!("/v2/chat/users/{ANN}/sessions");
    get(&at.server, &path, json!({ "sessions": [session] })).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[ANN]);
    on.sink.until(|heard| !heard.unreadable.is_empty()).await;
    let closed = on.sink.heard().unreadable[0].conversation.clone();
    assert_eq!(closed, Some(conversation("dm:ann-id~cy-id")));
    on.end().await;
}

#[tokio::test]
async fn while_todays_calls_are_used_up_it_is_said_until_when() {
    let at = Account::start().await;
    let used_up = dated(429)
        .insert_header("x-ratelimit-type", "Daily-limit")
        .insert_header("x-ratelimit-category", "Medium")
        .insert_header("retry-after", "2026-01-06T00:00:00Z")
        .set_body_json(refusal(429));
    Mock::given(matchers::path(format!("/v2/chat/users/{HUB}/sessions")))
        .respond_with(used_up)
        .mount(&at.server)
        .await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[]);
    let said = "used up until 2026-01-06T00:00:00Z (Medium)";
    on.sink.until(|heard| heard.said(said)).await;
    assert!(!on.sink.heard().is_connected());
    on.end().await;
}
