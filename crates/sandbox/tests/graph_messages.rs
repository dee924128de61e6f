//! Graph: messages, and who may do what to them.

mod graph_support;

use causeway_sandbox::faults::{Fault, FaultKind};
use graph_support::{Sandbox, text};
use reqwest::Method;
use serde_json::{Value, json};

const ANN: &str = "ann@acme.example";
const BOB: &str = "bob@acme.example";
const RAJ: &str = "raj@acme.example";

#[tokio::test]
async fn a_message_has_its_senders_identity_and_no_application() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let sent = sandbox.send(&ann, &chat, "hello").await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let message = &sent.body;
    assert_eq!(message["from"]["user"]["id"], json!(sandbox.user(ANN)));
    assert_eq!(message["from"]["user"]["userIdentityType"], "aadUser");
    assert_eq!(message["from"]["application"], Value::Null);
    assert_eq!(
        message["body"],
        json!({"contentType": "text", "content": "hello"})
    );
    assert_eq!(message["etag"], message["id"]);
    let next = sandbox.send(&ann, &chat, "again").await.body;
    let id = |message: &Value| text(&message["id"]).parse::<i64>().expect("an epoch");
    assert!(id(&next) > id(message));
    let read = sandbox
        .get(&ann, &format!("/chats/{chat}/messages/{}", id(message)))
        .await;
    assert_eq!(read.body["webUrl"], message["webUrl"]);
}

#[tokio::test]
async fn only_a_person_in_the_chat_may_send_and_an_app_never() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let raj = sandbox.token_of(RAJ).await;
    assert_eq!(sandbox.send(&raj, &chat, "hi").await.status, 403);
    let refused = sandbox.send(&sandbox.app_token().await, &chat, "hi").await;
    assert_eq!((refused.status, refused.code()), (403, "Forbidden"));
    assert!(text(&refused.body["error"]["message"]).contains("only for import purposes"));
    let unknown = sandbox.send(&ann, "19:nothing@thread.v2", "hi").await;
    assert_eq!((unknown.status, unknown.code()), (404, "NotFound"));
}

#[tokio::test]
async fn html_is_cleaned_and_mentions_must_fit_the_text() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let path = format!("/chats/{chat}/messages");
    let html = |content: &str| json!({"contentType": "html", "content": content});
    let body = html("<p class=x>Hi <at id=\"0\">Bob</at><script>x()</script><br/>");
    let mention = json!({"id": 0, "mentionText": "Bob", "mentioned": {
        "user": {"id": sandbox.user(BOB), "userIdentityType": "aadUser"}}});
    let sent = sandbox
        .post(&ann, &path, json!({"body": body, "mentions": [mention]}))
        .await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(
        sent.body["body"]["content"],
        "<p>Hi <at id=\"0\">Bob</at><br></p>"
    );
    assert_eq!(
        sent.body["mentions"][0]["mentioned"]["user"]["displayName"],
        "Bob Stone"
    );
    assert_eq!(
        sandbox
            .post(&ann, &path, json!({"body": body}))
            .await
            .status,
        400
    );
    let nothing = sandbox
        .post(&ann, &path, json!({"body": html("<p> </p>")}))
        .await;
    assert_eq!(nothing.status, 400);
    let large = sandbox.send(&ann, &chat, &"x".repeat(28 * 1024 + 1)).await;
    assert_eq!(large.status, 413);
    assert_eq!(
        sandbox.send(&ann, &chat, &"x".repeat(28_000)).await.status,
        201
    );
}

