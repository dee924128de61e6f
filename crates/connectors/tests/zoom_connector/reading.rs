//! Reading back: what is told, and how the cursor moves.

use std::sync::Arc;

use causeway_model::{AuthorKind, ConversationKind, Happening, HealthState};
use serde_json::json;

use crate::support::{
    ANN, Account, BOB, CHANNEL, HUB, Listening, PAIR, Sink, account, answer, answer_once, get,
    message, nothing_with_the_hub, refusal, talked,
};

#[tokio::test]
async fn what_was_said_is_told_once_and_the_cursor_moves_with_it() {
    let at = Account::start().await;
    talked(&at, json!([message("M1", 20, "hi")])).await;
    let on = Listening::begin(at.connector(), Arc::new(Sink::default()), &[ANN]);
    on.sink.until(|heard| heard.listening == 1).await;
    let rounds = format!("/v2/chat/users/{ANN}/sessions");
    while at.sent("GET", &rounds).await.len() < 3 {
        tokio::task::yield_now().await;
    }
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
