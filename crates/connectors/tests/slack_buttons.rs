//! Buttons under what the app says.

mod slack_support;

use causeway_connectors::{Connector, Post};
use causeway_model::{
    Button, ButtonAct, Content, ExternalConversation, Happening, RelayId, Speaker, Timestamp,
};
use serde_json::{Value, json};
use slack_support::workspace;

#[tokio::test]
async fn buttons_stand_under_the_text_and_are_no_part_of_it() {
    let at = workspace().await;
    at.answers(
        "chat.postMessage",
        json!({ "ok": true, "ts": "1700000000.000100" }),
    )
    .await;
    let room = ExternalConversation::new("D1");
    let content = Content::plain("May I?");
    let buttons = [
        Button {
            label: "Start".to_owned(),
            act: ButtonAct::Tell("start:1".to_owned()),
        },
        Button {
            label: "Open".to_owned(),
            act: ButtonAct::Open("https://hub.example/1".to_owned()),
        },
    ];
    let post = Post {
        conversation: &room,
        speaker: &Speaker::App,
        shown_as: None,
        content: &content,
        buttons: &buttons,
        relay_id: &RelayId::from_bits(5),
    };
    at.slack.post(&post).await.expect("a post");
    let call = &at.calls("chat.postMessage").await[0];
    assert_eq!(call["text"], "May I?");
    let blocks: Value = serde_json::from_str(&call["blocks"]).expect("json");
    assert_eq!(blocks[0]["type"], "rich_text");
    assert_eq!(blocks[1]["type"], "actions");
    assert_eq!(blocks[1]["elements"][0]["action_id"], "causeway:start:1");
    assert_eq!(blocks[1]["elements"][1]["url"], "https://hub.example/1");
    let read_back = json!({ "ok": true, "messages": [{ "type": "message", "user": "UBOT",
        "bot_id": "B1", "app_id": "A1", "ts": "1700000000.000100", "text": "May I?",
        "blocks": blocks }] });
    at.answers("conversations.history", read_back).await;
    let events = at
        .slack
        .history(&room, &Speaker::App, Timestamp(0))
        .await
        .expect("history");
    let Happening::Posted { content: read, .. } = &events[0].happened else {
        panic!("not a post: {events:?}");
    };
    assert_eq!(*read, at.slack.as_read_back(&content, &post.said_by()));
}