#[tokio::test]
async fn only_the_sender_edits_and_deletes_and_a_deleted_message_is_empty() {
    let sandbox = Sandbox::start().await;
    let (ann, bob) = (sandbox.token_of(ANN).await, sandbox.token_of(BOB).await);
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let id = text(&sandbox.send(&ann, &chat, "frist").await.body["id"]);
    let path = format!("/chats/{chat}/messages/{id}");
    let patch = json!({"body": {"content": "first"}});
    assert_eq!(
        sandbox
            .call(&bob, Method::PATCH, &path, patch.clone())
            .await
            .status,
        403
    );
    assert_eq!(
        sandbox.call(&ann, Method::PATCH, &path, patch).await.status,
        204
    );
    let edited = sandbox.get(&bob, &path).await.body;
    assert_eq!(edited["body"]["content"], "first");
    assert!(edited["lastEditedDateTime"].is_string());
    assert_ne!(edited["etag"], edited["id"]);

    let delete = format!(
        "/users/{}/chats/{chat}/messages/{id}/softDelete",
        sandbox.user(ANN)
    );
    assert_eq!(sandbox.post(&bob, &delete, Value::Null).await.status, 403);
    let own = format!("/me/chats/{chat}/messages/{id}/softDelete");
    assert_eq!(sandbox.post(&bob, &own, Value::Null).await.status, 403);
    assert_eq!(sandbox.post(&ann, &delete, Value::Null).await.status, 204);
    let deleted = sandbox.get(&bob, &path).await.body;
    assert_eq!(deleted["body"]["content"], "");
    assert!(deleted["deletedDateTime"].is_string());
    let undo = format!("/me/chats/{chat}/messages/{id}/undoSoftDelete");
    assert_eq!(sandbox.post(&ann, &undo, Value::Null).await.status, 204);
    assert_eq!(
        sandbox.get(&bob, &path).await.body["body"]["content"],
        "first"
    );
    let app = sandbox.app_token().await;
    let refused = sandbox.post(&app, &delete, Value::Null).await;
    assert_eq!(
        (refused.status, refused.code()),
        (412, "PreconditionFailed")
    );
}

#[tokio::test]
async fn reactions_and_quotes_show_on_the_message() {
    let sandbox = Sandbox::start().await;
    let (ann, bob) = (sandbox.token_of(ANN).await, sandbox.token_of(BOB).await);
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let id = text(&sandbox.send(&ann, &chat, "lunch?").await.body["id"]);
    let path = format!("/chats/{chat}/messages/{id}");
    let emoji = json!({"reactionType": "💘"});
    let set = format!("{path}/setReaction");
    assert_eq!(sandbox.post(&bob, &set, emoji.clone()).await.status, 204);
    let message = sandbox.get(&ann, &path).await.body;
    assert_eq!(message["reactions"][0]["reactionType"], "💘");
    assert_eq!(
        message["reactions"][0]["user"]["user"]["id"],
        json!(sandbox.user(BOB))
    );
    assert_eq!(message["lastEditedDateTime"], Value::Null);
    assert_ne!(message["lastModifiedDateTime"], message["createdDateTime"]);
    sandbox
        .post(&bob, &format!("{path}/unsetReaction"), emoji)
        .await;
    assert_eq!(sandbox.get(&ann, &path).await.body["reactions"], json!([]));

    let quote = json!({"messageIds": [id], "replyMessage": {"body": {"content": "yes <3"}}});
    let replied = sandbox
        .post(
            &bob,
            &format!("/chats/{chat}/messages/replyWithQuote"),
            quote,
        )
        .await;
    assert_eq!(replied.status, 200, "{}", replied.body);
    assert_eq!(
        text(&replied.body["body"]["content"]),
        format!("<attachment id=\"{id}\"></attachment>yes &lt;3")
    );
    assert_eq!(
        replied.body["attachments"][0]["contentType"],
        "messageReference"
    );
}

