//! The chatbot, and the account's reports.

mod zoom_support;

use causeway_sandbox::control_client::{Deed, Do, To, ZoomSwitches, ZoomWebhooks};
use reqwest::Method;
use serde_json::{Value, json};
use zoom_support::{Answer, Listener, OLOF, ZARA, Zoom, text};

async fn says(zoom: &Zoom, to_jid: &str, words: &str) -> Answer {
    let body = json!({
        "robot_jid": zoom.credential("/chatbot/robot_jid"),
        "account_id": zoom.credential("/account_id"),
        "to_jid": to_jid,
        "user_jid": to_jid,
        "content": {
            "head": {"text": words},
            "body": [{"type": "actions", "items": [{"text": "Start", "value": "start"}]}],
        },
    });
    let token = zoom.robot_token().await;
    zoom.post(&token, "/im/chat/messages", body).await
}

fn today(now_ms: i64) -> String {
    let now = jiff::Timestamp::from_millisecond(now_ms).expect("a time");
    now.strftime("%Y-%m-%d").to_string()
}

#[tokio::test]
async fn the_chatbot_writes_in_a_channel_under_its_own_name_and_no_event_tells_it() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let id = zoom.channel(&token, 1, &[OLOF]).await;
    let channel = zoom
        .get(&token, &format!("/chat/users/{ZARA}/channels/{id}"))
        .await;
    let mut socket = zoom.socket().await;
    let sent = says(&zoom, &text(&channel.body["jid"]), "Notice").await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(sent.body["to_jid"], channel.body["jid"]);
    let list = format!("/chat/users/{OLOF}/messages?to_channel={id}");
    let message = zoom.get(&token, &list).await.body["messages"][0].clone();
    assert_eq!(message["id"], sent.body["message_id"]);
    assert_eq!(
        message["sender"],
        zoom.credential("/chatbot/robot_jid").as_str()
    );
    assert_eq!(message["bot_message"]["head"]["text"], "Notice");
    assert_eq!(
        zoom.seen(OLOF, "channel").await.messages[0].author,
        "Causeway"
    );

    zoom.types(ZARA, OLOF, "after it").await;
    assert_eq!(socket.event().await["event"], "team_chat.dm_message_posted");
}