#[tokio::test]
async fn messages_are_paged_newest_first_and_filtered_by_the_ordered_time() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let mut sent = Vec::new();
    for number in 0..7 {
        sent.push(text(
            &sandbox.send(&ann, &chat, &number.to_string()).await.body["id"],
        ));
        sandbox.shared.clock.advance(1000);
    }
    let path = format!("/chats/{chat}/messages");
    let mut seen = Vec::new();
    let mut next = format!("{path}?$top=3");
    loop {
        let page = sandbox.get(&ann, &next).await;
        seen.extend(page.ids());
        match page.body["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_owned(),
            None => break,
        }
    }
    sent.reverse();
    assert_eq!(seen, sent);

    let patch = json!({"body": {"content": "edited"}});
    let oldest = sent.last().expect("a message").clone();
    sandbox
        .call(&ann, Method::PATCH, &format!("{path}/{oldest}"), patch)
        .await;
    let newest = sandbox.get(&ann, &format!("{path}/{}", sent[0])).await.body;
    let after = text(&newest["lastModifiedDateTime"]);
    let by_change = "$orderby=lastModifiedDateTime desc";
    let filter = format!("$filter=lastModifiedDateTime gt {after}");
    let changed = sandbox
        .get(&ann, &format!("{path}?{by_change}&{filter}"))
        .await;
    assert_eq!(changed.ids(), [oldest]);
    assert_eq!(
        sandbox.get(&ann, &format!("{path}?{filter}")).await.status,
        400
    );
    assert_eq!(
        sandbox.get(&ann, &format!("{path}?$top=51")).await.status,
        400
    );
    let ascending = sandbox
        .get(&ann, &format!("{path}?$orderby=createdDateTime asc"))
        .await;
    assert_eq!(ascending.status, 400);
}

#[tokio::test]
async fn a_list_may_lag_behind_though_the_message_exists() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    sandbox.shared.faults.arm(Fault {
        on: "teams".to_owned(),
        method: Some("list".to_owned()),
        fault: FaultKind::Delay,
        count: 1,
        ms: Some(60_000),
    });
    let id = text(&sandbox.send(&ann, &chat, "late").await.body["id"]);
    let path = format!("/chats/{chat}/messages");
    assert_eq!(sandbox.get(&ann, &format!("{path}/{id}")).await.status, 200);
    assert!(sandbox.get(&ann, &path).await.ids().is_empty());
    sandbox.shared.clock.advance(61_000);
    assert_eq!(sandbox.get(&ann, &path).await.ids(), [id]);
}

#[tokio::test]
async fn the_twenty_first_message_of_a_second_is_throttled_until_time_passes() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let limited = loop {
        let answer = sandbox.send(&ann, &chat, "quick").await;
        if answer.status != 201 {
            break answer;
        }
    };
    assert_eq!((limited.status, limited.code()), (429, "TooManyRequests"));
    assert_eq!(limited.headers["retry-after"], "1");
    assert_eq!(sandbox.get(&ann, "/me/chats").await.status, 200);
    sandbox.shared.clock.advance(1000);
    assert_eq!(sandbox.send(&ann, &chat, "slower").await.status, 201);
}

#[tokio::test]
async fn faults_strike_the_call_they_are_armed_for() {
    let sandbox = Sandbox::start().await;
    let ann = sandbox.token_of(ANN).await;
    let chat = sandbox.chat(&ann, "oneOnOne", &[ANN, BOB]).await;
    let arm = |fault: FaultKind| {
        sandbox.shared.faults.arm(Fault {
            on: "teams".to_owned(),
            method: Some("POST /chats/{id}/messages".to_owned()),
            fault,
            count: 1,
            ms: Some(3000),
        });
    };
    let count = async || {
        sandbox
            .get(&ann, &format!("/chats/{chat}/messages"))
            .await
            .ids()
            .len()
    };
    arm(FaultKind::Throttle);
    let throttled = sandbox.send(&ann, &chat, "a").await;
    assert_eq!(
        (
            throttled.status,
            throttled.headers["retry-after"].to_str().ok()
        ),
        (429, Some("3"))
    );
    arm(FaultKind::FailBefore);
    assert_eq!(sandbox.send(&ann, &chat, "b").await.status, 503);
    assert_eq!(count().await, 0);
    arm(FaultKind::FailAfter);
    assert_eq!(sandbox.send(&ann, &chat, "c").await.status, 503);
    assert_eq!(count().await, 1);
    arm(FaultKind::Cut);
    let url = format!("{}/chats/{chat}/messages", sandbox.graph);
    let body = json!({"body": {"content": "d"}});
    let cut = sandbox
        .http
        .post(url)
        .bearer_auth(&ann)
        .json(&body)
        .send()
        .await;
    assert!(cut.is_err());
    assert_eq!(count().await, 2);
}