#[tokio::test]
async fn the_chatbot_writes_to_a_person_edits_and_deletes() {
    let zoom = Zoom::start().await;
    let jid = text(&zoom.user(&zoom.account_token().await, OLOF).await["jid"]);
    let id = text(&says(&zoom, &jid, "First").await.body["message_id"]);
    let token = zoom.robot_token().await;
    let path = format!("/im/chat/messages/{id}");
    let edit = json!({
        "robot_jid": zoom.credential("/chatbot/robot_jid"),
        "user_jid": jid,
        "content": {"head": {"text": "Second"}},
    });
    assert_eq!(
        zoom.call(&token, Method::PUT, &path, edit).await.status,
        200
    );
    let shown = zoom.seen(OLOF, "bot").await.messages[0].clone();
    assert_eq!((shown.text.as_str(), shown.edited), ("Second", true));
    assert_eq!(
        zoom.call(&token, Method::DELETE, &path, Value::Null)
            .await
            .status,
        200
    );
    assert_eq!(
        zoom.call(&token, Method::DELETE, &path, Value::Null)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_chatbot_cannot_take_another_name_or_reach_strangers() {
    let zoom = Zoom::start().await;
    assert_eq!(
        says(&zoom, "nobody@xmpp.zoom.us", "hi").await.refusal(),
        (403, 7004)
    );
    let jid = zoom.user(&zoom.account_token().await, OLOF).await["jid"].clone();
    let body = json!({"robot_jid": "v1other@xmpp.zoom.us", "to_jid": jid, "content": {"head": {"text": "x"}}});
    let token = zoom.robot_token().await;
    assert_eq!(
        zoom.post(&token, "/im/chat/messages", body).await.refusal(),
        (403, 7004)
    );
    let message = zoom.types(ZARA, OLOF, "mine").await;
    let path = format!("/im/chat/messages/{message}");
    assert_eq!(
        zoom.call(&token, Method::DELETE, &path, Value::Null)
            .await
            .refusal(),
        (403, 7004)
    );
}

#[tokio::test]
async fn commands_and_presses_reach_the_bots_endpoint() {
    let zoom = Zoom::start().await;
    let mut listener = Listener::new(&zoom.credential("/secret_token"), 0).await;
    let urls = ZoomWebhooks {
        bot_url: Some(listener.url.clone()),
        url: None,
    };
    zoom.control.zoom_webhook(&urls).await.expect("urls");
    let deed = |what, to, words| Deed {
        actor: OLOF,
        on: "zoom",
        what,
        to,
        text: words,
    };
    let act = zoom
        .control
        .act(&deed(Do::Command, None, "/causeway Zara Quill"))
        .await;
    act.expect("a command");
    let told = listener.told().await;
    assert_eq!(told["event"], "bot_notification");
    let payload = &told["payload"];
    assert_eq!(
        (&payload["cmd"], &payload["userName"]),
        (&json!("Zara Quill"), &json!("Olof Dahl"))
    );
    assert_eq!(
        payload["accountId"],
        zoom.credential("/account_id").as_str()
    );

    let sent = says(&zoom, &text(&payload["toJid"]), "Shall I?").await;
    let message = text(&sent.body["message_id"]);
    let shown = zoom.seen(OLOF, "bot").await;
    assert_eq!(shown.messages.last().expect("a message").labels, ["Start"]);
    let press = zoom
        .control
        .act(&deed(
            Do::Press,
            Some(To::Message(message.clone())),
            "start",
        ))
        .await;
    assert_eq!(press.expect("a press"), message);
    let told = listener.told().await;
    assert_eq!(told["event"], "interactive_message_actions");
    assert_eq!(told["payload"]["actionItem"]["value"], "start");
}

#[tokio::test]
async fn a_report_tells_everybodys_sessions_and_what_was_changed() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let first = zoom.types(ZARA, OLOF, "one").await;
    let second = zoom.types(OLOF, ZARA, "two").await;
    let deed = |actor, what, id: &str, words| {
        let to = Some(To::Message(id.to_owned()));
        Deed {
            actor,
            on: "zoom",
            what,
            to,
            text: words,
        }
    };
    zoom.control
        .act(&deed(ZARA, Do::Edit, &first, "one!"))
        .await
        .expect("an edit");
    zoom.control
        .act(&deed(ZARA, Do::Edit, &first, "one!!"))
        .await
        .expect("an edit");
    zoom.control
        .act(&deed(OLOF, Do::Delete, &second, ""))
        .await
        .expect("a deletion");
    let day = today(zoom.control.clock().await.expect("a time").now_ms);
    let range = format!("from={day}&to={day}");
    let sessions = zoom
        .get(&token, &format!("/report/chat/sessions?{range}"))
        .await;
    let session = &sessions.body["sessions"][0];
    assert_eq!(
        (&session["type"], &session["member_emails"]),
        (&json!("1:1"), &json!([ZARA, OLOF]))
    );
    let path = format!(
        "/report/chat/sessions/{}?{range}&include_fields=edited_messages,deleted_messages",
        text(&session["id"])
    );
    let report = zoom.get(&token, &path).await;
    assert_eq!(report.each("messages", "id"), std::slice::from_ref(&first));
    assert_eq!(report.body["messages"][0]["receiver"], OLOF);
    assert_eq!(report.each("edited_messages", "message"), ["one!!"]);
    assert_eq!(report.each("deleted_messages", "id"), [second]);
    let every = zoom
        .get(&token, &format!("{path}&query_all_modifications=true"))
        .await;
    assert_eq!(every.each("edited_messages", "message"), ["one!", "one!!"]);
}

#[tokio::test]
async fn reports_are_for_paying_accounts_a_month_at_a_time_and_half_a_year_back() {
    let zoom = Zoom::start().await;
    let token = zoom.account_token().await;
    let get = async |range: &str| {
        let path = format!("/report/chat/sessions?{range}");
        zoom.get(&token, &path).await.refusal()
    };
    let now = zoom.control.clock().await.expect("a time").now_ms;
    let day = |back: i64| today(now - back * 24 * 60 * 60_000);
    assert_eq!(
        get(&format!("from={}&to={}", day(30), day(0))).await,
        (200, 0)
    );
    assert_eq!(
        get(&format!("from={}&to={}", day(40), day(0))).await,
        (400, 300)
    );
    assert_eq!(
        get(&format!("from={}&to={}", day(200), day(190))).await,
        (400, 300)
    );
    assert_eq!(get(&format!("from={}", day(1))).await, (400, 300));
    let free = ZoomSwitches {
        plan: Some("free".to_owned()),
        ..ZoomSwitches::default()
    };
    zoom.control.zoom(&free).await.expect("switches");
    // What was called in this second would be too much for the free plan already.
    zoom.advance(1000).await;
    assert_eq!(
        get(&format!("from={}&to={}", day(1), day(0))).await,
        (403, 200)
    );
}
